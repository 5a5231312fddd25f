import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  decodeCall,
  decodeResponse,
  encodeCall,
  encodeResponse,
} from "../codec.ts";
import { dateTime, double, i8, int, XmlRpcTyped } from "../core/typed.ts";
import { createShrunkViews } from "../tests/support/lost_bytes.ts";
import {
  APACHE,
  bytesOf,
  DECLARATION,
  member,
  METHOD_NAME_FLAW,
  NO_CHARACTER,
  struct,
  textOf,
  wireOf,
  YEARS,
} from "../tests/support/documents.ts";
import { describePlace } from "./pieces.ts";

class Point {
  x = 1;
  readonly #hidden = 2;
  get sum(): number {
    return this.x + this.#hidden;
  }
}

class Tagged {
  readonly a = 1;
  get [Symbol.toStringTag](): string {
    return "Tagged";
  }
}

const ENCODED: readonly [what: string, value: unknown, wire: string][] = [
  ["-0 as the integer it is", -0, "<int>0</int>"],
  ["double(-0) with its sign", double(-0), "<double>-0.0</double>"],
  ["int(5)", int(5), "<int>5</int>"],
  ["i8(5)", i8(5), "<i8>5</i8>"],
  ["double(20)", double(20), "<double>20.0</double>"],
  [
    "dateTime() as written",
    dateTime("1998-07-17T14:08:55.250+02:00"),
    "<dateTime.iso8601>1998-07-17T14:08:55.250+02:00</dateTime.iso8601>",
  ],
  [
    "a biginteger beyond 64 bits",
    new XmlRpcTyped("biginteger", 2n ** 64n),
    `<ex:biginteger ${APACHE}>18446744073709551616</ex:biginteger>`,
  ],
  [
    "a Date with its milliseconds cut off",
    new Date("1998-07-17T14:08:55.999Z"),
    "<dateTime.iso8601>19980717T14:08:55</dateTime.iso8601>",
  ],
  [
    "a Date before 1970 with its milliseconds cut off",
    new Date(-1),
    "<dateTime.iso8601>19691231T23:59:59</dateTime.iso8601>",
  ],
  ["an ArrayBuffer", Uint8Array.of(65).buffer, "<base64>QQ==</base64>"],
  [
    "a DataView of a part",
    new DataView(bytesOf("xABCx").buffer, 1, 3),
    "<base64>QUJD</base64>",
  ],
  ["an Int8Array", Int8Array.of(-1), "<base64>/w==</base64>"],
  [
    "a Uint8ClampedArray",
    Uint8ClampedArray.of(300),
    "<base64>/w==</base64>",
  ],
  [
    "an object without its undefined members",
    { a: undefined, b: 1 },
    struct(member("b", "<int>1</int>")),
  ],
  [
    "an object without a prototype",
    Object.assign(Object.create(null), { a: 1 }),
    struct(member("a", "<int>1</int>")),
  ],
  [
    "a class instance by its own enumerable members",
    new Point(),
    struct(member("x", "<int>1</int>")),
  ],
  [
    "an object without its symbol-named members",
    { [Symbol("s")]: 1 },
    "<struct></struct>",
  ],
  [
    "an object without inherited and hidden members",
    Object.create({ inherited: 1 }, { hidden: { value: 1 } }),
    "<struct></struct>",
  ],
  [
    "members in the order they have in the object",
    { b: 1, a: 2 },
    struct(member("b", "<int>1</int>"), member("a", "<int>2</int>")),
  ],
];

// ---------------------------------------------------------------- values to the wire only

for (const [what, value, wire] of ENCODED) {
  Deno.test(`encodeResponse() writes ${what}`, () => {
    assertEquals(wireOf(value), `<value>${wire}</value>`);
  });
}

