import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import {
  createClient,
  type XmlRpcAnyMethods,
  type XmlRpcClient,
  type XmlRpcMulticallCall,
} from "../client.ts";
import { encodeFault } from "../codec.ts";
import {
  XmlRpcFault,
  XmlRpcHttpError,
  XmlRpcSyntaxError,
} from "../core/errors.ts";
import { XmlRpcTyped } from "../core/typed.ts";
import {
  ADDRESS,
  connectFake,
  multicallOf,
  namesOf,
  respondXml,
} from "../tests/support/fake_server.ts";
import {
  type Api,
  connect,
  fulfilled,
  reasonOf,
} from "../tests/support/multicall_calls.ts";

// ---------------------------------------------------------------- results

Deno.test("multicall() gives each call its result or its fault, in one request", async () => {
  const { client, server } = connect();

  const [four, bad, now] = await client.multicall([
    ["math.add", [1, 3]],
    ["math.div", [1, 0]],
    ["now"],
  ]);

  assertEquals(four, fulfilled(4));
  assertEquals(now, fulfilled("noon"));
  const fault = reasonOf(bad);
  assertInstanceOf(fault, XmlRpcFault);
  assertEquals([fault.code, fault.message], [1, "Division by zero"]);
  assertEquals(server.calls, [{
    methodName: "system.multicall",
    params: [[
      { methodName: "math.add", params: [1, 3] },
      { methodName: "math.div", params: [1, 0] },
      { methodName: "now", params: [] },
    ]],
  }]);
});

Deno.test("multicall() without calls gives nothing and sends nothing", async () => {
  const { client, server } = connect();

  assertEquals(await client.multicall([]), []);

  assertEquals(server.calls, []);
});

Deno.test("multicall() with one call sends a multicall", async () => {
  const { client, server } = connect();

  assertEquals(await client.multicall([["now"]]), [fulfilled("noon")]);

  assertEquals(namesOf(server), ["system.multicall"]);
});

Deno.test("multicall() works without its client", async () => {
  const { multicall } = connect().client;

  assertEquals(await multicall([["now", []]]), [fulfilled("noon")]);
});

Deno.test("multicall() tells an array and a struct that are results from faults", async () => {
  const { client } = connect();
  const values = [
    [],
    [1],
    { faultCode: 1, faultString: "a result" },
    { then: "no promise" },
    null,
  ];

  const results = await client.multicall(
    values.map((value) => ["echo", [value]]),
  );

  assertEquals(results, values.map(fulfilled));
});

Deno.test("multicall() accepts options for its calls alone", async () => {
  const { client, server } = connect({}, { headers: { a: "1" } });

  await client.multicall([["now"]], { headers: { b: "2" } });
  await client.call("now");

  const sent = server.requests.map(({ headers }) => [
    headers.get("a"),
    headers.get("b"),
  ]);
  assertEquals(sent, [["1", "2"], ["1", null]]);
});

Deno.test("multicall() rejects wrong options and sends nothing", async () => {
  const { client, server } = connect();

  await assertRejects(
    () => client.multicall([["now"]], { timeout: -1 }),
    RangeError,
    "The option timeout",
  );

  assertEquals(server.calls, []);
});

for (const maxCalls of [0, 0.5, -1, NaN, "5"]) {
  Deno.test(`createClient() refuses ${JSON.stringify(maxCalls)} for maxCalls`, async () => {
    await assertRejects(
      // deno-lint-ignore require-await
      async () => createClient(ADDRESS, { maxCalls: maxCalls as number }),
      RangeError,
      "The option maxCalls must be a number of",
    );
  });
}

Deno.test("multicall() does not see what the caller changes later", async () => {
  const { client, server } = connect({}, { maxCalls: 1 });
  const bytes = new Uint8Array([1]);
  const rows = [{ id: 1 }];

  const results = client.multicall([["now"], ["echo", [{ bytes, rows }]]]);
  bytes[0] = 2;
  rows[0]!.id = 2;
  await results;

  assertEquals(server.calls[1]!.params, [[{
    methodName: "echo",
    params: [{ bytes: new Uint8Array([1]), rows: [{ id: 1 }] }],
  }]]);
});

// ---------------------------------------------------------------- what cannot be sent

Deno.test("multicall() rejects only the call whose param cannot be sent", async () => {
  const { client, server } = connect();

  const [one, bad, worse, two] = await client.multicall([
    ["echo", [1]],
    ["echo", [{ rows: [undefined] }]],
    ["echo", [5e300 * 1e300]],
    ["echo", [2]],
  ]);

  assertEquals([one, two], [fulfilled(1), fulfilled(2)]);
  assertInstanceOf(reasonOf(bad), TypeError);
  assertEquals(
    (reasonOf(bad) as Error).message,
    "Cannot encode undefined at params[0].rows[0]: XML-RPC has no such value; send null",
  );
  assertInstanceOf(reasonOf(worse), RangeError);
  const [entries] = server.calls[0]!.params as unknown[][];
  assertEquals(entries!.length, 2);
});

