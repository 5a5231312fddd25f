// The step-by-step path from elements to values. This module is browser compatible.
//
// Open elements are frames on an explicit stack, so that no document can overflow the
// call stack. The rules of grammar.ts say which value an element gives.
//
// The protected fields are registers that decoder.ts, the fast path, reads and writes.

import type { XmlRpcSyntaxError } from "../core/errors.ts";
import { LONGEST_PATH, quote, shorten } from "../util/messages.ts";
import {
  DATA,
  DOCUMENT,
  findRule,
  MEMBER,
  STREAMED,
  UNKNOWN,
} from "./grammar.ts";
import { Frame, type Rule } from "./rule.ts";
import { isAt } from "./rule_slots.ts";
import { ItemPosition } from "./pattern.ts";
import type { Lines, Position } from "./xml/position.ts";
import { type ReaderSettings, XmlReader } from "./xml/reader.ts";
import {
  EXTENSION_NAMESPACE,
  EXTENSIONS,
  type ScalarSettings,
} from "./scalars.ts";
import { StreamedBytes } from "./byte_stream.ts";
import type { XmlRpcByteSink } from "./options.ts";
import { decodeUtf8, isAsciiName, isBlank } from "./xml/characters.ts";
import {
  DocumentProblem,
  exceeded,
  invalid,
  malformed,
} from "./xml/problem.ts";
import { matchName } from "./xml/syntax.ts";
import { XmlRpcTyped } from "../core/typed.ts";

/** All settings for the decoding of one document. */
export interface DecoderSettings extends ScalarSettings, ReaderSettings {
  readonly root: "methodCall" | "methodResponse";
  readonly maxDepth: number;
  readonly maxValues: number;
  readonly maxNameBytes: number;
  readonly maxStreamBytes: number;
  /** Called when a param, or the value of a response, turns out to be base64. */
  readonly onBase64:
    | ((index: number, params: unknown[]) => XmlRpcByteSink | undefined)
    | undefined;
  /** Takes the items of a response that is an array. */
  readonly onItems: ((items: unknown[]) => void) | undefined;
  /** Called with the type of a param or response as soon as it is known, if content is handed out. */
  readonly onType?: ((type: string) => void) | undefined;
  /** Called when a param begins, with its index, if content is handed out. */
  readonly onParam?: ((index: number) => void) | undefined;
}

// <struct><member><value>, or <array><data><value>.
const LEVELS_PER_DEPTH = 3;
// <methodCall><params><param><value>, and the first array or struct beyond the limit.
const LEVELS_AROUND = 5;
// The levels on the stack of what may be handed out; the root element is at 1.
const PARAM_LEVEL = 3;
const VALUE_LEVEL = 4;
const TYPE_LEVEL = 5;
const DATA_LEVEL = 6;
const ITEM_LEVEL = 7;

const encoder = new TextEncoder();

/** Creates the settings for a fault, where numbers keep their types: a faultCode is an integer. */
function createFaultSettings(settings: ScalarSettings): ScalarSettings {
  // The hook gets the date later; until then it is kept as it is.
  const keep = (text: string): unknown =>
    new XmlRpcTyped("dateTime.iso8601", text);
  return { ...settings, typed: true, dateTime: settings.dateTime && keep };
}

/** Decodes one document, element by element. */
export abstract class ElementDecoder extends XmlReader {
  protected readonly settings: DecoderSettings;
  readonly #handsOut: boolean;
  /** The settings for scalars at the current position. */
  protected active: ScalarSettings;
  protected readonly stack: Frame[] = [new Frame(DOCUMENT)];
  #depth = 0;
  /** Values so far. */
  protected values = 0;
  // A document is "invalid" only if it is XML, which is known at its end.
  #invalid: XmlRpcSyntaxError | undefined;
  /** The `<data>` whose items are handed out. */
  #items: Frame | undefined;

  constructor(settings: DecoderSettings) {
    super(settings);
    this.settings = settings;
    this.#handsOut = settings.handsOut;
    this.active = settings;
  }

  /** The method's name, as soon as it has arrived; undefined for a response. */
  get methodName(): string | undefined {
    // The frame of the root element.
    return this.stack[1]?.methodName;
  }

  /** How many bytes of the document were handed out, and do not count for `maxBytes`. */
  get handedOutBytes(): number {
    return this.handedOut;
  }