Deno.test("encodeCall() writes the whole document", () => {
  assertEquals(
    textOf(encodeCall("examples.getStateName", [41, "x"])),
    DECLARATION +
      "<methodCall><methodName>examples.getStateName</methodName><params>" +
      "<param><value><int>41</int></value></param>" +
      "<param><value><string>x</string></value></param>" +
      "</params></methodCall>",
  );
});

Deno.test("encodeCall() writes <params> even without params", () => {
  const wire = DECLARATION +
    "<methodCall><methodName>m</methodName><params></params></methodCall>";
  assertEquals(textOf(encodeCall("m")), wire);
  assertEquals(textOf(encodeCall("m", [])), wire);
});

Deno.test("encodeCall() escapes the method name", () => {
  const document = encodeCall("a<b&c:d/é");
  assert(
    textOf(document).includes("<methodName>a&lt;b&amp;c:d/é</methodName>"),
  );
  assertEquals(decodeCall(document).methodName, "a<b&c:d/é");
});

Deno.test("encodeResponse() encodes values of many kilobytes", () => {
  const text = "ä€😀&\r".repeat(20_000);
  const bytes = Uint8Array.from({ length: 200_000 }, (_, at) => at * 7);
  const rows = Array.from({ length: 5_000 }, (_, id) => ({ id, text: "é" }));

  const value = { text, bytes, rows };

  assertEquals(decodeResponse(encodeResponse(value)), value);
});

Deno.test("encodeResponse() encodes one object in two places twice", () => {
  const shared = { a: 1 };
  assertEquals(decodeResponse(encodeResponse([shared, shared])), [
    { a: 1 },
    { a: 1 },
  ]);
});

const NO_SUCH_VALUE = "XML-RPC has no such value";

