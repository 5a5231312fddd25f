import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  createCallDecoder,
  createResponseDecoder,
  decodeCall,
  decodeResponse,
} from "../codec.ts";
import { XmlRpcSyntaxError } from "../core/errors.ts";
import {
  bytesOf,
  call,
  member,
  P0,
  type Row,
  struct,
  syntaxError,
  testRefusals,
  unreadable,
  valueOf,
} from "../tests/support/documents.ts";

const EXPECTED_DECLARATION =
  'Expected an XML declaration such as <?xml version="1.0" encoding="UTF-8"?>';
const EXPECTED_NAME =
  "Expected an element name after <: write < in text as &lt;";
const BARE = "A bare &: write it as &amp;";
const IN_TAG = "The document ends inside a tag or reference";

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
    "A document type declaration in or after the root element",
  ],
  [
    "<methodCall>‸<!DOCTYPE x><methodName>m</methodName></methodCall>",
    "malformed",
    "A document type declaration in or after the root element",
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
  ["‸<1/>", "malformed", '"1" is not an element name'],
  ["‸< methodCall>", "malformed", EXPECTED_NAME],
  ["‸<1></1>", "malformed", '"1" is not an element name'],
  [
    "<methodCall>‸<-a></-a></methodCall>",
    "malformed",
    '"-a" is not an element name',
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
    'Attribute "a" appears twice in one tag',
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
  [valueOf("‸&#0;"), "malformed", '"&#0;" is not an XML character', P0],
  [valueOf("‸&#8;"), "malformed", '"&#8;" is not an XML character', P0],
  [valueOf("‸&#xD800;"), "malformed", '"&#xD800;" is not an XML character', P0],
  [valueOf("‸&#xFFFE;"), "malformed", '"&#xFFFE;" is not an XML character', P0],
  [
    valueOf("‸&#x110000;"),
    "malformed",
    '"&#x110000;" is not an XML character',
    P0,
  ],
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
    "U+FFFE and U+FFFF are not XML characters",
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
    "<? must start a processing instruction",
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
    "<! must start a comment or a CDATA section",
  ],
  [
    valueOf("<string>a‸</value>"),
    "malformed",
    "Expected </string>, found </value>",
    P0,
  ],
  [valueOf("‸<1:a/>"), "malformed", '"1:a" is not an element name', P0],
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

// ---------------------------------------------------------------- refused documents

testRefusals(MALFORMED);

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
    '"&#0;" is not an XML character at params[0] (line 3, column 3)',
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

// ---------------------------------------------------------------- what costs

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

Deno.test("createResponseDecoder() locates a wrong value at its start tag, however the document is cut", () => {
  const document = new TextEncoder().encode(
    "<methodResponse>\n<params>\n<param><value>\n <double>1e309</double></value></param></params></methodResponse>",
  );
  for (let at = 0; at <= document.length; at++) {
    const decoder = createResponseDecoder();
    decoder.push(document.subarray(0, at));
    decoder.push(document.subarray(at));
    const error = assertThrows(() => decoder.end(), XmlRpcSyntaxError);
    assertEquals([error.offset, error.line, error.column], [42, 4, 2]);
  }
});

Deno.test("createCallDecoder() locates text beside elements at its first letter, however the document is cut", () => {
  const cases: [text: string, offset: number][] = [
    ["<methodCall> \n <methodName>m</methodName> \n  no</methodCall>", 45],
    ["<methodCall> \r\n \u00e9</methodCall>", 16],
    [" \n  no", 4],
  ];
  for (const [text, offset] of cases) {
    const document = new TextEncoder().encode(text);
    for (let at = 0; at <= document.length; at++) {
      const decoder = createCallDecoder();
      const error = assertThrows(() => {
        decoder.push(document.subarray(0, at));
        decoder.push(document.subarray(at));
        decoder.end();
      }, XmlRpcSyntaxError);
      assertEquals(error.offset, offset);
    }
  }
});
