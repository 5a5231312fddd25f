// Values that are small in memory and without bound when they are written, because arrays
// in them are shared: wherever they go out, a limit ends it, and the next call is answered.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createClient, type XmlRpcClientOptions } from "../../client.ts";
import {
  encodeCall,
  encodeCallStream,
  encodeFault,
  encodeResponse,
  encodeResponseStream,
} from "../../codec.ts";
import {
  createServer,
  method,
  XmlRpcFault,
  type XmlRpcServerOptions,
} from "../../server.ts";

/** How long an error may take: a second, and more on a busy machine. */
const SOON_MS = 15_000;

/** A binary tree of 60 arrays that would be written as 2^60 values. */
function createTree(leaf: unknown): unknown {
  let tree = leaf;
  for (let depth = 0; depth < 60; depth++) tree = [tree, tree];
  return tree;
}

const TREE = createTree([1]);

const BLOBS = createTree(new Blob());

/** The same as structs. */
const STRUCTS = Array(60).fill(0).reduce(
  (inner: unknown) => ({ left: inner, right: inner }),
  { leaf: "text" },
);

/** Three levels of a thousand references each, which a declared type leads through. */
const TABLE = Array(1000).fill(Array(1000).fill(Array(1000).fill(1)));

/** An array without items, and with a length. */
const HOLES: unknown[] = [];
HOLES.length = 2 ** 32 - 1;

async function* rows(): AsyncGenerator<unknown> {
  await Promise.resolve();
  yield 1;
  yield TREE;
}

/** The message of what `run` throws, which must come soon. */
async function catchMessage(
  run: () => unknown,
  type: new (...params: never[]) => Error = RangeError,
): Promise<string> {
  const start = performance.now();
  try {
    await run();
  } catch (error) {
    assert(error instanceof type, String(error));
    assert(performance.now() - start < SOON_MS, "It takes too long");
    return error.message;
  }
  throw new Error("Nothing was thrown");
}

// ---------------------------------------------------------------- the codec

for (
  const [what, encode] of [
    ["encodeResponse()", () => encodeResponse(TREE)],
    ["encodeCall()", () => encodeCall("m", [1, TREE])],
    ["encodeResponse() of structs", () => encodeResponse(STRUCTS)],
    ["encodeCallStream() of Blobs", () => encodeCallStream("m", [BLOBS])],
    ["encodeCallStream()", () => encodeCallStream("m", [TREE, new Blob()])],
    [
      "encodeFault()",
      () => encodeFault(new XmlRpcFault(1, "&".repeat(2 ** 25))),
    ],
    [
      "an item of a stream",
      () => new Response(encodeResponseStream(rows()).body).text(),
    ],
  ] as const
) {
  Deno.test(`${what} has no more than 128 MiB by default`, async () => {
    const message = await catchMessage(encode);

    assertStringIncludes(
      message,
      "Cannot encode more than 134217728 bytes at ",
    );
    assertStringIncludes(message, ": the limit maxBytes");
  });
}

Deno.test("encodeResponse() has no more than ten million values by default", async () => {
  const value = Array(11).fill(Array(1_000_000).fill(1));

  assertEquals(
    await catchMessage(() => encodeResponse(value, { maxBytes: Infinity })),
    "Cannot encode more than 10000000 values at value[9][999989]: the limit maxValues",
  );
});

Deno.test("maxValues counts each value as often as it is written", async () => {
  const pair = [1, { a: null }];
  encodeResponse([pair, pair], { maxValues: 9 });

  assertEquals(
    await catchMessage(() => encodeResponse([pair, pair], { maxValues: 8 })),
    "Cannot encode more than 8 values at value[1][1].a: the limit maxValues",
  );
});

Deno.test("maxValues is for all params of a call, and for each item of a stream", async () => {
  encodeCall("m", [1, 2, 3], { maxValues: 3 });
  assertEquals(
    await catchMessage(() => encodeCall("m", [1, 2, 3], { maxValues: 2 })),
    "Cannot encode more than 2 values at params[2]: the limit maxValues",
  );

  async function* items(): AsyncGenerator<unknown> {
    await Promise.resolve();
    yield* Array(100).fill([1, 2]);
    yield [1, 2, 3];
  }
  assertEquals(
    await catchMessage(() =>
      new Response(encodeResponseStream(items(), { maxValues: 3 }).body).text()
    ),
    "Cannot encode more than 3 values at value[100][2]: the limit maxValues",
  );
});