const REFUSED: readonly [
  what: string,
  value: unknown,
  type: typeof TypeError | typeof RangeError,
  message: string,
][] = [
  [
    "NaN",
    NaN,
    RangeError,
    `Cannot encode NaN as double at params[0]: ${NO_SUCH_VALUE}`,
  ],
  [
    "Infinity",
    Infinity,
    RangeError,
    `Cannot encode Infinity as double at params[0]: ${NO_SUCH_VALUE}`,
  ],
  [
    "-Infinity",
    -Infinity,
    RangeError,
    `Cannot encode -Infinity as double at params[0]: ${NO_SUCH_VALUE}`,
  ],
  [
    "undefined as a param",
    undefined,
    TypeError,
    `Cannot encode undefined at params[0]: ${NO_SUCH_VALUE}; send null`,
  ],
  [
    "undefined in an array",
    [1, undefined],
    TypeError,
    `Cannot encode undefined at params[0][1]: ${NO_SUCH_VALUE}; send null`,
  ],
  [
    "a hole in an array",
    new Array(1),
    TypeError,
    `Cannot encode undefined at params[0][0]: ${NO_SUCH_VALUE}; send null`,
  ],
  [
    "a function",
    () => 1,
    TypeError,
    `Cannot encode a function at params[0]: ${NO_SUCH_VALUE}`,
  ],
  [
    "a function as a member",
    { f() {} },
    TypeError,
    `Cannot encode a function at params[0].f: ${NO_SUCH_VALUE}`,
  ],
  [
    "a symbol",
    Symbol("s"),
    TypeError,
    `Cannot encode a symbol at params[0]: ${NO_SUCH_VALUE}`,
  ],
  [
    "a Map",
    new Map(),
    TypeError,
    `Cannot encode a Map at params[0]: ${NO_SUCH_VALUE}; use Object.fromEntries(map)`,
  ],
  [
    "a Set",
    new Set(),
    TypeError,
    `Cannot encode a Set at params[0]: ${NO_SUCH_VALUE}; use an array`,
  ],
  [
    "a WeakMap",
    new WeakMap(),
    TypeError,
    `Cannot encode a WeakMap at params[0]: ${NO_SUCH_VALUE}`,
  ],
  [
    "a Promise",
    Promise.resolve(1),
    TypeError,
    `Cannot encode a Promise at params[0]: ${NO_SUCH_VALUE}; await it first`,
  ],
  [
    "an Error",
    new Error("x"),
    TypeError,
    `Cannot encode an Error at params[0]: ${NO_SUCH_VALUE}; send its message`,
  ],
  [
    "a URL",
    new URL("http://localhost/"),
    TypeError,
    `Cannot encode a URL at params[0]: ${NO_SUCH_VALUE}`,
  ],
  [
    "a RegExp",
    /x/,
    TypeError,
    `Cannot encode a RegExp at params[0]: ${NO_SUCH_VALUE}`,
  ],
  [
    "a Blob",
    new Blob([]),
    TypeError,
    "Cannot encode a Blob at params[0] at once: use encodeCallStream()",
  ],
  [
    "a boxed number",
    new Object(5),
    TypeError,
    `Cannot encode a Number at params[0]: ${NO_SUCH_VALUE}; use the primitive number`,
  ],
  [
    "a boxed string",
    new Object("s"),
    TypeError,
    `Cannot encode a String at params[0]: ${NO_SUCH_VALUE}; use the primitive string`,
  ],
  [
    "a boxed boolean",
    new Object(true),
    TypeError,
    `Cannot encode a Boolean at params[0]: ${NO_SUCH_VALUE}; use the primitive boolean`,
  ],
  [
    "a boxed bigint",
    new Object(5n),
    TypeError,
    `Cannot encode a BigInt at params[0]: ${NO_SUCH_VALUE}`,
  ],
  [
    "a Float64Array",
    new Float64Array(1),
    TypeError,
    `Cannot encode a Float64Array at params[0]: ${NO_SUCH_VALUE}`,
  ],
  [
    "a Uint16Array",
    new Uint16Array(1),
    TypeError,
    `Cannot encode a Uint16Array at params[0]: ${NO_SUCH_VALUE}`,
  ],
  [
    "an instance of a class that names itself",
    new Tagged(),
    TypeError,
    `Cannot encode a Tagged at params[0]: ${NO_SUCH_VALUE}`,
  ],
  [
    "a control character",
    "a\x01b",
    TypeError,
    `Cannot encode U+0001 at params[0]: ${NO_CHARACTER}`,
  ],
  [
    "NUL",
    "\0",
    TypeError,
    `Cannot encode U+0000 at params[0]: ${NO_CHARACTER}`,
  ],
  [
    "U+FFFE",
    "\ufffe",
    TypeError,
    `Cannot encode U+FFFE at params[0]: ${NO_CHARACTER}`,
  ],
  [
    "U+FFFF",
    "\uffff",
    TypeError,
    `Cannot encode U+FFFF at params[0]: ${NO_CHARACTER}`,
  ],
  [
    "a lone high surrogate",
    "a\ud800b",
    TypeError,
    `Cannot encode U+D800 at params[0]: ${NO_CHARACTER}`,
  ],
  [
    "a lone low surrogate",
    "😀\udc00",
    TypeError,
    `Cannot encode U+DC00 at params[0]: ${NO_CHARACTER}`,
  ],
  [
    "a control character in a member name",
    { "a\x1f": 1 },
    TypeError,
    `Cannot encode U+001F at params[0]["a\\u001f"]: ${NO_CHARACTER}`,
  ],
  [
    "a lone surrogate in a member name",
    { "\udfff": 1 },
    TypeError,
    `Cannot encode U+DFFF at params[0]["\\udfff"]: ${NO_CHARACTER}`,
  ],
  [
    "an invalid Date",
    new Date(NaN),
    RangeError,
    `Cannot encode an invalid Date at params[0]: ${YEARS}`,
  ],
  [
    "the year 0",
    new Date("0000-12-31T23:59:59Z"),
    RangeError,
    `Cannot encode 0000-12-31T23:59:59.000Z at params[0]: ${YEARS}`,
  ],
  [
    "the year 10000",
    new Date("+010000-01-01T00:00:00Z"),
    RangeError,
    `Cannot encode +010000-01-01T00:00:00.000Z at params[0]: ${YEARS}`,
  ],
  [
    "a bigint of 65 bits",
    2n ** 63n,
    RangeError,
    "Cannot encode 9223372036854775808n as i8 at params[0]: it does not fit into 64 bits; send it as a string",
  ],
  [
    "a negative bigint of 65 bits",
    -(2n ** 63n) - 1n,
    RangeError,
    "Cannot encode -9223372036854775809n as i8 at params[0]: it does not fit into 64 bits; send it as a string",
  ],
  [
    "a path of members and indexes",
    { rows: [1, 2, 3, { price: NaN }] },
    RangeError,
    `Cannot encode NaN as double at params[0].rows[3].price: ${NO_SUCH_VALUE}`,
  ],
  [
    "a path with names that are not identifiers",
    { "a b": { $x: { "1": NaN } } },
    RangeError,
    `Cannot encode NaN as double at params[0]["a b"].$x["1"]: ${NO_SUCH_VALUE}`,
  ],
  [
    "an int that is none",
    new XmlRpcTyped("int", 1.5),
    RangeError,
    "Cannot encode 1.5 as int at params[0]: it is not an integer",
  ],
  [
    "an int beyond 32 bits",
    { a: new XmlRpcTyped("int", 5e9) },
    RangeError,
    "Cannot encode 5000000000 as int at params[0].a: it does not fit into 32 bits; send 5000000000n (i8) or double(5000000000)",
  ],
  [
    "a typed value of the wrong JavaScript type",
    [new XmlRpcTyped("i8", 5 as never)],
    TypeError,
    "Cannot encode number as i8 at params[0][0]: expected a bigint",
  ],
  [
    "an unknown wire type",
    new XmlRpcTyped("long" as never, 1 as never),
    TypeError,
    'Cannot encode 1 at params[0]: unknown wire type "long"',
  ],
  [
    "a wire type that is a name of Object.prototype",
    new XmlRpcTyped("toString" as never, 1 as never),
    TypeError,
    'Cannot encode 1 at params[0]: unknown wire type "toString"',
  ],
  [
    "a text with a colon as bigdecimal",
    [new XmlRpcTyped("bigdecimal", "a: b")],
    RangeError,
    'Cannot encode "a: b" as bigdecimal at params[0][0]: expected a decimal number such as "1.50"',
  ],
];

