// The fast path from documents to values. This module is browser compatible.
//
// Most of a document is leaves, and members and items that hold a leaf. The fast path
// takes such an element at once, if all of it has arrived and nothing is wrong with it.
// Otherwise it changes nothing, and element_decoder.ts decodes the element step by step.
//
// The methods pass the leaf they have read in fields, which are used like registers, so
// that nothing is allocated for them. For speed, too, the decoder inherits from the
// reader, and shares its mutable fields.

import { type DecoderSettings, ElementDecoder } from "./element_decoder.ts";
import {
  ARRAY,
  DATA,
  findRule,
  MEMBER,
  METHOD_NAME,
  NAME,
  STRING,
  STRUCT,
  VALUE,
} from "./grammar.ts";
import { getName } from "./name_cache.ts";
import { Frame, type Rule } from "./rule.ts";
import type {
  ItemPattern,
  ItemPosition,
  Opening,
  WrittenItem,
} from "./pattern.ts";
import { type Literal, literal } from "./xml/literal.ts";
import type { TextSpan } from "./scalars.ts";
import {
  AMPERSAND,
  BYTE_CLASS,
  CLOSING_BRACKET,
  GREATER_THAN,
  GREATER_THAN_CLASS,
  HASH,
  isSpace,
  LESS_THAN,
  NAME_BYTE,
  NON_ASCII,
  PLAIN,
  SEMICOLON,
  SLASH,
} from "./xml/characters.ts";
import { DocumentProblem } from "./xml/problem.ts";
import { resolveReferenceAt } from "./xml/syntax.ts";

const LONGEST_TAG = "</dateTime.iso8601>".length;
/** The longest number, boolean, date or reference that the fast path reads. */
const LONGEST_READ = 17;
const NAME_TAG = literal("<name>");
const VALUE_TAG = literal("<value>");
const STRUCT_TAG = literal("<struct>");
const ARRAY_TAG = literal("<array>");
const DATA_TAG = literal("<data>");

/** How many patterns may be learned from one document. */
const MAX_PATTERNS = 1000;

/** Decodes one document: on the fast path, and step by step where that is impossible. */
export class Decoder extends ElementDecoder {
  readonly #isFastPathOff: boolean;
  /** How many patterns were learned. */
  #patterns = 0;
  // Registers: the leaf that was read last, and a frame in which the rules handle it.
  #leaf: Rule = STRING;
  readonly #text: TextSpan = { start: 0, end: 0 };
  #string: string | undefined;
  readonly #leafFrame = new Frame(STRING);

  constructor(settings: DecoderSettings) {
    super(settings);
    // The fast path does not check limits that no tag or short text of it can exceed.
    this.#isFastPathOff = settings.maxTagBytes < LONGEST_TAG ||
      settings.maxNameBytes < LONGEST_READ;
  }

  // ---------------------------------------------------------------- whole elements

  protected override takeWhole(rule: Rule, start: number): number {
    if (this.#isFastPathOff) return -1;
    if (rule === MEMBER) return this.#takeMember(start);
    if (rule === VALUE) return this.#takeValue(start);
    if (!rule.isLeaf) return -1;
    const end = this.#readLeaf(rule, start);
    return end < 0 ? -1 : this.#adoptLeaf(rule, end);
  }

  /** Takes a `<value>` with a scalar, or opens one with an array or struct. */
  #takeValue(start: number): number {
    const end = this.#adoptScalar(VALUE, this.#readScalar(start));
    if (end < 0) return this.#openWhole(start, [{ rule: VALUE, at: 0 }]);
    this.#learnLeaf(end);
    return end;
  }

