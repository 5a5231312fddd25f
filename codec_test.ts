import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  createCallDecoder,
  createResponseDecoder,
  decodeCall,
  type DecodeOptions,
  decodeResponse,
  encodeCall,
  encodeFault,
  type EncodeOptions,
  encodeResponse,
} from "./codec.ts";
import { placeOf } from "./codec/encoder.ts";
import { XmlRpcFault, XmlRpcSyntaxError } from "./core/errors.ts";
import {
  bigdecimal,
  dateTime,
  double,
  i8,
  int,
  XmlRpcTyped,
} from "./core/typed.ts";
import type { XmlRpcValue } from "./core/value.ts";

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
const APACHE =
  'xmlns:ex="http://ws.apache.org/xmlrpc/namespaces/extensions"' as const;

function response(value: string): string {
  return `<methodResponse><params><param>${value}</param></params></methodResponse>`;
}

function call(...values: string[]): string {
  const params = values.map((value) => `<param>${value}</param>`).join("");
  return `<methodCall><methodName>m</methodName><params>${params}</params></methodCall>`;
}

function fault(value: string): string {
  return `<methodResponse><fault><value>${value}</value></fault></methodResponse>`;
}

function member(name: string, value: string): string {
  return `<member><name>${name}</name><value>${value}</value></member>`;
}

function struct(...members: string[]): string {
  return `<struct>${members.join("")}</struct>`;
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** The wire form of a value, without what stands around it. */
function wireOf(value: unknown, options?: EncodeOptions): string {
  const text = textOf(encodeResponse(value, options));
  const [before, after] = response("|").split("|") as [string, string];
  assert(text.startsWith(DECLARATION + before), text);
  assert(text.endsWith(after), text);
  return text.slice(DECLARATION.length + before.length, -after.length);
}

function bytewise(
  document: Uint8Array | string,
  options?: DecodeOptions,
): XmlRpcValue {
  const bytes = typeof document === "string" ? bytesOf(document) : document;
  const decoder = createResponseDecoder(options);
  for (const byte of bytes) decoder.push(Uint8Array.of(byte));
  return decoder.end();
}

function syntaxError(run: () => unknown): XmlRpcSyntaxError {
  return assertThrows(run, XmlRpcSyntaxError);
}

/** Own members only, so that `__proto__` is one too. */
function record(...members: [string, unknown][]): Record<string, unknown> {
  return Object.fromEntries(members);
}

// ---------------------------------------------------------------- both ways

const BOTH_WAYS: readonly [wire: string, value: unknown][] = [
  ["<int>0</int>", 0],
  ["<int>-41</int>", -41],
  ["<int>2147483647</int>", 2 ** 31 - 1],
  ["<int>-2147483648</int>", -(2 ** 31)],
  ["<double>2147483648.0</double>", 2 ** 31],
  ["<double>-2147483649.0</double>", -(2 ** 31) - 1],
  ["<double>-12.53</double>", -12.53],
  ["<double>0.1</double>", 0.1],
  ["<double>0.30000000000000004</double>", 0.1 + 0.2],
  ["<double>-0.0000001</double>", -1e-7],
  ["<double>0.00000123</double>", 1.23e-6],
  ["<double>1000000000000000000000.0</double>", 1e21],
  ["<double>1234500000000000000000000.0</double>", 1.2345e24],
  [
    `<double>${`17976931348623157${"0".repeat(292)}`}.0</double>`,
    1.7976931348623157e308,
  ],
  [`<double>0.${"0".repeat(323)}5</double>`, 5e-324],
  ["<i8>0</i8>", 0n],
  ["<i8>9223372036854775807</i8>", 2n ** 63n - 1n],
  ["<i8>-9223372036854775808</i8>", -(2n ** 63n)],
  ["<boolean>1</boolean>", true],
  ["<boolean>0</boolean>", false],
  ["<string></string>", ""],
  ["<string>South Dakota</string>", "South Dakota"],
  ["<string>  spaces \t\n kept </string>", "  spaces \t\n kept "],
  ["<string>a&amp;b &lt;c&gt; \"d\" 'e'</string>", "a&b <c> \"d\" 'e'"],
  ["<string>]]&gt;</string>", "]]>"],
  ["<string>line&#13;\nline&#13;</string>", "line\r\nline\r"],
  ["<string>äöü € 中文 😀 \u0085\u2028</string>", "äöü € 中文 😀 \u0085\u2028"],
  ["<string>\ufeff\ufffd</string>", "\ufeff\ufffd"],
  [
    "<dateTime.iso8601>19980717T14:08:55</dateTime.iso8601>",
    new Date("1998-07-17T14:08:55Z"),
  ],
  [
    "<dateTime.iso8601>00010101T00:00:00</dateTime.iso8601>",
    new Date("0001-01-01T00:00:00Z"),
  ],
  [
    "<dateTime.iso8601>99991231T23:59:59</dateTime.iso8601>",
    new Date("9999-12-31T23:59:59Z"),
  ],
  [
    "<dateTime.iso8601>20240229T00:00:00</dateTime.iso8601>",
    new Date("2024-02-29T00:00:00Z"),
  ],
  ["<base64></base64>", new Uint8Array()],
  ["<base64>/+8=</base64>", Uint8Array.of(0xff, 0xef)],
  ["<base64>eW91IGNhbid0</base64>", bytesOf("you can't")],
  ["<nil/>", null],
  ["<array><data></data></array>", []],
  [
    "<array><data><value><int>12</int></value><value><string>Egypt</string></value>" +
    "<value><array><data><value><nil/></value></data></array></value></data></array>",
    [12, "Egypt", [null]],
  ],
  ["<struct></struct>", {}],
  [
    struct(
      member("lowerBound", "<int>18</int>"),
      member("b&lt;c&amp;", "<string>x</string>"),
      member("", "<struct></struct>"),
    ),
    { lowerBound: 18, "b<c&": "x", "": {} },
  ],
  [
    struct(
      member("__proto__", "<int>1</int>"),
      member("constructor", "<int>2</int>"),
      member("toString", "<int>3</int>"),
      member("then", "<int>4</int>"),
      member("toJSON", "<int>5</int>"),
      member("hasOwnProperty", "<int>6</int>"),
    ),
    record(
      ["__proto__", 1],
      ["constructor", 2],
      ["toString", 3],
      ["then", 4],
      ["toJSON", 5],
      ["hasOwnProperty", 6],
    ),
  ],
  [
    `<ex:bigdecimal ${APACHE}>1.50</ex:bigdecimal>`,
    new XmlRpcTyped("bigdecimal", "1.50"),
  ],
];

for (const [inner, value] of BOTH_WAYS) {
  const wire = `<value>${inner}</value>`;
  const name = inner.length > 60 ? `${inner.slice(0, 60)}…` : inner;

  Deno.test(`encodeResponse() writes ${JSON.stringify(name)}`, () => {
    assertEquals(wireOf(value), wire);
  });

  Deno.test(`decodeResponse() reads back ${JSON.stringify(name)}`, () => {
    assertEquals<unknown>(decodeResponse(response(wire)), value);
    assertEquals<unknown>(bytewise(response(wire)), value);
  });
}

// ---------------------------------------------------------------- values to the wire only

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

// ---------------------------------------------------------------- refused values

const NO_SUCH_VALUE = "XML-RPC has no such value";
const YEARS = "a dateTime.iso8601 has a year from 1 to 9999";
const NO_CHARACTER =
  "XML has no such character; send the text as bytes (base64)";

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
    "a path with names that are no identifiers",
    { "a b": { $x: { "1": NaN } } },
    RangeError,
    `Cannot encode NaN as double at params[0]["a b"].$x["1"]: ${NO_SUCH_VALUE}`,
  ],
  [
    "an int that is none",
    new XmlRpcTyped("int", 1.5),
    RangeError,
    "Cannot encode 1.5 as int at params[0]: it is no integer",
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
    'Cannot encode 1 at params[0]: no wire type "long"',
  ],
  [
    "a wire type that is a name of Object.prototype",
    new XmlRpcTyped("toString" as never, 1 as never),
    TypeError,
    'Cannot encode 1 at params[0]: no wire type "toString"',
  ],
  [
    "a text with a colon as bigdecimal",
    [new XmlRpcTyped("bigdecimal", "a: b")],
    RangeError,
    'Cannot encode "a: b" as bigdecimal at params[0][0]: expected a decimal number such as "1.50"',
  ],
];

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

const METHOD_NAME_FLAW =
  "White space or a control character in the method name";
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

Deno.test("encodeCall() refuses a method name that is no string and says so", () => {
  for (const name of [undefined, null, 5, ["m"]]) {
    const error = assertThrows(() => encodeCall(name as never), TypeError);
    assert(error.message.includes("method name"), error.message);
  }
});

Deno.test("encodeCall() refuses params that are no array and says so", () => {
  for (const params of ["abc", 5, null, new Set([1])]) {
    const error = assertThrows(
      () => encodeCall("m", params as never),
      TypeError,
    );
    assert(/params.*array/.test(error.message), error.message);
  }
});

// ---------------------------------------------------------------- options of the encoder

Deno.test("encodeResponse() writes null as the option nil says", () => {
  assertEquals(wireOf(null, { nil: "nil" }), "<value><nil/></value>");
  assertEquals(
    wireOf(null, { nil: "ex:nil" }),
    `<value><ex:nil ${APACHE}/></value>`,
  );
});

Deno.test('encodeResponse() refuses null when the option nil is "error"', () => {
  const error = assertThrows(
    () => encodeResponse({ a: null }, { nil: "error" }),
    TypeError,
  );
  assertEquals(
    error.message,
    'Cannot encode null at value.a: the option nil is "error"',
  );
});

Deno.test("encodeResponse() writes a Date in the option timeZone", () => {
  const winter = new Date("2024-01-01T23:30:00Z");
  const summer = new Date("2024-07-01T12:00:00Z");
  const timeZone = "Europe/Berlin";
  assertEquals(
    wireOf([winter, summer], { timeZone }),
    "<value><array><data>" +
      "<value><dateTime.iso8601>20240102T00:30:00</dateTime.iso8601></value>" +
      "<value><dateTime.iso8601>20240701T14:00:00</dateTime.iso8601></value>" +
      "</data></array></value>",
  );
  assertEquals(
    wireOf(winter, { timeZone: "-05:30" }),
    "<value><dateTime.iso8601>20240101T18:00:00</dateTime.iso8601></value>",
  );
});

Deno.test("encodeResponse() refuses a Date whose year is out of range in the option timeZone", () => {
  const last = new Date("9999-12-31T23:30:00Z");
  const error = assertThrows(
    () => encodeResponse(last, { timeZone: "+01:00" }),
    RangeError,
  );
  assertEquals(
    error.message,
    `Cannot encode 9999-12-31T23:30:00.000Z at value: ${YEARS}`,
  );
});

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) {
    value = level % 2 === 0 ? [value] : { a: value };
  }
  return value;
}

Deno.test("encodeResponse() nests as deeply as maxDepth says, 256 by default", () => {
  encodeResponse(nested(256));
  encodeResponse(nested(3), { maxDepth: 3 });
  encodeResponse(1, { maxDepth: 0 });
  encodeResponse(nested(1000), { maxDepth: 1000 });
});

Deno.test("encodeResponse() refuses to nest deeper than maxDepth", () => {
  const error = assertThrows(
    () => encodeResponse({ x: [[0], [[0]]] }, { maxDepth: 3 }),
    RangeError,
  );
  assertEquals(
    error.message,
    "Cannot encode a value that nests deeper than 3 at value.x[1][0]: it has a cycle, or the limit maxDepth is too low",
  );
  assertThrows(
    () => encodeResponse(nested(257)),
    RangeError,
    "deeper than 256",
  );
  assertThrows(
    () => encodeResponse([], { maxDepth: 0 }),
    RangeError,
    "deeper than 0 at value:",
  );
});

const WRONG_LIMITS: readonly unknown[] = [-1, NaN, "3", -Infinity];

for (const maxDepth of WRONG_LIMITS) {
  Deno.test(`encodeResponse() refuses ${Deno.inspect(maxDepth)} as maxDepth`, () => {
    const error = assertThrows(
      () => encodeResponse(1, { maxDepth: maxDepth as number }),
      RangeError,
    );
    assertEquals(
      error.message,
      `The option maxDepth must be a number of 0 or more: ${maxDepth}`,
    );
  });
}

Deno.test("encodeResponse() refuses an unknown time zone, dates or no dates", () => {
  assertThrows(
    () => encodeResponse(1, { timeZone: "Mars/Olympus" }),
    RangeError,
    'The option timeZone must be a time zone such as "Europe/Berlin": "Mars/Olympus"',
  );
});

Deno.test("encodeResponse() refuses an unknown value of the option nil", () => {
  assertThrows(
    () => encodeResponse(1, { nil: "null" as never }),
    TypeError,
    'The option nil must be "nil" or "ex:nil" or "error": null',
  );
});

Deno.test("encodeResponse() takes undefined options for their defaults", () => {
  const options = { nil: undefined, timeZone: undefined, maxDepth: undefined };
  assertEquals(wireOf([null], options), wireOf([null]));
});

