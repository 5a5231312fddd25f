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

/** Reads exactly `size` bytes, which a file had when it was opened. */
async function* readChunks(
  file: Deno.FsFile,
  size: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  let left = size;
  while (left > 0) {
    const chunk = new Uint8Array(Math.min(CHUNK_BYTES, left));
    const length = await file.read(chunk);
    if (length === null) throw new Error("The file became shorter");
    left -= length;
    yield chunk.subarray(0, length);
  }
}

/** Whether two looks at a file saw the same version of it. */
function isSameVersion(a: Deno.FileInfo, b: Deno.FileInfo): boolean {
  return a.dev === b.dev && a.ino === b.ino && a.size === b.size &&
    a.mtime?.getTime() === b.mtime?.getTime();
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

/** Closes the files of Blobs that are never read. */
const UNREAD = new FinalizationRegistry<Deno.FsFile>((file) => file.close());

/**
 * A file on disk as a Blob. Deno's own Blobs hold all their bytes in memory; this one reads
 * the file while it is sent. Its size is known in advance, so it is sent with a
 * Content-Length. The file is open from the start: when another one replaces it, the Blob
 * still has the size and the bytes of the one that was opened.
 */
export class FileBlob extends Blob {
  readonly #path: string;
  /** What the file was when it was opened. */
  readonly info: Deno.FileInfo;
  #file: Deno.FsFile | undefined;

  private constructor(
    path: string,
    file: Deno.FsFile,
    info: Deno.FileInfo,
  ) {
    super();
    this.#path = path;
    this.#file = file;
    this.info = info;
    UNREAD.register(this, file, this);
  }

  /** Opens a file. */
  static async open(
    path: string,
  ): Promise<FileBlob> {
    const file = await Deno.open(path);
    try {
      return new FileBlob(path, file, await file.stat());
    } catch (error) {
      file.close();
      throw error;
    }
  }

  override get size(): number {
    return this.info.size;
  }

  /** Closes the file, if nothing has read it. */
  close(): void {
    this.#take()?.close();
  }

  #take(): Deno.FsFile | undefined {
    const file = this.#file;
    this.#file = undefined;
    UNREAD.unregister(this);
    return file;
  }

  /** Opens the file once more. It must still be the same version. */
  async #reopen(): Promise<Deno.FsFile> {
    const file = await Deno.open(this.#path);
    if (isSameVersion(await file.stat(), this.info)) return file;
    file.close();
    throw new Error("The file has changed since it was opened");
  }

  async *#read(): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
    using file = this.#take() ?? await this.#reopen();
    yield* readChunks(file, this.size);
  }

  override stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return ReadableStream.from(this.#read());
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
