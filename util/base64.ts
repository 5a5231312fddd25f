// Base64 by the methods of `Uint8Array`, or by `btoa` and `atob` where these are missing.
// This module is browser compatible.

// Not in every runtime yet: Node before 26 and older browsers lack both methods.
interface Base64Native {
  readonly fromBase64?: (text: string) => Uint8Array<ArrayBuffer>;
}
interface Base64Bytes {
  readonly toBase64?: () => string;
  readonly setFromBase64?: (
    text: string,
    options: { readonly lastChunkHandling: "stop-before-partial" },
  ) => { readonly read: number; readonly written: number };
}

/** White space, which may stand anywhere in base64. */
const SPACE = /[ \t\n\f\r]+/g;

// How many bytes `String.fromCharCode` takes at once without overflowing the stack.
const CHUNK_BYTES = 0x2000;

/** Encodes bytes as base64 in the standard alphabet, padded, on one line. */
export function encodeBase64(bytes: Uint8Array): string {
  const native = (bytes as Base64Bytes).toBase64;
  return native === undefined ? encodePortably(bytes) : native.call(bytes);
}

/**
 * Decodes a base64 text. White space is skipped, and padding may be missing, if all of it
 * is. Throws an error of the platform if the text is not base64.
 */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const native = (Uint8Array as Base64Native).fromBase64;
  return native === undefined
    ? decodePortably(text)
    : native.call(Uint8Array, text);
}

/** {@linkcode encodeBase64} for runtimes without `Uint8Array.prototype.toBase64`. */
export function encodePortably(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK_BYTES));
  }
  return btoa(binary);
}

/** {@linkcode decodeBase64} for runtimes without `Uint8Array.fromBase64`. */
export function decodePortably(text: string): Uint8Array<ArrayBuffer> {
  // `atob` skips white space, and takes padding that is complete or missing.
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

function createPaddingError(): SyntaxError {
  return new SyntaxError("Base64 continues after its padding");
}

/** The bytes of the complete groups of four letters, and the rest of the text. */
interface Groups {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly rest: string;
}

function decodeGroups(text: string): Groups {
  const bytes = new Uint8Array(Math.ceil(text.length / 4) * 3);
  const native = (bytes as Base64Bytes).setFromBase64;
  if (native === undefined) return decodeGroupsPortably(text);
  const { read, written } = native.call(bytes, text, {
    lastChunkHandling: "stop-before-partial",
  });
  return {
    bytes: bytes.subarray(0, written),
    rest: text.slice(read).replace(SPACE, ""),
  };
}

/** {@linkcode decodeGroups} for runtimes without `setFromBase64`. */
export function decodeGroupsPortably(text: string): Groups {
  const letters = text.replace(SPACE, "");
  const end = letters.length - letters.length % 4;
  const rest = letters.slice(end);
  if (letters[end - 1] === "=" && rest !== "") throw createPaddingError();
  return { bytes: decodePortably(letters.slice(0, end)), rest };
}

/** Decodes a base64 text that arrives in chunks, like {@linkcode decodeBase64} a whole one. */
export class Base64Decoder {
  readonly #decode: (text: string) => Groups;
  /** The letters of a group that is not complete yet. */
  #rest = "";
  /** Whether there was padding: no letter may follow it. */
  #isPadded = false;

  constructor(decode: (text: string) => Groups = decodeGroups) {
    this.#decode = decode;
  }

  /** Decodes what the next chunk completes; throws an error of the platform if it is not base64. */
  push(chunk: string): Uint8Array<ArrayBuffer> {
    const text = this.#rest === "" ? chunk : this.#rest + chunk;
    const { bytes, rest } = this.#decode(text);
    if (this.#isPadded && (bytes.length > 0 || rest !== "")) {
      throw createPaddingError();
    }
    this.#rest = rest;
    this.#isPadded ||= bytes.length > 0 && rest === "" &&
      text.trimEnd().endsWith("=");
    return bytes;
  }

  /** Decodes an end without padding; throws an error of the platform if it is not one. */
  end(): Uint8Array<ArrayBuffer> {
    return decodeBase64(this.#rest);
  }
}