  /** Whether the document is known not to be XML-RPC. */
  protected get isInvalid(): boolean {
    return this.#invalid !== undefined;
  }

  /**
   * Takes an element whose content starts at `start`, or opens it and the elements in
   * it; returns where the reader continues, or -1 if nothing has changed.
   */
  protected abstract takeWhole(rule: Rule, start: number): number;

  protected override openName(): Uint8Array {
    return this.stack[this.level]!.name;
  }

  protected override keepsText(): boolean {
    return this.stack[this.level]!.rule.keepsText;
  }

  protected override finish(): unknown {
    if (this.#invalid !== undefined) throw this.#invalid;
    return this.stack[0]!.value;
  }

  protected override open(
    start: number,
    end: number,
    content: number,
    namespaces: ReadonlyMap<string, string> | undefined,
  ): number {
    const rule = this.#findRule(start, end, namespaces);
    // A prefix can make another name just as long.
    const isOwnName = rule.bytes.length === end - start &&
      isAt(rule.bytes, this.bytes, start);
    const mayBeWhole = isOwnName && content > 0 && namespaces === undefined &&
      !(this.#handsOut && this.#mayBeHandedOut());
    if (mayBeWhole) {
      const next = this.takeWhole(rule, content);
      if (next > 0) return next;
    }
    if (rule === MEMBER) this.stack[this.level]!.position = undefined;
    const frame = this.enter(rule);
    if (!isOwnName) frame.name = this.bytes.slice(start, end);
    frame.namespaces = namespaces;
    return content;
  }

  /** Opens an element that starts at the next byte. */
  protected enter(rule: Rule): Frame {
    this.#checkLevel();
    const frame = this.stack[++this.level] ??= new Frame(rule);
    frame.rule = rule;
    frame.name = rule.bytes;
    frame.namespaces = undefined;
    frame.start = this.offset();
    frame.line = 0;
    frame.text = "";
    frame.textBytes = 0;
    frame.count = 0;
    frame.value = rule.empty?.();
    frame.methodName = undefined;
    frame.memberName = undefined;
    frame.hasUndefined = false;
    frame.hasFarIndex = false;
    frame.handedOutItems = 0;
    frame.position = rule === DATA ? new ItemPosition() : undefined;
    if (this.#handsOut) this.#beginHandingOut(frame);
    this.#count(rule);
    return frame;
  }

  #mayBeHandedOut(): boolean {
    return this.level === VALUE_LEVEL - 1 || this.level === VALUE_LEVEL;
  }

  /** Finds the rule of an element, by its name and where it stands. */
  #findRule(
    start: number,
    end: number,
    namespaces: ReadonlyMap<string, string> | undefined,
  ): Rule {
    // What is invalid already only has to be well-formed.
    if (this.#invalid !== undefined) {
      if (!isAsciiName(this.bytes, start, end)) this.#readName(start, end);
      return UNKNOWN;
    }
    const parent = this.stack[this.level]!;
    const rule = findRule(this.bytes, start, end) ??
      this.#findExtensionRule(start, end, namespaces);
    if (rule === undefined) {
      const name = decodeUtf8(this.bytes.subarray(start, end));
      return this.#reject(`Unknown element <${quote(name).slice(1, -1)}>`);
    }
    if ((parent.rule.children & rule.bit) === 0) {
      const where = this.level === 0
        ? "as the root element"
        : `in <${parent.rule.name}>`;
      return this.#reject(`Unexpected <${rule.name}> ${where}`);
    }
    if (this.level === 0 && rule.name !== this.settings.root) {
      return this.#reject(
        `Expected <${this.settings.root}>, found <${rule.name}>`,
      );
    }
    return rule;
  }

