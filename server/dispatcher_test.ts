import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertStrictEquals,
  assertStringIncludes,
  fail,
} from "@std/assert";
import { createClient } from "../client.ts";
import { encodeCall } from "../codec.ts";
import { FaultCode, XmlRpcFault } from "../core/errors.ts";
import {
  createServer,
  method,
  type XmlRpcContext,
  type XmlRpcErrorContext,
  type XmlRpcServerCall,
  type XmlRpcServerInterceptor,
} from "../server.ts";
import {
  assertNotLeaking,
  bytesOf,
  callOn,
  echo,
  outcomeOf,
  Point,
  post,
  request,
  serverOf,
} from "../tests/support/server_calls.ts";
import { listen } from "../tests/support/ends.ts";
import { catchFault, createCaller } from "../tests/support/system_calls.ts";

// ---------------------------------------------------------------- this

Deno.test("fetch() gives a method its request, name and signal", async () => {
  let context: XmlRpcContext | undefined;
  let count = -1;
  const { fetch } = createServer({
    group: {
      look(...params: unknown[]): void {
        context = this;
        count = params.length;
      },
    },
  });
  const caller = new AbortController();
  const sent = new Request(
    request("group.look", ["a", "b"], { "x-user": "ann" }),
    { signal: caller.signal },
  );

  await fetch(sent);

  assertStrictEquals(context?.request, sent);
  assertEquals(context?.request.headers.get("x-user"), "ann");
  assertEquals(context?.request.bodyUsed, true);
  assertEquals(context?.methodName, "group.look");
  assertEquals(context?.signal.aborted, false);
  caller.abort(new Error("gone"));
  assertEquals(context?.signal.reason.message, "gone");
  assertEquals(count, 2);
});

Deno.test("fetch() gives each call a context of its own", async () => {
  const contexts: XmlRpcContext[] = [];
  const { fetch } = createServer({
    look(): void {
      contexts.push(this);
    },
  });

  await fetch(request("look"));
  await fetch(request("look"));

  assertEquals(contexts.length, 2);
  assert(contexts[0] !== contexts[1]);
});

Deno.test("fetch() gives params that look like a context as params only", async () => {
  const forged = { request: { user: "admin" }, methodName: "other" };
  let context: XmlRpcContext | undefined;
  let received: unknown[] = [];
  const { fetch } = createServer({
    look(...params: unknown[]): void {
      context = this;
      received = params;
    },
  });

  await fetch(request("look", [forged, forged]));

  assertEquals(received, [forged, forged]);
  assertInstanceOf(context?.request, Request);
  assertEquals(context?.methodName, "look");
});

Deno.test("fetch() gives a method no more params than were sent", async () => {
  const { fetch } = createServer({ count: (...all: unknown[]) => all.length });

  assertEquals(await callOn(fetch, "count"), { value: 0 });
  assertEquals(await callOn(fetch, "count", 1, null, "x"), { value: 3 });
});

Deno.test("fetch() lets a method see that its request was aborted", async () => {
  const started = Promise.withResolvers<void>();
  const { fetch } = createServer({
    async wait(): Promise<string> {
      const aborted = Promise.withResolvers<void>();
      this.signal.addEventListener("abort", () => aborted.resolve());
      started.resolve();
      await aborted.promise;
      return String(this.signal.reason);
    },
  });
  const controller = new AbortController();
  const sent = new Request(request("wait"), { signal: controller.signal });

  const answer = fetch(sent);
  await started.promise;
  controller.abort("gone");

  assertEquals(await outcomeOf(await answer), { value: "gone" });
});

async function rejectWhenAnswered(connection: Deno.Conn): Promise<never> {
  await connection.read(new Uint8Array(1));
  fail("Expected the call not to be answered");
}

