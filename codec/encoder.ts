// Encodes values as bytes. This module is browser compatible.

import { formatDouble } from "./format_double.ts";
import {
  describePlace,
  EncodedValue,
  type Path,
  type Piece,
  TooManyBytes,
  TooMuch,
} from "./pieces.ts";
import { EXTENSION_NAMESPACE } from "./scalars.ts";
import {
  escapeText,
  findForbiddenCharacter,
  needsCare,
} from "./xml/characters.ts";
import { Utf8Writer } from "./xml/utf8_writer.ts";
import { describeLostBytes } from "../core/bytes.ts";
import { formatDateTime, type TimeZone } from "../core/date_time.ts";
import {
  checkOnce,
  checkStreamBytes,
  checkUnlocked,
  isSource,
  type Source,
} from "../core/sources.ts";
import { canBeStruct, describeClass } from "../core/struct.ts";
import { checkTyped, XmlRpcTyped } from "../core/typed.ts";
import { encodeBase64 } from "../util/base64.ts";

/** How one document is encoded. */
export interface EncoderSettings {
  readonly nil: "nil" | "ex:nil" | "error";
  readonly timeZone: TimeZone;
  readonly maxDepth: number;
  readonly maxValues: number;
  /** Maximum length of what is held in memory: the document, or one item of a stream. */
  readonly maxBytes: number;
  /** The option that sets `maxBytes`, for messages. */
  readonly bytesOption: string;
  readonly maxStreamBytes: number;
  /** The function to use for streams, if this document cannot have any. */
  readonly instead: string | undefined;
}

/** How many characters are collected before they are converted to bytes. */
const FLUSH_CHARACTERS = 0x4000;

/** How many bytes are converted to base64 at once: whole groups of three. */
const BASE64_BYTES = 3 * FLUSH_CHARACTERS;

/** Text of this length and more is escaped as bytes, which is several times as fast. */
const LONG_TEXT = 1024;

/** How many bytes a stream counts that has not been read: itself, and its path. */
const GAP_BYTES = 1024;

/** How many member names are cached, with the markup around them. */
const MAX_CACHED_NAMES = 256;

const BEYOND_ASCII = /[\u0080-\uffff]/;

const encoder = new TextEncoder();

// The declaration names the encoding for readers that would guess otherwise.
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

const TRUE = "<value><boolean>1</boolean></value>";
const FALSE = "<value><boolean>0</boolean></value>";

/** Whether an object is plain: without a class, and not an async iterable. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) &&
    (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] ===
      undefined;
}

/** The bytes of a binary value; undefined for any other value. */
function toBytes(value: object): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (!ArrayBuffer.isView(value)) return undefined;
  // The bytes of a Float64Array depend on the byte order of the machine.
  if ("BYTES_PER_ELEMENT" in value && value.BYTES_PER_ELEMENT !== 1) {
    return undefined;
  }
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

const ADVICE: ReadonlyMap<string, string> = new Map([
  ["a Map", "use Object.fromEntries(map)"],
  ["a Set", "use an array"],
  ["a Promise", "await it first"],
  ["a Number", "use the primitive number"],
  ["a String", "use the primitive string"],
  ["a Boolean", "use the primitive boolean"],
  ["an Error", "send its message"],
]);

function isStackOverflow(error: unknown): boolean {
  return error instanceof Error &&
    /call stack|too much recursion/i.test(error.message);
}

/** Writes one document, or the items of the array at a path. */
export class Encoder {
  readonly #settings: EncoderSettings;
  #pieces: Piece[] = [];
  /** How many bytes the pieces take up, without the content of streams. */
  #pieceBytes = 0;
  /** How many values have been written. */
  #values = 0;
  #text: string;
  /** What was written after the last of the pieces and before `#text`. */
  readonly #bytes = new Utf8Writer(() => this.#checkBytes(0));
  /** The markup of member names, which repeat in arrays of structs. */
  readonly #cachedNames = new Map<string, string>();
  /** The place of the value that is being written. */
  readonly #path: (string | number)[];
  #depth: number;
  readonly #sources = new Set<Source>();
  #hasGaps = false;