// ---------------------------------------------------------------- from the wire only

function date(text: string): Date {
  return new Date(text);
}

const JULY = date("1998-07-17T14:08:55Z");

function dated(text: string): string {
  return `<dateTime.iso8601>${text}</dateTime.iso8601>`;
}

const DECODED: readonly [what: string, inner: string, value: unknown][] = [
  ["<i4>", "<i4>-7</i4>", -7],
  ["<i1>", "<i1>-128</i1>", -128],
  ["<i2>", "<i2>32767</i2>", 32767],
  ["an int with a plus and leading zeros", "<int>+0041</int>", 41],
  ["an int of minus zero as 0", "<int>-0</int>", 0],
  ["a long int of minus zero as 0", "<int>-0000000000000</int>", 0],
  ["white space around an int", "<int> \n\t\r41 </int>", 41],
  ["an int beyond 32 bits", "<int>2147483648</int>", 2147483648],
  ["the largest int", "<i4>9007199254740991</i4>", 2 ** 53 - 1],
  ["the smallest int", "<int>-9007199254740991</int>", -(2 ** 53 - 1)],
  ["white space around an i8", "<i8>\n+5 </i8>", 5n],
  ["a double without a point", "<double>20</double>", 20],
  ["a double without a fraction", "<double>12.</double>", 12],
  ["a double without a whole part", "<double>-.5</double>", -0.5],
  ["a double with a plus", "<double>+1.5</double>", 1.5],
  ["a double with an exponent", "<double>1.5E-3</double>", 0.0015],
  ["a double of minus zero", "<double>-0.0</double>", -0],
  [
    "a double of many digits",
    "<double>0.1000000000000000055511151231257827</double>",
    0.1,
  ],
  ["a double too small to be one", "<double>1e-999</double>", 0],
  ["white space around a double", "<double>\n 2.5\t</double>", 2.5],
  ["<float>", "<float>1.5</float>", 1.5],
  ["nan", "<double>nan</double>", NaN],
  ["NaN", "<double>NaN</double>", NaN],
  ["inf", "<double>inf</double>", Infinity],
  ["-Infinity", "<double>-Infinity</double>", -Infinity],
  ["the boolean true", "<boolean>true</boolean>", true],
  ["the boolean false", "<boolean> false\n</boolean>", false],
  ["white space around a boolean", "<boolean>\n1\n</boolean>", true],
  ["no type as a string, every character kept", " a\n\tb ", " a\n\tb "],
  ["nothing as an empty string", "", ""],
  ["an empty-element string", "<string/>", ""],
  ["an empty-element base64", "<base64/>", new Uint8Array()],
  ["<nil></nil>", "<nil></nil>", null],
  ["nil with white space in it", "<nil> \n </nil>", null],
  ["white space around a type", "\n  <int>1</int>\n  ", 1],
  ["attributes", '<int a="1" b=\'&lt;"&#9;\' >1</int >', 1],
  ["comments in a number", "<int>1<!-- x -->2</int>", 12],
  ["an instruction in a string", "<string>a<?php echo ?>b</string>", "ab"],
  ["a comment in an untyped value", "a<!-- <int>1</int> -->b", "ab"],
  [
    "CDATA",
    "<string>a<![CDATA[<b>&amp;]]]]><![CDATA[>]]></string>",
    "a<b>&amp;]]>",
  ],
  ["CDATA in a number", "<int><![CDATA[41]]></int>", 41],
  [
    "CDATA of a base64 text",
    "<base64><![CDATA[QQ==]]></base64>",
    Uint8Array.of(65),
  ],
  [
    "references",
    "<string>&lt;&gt;&amp;&quot;&apos;&#65;&#x42;&#x1F600;</string>",
    "<>&\"'AB😀",
  ],
  ["references in a number", "<int>&#52;&#x31;</int>", 41],
  ["CR LF and CR as LF", "<string>a\r\nb\rc\r\r\nd</string>", "a\nb\nc\n\nd"],
  ["CR LF in CDATA as LF", "<string><![CDATA[a\r\nb\r]]></string>", "a\nb\n"],
  ["a referenced CR as CR", "<string>a&#13;\nb&#xD;</string>", "a\r\nb\r"],
  ["> and ]] in text", "<string>a > b ]] > ]]a></string>", "a > b ]] > ]]a>"],
  ["characters of 2, 3 and 4 bytes", "<string>é€😀</string>", "é€😀"],
  ["C1 control characters", "<string>\x7f\x80\x9f</string>", "\x7f\x80\x9f"],

  ["a date with dashes", dated("1998-07-17T14:08:55"), JULY],
  ["a date without colons", dated("19980717T140855"), JULY],
  ["a date with Z", dated("19980717T14:08:55Z"), JULY],
  [
    "a date with an offset",
    dated("19980717T14:08:55+0200"),
    date("1998-07-17T12:08:55Z"),
  ],
  [
    "a date with an offset with a colon",
    dated("1998-07-17T14:08:55-05:30"),
    date("1998-07-17T19:38:55Z"),
  ],
  [
    "a date with an offset of hours",
    dated("19980717T14:08:55+02"),
    date("1998-07-17T12:08:55Z"),
  ],
  [
    "a date with a fraction",
    dated("1998-07-17T14:08:55.25Z"),
    date("1998-07-17T14:08:55.250Z"),
  ],
  [
    "a date with a fraction after a comma",
    dated("19980717T14:08:55,5"),
    date("1998-07-17T14:08:55.500Z"),
  ],
  [
    "a date with microseconds",
    dated("1998-07-17T14:08:55.123999+00:00"),
    date("1998-07-17T14:08:55.123Z"),
  ],
  ["white space around a date", dated("\n 19980717T14:08:55 "), JULY],
  [
    "a date in the year 99",
    dated("00990717T14:08:55"),
    date("0099-07-17T14:08:55Z"),
  ],
  [
    "a date before the spec's calendar",
    dated("16000229T00:00:00"),
    date("1600-02-29T00:00:00Z"),
  ],

  [
    "base64 with white space",
    "<base64>\n  eW91\r\n\tIGNh bid0\n</base64>",
    bytesOf("you can't"),
  ],
  ["base64 without its padding", "<base64>QQ</base64>", Uint8Array.of(65)],
  [
    "base64 with white space in its padding",
    "<base64>QQ=\n=</base64>",
    Uint8Array.of(65),
  ],

  ["an array without <data>", "<array></array>", []],
  ["<array/>", "<array/>", []],
  ["<data/>", "<array><data/></array>", []],
  [
    "an array of <value/>",
    "<array><data><value/><value></value></data></array>",
    ["", ""],
  ],
  ["<struct/>", "<struct/>", {}],
  [
    "a member whose value comes first",
    "<struct><member><value>x</value><name>a</name></member></struct>",
    { a: "x" },
  ],
  ["a member name with its white space", struct(member(" a\n", "x")), {
    " a\n": "x",
  }],
  [
    "a member name of references and CDATA",
    struct(member("a&amp;<![CDATA[<]]>é", "x")),
    { "a&<é": "x" },
  ],
  ["<name/>", "<struct><member><name/><value/></member></struct>", { "": "" }],
  [
    "pretty-printed markup",
    "\n <struct>\n  <member>\n   <name>a</name>\n   <value>\n <array>\n <data>\n <value>\n <i4>\n 1\n </i4>\n </value>\n </data>\n </array>\n </value>\n </member>\n </struct>\n",
    { a: [1] },
  ],
  [
    "a member of every kind named __proto__",
    struct(member("__proto__", struct(member("x", "<i8>1</i8>")))),
    record(["__proto__", { x: 1n }]),
  ],

  ["ex:nil", `<ex:nil ${APACHE}/>`, null],
  ["ex:nil without a declaration", "<ex:nil/>", null],
  [
    "nil under any prefix of Apache's namespace",
    `<ext:nil ${APACHE.replace("ex=", "ext=")}/>`,
    null,
  ],
  ["ex:i1", `<ex:i1 ${APACHE}>5</ex:i1>`, 5],
  ["ex:i2", `<ex:i2 ${APACHE}>5</ex:i2>`, 5],
  ["ex:i8", `<ex:i8 ${APACHE}>5</ex:i8>`, 5n],
  ["ex:float", `<ex:float ${APACHE}>5</ex:float>`, 5],
  [
    "ex:dateTime",
    `<ex:dateTime ${APACHE}>1998-07-17T14:08:55.000Z</ex:dateTime>`,
    JULY,
  ],
  [
    "a dateTime whose prefix makes its name as long as that of the spec",
    `<apaches:dateTime ${
      APACHE.replace("ex=", "apaches=")
    }>1998-07-17T14:08:55.000Z</apaches:dateTime>`,
    JULY,
  ],
  [
    "ex:biginteger",
    `<ex:biginteger ${APACHE}>18446744073709551616</ex:biginteger>`,
    2n ** 64n,
  ],
  ["biginteger without a prefix", "<biginteger>-5</biginteger>", -5n],
  [
    "ex:bigdecimal, its text kept",
    `<ex:bigdecimal ${APACHE}>\n+1.50E3 </ex:bigdecimal>`,
    new XmlRpcTyped("bigdecimal", "+1.50E3"),
  ],
];

for (const [what, inner, value] of DECODED) {
  Deno.test(`decodeResponse() reads ${what}`, () => {
    const document = response(`<value>${inner}</value>`);
    assertEquals<unknown>(decodeResponse(document), value);
    assertEquals<unknown>(decodeResponse(bytesOf(document)), value);
    assertEquals<unknown>(bytewise(document), value);
  });
}

Deno.test("decodeResponse() finds a prefix that an outer element declares", () => {
  const value =
    "<value><array><data><value><x:i8>5</x:i8></value></data></array></value>";
  const document = response(value)
    .replace(
      "<param>",
      `<param xmlns:y="urn:y" ${APACHE.replace("ex=", "x=")}>`,
    );
  assertEquals(decodeResponse(document), [5n]);
});

Deno.test("decodeResponse() takes an empty document of a void method for null", () => {
  assertEquals(decodeResponse("<methodResponse/>"), null);
  assertEquals(
    decodeResponse("<methodResponse><params/></methodResponse>"),
    null,
  );
});

Deno.test("decodeCall() takes a call without <params> for one without params", () => {
  const name = "<methodName>m</methodName>";
  const expected = { methodName: "m", params: [] };
  assertEquals(decodeCall(`<methodCall>${name}</methodCall>`), expected);
  assertEquals(
    decodeCall(`<methodCall>${name}<params/></methodCall>`),
    expected,
  );
});

Deno.test("decodeCall() takes <params> and <methodName> in either order", () => {
  assertEquals(
    decodeCall(
      "<methodCall><params><param><value>x</value></param></params><methodName>m</methodName></methodCall>",
    ),
    { methodName: "m", params: ["x"] },
  );
});

Deno.test("decodeCall() takes white space off the method name", () => {
  assertEquals(
    decodeCall(
      "<methodCall><methodName>\n a.b:c/d \t</methodName></methodCall>",
    ),
    { methodName: "a.b:c/d", params: [] },
  );
});

Deno.test("decodeCall() takes all that may stand around the root element", () => {
  const document = "\ufeff<?xml version=\"1.1\" standalone='yes' ?>\r\n" +
    `<!-- - a -><? --><?xml-stylesheet href="x"?>${call()}\n<!----><?x?>\n`;
  assertEquals(decodeCall(document), { methodName: "m", params: [] });
});

Deno.test("decodeCall() takes white space before the XML declaration", () => {
  const document = ` \n\t\r${DECLARATION}${call()}`;
  assertEquals(decodeCall(document), { methodName: "m", params: [] });
});

Deno.test("decodeResponse() leaves Object.prototype as it is", () => {
  const before = Reflect.ownKeys(Object.prototype);
  const value = decodeResponse(response(`<value>${
    struct(
      member("__proto__", struct(member("polluted", "<int>1</int>"))),
      member(
        "constructor",
        struct(member("prototype", struct(member("polluted", "<int>1</int>")))),
      ),
    )
  }</value>`));
  assertEquals(Reflect.ownKeys(Object.prototype), before);
  assertEquals((value as { polluted?: unknown }).polluted, undefined);
  assertEquals(({} as { polluted?: unknown }).polluted, undefined);
  assertStrictEquals(Object.getPrototypeOf(value), Object.prototype);
});

/** Runs with `__proto__` as browsers and Node have it, and Deno has not. */
function withProtoAccessor(run: () => void): void {
  const kept = Object.getOwnPropertyDescriptor(Object.prototype, "__proto__");
  Object.defineProperty(Object.prototype, "__proto__", {
    get() {
      return Object.getPrototypeOf(this);
    },
    set(prototype) {
      Object.setPrototypeOf(this, prototype);
    },
    configurable: true,
  });
  try {
    run();
  } finally {
    Reflect.deleteProperty(Object.prototype, "__proto__");
    if (kept) Object.defineProperty(Object.prototype, "__proto__", kept);
  }
}