// ---------------------------------------------------------------- refused values

for (const [what, value, type, message] of REFUSED) {
  Deno.test(`encodeCall() refuses ${what}`, () => {
    const error = assertThrows(() => encodeCall("m", [value]), type);
    assertEquals(error.message, message);
    assertStrictEquals(error.constructor, type);
  });
}

Deno.test("encodeCall() names the param that it refuses", () => {
  const error = assertThrows(() => encodeCall("m", [1, [], NaN]), RangeError);
  assertEquals(
    error.message,
    `Cannot encode NaN as double at params[2]: ${NO_SUCH_VALUE}`,
  );
});

Deno.test("encodeResponse() calls the value it refuses value", () => {
  const error = assertThrows(
    () => encodeResponse({ rows: [new Map()] }),
    TypeError,
  );
  assertEquals(
    error.message,
    `Cannot encode a Map at value.rows[0]: ${NO_SUCH_VALUE}; use Object.fromEntries(map)`,
  );
});

Deno.test("encodeCall() names the right place after a nested value", () => {
  const error = assertThrows(
    () => encodeCall("m", [{ a: [[1], { b: 2 }], c: NaN }]),
    RangeError,
  );
  assertEquals(
    error.message,
    `Cannot encode NaN as double at params[0].c: ${NO_SUCH_VALUE}`,
  );
});

