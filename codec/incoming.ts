// Receives documents, for server and client: reads a body only as fast as its content is
// consumed. This module is browser compatible.

import { BodyReader, type ChunkReader } from "./body_reader.ts";
import type { XmlRpcByteSink } from "./options.ts";
import { ignoreErrors, makeStoppable } from "../util/async.ts";

/** Where a document comes from, and what takes it in. */
export interface ReceiverSettings<T> {
  readonly body: ReadableStream<Uint8Array> | ChunkReader | null;
  /** How many bytes the body has, if known: the document ends with the last of them. */
  readonly length?: number | undefined;
  /** Takes the next bytes of the document. */
  readonly push: (chunk: Uint8Array) => void;
  /** Called at the end of the document; returns what it holds. */
  readonly end: () => T;
  /** Returns the error to throw if the body fails; undefined for the cause itself. */
  readonly wrap?: (cause: unknown) => unknown;
  /** Aborts everything with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Awaited at the end of a body whose length is not known. */
  readonly onBodyEnd?: (() => Promise<void>) | undefined;
  /** Called when the wait for a chunk of the body begins, and when it ends. */
  readonly onWait?: ((isWaiting: boolean) => void) | undefined;
  /** Called once, when the document is complete or has failed. */
  readonly onOver?: () => void;
}

/**
 * Reads a document chunk by chunk, each one when it is needed: by `untilStream`, by the
 * reader of the byte stream or of the items, or by `result`.
 *
 * An error of the body, the document or the signal is final: all of them reject with it,
 * the byte stream fails with it, and the body is cancelled. The byte stream closes when
 * the document ends without an error, not when its base64 ends.
 */
export class DocumentReceiver<T> {
  readonly #settings: ReceiverSettings<T>;
  readonly #reader: ChunkReader | null;
  #received = 0;
  #pending: Promise<void> | undefined;
  #result: { readonly value: T } | undefined;
  #failure: { readonly reason: unknown } | undefined;
  #stream: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  /** Undefined while no reader wants bytes. */
  #controller:
    | ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>
    | undefined;
  /** Whether bytes or items have arrived since the last request for more. */
  #hasNew = false;
  #batches: unknown[][] = [];
  /** Whether the reader of the items has stopped early. */
  #hasLeft = false;

  constructor(settings: ReceiverSettings<T>) {
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
   * Reads until the byte stream is opened, or else to the end of the document. Returns
   * the stream, if there is one.
   */
  async untilStream(): Promise<
    ReadableStream<Uint8Array<ArrayBuffer>> | undefined
  > {
    while (this.#stream === undefined && this.#result === undefined) {
      await this.#advance();
    }
    return this.#stream;
  }

  /**
   * Reads to the end of the document and returns what it holds. Drops the bytes of the
   * byte stream that have not been read: that stream fails.
   */
  async result(): Promise<T> {
    if (this.#result === undefined) {
      this.#controller?.error(
        new TypeError("The call is over: its stream can no longer be read"),
      );
      this.#controller = undefined;
    }
    while (this.#result === undefined) await this.#advance();
    return this.#result.value;
  }

  /** Cancels the body; all that is awaited rejects with the reason. */
  cancel(reason: unknown): void {
    if (this.#result !== undefined || this.#failure !== undefined) return;
    this.#fail(reason);
  }

  /** Takes in the next chunk of the body, or its end; concurrent callers share one. */
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
    // Bytes behind the document are not part of it.
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
    // The sender of the body is not waited for.
    ignoreErrors(() => this.#reader?.cancel(reason));
    this.#controller?.error(reason);
    this.#controller = undefined;
  }

  #over(): void {
    const { signal, onOver } = this.#settings;
    signal?.removeEventListener("abort", this.#abort);
    onOver?.();
  }

  /** Reads until new bytes or items have arrived, or to the end of the document. */
  async #untilNew(): Promise<void> {
    this.#hasNew = false;
    while (!this.#hasNew && this.#result === undefined) await this.#advance();
  }

  // ---------------------------------------------------------------- bytes

  /**
   * Opens the byte stream, for the decoder's option `onBase64`. `onCancel` is called when
   * its reader cancels it; the document itself is still readable then.
   */
  openByteStream(onCancel?: (reason: unknown) => void): XmlRpcByteSink {
    this.#stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller): void => {
        this.#controller = controller;
      },
      pull: () => this.#untilNew(),
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
      // The stream stays open: the rest of the document may still be invalid.
      close(): void {},
    };
  }

  // ---------------------------------------------------------------- items

  /** Takes items, for the decoder's option `onItems`. */
  readonly addItems = (items: unknown[]): void => {
    this.#hasNew = true;
    this.#batches.push(items);
  };

  /**
   * The items as they arrive. At the end `check` gets the value of the document, and
   * throws if it is not an array. Stopping early cancels the body at once, even while
   * the next item is awaited.
   */
  items(
    check: (value: T) => void = () => {},
  ): AsyncGenerator<unknown, void, void> {
    return makeStoppable(this.#items(check), () => this.#leave());
  }

  #leave(): void {
    this.#hasLeft = true;
    this.cancel(new DOMException("The reader has stopped", "AbortError"));
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
        await this.#untilNew();
      } catch (error) {
        if (this.#hasLeft) return;
        throw error;
      }
    }
  }
}
