import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { decodeResponse, encodeCall } from "../codec.ts";
import { XmlRpcFault } from "../core/errors.ts";
import {
  createServer,
  method,
  type XmlRpcErrorContext,
  type XmlRpcServerCall,
  type XmlRpcServerOptions,
} from "../server.ts";
import { optional } from "../core/types.ts";
import type { XmlRpcValue } from "../core/value.ts";

const methods = {
  plain: (value: unknown) => value,
  divide: method(
    {
      params: ["double", optional("double")],
      returns: "double",
      help: "Divides.",
    },
    (x, y = 1) => x / y,
  ),
  rows: method([
    { params: [], returns: [{ id: "int", note: optional("string") }] },
    { params: ["string"], returns: "nil", help: "Of two signatures." },
  ], () => []),
  lonely: method(
    { params: [], returns: "int", batchable: false },
    () => 1,
  ),
  fail(): never {
    throw new Error("secret");
  },
  refuse(): never {
    throw new XmlRpcFault(7, "No");
  },
  unsendable: () => new Map(),
  name: function (
    this: { readonly methodName: string; readonly request: Request },
  ) {
    return [this.methodName, this.request.headers.get("x-user")];
  },
};

type Call = (methodName: string, ...params: unknown[]) => Promise<XmlRpcValue>;

function callerOf(
  options: XmlRpcServerOptions = {},
  served: object = methods,
): Call {
  const server = createServer(
    served as Record<string, () => unknown>,
    options,
  );
  return async (methodName, ...params) => {
    const response = await server.fetch(
      new Request("http://localhost/", {
        method: "POST",
        headers: { "content-type": "text/xml", "x-user": "ada" },
        body: encodeCall(methodName, params),
      }),
    );
    return decodeResponse(new Uint8Array(await response.arrayBuffer()));
  };
}

async function faultOf(answer: Promise<unknown>): Promise<[number, string]> {
  const { code, message } = await assertRejects(() => answer, XmlRpcFault);
  return [code, message];
}

const call = callerOf();
const SYSTEM = [
  "system.listMethods",
  "system.methodSignature",
  "system.methodHelp",
  "system.describeMethods",
  "system.getCapabilities",
  "system.multicall",
];

// ---------------------------------------------------------------- introspection

Deno.test("system.listMethods names all methods, the server's own too", async () => {
  assertEquals(await call("system.listMethods"), [
    ...Object.keys(methods),
    ...SYSTEM,
  ]);
});

// A HomeMatic CCU asks for the list before it sends events, with the name that it was
// told for the server.
Deno.test("system.listMethods takes the name by which the caller knows the server", async () => {
  assertEquals(
    await call("system.listMethods", "an-interface"),
    await call("system.listMethods"),
  );
  assertEquals(await call("system.methodSignature", "system.listMethods"), [
    ["array"],
    ["array", "string"],
  ]);
});

Deno.test("system.methodSignature gives names of types, the result's first", async () => {
  assertEquals(await call("system.methodSignature", "divide"), [
    ["double", "double", "double"],
    ["double", "double"],
  ]);
  assertEquals(await call("system.methodSignature", "rows"), [
    ["array"],
    ["nil", "string"],
  ]);
});

Deno.test("system.methodSignature gives no array for a method without signatures", async () => {
  assertEquals(await call("system.methodSignature", "plain"), "undef");
});

Deno.test("system.methodHelp gives a method's text, or an empty one", async () => {
  assertEquals(await call("system.methodHelp", "divide"), "Divides.");
  assertEquals(await call("system.methodHelp", "rows"), "Of two signatures.");
  assertEquals(await call("system.methodHelp", "plain"), "");
});

for (const name of ["system.methodSignature", "system.methodHelp"]) {
  Deno.test(`${name} of an unknown method is a fault`, async () => {
    assertEquals(await faultOf(call(name, "toString")), [
      -32601,
      'No method "toString"',
    ]);
  });

  Deno.test(`${name} of what is no name is a fault`, async () => {
    assertEquals(await faultOf(call(name, 5)), [
      -32602,
      "params[0]: expected string, got int",
    ]);
    assertEquals(await faultOf(call(name)), [
      -32602,
      "Expected 1 param, got 0",
    ]);
  });
}

