import {
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { createClient, type XmlRpcClientOptions } from "../client.ts";
import {
  ADDRESS,
  type Connected,
  connectFake,
  type FakeMethod,
  type FakeServer,
  multicallOf,
  namesOf,
} from "../tests/support/fake_server.ts";
import { XmlRpcFault } from "../core/errors.ts";
import { double, int, XmlRpcTyped } from "../core/typed.ts";
import type { XmlRpcValue } from "../core/value.ts";

/** A client that asks, of a server whose `echo` has these signatures. */
function connect(
  signatures: unknown,
  options: XmlRpcClientOptions = {},
  methods: Readonly<Record<string, FakeMethod>> = {},
): Connected {
  return connectFake(
    {
      echo: (...params: unknown[]) => params,
      "system.methodSignature": () => signatures,
      ...methods,
    },
    { signatures: "introspect", ...options },
    true,
  );
}

/** The params of the last call, each with its wire type as far as that is in question. */
function lastParams({ calls }: FakeServer): readonly XmlRpcValue[] {
  return calls.at(-1)!.params;
}

/** A typed value as its type and text, so that it can be compared. */
function show(value: unknown): string {
  if (!(value instanceof XmlRpcTyped)) return JSON.stringify(value);
  return `${value.type} ${value.value}`;
}

// ---------------------------------------------------------------- types

const FITTING: readonly (readonly [
  type: string,
  value: unknown,
  sent: string,
])[] = [
  ["double", 20, "double 20"],
  ["double", 0.5, "double 0.5"],
  ["i8", 20, "i8 20"],
  ["i8", 2 ** 40, "i8 1099511627776"],
  ["i8", 20n, "i8 20"],
  ["int", 20, "int 20"],
  ["int", 20n, "int 20"],
  ["i4", 20n, "int 20"],
  [
    "dateTime.iso8601",
    "19980717T14:08:55",
    "dateTime.iso8601 19980717T14:08:55",
  ],
  [
    "dateTime.iso8601",
    new Date("1998-07-17T14:08:55Z"),
    "dateTime.iso8601 19980717T14:08:55",
  ],
  ["string", "19980717T14:08:55", '"19980717T14:08:55"'],
  ["boolean", true, "true"],
  ["nil", null, "null"],
  ["array", [1], '[{"type":"int","value":1}]'],
  ["struct", { a: "1" }, '{"a":"1"}'],
  // Unknown types.
  ["scalar", 20, "int 20"],
  ["any", "x", '"x"'],
  ["", 20, "int 20"],
  // What the caller says out loud: what the server says is the same number.
  ["double", double(20), "double 20"],
  ["double", int(20), "double 20"],
  ["any", double(20), "double 20"],
];

for (const [type, value, sent] of FITTING) {
  Deno.test(`signatures send ${show(typeof value === "bigint" ? `${value}n` : value)} for ${type} as ${sent}`, async () => {
    const { client, server } = connect([["string", type]]);

    await client.methods.echo(value);

    assertEquals(lastParams(server).map(show), [sent]);
  });
}

const UNFITTING: readonly (readonly [
  type: string,
  value: unknown,
  sent: string,
])[] = [
  ["int", 0.5, "double 0.5"],
  ["int", 2 ** 40, "double 1099511627776"],
  ["int", 2n ** 40n, "i8 1099511627776"],
  ["i8", 0.5, "double 0.5"],
  ["double", "x", '"x"'],
  ["dateTime.iso8601", "soon", '"soon"'],
  ["string", 20, "int 20"],
  ["boolean", 1, "int 1"],
  ["array", {}, "{}"],
  ["struct", [], "[]"],
];

for (const [type, value, sent] of UNFITTING) {
  Deno.test(`signatures leave ${show(typeof value === "bigint" ? `${value}n` : value)} alone that does not fit ${type}`, async () => {
    const { client, server } = connect([["string", type]]);

    await client.methods.echo(value);

    assertEquals(lastParams(server).map(show), [sent]);
  });
}

Deno.test("signatures send bytes for base64 and not for anything else", async () => {
  for (const type of ["base64", "string"]) {
    const { client, server } = connect([["string", type]]);

    await client.methods.echo(new Uint8Array([1, 2]));

    assertEquals(lastParams(server), [new Uint8Array([1, 2])]);
  }
});

Deno.test("of several signatures the first counts that fits all params", async () => {
  const { client, server } = connect([
    ["string", "double"],
    ["string", "string", "double"],
    ["string", "double", "double"],
    ["string", "i8", "i8"],
  ]);

  await client.methods.echo(1, 2);
  assertEquals(lastParams(server).map(show), ["double 1", "double 2"]);
  await client.methods.echo("a", 2);
  assertEquals(lastParams(server).map(show), ['"a"', "double 2"]);
  await client.methods.echo(1);
  assertEquals(lastParams(server).map(show), ["double 1"]);
  await client.methods.echo(1, "x");
  assertEquals(lastParams(server).map(show), ["int 1", '"x"']);
  await client.methods.echo(1, 2, 3);
  assertEquals(lastParams(server).map(show), ["int 1", "int 2", "int 3"]);
});

Deno.test("signatures are read that supervisor and Django send, without the outer array", async () => {
  const { client, server } = connect(["string", "double"]);

  await client.methods.echo(1);

  assertEquals(lastParams(server).map(show), ["double 1"]);
});

for (
  const answer of [
    "undef",
    "signatures not supported",
    "",
    null,
    true,
    5,
    [],
    [[]],
    [["string", "double"], []],
    [["string", 5]],
    [["string", "double"], "x"],
    [[["string", "double"]]],
    { 0: ["string", "double"], length: 1 },
    ["string"],
    [["string"]],
    [["string", "double", "double"]],
  ]
) {
  Deno.test(`a client sends params without signatures after the answer ${JSON.stringify(answer)}`, async () => {
    const { client, server } = connect(answer);

    await client.methods.echo(20);

    assertEquals(lastParams(server).map(show), ["int 20"]);
  });
}

// ---------------------------------------------------------------- questions

Deno.test("signatures are asked for once for each method with params", async () => {
  const { client, server } = connect([["string", "double"]], {}, {
    other: () => 1,
  });

  await client.methods.echo(1);
  await client.methods.echo(2);
  await client.with({ headers: { a: "1" } }).methods.echo(3);
  await client.call("echo", [4], { timeout: 1000 });
  await client.methods.other(1);
  await client.methods.none().catch(() => {});

  assertEquals(namesOf(server), [
    "system.methodSignature",
    "echo",
    "echo",
    "echo",
    "echo",
    "system.methodSignature",
    "other",
    "none",
  ]);
  assertEquals(server.calls[0]!.params, ["echo"]);
});

Deno.test("signatures are not asked for unless told to", async () => {
  for (const signatures of ["none", undefined] as const) {
    const { client, server } = connect([["string", "double"]], { signatures });

    await client.methods.echo(1);

    assertEquals(namesOf(server), ["echo"]);
  }
});

Deno.test("signatures of system methods are never asked for", async () => {
  const { client, server } = connect([["string", "double"]], {}, {
    "system.methodHelp": () => "",
  });

  await client.methods.system.methodHelp("echo");

  assertEquals(namesOf(server), ["system.methodHelp"]);
});

Deno.test("signatures are asked for once by calls at the same time", async () => {
  const { client, server } = connect([["string", "double"]]);

  await Promise.all([1, 2, 3].map((x) => client.methods.echo(x)));

  assertEquals(namesOf(server).sort(), [
    "echo",
    "echo",
    "echo",
    "system.methodSignature",
  ]);
  assertEquals(
    server.calls.slice(1).map(({ params }) => show(params[0])).sort(),
    ["double 1", "double 2", "double 3"],
  );
});

Deno.test("signatures do not see what the caller changes while they are asked for", async () => {
  const { client } = connect([["string", "struct"]]);
  const row = { id: 1 };

  const result = client.methods.echo(row);
  row.id = 2;

  assertEquals(await result, [{ id: 1 }]);
});

const SIGNATURES: Readonly<Record<string, FakeMethod>> = {
  "system.methodSignature": (name: string) => [[
    "string",
    name === "echo" ? "double" : "i8",
  ]],
  echo: (value: unknown) => value,
  other: (value: unknown) => value,
};

Deno.test("signatures for a multicall are asked for in one multicall", async () => {
  const { client, server } = connect(undefined, {}, {
    ...SIGNATURES,
    "system.multicall": multicallOf(SIGNATURES),
  });

  await client.multicall([["echo", [1]], ["other", [2]], ["echo", [3]]]);
  await client.multicall([["echo", [4]], ["system.methodHelp", ["x"]]]);

  assertEquals(namesOf(server), Array(3).fill("system.multicall"));
  assertEquals(server.calls[0]!.params, [[
    { methodName: "system.methodSignature", params: ["echo"] },
    { methodName: "system.methodSignature", params: ["other"] },
  ]]);
  const [entries] = server.calls[1]!.params as { params: unknown[] }[][];
  assertEquals(entries!.map(({ params }) => show(params[0])), [
    "double 1",
    "i8 2",
    "double 3",
  ]);
});

Deno.test("signatures for a batch without multicall are asked for one by one", async () => {
  const { client, server } = connect(undefined, { batch: true }, SIGNATURES);

  await Promise.all([client.methods.echo(1), client.methods.other(2)]);

  assertEquals(namesOf(server), [
    // The first to be asked for, and so the first to be refused.
    "system.multicall",
    "system.methodSignature",
    "system.methodSignature",
    "system.multicall",
    "echo",
    "other",
  ]);
  const [echo, other] = server.calls.slice(-2);
  assertEquals(show(echo!.params[0]), "double 1");
  assertEquals(show(other!.params[0]), "i8 2");
});

Deno.test("signatures are found for a system.multicall that is called by name", async () => {
  const { client, server } = connect([["string", "double"]], {}, {
    "system.multicall": (entries: unknown[]) => entries.map(() => [1]),
  });
  const entries = [
    { methodName: "echo", params: [1] },
    { methodName: 5 },
    "nonsense",
  ];

  await client.call("system.multicall", [entries]);

  assertEquals(namesOf(server), ["system.methodSignature", "system.multicall"]);
  const [[first, ...rest]] = lastParams(server) as unknown as [
    [{ params: unknown[] }, ...unknown[]],
  ];
  assertEquals(show(first.params[0]), "double 1");
  assertEquals(rest, [{ methodName: int(5) }, "nonsense"]);
});

Deno.test("signatures are asked for through the interceptors", async () => {
  const seen: string[] = [];
  const { client, server } = connect([["string", "double"]], {
    interceptors: [(call, next) => {
      seen.push(call.methodName);
      call.headers.set("authorization", "Bearer t");
      return next(call);
    }],
  });

  await client.methods.echo(1);

  assertEquals(seen, ["echo", "system.methodSignature"]);
  assertEquals(
    server.requests.map(({ headers }) => headers.get("authorization")),
    ["Bearer t", "Bearer t"],
  );
});

Deno.test("a name that cannot be is rejected, and not asked about", async () => {
  const { client, server } = connect([]);

  await assertRejects(() => client.call("a b", [1]), TypeError, "method name");

  assertEquals(server.calls, []);
});

// ---------------------------------------------------------------- failures

const ANSWERS: readonly (readonly [what: string, answer: FakeMethod])[] = [
  ["a fault", () => {
    throw new XmlRpcFault(-32601, "no such method");
  }],
  ["status 404", () => new Response("<html>", { status: 404 })],
  ["status 500", () => new Response("broken", { status: 500 })],
  [
    "broken XML",
    () => new Response("<a>", { headers: { "content-type": "text/xml" } }),
  ],
];

for (const [what, answer] of ANSWERS) {
  Deno.test(`${what} for a signature is remembered as no signature`, async () => {
    const { client, server } = connect(undefined, {}, {
      "system.methodSignature": answer,
    });

    await client.methods.echo(20);
    await client.methods.echo(20);

    assertEquals(namesOf(server), ["system.methodSignature", "echo", "echo"]);
    assertEquals(lastParams(server).map(show), ["int 20"]);
  });
}

for (const answer of [5, [5, 5], []]) {
  Deno.test(`a multicall that answers ${JSON.stringify(answer)} for signatures is remembered as no signatures`, async () => {
    let count = 0;
    const { client, server } = connect(undefined, {}, {
      "system.multicall": () => ++count === 1 ? answer : [[1], [2]],
    });

    const results = await client.multicall([["echo", [1]], ["other", [2]]]);

    assertEquals(results.map(({ status }) => status), [
      "fulfilled",
      "fulfilled",
    ]);
    assertEquals(server.calls.length, 2);
  });
}

for (const status of [401, 407, 429, 503]) {
  Deno.test(`status ${status} for a signature is passed on and not remembered`, async () => {
    let count = 0;
    const { client, server } = connect(undefined, {}, {
      "system.methodSignature": () =>
        ++count === 1 ? new Response(null, { status }) : [["string", "double"]],
    });

    await assertRejects(() => client.methods.echo(20), Error, String(status));
    await client.methods.echo(20);

    assertEquals(lastParams(server).map(show), ["double 20"]);
  });
}

Deno.test("a network error while asking is passed on and not remembered", async () => {
  const failure = new TypeError("no connection");
  const { server } = connect([["string", "double"]]);
  let count = 0;
  const client = createClient(ADDRESS, {
    signatures: "introspect",
    fetch: (request) =>
      ++count === 1 ? Promise.reject(failure) : server.fetch(request),
  });

  const errors = await Promise.all(
    [1, 2].map((x) => client.methods.echo(x).catch((error: unknown) => error)),
  );
  assertStrictEquals(errors[0], failure);
  assertStrictEquals(errors[1], failure);
  await client.methods.echo(20);

  assertEquals(lastParams(server).map(show), ["double 20"]);
});

Deno.test("the timeout of a call covers the question", async () => {
  const { client } = connect(undefined, { timeout: 20 }, {
    "system.methodSignature": () => new Promise(() => {}),
  });

  const error = await assertRejects(() => client.methods.echo(1), DOMException);

  assertInstanceOf(error, DOMException);
  assertEquals(error.name, "TimeoutError");
});

Deno.test("a question ends with the attempt that it is asked for", async () => {
  const controller = new AbortController();
  const { client, server } = connect(undefined, {
    interceptors: [(call, next) =>
      next(
        call.methodName === "echo"
          ? { ...call, signal: controller.signal }
          : call,
      )],
  }, {
    "system.methodSignature": () => {
      controller.abort("enough");
      return new Promise(() => {});
    },
  });

  const reason = await client.methods.echo(1).catch((reason: unknown) =>
    reason
  );

  assertEquals(reason, "enough");
  assertEquals(server.requests.map(({ signal }) => signal.reason), ["enough"]);
});

Deno.test("a caller that gives up while asking does not affect another", async () => {
  const controller = new AbortController();
  const asked = Promise.withResolvers<void>();
  let count = 0;
  const { client, server } = connect(undefined, {}, {
    "system.methodSignature": () => {
      if (++count > 1) return [["string", "double"]];
      asked.resolve();
      return new Promise(() => {});
    },
  });

  const first = client.call("echo", [1], { signal: controller.signal });
  const second = client.methods.echo(2);
  await asked.promise;
  controller.abort("enough");

  assertEquals(await first.catch((reason: unknown) => reason), "enough");
  await second;
  assertEquals(lastParams(server).map(show), ["double 2"]);
  assertEquals(count, 2);
});

Deno.test("one who waits for another's question can be aborted", async () => {
  const controller = new AbortController();
  const gate = Promise.withResolvers<unknown>();
  const { client } = connect(undefined, {}, {
    "system.methodSignature": () => gate.promise,
  });

  const first = client.methods.echo(1);
  const second = client.call("echo", [2], { signal: controller.signal });
  controller.abort("enough");

  assertEquals(await second.catch((reason: unknown) => reason), "enough");
  gate.resolve([["string", "double"]]);
  assertEquals(await first, [1]);
});

for (const name of ["then", "toJSON", "constructor", "__proto__", "toString"]) {
  Deno.test(`signatures of a method called ${name} are found`, async () => {
    const { client, server } = connect([["string", "double"]], {}, {
      ...Object.fromEntries([[name, () => 1]]),
    });

    await client.call(name, [20]);

    assertEquals(lastParams(server).map(show), ["double 20"]);
  });
}

for (
  const [code, message] of [[429, "Too many calls"], [
    401,
    "Unauthorized",
  ]] as const
) {
  Deno.test(`a question that is refused with fault ${code} is asked again`, async () => {
    let questions = 0;
    const { client, server } = connect(undefined, {}, {
      "system.methodSignature": () => {
        if (questions++ === 0) throw new XmlRpcFault(code, message);
        return [["array", "double"]];
      },
    });

    await client.methods.echo(20);
    assertEquals(show(lastParams(server)[0]), "int 20");
    await client.methods.echo(20);
    assertEquals(show(lastParams(server)[0]), "double 20");
    await client.methods.echo(20);
    assertEquals(questions, 2);
  });
}

Deno.test("signatures of more than 64 KiB are ignored", async () => {
  const endless = Array(10_000).fill(["string", "double"]);
  const { client, server } = connect(endless);

  await client.methods.echo(20);
  await client.methods.echo(20);

  assertEquals(lastParams(server).map(show), ["int 20"]);
  assertEquals(namesOf(server), ["system.methodSignature", "echo", "echo"]);
});

Deno.test("signatures that are asked for together may be longer together", async () => {
  const long = [["string", "double"], ...Array(300).fill(["string"])];
  const methods = { "system.methodSignature": () => long, echo: () => 0 };
  const names = Array.from({ length: 10 }, (_, index) => `echo${index}`);
  const { client, server } = connect(long, {}, {
    "system.multicall": multicallOf(methods),
  });

  await client.multicall(names.map((name) => [name, [20]] as const));

  const [entries] = lastParams(server) as [{ params: unknown[] }[]];
  assertEquals(entries.map(({ params }) => show(params[0])), [
    ...Array(10).fill("double 20"),
  ]);
});

// ---------------------------------------------------------------- getters

/** A struct whose member is the number of times that it was read. */
function countLooks(): { readonly count: number; looks: number } {
  return {
    get count(): number {
      Object.defineProperty(this, "looks", { value: this.looks + 1 });
      return this.looks;
    },
    looks: 0,
  };
}

Deno.test("a param with a getter is read once, with signatures and without", async () => {
  for (const signatures of [[["array", "struct"]], [["array", "array"]], []]) {
    const { client, server } = connect(signatures);

    await client.call("echo", [countLooks()]);

    const [param] = lastParams(server) as { count: unknown }[];
    assertEquals(show(param!.count), "int 1");
  }
});

Deno.test("the members of a multicall are read once", async () => {
  const { client } = connect([["array", "double"]], {}, {
    "system.multicall": () => [],
  });
  const looks: string[] = [];
  const entry = {
    get methodName(): string {
      looks.push("methodName");
      return "echo";
    },
    get params(): number[] {
      looks.push("params");
      return [looks.length];
    },
  };

  await client.call("system.multicall", [[entry]]);

  assertEquals(looks, ["methodName", "params"]);
});
