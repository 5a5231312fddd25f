// Reads the body of a request or a response. This module is browser compatible.

/** Gives a body in chunks. */
export interface ChunkReader {
  /** The next chunk, valid until the one after it is read; undefined at the end. */
  readonly read: () => Promise<Uint8Array | undefined>;
  readonly cancel: (reason: unknown) => Promise<void>;
}

/** After so many chunks, a body is long enough to give all further ones the same buffer. */
const CHUNKS_BEFORE_REUSE = 2;

/** How much servers and clients send and receive at once. */
const BUFFER_BYTES = 65_536;

/** Reads a body; the chunks of a long one into the same buffer, where the runtime can. */
export class BodyReader implements ChunkReader {
  readonly #body: ReadableStream<Uint8Array>;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #byteReader: ReadableStreamBYOBReader | undefined;
  #buffer: ArrayBuffer | undefined;
  #chunkCount = 0;

  constructor(body: ReadableStream<Uint8Array>) {
    this.#body = body;
    this.#reader = body.getReader();
  }

  async read(): Promise<Uint8Array | undefined> {
    if (this.#chunkCount++ === CHUNKS_BEFORE_REUSE) this.#reuseBuffer();
    if (this.#reader === undefined) return this.#readIntoBuffer();
    const { done, value } = await this.#reader.read();
    return done ? undefined : value;
  }

  async #readIntoBuffer(): Promise<Uint8Array | undefined> {
    const { done, value } = await this.#byteReader!.read(
      new Uint8Array(this.#buffer!),
    );
    if (done) return undefined;
    this.#buffer = value.buffer;
    return value;
  }

  #reuseBuffer(): void {
    this.#reader!.releaseLock();
    try {
      this.#byteReader = this.#body.getReader({ mode: "byob" });
      this.#reader = undefined;
      this.#buffer = new ArrayBuffer(BUFFER_BYTES);
    } catch {
      // It is not a stream of bytes.
      this.#reader = this.#body.getReader();
    }
  }

  cancel(reason: unknown): Promise<void> {
    return (this.#byteReader ?? this.#reader!).cancel(reason);
  }
}

/** Longest body that is read at once, by a {@linkcode WholeBody}. */
export const SMALL_BYTES = 65_536;

/** Reads a body as one chunk: several times as fast as a stream of one chunk. */
export class WholeBody implements ChunkReader {
  readonly #body: Body;
  #isRead = false;
  #rejectRead: ((reason: unknown) => void) | undefined;

  constructor(body: Body) {
    this.#body = body;
  }

  read(): Promise<Uint8Array | undefined> {
    if (this.#isRead) return Promise.resolve(undefined);
    this.#isRead = true;
    return new Promise((resolve, reject) => {
      this.#rejectRead = reject;
      this.#body.arrayBuffer().then(
        (bytes) => resolve(new Uint8Array(bytes)),
        reject,
      );
    });
  }

  /** Stops waiting for the body; the runtime stops reading when the connection ends. */
  cancel(reason: unknown): Promise<void> {
    this.#rejectRead?.(reason);
    return Promise.resolve();
  }
}
