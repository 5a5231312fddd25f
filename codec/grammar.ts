// The elements of XML-RPC: which may stand where, and what each one gives.
// This module is browser compatible.

import {
  SCALAR_READERS,
  type ScalarDecoder,
  type ScalarReader,
  SCALARS,
  type ScalarSettings,
} from "./scalars.ts";
import { faultCodeOf } from "./fault.ts";
import { escapeUnsafe, quote, writeStep } from "../util/messages.ts";
import { findNameProblem } from "./method_name.ts";
import {
  copyStruct,
  isFarIndex,
  isStruct,
  keepInTable,
  setMember,
} from "../core/struct.ts";
import { type Literal, literal } from "./xml/literal.ts";
import type { ItemPosition } from "./pattern.ts";
import type { StreamedBytes } from "./byte_stream.ts";
import { isBlank, trimSpace } from "./xml/characters.ts";
import { invalid } from "./xml/problem.ts";
import { XmlRpcTyped } from "../core/typed.ts";

/** One open element. Frames are reused: `enter` of the decoder sets every field. */
export class Frame {
  rule: Rule;
  /** The name as the start tag wrote it. */
  name: Uint8Array;
  /** Character data so far, where the rule keeps it. */
  text = "";
  /** Bytes of it in the document. */
  textBytes = 0;
  /** Children so far; for `<data>`, those that were handed out. */
  count = 0;
  /** What the children gave so far. */
  value: unknown = undefined;
  /** A member's name, a call's method name, a struct's first far index. */
  key: string | undefined = undefined;
  /** Namespaces declared on this element, by prefix. */
  namespaces: ReadonlyMap<string, string> | undefined = undefined;
  /** Offset of the start tag in the document. */
  start = 0;
  /** The position of the next item in an array or struct, if others may be like it. */
  position: ItemPosition<Rule> | undefined = undefined;

  constructor(rule: Rule) {
    this.rule = rule;
    this.name = rule.bytes;
  }
}

/** What is known of one element of XML-RPC. */
export interface Rule {
  readonly name: string;
  /** The name in ASCII. */
  readonly bytes: Uint8Array;
  /** The end tag. */
  readonly end: Literal;
  /** A bit of its own. */
  readonly bit: number;
  /** The bits of the elements that may stand in it. */
  readonly children: number;
  /** Whether its text is part of its value; else only white space may stand in it. */
  readonly keepsText: boolean;
  /** Whether its text is one of those that the option `maxNameBytes` limits. */
  readonly short: boolean;
  /** Whether it holds text and no elements. */
  readonly isLeaf: boolean;
  /** The value before there are children. */
  readonly empty: (() => unknown) | undefined;
  /** Takes in what a child gave; throws a `DocumentProblem` if it may not be there. */
  readonly adopt:
    | ((frame: Frame, child: Frame, value: unknown) => void)
    | undefined;
  /** What the element gives, once it is whole. */
  readonly finish: (frame: Frame, settings: ScalarSettings) => unknown;
  /** Gives the same from the bytes of a usual text. */
  readonly read: ScalarReader | undefined;
  /** This element's part of a path such as `params[0].rows[3].price`. */
  readonly segment: ((frame: Frame, parent: Frame) => string) | undefined;
}

type RuleParts =
  & Partial<Omit<Rule, "name" | "bytes" | "bit" | "children" | "isLeaf">>
  & {
    readonly children?: readonly string[];
  };

const TYPES = [...SCALARS.keys(), "nil", "array", "struct"];

/** Every element's name; its place here gives its bit. */
const NAMES = [
  ...["methodCall", "methodResponse", "methodName", "params", "param", "fault"],
  ...["value", "data", "member", "name"],
  ...TYPES,
];

function bitOf(name: string): number {
  return 1 << NAMES.indexOf(name);
}

