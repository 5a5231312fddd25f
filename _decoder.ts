// Bytes to values: one resumable engine for whole documents and for streams.
// This module is browser compatible.
//
// The document passes through a window of bytes. What stands in it is taken in
// items: a run of text, a tag, a reference, a piece of a comment. An item changes
// nothing until all its bytes are there; if they are not, the engine stops at its
// first byte and goes on when more have come. Open elements are frames on a stack
// of its own, so that no document is too deep for it.

import { createUtf8Converter, type Utf8Converter } from "./_charset.ts";
import { XmlRpcFault, XmlRpcSyntaxError } from "./errors.ts";
import {
  DOCUMENT,
  findRule,
  Frame,
  isAt,
  MEMBER,
  ReceivedFault,
  type Rule,
  UNKNOWN,
  VALUE,
} from "./_grammar.ts";
import {
  EXTENSION_NAMESPACE,
  EXTENSIONS,
  isBlank,
  type ScalarSettings,
} from "./_scalars.ts";
import {
  BYTE_CLASS,
  CARRIAGE_RETURN,
  characterBoundary,
  checkDeclaration,
  decodeUtf8,
  Flaw,
  GREATER,
  isSpace,
  leadingName,
  malformed,
  MARKUP,
  NAME_BYTE,
  NON_ASCII,
  normalizeLineEnds,
  parseStartTag,
  PLAIN,
  quote,
  resolveReference,
} from "./_xml.ts";

/** Everything that can be set for the decoding of one document. */
export interface DecoderSettings extends ScalarSettings {
  readonly root: "methodCall" | "methodResponse";
  readonly contentType: string | undefined;
  readonly maxBytes: number;
  readonly maxDepth: number;
  readonly maxValues: number;
  readonly maxNameBytes: number;
  readonly maxTagBytes: number;
}

const LESS = 0x3c;
const AMPERSAND = 0x26;
const SLASH = 0x2f;
const QUESTION = 0x3f;
const BANG = 0x21;
const SEMICOLON = 0x3b;
const GREATER_THAN = 0x3e;
const CLOSING_BRACKET = 0x5d;
const DASH = 0x2d;

/** How much of the document the window takes in at once. */
const PIECE = 0x10000;
/** Zeros behind the last byte, so that looking a little further finds no old bytes. */
const PADDING = 64;

const encoder = new TextEncoder();

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const latin1 = new TextDecoder("latin1");

/**
 * Bytes as a string of one character a byte: slices of it are right where the bytes
 * are ASCII, and used nowhere else. UTF-8 is several times faster to decode.
 */
function oneCharacterAByte(bytes: Uint8Array): string {
  const text = utf8.decode(bytes);
  return text.length === bytes.length ? text : latin1.decode(bytes);
}

/** A stretch of markup without structure: it ends at its terminator only. */
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
const NAME_TAG = encoder.encode("<name>");
const NAME_END_TAG = encoder.encode("</name>");
const VALUE_TAG = encoder.encode("<value>");
const VALUE_END_TAG = encoder.encode("</value>");
const MEMBER_END_TAG = encoder.encode("</member>");

function limit(message: string, option: string, value: number): Flaw {
  return new Flaw("limit", `${message}: the limit ${option} is ${value}`);
}