  constructor(settings: EncoderSettings, array?: Path) {
    this.#settings = settings;
    this.#text = array === undefined ? DECLARATION : "";
    this.#path = array === undefined ? [] : [...array];
    this.#depth = this.#path.length;
  }

  /** Writes markup as it is. */
  markup(text: string): void {
    this.#text += text;
    if (this.#text.length > FLUSH_CHARACTERS) this.#flush();
  }

  /** Writes character data. */
  text(text: string): void {
    if (text.length < LONG_TEXT) return this.markup(this.#escape(text));
    this.#checkBytes(this.#text.length + text.length);
    if (!needsCare(text)) return this.markup(text);
    this.#checkCharacters(text);
    this.#bytes.write(this.#text);
    this.#text = "";
    this.#bytes.writeEscaped(text);
  }

  #escape(text: string): string {
    const escaped = escapeText(text);
    if (escaped === undefined) this.#checkCharacters(text);
    return escaped!;
  }

  /** Throws a TypeError if the text has a character that XML does not allow. */
  #checkCharacters(text: string): void {
    const character = findForbiddenCharacter(text);
    if (character === undefined) return;
    throw new TypeError(
      `Cannot encode ${character}${this.#describePlace()}: XML has no such character; send the text as bytes (base64)`,
    );
  }

  /** Writes `<value>…</value>`; messages call the value `root`. */
  value(value: unknown, root: string): void {
    this.#path[0] = root;
    this.#rootValue(value);
  }

  /**
   * Writes an item of the array at the path of this encoder. The limits hold for each
   * item, which is taken out before the next one is written.
   */
  item(value: unknown, index: number): void {
    this.#path[this.#depth] = index;
    this.#values = 0;
    this.#rootValue(value);
  }

