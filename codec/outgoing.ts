// Values that come bit by bit to bytes, as fast as somebody reads them. This module is
// browser compatible.

import { ignoreErrors } from "../util/async.ts";
import { ResettableTimer } from "../util/timer.ts";
import { encodeBase64 } from "../util/base64.ts";
import {
  Encoder,
  type EncoderSettings,
  type Gap,
  type Piece,
  placeOf,
} from "./encoder.ts";
import {
  cancelSource,
  cancelSources,
  checkStreamBytes,
  checkUnlocked,
} from "../core/sources.ts";
import { classNameOf } from "../core/struct.ts";

/** Everything that can be set for the encoding of one document bit by bit. */
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
 * How long chunks are, where there is enough to fill them. Servers read 64 KiB at a
 * time with the few bytes that HTTP puts around a chunk: one of 64 KiB would be cut in
 * two, and cost twice.
 */
const CHUNK_BYTES = 65_400;

/** How long a chunk that is not full is held back. */
const HOLD_MS = 10;

const encoder = new TextEncoder();

/** Ends the writing of a document that nobody wants any more. */
const STOPPED = new Error("Stopped");

function isGap(piece: Piece): piece is Gap {
  return typeof piece === "object" && !(piece instanceof Uint8Array);
}

/** The raw bytes in all the gaps; undefined if that is not known beforehand. */
function rawBytesIn(gaps: readonly Gap[]): number | undefined {
  let bytes = 0;
  for (const { source } of gaps) {
    if (!(source instanceof Blob)) return undefined;
    bytes += source.size;
  }
  return bytes;
}

/** How many bytes a chunk of a stream has; throws a TypeError if it is none of bytes. */
function bytesIn(chunk: unknown, { path }: Gap): number {
  if (chunk instanceof Uint8Array) return chunk.length;
  throw new TypeError(
    `Cannot encode ${classNameOf(chunk)} in the stream${
      placeOf(path)
    }: its chunks must be Uint8Arrays`,
  );
}

/** Throws a TypeError if a Blob gave another number of bytes than it said. */
function checkSize(bytes: number, { size }: Blob, { path }: Gap): void {
  if (bytes === size) return;
  throw new TypeError(
    `Cannot encode the Blob${
      placeOf(path)
    }: it should have ${size} bytes, and ${
      bytes < size ? `has ${bytes}` : "has more"
    }`,
  );
}

/** How long a document will be; undefined if that is not known beforehand. */
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
 * Writes one document, as far as it is asked for.
 *
 * `#run` gathers a chunk and hands it over when `pull` has asked for one; nothing is
 * read from a source that nobody has asked for. So a slow reader slows the sources
 * down, and a slow source holds back what is there for a moment only.
 */