/** The namespaces that a tag declares, by prefix; undefined if it declares none. */
function namespacesOf(
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

/**
 * The names of members, which come again and again. One string for each makes the
 * objects they are put into share their shape.
 */
class NameCache {
  readonly #names: (string | undefined)[] = [];

  /** The name in these bytes, which are ASCII. */
  get(bytes: Uint8Array, start: number, end: number): string {
    let hash = end - start;
    for (let at = start; at < end; at++) {
      hash = (hash * 31 + bytes[at]!) & 0x1ff;
    }
    const known = this.#names[hash];
    if (known !== undefined && isName(known, bytes, start, end)) return known;
    const name = String.fromCharCode(...bytes.subarray(start, end));
    this.#names[hash] = name;
    return name;
  }
}

function isName(
  name: string,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (name.length !== end - start) return false;
  for (let at = 0; at < name.length; at++) {
    if (name.charCodeAt(at) !== bytes[start + at]) return false;
  }
  return true;
}

/** Decodes one document. */
export class Decoder {
  readonly #settings: DecoderSettings;
  // Within a fault numbers keep their types: a faultCode must be an integer.
  #active: ScalarSettings;
  readonly #converter: Utf8Converter;

  #bytes = new Uint8Array(PADDING);
  /** The next byte to take, and the end of the bytes in the window. */
  #pos = 0;
  #end = 0;
  #final = false;
  /** The window, a character a byte; made when first needed. */
  #window: string | undefined;

  /** Bytes taken in before conversion. */
  #received = 0;
  /** Offset in the document of the window's first byte, its line, and where that line starts. */
  #base = 0;
  #line = 1;
  #lineStart = 0;

  readonly #stack: Frame[] = [new Frame()];
  #top = 0;
  readonly #leafFrame = new Frame();
  readonly #names = new NameCache();
  #section: Section | undefined;
  /** Whether no markup has come yet: only then may there be an XML declaration. */
  #atStart = true;
  #depth = 0;
  #values = 0;
  #failure: unknown;
  // A document is "invalid" only if it is XML, and whether it is shows at its end.
  #invalid: XmlRpcSyntaxError | undefined;

  constructor(settings: DecoderSettings) {
    this.#settings = settings;
    this.#active = settings;
    this.#converter = createUtf8Converter(settings.contentType);
  }

  /** The method's name, as soon as it has come; undefined for a response. */
  get methodName(): string | undefined {
    // The root element's frame; only a call's has a key.
    return this.#stack[1]?.key;
  }

  /** Takes in the next bytes, whatever their number; the array may be reused afterwards. */
  push(chunk: Uint8Array): void {
    if (this.#final) {
      throw new TypeError("Cannot push after end(): the document is over");
    }
    this.#guard(() => {
      this.#received += chunk.length;
      const { maxBytes } = this.#settings;
      if (this.#received > maxBytes) {
        throw limit("The document is too long", "maxBytes", maxBytes);
      }
      this.#feed(this.#converter.convert(chunk, false));
    });
  }

  /** Says that the document is whole; returns what it holds. */
  end(): unknown {
    return this.#guard(() => {
      this.#feed(this.#converter.convert(new Uint8Array(0), true));
      this.#final = true;
      this.#run();
      this.#checkEnd();
      if (this.#invalid !== undefined) throw this.#invalid;
      return this.#stack[0]!.value;
    });
  }

  /** Runs a step; an error is final, and a flaw gets its place. */
  #guard<T>(step: () => T): T {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return step();
    } catch (error) {
      this.#failure = error instanceof Flaw
        ? this.#locate(error, this.#pos)
        : error;
      throw this.#failure;
    }
  }

  #feed(utf8: Uint8Array): void {
    for (let at = 0; at < utf8.length; at += PIECE) {
      this.#fill(utf8.subarray(at, at + PIECE));
      this.#run();
    }
  }

  // ---------------------------------------------------------------- the window

  #fill(piece: Uint8Array): void {
    this.#discard();
    const end = this.#end + piece.length;
    if (end + PADDING > this.#bytes.length) {
      const larger = new Uint8Array(
        Math.max(end, Math.min(2 * end, 2 * PIECE)) + PADDING,
      );
      larger.set(this.#bytes.subarray(0, this.#end));
      this.#bytes = larger;
    }
    this.#bytes.set(piece, this.#end);
    this.#bytes.fill(0, end, end + PADDING);
    this.#end = end;
    this.#window = undefined;
  }

  /** Forgets the bytes that have been taken; the rest moves to the front. */
  #discard(): void {
    if (this.#pos === 0) return;
    const taken = this.#ascii(0, this.#pos);
    for (
      let at = taken.indexOf("\n");
      at >= 0;
      at = taken.indexOf("\n", at + 1)
    ) {
      this.#line++;
      this.#lineStart = this.#base + at + 1;
    }
    this.#bytes.copyWithin(0, this.#pos, this.#end);
    this.#base += this.#pos;
    this.#end -= this.#pos;
    this.#pos = 0;
  }

  /** ASCII bytes of the window as a string. */
  #ascii(start: number, end: number): string {
    this.#window ??= oneCharacterAByte(this.#bytes.subarray(0, this.#end));
    return this.#window.slice(start, end);
  }

  // ---------------------------------------------------------------- items

  #run(): void {
    while (this.#pos < this.#end) {
      if (this.#item()) continue;
      // More bytes are needed. No item may need ever more of them.
      this.#checkItem(this.#end);
      return;
    }
  }

  /** Takes one item; false if its bytes are not all there. */
  #item(): boolean {
    if (this.#section !== undefined) return this.#inSection(this.#section);
    switch (this.#bytes[this.#pos]) {
      case LESS:
        return this.#markup();
      case AMPERSAND:
        return this.#reference();
      default:
        return this.#characters();
    }
  }

  #checkItem(end: number): void {
    const { maxTagBytes } = this.#settings;
    if (end - this.#pos <= maxTagBytes) return;
    throw limit("A tag or reference is too long", "maxTagBytes", maxTagBytes);
  }

  #markup(): boolean {
    switch (this.#bytes[this.#pos + 1]) {
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

  /** Takes character data up to the next markup. */
  #characters(): boolean {
    const bytes = this.#bytes;
    const start = this.#pos;
    let at = start;
    let plain = true;
    for (;; at++) {
      const kind = BYTE_CLASS[bytes[at]!]!;
      if (kind === PLAIN) continue;
      if (kind === NON_ASCII || kind === CARRIAGE_RETURN) {
        plain = false;
      } else if (kind === GREATER) {
        this.#checkBrackets(start, at);
      } else {
        break;
      }
    }
    if (at < this.#end) {
      if (BYTE_CLASS[bytes[at]!] !== MARKUP) this.#forbidden(at);
      this.#append(start, at, plain);
      this.#pos = at;
      return true;
    }
    const safe = this.#final ? this.#end : this.#boundary(start);
    this.#append(start, safe, plain);
    this.#pos = safe;
    return safe === this.#end;
  }

  /** Spec (XML 1.0): "The right angle bracket (>) … must … be escaped … when it appears in the string "]]>" in content". */
  #checkBrackets(start: number, at: number): void {
    const bytes = this.#bytes;
    if (
      at - start < 2 || bytes[at - 1] !== CLOSING_BRACKET ||
      bytes[at - 2] !== CLOSING_BRACKET
    ) {
      return;
    }
    this.#pos = at;
    throw malformed("]]> in text: write > as &gt;");
  }

  #forbidden(at: number): never {
    this.#pos = at;
    const code = this.#bytes[at]!.toString(16).toUpperCase().padStart(4, "0");
    throw malformed(
      `The control character U+${code}, which XML does not allow`,
    );
  }

  /** How far text may be taken when the window ends in it: what comes next may change its end. */
  #boundary(start: number): number {
    const bytes = this.#bytes;
    let end = characterBoundary(bytes, start, this.#end);
    if (end > start && bytes[end - 1] === 0x0d) return end - 1;
    for (
      let back = 0;
      back < 2 && end > start && bytes[end - 1] === CLOSING_BRACKET;
      back++
    ) end--;
    return end;
  }

  /** Adds bytes of the window to the text of the open element. */
  #append(start: number, end: number, plain: boolean): void {
    if (start === end) return;
    const frame = this.#stack[this.#top]!;
    if (plain && !frame.rule.keepsText && this.#isBlank(start, end)) return;
    this.#pos = start;
    const text = plain
      ? this.#ascii(start, end)
      : normalizeLineEnds(decodeUtf8(this.#bytes.subarray(start, end)));
    this.#addText(frame, text, end - start);
  }

  #isBlank(start: number, end: number): boolean {
    for (let at = start; at < end; at++) {
      if (!isSpace(this.#bytes[at]!)) return false;
    }
    return true;
  }

  #addText(frame: Frame, text: string, bytes: number): void {
    const { rule } = frame;
    if (rule.keepsText) {
      frame.text = frame.text === "" ? text : frame.text + text;
      frame.textBytes += bytes;
      this.#checkText(rule, frame.textBytes);
    } else if (rule === DOCUMENT) {
      if (!isBlank(text)) {
        throw malformed(`Text outside the root element: ${quote(text)}`);
      }
    } else if (rule !== UNKNOWN && !isBlank(text)) {
      this.#note(new Flaw("invalid", `Text ${quote(text)} in <${rule.name}>`));
    }
  }

  #checkText(rule: Rule, bytes: number): void {
    const { maxNameBytes } = this.#settings;
    if (!rule.short || bytes <= maxNameBytes) return;
    throw limit(
      `The text of <${rule.name}> is too long`,
      "maxNameBytes",
      maxNameBytes,
    );
  }

  #reference(): boolean {
    const bytes = this.#bytes;
    let at = this.#pos + 1;
    while (NAME_BYTE[bytes[at]!] === 1 || bytes[at] === 0x23) at++;
    if (at >= this.#end) return false;
    if (bytes[at] !== SEMICOLON) throw malformed("A bare &: write it as &amp;");
    this.#checkItem(at);
    if (this.#top === 0) {
      throw malformed("A reference outside the root element");
    }
    const character = resolveReference(this.#ascii(this.#pos + 1, at));
    this.#addText(this.#stack[this.#top]!, character, at + 1 - this.#pos);
    this.#pos = at + 1;
    return true;
  }

  // ---------------------------------------------------------------- comments, CDATA, instructions

  /** Whether the window goes on with `literal`; undefined if its bytes are not all there. */
  #startsWith(literal: Uint8Array): boolean | undefined {
    for (let at = 0; at < literal.length; at++) {
      if (this.#pos + at >= this.#end) return undefined;
      if (this.#bytes[this.#pos + at] !== literal[at]) return false;
    }
    return true;
  }

  #declarationOrSection(): boolean {
    for (const kind of [COMMENT, CDATA]) {
      const found = this.#startsWith(kind.opening);
      if (found === undefined) return false;
      if (!found) continue;
      if (kind === CDATA && this.#top === 0) {
        throw malformed("CDATA outside the root element");
      }
      this.#openSection(kind, this.#pos + kind.opening.length);
      return true;
    }
    const doctype = this.#startsWith(DOCTYPE);
    if (doctype === undefined) return false;
    if (!doctype || this.#stack[0]!.key !== undefined || this.#top > 0) {
      throw malformed("<! that starts no comment and no CDATA section");
    }
    // XML-RPC has no use for it, and every attack by entities needs it.
    throw new Flaw(
      "invalid",
      "A document type declaration: none is accepted, for safety",
    );
  }

  #openSection(kind: Section, pos: number): void {
    this.#section = kind;
    this.#pos = pos;
    this.#atStart = false;
  }

  #instruction(): boolean {
    const bytes = this.#bytes;
    const start = this.#pos + INSTRUCTION.opening.length;
    let at = start;
    // Up to white space or "?", at the latest: what comes before is its target.
    while (at < this.#end && bytes[at] !== QUESTION && !isSpace(bytes[at]!)) {
      if (BYTE_CLASS[bytes[at]!] === MARKUP) {
        throw malformed("<? that starts no processing instruction");
      }
      at++;
    }
    if (at >= this.#end) return false;
    this.#checkItem(at);
    const target = decodeUtf8(bytes.subarray(start, at));
    if (target === "xml" && this.#atStart) return this.#declaration(at);
    if (
      leadingName(target) !== target || target === "" || /^xml$/i.test(target)
    ) {
      throw malformed(
        `A processing instruction must not be named ${quote(target)}`,
      );
    }
    this.#openSection(INSTRUCTION, at);
    return true;
  }

  #declaration(start: number): boolean {
    const end = this.#bytes.subarray(0, this.#end).indexOf(QUESTION, start);
    if (end < 0 || end + 1 >= this.#end) return false;
    this.#checkItem(end);
    if (this.#bytes[end + 1] !== 0x3e) {
      throw malformed("An XML declaration must end with ?>");
    }
    checkDeclaration(decodeUtf8(this.#bytes.subarray(start, end)));
    this.#pos = end + 2;
    this.#atStart = false;
    return true;
  }

  /** Takes a piece of a comment, CDATA section or instruction. */
  #inSection(kind: Section): boolean {
    const bytes = this.#bytes;
    const { terminator } = kind;
    const start = this.#pos;
    let at = start;
    let plain = true;
    for (; at < this.#end; at++) {
      const byte = bytes[at]!;
      if (byte === terminator[0]) {
        if (at + terminator.length > this.#end) break;
        if (this.#isTerminator(kind, at)) {
          this.#takeSection(kind, start, at, plain);
          this.#pos = at + terminator.length;
          this.#section = undefined;
          return true;
        }
      } else if (byte >= 0x80 || byte === 0x0d) {
        plain = false;
      } else if (byte < 0x20 && !isSpace(byte)) {
        this.#forbidden(at);
      }
    }
    const safe = at < this.#end ? at : this.#boundary(start);
    this.#takeSection(kind, start, safe, plain);
    this.#pos = safe;
    return safe === this.#end;
  }

  #isTerminator(kind: Section, at: number): boolean {
    const bytes = this.#bytes;
    if (kind.terminator.every((byte, index) => bytes[at + index] === byte)) {
      return true;
    }
    // Spec (XML 1.0): "the string "--" (double-hyphen) must not occur within comments".
    if (kind === COMMENT && bytes[at + 1] === DASH) {
      this.#pos = at;
      throw malformed("-- within a comment");
    }
    return false;
  }

  #takeSection(
    kind: Section,
    start: number,
    end: number,
    plain: boolean,
  ): void {
    if (kind === CDATA) this.#append(start, end, plain);
    else if (!plain) decodeUtf8(this.#bytes.subarray(start, end));
  }

  // ---------------------------------------------------------------- tags

  #startTag(): boolean {
    const bytes = this.#bytes;
    const start = this.#pos + 1;
    let at = start;
    while (NAME_BYTE[bytes[at]!] === 1) at++;
    const byte = bytes[at];
    if (at === start && at < this.#end && byte! < 0x80) {
      throw malformed(
        "Expected an element name after <: write < in text as &lt;",
      );
    }
    if (byte !== 0x3e) return this.#longStartTag(start, at);
    this.#checkItem(at);
    const rule = this.#ruleOf(start, at, undefined);
    if (rule.isLeaf && this.#leaf(rule, at + 1)) return true;
    if (rule === VALUE && this.#wholeValue(at + 1)) return true;
    if (rule === MEMBER && this.#wholeMember(at + 1)) return true;
    this.#open(rule, start, at, undefined);
    this.#pos = at + 1;
    return true;
  }

  /** A start tag with attributes, white space, a name beyond ASCII, or `/>`. */
  #longStartTag(start: number, from: number): boolean {
    const end = this.#tagEnd(from);
    if (end === undefined) return false;
    this.#checkItem(end);
    const closed = end > start && this.#bytes[end - 1] === SLASH;
    const text = decodeUtf8(
      this.#bytes.subarray(start, closed ? end - 1 : end),
    );
    const { name, attributes } = parseStartTag(text);
    const namespaces = namespacesOf(attributes);
    const nameEnd = start + encoder.encode(name).length;
    this.#open(
      this.#ruleOf(start, nameEnd, namespaces),
      start,
      nameEnd,
      namespaces,
    );
    if (closed) this.#close();
    this.#pos = end + 1;
    return true;
  }

  /** Where the `>` of a tag is, outside of quotes; undefined if it has not come yet. */
  #tagEnd(from: number): number | undefined {
    const bytes = this.#bytes;
    let quoteMark = 0;
    for (let at = from; at < this.#end; at++) {
      const byte = bytes[at]!;
      if (byte === LESS) throw malformed("< within a tag");
      if (byte < 0x20 && !isSpace(byte)) this.#forbidden(at);
      if (quoteMark !== 0) {
        if (byte === quoteMark) quoteMark = 0;
      } else if (byte === 0x22 || byte === 0x27) {
        quoteMark = byte;
      } else if (byte === 0x3e) {
        return at;
      }
    }
    return undefined;
  }

  #endTag(): boolean {
    const bytes = this.#bytes;
    const { name } = this.#stack[this.#top]!;
    const start = this.#pos + 2;
    let at = start;
    let matched = 0;
    while (matched < name.length && bytes[at] === name[matched]) {
      at++;
      matched++;
    }
    while (isSpace(bytes[at]!) && matched === name.length) at++;
    if (at >= this.#end) return false;
    if (bytes[at] !== 0x3e || matched < name.length || this.#top === 0) {
      this.#wrongEndTag(start);
    }
    this.#checkItem(at);
    this.#close();
    this.#pos = at + 1;
    return true;
  }

  #wrongEndTag(start: number): never {
    const end = Math.min(this.#end, start + 40);
    const found = this.#ascii(start, end).replace(/[>\s].*$/s, "");
    if (this.#top === 0) throw malformed(`</${found}> without a start tag`);
    const { name } = this.#stack[this.#top]!;
    const expected = new TextDecoder().decode(name.subarray(0, 40));
    throw malformed(`Expected </${expected}>, found </${found}`);
  }

  // ---------------------------------------------------------------- elements

  /** The rule of an element, by its name and where it stands. */
  #ruleOf(
    start: number,
    end: number,
    namespaces: ReadonlyMap<string, string> | undefined,
  ): Rule {
    const parent = this.#stack[this.#top]!;
    if (this.#top === 0 && parent.key !== undefined) {
      throw malformed("A second root element");
    }
    this.#atStart = false;
    const rule = findRule(this.#bytes, start, end) ??
      this.#extensionRule(start, end, namespaces);
    if (this.#invalid !== undefined) return UNKNOWN;
    if (rule === undefined) {
      const name = decodeUtf8(this.#bytes.subarray(start, end));
      return this.#reject(`Unknown element <${quote(name).slice(1, -1)}>`);
    }
    if ((parent.rule.children & rule.bit) === 0) {
      const where = this.#top === 0
        ? "as the root element"
        : `in <${parent.rule.name}>`;
      return this.#reject(`Unexpected <${rule.name}> ${where}`);
    }
    if (this.#top === 0 && rule.name !== this.#settings.root) {
      return this.#reject(
        `Expected <${this.#settings.root}>, found <${rule.name}>`,
      );
    }
    return rule;
  }

  /** Opens the element whose name stands from `start` to `end`. */
  #open(
    rule: Rule,
    start: number,
    end: number,
    namespaces: ReadonlyMap<string, string> | undefined,
  ): void {
    const frame = this.#stack[++this.#top] ??= new Frame();
    frame.rule = rule;
    frame.name = rule.bytes.length === end - start
      ? rule.bytes
      : this.#bytes.slice(start, end);
    frame.namespaces = namespaces;
    frame.start = this.#base + this.#pos;
    frame.text = "";
    frame.textBytes = 0;
    frame.count = 0;
    frame.key = undefined;
    frame.value = rule.empty?.();
    this.#count(rule);
  }

  /**
   * Takes a whole element such as `<int>5</int>` at once, which most elements are:
   * plain text, then its end tag. False if it is not that, or not all there.
   */
  #leaf(rule: Rule, start: number): boolean {
    const bytes = this.#bytes;
    let at = start;
    while (BYTE_CLASS[bytes[at]!] === PLAIN) at++;
    const { length } = rule.bytes;
    if (
      bytes[at] !== LESS || bytes[at + 1] !== SLASH ||
      bytes[at + 2 + length] !== 0x3e
    ) return false;
    if (!isAt(rule.bytes, bytes, at + 2)) return false;
    const frame = this.#leafFrame;
    frame.rule = rule;
    frame.start = this.#base + this.#pos;
    this.#checkText(rule, at - start);
    frame.text = rule.name === "name"
      ? this.#names.get(bytes, start, at)
      : this.#ascii(start, at);
    this.#deliver(frame, this.#stack[this.#top]!);
    this.#pos = at + 3 + length;
    return true;
  }

  // Most of a document is members and items that hold one scalar. They are taken at
  // once if they are all there and nothing at all is wrong with them; else nothing has
  // happened, and they are taken step by step.

  /** Takes the rest of a `<value>` with a scalar. */
  #wholeValue(start: number): boolean {
    const end = this.#readScalar(start);
    if (end < 0) return false;
    return this.#adoptWhole(VALUE, end);
  }

  /** Takes the rest of a `<member>` with a scalar. */
  #wholeMember(start: number): boolean {
    const bytes = this.#bytes;
    const nameTag = this.#skipSpace(start);
    if (!isAt(NAME_TAG, bytes, nameTag)) return false;
    const nameStart = nameTag + NAME_TAG.length;
    let at = nameStart;
    while (BYTE_CLASS[bytes[at]!] === PLAIN) at++;
    const nameEnd = at;
    if (nameEnd - nameStart > this.#settings.maxNameBytes) return false;
    if (!isAt(NAME_END_TAG, bytes, at)) return false;
    at = this.#skipSpace(at + NAME_END_TAG.length);
    if (!isAt(VALUE_TAG, bytes, at)) return false;
    const valueEnd = this.#readScalar(at + VALUE_TAG.length);
    if (valueEnd < 0) return false;
    at = this.#skipSpace(valueEnd);
    if (!isAt(MEMBER_END_TAG, bytes, at)) return false;
    this.#leafFrame.key = this.#names.get(bytes, nameStart, nameEnd);
    return this.#adoptWhole(MEMBER, at + MEMBER_END_TAG.length);
  }

  #skipSpace(start: number): number {
    let at = start;
    while (isSpace(this.#bytes[at]!)) at++;
    return at;
  }

  /** Reads `<int>5</int></value>` and the like; gives where it ends, or -1. */
  #readScalar(start: number): number {
    const bytes = this.#bytes;
    if (bytes[start] !== LESS) return -1;
    let at = start + 1;
    while (NAME_BYTE[bytes[at]!] === 1) at++;
    if (bytes[at] !== GREATER_THAN) return -1;
    const rule = findRule(bytes, start + 1, at);
    if (
      rule === undefined || !rule.isLeaf || (VALUE.children & rule.bit) === 0
    ) return -1;
    const textStart = ++at;
    while (BYTE_CLASS[bytes[at]!] === PLAIN) at++;
    const { maxNameBytes, maxTagBytes, maxValues } = this.#settings;
    if (rule.short && at - textStart > maxNameBytes) return -1;
    if (this.#values >= maxValues || textStart - start > maxTagBytes) return -1;
    const end = at + 3 + rule.bytes.length;
    if (
      bytes[at] !== LESS || bytes[at + 1] !== SLASH ||
      bytes[end - 1] !== GREATER_THAN
    ) return -1;
    if (!isAt(rule.bytes, bytes, at + 2) || !isAt(VALUE_END_TAG, bytes, end)) {
      return -1;
    }
    this.#leafFrame.rule = rule;
    this.#leafFrame.text = this.#ascii(textStart, at);
    return end + VALUE_END_TAG.length;
  }

  /** Hands on the scalar that was read as what `rule` makes of it; it ends at `end`. */
  #adoptWhole(rule: Rule, end: number): boolean {
    const leaf = this.#leafFrame;
    const parent = this.#stack[this.#top]!;
    try {
      const value = leaf.rule.finish(leaf, this.#active);
      leaf.rule = rule;
      parent.rule.adopt!(parent, leaf, value);
    } catch (error) {
      if (!(error instanceof Flaw)) throw error;
      return false;
    }
    this.#values++;
    this.#pos = end;
    return true;
  }

  #reject(message: string): Rule {
    this.#note(new Flaw("invalid", message));
    return UNKNOWN;
  }

  /** The rule of an extension type, whose prefix must be bound to Apache's namespace. */
  #extensionRule(
    start: number,
    end: number,
    namespaces: ReadonlyMap<string, string> | undefined,
  ): Rule | undefined {
    const name = decodeUtf8(this.#bytes.subarray(start, end));
    if (leadingName(name) !== name) {
      throw malformed(`${quote(name)} is no element name`);
    }
    const colon = name.indexOf(":");
    if (colon < 0) return undefined;
    const prefix = name.slice(0, colon);
    let uri = namespaces?.get(prefix);
    for (let at = this.#top; at > 0 && uri === undefined; at--) {
      uri = this.#stack[at]!.namespaces?.get(prefix);
    }
    // Not in the spec: "ex:" without a declaration occurs, and can mean nothing else.
    if (uri === undefined && prefix === "ex") uri = EXTENSION_NAMESPACE;
    if (uri !== EXTENSION_NAMESPACE) return undefined;
    const type = EXTENSIONS.get(name.slice(colon + 1));
    if (type === undefined) return undefined;
    return findRule(encoder.encode(type), 0, type.length);
  }

  #count(rule: Rule): void {
    const { maxDepth, maxValues } = this.#settings;
    switch (rule.name) {
      case "value":
        if (++this.#values > maxValues) {
          throw limit("Too many values", "maxValues", maxValues);
        }
        break;
      case "array":
      case "struct":
        if (++this.#depth > maxDepth) {
          throw limit(
            "Arrays and structs nest too deeply",
            "maxDepth",
            maxDepth,
          );
        }
        break;
      case "fault":
        this.#active = { ...this.#settings, typed: true, dateTime: undefined };
    }
  }

  /** Closes the innermost element and hands what it gave to the one around it. */
  #close(): void {
    const frame = this.#stack[this.#top]!;
    const parent = this.#stack[this.#top - 1]!;
    const { name } = frame.rule;
    if (name === "array" || name === "struct") this.#depth--;
    if (name === "fault") this.#active = this.#settings;
    if (this.#invalid === undefined) this.#deliver(frame, parent);
    // The document has had its root, whatever became of it.
    if (this.#top === 1) parent.key = "";
    frame.value = undefined;
    this.#top--;
  }

  #deliver(frame: Frame, parent: Frame): void {
    try {
      parent.rule.adopt?.(
        parent,
        frame,
        frame.rule.finish(frame, this.#active),
      );
    } catch (error) {
      if (!(error instanceof Flaw)) throw error;
      this.#note(error, frame.start);
    }
  }

  // ---------------------------------------------------------------- errors

  /** Notes that the document is no XML-RPC; whether it is XML is still to be seen. */
  #note(flaw: Flaw, offset = this.#base + this.#pos): void {
    this.#invalid ??= this.#locate(flaw, offset - this.#base);
  }

  #locate(flaw: Flaw, pos: number): XmlRpcSyntaxError {
    // What the window has forgotten can be located no more; where it stands now can.
    const at = pos < 0 ? this.#pos : Math.min(pos, this.#end);
    const offset = this.#base + at;
    let line = this.#line;
    let lineStart = this.#lineStart;
    for (let index = 0; index < at; index++) {
      if (this.#bytes[index] !== 0x0a) continue;
      line++;
      lineStart = this.#base + index + 1;
    }
    const column = offset - lineStart + 1;
    return new XmlRpcSyntaxError(flaw.message, {
      kind: flaw.kind,
      offset,
      line,
      column,
      path: this.#path(),
    });
  }

  /** The path of the value that is being read. */
  #path(): string {
    // Once the document is known to be invalid, values are counted no more.
    if (this.#invalid !== undefined) return "";
    let path = "";
    for (let at = 1; at <= this.#top; at++) {
      const frame = this.#stack[at]!;
      path += frame.rule.segment?.(frame, this.#stack[at - 1]!) ?? "";
    }
    // A response has but one value: its index would tell nothing.
    return this.#settings.root === "methodCall"
      ? path
      : path.replace(/^params\[\d+\]/, "value");
  }

  #checkEnd(): void {
    const root = this.#stack[0]!;
    if (this.#section !== undefined) {
      throw malformed(`The document ends inside a ${this.#section.name}`);
    }
    if (this.#top > 0) {
      const name = new TextDecoder().decode(
        this.#stack[this.#top]!.name.subarray(0, 40),
      );
      throw malformed(`The document ends inside <${name}>`);
    }
    if (this.#pos < this.#end) {
      throw malformed("The document ends inside a tag or reference");
    }
    if (root.key === undefined) throw malformed("The document is empty");
  }
}

/** Throws a decoded response if it is a fault; else returns it. */
export function unwrap(result: unknown): unknown {
  if (!(result instanceof ReceivedFault)) return result;
  const { code, message, members } = result;
  throw new XmlRpcFault(code, message, { members });
}