  /** Takes a `<member>` with a scalar, or opens one with an array or struct. */
  #takeMember(start: number): number {
    const { bytes, view } = this;
    const nameTag = this.#skipSpace(start);
    if (!NAME_TAG.isAt(view, nameTag)) return -1;
    const nameStart = nameTag + NAME_TAG.length;
    const nameEnd = this.#textEnd(nameStart);
    if (nameEnd - nameStart > this.settings.maxNameBytes) return -1;
    if (!NAME.end.isAt(view, nameEnd)) return -1;
    const valueTag = this.#skipSpace(nameEnd + NAME.end.length);
    if (!VALUE_TAG.isAt(view, valueTag)) return -1;
    const valueStart = valueTag + VALUE_TAG.length;
    const memberName = getName(bytes, nameStart, nameEnd);
    const valueEnd = this.#readScalar(valueStart);
    if (valueEnd < 0) {
      const value = { rule: VALUE, at: valueTag - this.pos };
      return this.#openWhole(
        valueStart,
        [{ rule: MEMBER, at: 0 }, value],
        memberName,
      );
    }
    const endTag = this.#skipSpace(valueEnd);
    if (!MEMBER.end.isAt(view, endTag)) return -1;
    this.#leafFrame.memberName = memberName;
    const end = this.#adoptScalar(MEMBER, endTag + MEMBER.end.length);
    if (end > 0) this.#learnLeaf(end, memberName);
    return end;
  }

  #skipSpace(start: number): number {
    let at = start;
    while (isSpace(this.bytes[at]!)) at++;
    return at;
  }

  /** Where plain text ends that starts at `start`. */
  #textEnd(start: number): number {
    const bytes = this.bytes;
    let at = start;
    while (BYTE_CLASS[bytes[at]!] === PLAIN) at++;
    return at;
  }

  /**
   * Reads a string's text; undefined if there is anything in it but text and
   * references, or anything wrong with it.
   */
  #readString(text: TextSpan): string | undefined {
    const { start } = text;
    const end = this.#textEnd(start);
    text.end = end;
    if (this.bytes[end] === LESS_THAN) return this.ascii(start, end);
    try {
      return this.#readRichString(text);
    } catch (error) {
      if (!(error instanceof DocumentProblem)) throw error;
      return undefined;
    }
  }

  /**
   * Reads a string that has characters beyond ASCII, or references. What `text` spans
   * so far is plain.
   */
  #readRichString(text: TextSpan): string {
    const bytes = this.bytes;
    let value = "";
    let start = text.start;
    let at = text.end;
    // The classes of all bytes since `start`: PLAIN, or PLAIN and NON_ASCII.
    let classes = PLAIN;
    for (;;) {
      const kind = BYTE_CLASS[bytes[at]!]!;
      if (kind <= NON_ASCII) {
        classes |= kind;
        at++;
        continue;
      }
      if (kind === GREATER_THAN_CLASS && bytes[at - 1] !== CLOSING_BRACKET) {
        at++;
        continue;
      }
      value += classes === PLAIN
        ? this.ascii(start, at)
        : this.characters(start, at);
      text.end = at;
      if (bytes[at] !== AMPERSAND) return value;
      start = ++at;
      while (NAME_BYTE[bytes[at]!] === 1 || bytes[at] === HASH) at++;
      if (bytes[at] !== SEMICOLON || at - start > LONGEST_READ) return value;
      value += resolveReferenceAt(bytes, start, at);
      start = ++at;
      classes = PLAIN;
    }
  }

  /** Reads the text of a leaf, and its end tag; returns where that ends, or -1. */
  #readLeaf(rule: Rule, start: number): number {
    const text = this.#text;
    text.start = start;
    this.#leaf = rule;
    if (rule === STRING) this.#string = this.#readString(text);
    else text.end = this.#textEnd(start);
    const { end } = text;
    if (rule.isShort && end - start > this.settings.maxNameBytes) return -1;
    return rule.end.isAt(this.view, end) ? end + rule.end.length : -1;
  }

  /** Reads a scalar such as `<int>5</int></value>`; returns where it ends, or -1. */
  #readScalar(start: number): number {
    const bytes = this.bytes;
    if (this.values >= this.settings.maxValues) return -1;
    const tag = this.#skipSpace(start);
    if (bytes[tag] !== LESS_THAN) return this.#readUntyped(start);
    let at = tag + 1;
    while (NAME_BYTE[bytes[at]!] === 1) at++;
    if (bytes[at] !== GREATER_THAN) return -1;
    const rule = findRule(bytes, tag + 1, at);
    if (
      rule === undefined || !rule.isLeaf || (VALUE.children & rule.bit) === 0
    ) return -1;
    const end = this.#readLeaf(rule, at + 1);
    return end > 0 ? this.#valueEnd(this.#skipSpace(end)) : -1;
  }

  /** Reads `text</value>`: spec: "If no type is indicated, the type is string." */
  #readUntyped(start: number): number {
    const text = this.#text;
    text.start = start;
    this.#leaf = STRING;
    this.#string = this.#readString(text);
    return this.#valueEnd(text.end);
  }

  /** Where the `</value>` at `at` ends, or -1. */
  #valueEnd(at: number): number {
    return VALUE.end.isAt(this.view, at) ? at + VALUE.end.length : -1;
  }

  /** Passes on the scalar that was read, as that of a value or member; `end` may be -1. */
  #adoptScalar(rule: Rule, end: number): number {
    if (end < 0) return -1;
    const taken = this.#adoptLeaf(rule, end);
    if (taken > 0) this.values++;
    return taken;
  }

  /** Passes on the value of the leaf as that of the element `rule`. */
  #adoptLeaf(rule: Rule, end: number): number {
    const frame = this.stack[this.level]!;
    return this.#adopt(frame, rule, this.#readFast()) ? end : -1;
  }

  #readFast(): unknown {
    const text = this.#text;
    const { end } = text;
    if (this.#leaf === STRING) return this.#string;
    const value = this.#leaf.read?.(this.bytes, text, this.active);
    if (text.end === end) return value;
    text.end = end;
    return undefined;
  }

  /**
   * Gives a frame the value of the leaf: `read`, or what its text says if `read` is
   * undefined. Returns false if the text is wrong, or the leaf must not stand there.
   */
  #adopt(frame: Frame, rule: Rule, read: unknown): boolean {
    const { start, end } = this.#text;
    const { isShort, finish } = this.#leaf;
    if (isShort && end - start > this.settings.maxNameBytes) return false;
    const leaf = this.#leafFrame;
    leaf.rule = rule;
    try {
      let value = read;
      if (value === undefined) {
        const isKept = this.#leaf === NAME || this.#leaf === METHOD_NAME;
        leaf.text = isKept
          ? getName(this.bytes, start, end)
          : this.ascii(start, end);
        value = finish(leaf, this.active);
      }
      frame.rule.adopt!(frame, leaf, value);
      return true;
    } catch (error) {
      if (!(error instanceof DocumentProblem)) throw error;
      return false;
    }
  }

  /**
   * Opens the array or struct whose tag is at `start`, and the elements around it that
   * `openings` has; returns where its items start, or -1.
   */
  #openWhole(
    start: number,
    openings: Opening<Rule>[],
    memberName?: string,
  ): number {
    const { view } = this;
    const tag = this.#skipSpace(start);
    let end = -1;
    if (STRUCT_TAG.isAt(view, tag)) {
      openings.push({ rule: STRUCT, at: tag - this.pos });
      end = tag + STRUCT_TAG.length;
    } else if (ARRAY_TAG.isAt(view, tag)) {
      const data = this.#skipSpace(tag + ARRAY_TAG.length);
      if (!DATA_TAG.isAt(view, data)) return -1;
      openings.push({ rule: ARRAY, at: tag - this.pos });
      openings.push({ rule: DATA, at: data - this.pos });
      end = data + DATA_TAG.length;
    }
    if (end < 0) return -1;
    const pattern = this.#learn({ start: this.pos, end, memberName, openings });
    this.#enterAll(openings, memberName, pattern?.within);
    return end;
  }

  /** Opens elements that start at the next byte and behind it. */
  #enterAll(
    openings: readonly Opening<Rule>[],
    memberName: string | undefined,
    within: ItemPosition<Rule> | undefined,
  ): void {
    const start = this.pos;
    for (const { rule, at } of openings) {
      this.pos = start + at;
      const frame = this.enter(rule);
      if (rule === MEMBER) frame.memberName = memberName;
    }
    if (within !== undefined) this.stack[this.level]!.position = within;
  }

  // ---------------------------------------------------------------- repeated items

  /** Learns how the item is written whose leaf was read, and which ends at `end`. */
  #learnLeaf(end: number, memberName?: string): void {
    const { start, end: textEnd } = this.#text;
    const tail = { start: textEnd, end };
    this.#learn({
      start: this.pos,
      end: start,
      leaf: this.#leaf,
      tail,
      memberName,
    });
  }

  /** Learns how an item is written, if others may be like it. */
  #learn(written: WrittenItem<Rule>): ItemPattern<Rule> | undefined {
    const frame = this.stack[this.level]!;
    const { position } = frame;
    if (position === undefined) return undefined;
    const pattern = this.#patterns < MAX_PATTERNS
      ? position.learn(this.view, written)
      : undefined;
    if (pattern !== undefined) this.#patterns++;
    // A member without a pattern has no known successor.
    if (written.memberName !== undefined) frame.position = pattern?.after;
    return pattern;
  }

  protected override takeRepeated(): boolean {
    const start = this.pos;
    if (this.#isFastPathOff) return false;
    while (this.level > 0 && !this.isInvalid) {
      const frame = this.stack[this.level]!;
      const { position } = frame;
      const opening = position && this.#takeItems(frame, position);
      if (opening !== undefined) {
        this.#enterAll(opening.openings, opening.memberName, opening.within);
        this.pos = this.#text.start;
      } else if (!this.#takeEnd(frame)) {
        break;
      }
    }
    return this.pos > start;
  }

  /** Takes the end tag of the innermost element. */
  #takeEnd(frame: Frame): boolean {
    const { rule } = frame;
    // Beside the type in a value, there may be white space only.
    const isText = rule.keepsText && frame.count === 0;
    const at = isText ? this.pos : this.#skipSpace(this.pos);
    if (this.bytes[at + 1] !== SLASH || frame.name !== rule.bytes) return false;
    if (!rule.end.isAt(this.view, at)) return false;
    this.pos = at;
    this.close();
    this.pos = at + rule.end.length;
    return true;
  }

  /**
   * Takes the items of an array or struct that hold scalars, and are written as earlier
   * ones were. If an item opens an array or struct, returns its pattern; the next byte is
   * the item's first, and its content starts where `#text` does.
   */
  #takeItems(
    frame: Frame,
    first: ItemPosition<Rule>,
  ): ItemPattern<Rule> | undefined {
    const { bytes, view, filled } = this;
    const { maxValues } = this.settings;
    const text = this.#text;
    let position: ItemPosition<Rule> | undefined = first;
    let opening: ItemPattern<Rule> | undefined;
    while (position !== undefined) {
      const start: number = bytes[this.pos] === LESS_THAN
        ? this.pos
        : this.#skipSpace(this.pos);
      const pattern: ItemPattern<Rule> | undefined = position.find(
        view,
        start,
        filled,
      );
      if (pattern === undefined) break;
      const { leaf, memberName, tail } = pattern;
      text.start = start + pattern.head.length;
      if (leaf === undefined) {
        this.pos = start;
        position = pattern.after ?? position;
        opening = pattern;
        break;
      }
      if (tail === undefined || this.values >= maxValues) break;
      const value = this.#readBefore(tail, leaf);
      const next = text.end + tail.length;
      if (next > filled || !tail.isAt(view, text.end)) break;
      if (value === undefined) {
        if (leaf === STRING) break;
        this.#leafFrame.memberName = memberName;
        if (!this.#adopt(frame, MEMBER, undefined)) break;
      } else if (memberName === undefined) {
        (frame.value as unknown[]).push(value);
      } else {
        // No other member has this name: see ItemPosition.
        (frame.value as Record<string, unknown>)[memberName] = value;
      }
      this.values++;
      this.pos = next;
      if (memberName !== undefined) position = pattern.after;
    }
    frame.position = position;
    return opening;
  }

  /** Reads the text of a leaf; undefined if it is unusual, or `tail` does not follow. */
  #readBefore(tail: Literal, leaf: Rule): unknown {
    const text = this.#text;
    const { start } = text;
    if (leaf === STRING) return this.#readString(text);
    const value = leaf.read?.(this.bytes, text, this.active);
    if (value !== undefined && tail.isAt(this.view, text.end)) return value;
    this.#leaf = leaf;
    text.end = this.#textEnd(start);
    return undefined;
  }
}
