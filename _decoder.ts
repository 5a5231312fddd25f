// Documents to values. This module is browser compatible.
//
// Open elements are frames on a stack of its own, so that no document is too deep for
// it. What an element gives, the rules of _grammar.ts say.

import { XmlRpcFault, type XmlRpcSyntaxError } from "./errors.ts";
import {
  findRule,
  Frame,
  isAt,
  MEMBER,
  NAME,
  ReceivedFault,
  type Rule,
  UNKNOWN,
  VALUE,
} from "./_grammar.ts";
import {
  EXTENSION_NAMESPACE,
  EXTENSIONS,
  type ScalarSettings,
} from "./_scalars.ts";
import {
  GREATER_THAN,
  LESS,
  limit,
  type ReaderSettings,
  SLASH,
  XmlReader,
} from "./_reader.ts";
import { quote } from "./_message.ts";
import {
  BYTE_CLASS,
  decodeUtf8,
  Flaw,
  isAsciiName,
  isBlank,
  isSpace,
  leadingName,
  malformed,
  NAME_BYTE,
  PLAIN,
} from "./_xml.ts";
import { XmlRpcTyped } from "./value.ts";

/** Everything that can be set for the decoding of one document. */
export interface DecoderSettings extends ScalarSettings, ReaderSettings {
  readonly root: "methodCall" | "methodResponse";
  readonly maxDepth: number;
  readonly maxValues: number;
  readonly maxNameBytes: number;
}

// <struct><member><value>, or <array><data><value>.
const LEVELS_PER_DEPTH = 3;
// <methodCall><params><param><value>, and the array or struct that is one too many.
const LEVELS_AROUND = 5;

const encoder = new TextEncoder();
const LONGEST_TAG = "</dateTime.iso8601>".length;
const NAME_TAG = encoder.encode("<name>");
const NAME_END_TAG = encoder.encode("</name>");
const VALUE_TAG = encoder.encode("<value>");
const VALUE_END_TAG = encoder.encode("</value>");
const MEMBER_END_TAG = encoder.encode("</member>");

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

/** Settings for what is in a fault, where numbers keep their types: a faultCode is an integer. */
function faultSettings(settings: ScalarSettings): ScalarSettings {
  // What the hook makes of a date is seen later; for now the date is kept, whatever it is.
  const keep = (text: string): unknown =>
    new XmlRpcTyped("dateTime.iso8601", text);
  return { ...settings, typed: true, dateTime: settings.dateTime && keep };
}

/** Decodes one document. */
export class Decoder extends XmlReader {
  readonly #settings: DecoderSettings;
  #active: ScalarSettings;
  readonly #stack: Frame[] = [new Frame()];
  readonly #leafFrame = new Frame();
  readonly #names = new NameCache();
  #depth = 0;
  #values = 0;
  // A document is "invalid" only if it is XML, and whether it is shows at its end.
  #invalid: XmlRpcSyntaxError | undefined;

  constructor(settings: DecoderSettings) {
    super(settings);
    this.#settings = settings;
    this.#active = settings;
  }

  /** The method's name, as soon as it has come; undefined for a response. */
  get methodName(): string | undefined {
    // The root element's frame; only a call's has a key.
    return this.#stack[1]?.key;
  }

  protected override openName(): Uint8Array {
    return this.#stack[this.level]!.name;
  }

  protected override keepsText(): boolean {
    return this.#stack[this.level]!.rule.keepsText;
  }

