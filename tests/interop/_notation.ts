// How the runner and the peers' programs write down values for each other: in lines, so
// that no peer needs more than it has. One line a value, in front of what is within it:
//
//     struct 2
//     name a%20b
//     int 5
//     name rows
//     array 1
//     base64 %00%FF
//
// Texts and bytes are percent-encoded; all but a few ASCII characters are, so that a
// text is one word.

import { XmlRpcTyped, type XmlRpcValue } from "@xmlrpc/xmlrpc";

/** What has become of a call. Values are as `typed: true` decodes them. */
export type Outcome =
  | { readonly result: XmlRpcValue }
  | { readonly fault: readonly [code: number | string, text: string] }
  /** The call could not be made, or the answer not be read. */
  | { readonly error: string };

/** A call for a peer to make. */
export interface Call {
  readonly name: string;
  readonly method: string;
  readonly params: readonly XmlRpcValue[];
}

/** A value of which a peer does not tell the type: Perl, for one, has but texts. */
export class Untyped {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Whether the text is that of a value. */
  isOf(value: XmlRpcValue): boolean {
    if (value instanceof XmlRpcTyped) {
      return typeof value.value === "string"
        ? this.text === value.value
        : this.text !== "" && Number(this.text) === Number(value.value);
    }
    if (value instanceof Uint8Array) return this.text === value.toBase64();
    if (typeof value === "boolean") return this.text === String(Number(value));
    return this.text === value;
  }
}

const encoder = new TextEncoder();

const ESCAPES: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return /[A-Za-z0-9_.-]/.test(character)
    ? character
    : `%${byte.toString(16).padStart(2, "0").toUpperCase()}`;
});

function escape(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += ESCAPES[byte]!;
  return text;
}

function unescape(text: string): Uint8Array<ArrayBuffer> {
  const bytes = encoder.encode(text);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const isEscape = text[at] === "%";
    bytes[length++] = isEscape
      ? parseInt(text.slice(at + 1, at + 3), 16)
      : text.charCodeAt(at);
    if (isEscape) at += 2;
  }
  return bytes.slice(0, length);
}

function escapeText(text: string): string {
  return escape(encoder.encode(text));
}

function unescapeText(text: string): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
    .decode(unescape(text));
}

function* linesOf(value: unknown): Generator<string> {
  if (value instanceof XmlRpcTyped) {
    yield `${value.type.replace(".iso8601", "")} ${value.value}`;
  } else if (value instanceof Untyped) {
    yield `text ${escapeText(value.text)}`;
  } else if (typeof value === "boolean") {
    yield `boolean ${Number(value)}`;
  } else if (typeof value === "string") {
    yield `string ${escapeText(value)}`;
  } else if (value === null) {
    yield "nil";
  } else if (value instanceof Uint8Array) {
    yield `base64 ${escape(value)}`;
  } else if (Array.isArray(value)) {
    yield `array ${value.length}`;
    for (const item of value) yield* linesOf(item);
  } else {
    const members = Object.entries(value as Record<string, unknown>);
    yield `struct ${members.length}`;
    for (const [name, member] of members) {
      yield `name ${escapeText(name)}`;
      yield* linesOf(member);
    }
  }
}

function mapMembers(
  struct: { [name: string]: XmlRpcValue },
  map: (value: XmlRpcValue) => XmlRpcValue,
): { [name: string]: XmlRpcValue } {
  return Object.fromEntries(
    Object.entries(struct).map(([name, member]) => [name, map(member)]),
  );
}

function typedNumber(value: number): XmlRpcTyped {
  return new XmlRpcTyped(Number.isInteger(value) ? "int" : "double", value);
}

/**
 * A value with its wire types, as it is when it has been sent and received: written
 * here once more, for what our codec does is to be found right or wrong.
 */
export function typedOf(value: XmlRpcValue): XmlRpcValue {
  if (typeof value === "number") return typedNumber(value);
  if (typeof value === "bigint") return new XmlRpcTyped("i8", value);
  if (value instanceof Date) {
    const text = value.toISOString().replaceAll("-", "").slice(0, 17);
    return new XmlRpcTyped("dateTime.iso8601", text);
  }
  if (Array.isArray(value)) return value.map(typedOf);
  return isStruct(value) ? mapMembers(value, typedOf) : value;
}

const DATE =
  /^(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d):?(\d\d)(?:[.,]0+)?(?:Z|\+00:?00)?$/;

/** The date in the specification's form, if it means the same in UTC. */
function plainDate(text: string): XmlRpcTyped {
  const plain = text.replace(DATE, "$1$2$3T$4:$5:$6");
  return new XmlRpcTyped("dateTime.iso8601", plain);
}