Deno.test("encodeCall() refuses a cycle, with the start of its path", () => {
  const cycle: Record<string, unknown> = {};
  cycle["a"] = [cycle];

  const error = assertThrows(() => encodeCall("m", [cycle]), RangeError);

  assert(
    error.message.startsWith(
      "Cannot encode a value that nests deeper than 256 at params[0].a[0].a[0]",
    ),
    error.message,
  );
  assert(
    error.message.endsWith(
      ": it has a cycle, or the limit maxDepth is too low",
    ),
    error.message,
  );
  assert(error.message.length < 400, error.message);
});

Deno.test("encodeCall() keeps the message about a huge bigint short", () => {
  const error = assertThrows(
    () => encodeCall("m", [10n ** 10_000n]),
    RangeError,
  );
  assert(error.message.length < 300, `${error.message.length} characters`);
});
const INVISIBLE_FLAW = "An invisible character in the method name";
const METHOD_NAMES: readonly [name: string, message: string][] = [
  ["", "A method name must not be empty"],
  ["a b", `${METHOD_NAME_FLAW} "a b"`],
  [" a", `${METHOD_NAME_FLAW} " a"`],
  ["a\n", `${METHOD_NAME_FLAW} "a\\n"`],
  ["a\0", `${METHOD_NAME_FLAW} "a\\u0000"`],
  ["a\x7f", `${METHOD_NAME_FLAW} "a\\u007f"`],
  ["a\u00a0b", `${METHOD_NAME_FLAW} "a\u00a0b"`],
  ["a\u2028b", `${METHOD_NAME_FLAW} "a\\u2028b"`],
  ["a\u202eb", `${INVISIBLE_FLAW} "a\\u202eb"`],
  ["a\u200bb", `${INVISIBLE_FLAW} "a\\u200bb"`],
  ["a\u{e0041}b", `${INVISIBLE_FLAW} "a\\u{e0041}b"`],
];

for (const [name, message] of METHOD_NAMES) {
  Deno.test(`encodeCall() refuses the method name ${JSON.stringify(name)}`, () => {
    const error = assertThrows(() => encodeCall(name), TypeError);
    assertEquals(error.message, message);
  });
}

Deno.test("encodeCall() refuses a method name with a lone surrogate and says so", () => {
  const error = assertThrows(() => encodeCall("a\ud800"), TypeError);
  assert(error.message.includes("method name"), error.message);
});

Deno.test("encodeCall() refuses a method name that is not a string and says so", () => {
  for (const name of [undefined, null, 5, ["m"]]) {
    const error = assertThrows(() => encodeCall(name as never), TypeError);
    assert(error.message.includes("method name"), error.message);
  }
});

Deno.test("encodeCall() refuses params that are not an array and says so", () => {
  for (const params of ["abc", 5, null, new Set([1])]) {
    const error = assertThrows(
      () => encodeCall("m", params as never),
      TypeError,
    );
    assert(/params.*array/.test(error.message), error.message);
  }
});

// ---------------------------------------------------------------- what costs

Deno.test("encodeResponse() refuses bytes that have been transferred, which look empty", () => {
  const bytes = new Uint8Array([1, 2, 3]);
  const { buffer } = bytes;
  structuredClone(bytes, { transfer: [buffer] });
  for (const gone of [bytes, buffer]) {
    assertThrows(() => encodeResponse([gone]), TypeError, "at value[0]");
  }
});

Deno.test("encodeResponse() refuses views that are outside of their shrunk buffer", () => {
  for (const view of createShrunkViews()) {
    assertThrows(
      () => encodeResponse([view as Uint8Array]),
      TypeError,
      "Cannot encode bytes outside of their shrunk buffer at value[0]",
    );
  }
});

Deno.test("describePlace() cuts names that together are more than a string can hold", () => {
  const names = Array(300).fill("n".repeat(2 ** 21));
  const place = describePlace(["value", ...names]);
  assert(place.startsWith(" at value.nnn"), place.slice(0, 40));
  assertEquals(place.length, 201);
});