for (
  const [what, value] of [
    ["text", "x".repeat(5000)],
    ["text with escapes", "&".repeat(1300)],
    ["text of three bytes for each character", "\u20ac".repeat(2000)],
    ["bytes", new Uint8Array(4000)],
    ["large doubles", Array(17).fill(1e308)],
    ["names", { ["n".repeat(5000)]: 1 }],
    ["many values", Array(200).fill(1)],
  ] as const
) {
  Deno.test(`maxBytes is the exact length of ${what}`, async () => {
    const { body, length } = encodeResponseStream(value);
    const most = body instanceof Uint8Array ? body.length : length!;

    await new Response(encodeResponseStream(value, { maxBytes: most }).body)
      .text();
    const maxBytes = most - 1;
    const message = await catchMessage(() =>
      encodeResponseStream(value, { maxBytes })
    );

    assertStringIncludes(message, `Cannot encode more than ${maxBytes} bytes`);
    assertStringIncludes(message, ": the limit maxBytes");
  });
}

Deno.test("each stream counts 1024 bytes for maxBytes, whatever its content", async () => {
  const value = Array(11).fill(new Blob(["x".repeat(10_000)]));
  encodeResponseStream(value, { maxBytes: 13_000 });

  assertStringIncludes(
    await catchMessage(() => encodeResponseStream(value, { maxBytes: 10_000 })),
    "Cannot encode more than 10000 bytes at value[10]: the limit maxBytes",
  );
});

Deno.test("a short response counts for maxBytes, too", async () => {
  const { length } = encodeResponse(1);
  encodeResponse(1, { maxBytes: length });

  assertStringIncludes(
    await catchMessage(() => encodeResponse(1, { maxBytes: length - 1 })),
    "the limit maxBytes",
  );
});

// ---------------------------------------------------------------- a server

/** A server of methods whose results have no bound, and what its `onError` was told. */
function createVictim(options: XmlRpcServerOptions = {}): {
  fetch: (request: Request) => Promise<Response>;
  errors: string[];
} {
  const errors: string[] = [];
  const { fetch } = createServer({
    tree: () => TREE,
    table: method(
      { params: [], returns: [[["int"]]] },
      () => TABLE as number[][][],
    ),
    stream: () => rows(),
    fail: () => {
      throw new XmlRpcFault(1, "&".repeat(2 ** 25));
    },
    echo: (value: unknown) => value,
  }, {
    ...options,
    onError: (error) => errors.push((error as Error).message),
  });
  return { fetch, errors };
}

for (
  const [name, option] of [
    ["tree", "maxResponseBytes"],
    ["table", "maxValues"],
    ["fail", "maxResponseBytes"],
  ] as const
) {
  Deno.test(`the method ${name} without bound gives an internal error, and the next call is answered`, async () => {
    const { fetch, errors } = createVictim();
    const client = createClient("http://localhost/", { fetch });

    const message = await catchMessage(() => client.call(name), XmlRpcFault);

    assertEquals(message, "Internal error");
    assertEquals(errors.length, 1);
    assertStringIncludes(errors[0]!, `: the limit ${option}`);
    assertEquals(await client.call("echo", [1]), 1);
  });
}

Deno.test("params without bound that an interceptor puts in are an internal error", async () => {
  const errors: string[] = [];
  const { fetch } = createServer({
    size: method(
      { params: [[[["int"]]]], returns: "int" },
      (table: number[][][]) => table.length,
    ),
  }, {
    interceptors: [
      (call, next) =>
        next(call.params[0] === 0 ? { ...call, params: [TABLE] } : call),
    ],
    onError: (error) => errors.push((error as Error).message),
  });
  const client = createClient("http://localhost/", { fetch });

  await catchMessage(() => client.call("size", [0]), XmlRpcFault);

  assertEquals(errors, [
    "Too many values at params[0][9][989][999]: the limit maxValues is 10000000",
  ]);
  assertEquals(await client.call("size", [[[[1]]]]), 1);
});

Deno.test("an item without bound breaks the stream of a response off, and the next call is answered", async () => {
  const { fetch, errors } = createVictim();
  const client = createClient("http://localhost/", { fetch });

  await catchMessage(() => client.call("stream"), Error);

  assertEquals(errors.length, 1);
  assertStringIncludes(errors[0]!, "134217728 bytes at value[1][0][0]");
  assertStringIncludes(errors[0]!, ": the limit maxResponseBytes");
  assertEquals(await client.call("echo", [1]), 1);
});

const PASS: NonNullable<XmlRpcServerOptions["interceptors"]> = [
  (call, next) => next(call),
];