Deno.test("fetch() lets a method see that its caller hung up", async () => {
  const started = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<boolean>();
  const server = createServer({
    async wait(): Promise<void> {
      const aborted = Promise.withResolvers<void>();
      const { signal } = this;
      signal.addEventListener("abort", () => aborted.resolve());
      started.resolve();
      await aborted.promise;
      gone.resolve(signal.aborted);
    },
  });
  await using http = listen(server.fetch);
  const connection = await Deno.connect({
    hostname: "127.0.0.1",
    port: http.addr.port,
  });
  const body = new TextDecoder().decode(encodeCall("wait"));
  await connection.write(bytesOf(
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  ));

  await Promise.race([started.promise, rejectWhenAnswered(connection)]);
  connection.close();

  assert(await gone.promise);
});

// ---------------------------------------------------------------- faults

Deno.test("fetch() does not report unknown methods or faults to onError", async () => {
  const errors: unknown[] = [];
  const fetch = serverOf({
    fail(): void {
      throw new XmlRpcFault(4, "Too many parameters.");
    },
  }, { onError: (error) => void errors.push(error) });

  assertEquals(await callOn(fetch, "none"), {
    fault: [FaultCode.methodNotFound, 'No method "none"'],
  });
  assertEquals(await callOn(fetch, "fail"), {
    fault: [4, "Too many parameters."],
  });
  assertEquals(errors, []);
});

