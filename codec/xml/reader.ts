// XML from bytes: a resumable reader, for whole documents and for streams.
// Knows nothing of values and methods. This module is browser compatible.
//
// The document passes through a window of bytes. The reader takes what is in the window
// item by item: a run of text, a tag, a reference, a piece of a comment. An item changes
// nothing until all its bytes are there. If some are missing, the reader stops at the
// item's first byte, and tries again when more bytes have arrived.

import { NOTHING, Utf8Converter } from "./encoding.ts";
import { quote } from "../../util/messages.ts";
import {
  AMPERSAND,
  BANG,
  BYTE_CLASS,
  CARRIAGE_RETURN,
  checkCharacters,
  CLOSING_BRACKET,
  CR,
  DASH,
  decodeUtf8,
  findCharacterBoundary,
  GREATER_THAN,
  GREATER_THAN_CLASS,
  HASH,
  isBlank,
  isSpace,
  LESS_THAN,
  MARKUP,
  NAME_BYTE,
  NON_ASCII,
  normalizeLineEnds,
  PLAIN,
  QUESTION,
  SEMICOLON,
  SLASH,
  trimSpace,
  Utf8Slicer,
} from "./characters.ts";
import { createSyntaxError, Lines, type Position, START } from "./position.ts";
import { DocumentProblem, exceeded, invalid, malformed } from "./problem.ts";
import {
  checkDeclaration,
  matchName,
  measureUsualDeclaration,
  parseStartTag,
  resolveReference,
} from "./syntax.ts";
import type { XmlRpcSyntaxError } from "../../core/errors.ts";

/** What a reader must know about a document. */
export interface ReaderSettings {
  readonly contentType: string | undefined;
  readonly maxBytes: number;
  readonly maxTagBytes: number;
  /** Whether parts of the document may be handed out before its end. */
  readonly handsOut: boolean;
}

/** How many bytes of the document are added to the window at once. */
const WINDOW_BYTES = 0x10000;
/** An item of this length or more is tried again only after it has grown by an eighth. */
const LONG_ITEM = 256;
/** Zeros behind the last byte: a look beyond the end must not find old bytes. */
const PADDING = 128;

const encoder = new TextEncoder();

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const latin1 = new TextDecoder("latin1");

/**
 * Converts bytes to a string of one character per byte. Its slices are correct where the
 * bytes are ASCII, and are used only there. UTF-8 is several times faster to decode.
 */
function toBytewiseString(bytes: Uint8Array): string {
  const text = utf8.decode(bytes);
  return text.length === bytes.length ? text : latin1.decode(bytes);
}

/** Memory for bytes. */
class Block {
  readonly bytes: Uint8Array;
  readonly view: DataView;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.view = new DataView(this.bytes.buffer);
  }
}

const EMPTY = new Block(PADDING);

// State of the module, shared by all documents. To decode a small document takes less
// time than to allocate a block for it, so readers pass one block on. It is bounded:
// there is at most one spare block, of this length, and it holds nothing but zeros.
const SPARE_LENGTH = 0x1000;
let spare: Block | undefined;

/** Takes the spare block, or makes one, of at least `length` bytes, all zeros. */
function takeBlock(length: number): Block {
  if (length > SPARE_LENGTH) return new Block(length);
  const block = spare ?? new Block(SPARE_LENGTH);
  spare = undefined;
  return block;
}

/** Keeps a block that is no longer used; its first `filled` bytes are set to zero. */
function giveBack(block: Block, filled: number): void {
  if (block.bytes.length !== SPARE_LENGTH) return;
  block.bytes.fill(0, 0, filled);
  spare = block;
}

/** Markup without structure, which ends only at its terminator. */
interface Section {
  readonly name: string;
  readonly opening: Uint8Array;
  readonly terminator: Uint8Array;
}

function section(name: string, opening: string, terminator: string): Section {
  return {
    name,
    opening: encoder.encode(opening),
    terminator: encoder.encode(terminator),
  };
}

