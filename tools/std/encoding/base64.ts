/**
 * A stand-in for `@std/encoding/base64`.
 *
 * @module
 */

/** Bytes, or the UTF-8 of a text, as base64. */
export function encodeBase64(data: ArrayBuffer | Uint8Array | string): string {
  const bytes = typeof data === "string"
    ? new TextEncoder().encode(data)
    : new Uint8Array(data);
  return bytes.toBase64();
}

/** The bytes of a base64 text. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(text);
}