Deno.test("fetch() shows an unknown name only as far as it is short and printable", async () => {
  const name = `a&lt;b&gt;&amp;${"x".repeat(2000)}`;
  const document = `<methodCall><methodName>${name}</methodName></methodCall>`;

  const { fault } = await outcomeOf(await serverOf({ echo })(post(document)));

  assertEquals(fault?.[0], FaultCode.methodNotFound);
  assertMatch(fault![1], /^No method "a<b>&x+/);
  assert(fault![1].length < 200, `${fault![1].length} characters`);
});

class OwnFault extends XmlRpcFault {
  readonly secret = "secret";

  constructor() {
    super(7, "Own", { cause: new Error("secret"), members: { x: "secret" } });
  }
}

Deno.test("fetch() sends a fault of a subclass, and neither its cause nor its members", async () => {
  const fetch = serverOf({
    sync(): void {
      throw new OwnFault();
    },
    async late(): Promise<void> {
      await Promise.resolve();
      throw new OwnFault();
    },
  });

  for (const name of ["sync", "late"]) {
    const response = await fetch(request(name));
    const copy = response.clone();
    assertEquals(await outcomeOf(response), { fault: [7, "Own"] });
    assertNotLeaking(await copy.text());
  }
});

Deno.test("fetch() sends every code and text of a fault that can be sent", async () => {
  const fetch = serverOf({
    fail(code: number, message: string): void {
      throw new XmlRpcFault(code, message);
    },
  });

  for (
    const fault of [
      [0, ""],
      [-1, "<&>\r\n é 😀"],
      [2 ** 31 - 1, "x".repeat(9000)],
      [-(2 ** 31), " "],
    ] as const
  ) {
    assertEquals(await callOn(fetch, "fail", ...fault), { fault });
  }
});

/** An error of every kind, by what is thrown. */
const THROWN: readonly (readonly [what: string, thrown: unknown])[] = [
  ["an Error", new Error("secret")],
  ["a TypeError", new TypeError("secret")],
  ["a DOMException", new DOMException("secret", "AbortError")],
  ["a text", "secret"],
  ["a number", 42],
  ["null", null],
  ["undefined", undefined],
  ["a symbol", Symbol("secret")],
  ["an object like a fault", { code: 1, message: "secret" }],
  ["a response", new Response("secret")],
];

for (const [what, thrown] of THROWN) {
  for (const how of ["throws", "rejects with"] as const) {
    Deno.test(`fetch() answers a method that ${how} ${what} with fault -32603`, async () => {
      const reports: [unknown, XmlRpcErrorContext][] = [];
      const fetch = serverOf({
        group: {
          fail(): Promise<never> {
            if (how === "throws") throw thrown;
            return Promise.reject(thrown);
          },
        },
      }, { onError: (...report) => void reports.push(report) });
      const sent = request("group.fail");

      const response = await fetch(sent);
      const copy = response.clone();

      assertEquals(await outcomeOf(response), {
        fault: [FaultCode.internalError, "Internal error"],
      });
      assertNotLeaking(await copy.text());
      assertEquals(reports.length, 1);
      assertStrictEquals(reports[0]![0], thrown);
      assertStrictEquals(reports[0]![1].request, sent);
      assertEquals(reports[0]![1].methodName, "group.fail");
    });
  }
}

const cyclic: unknown[] = [];

cyclic.push({ again: cyclic });

const UNSENDABLE: readonly (readonly [
  what: string,
  result: unknown,
  message: RegExp,
])[] = [
  ["a function", () => "secret", /function/],
  ["NaN", NaN, /NaN/],
  ["Infinity", { deep: [Infinity] }, /Infinity.*deep\[0\]/],
  ["a Map", new Map([["secret", 1]]), /Map/],
  ["a Set", new Set(), /Set/],
  ["a symbol", Symbol("secret"), /symbol/],
  ["a cycle", cyclic, /maxDepth|cycle|itself/],
  ["a bigint beyond 64 bits", 2n ** 64n, /64 bits/],
  ["an invalid date", new Date(NaN), /date/i],
  ["a control character", "\u0001", /character/],
  ["undefined in an array", [undefined], /undefined/],
];

for (const [what, result, message] of UNSENDABLE) {
  Deno.test(`fetch() answers with fault -32603 where the result is ${what}`, async () => {
    const reports: [unknown, XmlRpcErrorContext][] = [];
    const fetch = serverOf({ give: () => result }, {
      onError: (...report) => void reports.push(report),
    });

    const response = await fetch(request("give"));
    const copy = response.clone();

    assertEquals(await outcomeOf(response), {
      fault: [FaultCode.internalError, "Internal error"],
    });
    assertNotLeaking(await copy.text());
    assertEquals(reports.length, 1);
    assertInstanceOf(reports[0]![0], Error);
    assertMatch(reports[0]![0].message, message);
    assertEquals(reports[0]![1].methodName, "give");
  });
}

for (
  const [what, fault, message] of [
    ["code that is not an integer", new XmlRpcFault(1.5, "secret"), "1.5"],
    ["code beyond 32 bits", new XmlRpcFault(2 ** 31, "secret"), "2147483648"],
    ["code NaN", new XmlRpcFault(NaN, "secret"), "NaN"],
    ["code that is a text", new XmlRpcFault("7" as never, "secret"), "string"],
    ["control character", new XmlRpcFault(1, "secret\u0000"), "character"],
  ] as const
) {
  Deno.test(`fetch() answers a fault that cannot be sent with fault -32603 (${what})`, async () => {
    const reports: unknown[] = [];
    const fetch = serverOf({
      fail(): void {
        throw fault;
      },
    }, { onError: (error) => void reports.push(error) });

    const response = await fetch(request("fail"));
    const copy = response.clone();

    assertEquals(await outcomeOf(response), {
      fault: [FaultCode.internalError, "Internal error"],
    });
    assertNotLeaking(await copy.text());
    assertEquals(reports.length, 1);
    assertInstanceOf(reports[0], TypeError);
    assertStringIncludes(reports[0].message, message);
    assertStrictEquals(reports[0].cause, fault);
  });
}

Deno.test("fetch() answers a class among the methods with fault -32603", async () => {
  const fetch = serverOf({ Point });

  assertEquals(await callOn(fetch, "Point"), {
    fault: [FaultCode.internalError, "Internal error"],
  });
});

for (
  const [what, onError] of [
    ["throws", (): never => {
      throw new Error("secret");
    }],
    ["rejects", () => Promise.reject(new Error("secret"))],
    ["never ends", () => new Promise<never>(() => {})],
    ["gives a broken thenable", () => ({
      get then(): never {
        throw new Error("secret");
      },
    })],
    ["is not there", undefined],
  ] as const
) {
  Deno.test(`fetch() answers the same where onError ${what}`, async () => {
    const fetch = serverOf({
      fail(): void {
        throw new Error("secret");
      },
      echo,
    }, { onError });

    const response = await fetch(request("fail"));
    const copy = response.clone();

    assertEquals(await outcomeOf(response), {
      fault: [FaultCode.internalError, "Internal error"],
    });
    assertNotLeaking(await copy.text());
    assertEquals(await callOn(fetch, "echo", 1), { value: 1 });
  });
}

// ---------------------------------------------------------------- results

for (
  const [what, method] of [
    ["nothing", (): void => {}],
    ["nothing, later", async (): Promise<void> => await Promise.resolve()],
    ["null", (): null => null],
  ] as const
) {
  Deno.test(`fetch() sends nil where a method gives ${what}`, async () => {
    const response = await serverOf({ method })(request("method"));

    assertStringIncludes(await response.text(), "<value><nil/></value>");
  });
}

Deno.test("createServer() with nil: error sends no nil", async () => {
  const errors: unknown[] = [];
  const fetch = serverOf({ nothing(): void {}, nested: () => [null], echo }, {
    nil: "error",
    onError: (error) => void errors.push(error),
  });

  for (const name of ["nothing", "nested"]) {
    assertEquals(await callOn(fetch, name), {
      fault: [FaultCode.internalError, "Internal error"],
    });
  }
  assertEquals(errors.length, 2);
  for (const error of errors) assertMatch(String(error), /null.*nil/s);
  assertEquals(await callOn(fetch, "echo", 1), { value: 1 });
});

Deno.test("createServer() with nil: ex:nil sends Apache's element", async () => {
  const fetch = serverOf({ nothing(): void {} }, { nil: "ex:nil" });

  const response = await fetch(request("nothing"));

  assertStringIncludes(await response.text(), "<ex:nil");
});

Deno.test("fetch() carries every type there and back", async () => {
  const values = [
    1,
    -1.5,
    true,
    "<é&>",
    5n,
    new Date("1998-07-17T14:08:55Z"),
    Uint8Array.of(1, 2, 3),
    null,
    [[], {}],
    { ["__proto__"]: 1, constructor: "x" },
  ];

  assertEquals(await callOn(serverOf({ echo }), "echo", values), {
    value: values,
  });
});

Deno.test("fetch() sends a sync method's result and an async one's alike", async () => {
  const fetch = serverOf({
    sync: (x: number) => x + 1,
    async: (x: number) => Promise.resolve(x + 1),
    thenable: (x: number) => ({
      then: (resolve: (value: number) => void) => resolve(x + 1),
    }),
  });

  for (const name of ["sync", "async", "thenable"]) {
    assertEquals(await callOn(fetch, name, 1), { value: 2 });
  }
});

// ---------------------------------------------------------------- interceptors

Deno.test("interceptors run in order around the method, the first outermost", async () => {
  const log: string[] = [];
  const wrap = (name: string) =>
  async (
    call: XmlRpcServerCall,
    next: (call: XmlRpcServerCall) => Promise<unknown>,
  ) => {
    log.push(`${name} before ${call.methodName}`);
    const result = await next(call);
    log.push(`${name} after`);
    return result;
  };
  const wrapped = createCaller({
    interceptors: [wrap("outer"), wrap("inner")],
  });
  assertEquals(await wrapped("plain", 1), 1);
  assertEquals(log, [
    "outer before plain",
    "inner before plain",
    "inner after",
    "outer after",
  ]);
});

Deno.test("an interceptor that is added to the array later is not called", async () => {
  const names: string[] = [];
  const interceptors: XmlRpcServerInterceptor[] = [];
  const call = createCaller({ interceptors });
  interceptors.push((call, next) => {
    names.push(call.methodName);
    return next(call);
  });
  assertEquals(await call("plain", 1), 1);
  assertEquals(names, []);
});

Deno.test("an interceptor sees the call as it came, before it is checked", async () => {
  const seen: XmlRpcServerCall[] = [];
  const watched = createCaller({
    interceptors: [(call, next) => {
      seen.push(call);
      return next(call);
    }],
  });
  assertEquals((await catchFault(watched("divide", "x")))[0], -32602);
  assertEquals((await catchFault(watched("no.such")))[0], -32601);
  const [wrong, unknown] = seen;
  assertEquals(wrong!.params, ["x"]);
  assertEquals(wrong!.context.methodName, "divide");
  assertEquals(wrong!.context.request.headers.get("x-user"), "ada");
  assertEquals(unknown!.methodName, "no.such");
});

Deno.test("an interceptor may refuse a call, change its params, and change its result", async () => {
  const changed = createCaller({
    interceptors: [
      (call, next) => {
        if (call.methodName === "lonely") throw new XmlRpcFault(403, "Not you");
        return next(call);
      },
      async (call, next) => [
        await next({
          ...call,
          params: call.params.map((param) => `<${param}>`),
        }),
      ],
    ],
  });
  assertEquals(await catchFault(changed("lonely")), [403, "Not you"]);
  assertEquals(await changed("plain", "a"), ["<a>"]);
});

Deno.test("callers do not see what an interceptor throws", async () => {
  const heard: unknown[] = [];
  const broken = createCaller({
    interceptors: [() => {
      throw new Error("secret");
    }],
    onError: (error) => heard.push((error as Error).message),
  });
  assertEquals(await catchFault(broken("plain", 1)), [
    -32603,
    "Internal error",
  ]);
  assertEquals(heard, ["secret"]);
});

Deno.test("a multicall and each of its calls pass through the interceptors", async () => {
  const names: string[] = [];
  const watched = createCaller({
    interceptors: [(call, next) => {
      names.push(call.methodName);
      if (call.methodName === "lonely") throw new XmlRpcFault(403, "Not you");
      return next(call);
    }],
  });
  await watched("system.multicall", [
    { methodName: "plain", params: [1] },
    { methodName: "no.such", params: [] },
  ]);
  assertEquals(names, ["system.multicall", "plain", "no.such"]);
});

Deno.test("an interceptor that puts something else for a multicall's results spoils nothing", async () => {
  const odd = createCaller({ interceptors: [() => new Map()] });
  assertEquals(
    await catchFault(odd("system.multicall", [{ methodName: "plain" }])),
    [-32603, "Internal error"],
  );
});

// ---------------------------------------------------------------- getters

/** Methods whose result has a getter that gives a text first, and an int after that. */
function createChanging(looks: string[]): Record<string, unknown> {
  const create = (): { a: string } => ({
    get a(): string {
      looks.push("a");
      return looks.length === 1 ? "text" : 5 as unknown as string;
    },
  });
  return {
    typed: method({ params: [], returns: { a: "string" } }, create),
    items: method({ params: [], returns: [{ a: "string" }] }, () => [create()]),
    plain: create,
  };
}

for (const name of ["typed", "items", "plain"]) {
  Deno.test(`a result with a getter is read once (${name}), alone and in a multicall`, async () => {
    const looks: string[] = [];
    const { fetch } = createServer({
      methods: createChanging(looks) as Record<string, () => unknown>,
    });
    const client = createClient("http://localhost/", { fetch });

    const alone = await client.call(`methods.${name}`);
    assertEquals(looks, ["a"]);
    looks.length = 0;
    const calls = [{ methodName: `methods.${name}`, params: [] }];
    const [together] = await client.call("system.multicall", [calls]) as [
      unknown,
    ][];

    assertEquals(looks, ["a"]);
    const expected = name === "items" ? [{ a: "text" }] : { a: "text" };
    assertEquals<unknown>([alone, together![0]], [expected, expected]);
  });
}