for (
  const [kind, options] of [
    ["", {}],
    [" behind an interceptor", { interceptors: PASS }],
  ] as const
) {
  Deno.test(`results without bound in a multicall${kind} fail alone`, async () => {
    const { fetch } = createVictim(options);
    const client = createClient("http://localhost/", { fetch });

    const start = performance.now();
    const settled = await client.multicall([
      ["echo", [1]],
      ["tree"],
      ["fail"],
      ["echo", [2]],
    ]);

    assert(performance.now() - start < SOON_MS, "It takes too long");
    assertEquals(
      settled.map((each) =>
        each.status === "fulfilled" ? each.value : each.reason.message
      ),
      [
        1,
        "The result is too long for one system.multicall: the limit maxMulticallBytes is 67108864",
        "Internal error",
        2,
      ],
    );
    assertEquals(await client.call("echo", [3]), 3);
  });
}

// ---------------------------------------------------------------- a client

type Run = (
  options: XmlRpcClientOptions,
  value: unknown,
) => Promise<unknown>;

const INTERCEPTORS: NonNullable<XmlRpcClientOptions["interceptors"]> = [
  (call, next) => next(call),
];

/** Ways to send a param: each rejects with an error of its own. */
const WAYS: Readonly<Record<string, Run>> = {
  "alone": (options, value) =>
    createClient("http://localhost/", options).call("echo", [value]),
  "behind an interceptor": (options, value) =>
    createClient("http://localhost/", {
      ...options,
      interceptors: INTERCEPTORS,
    }).call("echo", [value]),
  "in a batch": async (options, value) => {
    const client = createClient("http://localhost/", {
      ...options,
      batch: true,
    });
    const good = client.call("echo", [1]);
    const bad = client.call("echo", [value]);
    bad.catch(() => {});
    assertEquals(await good, 1);
    return await bad;
  },
  "in a multicall": async (options, value) => {
    const [good, bad] = await createClient("http://localhost/", options)
      .multicall([["echo", [1]], ["echo", [value]]]);
    assertEquals(good, { status: "fulfilled", value: 1 });
    if (bad!.status === "rejected") throw bad!.reason;
    return bad!.value;
  },
  "with the types of the server": (options, value) =>
    createClient("http://localhost/", { ...options, signatures: "introspect" })
      .call("echo", [value]),
  "in an item of a stream": (options, value) => {
    async function* items(): AsyncGenerator<unknown> {
      await Promise.resolve();
      yield value;
    }
    return createClient("http://localhost/", options).call("echo", [items()]);
  },
};

for (const [way, run] of Object.entries(WAYS)) {
  Deno.test(`a param without bound ${way} is refused, and the next call is answered`, async () => {
    const { fetch } = createVictim();

    assertStringIncludes(
      await catchMessage(() => run({ fetch }, TREE)),
      ": the limit maxRequestBytes",
    );
    assertStringIncludes(
      await catchMessage(() => run({ fetch, maxValues: 1000 }, TREE)),
      "Cannot encode more than 100",
    );
    assertEquals([await run({ fetch }, 2)].flat(), [2]);
  });

  Deno.test(`an array of four billion holes ${way} is refused before it is copied`, async () => {
    const { fetch } = createVictim();

    await catchMessage(() => run({ fetch }, HOLES), Error);
  });
}

Deno.test("a multicall of a thousand calls without bound is refused soon", async () => {
  const { fetch } = createVictim();
  const client = createClient("http://localhost/", { fetch });

  const start = performance.now();
  const settled = await client.multicall([
    ["echo", [1]],
    ...Array(999).fill(["echo", [TREE]]),
  ]);

  assert(performance.now() - start < SOON_MS, "It takes too long");
  const messages = settled.map((each) =>
    each.status === "rejected" ? each.reason.message : each.value
  );
  assertEquals(messages[0], 1);
  assertStringIncludes(messages[10], ": the limit maxRequestBytes");
  assertEquals(
    messages[11],
    "Cannot send a multicall: 10 calls before this one have too many values or bytes",
  );
});

Deno.test("call() sends nothing of a request longer than maxRequestBytes", async () => {
  let requests = 0;
  const client = createClient("http://localhost/", {
    maxRequestBytes: 1000,
    fetch: () => {
      requests++;
      return Promise.resolve(new Response(encodeResponse(1)));
    },
  });

  assertEquals(
    await catchMessage(() => client.call("m", ["x".repeat(1000)])),
    "Cannot encode more than 1000 bytes at params[0]: the limit maxRequestBytes",
  );
  assertEquals(requests, 0);
  assertEquals(await client.call("m", ["x".repeat(500)]), 1);
});
