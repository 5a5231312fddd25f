// The characters of XML: white space, classes of bytes, UTF-8, line ends, escaping.
// This module is browser compatible.

import { malformed } from "./problem.ts";

const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
const SPACE = 0x20;
/** `!` */
export const BANG = 0x21;
/** `#` */
export const HASH = 0x23;
/** `&` */
export const AMPERSAND = 0x26;
/** `-` */
export const DASH = 0x2d;
/** `/` */
export const SLASH = 0x2f;
/** `;` */
export const SEMICOLON = 0x3b;
/** `<` */
export const LESS_THAN = 0x3c;
/** `>` */
export const GREATER_THAN = 0x3e;
/** `?` */
export const QUESTION = 0x3f;
/** `]` */
export const CLOSING_BRACKET = 0x5d;

/**
 * Removes the white space of XML around a text.
 *
 * The spec says "Whitespace is not permitted", but pretty-printers put it there.
 * `String.prototype.trim` would remove other characters too.
 */
export function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpaceAt(text, start)) start++;
  while (end > start && isSpaceAt(text, end - 1)) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

function isSpaceAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === SPACE || code === LF || code === CR || code === TAB;
}

/** Whether a text is empty or only white space. */
export function isBlank(text: string): boolean {
  return trimSpace(text) === "";
}

// ---------------------------------------------------------------- bytes

/** Classes of bytes in {@linkcode BYTE_CLASS}; PLAIN is everything else in ASCII. */
export const PLAIN = 0;
/** A byte of a character beyond ASCII. */
export const NON_ASCII = 1;
/** CR, which line-end normalisation changes. */
export const CARRIAGE_RETURN = 2;
/** `>`, which must not follow `]]` in character data. */
export const GREATER_THAN_CLASS = 3;
/** `<` and `&`. */
export const MARKUP = 4;
/** A control character that XML forbids; also NUL, which pads the window. */
const FORBIDDEN = 5;

function classify(byte: number): number {
  if (byte >= 0x80) return NON_ASCII;
  if (byte === CR) return CARRIAGE_RETURN;
  if (byte === GREATER_THAN) return GREATER_THAN_CLASS;
  if (byte === LESS_THAN || byte === AMPERSAND) return MARKUP;
  // Spec (XML 1.0): "Char ::= #x9 | #xA | #xD | [#x20-#xD7FF] | …"
  return byte < SPACE && byte !== TAB && byte !== LF ? FORBIDDEN : PLAIN;
}

/** For each byte, its class for the scanner of character data. */
export const BYTE_CLASS: Uint8Array = Uint8Array.from(
  { length: 256 },
  (_, byte) => classify(byte),
);

/** For each byte, 1 if it may stand in an ASCII name. */
export const NAME_BYTE: Uint8Array = Uint8Array.from(
  { length: 256 },
  (_, byte) => byte < 0x80 && /[\w:.-]/.test(String.fromCharCode(byte)) ? 1 : 0,
);

/** Whether the bytes are an XML name in ASCII; other names have characters beyond it. */
export function isAsciiName(
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  const first = bytes[start]!;
  // A digit, "-" or "." cannot be the first.
  if (first < 0x3a || start === end) return false;
  for (let at = start; at < end; at++) {
    if (NAME_BYTE[bytes[at]!] !== 1) return false;
  }
  return true;
}

