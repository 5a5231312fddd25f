// Writes text as UTF-8 into memory that grows. This module is browser compatible.

import { escapeText } from "./characters.ts";

/** How much memory is added at a time. */
const CHUNK_BYTES = 65_536;

/** How many bytes of text are escaped at once. */
const ESCAPE_BYTES = 4096;

const encoder = new TextEncoder();

const NOTHING = new Uint8Array(0);

/** The escapes of characters that character data cannot hold as they are, by code. */
const ESCAPES = Array.from(
  { length: ">".charCodeAt(0) + 1 },
  (_, code) => {
    const escaped = escapeText(String.fromCharCode(code)) ?? "";
    return encoder.encode(escaped.length > 1 ? escaped : "");
  },
);

const LAST_ESCAPED = ESCAPES.length - 1;

// Each has four or five bytes: the first four are written at once, and the last of five
// is a semicolon.
const LONGEST = 5;
const SEMICOLON = ";".charCodeAt(0);
const LENGTHS = Uint8Array.from(ESCAPES, ({ length }) => length);
const STARTS = Uint32Array.from(
  ESCAPES,
  (escape) =>
    escape.length === 0 ? 0 : new DataView(escape.buffer).getUint32(0),
);

/** Copies bytes of character data, escaped; returns where in the target they end. */
function escapeInto(
  target: Uint8Array<ArrayBuffer>,
  start: number,
  source: Uint8Array,
  end: number,
): number {
  const view = new DataView(target.buffer);
  let length = start;
  for (let at = 0; at < end; at++) {
    const byte = source[at]!;
    const size = byte > LAST_ESCAPED ? 0 : LENGTHS[byte]!;
    if (size === 0) target[length++] = byte;
    else {
      view.setUint32(length, STARTS[byte]!);
      target[length + 4] = SEMICOLON;
      length += size;
    }
  }
  return length;
}

/** Writes texts as bytes, one after another. */
export class Utf8Writer {
  /** Memory that is full, or had no room for what followed. */
  #chunks: Uint8Array[] = [];
  #chunk = NOTHING;
  /** How many bytes are in the last chunk. */
  #filled = 0;
  /** How many bytes are in the other chunks. */
  #stored = 0;
  readonly #onGrow: () => void;
  /** Text before it is escaped; made when first needed. */
  #scratch: Uint8Array | undefined;

  /** `onGrow` is called before more memory is added; writing ends if it throws. */
  constructor(onGrow: () => void = () => {}) {
    this.#onGrow = onGrow;
  }

  /** How many bytes have been written since bytes were last taken. */
  get length(): number {
    return this.#stored + this.#filled;
  }

  /** Whether nothing has been written since bytes were last taken. */
  get isEmpty(): boolean {
    return this.#filled === 0 && this.#chunks.length === 0;
  }

  /** Writes text as it is. */
  write(text: string): void {
    let rest = text;
    for (;;) {
      const room = this.#chunk.subarray(this.#filled);
      const { read, written } = encoder.encodeInto(rest, room);
      this.#filled += written;
      if (read === rest.length) return;
      rest = rest.slice(read);
      this.#grow();
    }
  }

  /** Writes bytes as they are; long ones are not copied until all is taken. */
  writeBytes(bytes: Uint8Array): void {
    const { length } = bytes;
    if (this.#filled + length > this.#chunk.length) this.#grow();
    if (length > CHUNK_BYTES) {
      this.#chunks.push(bytes);
      this.#stored += length;
    } else {
      this.#chunk.set(bytes, this.#filled);
      this.#filled += length;
    }
  }

  /** Writes text as character data. It must have no characters that XML does not allow. */
  writeEscaped(text: string): void {
    const scratch = this.#scratch ??= new Uint8Array(ESCAPE_BYTES);
    for (let at = 0; at < text.length;) {
      // One character more than there is room for, so that no surrogate pair is split.
      const piece = text.slice(at, at + ESCAPE_BYTES + 1);
      const { read, written } = encoder.encodeInto(piece, scratch);
      this.#escape(scratch, written);
      at += read;
    }
  }

  #escape(source: Uint8Array, end: number): void {
    const most = LONGEST * end;
    if (this.#filled + most > this.#chunk.length) this.#grow();
    this.#filled = escapeInto(this.#chunk, this.#filled, source, end);
  }

  #grow(): void {
    this.#onGrow();
    if (this.#filled > 0) {
      this.#chunks.push(this.#chunk.subarray(0, this.#filled));
      this.#stored += this.#filled;
    }
    this.#chunk = new Uint8Array(CHUNK_BYTES);
    this.#filled = 0;
  }

  /** All that has been written, in memory of its own. */
  take(): Uint8Array<ArrayBuffer> {
    const chunks = this.#chunks;
    const last = this.#chunk.subarray(0, this.#filled);
    const taken = new Uint8Array(this.length);
    let at = 0;
    for (const chunk of chunks) {
      taken.set(chunk, at);
      at += chunk.length;
    }
    taken.set(last, at);
    this.#chunks = [];
    this.#stored = 0;
    this.#filled = 0;
    return taken;
  }
}
