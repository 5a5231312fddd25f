// Files as the command line and the examples send and store them: piece by piece, with
// their SHA-256 made on the way.

import { createHash } from "node:crypto";
import { dirname, join } from "node:path";

/** What went by. */
export interface Measured {
  readonly size: number;
  /** In hexadecimal digits. */
  readonly sha256: string;
}

// Divisible by 3, so that base64 leaves no bytes over from one piece to the next.
const PIECE_BYTES = 196_200;

async function* piecesOf(
  path: string | URL,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  using file = await Deno.open(path);
  for (;;) {
    const piece = new Uint8Array(PIECE_BYTES);
    const length = await file.read(piece);
    if (length === null) return;
    yield piece.subarray(0, length);
  }
}

/** The same bytes; `onEnd` is told of them once they have all gone by. */
export async function* measure(
  bytes: AsyncIterable<Uint8Array<ArrayBuffer>>,
  onEnd: (measured: Measured) => void,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const piece of bytes) {
    hash.update(piece);
    size += piece.length;
    yield piece;
  }
  onEnd({ size, sha256: hash.digest("hex") });
}

/**
 * A file on disk as a Blob: Deno's own hold everything in memory. It is read when it is
 * sent; because its size is known before, it is sent with a Content-Length.
 */
export class FileBlob extends Blob {
  readonly #path: string | URL;
  readonly #size: number;
  readonly #onEnd: ((measured: Measured) => void) | undefined;

  /** `onEnd` is told what was read, once that is all of it. */
  constructor(
    path: string | URL,
    size: number,
    onEnd?: (measured: Measured) => void,
  ) {
    super();
    this.#path = path;
    this.#size = size;
    this.#onEnd = onEnd;
  }

  override get size(): number {
    return this.#size;
  }

  override stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const pieces = piecesOf(this.#path);
    return ReadableStream.from(
      this.#onEnd === undefined ? pieces : measure(pieces, this.#onEnd),
    );
  }
}

/**
 * Stores bytes as a file. They go into a temporary file beside it, which takes its place
 * only when all of them are there and `check` has not thrown; else it is removed.
 */
export async function saveFile(
  path: string,
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
  check: (measured: Measured) => void | Promise<void> = () => {},
): Promise<Measured> {
  const temporary = join(dirname(path), `.${crypto.randomUUID()}.part`);
  let result: Measured | undefined;
  const measured = measure(bytes, (measured) => result = measured);
  try {
    await Deno.writeFile(temporary, ReadableStream.from(measured), {
      createNew: true,
    });
    await check(result!);
    await Deno.rename(temporary, path);
    return result!;
  } catch (error) {
    await bytes.cancel(error).catch(() => {});
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}
