// Documents in, as fast as somebody uses what comes out of them: for server and client
// alike. This module is browser compatible.

import { keepFreedMemory } from "./memory.ts";
import { ignoreErrors, makeStoppable } from "../util/async.ts";
import type { XmlRpcByteSink } from "./byte_stream.ts";

/** What gives a body in chunks. */
export interface ChunkReader {
  /** The next chunk, to be used before the one after it is read; undefined at the end. */
  readonly read: () => Promise<Uint8Array | undefined>;
  readonly cancel: (reason: unknown) => Promise<void>;
}

/** What a document is read from, and what reads it. */
export interface IntakeSettings<T> {
  readonly body: ReadableStream<Uint8Array> | ChunkReader | null;
  /** How many bytes the body has, if that is known: with the last, it is over. */
  readonly length?: number | undefined;
  /** Takes the next bytes of the document. */
  readonly push: (chunk: Uint8Array) => void;
  /** Says that the document is whole; returns what it holds. */
  readonly end: () => T;
  /** What is thrown if the body fails. */
  readonly wrap?: (cause: unknown) => unknown;
  /** Ends everything with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Awaited at the end of a body whose length is not known. */
  readonly onBodyEnd?: (() => Promise<void>) | undefined;
  /** Told when a chunk of the body is awaited, and when it is no more. */
  readonly onWait?: ((isWaiting: boolean) => void) | undefined;
  /** Told once when the document is whole, or never will be. */
  readonly onOver?: () => void;
}

/** After so many chunks, a body is worth memory that they all come into. */
const FEW_CHUNKS = 2;

/** As much as servers and clients send and receive at once. */
const CHUNK_BYTES = 65_536;

/** Reads a body; where the runtime can, the chunks of a long one into the same memory. */
class BodyReader implements ChunkReader {
  readonly #body: ReadableStream<Uint8Array>;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #byteReader: ReadableStreamBYOBReader | undefined;
  #memory: ArrayBuffer | undefined;
  #chunks = 0;

  constructor(body: ReadableStream<Uint8Array>) {
    this.#body = body;
    this.#reader = body.getReader();
  }

