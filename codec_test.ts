import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  createCallDecoder,
  createResponseDecoder,
  decodeResponse,
  encodeCall,
  encodeFault,
  encodeResponse,
} from "./codec.ts";
import { XmlRpcFault } from "./core/errors.ts";
import { XmlRpcTyped } from "./core/typed.ts";
import {
  APACHE,
  bytesOf,
  bytewise,
  JULY,
  member,
  record,
  response,
  struct,
  syntaxError,
  utf16le,
  valueOf,
  wireOf,
} from "./tests/support/documents.ts";

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

// ---------------------------------------------------------------- both ways

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

// ---------------------------------------------------------------- in pieces

Deno.test("createCallDecoder() accepts a document cut in two anywhere", () => {
  const document = bytesOf(EVERYTHING);
  for (let cut = 0; cut <= document.length; cut++) {
    const decoder = createCallDecoder();
    decoder.push(document.subarray(0, cut));
    decoder.push(document.subarray(cut));
    assertEquals<unknown>(decoder.end(), ALL_OF_IT, `cut at ${cut}`);
  }
});

Deno.test("createCallDecoder() accepts chunks of every size, empty ones too", () => {
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

Deno.test("createCallDecoder() gives bytes that are not part of the chunk", () => {
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

Deno.test("createCallDecoder() refuses chunks after the end", () => {
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