for (const name of SYSTEM) {
  Deno.test(`${name} has a signature and a text of its own`, async () => {
    const signatures = await call("system.methodSignature", name);
    assert(Array.isArray(signatures) && signatures.length > 0);
    assert(String(await call("system.methodHelp", name)).length > 10);
  });
}

Deno.test("system.describeMethods describes all types to their last member", async () => {
  assertEquals(await call("system.describeMethods", ["rows", "plain"]), {
    methodList: [
      {
        name: "rows",
        purpose: "Of two signatures.",
        signatures: [
          {
            params: [],
            returns: [{
              type: "array",
              member: [{
                type: "struct",
                member: [
                  { name: "id", type: "int" },
                  { name: "note", type: "string", optional: true },
                ],
              }],
            }],
          },
          { params: [{ type: "string" }], returns: [{ type: "nil" }] },
        ],
      },
      { name: "plain", purpose: "", signatures: [] },
    ],
    typeList: [],
  });
});

Deno.test("system.describeMethods describes one method by its name, or all", async () => {
  const one = await call("system.describeMethods", "divide");
  const all = await call("system.describeMethods");
  const namesOf = (described: unknown) =>
    (described as { methodList: { name: string }[] }).methodList
      .map(({ name }) => name);
  assertEquals(namesOf(one), ["divide"]);
  assertEquals(namesOf(all), [...Object.keys(methods), ...SYSTEM]);
});

Deno.test("system.getCapabilities names each specification and its version", async () => {
  const found = await call("system.getCapabilities") as Record<
    string,
    { specUrl: string; specVersion: number }
  >;
  assertEquals(Object.keys(found).sort(), [
    "faults_interop",
    "introspect",
    "introspection",
    "nil",
    "system.multicall",
    "xmlrpc",
  ]);
  for (const { specUrl, specVersion } of Object.values(found)) {
    assert(URL.canParse(specUrl));
    assert(Number.isInteger(specVersion));
  }
});

Deno.test("system.getCapabilities leaves out what is switched off", async () => {
  const strict = callerOf({ nil: "error", multicall: false });
  const found = await strict("system.getCapabilities");
  assertEquals(Object.keys(found as object).sort(), [
    "faults_interop",
    "introspect",
    "introspection",
    "xmlrpc",
  ]);
});

Deno.test("without introspection there is only system.multicall", async () => {
  const silent = callerOf({ introspection: false });
  for (const name of SYSTEM.slice(0, -1)) {
    assertEquals((await faultOf(silent(name)))[0], -32601);
  }
  assertEquals(await silent("system.multicall", []), []);
});

Deno.test("without multicall there is only introspection", async () => {
  const single = callerOf({ multicall: false });
  assertEquals((await faultOf(single("system.multicall", [])))[0], -32601);
  assert((await single("system.listMethods") as string[]).length > 5);
});

// ---------------------------------------------------------------- multicall

function fault(faultCode: number, faultString: string): XmlRpcValue {
  return { faultCode, faultString };
}

Deno.test("system.multicall gives each result in an array of one, in order", async () => {
  assertEquals(
    await call("system.multicall", [
      { methodName: "plain", params: ["a"] },
      { methodName: "divide", params: [1, 4] },
      { methodName: "plain", params: [[1, 2]] },
      {
        methodName: "plain",
        params: [{ faultCode: 1, faultString: "no fault" }],
      },
    ]),
    [["a"], [0.25], [[1, 2]], [{ faultCode: 1, faultString: "no fault" }]],
  );
});