function isStruct(
  value: XmlRpcValue | undefined,
): value is { [name: string]: XmlRpcValue } {
  return value?.constructor === Object;
}

/** Members in order, dates in one form: values are equal if their texts are. */
function normalOf(value: XmlRpcValue): XmlRpcValue {
  if (value instanceof XmlRpcTyped) {
    return typeof value.value === "string" ? plainDate(value.value) : value;
  }
  if (Array.isArray(value)) return value.map(normalOf);
  if (!isStruct(value)) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(
    names.map((name) => [name, normalOf(value[name]!)]),
  );
}

/** A value in one line: to compare, and to print. */
export function show(value: XmlRpcValue): string {
  return [...linesOf(normalOf(value))].join(" ");
}

function hasOnly(got: XmlRpcValue, names: readonly string[]): boolean {
  return Object.keys(got as object).sort().join() === [...names].sort().join();
}

/** Whether a value is as expected, as far as it tells. */
export function isSame(got: XmlRpcValue, expected: XmlRpcValue): boolean {
  if (got instanceof Untyped) return got.isOf(normalOf(expected));
  if (Array.isArray(got) && Array.isArray(expected)) {
    return got.length === expected.length &&
      got.every((item, index) => isSame(item, expected[index]!));
  }
  if (isStruct(got) && isStruct(expected)) {
    const names = Object.keys(expected);
    return hasOnly(got, names) &&
      names.every((name) => isSame(got[name]!, expected[name]!));
  }
  return show(got) === show(expected);
}

/** Calls, as a peer's client reads them. */
export function writeCalls(calls: readonly Call[]): string {
  let text = "";
  for (const { name, method, params } of calls) {
    text += `call ${name} ${method} ${params.length}\n`;
    for (const param of params) {
      for (const line of linesOf(param)) text += `${line}\n`;
    }
  }
  return text;
}

/** The lines that a peer has printed, one after the other. */
class Lines {
  readonly #lines: readonly string[];
  #at = 0;

  constructor(text: string) {
    // A peer that has died may have left half a line.
    this.#lines = text.slice(0, text.lastIndexOf("\n") + 1).split(/\r?\n/);
  }

  next(): string[] | undefined {
    const line = this.#lines[this.#at++];
    return line === undefined || line === "" ? undefined : line.split(" ");
  }
}

function readScalar(type: string, text: string): XmlRpcValue {
  switch (type) {
    case "int":
    case "double":
      return new XmlRpcTyped(type, Number(text));
    case "i8":
      return new XmlRpcTyped(type, BigInt(text));
    case "dateTime":
      return new XmlRpcTyped("dateTime.iso8601", text);
    case "boolean":
      return text === "1";
    case "string":
      return unescapeText(text);
    case "text":
      return new Untyped(unescapeText(text)) as unknown as XmlRpcValue;
    case "base64":
      return unescape(text);
    case "nil":
      return null;
    default:
      throw new SyntaxError(`No line of a value: ${type} ${text}`);
  }
}

function readValue(lines: Lines): XmlRpcValue {
  const [type = "", text = ""] = lines.next() ?? [];
  if (type === "array") {
    return Array.from({ length: Number(text) }, () => readValue(lines));
  }
  if (type !== "struct") return readScalar(type, text);
  const members: [string, XmlRpcValue][] = [];
  for (let left = Number(text); left > 0; left--) {
    const [, name = ""] = lines.next() ?? [];
    members.push([unescapeText(name), readValue(lines)]);
  }
  return Object.fromEntries(members);
}

function readOutcome(words: readonly string[], lines: Lines): Outcome {
  const [kind, , first = "", second = ""] = words;
  switch (kind) {
    case "result":
      return { result: readValue(lines) };
    case "fault":
      return {
        fault: [
          /^-?\d+$/.test(first) ? Number(first) : unescapeText(first),
          unescapeText(second),
        ],
      };
    case "error":
      return { error: unescapeText(first) };
    default:
      throw new SyntaxError(`No line of an outcome: ${words.join(" ")}`);
  }
}

/**
 * What a peer's client has printed, by the calls' names: `result NAME` and the lines of
 * a value, `fault NAME CODE TEXT` or `error NAME TEXT`.
 */
export function readOutcomes(text: string): Map<string, Outcome> {
  const lines = new Lines(text);
  const outcomes = new Map<string, Outcome>();
  for (let words = lines.next(); words !== undefined; words = lines.next()) {
    const name = words[1] ?? "";
    try {
      outcomes.set(name, readOutcome(words, lines));
    } catch (error) {
      outcomes.set(name, { error: `unreadable: ${(error as Error).message}` });
    }
  }
  return outcomes;
}