/** Whether a byte is white space to XML: space, tab, LF or CR. */
export function isSpace(byte: number): boolean {
  return byte === SPACE || byte === LF || byte === CR || byte === TAB;
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const strictUtf8 = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/** Decodes UTF-8; throws a `DocumentProblem` if the bytes are not UTF-8, or not XML characters. */
export function decodeUtf8(bytes: Uint8Array): string {
  const text = utf8.decode(bytes);
  // A fatal decoder is several times slower: it is used only where it is needed.
  if (text.includes("\ufffd")) {
    try {
      strictUtf8.decode(bytes);
    } catch {
      throw malformed(
        "Bytes that are not UTF-8: name the encoding in the XML declaration or in the Content-Type",
      );
    }
  }
  // Faster than a pattern.
  if (text.includes("\ufffe") || text.includes("\uffff")) {
    throw malformed("U+FFFE and U+FFFF are not XML characters");
  }
  return text;
}

/** How many bytes are decoded at once; a slice of the string keeps all of it in memory. */
const SLICE_BYTES = 2048;

/** Decodes many short runs of UTF-8 at once, because each call of a decoder is slow to start. */
export class Utf8Slicer {
  /** What was decoded, and where its bytes end. */
  #text = "";
  #end = 0;
  /** The end of the last slice, in bytes and in the text. */
  #byte = 0;
  #at = 0;

  /** Forgets the text; to call when the bytes change. */
  reset(): void {
    this.#end = 0;
  }

  /** As {@linkcode decodeUtf8}; more bytes may follow, up to `last`. */
  slice(bytes: Uint8Array, start: number, end: number, last: number): string {
    if (start < this.#byte || end > this.#end) {
      const enough = Math.min(start + SLICE_BYTES, last);
      const whole = Math.max(findCharacterBoundary(bytes, start, enough), end);
      this.#end = 0;
      try {
        this.#text = decodeUtf8(bytes.subarray(start, whole));
      } catch {
        // The problem may be outside of the slice.
        return decodeUtf8(bytes.subarray(start, end));
      }
      this.#end = whole;
      this.#byte = start;
      this.#at = 0;
    }
    const from = this.#at + countUnits(bytes, this.#byte, start);
    const to = from + countUnits(bytes, start, end);
    this.#byte = end;
    this.#at = to;
    return this.#text.slice(from, to);
  }
}

/** How many UTF-16 units each byte of UTF-8 adds: the first of four bytes adds a surrogate pair. */
const UNITS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0xf0) return 2;
  return byte < 0x80 || byte >= 0xc0 ? 1 : 0;
});

/** Counts the UTF-16 units of UTF-8. */
function countUnits(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) count += UNITS[bytes[at]!]!;
  return count;
}

/** Finds the last place, at or before `end`, that does not split a character. */
export function findCharacterBoundary(
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  // Up to three trailing bytes may wait for the rest of their character.
  for (let at = end - 1; at >= start && at >= end - 3; at--) {
    const byte = bytes[at]!;
    if (byte < 0x80) return end;
    if (byte < 0xc0) continue;
    const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return at + length > end ? at : end;
  }
  return end;
}

/** Spec (XML 1.0): "translating both the two-character sequence #xD #xA and any #xD … to a single #xA". */
export function normalizeLineEnds(bytes: Uint8Array): Uint8Array {
  let length = bytes.indexOf(CR);
  if (length < 0) return bytes;
  // On bytes: replacing in a string of nothing but line ends takes a hundred times as long.
  const out = bytes.slice();
  for (let at = length; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte !== CR) out[length++] = byte;
    else if (bytes[at + 1] !== LF) out[length++] = LF;
  }
  return out.subarray(0, length);
}

// ---------------------------------------------------------------- escaping

// deno-lint-ignore no-control-regex -- the characters that XML cannot carry
const NOT_XML = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/u;
// deno-lint-ignore no-control-regex -- a first check, whether there is anything to do
const NEEDS_CARE = /[&<>\r\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/;

/** Finds the first character that XML cannot carry, as `U+0001`; undefined if there is none. */
export function findForbiddenCharacter(text: string): string | undefined {
  const match = NOT_XML.exec(text);
  if (match === null) return undefined;
  return `U+${
    match[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")
  }`;
}

/** Whether a text has characters that must be escaped, or may be forbidden. */
export function needsCare(text: string): boolean {
  return NEEDS_CARE.test(text);
}

/**
 * Escapes text as character data; undefined if it holds a character that XML cannot carry
 * ({@linkcode findForbiddenCharacter} names it).
 */
export function escapeText(text: string): string | undefined {
  if (!NEEDS_CARE.test(text)) return text;
  if (NOT_XML.test(text)) return undefined;
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    // "]]>" must not stand in character data.
    .replaceAll(">", "&gt;")
    // A reader turns a raw CR into LF.
    .replaceAll("\r", "&#13;");
}

/** How many bytes a character has that starts with `lead`; 1 if none does. */
function readLength(lead: number): number {
  if (lead >= 0xf0) return 4;
  if (lead >= 0xe0) return 3;
  return lead >= 0xc0 ? 2 : 1;
}

/**
 * Throws the problem of the first character that {@linkcode decodeUtf8} refuses, if there
 * is one; calls `onCharacter` before, with where each character beyond ASCII starts.
 */
export function checkCharacters(
  text: Uint8Array,
  onCharacter: (at: number) => void,
): void {
  let at = 0;
  while (at < text.length) {
    const length = readLength(text[at]!);
    if (text[at]! >= 0x80) {
      onCharacter(at);
      decodeUtf8(text.subarray(at, at + length));
    }
    at += length;
  }
}