  /** Checks that elements do not nest deeper than arrays and structs at the limit would. */
  #checkLevel(): void {
    const { maxDepth } = this.settings;
    if (this.level < LEVELS_PER_DEPTH * maxDepth + LEVELS_AROUND) return;
    throw exceeded("Elements nest too deeply", "maxDepth", maxDepth);
  }

  #count(rule: Rule): void {
    const { maxDepth, maxValues } = this.settings;
    switch (rule.name) {
      case "value":
        if (++this.values > maxValues) {
          throw exceeded("Too many values", "maxValues", maxValues);
        }
        break;
      case "array":
      case "struct":
        if (++this.#depth > maxDepth) {
          throw exceeded(
            "Arrays and structs nest too deeply",
            "maxDepth",
            maxDepth,
          );
        }
        break;
      case "fault":
        this.active = createFaultSettings(this.settings);
    }
  }

  #reject(message: string): Rule {
    this.#note(invalid(message));
    return UNKNOWN;
  }

  /** Reads an element's name; throws a {@linkcode DocumentProblem} if it is not a name. */
  #readName(start: number, end: number): string {
    const name = decodeUtf8(this.bytes.subarray(start, end));
    if (matchName(name) === name) return name;
    throw malformed(`${quote(name)} is not an element name`);
  }

  /** Finds the rule of an extension type, whose prefix must be bound to Apache's namespace. */
  #findExtensionRule(
    start: number,
    end: number,
    namespaces: ReadonlyMap<string, string> | undefined,
  ): Rule | undefined {
    const name = this.#readName(start, end);
    const colon = name.indexOf(":");
    if (colon < 0) return undefined;
    const prefix = name.slice(0, colon);
    let uri = namespaces?.get(prefix);
    for (let at = this.level; at > 0 && uri === undefined; at--) {
      uri = this.stack[at]!.namespaces?.get(prefix);
    }
    // Not in the spec: "ex:" without a declaration occurs, and is unambiguous.
    if (uri === undefined && prefix === "ex") uri = EXTENSION_NAMESPACE;
    if (uri !== EXTENSION_NAMESPACE) return undefined;
    const type = EXTENSIONS.get(name.slice(colon + 1));
    if (type === undefined) return undefined;
    return findRule(encoder.encode(type), 0, type.length);
  }

  protected override addText(text: string, bytes: number): void {
    const frame = this.stack[this.level]!;
    const { rule } = frame;
    if (rule === STREAMED) {
      if (this.#invalid !== undefined || this.#addStreamed(text, bytes)) return;
      (frame.value as StreamedBytes).refuse(text);
    } else if (rule.keepsText) {
      frame.text = frame.text === "" ? text : frame.text + text;
      frame.textBytes += bytes;
      this.#checkText(rule, frame.textBytes);
    } else if (
      rule !== UNKNOWN && this.#invalid === undefined && !isBlank(text)
    ) {
      this.#note(invalid(`Text ${quote(text)} in <${rule.name}>`));
    }
  }

  #checkText(rule: Rule, bytes: number): void {
    const { maxNameBytes } = this.settings;
    if (!rule.isShort || bytes <= maxNameBytes) return;
    throw exceeded(
      `The text of <${rule.name}> is too long`,
      "maxNameBytes",
      maxNameBytes,
    );
  }

  /** Closes the innermost element and gives its value to the one around it. */
  protected override close(): void {
    const frame = this.stack[this.level]!;
    const parent = this.stack[this.level - 1]!;
    const { name } = frame.rule;
    if (this.#handsOut) this.#endHandingOut(frame);
    if (name === "array" || name === "struct") this.#depth--;
    if (name === "fault") this.active = this.settings;
    if (this.#invalid === undefined) this.#deliver(frame, parent);
    frame.value = undefined;
    this.level--;
  }

  #deliver(frame: Frame, parent: Frame): void {
    try {
      parent.rule.adopt?.(
        parent,
        frame,
        frame.rule.finish(frame, this.active),
      );
    } catch (error) {
      if (!(error instanceof DocumentProblem)) throw error;
      this.#note(error, frame);
    }
  }

  // ---------------------------------------------------------------- handing out

  /** Begins to hand out the content of the frame, just opened, if a receiver wants it. */
  #beginHandingOut(frame: Frame): void {
    const { onItems } = this.settings;
    const { name } = frame.rule;
    if (this.level === PARAM_LEVEL && name === "param") {
      this.settings.onParam?.((this.stack[2]!.value as unknown[]).length);
    } else if (this.level === TYPE_LEVEL) this.#beginType(frame);
    else if (name === "data" && this.level === DATA_LEVEL && onItems) {
      const isFirst = this.stack[TYPE_LEVEL]!.count === 0;
      if (isFirst && this.#isWholeValue()) this.#items = frame;
    } else if (this.level === ITEM_LEVEL && this.#items !== undefined) {
      // Items that were handed out no longer count.
      this.values = 0;
    }
  }

  /** Reports the type of a param or response, and hands out the bytes if there are any. */
  #beginType(frame: Frame): void {
    const { name } = frame.rule;
    if (frame.rule === UNKNOWN || !this.#isWholeValue()) return;
    this.settings.onType?.(name);
    if (name === "base64") this.#askForSink(frame);
  }

  /** Hands out the rest of the content of the frame, which is complete. */
  #endHandingOut(frame: Frame): void {
    if (frame.rule === STREAMED) this.takesText = false;
    if (frame !== this.#items) return;
    this.#handOutItems(frame);
    this.#items = undefined;
  }

  /** Whether the innermost elements are the only content so far of a param or response. */
  #isWholeValue(): boolean {
    const [, root, params, param, value] = this.stack;
    if (param!.rule.name !== "param") return false;
    if (param!.count > 0 || value!.count > 0) return false;
    // Not in a second <params>, which is an error.
    if (root!.value !== undefined || root!.count > 0) return false;
    if (this.settings.root === "methodCall") {
      return root!.methodName !== undefined;
    }
    return (params!.value as unknown[]).length === 0;
  }

  #askForSink(frame: Frame): void {
    const { maxStreamBytes, onBase64 } = this.settings;
    const params = this.stack[2]!.value as unknown[];
    const sink = onBase64?.(params.length, params.slice());
    if (sink === undefined) return;
    frame.rule = STREAMED;
    this.takesText = true;
    frame.value = new StreamedBytes(sink, maxStreamBytes);
  }

  protected override takeText(text: string): boolean {
    if (this.#invalid !== undefined) return false;
    // The one character that base64 may hold, and XML may not.
    return !text.includes("\f") && this.#addStreamed(text, text.length);
  }

  /** Hands out text of a base64 value; false if it is not base64. */
  #addStreamed(text: string, textBytes: number): boolean {
    const bytes = this.stack[TYPE_LEVEL]!.value as StreamedBytes;
    this.handedOut -= bytes.textBytes;
    const isTaken = bytes.push(text, textBytes);
    this.handedOut += bytes.textBytes;
    return isTaken;
  }

  protected override pause(): void {
    if (this.#items === undefined) return;
    this.#handOutItems(this.#items);
  }

  /** Hands out the items that are complete. */
  #handOutItems(data: Frame): void {
    const { maxStreamBytes, onItems } = this.settings;
    const items = data.value as unknown[];
    const end = this.level > DATA_LEVEL
      ? this.stack[ITEM_LEVEL]!.start
      : this.offset();
    this.handedOut = end - data.start;
    if (this.handedOut > maxStreamBytes) {
      throw exceeded("The array is too long", "maxStreamBytes", maxStreamBytes);
    }
    data.value = [];
    data.handedOutItems += items.length;
    if (items.length > 0) onItems!(items);
  }

  // ---------------------------------------------------------------- errors

  /**
   * Notes that the document is not XML-RPC, at the start of an open element or at the next
   * byte; it may still turn out not to be XML.
   */
  #note(problem: DocumentProblem, frame?: Frame): void {
    this.#invalid ??= this.locate(problem, frame && this.#findStart(frame));
  }

  /** The position of the start tag of an open element. */
  #findStart({ start, line, lineStart }: Frame): Position {
    if (line > 0) return { offset: start, line, lineStart };
    const at = start - this.windowStart.offset;
    return this.linesUntil(at).find(this.windowStart, start);
  }

  /** Keeps the positions of open elements: wherever a document is cut, errors name them. */
  protected override keepPositions(lines: Lines): Position {
    let known = this.level;
    while (known > 0 && this.stack[known]!.line === 0) known--;
    let position = this.windowStart;
    for (let at = known + 1; at <= this.level; at++) {
      const frame = this.stack[at]!;
      position = lines.find(position, frame.start);
      frame.line = position.line;
      frame.lineStart = position.lineStart;
    }
    return position;
  }

  protected override path(): string {
    // Once the document is known to be invalid, its values are not counted.
    if (this.#invalid !== undefined) return "";
    let path = "";
    for (let at = 1; at <= this.level && path.length <= LONGEST_PATH; at++) {
      const frame = this.stack[at]!;
      path += frame.rule.segment?.(frame, this.stack[at - 1]!) ?? "";
    }
    // A response has only one value: its index would say nothing.
    const place = this.settings.root === "methodCall"
      ? path
      : path.replace(/^params\[\d+\]/, "value");
    return shorten(place, LONGEST_PATH);
  }
}
