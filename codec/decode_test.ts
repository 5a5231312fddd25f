import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { decodeCall, decodeResponse, encodeResponse } from "../codec.ts";
import { XmlRpcTyped } from "../core/typed.ts";
import {
  APACHE,
  bytesOf,
  bytewise,
  call,
  date,
  dated,
  DECLARATION,
  faultOf,
  JULY,
  member,
  received,
  record,
  response,
  struct,
  syntaxError,
  valueOf,
  wireOf,
} from "../tests/support/documents.ts";

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

// ---------------------------------------------------------------- from the wire only

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

Deno.test("decodeResponse() reads the empty document of a void method as null", () => {
  assertEquals(decodeResponse("<methodResponse/>"), null);
  assertEquals(
    decodeResponse("<methodResponse><params/></methodResponse>"),
    null,
  );
});

Deno.test("decodeCall() accepts a call without <params>", () => {
  const name = "<methodName>m</methodName>";
  const expected = { methodName: "m", params: [] };
  assertEquals(decodeCall(`<methodCall>${name}</methodCall>`), expected);
  assertEquals(
    decodeCall(`<methodCall>${name}<params/></methodCall>`),
    expected,
  );
});

Deno.test("decodeCall() accepts <params> and <methodName> in either order", () => {
  assertEquals(
    decodeCall(
      "<methodCall><params><param><value>x</value></param></params><methodName>m</methodName></methodCall>",
    ),
    { methodName: "m", params: ["x"] },
  );
});

Deno.test("decodeCall() trims white space off the method name", () => {
  assertEquals(
    decodeCall(
      "<methodCall><methodName>\n a.b:c/d \t</methodName></methodCall>",
    ),
    { methodName: "a.b:c/d", params: [] },
  );
});

Deno.test("decodeCall() accepts all that may stand around the root element", () => {
  const document = "\ufeff<?xml version=\"1.1\" standalone='yes' ?>\r\n" +
    `<!-- - a -><? --><?xml-stylesheet href="x"?>${call()}\n<!----><?x?>\n`;
  assertEquals(decodeCall(document), { methodName: "m", params: [] });
});

Deno.test("decodeCall() accepts white space before the XML declaration", () => {
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

Deno.test("decodeCall() ignores the encoding that the declaration of a string names", () => {
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

// ---------------------------------------------------------------- what is dangerous

Deno.test("decodeCall() accepts invisible characters in a method name, which no server calls", () => {
  const name = "a.b/c\ufeff:d";
  const call = `<methodCall><methodName>${name}</methodName></methodCall>`;
  assertEquals(decodeCall(call).methodName, name);
});
