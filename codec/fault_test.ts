import {
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { type DecodeOptions, decodeResponse, encodeFault } from "../codec.ts";
import { XmlRpcFault, XmlRpcSyntaxError } from "../core/errors.ts";
import { bigdecimal, dateTime, double, i8, int } from "../core/typed.ts";
import {
  date,
  dated,
  DECLARATION,
  fault,
  faultOf,
  JULY,
  member,
  NO_CHARACTER,
  received,
  record,
  struct,
  syntaxError,
  textOf,
} from "../tests/support/documents.ts";

// ---------------------------------------------------------------- faults

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
      "Cannot encode 1.5 as int: it is not an integer",
    ],
    [
      { code: NaN, message: "x" },
      RangeError,
      "Cannot encode NaN as int: it is not an integer",
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

// ---------------------------------------------------------------- what costs

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
