import {
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { UTC } from "./date_time.ts";
import {
  convertOutgoing,
  convertValue,
  createIncomingConversions,
} from "./conversion.ts";
import { bigdecimal, dateTime, double, i8, int, XmlRpcTyped } from "./typed.ts";
import { optional, type XmlRpcType } from "./types.ts";

const CONVERSIONS = createIncomingConversions({
  timeZone: UTC,
  dateTime: undefined,
});

/** What a method gets for a value of that type. */
function received(value: unknown, type: XmlRpcType): unknown {
  return convertValue(value, type, CONVERSIONS, "params[0]", 1000);
}

function date(): Date {
  return new Date("1998-07-17T14:08:55Z");
}

// ---------------------------------------------------------------- incoming

const RECEIVED: readonly [XmlRpcType, sent: unknown, got: unknown][] = [
  ["int", 5, 5],
  ["int", 5n, 5],
  ["int", i8(5), 5],
  ["int", int(5), 5],
  ["i8", 5n, 5n],
  ["i8", 5, 5n],
  ["i8", i8(5), 5n],
  ["i8", int(5), 5n],
  ["double", 0.5, 0.5],
  ["double", 3, 3],
  ["double", 3n, 3],
  ["double", double(3), 3],
  ["boolean", false, false],
  ["string", "", ""],
  ["dateTime.iso8601", date(), date()],
  ["dateTime.iso8601", dateTime("19980717T14:08:55"), date()],
  ["base64", new Uint8Array([1]), new Uint8Array([1])],
  ["nil", null, null],
  ["array", [1, "a"], [1, "a"]],
  ["struct", { a: 1 }, { a: 1 }],
  ["any", bigdecimal("1.5"), bigdecimal("1.5")],
  ["any", null, null],
  [["i8"], [1, 2n], [1n, 2n]],
  [["i8"], [], []],
  [{ id: "i8" }, { id: 1, more: "kept" }, { id: 1n, more: "kept" }],
  [{ id: optional("i8") }, {}, {}],
  [{ id: optional("i8") }, { id: 7 }, { id: 7n }],
  [[{ rows: [["double"]] }], [{ rows: [[1n]] }], [{ rows: [[1]] }]],
];

for (const [type, sent, got] of RECEIVED) {
  Deno.test(`a method with ${JSON.stringify(type)} gets ${Deno.inspect(got)} for ${Deno.inspect(sent)}`, () => {
    assertEquals(received(sent, type), got);
  });
}

const REFUSED: readonly [XmlRpcType, sent: unknown, message: string][] = [
  ["int", 0.5, "params[0]: expected int, got double"],
  ["int", 2n ** 60n, "params[0]: expected int, got i8"],
  ["int", "5", "params[0]: expected int, got string"],
  ["int", NaN, "params[0]: expected int, got NaN"],
  ["int", 2 ** 31, "params[0]: expected int, got i8"],
  ["int", i8(2n ** 31n), "params[0]: expected int, got i8"],
  ["double", NaN, "params[0]: expected double, got NaN"],
  ["double", -Infinity, "params[0]: expected double, got -Infinity"],
  ["i8", 0.5, "params[0]: expected i8, got double"],
  ["i8", 2 ** 60, "params[0]: expected i8, got i8"],
  ["double", 2n ** 60n, "params[0]: expected double, got i8"],
  ["double", "0.5", "params[0]: expected double, got string"],
  ["double", null, "params[0]: expected double, got nil"],
  ["boolean", 1, "params[0]: expected boolean, got int"],
  ["string", 5, "params[0]: expected string, got int"],
  ["string", true, "params[0]: expected string, got boolean"],
  [
    "dateTime.iso8601",
    "19980717T14:08:55",
    "params[0]: expected dateTime.iso8601, got string",
  ],
  ["base64", "AAAA", "params[0]: expected base64, got string"],
  ["nil", 0, "params[0]: expected nil, got int"],
  ["array", { 0: 1 }, "params[0]: expected array, got struct"],
  ["struct", [], "params[0]: expected struct, got array"],
  ["struct", date(), "params[0]: expected struct, got dateTime.iso8601"],
  ["struct", new Uint8Array(1), "params[0]: expected struct, got base64"],
  ["struct", bigdecimal("1"), "params[0]: expected struct, got bigdecimal"],
  [["int"], [1, "a"], "params[0][1]: expected int, got string"],
  [["int"], "a", "params[0]: expected array, got string"],
  [{ id: "int" }, {}, "params[0].id: expected int, got nothing"],
  [{ id: "int" }, 5, "params[0]: expected struct, got int"],
  [
    { id: optional("int") },
    { id: "a" },
    "params[0].id: expected int, got string",
  ],
  [
    [{ "the price": "double" }],
    [{ "the price": 1 }, { "the price": "x" }],
    'params[0][1]["the price"]: expected double, got string',
  ],
  [
    { toString: "string" } as never,
    {},
    "params[0].toString: expected string, got nothing",
  ],
];

for (const [type, sent, message] of REFUSED) {
  Deno.test(`a method with ${JSON.stringify(type)} refuses ${Deno.inspect(sent)}`, () => {
    assertThrows(() => received(sent, type), TypeError, message);
  });
}

Deno.test("a value that is already what its type says is not copied", () => {
  const value = { rows: [[0.5, 1.5]], name: "x" };
  assertStrictEquals(
    received(value, { rows: [["double"]], name: "string" }),
    value,
  );
});

Deno.test("a received value is never changed itself", () => {
  const value = { ids: [1, 2] };
  assertEquals(received(value, { ids: ["i8"] }), { ids: [1n, 2n] });
  assertEquals(value, { ids: [1, 2] });
});

Deno.test("a member named __proto__ is a member like any other", () => {
  const type = JSON.parse('{"__proto__": "i8"}') as XmlRpcType;
  const value = JSON.parse('{"__proto__": 5}');
  const got = received(value, type) as object;
  assertEquals(Object.getPrototypeOf(got), Object.prototype);
  assertEquals(Object.getOwnPropertyDescriptor(got, "__proto__")?.value, 5n);
  assertThrows(
    () => received({}, type),
    TypeError,
    "params[0].__proto__: expected i8, got nothing",
  );
});

Deno.test("with the option dateTime, a date is whatever the hook has made", () => {
  const hooked = createIncomingConversions({
    timeZone: UTC,
    dateTime: () => "a text",
  });
  assertEquals(
    convertValue("a text", "dateTime.iso8601", hooked, "value", 1),
    "a text",
  );
});

// ---------------------------------------------------------------- outgoing

const SENT: readonly [XmlRpcType, value: unknown, sent: unknown][] = [
  ["int", 5, int(5)],
  ["int", 5n, int(5)],
  ["i8", 5, i8(5)],
  ["i8", 5n, i8(5)],
  ["double", 3, double(3)],
  ["double", 0.5, double(0.5)],
  ["double", 3n, double(3)],
  ["boolean", true, true],
  ["string", "a", "a"],
  ["dateTime.iso8601", date(), date()],
  [
    "dateTime.iso8601",
    dateTime("19980717T14:08:55"),
    dateTime("19980717T14:08:55"),
  ],
  [
    "dateTime.iso8601",
    "1998-07-17T14:08:55+02:00",
    dateTime("1998-07-17T14:08:55+02:00"),
  ],
  ["base64", new Uint8Array([1]), new Uint8Array([1])],
  ["base64", new ArrayBuffer(2), new ArrayBuffer(2)],
  ["nil", undefined, null],
  ["nil", null, null],
  ["any", 3, 3],
  ["array", [3], [3]],
  ["struct", { a: 3 }, { a: 3 }],
  [["double"], [1, 2.5], [double(1), double(2.5)]],
  [{ n: "i8", at: optional("double") }, { n: 1 }, { n: i8(1) }],
  [{ n: optional("i8") }, { n: undefined }, { n: undefined }],
  [{ n: "i8" }, { n: 1, more: 2 }, { n: i8(1), more: 2 }],
];

for (const [type, value, sent] of SENT) {
  Deno.test(`${Deno.inspect(value)} is sent for ${JSON.stringify(type)} as ${Deno.inspect(sent)}`, () => {
    const conformed = convertOutgoing(value, type, "value", 1000);
    assertEquals(conformed, sent);
    if (sent instanceof XmlRpcTyped) assertInstanceOf(conformed, XmlRpcTyped);
  });
}

const NOT_SENT: readonly [
  XmlRpcType,
  value: unknown,
  errorClass: typeof TypeError | typeof RangeError,
  message: string,
][] = [
  ["string", 5, TypeError, "Cannot encode value: expected string, got int"],
  [
    "int",
    5e9,
    RangeError,
    "Cannot encode 5000000000 as int at value: it does not fit into 32 bits; send 5000000000n (i8) or double(5000000000)",
  ],
  [
    "int",
    0.5,
    RangeError,
    "Cannot encode 0.5 as int at value: it is not an integer",
  ],
  [
    "i8",
    2n ** 64n,
    RangeError,
    "Cannot encode 18446744073709551616n as i8 at value: it does not fit into 64 bits; send it as a string",
  ],
  ["i8", 0.5, TypeError, "Cannot encode value: expected i8, got double"],
  [
    "double",
    NaN,
    RangeError,
    "Cannot encode NaN as double at value: XML-RPC has no such value",
  ],
  [
    "dateTime.iso8601",
    "yesterday",
    RangeError,
    'Cannot encode "yesterday" as dateTime.iso8601 at value: expected a text such as 19980717T14:08:55',
  ],
  [
    "dateTime.iso8601",
    5,
    TypeError,
    "Cannot encode value: expected dateTime.iso8601, got int",
  ],
  ["nil", 0, TypeError, "Cannot encode value: expected nil, got int"],
  ["struct", [1], TypeError, "Cannot encode value: expected struct, got array"],
  [
    "struct",
    new Map(),
    TypeError,
    "Cannot encode value: expected struct, got a Map",
  ],
  [
    { rows: [{ price: "double" }] },
    { rows: [{ price: 1 }, { price: "x" }] },
    TypeError,
    "Cannot encode value.rows[1].price: expected double, got string",
  ],
  [
    ["string"],
    ["a", undefined],
    TypeError,
    "Cannot encode value[1]: expected string, got nothing",
  ],
];

for (const [type, value, errorClass, message] of NOT_SENT) {
  Deno.test(`${Deno.inspect(value)} is not sent for ${JSON.stringify(type)}`, () => {
    const error = assertThrows(
      () => convertOutgoing(value, type, "value", 1000),
      errorClass,
    );
    assertEquals(error.message, message);
  });
}

Deno.test("convertOutgoing() visits no more than maxValues", () => {
  const row = [1, 2, 3];
  const rows = [row, row, row];
  convertOutgoing(rows, [["int"]], "value", 13);

  assertThrows(
    () => convertOutgoing(rows, [["int"]], "value", 12),
    RangeError,
    "Too many values at value[2][2]: the limit maxValues is 12",
  );
});

Deno.test("convertOutgoing() refuses a generator that stands twice", async () => {
  const items = (async function* (): AsyncGenerator<number> {
    yield 1;
  })();
  const converted = convertOutgoing(
    [items, items],
    [["int"]],
    "value",
    Infinity,
  ) as AsyncIterable<unknown>[];

  assertEquals(await Array.fromAsync(converted[0]!), [int(1)]);
  await assertRejects(
    () => Array.fromAsync(converted[1]!),
    TypeError,
    "Cannot encode an AsyncGenerator a second time at value[1]",
  );
});

Deno.test("convertOutgoing() reads a value once", () => {
  const looks: string[] = [];
  const struct = {
    get a(): unknown {
      looks.push("a");
      return looks.length === 1 ? "text" : 5;
    },
    get b(): unknown {
      looks.push("b");
      return looks.length === 2 ? "more" : 5;
    },
  };
  const items = new Proxy(["x"], {
    get(target, name, receiver): unknown {
      if (name !== "0") return Reflect.get(target, name, receiver);
      looks.push("0");
      return looks.length === 3 ? "x" : 5;
    },
  });

  const values = [
    convertOutgoing(struct, { a: "string" }, "value", 9),
    convertOutgoing(items, ["string"], "value", 9),
  ];

  assertEquals(JSON.stringify(values), '[{"a":"text","b":"more"},["x"]]');
  assertEquals(looks, ["a", "b", "0"]);
});

Deno.test("convertOutgoing() does not take an async iterable for a struct", () => {
  const iterable = { a: 1, [Symbol.asyncIterator]: () => {} };
  assertThrows(
    () => convertOutgoing(iterable, "struct", "value", 9),
    TypeError,
    "expected struct",
  );
});