const BAD_ENTRIES: readonly [entry: unknown, slot: XmlRpcValue][] = [
  [
    { methodName: "no.such", params: [] },
    fault(-32601, 'No method "no.such"'),
  ],
  [
    { methodName: "divide", params: ["x"] },
    fault(-32602, "params[0]: expected double, got string"),
  ],
  [{ methodName: "refuse", params: [] }, fault(7, "No")],
  [{ methodName: "fail", params: [] }, fault(-32603, "Internal error")],
  [{ methodName: "unsendable", params: [] }, fault(-32603, "Internal error")],
  ["plain", fault(-32600, "Expected a struct for each call")],
  [null, fault(-32600, "Expected a struct for each call")],
  [["plain", []], fault(-32600, "Expected a struct for each call")],
  [
    { params: [] },
    fault(-32600, "A call must have a methodName, a string"),
  ],
  [
    { methodName: 5, params: [] },
    fault(-32600, "A call must have a methodName, a string"),
  ],
  [
    { methodName: "plain", params: "a" },
    fault(-32600, "The params of a call must be an array"),
  ],
  [
    { methodName: "system.multicall", params: [[]] },
    fault(-32600, "system.multicall must not call itself"),
  ],
  [
    { methodName: "lonely", params: [] },
    fault(-32600, '"lonely" cannot be called through system.multicall'),
  ],
  [
    { methodName: "__proto__", params: [] },
    fault(-32601, 'No method "__proto__"'),
  ],
];

for (const [entry, slot] of BAD_ENTRIES) {
  Deno.test(`${Deno.inspect(entry)} fails alone in a multicall`, async () => {
    const good = { methodName: "plain", params: [1] };
    assertEquals(await call("system.multicall", [good, entry, good]), [
      [1],
      slot,
      [1],
    ]);
  });
}

Deno.test("a call without params in a multicall has none", async () => {
  assertEquals(
    await call("system.multicall", [{ methodName: "system.listMethods" }]),
    [[await call("system.listMethods")]],
  );
});

Deno.test("a method that is not batchable can be called alone", async () => {
  assertEquals(await call("lonely"), 1);
});

Deno.test("a multicall of more than maxCalls is refused as a whole", async () => {
  let runs = 0;
  const few = callerOf({ maxCalls: 2 }, { run: () => ++runs });
  const entry = { methodName: "run", params: [] };
  assertEquals(await few("system.multicall", [entry, entry]), [[1], [2]]);
  assertEquals(await faultOf(few("system.multicall", [entry, entry, entry])), [
    -32600,
    "Too many calls in one system.multicall: the limit maxCalls is 2",
  ]);
  assertEquals(runs, 2);
});

for (const params of [[], ["a"], [{}], [[], []]]) {
  Deno.test(`a multicall with the params ${JSON.stringify(params)} is refused`, async () => {
    assertEquals(
      (await faultOf(call("system.multicall", ...params)))[0],
      -32602,
    );
  });
}

/** What stands in a multicall's answer, as far as it is of interest. */
async function lengthsOf(
  call: Call,
  ...entries: readonly unknown[]
): Promise<unknown[]> {
  const slots = await call("system.multicall", entries) as unknown[];
  return slots.map((slot) =>
    Array.isArray(slot)
      ? slot[0].length
      : (slot as Record<string, unknown>)["faultCode"]
  );
}

Deno.test("a result that is too long beside those before it fails alone in a multicall", async () => {
  const call = callerOf({ maxMulticallBytes: 1000 }, {
    text: (length: number) => "x".repeat(length),
  });
  const [long, short] = [900, 10].map((length) => ({
    methodName: "text",
    params: [length],
  }));

  assertEquals(await lengthsOf(call, long, long, short), [900, -32600, 10]);
  const [slot] = await call("system.multicall", [
    { methodName: "text", params: [2000] },
  ]) as unknown[];
  assertEquals(slot, {
    faultCode: -32600,
    faultString:
      "The result is too long for one system.multicall: the limit maxMulticallBytes is 1000",
  });
});

for (
  const [what, result] of [
    ["bytes", new Uint8Array(900)],
    ["an ArrayBuffer", new ArrayBuffer(900)],
    ["many values", Array(50).fill(1)],
    ["texts that are all the same", Array(2).fill("x".repeat(500))],
    ["names", { ["n".repeat(1000)]: 1 }],
  ] as const
) {
  Deno.test(`maxMulticallBytes counts ${what}`, async () => {
    const call = callerOf({ maxMulticallBytes: 1000 }, { get: () => result });

    const entry = { methodName: "get" };

    assertEquals(await lengthsOf(call, entry), [-32600]);
    // Alone it is no multicall.
    await call("get");
  });
}

