import { assertEquals } from "@std/assert";
import { decodeCall, decodeResponse } from "../../codec.ts";
import {
  bytesOf,
  bytewise,
  response,
  syntaxError,
  utf16le,
} from "../../tests/support/documents.ts";

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
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

// ---------------------------------------------------------------- encodings

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
    "A byte above 127 in a document declared as US-ASCII",
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

// ---------------------------------------------------------------- what costs

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
