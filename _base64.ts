// Base64 by the platform, or by `btoa` and `atob` where it has no more.
// This module is browser compatible.

// Not in every runtime yet: Node before 26 and older browsers lack both methods.
interface Base64Native {
  readonly fromBase64?: (text: string) => Uint8Array<ArrayBuffer>;
}
interface Base64Bytes {
  readonly toBase64?: () => string;
}

// How many bytes `String.fromCharCode` takes at once without overflowing the stack.
const PIECE = 0x2000;

/** Bytes as base64 in the standard alphabet, padded, on one line. */
export function encodeBase64(bytes: Uint8Array): string {
  const native = (bytes as Base64Bytes).toBase64;
  return native === undefined ? encodePortably(bytes) : native.call(bytes);
}

/**
 * The bytes of a base64 text; white space is skipped, and padding may be left out
 * whole. Throws an error of the platform if it is no base64.
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
  for (let at = 0; at < bytes.length; at += PIECE) {
    binary += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  }
  return btoa(binary);
}

/** {@linkcode decodeBase64} for runtimes without `Uint8Array.fromBase64`. */
export function decodePortably(text: string): Uint8Array<ArrayBuffer> {
  // `atob` skips white space and takes padding that is whole or missing, as we want.
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