Deno.test("1000 calls of 10 MB each in a multicall give no more than 64 MiB", async () => {
  const text = "x".repeat(10_000_000);
  let runs = 0;
  const call = callerOf({}, {
    get: () => {
      runs++;
      return text;
    },
  });

  const lengths = await lengthsOf(
    call,
    ...Array(1000).fill({ methodName: "get" }),
  );

  assertEquals(runs, 1000);
  assertEquals(lengths.filter((length) => length === text.length).length, 6);
  assertEquals(lengths.slice(6), Array(994).fill(-32600));
});

Deno.test("a stream in a result that is too long for a multicall is cancelled", async () => {
  let reason: unknown;
  const stream = new ReadableStream({ cancel: (why) => void (reason = why) });
  const call = callerOf({ maxMulticallBytes: 100 }, {
    get: () => ["x".repeat(100), stream],
  });

  assertEquals(await lengthsOf(call, { methodName: "get" }), [-32600]);
  assertInstanceOf(reason, XmlRpcFault);
});

Deno.test("createServer() refuses a maxMulticallBytes that is no number", () => {
  assertThrows(
    () => createServer({}, { maxMulticallBytes: -1 }),
    RangeError,
    "The option maxMulticallBytes",
  );
});

Deno.test("createServer() refuses a maxCalls that is no number", () => {
  assertThrows(
    () => createServer({}, { maxCalls: -1 }),
    RangeError,
    "The option maxCalls",
  );
});

Deno.test("the calls of a multicall have the request, and names of their own", async () => {
  assertEquals(
    await call("system.multicall", [{ methodName: "name", params: [] }]),
    [[["name", "ada"]]],
  );
});

Deno.test("the calls of a multicall run one after the other", async () => {
  const log: string[] = [];
  const orderly = callerOf({}, {
    async step(name: string): Promise<void> {
      log.push(`${name} begins`);
      await Promise.resolve();
      log.push(`${name} ends`);
    },
  });
  await orderly("system.multicall", [
    { methodName: "step", params: ["a"] },
    { methodName: "step", params: ["b"] },
  ]);
  assertEquals(log, ["a begins", "a ends", "b begins", "b ends"]);
});

Deno.test("onError hears of each call of a multicall by its own name", async () => {
  const heard: unknown[] = [];
  const loud = callerOf({
    onError: (error: unknown, { methodName }: XmlRpcErrorContext) =>
      heard.push([methodName, (error as Error).message]),
  });
  await loud("system.multicall", [
    { methodName: "fail", params: [] },
    { methodName: "unsendable", params: [] },
  ]);
  assertEquals(heard, [
    ["fail", "secret"],
    [
      "unsendable",
      "Cannot encode a Map at value[0][0]: XML-RPC has no such value; use Object.fromEntries(map)",
    ],
  ]);
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
  const wrapped = callerOf({ interceptors: [wrap("outer"), wrap("inner")] });
  assertEquals(await wrapped("plain", 1), 1);
  assertEquals(log, [
    "outer before plain",
    "inner before plain",
    "inner after",
    "outer after",
  ]);
});

Deno.test("an interceptor sees the call as it came, before it is checked", async () => {
  const seen: XmlRpcServerCall[] = [];
  const watched = callerOf({
    interceptors: [(call, next) => {
      seen.push(call);
      return next(call);
    }],
  });
  assertEquals((await faultOf(watched("divide", "x")))[0], -32602);
  assertEquals((await faultOf(watched("no.such")))[0], -32601);
  const [wrong, unknown] = seen;
  assertEquals(wrong!.params, ["x"]);
  assertEquals(wrong!.context.methodName, "divide");
  assertEquals(wrong!.context.request.headers.get("x-user"), "ada");
  assertEquals(unknown!.methodName, "no.such");
});