function rule(name: string, parts: RuleParts): Rule {
  let children = 0;
  for (const child of parts.children ?? []) children |= bitOf(child);
  return {
    // All members, always in this order: objects of one shape are read fastest.
    name,
    bytes: new TextEncoder().encode(name),
    end: literal(`</${name}>`.padEnd(4)),
    bit: NAMES.includes(name) ? bitOf(name) : 0,
    children,
    keepsText: parts.keepsText ?? false,
    short: parts.short ?? false,
    isLeaf: children === 0 && parts.keepsText === true,
    empty: parts.empty,
    adopt: parts.adopt,
    finish: parts.finish ?? ((frame) => frame.value),
    read: parts.read,
    segment: parts.segment,
  };
}

/** Takes a child's value where only one child may stand. */
function adoptOne(frame: Frame, _child: Frame, value: unknown): void {
  if (frame.count++ > 0) {
    throw invalid(`More than one element in <${frame.rule.name}>`);
  }
  frame.value = value;
}

/** Takes a child's value as the next item. */
function adoptItem(frame: Frame, _child: Frame, value: unknown): void {
  (frame.value as unknown[]).push(value);
}

function newList(): unknown[] {
  return [];
}

function needOne(frame: Frame): unknown {
  if (frame.count === 0) {
    throw invalid(`<${frame.rule.name}> must contain a <value>`);
  }
  return frame.value;
}

/** The index of the next child of a frame that holds a list. */
function index({ count, value }: Frame): string {
  return `[${count + (value as unknown[]).length}]`;
}

// ---------------------------------------------------------------- calls and responses

/** A decoded call. */
export interface DecodedCall {
  readonly methodName: string;
  readonly params: unknown[];
}

function finishMethodName(frame: Frame): string {
  const name = trimSpace(frame.text);
  const problem = findNameProblem(name);
  if (problem !== undefined) throw invalid(problem);
  return name;
}

function adoptInCall(frame: Frame, child: Frame, value: unknown): void {
  if (child.rule.name === "methodName") {
    if (frame.key !== undefined) throw invalid("A second <methodName>");
    frame.key = value as string;
  } else {
    if (frame.value !== undefined) throw invalid("A second <params>");
    frame.value = value;
  }
}

function finishCall(frame: Frame): DecodedCall {
  if (frame.key === undefined) {
    throw invalid("<methodCall> must contain a <methodName>");
  }
  // Spec: "If the procedure call has parameters, the <methodCall> must contain a
  // <params> sub-item": without any, it may be missing.
  return { methodName: frame.key, params: (frame.value ?? []) as unknown[] };
}

function adoptInResponse(frame: Frame, child: Frame, value: unknown): void {
  if (frame.count++ > 0) {
    throw invalid("<methodResponse> must contain one <params> or one <fault>");
  }
  frame.value = child.rule.name === "fault"
    ? value
    : oneParam(value as unknown[]);
}

function oneParam(params: unknown[]): unknown {
  // Spec: "a single <params> which contains a single <param> which contains a
  // single <value>". PHP's void methods send none: that is read as null.
  if (params.length > 1) {
    throw invalid(`A response must have one <param>, not ${params.length}`);
  }
  return params.length === 0 ? null : params[0];
}

function finishResponse(frame: Frame): unknown {
  return frame.count === 0 ? null : frame.value;
}

/** A fault that cannot be read, in an error message, for a reader who must guess. */
function showFault(value: unknown): string {
  const seen = showValue(value, 4);
  return seen.length > 200 ? `${seen.slice(0, 200)}…` : seen;
}

/** The start of a value, as JSON has it; arrays and structs to a certain depth. */
function showValue(value: unknown, depth: number): string {
  const plain = value instanceof XmlRpcTyped ? value.value : value;
  if (plain instanceof Uint8Array) return `"${plain.length} bytes"`;
  if (typeof plain === "string") {
    return escapeUnsafe(JSON.stringify(plain.slice(0, 200)));
  }
  if (typeof plain !== "object" || plain === null) return String(plain);
  if (depth === 0) return "…";
  const parts = Object.entries(plain).slice(0, 10).map(([name, part]) => {
    const shown = showValue(part, depth - 1);
    return Array.isArray(plain) ? shown : `${quote(name)}:${shown}`;
  });
  return Array.isArray(plain) ? `[${parts}]` : `{${parts}}`;
}

