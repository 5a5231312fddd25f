// The document's encoding: found out from its first bytes, and undone.
// This module is browser compatible.

import { quote } from "./_message.ts";
import { isSpace, malformed, usualDeclaration } from "./_xml.ts";

/** Turns a document, piece by piece, into UTF-8. */
export interface Utf8Converter {
  /**
   * The next piece as UTF-8: the very bytes, where they are UTF-8 already. Throws a
   * `Flaw` if the encoding is unknown or the bytes are none of its.
   */
  convert(piece: Uint8Array, last: boolean): Uint8Array;
}

type Convert = (piece: Uint8Array, last: boolean) => Uint8Array;

const NOTHING = new Uint8Array(0);

/** Longest XML declaration in which an encoding is looked for, in bytes. */
const LONGEST_DECLARATION = 1024;

// Others that TextDecoder decodes exactly as their own standards say. Not here:
// ISO-8859-9 and -11, which it takes for the Windows code pages near them.
const OTHERS: ReadonlySet<string> = new Set([
  ...[2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16].map((part) =>
    `iso-8859-${part}`
  ),
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8].map((page) => `windows-125${page}`),
  ...[
    "koi8-r",
    "koi8-u",
    "shift_jis",
    "euc-jp",
    "gb2312",
    "gbk",
    "gb18030",
    "big5",
    "euc-kr",
  ],
]);

const ALIASES: ReadonlyMap<string, string> = new Map([
  ["utf8", "utf-8"],
  ["ascii", "us-ascii"],
  ["latin1", "iso-8859-1"],
  ["iso_8859-1", "iso-8859-1"],
  ["l1", "iso-8859-1"],
  ["cp1252", "windows-1252"],
]);

function keep(piece: Uint8Array): Uint8Array {
  return piece;
}

function fromAscii(piece: Uint8Array): Uint8Array {
  for (const byte of piece) {
    // TextDecoder would take it for windows-1252, silently.
    if (byte >= 0x80) {
      throw malformed(
        "A byte above 127 in a document that says it is US-ASCII",
      );
    }
  }
  return piece;
}

// By hand, because TextDecoder takes "iso-8859-1" for windows-1252, which has other
// characters in 0x80-0x9F.
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
        `Bytes that are not ${encoding}, the document's encoding`,
      );
    }
  };
}

function converterOf(label: string): Convert {
  const encoding = ALIASES.get(label) ?? label;
  if (encoding === "utf-8") return keep;
  if (encoding === "us-ascii") return fromAscii;
  if (encoding === "iso-8859-1") return fromLatin1;
  if (encoding === "utf-16le" || encoding === "utf-16be") {
    return fromOther(encoding);
  }
  if (encoding === "utf-16") {
    throw malformed("UTF-16 without a byte order mark");
  }
  if (OTHERS.has(encoding)) return fromOther(encoding);
  throw malformed(`Unknown encoding ${quote(label)}: send UTF-8`);
}

function startsWith(bytes: Uint8Array, ...start: number[]): boolean {
  return start.every((byte, at) => bytes[at] === byte);
}

/** The `charset` of a Content-Type, in lower case; undefined if it names none. */
function charsetOf(contentType: string | undefined): string | undefined {
  const match = /;\s*charset\s*=\s*("?)([^";\s]+)\1/i.exec(contentType ?? "");
  return match?.[2]?.toLowerCase();
}

const DECLARATION_START = Array.from(
  "<?xml",
  (character) => character.charCodeAt(0),
);
const ENCODING =
  /^<\?xml[ \t\r\n](?:[^]*?[ \t\r\n])?encoding[ \t\r\n]*=[ \t\r\n]*(["'])([A-Za-z][\w.-]*)\1/;

/**
 * Makes a converter. A byte order mark decides; then the `charset` of the
 * Content-Type; then the XML declaration; then it is UTF-8 (RFC 7303, section 3).
 */
export function createUtf8Converter(
  contentType: string | undefined,
): Utf8Converter {
  let held: Uint8Array = NOTHING;
  let marked = false;
  let decided: Convert | undefined;

  /** Decides by the byte order mark or the header, and takes the mark off. */
  function decideByMark(): Convert | undefined {
    marked = true;
    if (startsWith(held, 0xef, 0xbb, 0xbf)) {
      held = held.subarray(3);
      return keep;
    }
    const little = startsWith(held, 0xff, 0xfe);
    if (little || startsWith(held, 0xfe, 0xff)) {
      held = held.subarray(2);
      return fromOther(little ? "utf-16le" : "utf-16be");
    }
    const charset = charsetOf(contentType);
    if (charset !== undefined) return converterOf(charset);
    // Not in the spec, without a declaration: but no other encoding begins like this.
    if (held[0] === 0x3c && held[1] === 0 && held[2] !== 0 && held[3] === 0) {
      return fromOther("utf-16le");
    }
    if (held[0] === 0 && held[1] === 0x3c && held[2] === 0 && held[3] !== 0) {
      return fromOther("utf-16be");
    }
    return undefined;
  }

  /** Decides by the declaration, as soon as it is whole; undefined while it is not. */
  function decideByDeclaration(last: boolean): Convert | undefined {
    if (usualDeclaration(held) > 0) return keep;
    const length = Math.min(held.length, LONGEST_DECLARATION);
    const whole = last || length === LONGEST_DECLARATION;
    if (!startsWith(held, ...DECLARATION_START.slice(0, length))) return keep;
    // Its "?>" has the one "?" in it that may be there.
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
    return converterOf(label);
  }

  return {
    convert(piece, last) {
      if (decided !== undefined) return decided(piece, last);
      held = held.length === 0 ? piece : concat(held, piece);
      if (!marked) {
        if (held.length < 4 && !last) return keepHeld();
        decided = decideByMark();
      }
      const space = decided === undefined ? takeSpace() : NOTHING;
      if (decided === undefined) {
        if (held.length > 0) decided = decideByDeclaration(last);
        if (decided === undefined) return last ? space : keepHeld(space);
      }
      const rest = held;
      held = NOTHING;
      const converted = decided(rest, last);
      return space.length === 0 ? converted : concat(space, converted);
    },
  };

  /** Takes leading white space off: it may be passed on before anything is decided. */
  function takeSpace(): Uint8Array {
    let at = 0;
    while (at < held.length && isSpace(held[at]!)) at++;
    if (at === 0) return NOTHING;
    const space = held.subarray(0, at);
    held = held.subarray(at);
    return space;
  }

  /** What is held must outlive the caller's chunk, which the caller may reuse. */
  function keepHeld(ready: Uint8Array = NOTHING): Uint8Array {
    const out = ready.slice();
    held = held.slice();
    return out;
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
