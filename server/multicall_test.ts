import { assertEquals, assertInstanceOf } from "@std/assert";
import { encodeResponse } from "../codec.ts";
import { XmlRpcFault } from "../core/errors.ts";
import { i8 } from "../core/typed.ts";
import type { XmlRpcValue } from "../core/value.ts";
import type { XmlRpcErrorContext, XmlRpcServerInterceptor } from "../server.ts";
import {
  type Call,
  call,
  catchFault,
  createCaller,
  fault,
} from "../tests/support/system_calls.ts";

const pass: XmlRpcServerInterceptor = (call, next) => next(call);

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
  const few = createCaller({ maxCalls: 2 }, { run: () => ++runs });
  const entry = { methodName: "run", params: [] };
  assertEquals(await few("system.multicall", [entry, entry]), [[1], [2]]);
  assertEquals(
    await catchFault(few("system.multicall", [entry, entry, entry])),
    [
      -32600,
      "Too many calls in one system.multicall: the limit maxCalls is 2",
    ],
  );
  assertEquals(runs, 2);
});

for (const params of [[], ["a"], [{}], [[], []]]) {
  Deno.test(`a multicall with the params ${JSON.stringify(params)} is refused`, async () => {
    assertEquals(
      (await catchFault(call("system.multicall", ...params)))[0],
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
  const call = createCaller({ maxMulticallBytes: 1100 }, {
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
      "The result is too long for one system.multicall: the limit maxMulticallBytes is 1100",
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
    const call = createCaller({ maxMulticallBytes: 1000 }, {
      get: () => result,
    });

    const entry = { methodName: "get" };

    assertEquals(await lengthsOf(call, entry), [-32600]);
    // Alone it is not a multicall.
    await call("get");
  });
}

/** The length of what stands in a multicall's answer for one call. */
function slotLength(slot: unknown): number {
  return encodeResponse(slot).length - encodeResponse([]).length +
    "<value><array><data></data></array></value>".length;
}

for (
  const [what, slot, get] of [
    ["large doubles", [1e308], () => 1e308],
    ["text beyond ASCII", ["\u20ac".repeat(9)], () => "\u20ac".repeat(9)],
    ["long text", ["x".repeat(70_000)], () => "x".repeat(70_000)],
    ["text with escapes", ["&\r".repeat(100)], () => "&\r".repeat(100)],
    ["long integers", [10n ** 15n], () => i8(10n ** 15n)],
    [
      "faults",
      { faultCode: 7, faultString: "&".repeat(300) },
      () => {
        throw new XmlRpcFault(7, "&".repeat(300));
      },
    ],
  ] as const
) {
  for (const interceptors of [[], [pass]]) {
    const kind = interceptors.length === 0 ? "" : ", behind an interceptor,";
    Deno.test(`maxMulticallBytes is the exact length of ${what}${kind}`, async () => {
      const maxMulticallBytes = 3 * slotLength(slot);
      const entries = Array(3).fill({ methodName: "get" });

      const exact = createCaller({ maxMulticallBytes, interceptors }, { get });
      const less = { maxMulticallBytes: maxMulticallBytes - 1, interceptors };
      const short = createCaller(less, { get });

      assertEquals(
        await exact("system.multicall", entries),
        [slot, slot, slot] as unknown as XmlRpcValue,
      );
      const [first, second, third] = await short(
        "system.multicall",
        entries,
      ) as unknown[];
      assertEquals([first, second], [slot, slot] as unknown[]);
      assertEquals((third as { faultCode: number }).faultCode, -32600);
    });
  }
}

Deno.test("maxMulticallBytes is for all results and faults together, in bytes of the response", async () => {
  const text = "x".repeat(500_000);
  const call = createCaller({ maxMulticallBytes: 2_100_000 }, {
    get: () => text,
    fail: () => {
      throw new XmlRpcFault(7, text);
    },
  });
  const names = ["get", "fail", "fail", "get", ...Array(96).fill("fail")];

  const slots = await call(
    "system.multicall",
    names.map((methodName) => ({ methodName })),
  );

  const { length } = encodeResponse(slots);
  assertEquals(2_000_000 < length && length < 2_100_000, true);
});

Deno.test("a multicall whose results are longer than maxResponseBytes has faults in it", async () => {
  const call = createCaller({ maxResponseBytes: 3000 }, {
    get: () => "x".repeat(900),
  });
  const entry = { methodName: "get" };

  const slots = await call("system.multicall", Array(5).fill(entry));

  assertEquals((slots as unknown[])[1], {
    faultCode: -32600,
    faultString:
      "The result is too long for one system.multicall: the limit maxResponseBytes is 3000",
  });
});

Deno.test("1000 calls of 10 MB each in a multicall give no more than 64 MiB", async () => {
  const text = "x".repeat(10_000_000);
  let runs = 0;
  const call = createCaller({}, {
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
  const call = createCaller({ maxMulticallBytes: 100 }, {
    get: () => ["x".repeat(2000), stream],
  });

  assertEquals(await lengthsOf(call, { methodName: "get" }), [-32600]);
  assertInstanceOf(reason, XmlRpcFault);
});

Deno.test("the calls of a multicall have the request, and names of their own", async () => {
  assertEquals(
    await call("system.multicall", [{ methodName: "name", params: [] }]),
    [[["name", "ada"]]],
  );
});

Deno.test("the calls of a multicall run one after the other", async () => {
  const log: string[] = [];
  const orderly = createCaller({}, {
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
  const loud = createCaller({
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

Deno.test("the results of a multicall are what each call gave, and not later states", async () => {
  const state = { count: 0 };
  const counting = createCaller({}, {
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
    const watched = createCaller({
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

Deno.test("a call that throws what cannot be inspected fails alone in a multicall", async () => {
  const odd = createCaller({}, {
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
  const streaming = createCaller({
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
    "Cannot send a stream in a multicall: set batchable: false on the method",
  ]);
  assertInstanceOf(reason, TypeError);
});
