// Hostile documents of any size: each kind is one way to make a decoder slow.

/** A kind of document. */
export interface DocumentKind {
  readonly name: string;
  /** Makes a document of about so many bytes. */
  readonly make: (bytes: number) => string | Uint8Array<ArrayBuffer>;
  /** Limits that the kind must not run into. */
  readonly raised?: "maxNameBytes" | "maxTagBytes";
  readonly contentType?: string;
}

const encoder = new TextEncoder();

function call(params: string): string {
  return `<?xml version="1.0"?><methodCall><methodName>echo</methodName><params>${params}</params></methodCall>`;
}

function param(value: string): string {
  return call(`<param>${value}</param>`);
}

function value(content: string): string {
  return param(`<value>${content}</value>`);
}

function array(items: string): string {
  return value(`<array><data>${items}</data></array>`);
}

function struct(members: string): string {
  return value(`<struct>${members}</struct>`);
}

/** A text of about so many bytes, made of one part again and again. */
export function fill(bytes: number, part: string): string {
  return part.repeat(Math.max(1, Math.trunc(bytes / part.length)));
}

/** A text of about so many bytes, made of parts that are counted. */
export function count(bytes: number, part: (index: number) => string): string {
  const parts: string[] = [];
  for (let length = 0; length < bytes;) {
    const next = part(parts.length);
    parts.push(next);
    length += next.length;
  }
  return parts.join("");
}

function member(name: string): string {
  return `<member><name>${name}</name><value>1</value></member>`;
}

/** Indexes that have a V8 object go back and forth between two ways to keep them. */
function changingIndexes(bytes: number): string {
  const names: string[] = [];
  const members = Math.trunc(bytes / member("123456").length);
  for (let at = 0; at < members; at++) names.push(String(at));
  let near = members;
  for (let far = members + 2500; far < 4 * members; far += 2500) {
    names.push(String(far), String(near++));
  }
  return names.map(member).join("");
}

/** A text as UTF-16, with its byte order mark. */
function utf16(text: string, little: boolean): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(2 * text.length + 2);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xfeff, little);
  for (let at = 0; at < text.length; at++) {
    view.setUint16(2 * at + 2, text.charCodeAt(at), little);
  }
  return bytes;
}

