// Reads and stores files as streams.

import { createHash } from "node:crypto";
import { dirname, join } from "node:path";

/** The size and the SHA-256 of a file. */
export interface Measured {
  readonly size: number;
  /** In hexadecimal digits. */
  readonly sha256: string;
}

// Divisible by 3, so that base64 needs no padding between two chunks.
const CHUNK_BYTES = 196_200;

async function* readChunks(
  path: string,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  using file = await Deno.open(path);
  for (;;) {
    const chunk = new Uint8Array(CHUNK_BYTES);
    const length = await file.read(chunk);
    if (length === null) return;
    yield chunk.subarray(0, length);
  }
}

/** Passes bytes through; calls `onEnd` after the last of them. */
async function* measure(
  bytes: AsyncIterable<Uint8Array<ArrayBuffer>>,
  onEnd: (measured: Measured) => void,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of bytes) {
    hash.update(chunk);
    size += chunk.length;
    yield chunk;
  }
  onEnd({ size, sha256: hash.digest("hex") });
}

/**
 * A file on disk as a Blob. Deno's own Blobs hold all their bytes in memory; this one reads
 * the file while it is sent. Its size is known in advance, so it is sent with a
 * Content-Length.
 */
export class FileBlob extends Blob {
  readonly #path: string;
  readonly #size: number;

  constructor(path: string, size: number) {
    super();
    this.#path = path;
    this.#size = size;
  }

  override get size(): number {
    return this.#size;
  }

  override stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return ReadableStream.from(readChunks(this.#path));
  }
}

/**
 * Stores bytes as a file. They go into a temporary file in the same folder first. It
 * replaces the file only when it is complete; if that fails, it is removed.
 */
export async function saveFile(
  path: string,
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<Measured> {
  const temporary = join(dirname(path), `.${crypto.randomUUID()}.part`);
  let result: Measured | undefined;
  const measured = measure(bytes, (measured) => result = measured);
  try {
    await Deno.writeFile(temporary, ReadableStream.from(measured), {
      createNew: true,
    });
    await Deno.rename(temporary, path);
    return result!;
  } catch (error) {
    await bytes.cancel(error).catch(() => {});
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}
