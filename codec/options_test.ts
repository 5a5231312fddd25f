import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { decodeCall, decodeResponse, encodeResponse } from "../codec.ts";
import {
  bigdecimal,
  dateTime,
  double,
  i8,
  int,
  XmlRpcTyped,
} from "../core/typed.ts";
import {
  APACHE,
  date,
  dated,
  EXPECTED_DATE,
  JULY,
  member,
  response,
  struct,
  syntaxError,
  textOf,
  unreadable,
  wireOf,
  YEARS,
} from "../tests/support/documents.ts";

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

Deno.test("encodeResponse() uses the defaults for undefined options", () => {
  const options = {
    nil: undefined,
    timeZone: undefined,
    maxDepth: undefined,
    maxValues: undefined,
    maxBytes: undefined,
  };
  assertEquals(wireOf([null], options), wireOf([null]));
});

for (const name of ["maxDepth", "maxValues", "maxBytes"]) {
  Deno.test(`encodeResponse() refuses a wrong ${name}`, () => {
    for (const value of [-1, NaN, "10", {}]) {
      assertThrows(
        () => encodeResponse(1, { [name]: value }),
        RangeError,
        `The option ${name} must be a number of 0 or more: ${value}`,
      );
    }
  });
}

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

Deno.test("decodeResponse() refuses an option dateTime that is not a function", () => {
  assertThrows(
    () => decodeResponse("<methodResponse/>", { dateTime: "raw" as never }),
    TypeError,
    "The option dateTime must be a function, not a string",
  );
});

Deno.test("decodeResponse() uses the defaults for undefined options", () => {
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

// ---------------------------------------------------------------- what costs

Deno.test("decodeCall() refuses an option typed that is not a boolean", () => {
  assertThrows(
    () => decodeCall("", { typed: "no" as never }),
    TypeError,
    "The option typed must be true or false: no",
  );
});