Deno.test("an interceptor may refuse a call, change its params, and change its result", async () => {
  const changed = callerOf({
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
  assertEquals(await faultOf(changed("lonely")), [403, "Not you"]);
  assertEquals(await changed("plain", "a"), ["<a>"]);
});

Deno.test("what an interceptor throws is no one else's to see", async () => {
  const heard: unknown[] = [];
  const broken = callerOf({
    interceptors: [() => {
      throw new Error("secret");
    }],
    onError: (error) => heard.push((error as Error).message),
  });
  assertEquals(await faultOf(broken("plain", 1)), [-32603, "Internal error"]);
  assertEquals(heard, ["secret"]);
});

Deno.test("a multicall and each of its calls pass through the interceptors", async () => {
  const names: string[] = [];
  const watched = callerOf({
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
  const odd = callerOf({ interceptors: [() => new Map()] });
  assertEquals(
    await faultOf(odd("system.multicall", [{ methodName: "plain" }])),
    [-32603, "Internal error"],
  );
});

Deno.test("createServer() refuses interceptors that are no functions", () => {
  const error = assertThrows(() =>
    createServer({}, { interceptors: ["log"] as never })
  );
  assertInstanceOf(error, TypeError);
  assertEquals(
    error.message,
    "The option interceptors must be an array of functions",
  );
});

Deno.test("system.describeMethods describes a method once, however often it is named", async () => {
  const described = await call(
    "system.describeMethods",
    Array(1000).fill("divide"),
  );
  assertEquals((described as { methodList: unknown[] }).methodList.length, 1);
});

Deno.test("the results of a multicall are what each call gave, and not later states", async () => {
  const state = { count: 0 };
  const counting = callerOf({}, {
    count() {
      state.count++;
      return state;
    },
  });
  const entry = { methodName: "count", params: [] };
  assertEquals(await counting("system.multicall", [entry, entry]), [
    [{ count: 1 }],
    [{ count: 2 }],
  ]);
});

for (
  const [name, message] of [
    ["a\nb", 'White space or a control character in the method name "a\\nb"'],
    ["", "A method name must not be empty"],
    [
      "x".repeat(4097),
      "The methodName is too long: the limit maxNameBytes is 4096",
    ],
  ] as const
) {
  Deno.test(`no interceptor sees the name ${JSON.stringify(name.slice(0, 9))} of a call in a multicall`, async () => {
    const seen: string[] = [];
    const watched = callerOf({
      interceptors: [(call, next) => {
        seen.push(call.methodName);
        return next(call);
      }],
    });
    assertEquals(
      await watched("system.multicall", [{ methodName: name, params: [] }]),
      [fault(-32600, message)],
    );
    assertEquals(seen, ["system.multicall"]);
  });
}

Deno.test("a call that throws what cannot be looked at fails alone in a multicall", async () => {
  const odd = callerOf({}, {
    ok: () => 1,
    odd(): never {
      throw new Proxy({}, {
        getPrototypeOf(): never {
          throw new Error("trap");
        },
      });
    },
  });
  assertEquals(
    await odd("system.multicall", [
      { methodName: "odd", params: [] },
      { methodName: "ok", params: [] },
    ]),
    [fault(-32603, "Internal error"), [1]],
  );
});

Deno.test("a stream in a multicall fails alone, is cancelled, and onError learns why", async () => {
  const heard: string[] = [];
  let reason: unknown;
  const streaming = callerOf({
    onError: (error) => heard.push((error as Error).message),
  }, {
    ok: () => 1,
    file: () =>
      new ReadableStream({
        cancel(why): void {
          reason = why;
        },
      }),
  });
  assertEquals(
    await streaming("system.multicall", [
      { methodName: "file", params: [] },
      { methodName: "ok", params: [] },
    ]),
    [fault(-32603, "Internal error"), [1]],
  );
  assertEquals(heard, [
    "Cannot send a stream in a multicall: batchable: false has the method called alone",
  ]);
  assertInstanceOf(reason, TypeError);
});
