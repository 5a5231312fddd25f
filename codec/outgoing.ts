// Encodes documents with streams in them, only as fast as they are read. This module is
// browser compatible.

import { Encoder, type EncoderSettings } from "./encoder.ts";
import { describePlace, type Gap, type Piece } from "./pieces.ts";
import { describeLostBytes } from "../core/bytes.ts";
import {
  cancelSource,
  cancelSources,
  checkStreamBytes,
  checkUnlocked,
  openItems,
} from "../core/sources.ts";
import { describeClass } from "../core/struct.ts";
import { ignoreErrors } from "../util/async.ts";
import { encodeBase64 } from "../util/base64.ts";
import { ResettableTimer } from "../util/timer.ts";

/** How one document is encoded as a stream. */
export interface EncoderStreamSettings extends EncoderSettings {
  readonly signal: AbortSignal | undefined;
  readonly onProgress:
    | ((bytesDone: number, bytesTotal: number | undefined) => void)
    | undefined;
  readonly onWait: ((isWaiting: boolean) => void) | undefined;
  readonly onError: ((error: unknown) => void) | undefined;
  readonly onEnd: (() => void) | undefined;
}

/**
 * Length of a full chunk. Servers read 64 KiB at a time, including the few bytes that
 * HTTP puts around a chunk: one of 64 KiB would be cut in two, and cost twice.
 */
const CHUNK_BYTES = 65_400;

/** How long a chunk that is not full is held back. */
const MAX_HOLD_MS = 10;

const encoder = new TextEncoder();

/** Ends `#run` after the document was cancelled or has failed. */
const STOPPED = new Error("Stopped");

function isGap(piece: Piece): piece is Gap {
  return typeof piece === "object" && !(piece instanceof Uint8Array);
}

/** How many raw bytes all the gaps have; undefined if that is not known beforehand. */
function countRawBytes(gaps: readonly Gap[]): number | undefined {
  let bytes = 0;
  for (const { source } of gaps) {
    if (!(source instanceof Blob)) return undefined;
    bytes += source.size;
  }
  return bytes;
}

/** How many bytes a chunk of a stream has; throws a TypeError if it is not a Uint8Array. */
function countChunkBytes(chunk: unknown, { path }: Gap): number {
  const isBytes = chunk instanceof Uint8Array;
  const lost = isBytes ? describeLostBytes(chunk) : undefined;
  if (isBytes && lost === undefined) return chunk.length;
  throw new TypeError(
    `Cannot encode ${lost ?? describeClass(chunk)} in the stream${
      describePlace(path)
    }: its chunks must be Uint8Arrays`,
  );
}

/** Throws a TypeError if a Blob gave another number of bytes than its size. */
function checkSize(bytes: number, { size }: Blob, { path }: Gap): void {
  if (bytes === size) return;
  throw new TypeError(
    `Cannot encode the Blob${
      describePlace(path)
    }: its size is ${size} bytes, but it ${
      bytes < size ? `has ${bytes}` : "has more"
    }`,
  );
}

/** The length of a document in bytes; undefined if that is not known beforehand. */
export function measureDocument(pieces: readonly Piece[]): number | undefined {
  let length = 0;
  for (const piece of pieces) {
    if (typeof piece === "string") length += encoder.encode(piece).length;
    else if (piece instanceof Uint8Array) length += piece.length;
    else if (piece.source instanceof Blob) {
      length += 4 * Math.ceil(piece.source.size / 3);
    } else return undefined;
  }
  return length;
}

/**
 * Writes one document on demand.
 *
 * `#run` fills a chunk and hands it over when `pull` has requested one. It reads from a
 * source only after such a request: a slow reader slows the sources down (back-pressure).
 * A chunk that is not full waits for a slow source for a moment only.
 */