/** A text with one byte for each character. */
function oneByte(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function withEnd(text: string, ...end: number[]): Uint8Array<ArrayBuffer> {
  return concat(encoder.encode(text), Uint8Array.from(end));
}

function concat(
  a: Uint8Array<ArrayBuffer>,
  b: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

type Row = readonly [name: string, make: DocumentKind["make"]];

function kinds(
  rows: readonly Row[],
  more: Partial<DocumentKind> = {},
): DocumentKind[] {
  return rows.map(([name, make]) => ({ name, make, ...more }));
}

const LONG = 4000;

const MARKUP = kinds([
  [
    "attributes, 400 in each tag",
    (n) => array(fill(n, `<value ${count(12_000, (at) => `a${at}="" `)}/>`)),
  ],
  [
    "an attribute of 12 KiB in each tag",
    (n) => array(fill(n, `<value a="${"&gt;>".repeat(2400)}"/>`)),
  ],
  [
    "tags full of white space",
    (n) => array(fill(n, `<value${" ".repeat(9000)}/>`)),
  ],
  [
    "end tags full of white space",
    (n) => array(fill(n, `<value></value${"\n".repeat(9000)}>`)),
  ],
  [
    "namespaces, 200 in each tag",
    (n) =>
      array(fill(n, `<value ${count(12_000, (at) => `xmlns:p${at}="u" `)}/>`)),
  ],
  ["prefixed types", (n) => array(fill(n, "<value><ex:i4>1</ex:i4></value>"))],
  [
    "names of elements of 8 KiB",
    (n) => call(fill(n, `<${"x".repeat(8000)}></${"x".repeat(8000)}>`)),
  ],
  [
    "names of elements beyond ASCII",
    (n) => call(fill(n, `<${"é".repeat(3000)}/>`)),
  ],
  ["unknown elements", (n) => call(fill(n, "<x/>"))],
  ["text among unknown elements", (n) => call(fill(n, "text<x/>"))],
  ["comments, short", (n) => value(fill(n, "<!---->"))],
  ["comments among text", (n) => value(fill(n, "a<!---->"))],
  ["a comment, long", (n) => value(`<!--${fill(n, "- ")}-->`)],
  ["a comment without an end", (n) => value(`<!--${fill(n, "- -")}`)],
  ["openings of comments", (n) => value(`<!--${fill(n, "<!- ")}`)],
  ["instructions, short", (n) => value(fill(n, "<?p?>"))],
  ["an instruction, long", (n) => value(`<?p ${fill(n, "? ")}?>`)],
  ["an instruction without an end", (n) => value(`<?p ${fill(n, "??")}`)],
  [
    "instructions with names of 8 KiB",
    (n) => value(fill(n, `<?${"p".repeat(8000)}?>`)),
  ],
  ["CDATA, short", (n) => value(fill(n, "<![CDATA[a]]>"))],
  ["CDATA, empty", (n) => value(fill(n, "<![CDATA[]]>"))],
  ["CDATA of ]]", (n) => value(`<![CDATA[${fill(n, "]]")}]]>`)],
  ["CDATA of ]]>", (n) => value(fill(n, "<![CDATA[]]>]]"))],
  ["CDATA without an end", (n) => value(`<![CDATA[${fill(n, "]] ]")}`)],
  ["a document type of any length", (n) => `<!DOCTYPE x [${fill(n, "<!")}`],
  ["bare < at the end", (n) => value(`${fill(n, "a b ")}<`)],
]);

const TEXT = kinds([
  ["references, named", (n) => value(fill(n, "&amp;"))],
  ["references, numeric", (n) => value(fill(n, "&#65;&#x42;"))],
  ["references among text", (n) => value(fill(n, "a&lt;"))],
  [
    "references with 12,000 digits",
    (n) => value(fill(n, `&#${"0".repeat(12_000)}65;`)),
  ],
  ["a reference without an end", (n) => value(`${fill(n, "&lt;")}&lt`)],
  ["bare & at the end", (n) => value(`${fill(n, "a;b ")}&`)],
  ["brackets", (n) => value(fill(n, "]"))],
  ["brackets and >", (n) => value(fill(n, "]>"))],
  ["]]> at the end", (n) => value(`${fill(n, "] >")}]]>`)],
  ["carriage returns", (n) => value(fill(n, "\r"))],
  ["CR LF", (n) => value(fill(n, "\r\n"))],
  ["line feeds", (n) => value(fill(n, "\n"))],
  ["a string", (n) => value(`<string>${fill(n, "text ")}</string>`)],
  ["a string of two-byte characters", (n) => value(fill(n, "é"))],
  ["a string of surrogate pairs", (n) => value(fill(n, "🎉"))],
  ["white space before all", (n) => `${fill(n, " \n")}${value("1")}`],
  ["white space after all", (n) => `${value("1")}${fill(n, " \n")}`],
  ["white space between elements", (n) => array(`${fill(n, " ")}<value/>`)],
  [
    "white space between all elements",
    (n) => array(fill(n, `<value>${" ".repeat(100)}<int>1</int>\n</value>\n`)),
  ],
  ["white space beside types", (n) => value(`${fill(n, " ")}<int>1</int>`)],
  ["text beside types", (n) => value(`${fill(n, "a")}<int>1</int>`)],
  [
    "white space between members",
    (n) =>
      struct(
        count(
          n,
          (at) => `<member>${" ".repeat(200)}${member(`n${at}`).slice(8)}`,
        ),
      ),
  ],
]);

const VALUES = kinds([
  ["empty values", (n) => array(fill(n, "<value/>"))],
  ["ints", (n) => array(fill(n, "<value><int>1</int></value>"))],
  ["params", (n) => call(fill(n, "<param><value/></param>"))],
  [
    "params of arrays",
    (n) =>
      call(fill(n, "<param><value><array><data/></array></value></param>")),
  ],
  ["empty structs", (n) => array(fill(n, "<value><struct/></value>"))],
  ["nil", (n) => array(fill(n, "<value><nil/></value>"))],
  ["arrays 250 deep", (n) =>
    array(fill(
      n,
      "<value><array><data>".repeat(250) +
        "</data></array></value>".repeat(250),
    ))],
  [
    "structs 250 deep",
    (n) =>
      array(fill(
        n,
        "<value><struct><member><name>a</name>".repeat(250) +
          "<value/>" + "</member></struct></value>".repeat(250),
      )),
  ],
  ["arrays ever deeper", (n) => param(fill(n, "<value><array><data>"))],
  ["unknown elements ever deeper", (n) => call(fill(n, "<x>"))],
  [
    "ints of 4,000 digits",
    (n) => array(fill(n, `<value><int>${"0".repeat(LONG)}1</int></value>`)),
  ],
  ["ints out of range", (n) =>
    array(
      fill(n, "<value><int>1</int></value>") +
        "<value><int>99999999999999999999</int></value>",
    )],
  [
    "i8 of 4,000 digits",
    (n) => array(fill(n, `<value><i8>${"0".repeat(LONG)}1</i8></value>`)),
  ],
  [
    "bigintegers of 4,000 digits",
    (n) =>
      array(
        fill(n, `<value><biginteger>${"9".repeat(LONG)}</biginteger></value>`),
      ),
  ],
  [
    "bigdecimals of 4,000 digits",
    (n) =>
      array(
        fill(n, `<value><bigdecimal>${"9".repeat(LONG)}.</bigdecimal></value>`),
      ),
  ],
  [
    "doubles of 4,000 digits",
    (n) =>
      array(fill(n, `<value><double>0.${"0".repeat(LONG)}1</double></value>`)),
  ],
  [
    "a double of dots",
    (n) =>
      array(fill(n, `<value><double>${".".repeat(LONG)}</double></value>`)),
  ],
  [
    "a double of signs and spaces",
    (n) =>
      array(
        fill(n, `<value><double>${"- ".repeat(LONG / 2)}</double></value>`),
      ),
  ],
  [
    "doubles among spaces",
    (n) =>
      array(fill(n, `<value><double>${" ".repeat(LONG)}1.5</double></value>`)),
  ],
  [
    "booleans among spaces",
    (n) =>
      array(fill(n, `<value><boolean>${" ".repeat(LONG)}1</boolean></value>`)),
  ],
  [
    "dates with 4,000 decimals",
    (n) =>
      array(
        fill(
          n,
          `<value><dateTime.iso8601>19980717T14:08:55.${
            "1".repeat(LONG)
          }Z</dateTime.iso8601></value>`,
        ),
      ),
  ],
  [
    "a date of digits",
    (n) =>
      array(
        fill(
          n,
          `<value><dateTime.iso8601>${
            "1".repeat(LONG)
          }</dateTime.iso8601></value>`,
        ),
      ),
  ],
  ["base64", (n) => value(`<base64>${fill(n, "AAAA")}</base64>`)],
  ["base64 in lines", (n) => value(`<base64>${fill(n, "AAAA\r\n")}</base64>`)],
  [
    "base64, each letter among spaces",
    (n) => value(`<base64>${fill(n, "A \n")}</base64>`),
  ],
  ["base64 of spaces", (n) => value(`<base64>${fill(n, " ")}</base64>`)],
  [
    "base64 with junk at its end",
    (n) => value(`<base64>${fill(n, "AAAA")}!</base64>`),
  ],
  [
    "base64 with junk at its start",
    (n) => value(`<base64>!${fill(n, "AAAA")}</base64>`),
  ],
  [
    "base64 that goes on after its padding",
    (n) => value(`<base64>${fill(n, "AA==")}</base64>`),
  ],
  ["base64 of =", (n) => value(`<base64>${fill(n, "=")}</base64>`)],
  [
    "base64 among comments",
    (n) => value(`<base64>${fill(n, "A<!---->")}</base64>`),
  ],
  [
    "base64 among references",
    (n) => value(`<base64>${fill(n, "A&#65;")}</base64>`),
  ],
  [
    "base64, short ones",
    (n) => array(fill(n, "<value><base64>AAAA</base64></value>")),
  ],
]);

const MEMBERS = kinds([
  ["members", (n) => struct(count(n, (at) => member(`name${at}`)))],
  [
    "members with names of 4,000 letters",
    (n) => struct(count(n, (at) => member("x".repeat(LONG) + at))),
  ],
  ["members with one name", (n) => struct(fill(n, member("same")))],
  [
    "members with one name at the end",
    (n) => struct(count(n, (at) => member(`n${at}`)) + member("n0")),
  ],
  [
    "members named 0, 1, 2, …",
    (n) => struct(count(n, (at) => member(`${at}`))),
  ],
  [
    "members named …, 2, 1, 0",
    (n) => struct(count(n, (at) => member(`${1e7 - at}`))),
  ],
  [
    "members with far indexes",
    (n) =>
      struct(count(n, (at) => member(`${(at * 16_777_216) % 4_294_967_295}`))),
  ],
  [
    "members with near and far indexes in turn",
    (n) => struct(changingIndexes(n / 1.01)),
  ],
  [
    "members with indexes of one hash",
    (n) => struct(count(n, (at) => member(`${1e12 + at * 16_777_216}`))),
  ],
  [
    "members that differ in a letter",
    (n) => struct(count(n, (at) => member(`${at}${"x".repeat(60)}`))),
  ],
  ["members beyond ASCII", (n) => struct(count(n, (at) => member(`é${at}`)))],
  [
    "members among comments",
    (n) => struct(count(n, (at) => member(`a<!---->${at}`))),
  ],
  [
    "structs with __proto__",
    (n) =>
      array(fill(n, `<value><struct>${member("__proto__")}</struct></value>`)),
  ],
  [
    "structs of one shape",
    (n) =>
      array(
        fill(n, `<value><struct>${member("a")}${member("b")}</struct></value>`),
      ),
  ],
  [
    "structs of many shapes",
    (n) =>
      array(
        count(n, (at) => `<value><struct>${member(`m${at}`)}</struct></value>`),
      ),
  ],
]);

const RAISED_NAMES = kinds([
  [
    "a method name of any length",
    (n) => `<methodCall><methodName>${fill(n, "a.")}</methodName></methodCall>`,
  ],
  ["a member's name of any length", (n) => struct(member(fill(n, "name")))],
  ["an int of any length", (n) => value(`<int>${fill(n, "0")}1</int>`)],
  [
    "an int of any length with junk",
    (n) => value(`<int>${fill(n, "0")}x</int>`),
  ],
  [
    "a double of any length",
    (n) => value(`<double>${fill(n, "1")}.5</double>`),
  ],
  [
    "a double of any length with junk",
    (n) => value(`<double>${fill(n, "1")}.5.</double>`),
  ],
  [
    "an exponent of any length",
    (n) => value(`<double>1e-${fill(n, "1")}</double>`),
  ],
  [
    "a date of any length",
    (n) =>
      value(
        `<dateTime.iso8601>19980717T140855.${fill(n, "1")}</dateTime.iso8601>`,
      ),
  ],
  [
    "an int in spaces of any length",
    (n) => value(`<int>${fill(n, " ")}1${fill(n, " ")}</int>`),
  ],
], { raised: "maxNameBytes" });

const RAISED_TAGS = kinds([
  [
    "a tag with any number of attributes",
    (n) => array(`<value ${count(n, (at) => `a${at}="1" `)}/>`),
  ],
  [
    "a tag with an attribute of any length",
    (n) => array(`<value a="${fill(n, "&lt;")}"/>`),
  ],
  [
    "a tag with white space of any length",
    (n) => array(`<value${fill(n, " ")}/>`),
  ],
  ["a reference of any length", (n) => value(`&#${fill(n, "0")}65;`)],
  [
    "a declaration of any length",
    (n) => `<?xml version="1.0"${fill(n, " ")}?>${value("1").slice(21)}`,
  ],
], { raised: "maxTagBytes" });

const ENCODINGS: readonly DocumentKind[] = [
  ...kinds([
    ["UTF-16, little-endian", (n) => utf16(value(fill(n / 2, "aé")), true)],
    ["UTF-16, big-endian", (n) => utf16(value(fill(n / 2, "aé")), false)],
    [
      "UTF-16 with half a pair at its end",
      (n) => utf16(value(`${fill(n / 2, "a")}\ud800`), true),
    ],
    ["a byte order mark", (n) => `\ufeff${value(fill(n, "a"))}`],
    ["byte order marks", (n) => value(fill(n, "\ufeff"))],
    [
      "declared as ISO-8859-1",
      (n) =>
        oneByte(value(fill(n, "aé")).replace("?>", ' encoding="iso-8859-1"?>')),
    ],
    [
      "declared as windows-1252",
      (n) =>
        oneByte(
          value(fill(n, "aé")).replace("?>", ' encoding="windows-1252"?>'),
        ),
    ],
    [
      "declared as gb18030",
      (n) => value(fill(n, "a")).replace("?>", ' encoding="gb18030"?>'),
    ],
    [
      "no UTF-8 at the end",
      (n) => withEnd(value(fill(n, "é")).slice(0, -60), 0xff),
    ],
    [
      "half a character at the end",
      (n) => withEnd(value(fill(n, "é")).slice(0, -60), 0xf0, 0x9f),
    ],
    [
      "continuation bytes",
      (n) =>
        concat(encoder.encode("<methodCall>"), new Uint8Array(n).fill(0x80)),
    ],
    ["NUL at the end", (n) => `${value(fill(n, "a")).slice(0, -60)}\0`],
    ["U+FFFE at the end", (n) => `${value(fill(n, "é")).slice(0, -60)}\ufffe`],
  ]),
  ...kinds([["charset ISO-8859-1", (n) => oneByte(value(fill(n, "aé")))]], {
    contentType: "text/xml; charset=iso-8859-1",
  }),
  ...kinds([[
    "charset utf-16be",
    (n) => utf16(value(fill(n / 2, "aé")), false),
  ]], {
    contentType: "text/xml; charset=utf-16be",
  }),
];

const ENDINGS = kinds([
  [
    "a document that breaks off",
    (n) => array(fill(n, "<value><int>1</int></value>")).slice(0, -40),
  ],
  [
    "a wrong end tag at the end",
    (n) =>
      array(fill(n, "<value>\n</value>")).replace(/<\/methodCall>$/, "</call>"),
  ],
  ["junk after the end", (n) => `${array(fill(n, "<value>\n</value>"))}x`],
  [
    "an error on the first line of many",
    (n) => value(`<int>x</int>${fill(n, "\n")}`),
  ],
  ["an error on the last line of many", (n) => value(`${fill(n, "\n")}<x/>`)],
  ["an error in the last column of many", (n) => value(`${fill(n, " ")}<x/>`)],
  [
    "a second value",
    (n) => value(`<int>1</int><string>${fill(n, "a")}</string>`),
  ],
]);

/** All kinds. */
export const DOCUMENTS: readonly DocumentKind[] = [
  ...MARKUP,
  ...TEXT,
  ...VALUES,
  ...MEMBERS,
  ...RAISED_NAMES,
  ...RAISED_TAGS,
  ...ENCODINGS,
  ...ENDINGS,
];

/** The bytes of a document. */
export function bytesOf(
  document: string | Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  return typeof document === "string" ? encoder.encode(document) : document;
}
