// Bytes that both sides know without sending them.

type Bytes = Uint8Array<ArrayBuffer>;

function byteAt(seed: number, at: number): number {
  return (seed + at * 31 + (at >>> 8) * 7) & 255;
}

/** Bytes that everyone can tell, in chunks. */
export async function* bytesOf(
  seed: number,
  length: number,
  chunkBytes = 16_384,
): AsyncGenerator<Bytes, void, void> {
  for (let start = 0; start < length; start += chunkBytes) {
    const size = Math.min(chunkBytes, length - start);
    yield Uint8Array.from(
      { length: size },
      (_, at) => byteAt(seed, start + at),
    );
  }
}

/** How many bytes, and a sum in which each place counts. */
export async function digest(
  bytes: AsyncIterable<Uint8Array>,
): Promise<string> {
  let size = 0;
  let sum = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    for (const byte of chunk) sum = (Math.imul(sum, 31) + byte) >>> 0;
  }
  return `${size} ${sum}`;
}