Deno.test("multicall() sends nothing if nothing can be sent", async () => {
  const { client, server } = connect();

  const results = await client.multicall([["echo", [NaN]], ["echo", [NaN]]]);

  assertEquals(results.map(({ status }) => status), ["rejected", "rejected"]);
  assertEquals(server.calls, []);
});

/** An int that counts how often it is encoded. */
class CountedInt extends XmlRpcTyped {
  encodings = 0;

  constructor(value: number) {
    super("int", value);
    Object.defineProperty(this, "value", {
      enumerable: false, // for who only looks at members
      get: (): number => {
        this.encodings++;
        return value;
      },
    });
  }
}

Deno.test("multicall() encodes each call once if all can be sent", async () => {
  const { client } = connect();
  const [one, two] = [new CountedInt(1), new CountedInt(2)];

  const results = await client.multicall([["echo", [one]], ["echo", [[two]]]]);

  assertEquals(results, [fulfilled(1), fulfilled([2])]);
  assertEquals([one.encodings, two.encodings], [1, 1]);
});

Deno.test("calls in a batch are encoded once", async () => {
  const { client } = connect({}, { batch: true });
  const one = new CountedInt(1);

  const results = await Promise.all([
    client.call("echo", [one]),
    client.call("now"),
  ]);

  assertEquals(results, [1, "noon"]);
  assertEquals(one.encodings, 1);
});

Deno.test("multicall() sends what an interceptor makes of the calls", async () => {
  const { client } = connect({}, {
    interceptors: [(call, next) =>
      next({
        ...call,
        params: [[{ methodName: "echo", params: ["other"] }]],
      })],
  });

  assertEquals(await client.multicall([["now"]]), [fulfilled("other")]);
});

Deno.test("multicall() rejects each call on its own if maxDepth leaves no room for one", async () => {
  const { client } = connect({}, { maxDepth: 0 });

  const [result] = await client.multicall([["echo", [[]]]]);

  assertInstanceOf(reasonOf(result), RangeError);
});

Deno.test("multicall() rejects only the call whose name or params are invalid", async () => {
  const { client } = connect();
  const untyped = client as unknown as XmlRpcClient<XmlRpcAnyMethods>;
  const calls: unknown = [["now"], ["a b", []], [7], ["now", "x"], []];

  const [now, ...rest] = await untyped.multicall(
    calls as XmlRpcMulticallCall<XmlRpcAnyMethods>[],
  );

  assertEquals(now, fulfilled("noon"));
  assertEquals(rest.map((result) => (reasonOf(result) as Error).message), [
    'White space or a control character in the method name "a b"',
    "Cannot encode a call: expected its method name as a string",
    'Cannot encode a call of "now": expected its params as an array',
    "Cannot encode a call: expected its method name as a string",
  ]);
});

for (const calls of [undefined, "now", { 0: ["now"], length: 1 }, ["now"]]) {
  Deno.test(`multicall() refuses ${JSON.stringify(calls)} for calls`, async () => {
    const { client, server } = connect();

    const error = await assertRejects(
      () => client.multicall(calls as never),
      TypeError,
    );

    assertEquals(
      error.message,
      "Cannot make a multicall: expected an array of calls, each as [methodName, params]",
    );
    assertEquals(server.calls, []);
  });
}

Deno.test("multicall() rejects only the call whose params nest too deeply within it", async () => {
  const { client } = connect({}, { maxDepth: 6 });

  const [deep, tooDeep] = await client.multicall([
    ["echo", [[[[1]]]]],
    ["echo", [[[[[1]]]]]],
  ]);

  assertEquals(deep, fulfilled([[[1]]]));
  assertInstanceOf(reasonOf(tooDeep), RangeError);
});

Deno.test("multicall() sends a nested multicall as it is", async () => {
  const { client, server } = connect();
  const untyped = client as unknown as XmlRpcClient<XmlRpcAnyMethods>;

  await untyped.multicall([["system.multicall", [[]] as never]]);

  assertEquals(server.calls[0]!.params, [[
    { methodName: "system.multicall", params: [[]] },
  ]]);
});

// ---------------------------------------------------------------- more than maxCalls

Deno.test("multicall() sends more calls than maxCalls in several requests, in order", async () => {
  const { client, server } = connect({}, { maxCalls: 2 });
  const numbers = [0, 1, 2, 3, 4];

  const results = await client.multicall(
    numbers.map((number) => ["echo", [number]]),
  );

  assertEquals(results, numbers.map(fulfilled));
  assertEquals(
    server.calls.map(({ params }) => (params[0] as unknown[]).length),
    [2, 2, 1],
  );
});

