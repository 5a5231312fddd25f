// Bytes that look empty because they have been lost.

/** Views that are outside of their buffer since it has shrunk. */
export function createShrunkViews(): ArrayBufferView<ArrayBuffer>[] {
  const buffer = new ArrayBuffer(16, { maxByteLength: 16 });
  const views = [
    new Uint8Array(buffer, 0, 16),
    new Uint8Array(buffer, 8),
    new Int8Array(buffer, 8, 4),
    new Uint8ClampedArray(buffer, 8),
    new Float64Array(buffer, 8),
    new DataView(buffer, 8),
    new DataView(buffer, 0, 16),
  ];
  buffer.resize(4);
  return views;
}

/** A buffer that has been transferred, and views of it. */
export function createTransferred(): (ArrayBuffer | ArrayBufferView)[] {
  const buffer = new ArrayBuffer(16);
  const views = [new Uint8Array(buffer), new DataView(buffer, 8)];
  structuredClone(buffer, { transfer: [buffer] });
  return [buffer, ...views];
}