Deno.test("decodeResponse() never sets a prototype, where __proto__ would", () => {
  const polluted = struct(member("polluted", "<int>1</int>"));
  const wire = `<value>${struct(member("__proto__", polluted))}</value>`;
  withProtoAccessor(() => {
    for (const decode of [decodeResponse, bytewise]) {
      const value = decode(response(wire)) as Record<string, unknown>;
      assertStrictEquals(Object.getPrototypeOf(value), Object.prototype);
      assertEquals(Object.keys(value), ["__proto__"]);
      assertEquals(value["polluted"], undefined);
      assertEquals(wireOf(value), wire);
    }
    const more = member("__proto__", polluted);
    const { members } = received(faultOf("<int>4</int>", more));
    assertStrictEquals(Object.getPrototypeOf(members), Object.prototype);
    assertEquals(Object.entries(members), [["__proto__", { polluted: 1 }]]);
  });
});

Deno.test("decodeResponse() refuses a second member named __proto__, where it is an accessor", () => {
  const one = member("__proto__", "x");
  withProtoAccessor(() => {
    const error = syntaxError(() =>
      decodeResponse(response(`<value>${struct(one, one)}</value>`))
    );
    assertEquals(error.path, "value.__proto__");
  });
});

Deno.test("encodeResponse() writes no inherited __proto__", () => {
  withProtoAccessor(() => {
    assertEquals(wireOf({}), "<value><struct></struct></value>");
  });
});

Deno.test("decodeResponse() gives a member named __proto__ that can be changed and deleted", () => {
  const value = decodeResponse(
    response(`<value>${struct(member("__proto__", "x"))}</value>`),
  );
  assertEquals(Object.getOwnPropertyDescriptor(value, "__proto__"), {
    value: "x",
    writable: true,
    enumerable: true,
    configurable: true,
  });
});

Deno.test("decodeResponse() tells any number of short names apart", () => {
  const names = Array.from({ length: 3000 }, (_, at) => `n${1000 + at}`);
  const value = Object.fromEntries(names.map((name, at) => [name, at]));
  assertEquals(decodeResponse(encodeResponse([value, value])), [value, value]);
});

Deno.test("decodeResponse() reads strings and base64 longer than its window", () => {
  const text = "ä€😀\n]]x".repeat(30_000);
  const bytes = Uint8Array.from({ length: 300_000 }, (_, at) => at * 11);
  const document = encodeResponse({ text, bytes });
  assertEquals(decodeResponse(document), { text, bytes });
});

Deno.test("decodeResponse() reads a comment, CDATA and an instruction longer than its window", () => {
  const long = "é-]?> ".repeat(30_000);
  const document = response(
    `<value><!--${long}--><![CDATA[${long}]]><?x ${
      long.replaceAll("?>", "? ")
    }?></value>`,
  );
  assertEquals(decodeResponse(document), long);
});

// ---------------------------------------------------------------- refused documents

// ‸ stands where the error is to be, and is no part of the document.
const PLACE = "‸";

function typed(type: string, text: string): string {
  return call(`<value>${PLACE}<${type}>${text}</${type}></value>`);
}

function valueOf(inner: string): string {
  return call(`<value>${inner}</value>`);
}

function unreadable(text: string, type: string, expected: string): string {
  return `Cannot read ${JSON.stringify(text)} as ${type}: expected ${expected}`;
}

function tooLarge(text: string, type: string, range: string): string {
  return `Cannot read ${
    JSON.stringify(text)
  } as ${type}: it does not fit into ${range}`;
}

const SAFE_RANGE = "2^53; its sender needs i8 or string";
const EXPECTED_DATE =
  "a possible date such as 19980717T14:08:55; the option dateTime reads others";
const EXPECTED_BASE64 = "letters, digits, + and /, and = at the end";
const EXPECTED_DECLARATION =
  'Expected an XML declaration such as <?xml version="1.0" encoding="UTF-8"?>';
const EXPECTED_NAME =
  "Expected an element name after <: write < in text as &lt;";
const BARE = "A bare &: write it as &amp;";
const IN_TAG = "The document ends inside a tag or reference";
const P0 = "params[0]";

type Row = readonly [
  document: string,
  kind: "malformed" | "invalid",
  message: string,
  path?: string,
];

const MALFORMED: readonly Row[] = [
  ["‸", "malformed", "The document is empty"],
  ["  \n‸", "malformed", "The document is empty"],
  ["<!-- x -->‸", "malformed", "The document is empty"],
  ["‸hello", "malformed", 'Text outside the root element: "hello"'],
  [`${call()}‸x`, "malformed", 'Text outside the root element: "x"'],
  [`${call()}‸<methodCall/>`, "malformed", "A second root element"],
  [
    `${call()}‸<!DOCTYPE x>`,
    "malformed",
    "A document type declaration in or behind the root element",
  ],
  [
    "<methodCall>‸<!DOCTYPE x><methodName>m</methodName></methodCall>",
    "malformed",
    "A document type declaration in or behind the root element",
  ],
  ["‸&amp;<methodCall/>", "malformed", "A reference outside the root element"],
  [
    "‸<![CDATA[x]]><methodCall/>",
    "malformed",
    "CDATA outside the root element",
  ],
  ["‸<", "malformed", IN_TAG],
  ["‸<methodCall", "malformed", IN_TAG],
  ["‸<methodCall a='>", "malformed", IN_TAG],
  ["‸<!-", "malformed", IN_TAG],
  ["‸<!DOC", "malformed", IN_TAG],
  ["‸<?xm", "malformed", IN_TAG],
  ["‸<?xml version='1.0'", "malformed", IN_TAG],
  [
    "<methodCall>‸</methodCal",
    "malformed",
    "The document ends inside <methodCall>",
  ],
  ["<methodCall>‸&am", "malformed", "The document ends inside <methodCall>"],
  ["<methodCall>‸", "malformed", "The document ends inside <methodCall>"],
  ["<methodCall><!-- x‸", "malformed", "The document ends inside a comment"],
  [
    "<methodCall><![CDATA[‸",
    "malformed",
    "The document ends inside a CDATA section",
  ],
  [
    "<methodCall><?x y‸?",
    "malformed",
    "The document ends inside a processing instruction",
  ],
  ["‸</methodCall>", "malformed", "</methodCall> without a start tag"],
  [
    "<methodCall>‸</methodcall>",
    "malformed",
    "Expected </methodCall>, found </methodcall>",
  ],
  [
    "<methodCall>‸</methodCall x>",
    "malformed",
    "Expected </methodCall>, found </methodCall x>",
  ],
  [
    "<methodCall><methodName>m‸</methodCall>",
    "malformed",
    "Expected </methodName>, found </methodCall>",
  ],
  [
    valueOf("<int>1‸</string>"),
    "malformed",
    "Expected </int>, found </string>",
    P0,
  ],
  ["‸<1/>", "malformed", '"1" is no element name'],
  ["‸< methodCall>", "malformed", EXPECTED_NAME],
  ["‸<1></1>", "malformed", '"1" is no element name'],
  [
    "<methodCall>‸<-a></-a></methodCall>",
    "malformed",
    '"-a" is no element name',
  ],
  [valueOf("a ‸< b"), "malformed", EXPECTED_NAME, P0],
  ["‸<methodCall<", "malformed", "< within a tag"],
  [valueOf("‸<string a='<'/>"), "malformed", "< within a tag", P0],
  [
    valueOf("‸<string a=1/>"),
    "malformed",
    'Attribute "a" needs a value in quotes',
    P0,
  ],
  [
    valueOf("‸<string a/>"),
    "malformed",
    'Attribute "a" needs a value in quotes',
    P0,
  ],
  [
    valueOf("‸<string a='1' a='2'/>"),
    "malformed",
    'Attribute "a" stands twice in one tag',
    P0,
  ],
  [
    valueOf("‸<string a='&'/>"),
    "malformed",
    "A bare & in an attribute: write it as &amp;",
    P0,
  ],
  [
    valueOf("‸<string a='&foo;'/>"),
    "malformed",
    'Unknown reference "&foo;": write & as &amp;',
    P0,
  ],
  [
    valueOf("‸<string a='1'b='2'/>"),
    "malformed",
    "Expected an attribute or > in <string>",
    P0,
  ],
  [
    valueOf("‸<string/ >"),
    "malformed",
    "Expected an attribute or > in <string>",
    P0,
  ],
  [
    valueOf("<string‸\x01>"),
    "malformed",
    "The control character U+0001, which XML does not allow",
    P0,
  ],
  [
    "‸<methodCall×/>",
    "malformed",
    "Expected an attribute or > in <methodCall>",
  ],
  [
    valueOf("‸&foo;"),
    "malformed",
    'Unknown reference "&foo;": write & as &amp;',
    P0,
  ],
  [
    valueOf("‸&#;"),
    "malformed",
    'Unknown reference "&#;": write & as &amp;',
    P0,
  ],
  [
    valueOf("‸&#x;"),
    "malformed",
    'Unknown reference "&#x;": write & as &amp;',
    P0,
  ],
  [valueOf("‸&#0;"), "malformed", '"&#0;" is no XML character', P0],
  [valueOf("‸&#8;"), "malformed", '"&#8;" is no XML character', P0],
  [valueOf("‸&#xD800;"), "malformed", '"&#xD800;" is no XML character', P0],
  [valueOf("‸&#xFFFE;"), "malformed", '"&#xFFFE;" is no XML character', P0],
  [valueOf("‸&#x110000;"), "malformed", '"&#x110000;" is no XML character', P0],
  [valueOf("a ‸& b"), "malformed", BARE, P0],
  [valueOf("<string>a‸&b</string>"), "malformed", BARE, P0],
  [valueOf("a]]‸>"), "malformed", "]]> in text: write > as &gt;", P0],
  [
    valueOf("a‸\0"),
    "malformed",
    "The control character U+0000, which XML does not allow",
    P0,
  ],
  [
    valueOf("<![CDATA[a‸\x1f"),
    "malformed",
    "The control character U+001F, which XML does not allow",
    P0,
  ],
  [
    valueOf("‸\ufffe"),
    "malformed",
    "U+FFFE and U+FFFF are no XML characters",
    P0,
  ],
  [valueOf("<!-- a ‸-- b -->"), "malformed", "-- within a comment", P0],
  [valueOf("<!-- a ‸--->"), "malformed", "-- within a comment", P0],
  [
    valueOf("‸<?xml version='1.0'?>"),
    "malformed",
    'A processing instruction must not be named "xml"',
    P0,
  ],
  [
    valueOf("‸<?XML x?>"),
    "malformed",
    'A processing instruction must not be named "XML"',
    P0,
  ],
  [
    valueOf("‸<? x?>"),
    "malformed",
    'A processing instruction must not be named ""',
    P0,
  ],
  [
    valueOf("‸<?xsl"),
    "malformed",
    "<? that starts no processing instruction",
    P0,
  ],
  ["‸<?xml?><methodCall/>", "malformed", EXPECTED_DECLARATION],
  ["‸<?xml version='2.0'?><methodCall/>", "malformed", EXPECTED_DECLARATION],
  ["‸<?xml encoding='UTF-8'?><methodCall/>", "malformed", EXPECTED_DECLARATION],
  [
    "‸<?xml version='1.0' ?x><methodCall/>",
    "malformed",
    "An XML declaration must end with ?>",
  ],
  [
    "<!-- x -->‸<?xml version='1.0'?><methodCall/>",
    "malformed",
    'A processing instruction must not be named "xml"',
  ],
  [
    "‸<!ELEMENT a>",
    "malformed",
    "<! that starts no comment and no CDATA section",
  ],
  [
    valueOf("<string>a‸</value>"),
    "malformed",
    "Expected </string>, found </value>",
    P0,
  ],
  [valueOf("‸<1:a/>"), "malformed", '"1:a" is no element name', P0],
  [
    `<methodCall>‸</x${"é".repeat(50)}>`,
    "malformed",
    `Expected </methodCall>, found </x${"é".repeat(39)}…>`,
  ],
  [
    "<methodCall>‸</foo\nbar>",
    "malformed",
    "Expected </methodCall>, found </foo\\nbar>",
  ],
];