function untypeScalar(typed: XmlRpcTyped, settings: ScalarSettings): unknown {
  const { type, value } = typed;
  // An int and a double are what they hold; the others, what the settings say.
  if (typeof value === "number") return settings.typed ? typed : value;
  return SCALARS.get(type)!(String(value), settings);
}

/** Values as the settings want them; within a fault they are decoded as typed. */
function untype(value: unknown, settings: ScalarSettings): unknown {
  if (settings.typed && settings.dateTime === undefined) return value;
  const root = { value };
  const containers: Record<string, unknown>[] = [root];
  for (
    let container = containers.pop();
    container;
    container = containers.pop()
  ) {
    for (const [key, part] of Object.entries(container)) {
      if (part instanceof XmlRpcTyped) {
        container[key] = untypeScalar(part, settings);
      } else if (Array.isArray(part) || isStruct(part)) {
        containers.push(part as Record<string, unknown>);
      }
    }
  }
  return root.value;
}

/** What a `<fault>` holds: no error yet, for its stack is to show who called. */
export class ReceivedFault {
  readonly code: number;
  readonly message: string;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(
    code: number,
    message: string,
    members: Readonly<Record<string, unknown>>,
  ) {
    this.code = code;
    this.message = message;
    this.members = members;
  }
}

function finishFault(frame: Frame, settings: ScalarSettings): ReceivedFault {
  const value = needOne(frame);
  if (!isStruct(value)) {
    throw invalid(`<fault> must contain a struct, not ${showFault(value)}`);
  }
  const { faultCode, faultString } = value;
  const code = faultCodeOf(faultCode);
  if (code === undefined || typeof faultString !== "string") {
    throw invalid(
      `<fault> without a readable faultCode and faultString: ${
        showFault(value)
      }`,
    );
  }
  const rest = copyStruct(value);
  delete rest.faultCode;
  delete rest.faultString;
  const members = untype(rest, settings) as Record<string, unknown>;
  return new ReceivedFault(code, faultString, members);
}

// ---------------------------------------------------------------- values

function finishValue(frame: Frame): unknown {
  // Spec: "If no type is indicated, the type is string."
  if (frame.count === 0) return frame.text;
  if (!isBlank(frame.text)) {
    throw invalid(`Text ${quote(frame.text)} beside the type in <value>`);
  }
  return frame.value;
}

function finishArray(frame: Frame): unknown {
  // Not in the spec: PHP sends <array/> for an empty one.
  return frame.count === 0 ? [] : frame.value;
}

function adoptInMember(frame: Frame, child: Frame, value: unknown): void {
  // In either order: the spec gives none, and the pair is unambiguous.
  if (child.rule.name === "name") {
    if (frame.key !== undefined) throw invalid("A second <name> in <member>");
    frame.key = value as string;
  } else {
    if (frame.count++ > 0) throw invalid("A second <value> in <member>");
    frame.value = value;
  }
}

function finishMember(frame: Frame): unknown {
  if (frame.key === undefined) throw invalid("<member> must contain a <name>");
  if (frame.count === 0) throw invalid("<member> must contain a <value>");
  return frame.value;
}

function adoptMember(frame: Frame, child: Frame, value: unknown): void {
  const struct = frame.value as Record<string, unknown>;
  const key = child.key!;
  // One of the two would be lost, and peers do not agree on which. (The first look is
  // the faster one, but blind once the option dateTime has given undefined.)
  const isSeen = struct[key] !== undefined || frame.count > 0;
  if (isSeen && Object.hasOwn(struct, key)) {
    throw invalid(`A second member named ${quote(key)}`);
  }
  if (value === undefined) frame.count++;
  // Plain stores stand here, where the shapes of these structs are learned.
  if (key === "__proto__") return setMember(struct, key, value);
  if (frame.key === undefined && isFarIndex(key)) {
    frame.key = key;
    keepInTable(struct);
  }
  struct[key] = value;
}

function memberSegment(frame: Frame): string {
  return frame.key === undefined ? "" : writeStep(frame.key);
}

function scalar(name: string, decode: ScalarDecoder): Rule {
  return rule(name, {
    keepsText: true,
    short: name !== "string" && name !== "base64",
    finish: (frame, settings) => decode(frame.text, settings),
    read: SCALAR_READERS.get(name),
  });
}