class DocumentWriter
  implements UnderlyingDefaultSource<Uint8Array<ArrayBuffer>> {
  readonly #pieces: readonly Piece[];
  readonly #settings: EncoderStreamSettings;
  readonly #bytesTotal: number | undefined;
  /** How to be rid of each source that is not over. */
  readonly #open = new Map<Gap, (reason: unknown) => unknown>();
  #controller:
    | ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>
    | undefined;
  #chunk = new Uint8Array(CHUNK_BYTES);
  #filled = 0;
  #hasBegun = false;
  #isOver = false;
  /** Answers `pull`, if it waits for an answer. */
  #answer: (() => void) | undefined;
  /** Goes on with `#run`, if it waits for `pull`. */
  #goOn: (() => void) | undefined;
  readonly #timer = new ResettableTimer();
  /** Whether what there is has been held back long enough. */
  #isLate = false;
  #bytesDone = 0;
  #bytesReported = 0;

  constructor(pieces: readonly Piece[], settings: EncoderStreamSettings) {
    const gaps = pieces.filter(isGap);
    this.#pieces = pieces;
    this.#settings = settings;
    this.#bytesTotal = rawBytesIn(gaps);
    this.#expect(gaps);
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
      this.#answer = resolve;
      this.#settings.onWait?.(false);
      this.#isLate = false;
      this.#timer.set(HOLD_MS, this.#hurry);
      if (!this.#hasBegun) this.#run();
      this.#goOn?.();
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
    for (const cancel of this.#open.values()) {
      ignoreErrors(() => cancel(reason));
    }
    this.#open.clear();
    ignoreErrors(() => this.#settings.onEnd?.());
    this.#goOn?.();
    this.#answer?.();
  }

  // ---------------------------------------------------------------- chunks

  readonly #hurry = (): void => {
    this.#isLate = true;
    if (this.#filled > 0) this.#hand();
  };

  /** Hands over what there is; `pull` must have asked for it. */
  #hand(): void {
    const answer = this.#answer!;
    this.#answer = undefined;
    this.#timer.clear();
    this.#controller!.enqueue(this.#take());
    this.#report();
    if (!this.#isOver) this.#settings.onWait?.(true);
    answer();
  }

  /** Takes out what there is, in a buffer of its own. */
  #take(): Uint8Array<ArrayBuffer> {
    const chunk = this.#chunk;
    const filled = this.#filled;
    this.#filled = 0;
    // A copy of what is little; of what is much, it would take several times as long as
    // a new buffer.
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
    while (this.#answer === undefined) {
      await new Promise<void>((resolve) => this.#goOn = resolve);
      this.#checkOpen();
    }
  }

  async #flush(): Promise<void> {
    if (this.#filled === 0) return;
    await this.#waitForPull();
    // Meanwhile it may have been late, and handed over.
    if (this.#filled > 0) this.#hand();
    this.#checkOpen();
  }

  /** Whether to {@linkcode DocumentWriter.#rest} before a source is read. */
  get #needsRest(): boolean {
    return this.#answer === undefined || this.#isLate;
  }

  /** Hands over what is late, and waits until more is asked for. */
  async #rest(): Promise<void> {
    if (this.#isLate) await this.#flush();
    await this.#waitForPull();
  }

  /** Puts in as much as there is room for; returns the rest. */
  #put(text: string): string {
    const room = this.#chunk.subarray(this.#filled);
    const { read, written } = encoder.encodeInto(text, room);
    this.#filled += written;
    return read === text.length ? "" : text.slice(read);
  }

  async #writeText(text: string): Promise<void> {
    let rest = text;
    for (;;) {
      rest = this.#put(rest);
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
    this.#hasBegun = true;
    try {
      await this.#write(this.#pieces);
      await this.#flush();
      this.#settings.signal?.removeEventListener("abort", this.#abort);
      this.#controller!.close();
      this.#isOver = true;
      this.#timer.stop();
      this.#answer?.();
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
      checkUnlocked(source, () => placeOf(gap.path));
      await this.#copy(gap, source);
    } else {
      await this.#writeItems(gap, source);
    }
    this.#open.delete(gap);
  }

  /** Takes note of what must be cancelled if it is not read. */
  #expect(gaps: readonly Gap[]): void {
    for (const gap of gaps) {
      this.#open.set(gap, (reason) => cancelSource(gap.source, reason));
    }
  }

  // ---------------------------------------------------------------- bytes

  /** Writes a stream as base64; returns how many bytes it had. */
  async #copy(gap: Gap, stream: ReadableStream): Promise<number> {
    const { source } = gap;
    const { maxStreamBytes } = this.#settings;
    const reader = stream.getReader();
    this.#open.set(gap, (reason) => reader.cancel(reason));
    let bytes = 0;
    let rest: Uint8Array = new Uint8Array(0);
    for (;;) {
      if (this.#needsRest) await this.#rest();
      const { done, value } = await reader.read();
      this.#checkOpen();
      if (done) break;
      bytes += bytesIn(value, gap);
      // More must not go out: a document with a Blob said how long it is.
      if (source instanceof Blob && bytes > source.size) break;
      checkStreamBytes(bytes, maxStreamBytes, () => placeOf(gap.path));
      rest = await this.#writeGroups(rest, value);
    }
    this.#bytesDone += rest.length;
    await this.#writeText(encodeBase64(rest));
    return bytes;
  }

  /** Writes bytes in groups of three; returns those that are left. */
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
      this.#put(encodeBase64(bytes.subarray(at, next)));
      this.#bytesDone += next - at;
      at = next;
    }
    return bytes.slice(end);
  }

  // ---------------------------------------------------------------- items

  /** Writes what an iterable gives, each item as a whole. */
  async #writeItems(gap: Gap, source: AsyncIterable<unknown>): Promise<void> {
    const iterator = source[Symbol.asyncIterator]();
    this.#open.set(gap, () => iterator.return?.());
    const items = new Encoder(this.#settings, gap.path);
    for (let index = 0;; index++) {
      if (this.#needsRest) await this.#rest();
      const { done, value } = await iterator.next();
      this.#checkOpen();
      if (done) return;
      const pieces = this.#encodeItem(items, value, index);
      const [only, more] = pieces;
      // Nearly every item is but text, and there is room for it.
      if (typeof only === "string" && more === undefined) {
        const rest = this.#put(only);
        if (rest !== "") await this.#writeText(rest);
      } else await this.#write(pieces);
    }
  }

  #encodeItem(items: Encoder, value: unknown, index: number): Piece[] {
    try {
      items.item(value, index);
    } catch (error) {
      cancelSources(value, error);
      throw error;
    }
    const pieces = items.take();
    if (items.hasGaps) this.#expect(pieces.filter(isGap));
    return pieces;
  }
}

/** A document as a stream, which must be read or cancelled. */
export function streamDocument(
  pieces: readonly Piece[],
  settings: EncoderStreamSettings,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    new DocumentWriter(pieces, settings),
    { highWaterMark: 0 },
  );
}