const COMMENT = section("comment", "<!--", "-->");
const CDATA = section("CDATA section", "<![CDATA[", "]]>");
const INSTRUCTION = section("processing instruction", "<?", "?>");
const DOCTYPE = encoder.encode("<!DOCTYPE");

/** Reads the namespaces that a tag declares, by prefix; undefined if it declares none. */
function readNamespaces(
  attributes: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> | undefined {
  const declared = Array.from(attributes).filter(([name]) =>
    name.startsWith("xmlns:")
  );
  if (declared.length === 0) return undefined;
  return new Map(
    declared.map(([name, uri]) => [name.slice("xmlns:".length), uri]),
  );
}

/** The start of a name, for messages. */
function showName(name: Uint8Array): string {
  const text = new TextDecoder().decode(name.subarray(0, 160));
  return quote(trimSpace(text)).slice(1, -1);
}

/** Reads one document; its subclass decodes the elements and the text in it. */
export abstract class XmlReader {
  readonly #settings: ReaderSettings;
  readonly #converter: Utf8Converter;

  #block: Block = EMPTY;
  /** The window; zeros follow its last byte. */
  protected bytes: Uint8Array = EMPTY.bytes;
  protected view: DataView = EMPTY.view;
  /** The next byte to take. */
  protected pos = 0;
  /** How many bytes are in the window. */
  protected filled = 0;
  #isFinal = false;
  /** The window, one character per byte; made when first needed. */
  #window: string | undefined;
  readonly #slicer = new Utf8Slicer();

  /** Bytes received, before conversion. */
  #received = 0;
  /** Bytes of what was handed out already, after conversion; `maxBytes` limits the rest. */
  protected handedOut = 0;
  /** The position of the window's first byte. */
  protected windowStart: Position = START;

  /** Whether the open element takes its text unread, by `takeText`. */
  protected takesText = false;

  /** How many elements are open. */
  protected level = 0;
  #hasRoot = false;
  #section: Section | undefined;
  /** How long an incomplete item must be before it is tried again. */
  #lookAgainAt = 0;
  /** Whether no markup has been read yet: only then may an XML declaration follow. */
  #atStart = true;
  #failure: unknown;

  constructor(settings: ReaderSettings) {
    this.#settings = settings;
    this.#converter = new Utf8Converter(settings.contentType);
  }

  /** The name of the innermost open element, as its start tag wrote it. */
  protected abstract openName(): Uint8Array;

  /** Whether white space between tags is kept, too. */
  protected abstract keepsText(): boolean;

  /** Takes text of the innermost open element, which has `bytes` bytes in the document. */
  protected abstract addText(text: string, bytes: number): void;

  /**
   * Takes text of the innermost open element as it stands in the document; false if the
   * reader must read the text with care.
   */
  protected abstract takeText(text: string): boolean;

  /**
   * Opens the element whose name stands from `start` to `end`, or takes it whole.
   *
   * `content` is where its content starts, or -1 if it has none. Returns where the
   * reader continues: there, or behind an element that was taken whole.
   */
  protected abstract open(
    start: number,
    end: number,
    content: number,
    namespaces: ReadonlyMap<string, string> | undefined,
  ): number;

  /** Closes the innermost open element. */
  protected abstract close(): void;

  /** Takes items that repeat earlier ones, if any stand at the next byte, a `<`. */
  protected abstract takeRepeated(): boolean;

  /** What the document holds, once it is whole. */
  protected abstract finish(): unknown;

  /** The path of the value that is being read. */
  protected abstract path(): string;

  /**
   * Called before bytes leave the window: keeps the positions of what is open, and
   * returns the last of them, or that of the window.
   */
  protected abstract keepPositions(lines: Lines): Position;

  /** Called whenever the reader stops: after each part of the document, and at errors. */
  protected abstract pause(): void;

  /** Takes the next bytes, any number of them; the array may be reused afterwards. */
  push(chunk: Uint8Array): void {
    if (this.#isFinal) {
      throw new TypeError("Cannot push after end(): the document is over");
    }
    if (this.#failure !== undefined) throw this.#failure;
    try {
      this.#received += chunk.length;
      // Which parts are handed out is known only after they are read.
      if (!this.#settings.handsOut) this.#checkLength(this.#received);
      this.#feed(this.#converter.convert(chunk, false));
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /** Ends the document; returns what it holds. */
  end(): unknown {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      this.#feed(this.#converter.convert(NOTHING, true));
      this.#isFinal = true;
      this.#run();
      this.#checkEnd();
      const result = this.finish();
      this.#release();
      return result;
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /** Ends reading for good; a problem gets its location. */
  #fail(error: unknown): unknown {
    this.#failure = error instanceof DocumentProblem
      ? this.locate(error)
      : error;
    this.#release();
    return this.#failure;
  }

  #feed(utf8: Uint8Array): void {
    const { handsOut } = this.#settings;
    for (let at = 0; at < utf8.length; at += WINDOW_BYTES) {
      const isShort = utf8.length <= WINDOW_BYTES;
      this.#fill(isShort ? utf8 : utf8.subarray(at, at + WINDOW_BYTES));
      try {
        this.#run();
      } finally {
        this.pause();
      }
      if (!handsOut) continue;
      this.#checkLength(this.windowStart.offset + this.filled - this.handedOut);
      // The next piece may arrive much later. A string as large as the window, kept for
      // that long, makes the garbage collector keep more and more memory.
      this.#discard();
    }
  }

  #checkLength(bytes: number): void {
    const { maxBytes } = this.#settings;
    if (bytes <= maxBytes) return;
    throw exceeded("The document is too long", "maxBytes", maxBytes);
  }

  // ---------------------------------------------------------------- the window

  #fill(piece: Uint8Array): void {
    this.#discard();
    const end = this.filled + piece.length;
    if (end + PADDING > this.bytes.length) {
      // Twice as long as needed now; but just two pieces where two are enough.
      const isTwoPieces = end > WINDOW_BYTES && end <= 2 * WINDOW_BYTES;
      const length = isTwoPieces ? 2 * WINDOW_BYTES : 2 * end;
      this.#move(takeBlock(length + PADDING));
    }
    this.bytes.set(piece, this.filled);
    this.filled = end;
    this.#window = undefined;
    this.#slicer.reset();
  }

  /** Continues in another block. */
  #move(block: Block): void {
    block.bytes.set(this.bytes.subarray(0, this.filled));
    this.#change(block);
  }

  /** Replaces the block by another. */
  #change(block: Block): void {
    giveBack(this.#block, this.filled);
    this.#block = block;
    this.bytes = block.bytes;
    this.view = block.view;
  }

  /** Releases all bytes, when reading has ended. */
  #release(): void {
    const offset = this.offset();
    this.windowStart = { ...this.windowStart, offset };
    this.pos = 0;
    this.#window = undefined;
    this.#change(EMPTY);
    this.filled = 0;
  }

  /** Forgets the bytes that have been taken; the rest moves to the front. */
  #discard(): void {
    if (this.pos === 0) return;
    const lines = this.linesUntil(this.pos);
    const last = this.keepPositions(lines);
    this.windowStart = lines.find(last, this.offset());
    this.#window = undefined;
    this.#slicer.reset();
    this.bytes.copyWithin(0, this.pos, this.filled);
    this.bytes.fill(0, this.filled - this.pos, this.filled);
    this.filled -= this.pos;
    this.pos = 0;
  }

  /** ASCII bytes of the window as a string. */
  protected ascii(start: number, end: number): string {
    this.#window ??= toBytewiseString(this.bytes.subarray(0, this.filled));
    return this.#window.slice(start, end);
  }

  /** UTF-8 in the window as a string; throws a {@linkcode DocumentProblem} if it is not UTF-8. */
  protected characters(start: number, end: number): string {
    return this.#slicer.slice(this.bytes, start, end, this.filled);
  }

  /** Whether `literal` is next in the window; undefined if not all its bytes are there. */
  #startsWith(literal: Uint8Array): boolean | undefined {
    for (let at = 0; at < literal.length; at++) {
      if (this.pos + at >= this.filled) return undefined;
      if (this.bytes[this.pos + at] !== literal[at]) return false;
    }
    return true;
  }

  /** The offset in the document of the next byte to take. */
  protected offset(): number {
    return this.windowStart.offset + this.pos;
  }

  /** Finds positions in the first bytes of the window. */
  protected linesUntil(end: number): Lines {
    const bytes = this.bytes.subarray(0, end);
    return new Lines(this.windowStart, bytes, this.#window);
  }

  /** The error for a problem at a position in the document; or else at the next byte. */
  protected locate(
    problem: DocumentProblem,
    position: Position = this.#findNext(),
  ): XmlRpcSyntaxError {
    return createSyntaxError(problem, position, this.path());
  }

  #findNext(): Position {
    const end = Math.min(this.pos, this.filled);
    const offset = this.windowStart.offset + end;
    return this.linesUntil(end).find(this.windowStart, offset);
  }

  // ---------------------------------------------------------------- items

  #run(): void {
    const isLongEnough = this.filled - this.pos >= this.#lookAgainAt;
    if (!isLongEnough && !this.#isFinal) return;
    while (this.pos < this.filled) {
      if (this.#item()) continue;
      // More bytes are needed. No item may need them without limit.
      this.#checkItem(this.filled - 1);
      break;
    }
    // Tried again with each byte that arrives, an item would take time quadratic in its
    // length. Few items are long.
    const length = this.filled - this.pos;
    this.#lookAgainAt = length < LONG_ITEM ? 0 : length * 9 / 8;
  }

  /** Takes one item; false if its bytes are not all there. */
  #item(): boolean {
    if (this.#section !== undefined) return this.#inSection(this.#section);
    switch (this.bytes[this.pos]) {
      case LESS_THAN:
        return this.takeRepeated() || this.#markup();
      case AMPERSAND:
        return this.#reference();
      default:
        return this.#characters();
    }
  }

  /** Checks the length of the item whose last byte so far is at `last`. */
  #checkItem(last: number): void {
    const { maxTagBytes } = this.#settings;
    if (last - this.pos < maxTagBytes) return;
    throw exceeded(
      "A tag or reference is too long",
      "maxTagBytes",
      maxTagBytes,
    );
  }

  /** Where the longest item that may stand here ends. */
  #longest(): number {
    return this.pos + this.#settings.maxTagBytes;
  }

  #markup(): boolean {
    switch (this.bytes[this.pos + 1]) {
      case SLASH:
        return this.#endTag();
      case BANG:
        return this.#declarationOrSection();
      case QUESTION:
        return this.#instruction();
      default:
        return this.#startTag();
    }
  }

  // ---------------------------------------------------------------- text

  /** Takes character data up to the next markup. */
  #characters(): boolean {
    // Text that must be read once is read to its end: each try converts the window.
    if (this.takesText) this.takesText = this.#rawText();
    if (this.takesText) return true;
    const bytes = this.bytes;
    const start = this.pos;
    let at = start;
    let isPlain = true;
    for (;; at++) {
      const kind = BYTE_CLASS[bytes[at]!]!;
      if (kind === PLAIN) continue;
      if (kind === NON_ASCII || kind === CARRIAGE_RETURN) {
        isPlain = false;
      } else if (kind === GREATER_THAN_CLASS) {
        this.#checkBrackets(start, at);
      } else {
        break;
      }
    }
    if (at < this.filled) {
      if (BYTE_CLASS[bytes[at]!] !== MARKUP) this.#forbidden(at);
      this.#append(start, at, isPlain);
      this.pos = at;
      return true;
    }
    const safe = this.#isFinal ? this.filled : this.#boundary(start);
    this.#append(start, safe, isPlain);
    this.pos = safe;
    return safe === this.filled;
  }

  /** Passes on character data unread, up to the next tag; false if it must be read. */
  #rawText(): boolean {
    const window = this.ascii(0, this.filled);
    const tag = window.indexOf("<", this.pos);
    const end = tag < 0 ? this.filled : tag;
    if (!this.takeText(window.slice(this.pos, end))) return false;
    this.pos = end;
    return true;
  }

  /** Spec (XML 1.0): "The right angle bracket (>) … must … be escaped … when it appears in the string "]]>" in content". */
  #checkBrackets(start: number, at: number): void {
    const bytes = this.bytes;
    if (
      at - start < 2 || bytes[at - 1] !== CLOSING_BRACKET ||
      bytes[at - 2] !== CLOSING_BRACKET
    ) {
      return;
    }
    this.pos = at;
    throw malformed("]]> in text: write > as &gt;");
  }

  #forbidden(at: number): never {
    this.pos = at;
    const code = this.bytes[at]!.toString(16).toUpperCase().padStart(4, "0");
    throw malformed(
      `The control character U+${code}, which XML does not allow`,
    );
  }

  /** How far text may be taken when the window ends in it: the next bytes may change its end. */
  #boundary(start: number): number {
    const bytes = this.bytes;
    let end = findCharacterBoundary(bytes, start, this.filled);
    if (end > start && bytes[end - 1] === CR) return end - 1;
    for (
      let back = 0;
      back < 2 && end > start && bytes[end - 1] === CLOSING_BRACKET;
      back++
    ) end--;
    return end;
  }

  /** Passes on bytes of the window as text of the open element. */
  #append(start: number, end: number, isPlain: boolean): void {
    if (start === end) return;
    if (!this.keepsText()) {
      // What is wrong is not the white space before: that may have come much earlier.
      while (start < end && isSpace(this.bytes[start]!)) start++;
      if (start === end) return;
    }
    this.pos = start;
    const text = isPlain ? this.ascii(start, end) : this.#decode(start, end);
    if (this.level > 0) this.addText(text, end - start);
    else if (!isBlank(text)) {
      throw malformed(`Text outside the root element: ${quote(text)}`);
    }
  }

  /** Decodes text; a problem is at the first character that is wrong. */
  #decode(start: number, end: number): string {
    const text = this.bytes.subarray(start, end);
    try {
      return decodeUtf8(normalizeLineEnds(text));
    } catch (error) {
      checkCharacters(text, (at) => this.pos = start + at);
      throw error;
    }
  }

  #reference(): boolean {
    const bytes = this.bytes;
    let at = this.pos + 1;
    while (NAME_BYTE[bytes[at]!] === 1 || bytes[at] === HASH) at++;
    if (at >= this.filled) return false;
    this.#checkItem(at);
    if (bytes[at] !== SEMICOLON) throw malformed("A bare &: write it as &amp;");
    if (this.level === 0) {
      throw malformed("A reference outside the root element");
    }
    const character = resolveReference(this.ascii(this.pos + 1, at));
    this.addText(character, at + 1 - this.pos);
    this.pos = at + 1;
    return true;
  }

  // ---------------------------------------------------------------- comments, CDATA, instructions

  #declarationOrSection(): boolean {
    for (const kind of [COMMENT, CDATA]) {
      const found = this.#startsWith(kind.opening);
      if (found === undefined) return false;
      if (!found) continue;
      if (kind === CDATA && this.level === 0) {
        throw malformed("CDATA outside the root element");
      }
      this.#openSection(kind, this.pos + kind.opening.length);
      return true;
    }
    const doctype = this.#startsWith(DOCTYPE);
    if (doctype === undefined) return false;
    if (!doctype) {
      throw malformed("<! must start a comment or a CDATA section");
    }
    if (this.#hasRoot) {
      throw malformed(
        "A document type declaration in or after the root element",
      );
    }
    // XML-RPC does not use it, and every attack by entities needs it.
    throw invalid("A document type declaration: none is accepted, for safety");
  }

  #openSection(kind: Section, pos: number): void {
    this.#section = kind;
    this.pos = pos;
    this.#atStart = false;
  }

  #instruction(): boolean {
    const bytes = this.bytes;
    if (this.#atStart && this.pos === 0) {
      const length = measureUsualDeclaration(bytes);
      if (length > 0 && length <= this.#settings.maxTagBytes) {
        this.pos = length;
        this.#atStart = false;
        return true;
      }
    }
    const start = this.pos + INSTRUCTION.opening.length;
    let at = start;
    // The target ends at white space or "?", or at the limit.
    const last = Math.min(this.filled, this.#longest());
    while (at < last && bytes[at] !== QUESTION && !isSpace(bytes[at]!)) {
      if (BYTE_CLASS[bytes[at]!] === MARKUP) {
        throw malformed("<? must start a processing instruction");
      }
      at++;
    }
    if (at + 1 >= this.filled) return false;
    this.#checkItem(at);
    const target = decodeUtf8(bytes.subarray(start, at));
    if (target === "xml" && this.#atStart) return this.#declaration(at);
    if (
      matchName(target) !== target || target === "" || /^xml$/i.test(target)
    ) {
      throw malformed(
        `A processing instruction must not be named ${quote(target)}`,
      );
    }
    // Spec (XML 1.0): "'<?' PITarget (S (Char* - (Char* '?>' Char*)))? '?>'".
    if (bytes[at] === QUESTION && bytes[at + 1] !== GREATER_THAN) {
      throw malformed(
        "White space must follow the name of a processing instruction",
      );
    }
    this.#openSection(INSTRUCTION, at);
    return true;
  }

  #declaration(start: number): boolean {
    const end = this.bytes.subarray(0, this.filled).indexOf(QUESTION, start);
    if (end < 0 || end + 1 >= this.filled) return false;
    this.#checkItem(end + 1);
    if (this.bytes[end + 1] !== GREATER_THAN) {
      throw malformed("An XML declaration must end with ?>");
    }
    checkDeclaration(decodeUtf8(this.bytes.subarray(start, end)));
    this.pos = end + 2;
    this.#atStart = false;
    return true;
  }

  /** Takes a piece of a comment, CDATA section or instruction. */
  #inSection(kind: Section): boolean {
    const bytes = this.bytes;
    const { terminator } = kind;
    const start = this.pos;
    let at = start;
    let isPlain = true;
    for (; at < this.filled; at++) {
      const byte = bytes[at]!;
      if (byte === terminator[0]) {
        if (at + terminator.length > this.filled) break;
        if (this.#isTerminator(kind, at)) {
          this.#takeSection(kind, start, at, isPlain);
          this.pos = at + terminator.length;
          this.#section = undefined;
          return true;
        }
      } else if (byte >= 0x80 || byte === CR) {
        isPlain = false;
      } else if (byte < 0x20 && !isSpace(byte)) {
        this.#forbidden(at);
      }
    }
    const safe = at < this.filled ? at : this.#boundary(start);
    this.#takeSection(kind, start, safe, isPlain);
    this.pos = safe;
    return safe === this.filled;
  }

  #isTerminator(kind: Section, at: number): boolean {
    const bytes = this.bytes;
    if (kind.terminator.every((byte, index) => bytes[at + index] === byte)) {
      return true;
    }
    // Spec (XML 1.0): "the string "--" (double-hyphen) must not occur within comments".
    if (kind === COMMENT && bytes[at + 1] === DASH) {
      this.pos = at;
      throw malformed("-- within a comment");
    }
    return false;
  }

  #takeSection(
    kind: Section,
    start: number,
    end: number,
    isPlain: boolean,
  ): void {
    if (kind === CDATA) this.#append(start, end, isPlain);
    else if (!isPlain) this.#decode(start, end);
  }

  // ---------------------------------------------------------------- tags

  #startTag(): boolean {
    const bytes = this.bytes;
    const start = this.pos + 1;
    let at = start;
    while (NAME_BYTE[bytes[at]!] === 1) at++;
    const byte = bytes[at];
    if (at === start && at < this.filled && byte! < 0x80) {
      throw malformed(
        "Expected an element name after <: write < in text as &lt;",
      );
    }
    if (byte === SLASH && bytes[at + 1] === GREATER_THAN) {
      this.#checkItem(at + 1);
      this.#checkRoot();
      this.open(start, at, -1, undefined);
      this.close();
      this.pos = at + 2;
      return true;
    }
    if (byte !== GREATER_THAN) return this.#longStartTag(start, at);
    this.#checkItem(at);
    this.#checkRoot();
    this.pos = this.open(start, at, at + 1, undefined);
    return true;
  }

  /** A start tag with attributes, white space, a name beyond ASCII, or `/>`. */
  #longStartTag(start: number, from: number): boolean {
    const end = this.#tagEnd(from);
    if (end === undefined) return false;
    this.#checkItem(end);
    const isClosed = end > start && this.bytes[end - 1] === SLASH;
    const text = decodeUtf8(
      this.bytes.subarray(start, isClosed ? end - 1 : end),
    );
    const { name, attributes } = parseStartTag(text);
    const nameEnd = start + encoder.encode(name).length;
    this.#checkRoot();
    const next = this.open(
      start,
      nameEnd,
      isClosed ? -1 : end + 1,
      readNamespaces(attributes),
    );
    if (isClosed) this.close();
    this.pos = isClosed ? end + 1 : next;
    return true;
  }

  #checkRoot(): void {
    if (this.level === 0 && this.#hasRoot) {
      throw malformed("A second root element");
    }
    this.#hasRoot = true;
    this.#atStart = false;
  }

  /** Where the `>` of a tag is, outside of quotes; undefined if it has not arrived yet. */
  #tagEnd(from: number): number | undefined {
    const bytes = this.bytes;
    let quoteMark = 0;
    // Beyond the limit, which problem is found would depend on how the document is split.
    const last = Math.min(this.filled, this.#longest());
    for (let at = from; at < last; at++) {
      const byte = bytes[at]!;
      if (byte === LESS_THAN) throw malformed("< within a tag");
      if (byte < 0x20 && !isSpace(byte)) this.#forbidden(at);
      if (quoteMark !== 0) {
        if (byte === quoteMark) quoteMark = 0;
      } else if (byte === 0x22 || byte === 0x27) {
        quoteMark = byte;
      } else if (byte === GREATER_THAN) {
        return at;
      }
    }
    return undefined;
  }

  #endTag(): boolean {
    const bytes = this.bytes;
    const name = this.openName();
    const start = this.pos + 2;
    let at = start;
    let matched = 0;
    while (matched < name.length && bytes[at] === name[matched]) {
      at++;
      matched++;
    }
    if (matched < name.length) at = start;
    while (isSpace(bytes[at]!)) at++;
    if (at >= this.filled) return false;
    if (
      bytes[at] !== GREATER_THAN || matched < name.length || this.level === 0
    ) {
      const end = this.#tagEnd(start);
      if (end === undefined) return false;
      this.#wrongEndTag(start, end);
    }
    this.#checkItem(at);
    this.close();
    this.pos = at + 1;
    return true;
  }

  #wrongEndTag(start: number, end: number): never {
    const found = `</${showName(this.bytes.subarray(start, end))}>`;
    if (this.level === 0) throw malformed(`${found} without a start tag`);
    const expected = `</${showName(this.openName())}>`;
    throw malformed(`Expected ${expected}, found ${found}`);
  }

  #checkEnd(): void {
    if (this.#section !== undefined) {
      throw malformed(`The document ends inside a ${this.#section.name}`);
    }
    if (this.level > 0) {
      const name = showName(this.openName());
      throw malformed(`The document ends inside <${name}>`);
    }
    if (this.pos < this.filled) {
      throw malformed("The document ends inside a tag or reference");
    }
    if (!this.#hasRoot) throw malformed("The document is empty");
  }
}