const INVALID: readonly Row[] = [
  [
    "‸<!DOCTYPE methodCall><methodCall/>",
    "invalid",
    "A document type declaration: none is accepted, for safety",
  ],
  ["‸<methodCall/>", "invalid", "<methodCall> must contain a <methodName>"],
  [
    "‸<methodCall><params/></methodCall>",
    "invalid",
    "<methodCall> must contain a <methodName>",
  ],
  [
    "‸<methodResponse/>",
    "invalid",
    "Expected <methodCall>, found <methodResponse>",
  ],
  ["‸<value/>", "invalid", "Unexpected <value> as the root element"],
  ["‸<html><body>Not found</body></html>", "invalid", "Unknown element <html>"],
  ["‸<MethodCall></MethodCall>", "invalid", "Unknown element <MethodCall>"],
  [
    "<methodCall>‸text<methodName>m</methodName></methodCall>",
    "invalid",
    'Text "text" in <methodCall>',
  ],
  [
    "<methodCall>‸<methodName/></methodCall>",
    "invalid",
    "A method name must not be empty",
  ],
  [
    "<methodCall>‸<methodName> \n</methodName></methodCall>",
    "invalid",
    "A method name must not be empty",
  ],
  [
    "<methodCall>‸<methodName>a b</methodName></methodCall>",
    "invalid",
    `${METHOD_NAME_FLAW} "a b"`,
  ],
  [
    "<methodCall>‸<methodName>a&#10;b</methodName></methodCall>",
    "invalid",
    `${METHOD_NAME_FLAW} "a\\nb"`,
  ],
  [
    "<methodCall><methodName>a‸<b/></methodName></methodCall>",
    "invalid",
    "Unknown element <b>",
  ],
  [
    "<methodCall><methodName>a</methodName>‸<methodName>b</methodName></methodCall>",
    "invalid",
    "A second <methodName>",
  ],
  [
    "<methodCall><methodName>a</methodName><params/>‸<params/></methodCall>",
    "invalid",
    "A second <params>",
  ],
  [
    "<methodCall><methodName>a</methodName>‸<fault/></methodCall>",
    "invalid",
    "Unexpected <fault> in <methodCall>",
  ],
  [
    call("<value/>").replace("<param>", "‸").replace("</param>", ""),
    "invalid",
    "Unexpected <value> in <params>",
  ],
  [
    call("<value/>", "").replace("<param></param>", "‸<param></param>"),
    "invalid",
    "<param> must contain a <value>",
    "params[1]",
  ],
  [
    call("<value/>‸<value/>"),
    "invalid",
    "More than one element in <param>",
    P0,
  ],
  [call("‸<int>1</int>"), "invalid", "Unexpected <int> in <param>", P0],
  [typed("int", "x"), "invalid", unreadable("x", "int", "an integer"), P0],
  [typed("int", ""), "invalid", unreadable("", "int", "an integer"), P0],
  [typed("int", "-"), "invalid", unreadable("-", "int", "an integer"), P0],
  [typed("int", "1.5"), "invalid", unreadable("1.5", "int", "an integer"), P0],
  [
    typed("int", "0x10"),
    "invalid",
    unreadable("0x10", "int", "an integer"),
    P0,
  ],
  [typed("int", "1e3"), "invalid", unreadable("1e3", "int", "an integer"), P0],
  [typed("i4", "1 2"), "invalid", unreadable("1 2", "int", "an integer"), P0],
  [
    typed("int", "\u00a01"),
    "invalid",
    unreadable("\u00a01", "int", "an integer"),
    P0,
  ],
  [
    typed("int", "9007199254740992"),
    "invalid",
    tooLarge("9007199254740992", "int", SAFE_RANGE),
    P0,
  ],
  [
    typed("int", "-9007199254740992"),
    "invalid",
    tooLarge("-9007199254740992", "int", SAFE_RANGE),
    P0,
  ],
  [
    typed("int", "9".repeat(50)),
    "invalid",
    tooLarge(`${"9".repeat(40)}…`, "int", SAFE_RANGE),
    P0,
  ],
  [typed("i1", "128"), "invalid", tooLarge("128", "i1", "8 bits"), P0],
  [typed("i1", "-129"), "invalid", tooLarge("-129", "i1", "8 bits"), P0],
  [typed("i2", "32768"), "invalid", tooLarge("32768", "i2", "16 bits"), P0],
  [
    typed("i8", "9223372036854775808"),
    "invalid",
    tooLarge("9223372036854775808", "i8", "64 bits"),
    P0,
  ],
  [typed("i8", "1.0"), "invalid", unreadable("1.0", "i8", "an integer"), P0],
  [
    typed("biginteger", ""),
    "invalid",
    unreadable("", "biginteger", "an integer"),
    P0,
  ],
  [
    typed("bigdecimal", "NaN"),
    "invalid",
    unreadable("NaN", "bigdecimal", "a decimal number"),
    P0,
  ],
  [
    typed("double", "1,5"),
    "invalid",
    unreadable("1,5", "double", "a number"),
    P0,
  ],
  [typed("double", ""), "invalid", unreadable("", "double", "a number"), P0],
  [typed("double", "."), "invalid", unreadable(".", "double", "a number"), P0],
  [
    typed("double", "1.2.3"),
    "invalid",
    unreadable("1.2.3", "double", "a number"),
    P0,
  ],
  [
    typed("double", "1e999"),
    "invalid",
    tooLarge("1e999", "double", "a double"),
    P0,
  ],
  [typed("boolean", "2"), "invalid", unreadable("2", "boolean", "0 or 1"), P0],
  [typed("boolean", ""), "invalid", unreadable("", "boolean", "0 or 1"), P0],
  [
    typed("boolean", "TRUE"),
    "invalid",
    unreadable("TRUE", "boolean", "0 or 1"),
    P0,
  ],
  [
    typed("dateTime.iso8601", ""),
    "invalid",
    unreadable("", "dateTime.iso8601", EXPECTED_DATE),
    P0,
  ],
  [
    typed("dateTime.iso8601", "yesterday"),
    "invalid",
    unreadable("yesterday", "dateTime.iso8601", EXPECTED_DATE),
    P0,
  ],
  [
    typed("dateTime.iso8601", "19980230T00:00:00"),
    "invalid",
    unreadable("19980230T00:00:00", "dateTime.iso8601", EXPECTED_DATE),
    P0,
  ],
  [
    typed("base64", "QQ="),
    "invalid",
    unreadable("QQ=", "base64", EXPECTED_BASE64),
    P0,
  ],
  [
    typed("base64", "Q"),
    "invalid",
    unreadable("Q", "base64", EXPECTED_BASE64),
    P0,
  ],
  [
    typed("base64", "QQ-_"),
    "invalid",
    unreadable("QQ-_", "base64", EXPECTED_BASE64),
    P0,
  ],
  [valueOf("<nil>‸x</nil>"), "invalid", 'Text "x" in <nil>', P0],
  [
    valueOf("<nil>‸<int>1</int></nil>"),
    "invalid",
    "Unexpected <int> in <nil>",
    P0,
  ],
  [
    valueOf("<string>a‸<int>1</int></string>"),
    "invalid",
    "Unexpected <int> in <string>",
    P0,
  ],
  [
    valueOf("<int>1</int>‸<int>2</int>"),
    "invalid",
    "More than one element in <value>",
    P0,
  ],
  [valueOf("‸<value/>"), "invalid", "Unexpected <value> in <value>", P0],
  [
    call("‸<value>text<int>1</int></value>"),
    "invalid",
    'Text "text" beside the type in <value>',
    P0,
  ],
  [
    call("‸<value><int>1</int>text</value>"),
    "invalid",
    'Text "text" beside the type in <value>',
    P0,
  ],
  [valueOf("‸<foo/>"), "invalid", "Unknown element <foo>", P0],
  [valueOf("‸<é/>"), "invalid", "Unknown element <é>", P0],
  [valueOf("‸<i16>5</i16>"), "invalid", "Unknown element <i16>", P0],
  [valueOf("‸<x:nil/>"), "invalid", "Unknown element <x:nil>", P0],
  [valueOf("‸<ex:int>1</ex:int>"), "invalid", "Unknown element <ex:int>", P0],
  [
    valueOf("‸<ex:nil xmlns:ex='urn:other'/>"),
    "invalid",
    "Unknown element <ex:nil>",
    P0,
  ],
  [
    valueOf("‸<ex:serializable>AA==</ex:serializable>"),
    "invalid",
    "Unknown element <ex:serializable>",
    P0,
  ],
  [
    valueOf("<array>‸<value/></array>"),
    "invalid",
    "Unexpected <value> in <array>",
    P0,
  ],
  [
    valueOf("<array><data/>‸<data/></array>"),
    "invalid",
    "More than one element in <array>",
    P0,
  ],
  [
    valueOf("<array><data><value/>‸x</data></array>"),
    "invalid",
    'Text "x" in <data>',
    P0,
  ],
  [valueOf("<struct>‸x</struct>"), "invalid", 'Text "x" in <struct>', P0],
  [
    valueOf("<struct>‸<value/></struct>"),
    "invalid",
    "Unexpected <value> in <struct>",
    P0,
  ],
  [
    valueOf("<struct>‸<member><name>a</name></member></struct>"),
    "invalid",
    "<member> must contain a <value>",
    "params[0].a",
  ],
  [
    valueOf("<struct>‸<member><value/></member></struct>"),
    "invalid",
    "<member> must contain a <name>",
    P0,
  ],
  [
    valueOf(
      "<struct><member><name>a</name>‸<name>b</name><value/></member></struct>",
    ),
    "invalid",
    "A second <name> in <member>",
    "params[0].a",
  ],
  [
    valueOf(
      "<struct><member><name>a</name><value/>‸<value/></member></struct>",
    ),
    "invalid",
    "A second <value> in <member>",
    "params[0].a",
  ],
  [
    valueOf(`<struct>${member("a", "1")}‸${member("a", "2")}</struct>`),
    "invalid",
    'A second member named "a"',
    "params[0].a",
  ],
  [
    valueOf(
      `<struct>${member("__proto__", "1")}‸${
        member("__proto__", "2")
      }</struct>`,
    ),
    "invalid",
    'A second member named "__proto__"',
    "params[0].__proto__",
  ],
  [
    valueOf(
      `<struct>${
        member(
          "rows",
          `<array><data><value/><value>${
            struct(member("a b", "‸<int>z</int>"))
          }</value></data></array>`,
        )
      }</struct>`,
    ),
    "invalid",
    unreadable("z", "int", "an integer"),
    'params[0].rows[1]["a b"]',
  ],
  [
    call(
      "<value/>",
      `<value><array><data><value/>‸<int>1</int></data></array></value>`,
    ),
    "invalid",
    "Unexpected <int> in <data>",
    "params[1]",
  ],
];