  /** Writes a value; a stack overflow becomes an error that names the limit. */
  #rootValue(value: unknown): void {
    try {
      this.#value(value);
    } catch (error) {
      if (!isStackOverflow(error)) throw error;
      throw new RangeError(
        "Cannot encode a value that overflows the call stack: lower the limit maxDepth to see its path",
        { cause: error },
      );
    }
  }

  /** Returns what was written since the last call. */
  take(): Piece[] {
    this.#checkBytes(this.#text.length);
    const pieces = this.#pieces;
    if (!this.#bytes.isEmpty) pieces.push(this.#bytes.take());
    pieces.push(this.#text);
    this.#pieces = [];
    this.#pieceBytes = 0;
    this.#text = "";
    return pieces;
  }

  /** Whether the document contains streams. */
  get hasGaps(): boolean {
    return this.#hasGaps;
  }

  /** Everything written, if it is text of at most `maxLength` characters. */
  shortText(maxLength: number): string | undefined {
    const most = Math.min(maxLength, this.#settings.maxBytes);
    const isShort = this.#bytes.isEmpty && this.#text.length <= most;
    return isShort && !this.#hasGaps ? this.#text : undefined;
  }

  /** Returns all that was written since the last call, which must not have gaps. */
  finish(): Uint8Array<ArrayBuffer> {
    if (this.#bytes.isEmpty) {
      const bytes = encoder.encode(this.#text);
      this.#checkBytes(bytes.length);
      this.#text = "";
      return bytes;
    }
    this.#flush();
    return this.#bytes.take();
  }

  /** Returns the value that was written since the last call, to be written again. */
  takeValue(): EncodedValue {
    const text = this.shortText(FLUSH_CHARACTERS);
    if (text === undefined || BEYOND_ASCII.test(text)) {
      return new EncodedValue(this.finish());
    }
    this.#text = "";
    return new EncodedValue(text);
  }

  #flush(): void {
    this.#bytes.write(this.#text);
    this.#text = "";
    this.#checkBytes(0);
  }

  /** Throws a RangeError if there is no room for so many more bytes. */
  #checkBytes(more: number): void {
    const { maxBytes, bytesOption } = this.#settings;
    if (this.#pieceBytes + this.#bytes.length + more <= maxBytes) return;
    throw new TooManyBytes(
      `Cannot encode more than ${maxBytes} bytes${this.#describePlace()}: the limit ${bytesOption}`,
    );
  }

  /** Counts a value; throws a RangeError if there are too many. */
  #count(): void {
    const { maxValues } = this.#settings;
    if (++this.#values <= maxValues) return;
    throw new TooMuch(
      `Cannot encode more than ${maxValues} values${this.#describePlace()}: the limit maxValues`,
    );
  }

  readonly #describePlace = (): string =>
    describePlace(this.#path.slice(0, this.#depth + 1));

  #refuse(what: string, advice?: string): never {
    const hint = advice === undefined ? "" : `; ${advice}`;
    throw new TypeError(
      `Cannot encode ${what}${this.#describePlace()}: XML-RPC has no such value${hint}`,
    );
  }

  #value(value: unknown): void {
    this.#count();
    switch (typeof value) {
      case "string":
        return this.#string(value);
      case "number":
        return this.#number(value);
      case "boolean":
        return this.markup(value ? TRUE : FALSE);
      case "bigint":
        return this.#typed("i8", value);
      case "object":
        return value === null ? this.#nil() : this.#object(value);
      case "undefined":
        return this.#refuse("undefined", "send null");
      default:
        return this.#refuse(describeClass(value));
    }
  }

  #string(text: string): void {
    if (text.length < LONG_TEXT) {
      const escaped = this.#escape(text);
      return this.markup(`<value><string>${escaped}</string></value>`);
    }
    this.markup("<value><string>");
    this.text(text);
    this.markup("</string></value>");
  }

  #scalar(type: string, text: string): void {
    this.markup(`<value><${type}>${text}</${type}></value>`);
  }

  /** Not in the spec: Apache's types are in a namespace of their own. */
  #extension(type: string, text: string): void {
    const tag = `ex:${type} xmlns:ex="${EXTENSION_NAMESPACE}"`;
    this.markup(`<value><${tag}>${text}</ex:${type}></value>`);
  }

  #number(value: number): void {
    if ((value | 0) === value) {
      return this.markup(`<value><int>${value}</int></value>`);
    }
    if (!Number.isFinite(value)) return this.#typed("double", value);
    this.markup(`<value><double>${formatDouble(value)}</double></value>`);
  }

  #nil(): void {
    switch (this.#settings.nil) {
      case "nil":
        return this.markup("<value><nil/></value>");
      case "ex:nil":
        return this.markup(
          `<value><ex:nil xmlns:ex="${EXTENSION_NAMESPACE}"/></value>`,
        );
      case "error":
        throw new TypeError(
          `Cannot encode null${this.#describePlace()}: the option nil is "error"`,
        );
    }
  }

  #typed(type: XmlRpcTyped["type"], value: unknown): void {
    checkTyped(type, value, this.#describePlace);
    if (type === "biginteger" || type === "bigdecimal") {
      return this.#extension(type, String(value));
    }
    const text = type === "double"
      ? formatDouble(value as number)
      : String(value);
    return this.#scalar(type, text);
  }

  #object(value: object): void {
    if (Array.isArray(value)) return this.#array(value);
    // The most frequent case first.
    if (isPlain(value)) return this.#struct(value as Record<string, unknown>);
    if (value instanceof XmlRpcTyped) {
      return this.#typed(value.type, value.value);
    }
    if (value instanceof Date) return this.#date(value);
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
      const lost = describeLostBytes(value);
      if (lost !== undefined) return this.#refuse(lost);
    }
    const bytes = toBytes(value);
    if (bytes !== undefined) return this.#base64(bytes);
    return this.#instance(value);
  }

  /** Writes an object of some class. */
  #instance(value: object): void {
    if (isSource(value)) return this.#gap(value);
    if (value instanceof EncodedValue) return this.#encoded(value);
    if (canBeStruct(value)) {
      return this.#struct(value as Record<string, unknown>);
    }
    const name = describeClass(value);
    return this.#refuse(name, ADVICE.get(name));
  }

  #encoded({ content }: EncodedValue): void {
    if (typeof content === "string") return this.markup(content);
    this.#flush();
    this.#bytes.writeBytes(content);
  }

  #date(date: Date): void {
    const text = formatDateTime(date, this.#settings.timeZone);
    if (text === undefined) {
      const what = Number.isNaN(date.getTime())
        ? "an invalid Date"
        : date.toISOString();
      throw new RangeError(
        `Cannot encode ${what}${this.#describePlace()}: a dateTime.iso8601 has a year from 1 to 9999`,
      );
    }
    this.markup(
      `<value><dateTime.iso8601>${text}</dateTime.iso8601></value>`,
    );
  }

  #base64(bytes: Uint8Array): void {
    this.#checkBytes(this.#text.length + Math.ceil(bytes.length / 3) * 4);
    this.markup("<value><base64>");
    // Whole groups of three bytes at a time: padding only at the end.
    for (let at = 0; at < bytes.length; at += BASE64_BYTES) {
      this.markup(encodeBase64(bytes.subarray(at, at + BASE64_BYTES)));
    }
    this.markup("</base64></value>");
  }

  #gap(source: Source): void {
    this.#checkSource(source);
    const isBytes = source instanceof Blob || source instanceof ReadableStream;
    this.markup(isBytes ? "<value><base64>" : "<value><array><data>");
    this.#flush();
    const bytes = this.#bytes.take();
    this.#pieces.push(bytes);
    this.#pieceBytes += bytes.length + GAP_BYTES;
    const path = this.#path.slice(0, this.#depth + 1);
    this.#pieces.push({ source, path });
    this.#hasGaps = true;
    this.markup(isBytes ? "</base64></value>" : "</data></array></value>");
  }

  #checkSource(source: Source): void {
    const { instead, maxStreamBytes } = this.#settings;
    if (instead !== undefined) {
      throw new TypeError(
        `Cannot encode ${
          describeClass(source)
        }${this.#describePlace()} at once: use ${instead}()`,
      );
    }
    checkOnce(source, this.#sources, this.#describePlace);
    if (source instanceof ReadableStream) {
      checkUnlocked(source, this.#describePlace);
    } else if (source instanceof Blob) {
      checkStreamBytes(source.size, maxStreamBytes, this.#describePlace);
    } else {
      // Checks the depth only: the items are written later.
      this.#enter();
      this.#depth--;
    }
  }

  #array(items: readonly unknown[]): void {
    this.#enter();
    this.markup("<value><array><data>");
    for (let index = 0; index < items.length; index++) {
      this.#path[this.#depth] = index;
      this.#value(items[index]);
    }
    this.markup("</data></array></value>");
    this.#depth--;
  }

  #struct(members: Record<string, unknown>): void {
    this.#enter();
    this.markup("<value><struct>");
    for (const name of Object.keys(members)) {
      const value = members[name];
      // Left out, as JSON.stringify does. Elsewhere undefined is refused. It counts as a
      // value, because looking at it takes time, too.
      if (value === undefined) {
        this.#count();
        continue;
      }
      this.#path[this.#depth] = name;
      this.#openMember(name);
      this.#value(value);
      this.markup("</member>");
    }
    this.markup("</struct></value>");
    this.#depth--;
  }

  #openMember(name: string): void {
    const known = this.#cachedNames.get(name);
    if (known !== undefined) return this.markup(known);
    if (name.length >= LONG_TEXT) {
      this.markup("<member><name>");
      this.text(name);
      return this.markup("</name>");
    }
    const text = `<member><name>${this.#escape(name)}</name>`;
    if (this.#cachedNames.size < MAX_CACHED_NAMES) {
      this.#cachedNames.set(name, text);
    }
    this.markup(text);
  }

  #enter(): void {
    const { maxDepth } = this.#settings;
    if (this.#depth >= maxDepth) {
      throw new RangeError(
        `Cannot encode a value that nests deeper than ${maxDepth}${this.#describePlace()}: it has a cycle, or the limit maxDepth is too low`,
      );
    }
    this.#depth++;
  }
}