Deno.test("multicall() sends up to 1000 calls at once", async () => {
  const { client, server } = connect();

  const results = await client.multicall(
    Array.from({ length: 1001 }, (_, index) => ["echo", [index]]),
  );

  assertEquals(results.at(-1), fulfilled(1000));
  assertEquals(
    server.calls.map(({ params }) => (params[0] as unknown[]).length),
    [1000, 1],
  );
});

Deno.test("multicall() keeps the results it has when a later request fails", async () => {
  const failure = new TypeError("no connection");
  const { server } = connect();
  let count = 0;
  const client = createClient<Api>(ADDRESS, {
    maxCalls: 2,
    fetch: (request) =>
      ++count === 2 ? Promise.reject(failure) : server.fetch(request),
  });

  const results = await client.multicall(
    Array.from({ length: 6 }, () => ["now"] as const),
  );

  assertEquals(results.slice(0, 2), [fulfilled("noon"), fulfilled("noon")]);
  for (const result of results.slice(2)) {
    assertStrictEquals(reasonOf(result), failure);
  }
  assertEquals(count, 2);
});

const FAILURES: readonly (readonly [
  what: string,
  response: () => Response,
  // deno-lint-ignore no-explicit-any
  error: new (...params: any[]) => Error,
])[] = [
  [
    "a fault",
    () => respondXml(encodeFault({ code: 1, message: "not today" })),
    XmlRpcFault,
  ],
  [
    "a fault that a method in it is unknown",
    () => respondXml(encodeFault({ code: 1, message: "no such method" })),
    XmlRpcFault,
  ],
  [
    "a fault that nesting is not supported",
    () =>
      respondXml(
        encodeFault({
          code: 4,
          message: "recursive system.multicall is forbidden, not run",
        }),
      ),
    XmlRpcFault,
  ],
  [
    "a page that is not there",
    () => new Response("<html>", { status: 404 }),
    XmlRpcHttpError,
  ],
  ["status 500", () => new Response(null, { status: 500 }), XmlRpcHttpError],
  [
    "broken XML",
    () => new Response("<a>", { headers: { "content-type": "text/xml" } }),
    XmlRpcSyntaxError,
  ],
];

// ---------------------------------------------------------------- failures

for (const [what, response, expected] of FAILURES) {
  Deno.test(`multicall() is rejected by ${what}, and tries nothing else`, async () => {
    const { client, server } = connect({ "system.multicall": response });

    await assertRejects(() => client.multicall([["now"], ["now"]]), expected);

    assertEquals(namesOf(server), ["system.multicall"]);
  });
}

Deno.test("multicall() is rejected by the platform's own error", async () => {
  const failure = new TypeError("no connection");
  const { client } = connect({}, { fetch: () => Promise.reject(failure) });

  const error = await assertRejects(() => client.multicall([["now"]]), Error);

  assertStrictEquals(error, failure);
});

Deno.test("multicall() is rejected when its signal aborts", async () => {
  const controller = new AbortController();
  const { client } = connect({
    "system.multicall": () => {
      controller.abort("enough");
      return new Promise(() => {});
    },
  });

  const reason = await client.multicall([["now"]], {
    signal: controller.signal,
  }).catch((reason) => reason);

  assertEquals(reason, "enough");
});

// ---------------------------------------------------------------- names

for (
  const name of [
    "then",
    "toJSON",
    "constructor",
    "__proto__",
    "toString",
    "a.then",
  ]
) {
  Deno.test(`multicall() calls a method called ${name}`, async () => {
    const methods = Object.fromEntries([[name, (x: number) => -x]]);
    const { client } = connectFake({
      "system.multicall": multicallOf(methods),
    });

    assertEquals(await client.multicall([[name, [1]], [name, [2]]]), [
      fulfilled(-1),
      fulfilled(-2),
    ]);
    assert(!Object.hasOwn(Object.prototype, "then"));
  });
}

Deno.test("multicall() rejects only the call with a param that cannot be inspected", async () => {
  const { client } = connect();
  const failure = new Error("no access");
  const param = {
    get value(): never {
      throw failure;
    },
  };

  const [bad, now] = await client.multicall([["echo", [param]], ["now"]]);

  assertStrictEquals(reasonOf(bad), failure);
  assertEquals(now, fulfilled("noon"));
});

Deno.test("multicall() refuses a stream, which can only be sent alone", async () => {
  const { client } = connect();
  let reason: unknown;
  const stream = new ReadableStream({
    cancel(why): void {
      reason = why;
    },
  });

  const [bad, now] = await client.multicall([["echo", [[stream]]], ["now"]]);

  assertEquals(
    (reasonOf(bad) as Error).message,
    'Cannot send a stream to "echo" in a multicall: call it alone',
  );
  assertStrictEquals(reason, reasonOf(bad));
  assertEquals(now, fulfilled("noon"));
});