for (const [marked, kind, message, path = ""] of [...MALFORMED, ...INVALID]) {
  const title = JSON.stringify(
    marked.length > 200 ? `${marked.slice(0, 200)}…` : marked,
  );
  const [before, after] = marked.split(PLACE) as [string, string];
  const document = before + after;

  Deno.test(`decodeCall() says what is wrong in ${title}`, () => {
    const error = syntaxError(() => decodeCall(document));
    const lines = before.split("\n");
    const expected = {
      name: "XmlRpcSyntaxError",
      kind,
      message: `${message}${
        path === "" ? "" : ` at ${path}`
      } (line ${lines.length}, column ${bytesOf(lines.at(-1)!).length + 1})`,
      offset: bytesOf(before).length,
      line: lines.length,
      column: bytesOf(lines.at(-1)!).length + 1,
      path,
    };
    const { name, offset, line, column } = error;
    assertEquals({
      name,
      kind: error.kind,
      message: error.message,
      offset,
      line,
      column,
      path: error.path,
    }, expected);
  });

  Deno.test(`createCallDecoder() finds the same in single bytes of ${title}`, () => {
    const decoder = createCallDecoder();
    const error = syntaxError(() => {
      for (const byte of bytesOf(document)) decoder.push(Uint8Array.of(byte));
      decoder.end();
    });
    assertEquals([error.kind, error.path], [kind, path]);
    if (kind === "malformed") {
      const { line, column } = syntaxError(() => decodeCall(document));
      assertEquals([error.line, error.column], [line, column]);
    }
    // Of what it quotes, only a part may have come.
    const [start] = message.split(/"|<\/|…/) as [string];
    assertEquals(error.message.slice(0, start.length), start);
  });
}

const REFUSED_RESPONSES: readonly [document: string, message: string][] = [
  [
    "<methodCall/>",
    "Expected <methodResponse>, found <methodCall> (line 1, column 1)",
  ],
  [
    response("<value><int>z</int></value>"),
    `${unreadable("z", "int", "an integer")} at value (line 1, column 39)`,
  ],
  [
    response(
      "<value><array><data><value/><value><int>z</int></value></data></array></value>",
    ),
    `${unreadable("z", "int", "an integer")} at value[1] (line 1, column 67)`,
  ],
  [
    response("<value/></param><param><value/>"),
    "A response must have one <param>, not 2 (line 1, column 17)",
  ],
  [
    "<methodResponse><params/><params/></methodResponse>",
    "<methodResponse> must contain one <params> or one <fault> (line 1, column 26)",
  ],
  [
    `${fault("x").replace("</methodResponse>", "")}<params/></methodResponse>`,
    '<fault> must contain a struct, not "x" at fault (line 1, column 17)',
  ],
  [
    "<methodResponse><methodName>m</methodName></methodResponse>",
    "Unexpected <methodName> in <methodResponse> (line 1, column 17)",
  ],
];

for (const [document, message] of REFUSED_RESPONSES) {
  Deno.test(`decodeResponse() says what is wrong in ${document}`, () => {
    assertEquals(syntaxError(() => decodeResponse(document)).message, message);
  });
}

Deno.test("decodeCall() counts lines, and bytes of UTF-8 for columns", () => {
  const document = '<?xml version="1.0"?>\r\n<methodCall>\n' +
    "  <methodName>é€</methodName>\n<params><param><value>😀\n" +
    "é€<ant/></value></param></params></methodCall>";

  const error = syntaxError(() => decodeCall(document));

  const before = bytesOf(document.slice(0, document.indexOf("<ant/>")));
  assertEquals(
    [error.line, error.column, error.offset],
    [5, 6, before.length],
  );
});

Deno.test("decodeCall() counts in UTF-8 whatever the document is in", () => {
  const document = `<methodCall>\n<methodName>é</methodName><x/></methodCall>`;
  const bytes = Uint8Array.from(
    document,
    (character) => character.charCodeAt(0),
  );
  const error = syntaxError(() =>
    decodeCall(bytes, { contentType: "text/xml; charset=iso-8859-1" })
  );
  assertEquals(
    [error.message, error.offset],
    ["Unknown element <x> (line 2, column 28)", 40],
  );
});

Deno.test("decodeCall() knows line and column far into a document", () => {
  const rows = "<value><int>1</int></value>\n".repeat(20_000);
  const document = valueOf(
    `<array><data>${rows}<value><int>x</int></value></data></array>`,
  );
  const error = syntaxError(() => decodeCall(document));
  assertEquals(
    error.message,
    `${
      unreadable("x", "int", "an integer")
    } at params[0][20000] (line 20001, column 8)`,
  );
  assertEquals(error.offset, document.indexOf("<int>x"));
});

Deno.test("createCallDecoder() knows line and column of what came in many pieces", () => {
  const decoder = createCallDecoder();
  const error = syntaxError(() => {
    for (const byte of bytesOf(valueOf("a\nb\ncd&#0;"))) {
      decoder.push(Uint8Array.of(byte));
    }
  });
  assertEquals(
    error.message,
    '"&#0;" is no XML character at params[0] (line 3, column 3)',
  );
});

Deno.test("decodeCall() calls a document invalid only if it is well-formed", () => {
  const invalid = valueOf("<foo/>");
  assertEquals(syntaxError(() => decodeCall(invalid)).kind, "invalid");
  const truncated = invalid.slice(0, -1);
  assertEquals(syntaxError(() => decodeCall(truncated)).kind, "malformed");
});

Deno.test("decodeCall() reports the first of several faults of an invalid document", () => {
  const document = call("<value><int>a</int></value>", "<value><foo/></value>");
  assertEquals(
    syntaxError(() => decodeCall(document)).message,
    `${unreadable("a", "int", "an integer")} at params[0] (line 1, column 61)`,
  );
});

Deno.test("decodeCall() keeps messages short, whatever the document holds", () => {
  const long = "x".repeat(3000);
  const documents = [
    long,
    `<${long}/>`,
    `<methodCall></${long}>`,
    `<methodCall ${long}/>`,
    `<methodCall a="1" ${long}="1" ${long}="1"/>`,
    `<?${long}`,
    `<methodCall>${long}</methodCall>`,
    `<methodCall>&${long};</methodCall>`,
    `<methodCall><methodName>${long} </methodName><methodName>`,
    `<methodCall><methodName> ${long} x</methodName></methodCall>`,
    valueOf(`<int>${long}</int>`),
    valueOf(`<base64>!${long}</base64>`),
    valueOf(`${long}<int>1</int>`),
    valueOf(struct(member(`${long} `, "<int>x</int>"))),
  ];
  for (const document of documents) {
    const { message } = syntaxError(() => decodeCall(document));
    assert(message.length < 300, message);
  }
});

Deno.test("decodeCall() keeps messages short, however long the names in the path", () => {
  const long = "x".repeat(3000);
  const document = valueOf(struct(member(long, "<int>z</int>")));
  const { message } = syntaxError(() => decodeCall(document));
  assert(message.length < 300, `${message.length} characters`);
});

Deno.test("createCallDecoder() names the whole wrong end tag, however the document is cut", () => {
  const decoder = createCallDecoder();
  const error = syntaxError(() => {
    for (const byte of bytesOf(valueOf("<int>1</string>"))) {
      decoder.push(Uint8Array.of(byte));
    }
  });
  assertEquals(
    error.message,
    "Expected </int>, found </string> at params[0] (line 1, column 67)",
  );
});

Deno.test("decodeCall() refuses a text with a lone surrogate, and says where", () => {
  const error = syntaxError(() =>
    decodeCall(`<methodCall>\n<methodName>\ud800</methodName></methodCall>`)
  );
  assertEquals(
    [error.kind, error.message, error.offset],
    [
      "malformed",
      "A lone surrogate in the document's text (line 2, column 13)",
      25,
    ],
  );
});

Deno.test("decodeCall() takes text for text, whatever its declaration says", () => {
  const declaration = '<?xml version="1.0" encoding="UTF-16"?>';
  const document = `${declaration}${valueOf("é€😀")}`;
  assertEquals(decodeCall(document).params, ["é€😀"]);
  assertEquals(
    decodeCall(document, { contentType: "text/xml; charset=iso-8859-1" })
      .params,
    ["é€😀"],
  );
});

Deno.test("decodeCall() and decodeResponse() refuse what is neither text nor bytes", () => {
  for (const document of [undefined, null, 5, {}, [60], new ArrayBuffer(1)]) {
    for (const decode of [decodeCall, decodeResponse]) {
      const error = assertThrows(() => decode(document as never), TypeError);
      assertEquals(
        error.message,
        "Cannot decode: expected the document as a string or a Uint8Array",
      );
    }
  }
});

// ---------------------------------------------------------------- limits

interface Limit {
  readonly option:
    | "maxBytes"
    | "maxDepth"
    | "maxNameBytes"
    | "maxTagBytes"
    | "maxValues";
  readonly what: string;
  readonly message: string;
  /** A response that needs the limit to be so high. */
  readonly document: (limit: number) => string;
}

const NEST = "Arrays and structs nest too deeply";
const LONG_TAG = "A tag or reference is too long";

function longText(type: string): Omit<Limit, "what" | "document"> {
  return {
    option: "maxNameBytes",
    message: `The text of <${type}> is too long`,
  };
}

const LIMITS: readonly Limit[] = [
  {
    option: "maxBytes",
    what: "a document",
    message: "The document is too long",
    document: (limit) => response("<value/>").padEnd(limit, "\n"),
  },
  {
    option: "maxDepth",
    what: "arrays",
    message: NEST,
    document: (limit) =>
      response(
        `${"<value><array><data>".repeat(limit)}<value/>${
          "</data></array></value>".repeat(limit)
        }`,
      ),
  },
  {
    option: "maxDepth",
    what: "structs",
    message: NEST,
    document: (limit) =>
      response(
        `${"<value><struct><member><name>a</name>".repeat(limit)}<value/>${
          "</member></struct></value>".repeat(limit)
        }`,
      ),
  },
  {
    option: "maxValues",
    what: "values of an array",
    message: "Too many values",
    document: (limit) =>
      response(
        `<value><array><data>${
          "<value><int>1</int></value>".repeat(limit - 1)
        }</data></array></value>`,
      ),
  },
  {
    option: "maxValues",
    what: "untyped values",
    message: "Too many values",
    document: (limit) =>
      response(
        `<value><array><data>${
          "<value/><value></value>".repeat((limit - 1) / 2)
        }${limit % 2 === 0 ? "<value>x</value>" : ""}</data></array></value>`,
      ),
  },
  {
    option: "maxValues",
    what: "members",
    message: "Too many values",
    document: (limit) =>
      response(
        `<value>${
          struct(
            ...Array.from(
              { length: limit - 1 },
              (_, at) => member(`m${at}`, "<int>1</int>"),
            ),
          )
        }</value>`,
      ),
  },
  {
    ...longText("name"),
    what: "a member name",
    document: (limit) =>
      response(`<value>${struct(member("n".repeat(limit), "x"))}</value>`),
  },
  {
    ...longText("name"),
    what: "a member name of a scalar",
    document: (limit) =>
      response(
        `<value>${struct(member("n".repeat(limit), "<int>1</int>"))}</value>`,
      ),
  },
  {
    ...longText("name"),
    what: "a member name of a scalar, in characters of two bytes",
    document: (limit) =>
      response(`<value>${
        struct(
          member("é".repeat(limit / 2) + "n".repeat(limit % 2), "<int>1</int>"),
        )
      }</value>`),
  },
  {
    ...longText("int"),
    what: "an int",
    document: (limit) =>
      response(`<value><int>${"1".padStart(limit, "0")}</int></value>`),
  },
  {
    ...longText("double"),
    what: "a double with white space",
    document: (limit) =>
      response(`<value><double>${"1".padEnd(limit)}</double></value>`),
  },
  {
    ...longText("boolean"),
    what: "a boolean",
    document: (limit) =>
      response(`<value><boolean>${"1".padEnd(limit)}</boolean></value>`),
  },
  {
    ...longText("dateTime.iso8601"),
    what: "a date",
    document: (limit) =>
      response(`<value>${dated("19980717T14:08:55".padEnd(limit))}</value>`),
  },
  {
    ...longText("biginteger"),
    what: "a biginteger",
    document: (limit) =>
      response(
        `<value><ex:biginteger>${"7".repeat(limit)}</ex:biginteger></value>`,
      ),
  },
  {
    option: "maxTagBytes",
    what: "a tag with an attribute",
    message: LONG_TAG,
    document: (limit) =>
      response(`<value a="${"x".repeat(limit - '<value a="">'.length)}"/>`)
        .replace("/>", "></value>"),
  },
  {
    option: "maxTagBytes",
    what: "an empty-element tag",
    message: LONG_TAG,
    document: (limit) => response(`<value${" ".repeat(limit - 8)}/>`),
  },
  {
    option: "maxTagBytes",
    what: "an end tag",
    message: LONG_TAG,
    document: (limit) => response(`<value></value${" ".repeat(limit - 8)}>`),
  },
  {
    option: "maxTagBytes",
    what: "a reference",
    message: LONG_TAG,
    document: (limit) =>
      response(`<value>&#${"65".padStart(limit - 3, "0")};</value>`),
  },
  {
    option: "maxTagBytes",
    what: "an XML declaration",
    message: LONG_TAG,
    document: (limit) =>
      `<?xml version="1.0"${" ".repeat(limit - 21)}?>${response("<value/>")}`,
  },
];

const DEFAULTS = { maxDepth: 256, maxNameBytes: 4096, maxTagBytes: 16_384 };

for (const { option, what, message, document } of LIMITS) {
  // Longer than the document's other tags, and than the document without filling.
  const given = option === "maxBytes" ? 200 : 60;

  Deno.test(`decodeResponse() takes ${what} at the limit ${option}`, () => {
    const text = document(given);
    decodeResponse(text, { [option]: given });
    bytewise(text, { [option]: given });
  });

  Deno.test(`decodeResponse() refuses ${what} beyond the limit ${option}`, () => {
    const text = document(given + 1);
    const expected = `${message}: the limit ${option} is ${given}`;
    for (const decode of [decodeResponse, bytewise]) {
      const error = syntaxError(() => decode(text, { [option]: given }));
      assertEquals(error.kind, "limit");
      assertEquals(error.message.slice(0, expected.length), expected);
    }
  });

  Deno.test(`decodeResponse() refuses ${what} far beyond the limit ${option}`, () => {
    const text = document(given + 1000);
    const expected = `${message}: the limit ${option} is ${given}`;
    for (const decode of [decodeResponse, bytewise]) {
      const error = syntaxError(() => decode(text, { [option]: given }));
      assertEquals(error.kind, "limit");
      assertEquals(error.message.slice(0, expected.length), expected);
    }
  });

  const preset = (DEFAULTS as Partial<Record<string, number>>)[option];
  if (preset === undefined) continue;

  Deno.test(`decodeResponse() limits ${what} to a ${option} of ${preset} by default`, () => {
    decodeResponse(document(preset));
    assertEquals(
      syntaxError(() => decodeResponse(document(preset + 1))).kind,
      "limit",
    );
  });
}

Deno.test("createResponseDecoder() limits a document to 256 MiB by default", () => {
  const decoder = createResponseDecoder();
  const piece = new Uint8Array(2 ** 24).fill(0x20);
  for (let count = 0; count < 16; count++) decoder.push(piece);
  const error = syntaxError(() => decoder.push(Uint8Array.of(0x20)));
  assertEquals(
    [error.kind, error.message.slice(0, 57)],
    ["limit", "The document is too long: the limit maxBytes is 268435456"],
  );
});

Deno.test("createResponseDecoder() limits values to ten million by default", () => {
  const million = bytesOf("<value><i4>1</i4></value>".repeat(1_000_000));
  const decoder = createResponseDecoder();
  decoder.push(bytesOf("<methodResponse><params><param><value><array><data>"));
  // The array is a value, too.
  decoder.push(million.subarray("<value><i4>1</i4></value>".length));
  for (let count = 1; count < 10; count++) decoder.push(million);
  const error = syntaxError(() => decoder.push(bytesOf("<value/>")));
  assertEquals(
    [error.kind, error.message.slice(0, 48)],
    ["limit", "Too many values: the limit maxValues is 10000000"],
  );
});

Deno.test("decodeCall() limits the length of the method name", () => {
  const document = (length: number) =>
    `<methodCall><methodName>${"m".repeat(length)}</methodName></methodCall>`;
  decodeCall(document(4096));
  const error = syntaxError(() => decodeCall(document(4097)));
  assertEquals(
    error.message,
    "The text of <methodName> is too long: the limit maxNameBytes is 4096 (line 1, column 25)",
  );
});

Deno.test("decodeResponse() names the place and the path of what is beyond a limit", () => {
  const document = response(
    `<value>${
      struct(
        member("rows", "<array><data><value><array/></value></data></array>"),
      )
    }</value>`,
  );
  const error = syntaxError(() => decodeResponse(document, { maxDepth: 2 }));
  const offset = document.indexOf("<array/>");
  assertEquals(
    { ...error },
    {
      name: "XmlRpcSyntaxError",
      kind: "limit",
      offset,
      line: 1,
      column: offset + 1,
      path: "value.rows[0]",
    },
  );
  assertEquals(
    error.message,
    `${NEST}: the limit maxDepth is 2 at value.rows[0] (line 1, column ${
      offset + 1
    })`,
  );
});

Deno.test("decodeResponse() limits neither strings nor base64 but by maxBytes", () => {
  const text = "AAAA".repeat(5000);
  const document = response(
    `<value><array><data><value>${text}</value><value><string>${text}</string></value><value><base64>${text}</base64></value></data></array></value>`,
  );
  assertEquals(
    decodeResponse(document),
    [text, text, new Uint8Array(15_000)],
  );
});

Deno.test("decodeResponse() takes siblings for no nesting", () => {
  const siblings =
    "<value><array><data/></array></value><value><struct/></value>".repeat(5);
  const document = response(
    `<value><array><data>${siblings}</data></array></value>`,
  );
  assertEquals(
    (decodeResponse(document, { maxDepth: 2 }) as unknown[]).length,
    10,
  );
});

Deno.test("decodeResponse() nests without end where the option lets it", () => {
  const depth = 200_000;
  const document = response(
    `${"<value><array><data>".repeat(depth)}<value>x</value>${
      "</data></array></value>".repeat(depth)
    }`,
  );
  let value: unknown = decodeResponse(document, { maxDepth: depth });
  let levels = 0;
  while (Array.isArray(value)) {
    value = value[0];
    levels++;
  }
  assertEquals([value, levels], ["x", depth]);
});

Deno.test("decodeResponse() counts the limit maxBytes in the document's own bytes", () => {
  const text = `\ufeff${response("<value>é</value>")}`;
  const utf16 = utf16le(text);
  assertEquals(decodeResponse(utf16, { maxBytes: utf16.length }), "é");
  assertEquals(
    syntaxError(() => decodeResponse(utf16, { maxBytes: utf16.length - 1 }))
      .kind,
    "limit",
  );
});

for (const option of ["maxBytes", ...Object.keys(DEFAULTS), "maxValues"]) {
  Deno.test(`decodeResponse() refuses a ${option} that is no limit`, () => {
    for (const limit of WRONG_LIMITS) {
      const options = { [option]: limit } as DecodeOptions;
      for (const make of [createCallDecoder, createResponseDecoder]) {
        assertThrows(() => make(options), RangeError, `option ${option}`);
      }
      const error = assertThrows(
        () => decodeResponse("<methodResponse/>", options),
        RangeError,
      );
      assertEquals(
        error.message,
        `The option ${option} must be a number of 0 or more: ${limit}`,
      );
    }
  });
}

// ---------------------------------------------------------------- encodings

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function utf16le(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < text.length; at++) {
    view.setUint16(at * 2, text.charCodeAt(at), true);
  }
  return bytes;
}