/** The document itself: what stands around the root element. */
export const DOCUMENT: Rule = rule("", {
  children: ["methodCall", "methodResponse"],
  adopt: adoptOne,
});

/** An element that XML-RPC does not know, or that stands where it must not. */
export const UNKNOWN: Rule = rule("", {});

/** A value, whatever its type. */
export const VALUE: Rule = rule("value", {
  children: TYPES,
  keepsText: true,
  adopt: adoptOne,
  finish: finishValue,
  segment: (_frame, parent) => parent.rule.name === "data" ? index(parent) : "",
});

/** A string. */
export const STRING: Rule = scalar("string", SCALARS.get("string")!);

/** A base64 value that is handed out as it comes; its frame's value says how. */
export const STREAMED: Rule = {
  ...scalar("base64", SCALARS.get("base64")!),
  isLeaf: false,
  finish: (frame) => (frame.value as StreamedBytes).end(),
};

/** The name of a method. */
export const METHOD_NAME: Rule = rule("methodName", {
  keepsText: true,
  short: true,
  finish: finishMethodName,
});

/** The name of a member. */
export const NAME: Rule = rule("name", {
  keepsText: true,
  short: true,
  finish: (frame) => frame.text,
});

/** A member of a struct. */
export const MEMBER: Rule = rule("member", {
  children: ["name", "value"],
  adopt: adoptInMember,
  finish: finishMember,
  segment: memberSegment,
});

/** An array. */
export const ARRAY: Rule = rule("array", {
  children: ["data"],
  adopt: adoptOne,
  finish: finishArray,
});

/** What holds the items of an array. */
export const DATA: Rule = rule("data", {
  children: ["value"],
  empty: newList,
  adopt: adoptItem,
});

/** A struct. */
export const STRUCT: Rule = rule("struct", {
  children: ["member"],
  empty: () => ({}),
  adopt: adoptMember,
});

const RULES: readonly Rule[] = [
  rule("methodCall", {
    children: ["methodName", "params"],
    adopt: adoptInCall,
    finish: finishCall,
  }),
  rule("methodResponse", {
    children: ["params", "fault"],
    adopt: adoptInResponse,
    finish: finishResponse,
  }),
  METHOD_NAME,
  rule("params", { children: ["param"], empty: newList, adopt: adoptItem }),
  rule("param", {
    children: ["value"],
    adopt: adoptOne,
    finish: needOne,
    segment: (_frame, parent) => `params${index(parent)}`,
  }),
  rule("fault", {
    children: ["value"],
    adopt: adoptOne,
    finish: finishFault,
    segment: () => "fault",
  }),
  VALUE,
  ARRAY,
  DATA,
  STRUCT,
  MEMBER,
  NAME,
  rule("nil", { finish: () => null }),
  STRING,
  ...Array.from(SCALARS, ([name, decode]) => scalar(name, decode)),
];

/** A number below 128: another one for each element of XML-RPC. */
function slotOf(bytes: Uint8Array, start: number, end: number): number {
  return (bytes[start + 1]! * 36 + bytes[end - 1]! * 15 + (end - start) * 44) &
    127;
}

// The rules by the slots of their names. A map of strings would need each tag's name
// as a string first, and that would be the most expensive step of decoding.
const SLOTS: readonly (Rule | undefined)[] = Array.from(
  { length: 128 },
  (_, slot) =>
    RULES.find(({ bytes }) => slotOf(bytes, 0, bytes.length) === slot),
);

/** Whether `name` stands at `start`. */
export function isAt(
  name: Uint8Array,
  bytes: Uint8Array,
  start: number,
): boolean {
  for (let at = 0; at < name.length; at++) {
    if (bytes[start + at] !== name[at]) return false;
  }
  return true;
}

/** The rule of the element whose name stands at `start`; undefined if there is none. */
export function findRule(
  bytes: Uint8Array,
  start: number,
  end: number,
): Rule | undefined {
  const rule = SLOTS[slotOf(bytes, start, end)];
  if (rule === undefined || rule.bytes.length !== end - start) return undefined;
  return isAt(rule.bytes, bytes, start) ? rule : undefined;
}
