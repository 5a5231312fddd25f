// Reads and stores files as streams, and computes their SHA-256 on the way.

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
export async function* measure(
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
  readonly #path: string | URL;
  /** What the file was when it was opened. */
  readonly info: Deno.FileInfo;
  readonly #onEnd: (measured: Measured) => void;
  #file: Deno.FsFile | undefined;

  private constructor(
    path: string | URL,
    file: Deno.FsFile,
    info: Deno.FileInfo,
    onEnd: (measured: Measured) => void,
  ) {
    super();
    this.#path = path;
    this.#file = file;
    this.info = info;
    this.#onEnd = onEnd;
    UNREAD.register(this, file, this);
  }

  /** Opens a file. `onEnd` is called after the last byte has been read. */
  static async open(
    path: string | URL,
    onEnd: (measured: Measured) => void = () => {},
  ): Promise<FileBlob> {
    const file = await Deno.open(path);
    try {
      return new FileBlob(path, file, await file.stat(), onEnd);
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
    yield* measure(readChunks(file, this.size), this.#onEnd);
  }

  override stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return ReadableStream.from(this.#read());
  }
}

/** Writes a new file, and looks at it before it is closed. */
async function writeNew(
  path: string,
  bytes: AsyncIterable<Uint8Array<ArrayBuffer>>,
): Promise<Deno.FileInfo> {
  using file = await Deno.open(path, { write: true, createNew: true });
  const writer = new WritableStream<Uint8Array>({
    async write(chunk) {
      let rest = chunk;
      while (rest.length > 0) rest = rest.subarray(await file.write(rest));
    },
  });
  await ReadableStream.from(bytes).pipeTo(writer);
  return await file.stat();
}

/**
 * Stores bytes as a file. `check` gets their size and SHA-256, and what the file system
 * knows of the file: by its name, another one may be found later. The bytes go into a temporary file in the same folder first. It
 * replaces the file only when it is complete and `check` has not thrown; otherwise it is
 * removed.
 */
export async function saveFile(
  path: string,
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
  check: (
    measured: Measured,
    info: Deno.FileInfo,
  ) => void | Promise<void> = () => {},
): Promise<Measured> {
  const temporary = join(dirname(path), `.${crypto.randomUUID()}.part`);
  let result: Measured | undefined;
  const measured = measure(bytes, (measured) => result = measured);
  try {
    const info = await writeNew(temporary, measured);
    await check(result!, info);
    await Deno.rename(temporary, path);
    return result!;
  } catch (error) {
    await bytes.cancel(error).catch(() => {});
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}
