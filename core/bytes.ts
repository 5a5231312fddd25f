// Bytes that have been lost: their buffer was transferred, or has shrunk. This module is
// browser compatible.

/** Whether bytes can be read; those that cannot look empty. */
function isReadable(bytes: ArrayBuffer | ArrayBufferView): boolean {
  try {
    // Each of these throws if the bytes are lost.
    if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes).length >= 0;
    if (bytes instanceof DataView) return bytes.byteLength >= 0;
    if (bytes.byteLength === 0) Uint8Array.prototype.at.call(bytes, 0);
    return true;
  } catch {
    return false;
  }
}

/** Describes bytes that are lost, for messages; undefined if they can be read. */
export function describeLostBytes(
  bytes: ArrayBuffer | ArrayBufferView,
): string | undefined {
  if (isReadable(bytes)) return undefined;
  const buffer = ArrayBuffer.isView(bytes) ? bytes.buffer : bytes;
  const hasShrunk = ArrayBuffer.isView(bytes) &&
    (!(buffer instanceof ArrayBuffer) || isReadable(buffer));
  return hasShrunk
    ? "bytes outside of their shrunk buffer"
    : "bytes that have been transferred";
}