class DocumentWriter
  implements UnderlyingDefaultSource<Uint8Array<ArrayBuffer>> {
  readonly #pieces: readonly Piece[];
  readonly #settings: EncoderStreamSettings;
  readonly #bytesTotal: number | undefined;
  /** How to cancel each source that has not ended. */
  readonly #openSources = new Map<Gap, (reason: unknown) => unknown>();
  #controller:
    | ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>
    | undefined;
  #chunk = new Uint8Array(CHUNK_BYTES);
  #filled = 0;
  #hasStarted = false;
  #isOver = false;
  /** Resolves the promise of `pull`, if it is pending. */
  #resolvePull: (() => void) | undefined;
  /** Resumes `#run`, if it waits for `pull`. */
  #resume: (() => void) | undefined;
  readonly #timer = new ResettableTimer();
  /** Whether the chunk has been held back for the longest time allowed. */
  #isLate = false;
  #bytesDone = 0;
  #bytesReported = 0;

  constructor(pieces: readonly Piece[], settings: EncoderStreamSettings) {
    const gaps = pieces.filter(isGap);
    this.#pieces = pieces;
    this.#settings = settings;
    this.#bytesTotal = countRawBytes(gaps);
    this.#track(gaps);
  }

  start(
    controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>,
  ): void {
    this.#controller = controller;
    const { signal } = this.#settings;
    if (signal?.aborted) this.#abort();
    else signal?.addEventListener("abort", this.#abort);
    this.#settings.onWait?.(true);
  }

  pull(): Promise<void> {
    return new Promise((resolve) => {
      this.#resolvePull = resolve;
      this.#settings.onWait?.(false);
      this.#isLate = false;
      this.#timer.set(MAX_HOLD_MS, this.#onLate);
      if (!this.#hasStarted) this.#run();
      this.#resume?.();
    });
  }

  cancel(reason: unknown): void {
    this.#stop(reason);
  }

  readonly #abort = (): void => this.#fail(this.#settings.signal!.reason);

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#stop(error);
    this.#controller!.error(error);
    ignoreErrors(() => this.#settings.onError?.(error));
  }

  /** Ends everything, and cancels every source. */
  #stop(reason: unknown): void {
    this.#isOver = true;
    this.#settings.signal?.removeEventListener("abort", this.#abort);
    this.#timer.stop();
    for (const cancel of this.#openSources.values()) {
      ignoreErrors(() => cancel(reason));
    }
    this.#openSources.clear();
    ignoreErrors(() => this.#settings.onEnd?.());
    this.#resume?.();
    this.#resolvePull?.();
  }

  // ---------------------------------------------------------------- chunks

  readonly #onLate = (): void => {
    this.#isLate = true;
    if (this.#filled > 0) this.#handOver();
  };

  /** Hands over the chunk; `pull` must have requested it. */
  #handOver(): void {
    const resolve = this.#resolvePull!;
    this.#resolvePull = undefined;
    this.#timer.clear();
    this.#controller!.enqueue(this.#takeChunk());
    this.#report();
    if (!this.#isOver) this.#settings.onWait?.(true);
    resolve();
  }

  /** Takes out what has been written, in a buffer of its own. */
  #takeChunk(): Uint8Array<ArrayBuffer> {
    const chunk = this.#chunk;
    const filled = this.#filled;
    this.#filled = 0;
    // Copies a little. Copying much would take several times as long as a new buffer.
    if (2 * filled < CHUNK_BYTES) return chunk.slice(0, filled);
    this.#chunk = new Uint8Array(CHUNK_BYTES);
    return chunk.subarray(0, filled);
  }

  #report(): void {
    if (this.#bytesDone === this.#bytesReported) return;
    this.#bytesReported = this.#bytesDone;
    try {
      this.#settings.onProgress?.(this.#bytesDone, this.#bytesTotal);
    } catch (error) {
      this.#fail(error);
    }
  }

  #checkOpen(): void {
    if (this.#isOver) throw STOPPED;
  }

  async #waitForPull(): Promise<void> {
    while (this.#resolvePull === undefined) {
      await new Promise<void>((resolve) => this.#resume = resolve);
      this.#checkOpen();
    }
  }

  async #flush(): Promise<void> {
    if (this.#filled === 0) return;
    await this.#waitForPull();
    // Meanwhile the timer may have handed it over.
    if (this.#filled > 0) this.#handOver();
    this.#checkOpen();
  }

  /** Whether to {@linkcode DocumentWriter.#waitForReader} before a source is read. */
  get #mustWait(): boolean {
    return this.#resolvePull === undefined || this.#isLate;
  }

  /** Hands over a late chunk, and waits until the next one is requested. */
  async #waitForReader(): Promise<void> {
    if (this.#isLate) await this.#flush();
    await this.#waitForPull();
  }

  /** Writes as much of a text as fits into the chunk; returns the rest. */
  #fill(text: string): string {
    const room = this.#chunk.subarray(this.#filled);
    const { read, written } = encoder.encodeInto(text, room);
    this.#filled += written;
    return read === text.length ? "" : text.slice(read);
  }

  async #writeText(text: string): Promise<void> {
    let rest = text;
    for (;;) {
      rest = this.#fill(rest);
      if (rest === "") return;
      await this.#flush();
    }
  }

  async #writeBytes(bytes: Uint8Array): Promise<void> {
    let at = 0;
    while (at < bytes.length) {
      if (this.#filled === CHUNK_BYTES) await this.#flush();
      const end = at + CHUNK_BYTES - this.#filled;
      const part = bytes.subarray(at, end);
      this.#chunk.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
    }
  }

  // ---------------------------------------------------------------- the document

  async #run(): Promise<void> {
    this.#hasStarted = true;
    try {
      await this.#write(this.#pieces);
      await this.#flush();
      this.#settings.signal?.removeEventListener("abort", this.#abort);
      this.#controller!.close();
      this.#isOver = true;
      this.#timer.stop();
      this.#resolvePull?.();
      ignoreErrors(() => this.#settings.onEnd?.());
    } catch (error) {
      if (error !== STOPPED) this.#fail(error);
    }
  }

  async #write(pieces: readonly Piece[]): Promise<void> {
    for (const piece of pieces) {
      if (typeof piece === "string") await this.#writeText(piece);
      else if (piece instanceof Uint8Array) await this.#writeBytes(piece);
      else await this.#writeSource(piece);
    }
  }

  async #writeSource(gap: Gap): Promise<void> {
    const { source } = gap;
    if (source instanceof Blob) {
      checkSize(await this.#copy(gap, source.stream()), source, gap);
    } else if (source instanceof ReadableStream) {
      checkUnlocked(source, () => describePlace(gap.path));
      await this.#copy(gap, source);
    } else {
      await this.#writeItems(gap, source);
    }
    this.#openSources.delete(gap);
  }

  /** Remembers sources that must be cancelled if they are not read to the end. */
  #track(gaps: readonly Gap[]): void {
    for (const gap of gaps) {
      this.#openSources.set(gap, (reason) => cancelSource(gap.source, reason));
    }
  }

  // ---------------------------------------------------------------- bytes

  /** Writes a stream as base64; returns how many bytes it had. */
  async #copy(gap: Gap, stream: ReadableStream): Promise<number> {
    const { source } = gap;
    const { maxStreamBytes } = this.#settings;
    const reader = stream.getReader();
    this.#openSources.set(gap, (reason) => reader.cancel(reason));
    let bytes = 0;
    let rest: Uint8Array = new Uint8Array(0);
    for (;;) {
      if (this.#mustWait) await this.#waitForReader();
      const { done, value } = await reader.read();
      this.#checkOpen();
      if (done) break;
      bytes += countChunkBytes(value, gap);
      // No more may be sent: the length of a document with a Blob is announced.
      if (source instanceof Blob && bytes > source.size) break;
      checkStreamBytes(bytes, maxStreamBytes, () => describePlace(gap.path));
      rest = await this.#writeGroups(rest, value);
    }
    this.#bytesDone += rest.length;
    await this.#writeText(encodeBase64(rest));
    return bytes;
  }

  /** Writes whole groups of three bytes; returns the bytes that are left. */
  async #writeGroups(rest: Uint8Array, bytes: Uint8Array): Promise<Uint8Array> {
    let at = 0;
    if (rest.length > 0) {
      at = 3 - rest.length;
      const group = Uint8Array.of(...rest, ...bytes.subarray(0, at));
      if (group.length < 3) return group;
      this.#bytesDone += 3;
      await this.#writeText(encodeBase64(group));
    }
    const end = at + Math.trunc((bytes.length - at) / 3) * 3;
    while (at < end) {
      const room = Math.trunc((CHUNK_BYTES - this.#filled) / 4) * 3;
      if (room === 0) {
        await this.#flush();
        continue;
      }
      const next = Math.min(at + room, end);
      this.#fill(encodeBase64(bytes.subarray(at, next)));
      this.#bytesDone += next - at;
      at = next;
    }
    return bytes.slice(end);
  }

  // ---------------------------------------------------------------- items

  /** Writes the items of an iterable, one at a time. */
  async #writeItems(gap: Gap, source: AsyncIterable<unknown>): Promise<void> {
    const iterator = openItems(source, () => describePlace(gap.path));
    this.#openSources.set(gap, () => iterator.return?.());
    const items = new Encoder(this.#settings, gap.path);
    for (let index = 0;; index++) {
      if (this.#mustWait) await this.#waitForReader();
      const { done, value } = await iterator.next();
      this.#checkOpen();
      if (done) return;
      const pieces = this.#encodeItem(items, value, index);
      const [only, more] = pieces;
      // Nearly every item is only text that fits into the chunk.
      if (typeof only === "string" && more === undefined) {
        const rest = this.#fill(only);
        if (rest !== "") await this.#writeText(rest);
      } else await this.#write(pieces);
    }
  }

  #encodeItem(items: Encoder, value: unknown, index: number): Piece[] {
    let pieces: Piece[];
    try {
      items.item(value, index);
      pieces = items.take();
    } catch (error) {
      cancelSources(value, error);
      throw error;
    }
    if (items.hasGaps) this.#track(pieces.filter(isGap));
    return pieces;
  }
}

/** Creates the stream of a document, which must be read or cancelled. */
export function streamDocument(
  pieces: readonly Piece[],
  settings: EncoderStreamSettings,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    new DocumentWriter(pieces, settings),
    { highWaterMark: 0 },
  );
}
