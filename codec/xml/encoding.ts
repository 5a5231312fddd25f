// The encoding of a document: detected from its first bytes, and converted to UTF-8.
// This module is browser compatible.

import { quote } from "../../util/messages.ts";
import { isSpace } from "./characters.ts";
import { malformed } from "./problem.ts";
import { measureUsualDeclaration } from "./syntax.ts";

type Convert = (piece: Uint8Array, last: boolean) => Uint8Array;

/** The empty array. */
export const NOTHING: Uint8Array = new Uint8Array(0);

/** Longest XML declaration in which an encoding is looked for, in bytes. */
const LONGEST_DECLARATION = 1024;

// Other encodings, which TextDecoder decodes exactly as their standards say. Not among
// them: ISO-8859-9 and -11, which it treats as the Windows code pages close to them.
const OTHERS =
  /^(?:iso-8859-(?:[2-8]|1[03-6])|windows-125[0-8]|koi8-[ru]|shift-jis|euc-(?:jp|kr)|gb(?:2312|k|18030)|big5)$/;

/** Other names of the encodings, such as those of Python and Java, and what replaces them. */
const ALIASES: readonly (readonly [RegExp, string])[] = [
  [/_/g, "-"],
  [/^utf8$/, "utf-8"],
  [/^ascii$/, "us-ascii"],
  [/^l(?:atin-?)?1$/, "iso-8859-1"],
  [/^iso8859/, "iso-8859"],
  [/^cp(?=125)/, "windows-"],
];

function keep(piece: Uint8Array): Uint8Array {
  return piece;
}

function fromAscii(piece: Uint8Array): Uint8Array {
  for (const byte of piece) {
    // TextDecoder would silently decode it as windows-1252.
    if (byte >= 0x80) {
      throw malformed(
        "A byte above 127 in a document declared as US-ASCII",
      );
    }
  }
  return piece;
}

// By hand, because TextDecoder treats "iso-8859-1" as windows-1252, which has different
// characters at 0x80-0x9F.
function fromLatin1(piece: Uint8Array): Uint8Array {
  const out = new Uint8Array(piece.length * 2);
  let length = 0;
  for (const byte of piece) {
    if (byte < 0x80) {
      out[length++] = byte;
    } else {
      out[length++] = 0xc0 | (byte >> 6);
      out[length++] = 0x80 | (byte & 0x3f);
    }
  }
  return out.subarray(0, length);
}

function fromOther(encoding: string): Convert {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  const encoder = new TextEncoder();
  return (piece, last) => {
    try {
      return encoder.encode(decoder.decode(piece, { stream: !last }));
    } catch {
      throw malformed(
        `Bytes that are not ${decoder.encoding}, the document's encoding`,
      );
    }
  };
}

function createConverter(label: string): Convert {
  const encoding = ALIASES.reduce(
    (name, [pattern, usual]) => name.replace(pattern, usual),
    label,
  );
  if (encoding === "utf-8") return keep;
  if (encoding === "us-ascii") return fromAscii;
  if (encoding === "iso-8859-1") return fromLatin1;
  if (encoding === "utf-16le" || encoding === "utf-16be") {
    return fromOther(encoding);
  }
  if (encoding === "utf-16") {
    throw malformed("UTF-16 without a byte order mark");
  }
  if (OTHERS.test(encoding)) return fromOther(encoding);
  throw malformed(`Unknown encoding ${quote(label)}: send UTF-8`);
}

/** Reads the `charset` of a Content-Type, in lower case; undefined if there is none. */
function readCharset(contentType: string | undefined): string | undefined {
  const match = /;\s*charset\s*=\s*("?)([^",;\s]+)\1/i.exec(contentType ?? "");
  return match?.[2]?.toLowerCase();
}

const DECLARATION_START = new TextEncoder().encode("<?xml");

/** Whether the bytes begin an XML declaration, or may do so when more arrive. */
function beginsDeclaration(bytes: Uint8Array): boolean {
  return DECLARATION_START.every((byte, at) => byte === (bytes[at] ?? byte));
}

