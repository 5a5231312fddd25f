/**
 * A stand-in for `@std/encoding/hex`.
 *
 * @module
 */

/** Bytes, or the UTF-8 of a text, as hexadecimal digits. */
export function encodeHex(data: ArrayBuffer | Uint8Array | string): string {
  const bytes = typeof data === "string"
    ? new TextEncoder().encode(data)
    : new Uint8Array(data);
  return bytes.toHex();
}