  async read(): Promise<Uint8Array | undefined> {
    if (this.#chunks++ === FEW_CHUNKS) this.#reuseMemory();
    if (this.#reader === undefined) return this.#readIntoMemory();
    const { done, value } = await this.#reader.read();
    return done ? undefined : value;
  }

  async #readIntoMemory(): Promise<Uint8Array | undefined> {
    const memory = new Uint8Array(this.#memory!);
    const { done, value } = await this.#byteReader!.read(memory);
    if (done) return undefined;
    this.#memory = value.buffer;
    return value;
  }

  #reuseMemory(): void {
    keepFreedMemory();
    this.#reader!.releaseLock();
    try {
      this.#byteReader = this.#body.getReader({ mode: "byob" });
      this.#reader = undefined;
      this.#memory = new ArrayBuffer(CHUNK_BYTES);
    } catch {
      // It is none of those that can.
      this.#reader = this.#body.getReader();
    }
  }

  cancel(reason: unknown): Promise<void> {
    return (this.#byteReader ?? this.#reader!).cancel(reason);
  }
}

/** Longest body that is read at once. */
export const SMALL_BYTES = 65_536;

/** A body that comes as one chunk: several times as fast as a stream of one. */
export class WholeBody implements ChunkReader {
  readonly #body: Body;
  #isRead = false;
  #giveUp: ((reason: unknown) => void) | undefined;

  constructor(body: Body) {
    this.#body = body;
  }

  read(): Promise<Uint8Array | undefined> {
    if (this.#isRead) return Promise.resolve(undefined);
    this.#isRead = true;
    return new Promise((resolve, reject) => {
      this.#giveUp = reject;
      this.#body.arrayBuffer().then(
        (bytes) => resolve(new Uint8Array(bytes)),
        reject,
      );
    });
  }

  /** Ends the waiting; the reading ends with the connection. */
  cancel(reason: unknown): Promise<void> {
    this.#giveUp?.(reason);
    return Promise.resolve();
  }
}

/**
 * Reads a document chunk by chunk, whenever somebody needs the next one: `begin`, who
 * reads the stream or the items in it, and `finish`.
 *
 * An error of the body, the document or the signal is final: whoever waits gets it, the
 * stream fails with it, and the body is cancelled. The stream closes only when the
 * document has come to a good end, and not with its base64.
 */
export class Intake<T> {
  readonly #settings: IntakeSettings<T>;
  readonly #reader: ChunkReader | null;
  #received = 0;
  #pending: Promise<void> | undefined;
  #result: { readonly value: T } | undefined;
  #failure: { readonly reason: unknown } | undefined;
  #stream: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  /** Undefined while there is nobody who wants bytes. */
  #controller:
    | ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>
    | undefined;
  /** Whether bytes or items have come since one last asked. */
  #hasNew = false;
  #batches: unknown[][] = [];

  constructor(settings: IntakeSettings<T>) {
    this.#settings = settings;
    const { body } = settings;
    this.#reader = body instanceof ReadableStream ? new BodyReader(body) : body;
    const { signal } = settings;
    if (signal?.aborted) this.#abort();
    else signal?.addEventListener("abort", this.#abort);
  }

  readonly #abort = (): void => this.cancel(this.#settings.signal!.reason);

  // ---------------------------------------------------------------- reading

  /**
   * Reads until a stream has been opened, or to the end of the document.
   *
   * Returns the stream, if there is one.
   */
  async begin(): Promise<ReadableStream<Uint8Array<ArrayBuffer>> | undefined> {
    while (this.#stream === undefined && this.#result === undefined) {
      await this.#advance();
    }
    return this.#stream;
  }

  /**
   * Reads to the end of the document, dropping the bytes that are still to come: its
   * stream fails, unless it was read to its end. Returns what the document holds.
   */
  async finish(): Promise<T> {
    if (this.#result === undefined) {
      this.#controller?.error(
        new TypeError("The call is over: its stream can be read no more"),
      );
      this.#controller = undefined;
    }
    while (this.#result === undefined) await this.#advance();
    return this.#result.value;
  }

  /** Cancels the body; whoever waits for something gets the reason. */
  cancel(reason: unknown): void {
    if (this.#result !== undefined || this.#failure !== undefined) return;
    this.#fail(reason);
  }

  /** Reads the next chunk of the body, or its end; one chunk for all who ask. */
  #advance(): Promise<void> {
    if (this.#failure !== undefined) {
      return Promise.reject(this.#failure.reason);
    }
    return this.#pending ??= this.#read();
  }

  async #read(): Promise<void> {
    try {
      const chunk = await this.#readChunk();
      if (this.#failure !== undefined) throw this.#failure.reason;
      this.#take(chunk);
    } catch (error) {
      this.cancel(error);
      throw this.#failure === undefined ? error : this.#failure.reason;
    } finally {
      this.#pending = undefined;
    }
  }

  async #readChunk(): Promise<Uint8Array | undefined> {
    const { wrap, onWait, onBodyEnd } = this.#settings;
    try {
      onWait?.(true);
      const chunk = await this.#reader?.read();
      if (chunk === undefined) await onBodyEnd?.();
      return chunk;
    } catch (cause) {
      throw wrap?.(cause) ?? cause;
    } finally {
      onWait?.(false);
    }
  }

  #take(chunk: Uint8Array | undefined): void {
    if (chunk === undefined) return this.#end();
    this.#settings.push(chunk);
    this.#received += chunk.length;
    if (this.#received !== this.#settings.length) return;
    this.#end();
    // What may come behind is no part of it.
    ignoreErrors(() => this.#reader!.cancel(undefined));
  }

  #end(): void {
    this.#result = { value: this.#settings.end() };
    this.#over();
    this.#controller?.close();
    this.#controller = undefined;
  }

  #fail(reason: unknown): void {
    this.#failure = { reason };
    this.#over();
    // Whoever sends the body need not be waited for.
    ignoreErrors(() => this.#reader?.cancel(reason));
    this.#controller?.error(reason);
    this.#controller = undefined;
  }

  #over(): void {
    const { signal, onOver } = this.#settings;
    signal?.removeEventListener("abort", this.#abort);
    onOver?.();
  }

  /** Reads until something new has been handed out, or nothing will be any more. */
  async #more(): Promise<void> {
    this.#hasNew = false;
    while (!this.#hasNew && this.#result === undefined) await this.#advance();
  }

  // ---------------------------------------------------------------- bytes

  /**
   * Opens the stream, for the decoder's option `onBase64`. If nobody wants the rest of
   * it, `onCancel` is called; without one, the document can still be read on.
   */
  open(onCancel?: (reason: unknown) => void): XmlRpcByteSink {
    this.#stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller): void => {
        this.#controller = controller;
      },
      pull: () => this.#more(),
      cancel: (reason): void => {
        this.#controller = undefined;
        onCancel?.(reason);
      },
    }, { highWaterMark: 0 });
    return {
      write: (bytes): void => {
        this.#hasNew = true;
        this.#controller?.enqueue(bytes);
      },
      // The rest of the document may still be wrong.
      close(): void {},
    };
  }

  // ---------------------------------------------------------------- items

  /** Takes items, for the decoder's option `onItems`. */
  readonly add = (items: unknown[]): void => {
    this.#hasNew = true;
    this.#batches.push(items);
  };

  /**
   * The items as they come; `check` throws if the value they were to be in is none.
   * Whoever stops early cancels the body at once, even while the next item is awaited.
   */
  items(
    check: (value: T) => void = () => {},
  ): AsyncGenerator<unknown, void, void> {
    return makeStoppable(this.#items(check), () => this.#leave());
  }

  #hasLeft = false;

  #leave(): void {
    this.#hasLeft = true;
    this.cancel(new DOMException("Nobody reads on", "AbortError"));
  }

  async *#items(
    check: (value: T) => void,
  ): AsyncGenerator<unknown, void, void> {
    for (;;) {
      const batches = this.#batches;
      this.#batches = [];
      for (const batch of batches) {
        for (const item of batch) yield item;
      }
      if (this.#result !== undefined) return check(this.#result.value);
      try {
        await this.#more();
      } catch (error) {
        if (this.#hasLeft) return;
        throw error;
      }
    }
  }
}