const ENCODING =
  /^<\?xml[ \t\r\n](?:[^]*?[ \t\r\n])?encoding[ \t\r\n]*=[ \t\r\n]*(["'])([A-Za-z][\w.-]*)\1/;

/**
 * Converts a stream of bytes to UTF-8. A byte order mark decides its encoding; without
 * one, the `charset` of the Content-Type; then the XML declaration; the default is UTF-8
 * (RFC 7303, section 3).
 */
export class Utf8Converter {
  readonly #contentType: string | undefined;
  #held = NOTHING;
  #isMarked = false;
  #convert: Convert | undefined;

  constructor(contentType: string | undefined) {
    this.#contentType = contentType;
  }

  /**
   * Converts the next chunk; bytes that are UTF-8 already are returned as they are. Throws
   * a `DocumentProblem` if the encoding is unknown, or the bytes are not valid in it.
   */
  convert(piece: Uint8Array, last: boolean): Uint8Array {
    if (this.#convert !== undefined) return this.#convert(piece, last);
    this.#held = concat(this.#held, piece);
    if (!this.#isMarked) {
      if (this.#held.length < 4 && !last) return this.#keepHeld();
      this.#convert = this.#decideByMark();
    }
    let space = NOTHING;
    if (this.#convert === undefined) {
      space = this.#takeSpace();
      if (this.#held.length > 0) this.#convert = this.#decideByText(last);
      if (this.#convert === undefined) {
        return last ? space : this.#keepHeld(space);
      }
    }
    const rest = this.#held;
    this.#held = NOTHING;
    return concat(space, this.#convert(rest, last));
  }

  /** Decides by the byte order mark, which it removes, or by the header. */
  #decideByMark(): Convert | undefined {
    this.#isMarked = true;
    const held = this.#held;
    const a = held[0];
    const b = held[1];
    const c = held[2];
    const d = held[3];
    if (a === 0xef && b === 0xbb && c === 0xbf) {
      this.#held = held.subarray(3);
      return keep;
    }
    const isLittle = a === 0xff && b === 0xfe;
    if (isLittle || (a === 0xfe && b === 0xff)) {
      this.#held = held.subarray(2);
      return fromOther(isLittle ? "utf-16le" : "utf-16be");
    }
    const charset = readCharset(this.#contentType);
    if (charset !== undefined) return createConverter(charset);
    // Not in the spec without a declaration, but no other encoding begins like this.
    if (a === 0x3c && b === 0 && c !== 0 && d === 0) {
      return fromOther("utf-16le");
    }
    if (a === 0 && b === 0x3c && c === 0 && d !== 0) {
      return fromOther("utf-16be");
    }
    return undefined;
  }

  /** Decides by the declaration; undefined as long as it is incomplete. */
  #decideByText(last: boolean): Convert | undefined {
    const held = this.#held;
    if (measureUsualDeclaration(held) > 0) return keep;
    const length = Math.min(held.length, LONGEST_DECLARATION);
    const whole = last || length === LONGEST_DECLARATION;
    if (!beginsDeclaration(held)) return keep;
    // The only "?" in a declaration is that of its "?>".
    const end = held.subarray(0, length).indexOf(0x3f, 2);
    if (end < 0 && !whole) return undefined;
    const text = String.fromCharCode(
      ...held.subarray(0, end < 0 ? length : end),
    );
    const match = ENCODING.exec(text);
    const label = match?.[2]?.toLowerCase() ?? "utf-8";
    if (label.startsWith("utf-16")) {
      throw malformed("The XML declaration says UTF-16, but the bytes are not");
    }
    return createConverter(label);
  }

  /** Takes leading white space, which may be passed on before the encoding is known. */
  #takeSpace(): Uint8Array {
    let at = 0;
    while (at < this.#held.length && isSpace(this.#held[at]!)) at++;
    if (at === 0) return NOTHING;
    const space = this.#held.subarray(0, at);
    this.#held = this.#held.subarray(at);
    return space;
  }

  /** Copies the held bytes, because the caller may reuse its chunk. */
  #keepHeld(ready = NOTHING): Uint8Array {
    this.#held = this.#held.slice();
    return ready.slice();
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