function utf16be(text: string): Uint8Array {
  const bytes = utf16le(text);
  for (let at = 0; at < bytes.length; at += 2) {
    bytes.subarray(at, at + 2).reverse();
  }
  return bytes;
}

function declared(encoding: string, value: string): string {
  return `<?xml version="1.0" encoding="${encoding}"?>${
    response(`<value>${value}</value>`)
  }`;
}

function charset(name: string): string {
  return `text/xml; charset=${name}`;
}

const ENCODINGS: readonly [
  what: string,
  document: Uint8Array,
  contentType: string | undefined,
  value: string,
][] = [
  [
    "UTF-8 by default",
    bytesOf(response("<value>é€😀</value>")),
    undefined,
    "é€😀",
  ],
  [
    "UTF-8 by declaration",
    bytesOf(declared("utf-8", "é€😀")),
    "text/xml",
    "é€😀",
  ],
  [
    "UTF-8 by its byte order mark",
    bytesOf(`\ufeff${response("<value>é</value>")}`),
    undefined,
    "é",
  ],
  [
    "a byte order mark over the header",
    bytesOf(`\ufeff${declared("iso-8859-1", "é")}`),
    charset("iso-8859-1"),
    "é",
  ],
  [
    "the header over the declaration",
    bytesOf(declared("iso-8859-1", "é")),
    charset("utf-8"),
    "é",
  ],
  [
    "a header in quotes and capitals",
    latin1(declared("utf-8", "é")),
    'application/xml;x=y; Charset = "ISO-8859-1"; z',
    "é",
  ],
  [
    "a header without a charset",
    latin1(declared("iso-8859-1", "é")),
    "text/xml",
    "é",
  ],
  [
    "ISO-8859-1 with its C1 controls",
    latin1(declared("ISO-8859-1", "é\x80\x9f\xff")),
    undefined,
    "é\x80\x9f\xff",
  ],
  ["latin1", latin1(response("<value>é</value>")), charset("latin1"), "é"],
  [
    "windows-1252",
    latin1(declared("windows-1252", "\x80 \x93\xe9\x94")),
    undefined,
    "€ “é”",
  ],
  ["cp1252", latin1(response("<value>\x80</value>")), charset("cp1252"), "€"],
  [
    "latin-1, as Python calls it",
    latin1(declared("latin-1", "é")),
    undefined,
    "é",
  ],
  [
    "ISO8859_1, as Java calls it",
    latin1(declared("ISO8859_1", "é\x80")),
    undefined,
    "é\x80",
  ],
  ["iso8859-15", latin1(declared("iso8859-15", "\xa4")), undefined, "€"],
  ["cp1251", latin1(declared("cp1251", "\xc6")), undefined, "Ж"],
  ["utf_8", bytesOf(declared("utf_8", "é")), undefined, "é"],
  ["US-ASCII", latin1(declared("US-ASCII", "abc&#233;")), undefined, "abcé"],
  [
    "UTF-16, low byte first",
    utf16le(`\ufeff${declared("UTF-16", "é€😀")}`),
    undefined,
    "é€😀",
  ],
  [
    "UTF-16, high byte first",
    utf16be(`\ufeff${declared("utf-16", "é€😀")}`),
    undefined,
    "é€😀",
  ],
  [
    "UTF-16 without a mark, low byte first",
    utf16le(declared("UTF-16", "é€😀")),
    undefined,
    "é€😀",
  ],
  [
    "UTF-16 without a mark, high byte first",
    utf16be(declared("UTF-16", "é€😀")),
    undefined,
    "é€😀",
  ],
  [
    "UTF-16LE by header",
    utf16le(response("<value>é</value>")),
    charset("utf-16le"),
    "é",
  ],
  [
    "UTF-16BE by header",
    utf16be(response("<value>é</value>")),
    charset("utf-16be"),
    "é",
  ],
  [
    "Shift_JIS",
    Uint8Array.of(...latin1(declared("Shift_JIS", "")).slice(0, -42), ...[
      0x93,
      0xfa,
    ], ...latin1("</value></param></params></methodResponse>")),
    undefined,
    "日",
  ],
  [
    "white space before the declaration",
    latin1(` \r\n\t\n${declared("iso-8859-1", "é")}`),
    undefined,
    "é",
  ],
  [
    "a declaration in single quotes",
    latin1(declared("iso-8859-1", "é").replace(/"/g, "'")),
    undefined,
    "é",
  ],
  [
    "a declaration without an encoding",
    bytesOf(`<?xml version="1.0"?>${response("<value>é</value>")}`),
    undefined,
    "é",
  ],
];

for (const [what, document, contentType, value] of ENCODINGS) {
  Deno.test(`decodeResponse() knows ${what}`, () => {
    assertEquals(decodeResponse(document, { contentType }), value);
    assertEquals(bytewise(document, { contentType }), value);
  });
}

const NOT_UTF8 =
  "Bytes that are not UTF-8: name the encoding in the XML declaration or in the Content-Type";

function utf8With(...bytes: number[]): Uint8Array {
  const [before, after] = response("<value>|</value>").split("|") as [
    string,
    string,
  ];
  return Uint8Array.of(...bytesOf(before), ...bytes, ...bytesOf(after));
}

const WRONG_BYTES: readonly [
  what: string,
  document: Uint8Array,
  contentType: string | undefined,
  message: string,
][] = [
  ["a lone Latin 1 byte as UTF-8", utf8With(0xe9), undefined, NOT_UTF8],
  ["a byte that UTF-8 never has", utf8With(0xff), undefined, NOT_UTF8],
  ["an overlong form", utf8With(0xc0, 0xbc), undefined, NOT_UTF8],
  ["a surrogate in UTF-8", utf8With(0xed, 0xa0, 0x80), undefined, NOT_UTF8],
  [
    "a character beyond Unicode",
    utf8With(0xf4, 0x90, 0x80, 0x80),
    undefined,
    NOT_UTF8,
  ],
  ["half a character", utf8With(0xe2, 0x82), undefined, NOT_UTF8],
  [
    "a document cut within a character",
    utf8With(0xe2).slice(0, -42),
    undefined,
    NOT_UTF8,
  ],
  [
    "a byte above 127 as US-ASCII",
    utf8With(0xc3, 0xa9),
    charset("us-ascii"),
    "A byte above 127 in a document that says it is US-ASCII",
  ],
  [
    "a byte that Shift_JIS has not",
    utf8With(0xff),
    charset("shift_jis"),
    "Bytes that are not shift_jis, the document's encoding",
  ],
  [
    "a lone surrogate in UTF-16",
    utf16le("\ufeff<a>\ud800</a>"),
    undefined,
    "Bytes that are not utf-16le, the document's encoding",
  ],
  [
    "UTF-16 cut within a character",
    utf16be("\ufeff<a/>").slice(0, -1),
    undefined,
    "Bytes that are not utf-16be, the document's encoding",
  ],
  [
    "an unknown charset",
    utf8With(),
    charset("klingon"),
    'Unknown encoding "klingon": send UTF-8',
  ],
  [
    "an unknown encoding in the declaration",
    bytesOf(declared("x-user-defined", "")),
    undefined,
    'Unknown encoding "x-user-defined": send UTF-8',
  ],
  [
    "UTF-7",
    bytesOf(declared("UTF-7", "")),
    undefined,
    'Unknown encoding "utf-7": send UTF-8',
  ],
  [
    "UTF-16 by header without a mark",
    utf16le(response("<value/>")),
    charset("utf-16"),
    "UTF-16 without a byte order mark",
  ],
  [
    "a declaration of UTF-16 in single bytes",
    bytesOf(declared("UTF-16", "")),
    undefined,
    "The XML declaration says UTF-16, but the bytes are not",
  ],
];

for (const [what, document, contentType, message] of WRONG_BYTES) {
  Deno.test(`decodeResponse() refuses ${what}`, () => {
    for (const decode of [decodeResponse, bytewise]) {
      const error = syntaxError(() => decode(document, { contentType }));
      assertEquals(error.kind, "malformed");
      assertEquals(error.message.slice(0, message.length), message);
    }
  });
}

// ---------------------------------------------------------------- in pieces

const EVERYTHING = `\ufeff<?xml version="1.0" encoding="UTF-8"?>\r\n` +
  `<!-- é - -><? --><?pi é?>\n` +
  `<methodCall xmlns:x="http://ws.apache.org/xmlrpc/namespaces/extensions">` +
  `\n <methodName a='">"'> all.of:it/é </methodName>\r\n <params>` +
  `<param><value><int> -1 </int></value></param>` +
  `<param><value>é€😀]]\r\n&lt;<![CDATA[]]]]><![CDATA[>\r]]>&#x1F600;</value></param>` +
  `<param><value><struct><member><name>a</name><value><i8>5</i8></value></member>` +
  `<member ><name>é</name ><value><double>-1.5</double></value></member>` +
  `<member><value/><name>__proto__</name></member></struct></value></param>` +
  `<param><value><array><data><value><x:nil/></value><value><nil></nil></value>` +
  `<value><boolean>1</boolean></value><value><base64>QU\r\nJD</base64></value>` +
  `<value><dateTime.iso8601>19980717T14:08:55</dateTime.iso8601></value>` +
  `<value><string><!-- <>& -->x<?y ?></string></value></data></array></value></param>` +
  `</params></methodCall>\n<!-- -->\t`;

const ALL_OF_IT = {
  methodName: "all.of:it/é",
  params: [
    -1,
    "é€😀]]\n<]]>\n😀",
    record(["a", 5n], ["é", -1.5], ["__proto__", ""]),
    [null, null, true, bytesOf("ABC"), JULY, "x"],
  ],
};

Deno.test("createCallDecoder() takes a document cut in two anywhere", () => {
  const document = bytesOf(EVERYTHING);
  for (let cut = 0; cut <= document.length; cut++) {
    const decoder = createCallDecoder();
    decoder.push(document.subarray(0, cut));
    decoder.push(document.subarray(cut));
    assertEquals<unknown>(decoder.end(), ALL_OF_IT, `cut at ${cut}`);
  }
});

Deno.test("createCallDecoder() takes pieces of every size, empty ones too", () => {
  const document = bytesOf(EVERYTHING);
  for (let size = 1; size < 100; size++) {
    const decoder = createCallDecoder();
    for (let at = 0; at < document.length; at += size) {
      decoder.push(document.subarray(at, at + size));
      decoder.push(new Uint8Array());
    }
    assertEquals<unknown>(decoder.end(), ALL_OF_IT, `pieces of ${size}`);
  }
});

Deno.test("createCallDecoder() is done with a chunk that may be reused", () => {
  for (
    const document of [bytesOf(EVERYTHING), utf16le(EVERYTHING)]
  ) {
    const decoder = createCallDecoder();
    const chunk = new Uint8Array(3);
    for (let at = 0; at < document.length; at += chunk.length) {
      const piece = document.subarray(at, at + chunk.length);
      chunk.set(piece);
      decoder.push(chunk.subarray(0, piece.length));
      chunk.fill(0x58);
    }
    assertEquals<unknown>(decoder.end(), ALL_OF_IT);
  }
});

Deno.test("createCallDecoder() gives bytes that are no part of the chunk", () => {
  const document = encodeCall("m", [bytesOf("ABC")]);
  const decoder = createCallDecoder();
  decoder.push(document);
  document.fill(0);
  assertEquals(decoder.end().params, [bytesOf("ABC")]);
});

Deno.test("createCallDecoder() finds any truncation", () => {
  const whole = bytesOf(valueOf(struct(member("a", "<int>1</int>"))));
  for (let length = 0; length < whole.length; length++) {
    const decoder = createCallDecoder();
    decoder.push(whole.subarray(0, length));
    const error = syntaxError(() => decoder.end());
    assertEquals(error.kind, "malformed", `${length} bytes`);
  }
});

Deno.test("createCallDecoder() knows the method name before the params", () => {
  const decoder = createCallDecoder();
  assertEquals(decoder.methodName, undefined);
  decoder.push(bytesOf("<methodCall><methodName>a.b</methodName"));
  assertEquals(decoder.methodName, undefined);
  decoder.push(bytesOf(">"));
  assertEquals(decoder.methodName, "a.b");
  decoder.push(bytesOf("<params/></methodCall>"));
  assertEquals(decoder.end(), { methodName: "a.b", params: [] });
  assertEquals(decoder.methodName, "a.b");
});

Deno.test("createResponseDecoder() knows no method name", () => {
  const decoder = createResponseDecoder();
  decoder.push(encodeResponse({ name: "x" }));
  assertEquals(decoder.methodName, undefined);
  assertEquals(decoder.end(), { name: "x" });
  assertEquals(decoder.methodName, undefined);
});

Deno.test("createCallDecoder() refuses to go on after the end", () => {
  const decoder = createCallDecoder();
  decoder.push(encodeCall("m"));
  decoder.end();
  const error = assertThrows(
    () => decoder.push(bytesOf(" ")),
    TypeError,
  );
  assertEquals(error.message, "Cannot push after end(): the document is over");
});

Deno.test("createCallDecoder() throws the same error again and again", () => {
  const decoder = createCallDecoder();
  const first = syntaxError(() => decoder.push(bytesOf("hello")));
  assertStrictEquals(syntaxError(() => decoder.push(encodeCall("m"))), first);
  assertStrictEquals(syntaxError(() => decoder.end()), first);
  assertStrictEquals(syntaxError(() => decoder.end()), first);
});

Deno.test("createCallDecoder() throws the error of its end again and again", () => {
  const decoder = createCallDecoder();
  decoder.push(bytesOf("<methodCall>"));
  const first = syntaxError(() => decoder.end());
  assertStrictEquals(syntaxError(() => decoder.end()), first);
});

Deno.test("createCallDecoder() refuses a chunk that is not bytes and says so", () => {
  for (const chunk of ["<methodCall>", undefined, [60], new ArrayBuffer(3)]) {
    const decoder = createCallDecoder();
    const error = assertThrows(() => decoder.push(chunk as never), TypeError);
    assert(error.message.includes("Uint8Array"), error.message);
  }
});

Deno.test("createCallDecoder() gives functions that need no this", () => {
  const { push, end } = createCallDecoder();
  push(encodeCall("m", [1]));
  assertEquals(end(), { methodName: "m", params: [1] });
});

Deno.test("createResponseDecoder() throws a fault at its end", () => {
  const decoder = createResponseDecoder();
  decoder.push(encodeFault({ code: 4, message: "Too many parameters." }));
  const error = assertThrows(() => decoder.end(), XmlRpcFault);
  assertEquals([error.code, error.message], [4, "Too many parameters."]);
});

// ---------------------------------------------------------------- options of the decoder

Deno.test("decodeResponse() gives i8 as numbers if the option i8 says so", () => {
  const wire = "<value><array><data><value><i8>5</i8></value>" +
    "<value><ex:i8>-9007199254740991</ex:i8></value>" +
    "<value><biginteger>5</biginteger></value></data></array></value>";
  assertEquals(
    decodeResponse(response(wire), { i8: "number" }),
    [5, -(2 ** 53 - 1), 5n],
  );
  assertEquals(
    decodeResponse(response(wire), { i8: "bigint" }),
    [5n, -(2n ** 53n - 1n), 5n],
  );
});

Deno.test('decodeResponse() refuses an i8 that a number cannot hold if the option i8 is "number"', () => {
  const document = response("<value><i8>9007199254740992</i8></value>");
  const error = syntaxError(() => decodeResponse(document, { i8: "number" }));
  assertEquals(
    error.message,
    'Cannot read "9007199254740992" as i8: it does not fit into 2^53, and the option i8 is "number" at value (line 1, column 39)',
  );
});

Deno.test("decodeResponse() reads dates without a zone in the option timeZone", () => {
  const dates: [text: string, instant: string][] = [
    ["20240101T12:00:00", "2024-01-01T11:00:00Z"],
    ["20240701T12:00:00", "2024-07-01T10:00:00Z"],
    ["20240701T12:00:00Z", "2024-07-01T12:00:00Z"],
    ["20240701T12:00:00-0500", "2024-07-01T17:00:00Z"],
    ["20240331T01:59:59", "2024-03-31T00:59:59Z"],
    ["20240331T03:00:00", "2024-03-31T01:00:00Z"],
    ["20241027T01:59:59", "2024-10-26T23:59:59Z"],
    ["20241027T03:00:00", "2024-10-27T02:00:00Z"],
  ];
  for (const [text, instant] of dates) {
    assertEquals(
      decodeResponse(response(`<value>${dated(text)}</value>`), {
        timeZone: "Europe/Berlin",
      }),
      date(instant),
      text,
    );
  }
});

Deno.test("decodeResponse() refuses an unknown time zone, dates or no dates", () => {
  assertThrows(
    () => decodeResponse("<methodResponse/>", { timeZone: "Mars/Olympus" }),
    RangeError,
    'The option timeZone must be a time zone such as "Europe/Berlin": "Mars/Olympus"',
  );
});

Deno.test("decodeResponse() leaves dates to the option dateTime, whatever they are", () => {
  const texts: string[] = [];
  const document = response(
    `<value><array><data><value>${
      dated(" 00000000T00:00:00Z\n")
    }</value><value>${dated("")}</value></data></array></value>`,
  );
  const value = decodeResponse(document, {
    dateTime: (text) => {
      texts.push(text);
      return text === "" ? null : { text };
    },
    typed: true,
  });
  assertEquals(texts, ["00000000T00:00:00Z", ""]);
  assertEquals(value, [{ text: "00000000T00:00:00Z" }, null]);
});

Deno.test("decodeResponse() refuses a second member, even where the option dateTime gave undefined", () => {
  const one = member("a", dated("x"));
  const document = response(`<value>${struct(one, one)}</value>`);
  const error = syntaxError(() =>
    decodeResponse(document, { dateTime: () => undefined })
  );
  assertEquals(error.path, "value.a");
});

Deno.test("decodeResponse() passes on what the option dateTime throws", () => {
  const thrown = new RangeError("no such date");
  const document = response(`<value>${dated("x")}</value>`);
  const error = assertThrows(
    () =>
      decodeResponse(document, {
        dateTime: () => {
          throw thrown;
        },
      }),
    RangeError,
  );
  assertStrictEquals(error, thrown);
});

Deno.test("decodeResponse() keeps wire types if the option typed says so", () => {
  const document = response(
    "<value><array><data><value><int>1</int></value><value><i1>2</i1></value>" +
      "<value><i8>3</i8></value><value><double>4</double></value>" +
      "<value><float>5</float></value><value><biginteger>6</biginteger></value>" +
      "<value><bigdecimal>7.0</bigdecimal></value>" +
      `<value>${dated("1998-07-17T14:08:55Z ")}</value>` +
      "<value><boolean>1</boolean></value><value>x</value><value><nil/></value>" +
      "<value><base64>QQ==</base64></value></data></array></value>",
  );
  assertEquals(decodeResponse(document, { typed: true, i8: "number" }), [
    int(1),
    int(2),
    i8(3),
    double(4),
    double(5),
    new XmlRpcTyped("biginteger", 6n),
    bigdecimal("7.0"),
    dateTime("1998-07-17T14:08:55Z"),
    true,
    "x",
    null,
    Uint8Array.of(65),
  ]);
});

Deno.test("encodeResponse() sends what came typed as it came", () => {
  const document = encodeResponse([
    double(20),
    5n,
    dateTime("1998-07-17T14:08:55.5+02:00"),
    bigdecimal("1.50"),
    new XmlRpcTyped("biginteger", 2n ** 80n),
    { a: 1, b: new Date(0) },
  ]);
  const typed = decodeResponse(document, { typed: true });
  assertEquals(textOf(encodeResponse(typed)), textOf(document));
});

Deno.test("decodeResponse() refuses an impossible date if typed, too", () => {
  const document = response(`<value>${dated("19980230T00:00:00")}</value>`);
  const error = syntaxError(() => decodeResponse(document, { typed: true }));
  assertEquals(
    error.message,
    `${
      unreadable("19980230T00:00:00", "dateTime.iso8601", EXPECTED_DATE)
    } at value (line 1, column 39)`,
  );
});

Deno.test("decodeResponse() refuses an unknown value of the option i8", () => {
  assertThrows(
    () => decodeResponse("<methodResponse/>", { i8: "string" as never }),
    TypeError,
    'The option i8 must be "bigint" or "number": string',
  );
});

Deno.test("decodeResponse() refuses an option dateTime that is no function", () => {
  assertThrows(
    () => decodeResponse("<methodResponse/>", { dateTime: "raw" as never }),
    TypeError,
    "The option dateTime must be a function, not a string",
  );
});

Deno.test("decodeResponse() takes undefined options for their defaults", () => {
  const options = {
    maxBytes: undefined,
    maxDepth: undefined,
    i8: undefined,
    timeZone: undefined,
    dateTime: undefined,
    typed: undefined,
    contentType: undefined,
  };
  const document = encodeResponse([1n, JULY, [double(1)]]);
  assertEquals(decodeResponse(document, options), [1n, JULY, [1]]);
});

// ---------------------------------------------------------------- faults

function received(
  document: string | Uint8Array,
  options?: DecodeOptions,
): XmlRpcFault {
  return assertThrows(() => decodeResponse(document, options), XmlRpcFault);
}

function faultOf(code: string, ...more: string[]): string {
  return fault(
    struct(
      member("faultCode", code),
      member("faultString", "<string>No</string>"),
      ...more,
    ),
  );
}

Deno.test("encodeFault() writes the whole document", () => {
  assertEquals(
    textOf(encodeFault(new XmlRpcFault(4, "Too many parameters."))),
    DECLARATION +
      "<methodResponse><fault><value><struct>" +
      "<member><name>faultCode</name><value><int>4</int></value></member>" +
      "<member><name>faultString</name><value><string>Too many parameters.</string></value></member>" +
      "</struct></value></fault></methodResponse>",
  );
});

Deno.test("encodeFault() sends nothing but code and message", () => {
  const sent = new XmlRpcFault(-32500, "a < b", {
    cause: new Error("secret"),
    members: { secret: 1 },
  });
  const error = received(encodeFault(sent));
  assertEquals(
    [error.code, error.message, error.members, error.cause],
    [-32500, "a < b", {}, undefined],
  );
});

Deno.test("encodeFault() refuses what cannot be sent", () => {
  const cases: [object, typeof TypeError | typeof RangeError, string][] = [
    [
      { code: 1.5, message: "x" },
      RangeError,
      "Cannot encode 1.5 as int: it is no integer",
    ],
    [
      { code: NaN, message: "x" },
      RangeError,
      "Cannot encode NaN as int: it is no integer",
    ],
    [
      { code: "4", message: "x" },
      TypeError,
      "Cannot encode string as int: expected a number",
    ],
    [
      { code: 4, message: 5 },
      TypeError,
      "Cannot encode a fault: expected its message as a string",
    ],
    [
      { code: 4, message: "\x01" },
      TypeError,
      `Cannot encode U+0001 at fault.faultString: ${NO_CHARACTER}`,
    ],
  ];
  for (const [wrong, type, message] of cases) {
    const error = assertThrows(() => encodeFault(wrong as never), type);
    assertEquals(error.message, message);
  }
  assertThrows(
    () => encodeFault({ code: 2 ** 31, message: "x" }),
    RangeError,
    "Cannot encode 2147483648 as int: it does not fit into 32 bits",
  );
});

const CODES: readonly [code: string, expected: number][] = [
  ["<int>4</int>", 4],
  ["<i4>-32601</i4>", -32601],
  ["<int>0</int>", 0],
  ["<i8>4</i8>", 4],
  ["<ex:i8>9007199254740991</ex:i8>", 2 ** 53 - 1],
  ["<int>4294967296</int>", 2 ** 32],
  ["<string>4</string>", 4],
  ["\n +04 ", 4],
  ["<string>-0</string>", 0],
];

for (const [code, expected] of CODES) {
  Deno.test(`decodeResponse() takes ${JSON.stringify(code)} for the fault code ${expected}`, () => {
    const error = received(faultOf(code));
    assertEquals([error.code, error.message], [expected, "No"]);
    assertEquals(received(faultOf(code), { typed: true }).code, expected);
  });
}

Deno.test("decodeResponse() takes the members of a fault in any order", () => {
  const document = fault(
    struct(member("faultString", "No"), member("faultCode", "<int>4</int>")),
  );
  const error = received(document);
  assertEquals([error.code, error.message, error.members], [4, "No", {}]);
});

const MORE = [
  member("detail", struct(member("at", dated("1998-07-17T14:08:55")))),
  member(
    "list",
    "<array><data><value><i8>5</i8></value><value><double>1.5</double></value><value><nil/></value></data></array>",
  ),
  member("__proto__", "<int>1</int>"),
  member("big", "<bigdecimal>1.50</bigdecimal>"),
  member("huge", "<biginteger>18446744073709551616</biginteger>"),
  member("odd", "<double>nan</double>"),
  member("bytes", "<base64>QQ==</base64>"),
];

Deno.test("decodeResponse() keeps what else a fault holds, as any value", () => {
  const { members } = received(faultOf("<int>4</int>", ...MORE));
  assertEquals<unknown>(
    members,
    record(
      ["detail", { at: JULY }],
      ["list", [5n, 1.5, null]],
      ["__proto__", 1],
      ["big", bigdecimal("1.50")],
      ["huge", 2n ** 64n],
      ["odd", NaN],
      ["bytes", Uint8Array.of(65)],
    ),
  );
});

Deno.test("decodeResponse() keeps what else a fault holds as the options say", () => {
  const document = faultOf("<int>4</int>", ...MORE.slice(0, 2));
  const options: DecodeOptions = { i8: "number", timeZone: "+02:00" };
  assertEquals<unknown>(received(document, options).members, {
    detail: { at: date("1998-07-17T12:08:55Z") },
    list: [5, 1.5, null],
  });
  assertEquals<unknown>(received(document, { typed: true }).members, {
    detail: { at: dateTime("1998-07-17T14:08:55") },
    list: [i8(5), double(1.5), null],
  });
});

Deno.test("decodeResponse() leaves the dates in a fault to the option dateTime, too", () => {
  const document = faultOf(
    "<int>4</int>",
    member("at", dated("00000000T00:00:00Z")),
  );
  const { members } = received(document, { dateTime: (text) => `<${text}>` });
  assertEquals<unknown>(members, { at: "<00000000T00:00:00Z>" });
});

Deno.test("decodeResponse() keeps minus zero in a fault", () => {
  const document = faultOf(
    "<int>4</int>",
    member("x", "<double>-0.0</double>"),
  );
  assertStrictEquals(received(document).members["x"], -0);
});

const WITHOUT = "<fault> without a readable faultCode and faultString: ";
const UNREADABLE_FAULTS: readonly [value: string, message: string][] = [
  ["x", '<fault> must contain a struct, not "x"'],
  ["<int>5</int>", "<fault> must contain a struct, not 5"],
  ["<i8>5</i8>", "<fault> must contain a struct, not 5"],
  ["<nil/>", "<fault> must contain a struct, not null"],
  ["<base64>QUJD</base64>", '<fault> must contain a struct, not "3 bytes"'],
  [
    "<array><data><value>x</value></data></array>",
    '<fault> must contain a struct, not ["x"]',
  ],
  ["<struct/>", `${WITHOUT}{}`],
  [struct(member("faultCode", "<int>4</int>")), `${WITHOUT}{"faultCode":4}`],
  [struct(member("faultCode", "<i8>4</i8>")), `${WITHOUT}{"faultCode":4}`],
  [struct(member("faultString", "No")), `${WITHOUT}{"faultString":"No"}`],
  [
    struct(
      member("faultCode", "<double>4</double>"),
      member("faultString", "No"),
    ),
    `${WITHOUT}{"faultCode":4,"faultString":"No"}`,
  ],
  [
    struct(member("faultCode", "4 teapots"), member("faultString", "No")),
    `${WITHOUT}{"faultCode":"4 teapots","faultString":"No"}`,
  ],
  [
    struct(
      member("faultCode", "9007199254740992"),
      member("faultString", "No"),
    ),
    `${WITHOUT}{"faultCode":"9007199254740992","faultString":"No"}`,
  ],
  [
    struct(
      member("faultCode", "<int>4</int>"),
      member("faultString", "<int>5</int>"),
    ),
    `${WITHOUT}{"faultCode":4,"faultString":5}`,
  ],
  [
    struct(member("faultcode", "<int>4</int>"), member("faultstring", "No")),
    `${WITHOUT}{"faultcode":4,"faultstring":"No"}`,
  ],
  [
    struct(member("at", dated("19980717T14:08:55"))),
    `${WITHOUT}{"at":"19980717T14:08:55"}`,
  ],
  [struct(member("x", "y".repeat(300))), `${WITHOUT}{"x":"${"y".repeat(194)}…`],
];

for (const [value, message] of UNREADABLE_FAULTS) {
  const title = value.length > 100 ? `${value.slice(0, 100)}…` : value;
  Deno.test(`decodeResponse() shows what an unreadable fault holds: ${title}`, () => {
    const error = syntaxError(() => decodeResponse(fault(value)));
    assertEquals(
      [error.kind, error.message],
      ["invalid", `${message} at fault (line 1, column 17)`],
    );
  });
}

Deno.test("decodeResponse() refuses a fault without a value", () => {
  const error = syntaxError(() =>
    decodeResponse("<methodResponse><fault/></methodResponse>")
  );
  assertEquals(
    error.message,
    "<fault> must contain a <value> at fault (line 1, column 17)",
  );
});

Deno.test("decodeResponse() names the path within a fault", () => {
  const error = syntaxError(() => decodeResponse(faultOf("<int>x</int>")));
  assertEquals(error.path, "fault.faultCode");
  assertInstanceOf(error, SyntaxError);
});

// ---------------------------------------------------------------- what is dangerous

Deno.test("decodeCall() takes invisible characters in a method name, which no server calls", () => {
  const name = "a.b/c\ufeff:d";
  const call = `<methodCall><methodName>${name}</methodName></methodCall>`;
  assertEquals(decodeCall(call).methodName, name);
});

Deno.test("decodeCall() takes no document type declaration", () => {
  const call = "<methodCall><methodName>m</methodName></methodCall>";
  for (const doctype of ["<!DOCTYPE x>", '<!DOCTYPE x [<!ENTITY a "b">]>']) {
    const error = syntaxError(() => decodeCall(`${doctype}\n${call}`));
    assertEquals(error.kind, "invalid");
    assertStringIncludes(error.message, "document type declaration");
  }
});

Deno.test("decodeCall() makes no object of ex:serializable", () => {
  const value = "<ex:serializable>rO0ABXA=</ex:serializable>";
  const error = syntaxError(() =>
    decodeCall(
      `<methodCall><methodName>m</methodName><params><param><value>${value}</value></param></params></methodCall>`,
    )
  );
  assertStringIncludes(error.message, "Unknown element <ex:serializable>");
});

// ---------------------------------------------------------------- what costs

for (
  const [name, tag] of [["unknown", "<a>"], ["prefixed", "<a:b>"]] as const
) {
  Deno.test(`decodeCall() lets no ${name} elements nest deeper than arrays may`, () => {
    const error = assertThrows(
      () => decodeCall(tag.repeat(1_000_000)),
      XmlRpcSyntaxError,
      "Elements nest too deeply: the limit maxDepth is 256",
    );
    assertEquals(error.kind, "limit");
    assert(error.offset < 1000 * tag.length);
  });
}

Deno.test("decodeCall() takes as many levels as maxDepth says, and no more", () => {
  const nested = (depth: number) =>
    `<methodCall><methodName>m</methodName><params><param>${
      "<value><struct><member><name>a</name>".repeat(depth)
    }<value><int>1</int></value>${
      "</member></struct></value>".repeat(depth)
    }</param></params></methodCall>`;
  for (const maxDepth of [0, 1, 7]) {
    decodeCall(nested(maxDepth), { maxDepth });
    assertThrows(
      () => decodeCall(nested(maxDepth + 1), { maxDepth }),
      XmlRpcSyntaxError,
      `Arrays and structs nest too deeply: the limit maxDepth is ${maxDepth}`,
    );
  }
});

Deno.test("decodeResponse() shows the top of a fault that nests too deeply to show", () => {
  const levels = 3000;
  const document = `<methodResponse><fault>${
    "<value><array><data>".repeat(levels)
  }${"</data></array></value>".repeat(levels)}</fault></methodResponse>`;
  assertThrows(
    () => decodeResponse(document, { maxDepth: 1e6 }),
    XmlRpcSyntaxError,
    "<fault> must contain a struct, not [[[[…]]]]",
  );
});

Deno.test("decodeResponse() gives dates in a typed fault to the hook, too", () => {
  const document = `<methodResponse><fault><value><struct>
    <member><name>faultCode</name><value><int>1</int></value></member>
    <member><name>faultString</name><value>no</value></member>
    <member><name>at</name><value><dateTime.iso8601>0</dateTime.iso8601></value></member>
    <member><name>n</name><value><int>5</int></value></member>
    </struct></value></fault></methodResponse>`;
  const fault = assertThrows(
    () =>
      decodeResponse(document, { typed: true, dateTime: (text) => `H${text}` }),
    XmlRpcFault,
  );
  assertEquals(fault.members, { at: "H0", n: int(5) });
});

Deno.test("decodeCall() refuses an option typed that is no boolean", () => {
  assertThrows(
    () => decodeCall("", { typed: "no" as never }),
    TypeError,
    "The option typed must be true or false: no",
  );
});

for (
  const [name, order] of [["UTF-16LE", [0, 1]], ["UTF-16BE", [1, 0]]] as const
) {
  Deno.test(`decodeCall() reads ${name} without a mark and a declaration`, () => {
    const text = "<methodCall><methodName>é</methodName></methodCall>";
    const bytes = new Uint8Array(text.length * 2);
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      bytes[2 * at + order[0]] = code & 0xff;
      bytes[2 * at + order[1]] = code >> 8;
    }
    assertEquals(decodeCall(bytes), { methodName: "é", params: [] });
  });
}

Deno.test("encodeResponse() refuses what nests deeper than the stack, whatever maxDepth is", () => {
  let value: unknown = 1;
  for (let depth = 0; depth < 1_000_000; depth++) value = [value];
  const cycle: unknown[] = [];
  cycle.push(cycle);
  for (const deep of [value, cycle]) {
    assertThrows(
      () => encodeResponse(deep, { maxDepth: Infinity }),
      RangeError,
      "the limit maxDepth",
    );
  }
});

Deno.test("encodeResponse() refuses bytes that have been transferred, which look empty", () => {
  const bytes = new Uint8Array([1, 2, 3]);
  const { buffer } = bytes;
  structuredClone(bytes, { transfer: [buffer] });
  for (const gone of [bytes, buffer]) {
    assertThrows(() => encodeResponse([gone]), TypeError, "at value[0]");
  }
});

Deno.test("placeOf() cuts names that together are more than a string can hold", () => {
  const names = Array(300).fill("n".repeat(2 ** 21));
  const place = placeOf(["value", ...names]);
  assert(place.startsWith(" at value.nnn"), place.slice(0, 40));
  assertEquals(place.length, 201);
});

Deno.test("the path of an XmlRpcSyntaxError is cut to 200 characters, however long names are", () => {
  const name = "n".repeat(4000);
  const open = `<value><struct><member><name>${name}</name>`.repeat(200);
  const error = assertThrows(
    () =>
      decodeResponse(
        `<methodResponse><params><param>${open}<value><int></x>`,
      ),
    XmlRpcSyntaxError,
  );
  assertEquals(error.path, `value.${"n".repeat(194)}…`);
});