  protected override finish(): unknown {
    if (this.#invalid !== undefined) throw this.#invalid;
    return this.#stack[0]!.value;
  }

  protected override open(
    start: number,
    end: number,
    content: number,
    namespaces: ReadonlyMap<string, string> | undefined,
  ): number {
    const rule = this.#ruleOf(start, end, namespaces);
    const isOwnName = rule.bytes.length === end - start;
    if (isOwnName && content > 0) {
      const next = this.#takeWhole(rule, content);
      if (next > 0) return next;
    }
    this.#checkLevel();
    const frame = this.#stack[++this.level] ??= new Frame();
    frame.rule = rule;
    frame.name = isOwnName ? rule.bytes : this.bytes.slice(start, end);
    frame.namespaces = namespaces;
    frame.start = this.offset();
    frame.text = "";
    frame.textBytes = 0;
    frame.count = 0;
    frame.key = undefined;
    frame.value = rule.empty?.();
    this.#count(rule);
    return content;
  }

  /** The rule of an element, by its name and where it stands. */
  #ruleOf(
    start: number,
    end: number,
    namespaces: ReadonlyMap<string, string> | undefined,
  ): Rule {
    // What is invalid already must be well-formed, and no more.
    if (this.#invalid !== undefined) {
      if (!isAsciiName(this.bytes, start, end)) this.#checkName(start, end);
      return UNKNOWN;
    }
    const parent = this.#stack[this.level]!;
    const rule = findRule(this.bytes, start, end) ??
      this.#extensionRule(start, end, namespaces);
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
    if (this.level === 0 && rule.name !== this.#settings.root) {
      return this.#reject(
        `Expected <${this.#settings.root}>, found <${rule.name}>`,
      );
    }
    return rule;
  }

  /** Checks that elements do not nest deeper than arrays and structs may, with what is between them. */
  #checkLevel(): void {
    const { maxDepth } = this.#settings;
    if (this.level < LEVELS_PER_DEPTH * maxDepth + LEVELS_AROUND) return;
    throw limit("Elements nest too deeply", "maxDepth", maxDepth);
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
        this.#active = faultSettings(this.#settings);
    }
  }

  #reject(message: string): Rule {
    this.#note(new Flaw("invalid", message));
    return UNKNOWN;
  }

  /** An element's name; throws a {@linkcode Flaw} if it can be none. */
  #checkName(start: number, end: number): string {
    const name = decodeUtf8(this.bytes.subarray(start, end));
    if (leadingName(name) === name) return name;
    throw malformed(`${quote(name)} is no element name`);
  }

  /** The rule of an extension type, whose prefix must be bound to Apache's namespace. */
  #extensionRule(
    start: number,
    end: number,
    namespaces: ReadonlyMap<string, string> | undefined,
  ): Rule | undefined {
    const name = this.#checkName(start, end);
    const colon = name.indexOf(":");
    if (colon < 0) return undefined;
    const prefix = name.slice(0, colon);
    let uri = namespaces?.get(prefix);
    for (let at = this.level; at > 0 && uri === undefined; at--) {
      uri = this.#stack[at]!.namespaces?.get(prefix);
    }
    // Not in the spec: "ex:" without a declaration occurs, and can mean nothing else.
    if (uri === undefined && prefix === "ex") uri = EXTENSION_NAMESPACE;
    if (uri !== EXTENSION_NAMESPACE) return undefined;
    const type = EXTENSIONS.get(name.slice(colon + 1));
    if (type === undefined) return undefined;
    return findRule(encoder.encode(type), 0, type.length);
  }

  protected override addText(text: string, bytes: number): void {
    const frame = this.#stack[this.level]!;
    const { rule } = frame;
    if (rule.keepsText) {
      frame.text = frame.text === "" ? text : frame.text + text;
      frame.textBytes += bytes;
      this.#checkText(rule, frame.textBytes);
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

  /** Closes the innermost element and hands what it gave to the one around it. */
  protected override close(): void {
    const frame = this.#stack[this.level]!;
    const parent = this.#stack[this.level - 1]!;
    const { name } = frame.rule;
    if (name === "array" || name === "struct") this.#depth--;
    if (name === "fault") this.#active = this.#settings;
    if (this.#invalid === undefined) this.#deliver(frame, parent);
    frame.value = undefined;
    this.level--;
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

  // ---------------------------------------------------------------- whole elements

  // Most of a document is leaves, and members and items that hold one of them. They are
  // taken at once if they are all there and nothing at all is wrong with them; else
  // nothing has happened, and they are taken step by step.

  /** Takes an element whose content starts at `start`; returns where it ends, or -1. */
  #takeWhole(rule: Rule, start: number): number {
    // The tags in it are not measured.
    if (this.#settings.maxTagBytes < LONGEST_TAG) return -1;
    if (rule === MEMBER) return this.#takeMember(start);
    if (rule === VALUE) {
      return this.#adoptScalar(VALUE, this.#readScalar(start));
    }
    return rule.isLeaf ? this.#takeLeaf(rule, start) : -1;
  }

  /** Takes an element that holds but text: `<int>5</int>`, `<name>id</name>`. */
  #takeLeaf(rule: Rule, start: number): number {
    const end = this.#readLeaf(rule, start);
    return end < 0 ? -1 : this.#adoptLeaf(rule, end);
  }

  /** Takes a `<member>` with a scalar. */
  #takeMember(start: number): number {
    const bytes = this.bytes;
    const nameTag = this.#skipSpace(start);
    if (!isAt(NAME_TAG, bytes, nameTag)) return -1;
    const nameStart = nameTag + NAME_TAG.length;
    let at = nameStart;
    while (BYTE_CLASS[bytes[at]!] === PLAIN) at++;
    const nameEnd = at;
    if (nameEnd - nameStart > this.#settings.maxNameBytes) return -1;
    if (!isAt(NAME_END_TAG, bytes, at)) return -1;
    at = this.#skipSpace(at + NAME_END_TAG.length);
    if (!isAt(VALUE_TAG, bytes, at)) return -1;
    const valueEnd = this.#readScalar(at + VALUE_TAG.length);
    if (valueEnd < 0) return -1;
    at = this.#skipSpace(valueEnd);
    if (!isAt(MEMBER_END_TAG, bytes, at)) return -1;
    this.#leafFrame.key = this.#names.get(bytes, nameStart, nameEnd);
    return this.#adoptScalar(MEMBER, at + MEMBER_END_TAG.length);
  }

  #skipSpace(start: number): number {
    let at = start;
    while (isSpace(this.bytes[at]!)) at++;
    return at;
  }

  /** Reads the text of a leaf, and its end tag; returns where that ends, or -1. */
  #readLeaf(rule: Rule, start: number): number {
    const bytes = this.bytes;
    let at = start;
    while (BYTE_CLASS[bytes[at]!] === PLAIN) at++;
    if (rule.short && at - start > this.#settings.maxNameBytes) return -1;
    const end = at + 3 + rule.bytes.length;
    if (bytes[at] !== LESS || bytes[at + 1] !== SLASH) return -1;
    if (bytes[end - 1] !== GREATER_THAN || !isAt(rule.bytes, bytes, at + 2)) {
      return -1;
    }
    this.#leafFrame.rule = rule;
    this.#leafFrame.text = rule === NAME
      ? this.#names.get(bytes, start, at)
      : this.ascii(start, at);
    return end;
  }

  /** Reads `<int>5</int></value>` and the like; returns where it ends, or -1. */
  #readScalar(start: number): number {
    const bytes = this.bytes;
    if (bytes[start] !== LESS) return -1;
    let at = start + 1;
    while (NAME_BYTE[bytes[at]!] === 1) at++;
    if (bytes[at] !== GREATER_THAN) return -1;
    if (this.#values >= this.#settings.maxValues) return -1;
    const rule = findRule(bytes, start + 1, at);
    if (
      rule === undefined || !rule.isLeaf || (VALUE.children & rule.bit) === 0
    ) return -1;
    const end = this.#readLeaf(rule, at + 1);
    return end > 0 && isAt(VALUE_END_TAG, bytes, end)
      ? end + VALUE_END_TAG.length
      : -1;
  }

  /** Hands on the scalar that was read, as that of a value or member; `end` may be -1. */
  #adoptScalar(rule: Rule, end: number): number {
    if (end < 0) return -1;
    const taken = this.#adoptLeaf(rule, end);
    if (taken > 0) this.#values++;
    return taken;
  }

  /** Hands on what the leaf gives, as what the element `rule` gives. */
  #adoptLeaf(rule: Rule, end: number): number {
    const leaf = this.#leafFrame;
    const parent = this.#stack[this.level]!;
    try {
      const value = leaf.rule.finish(leaf, this.#active);
      leaf.rule = rule;
      parent.rule.adopt!(parent, leaf, value);
      return end;
    } catch (error) {
      if (!(error instanceof Flaw)) throw error;
      return -1;
    }
  }

  // ---------------------------------------------------------------- errors

  /** Notes that the document is no XML-RPC; whether it is XML is still to be seen. */
  #note(flaw: Flaw, offset = this.offset()): void {
    this.#invalid ??= this.locate(flaw, offset);
  }

  protected override path(): string {
    // Once the document is known to be invalid, values are counted no more.
    if (this.#invalid !== undefined) return "";
    let path = "";
    for (let at = 1; at <= this.level; at++) {
      const frame = this.#stack[at]!;
      path += frame.rule.segment?.(frame, this.#stack[at - 1]!) ?? "";
    }
    // A response has but one value: its index would tell nothing.
    return this.#settings.root === "methodCall"
      ? path
      : path.replace(/^params\[\d+\]/, "value");
  }
}

/** Throws a decoded response if it is a fault; else returns it. */
export function unwrap(result: unknown): unknown {
  if (!(result instanceof ReceivedFault)) return result;
  const { code, message, members } = result;
  throw new XmlRpcFault(code, message, { members });
}
