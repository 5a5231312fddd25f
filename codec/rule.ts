// What the decoder knows of an element, open or not. This module is browser compatible.

import type { ItemPosition } from "./pattern.ts";
import { type ScalarReader, SCALARS, type ScalarSettings } from "./scalars.ts";
import { type Literal, literal } from "./xml/literal.ts";
import { invalid } from "./xml/problem.ts";

/** One open element. Frames are reused: `enter` of the decoder sets every field. */
export class Frame {
  rule: Rule;
  /** The name as the start tag wrote it. */
  name: Uint8Array;
  /** Character data so far, where the rule keeps it. */
  text = "";
  /** Bytes of it in the document. */
  textBytes = 0;
  /** Children so far, where the rule allows only one. */
  count = 0;
  /** What the children gave so far. */
  value: unknown = undefined;
  /** The method name, in a `<methodCall>`. */
  methodName: string | undefined = undefined;
  /** The name of the member, in a `<member>`. */
  memberName: string | undefined = undefined;
  /** Whether a member of a `<struct>` has the value undefined. */
  hasUndefined = false;
  /** Whether a `<struct>` has a member whose name is a far index. */
  hasFarIndex = false;
  /** How many items of a `<data>` were handed out already. */
  handedOutItems = 0;
  /** Namespaces declared on this element, by prefix. */
  namespaces: ReadonlyMap<string, string> | undefined = undefined;
  /** Offset of the start tag in the document. */
  start = 0;
  /** Its line, once it has left the window; 0 before. */
  line = 0;
  /** Offset in the document at which that line starts. */
  lineStart = 0;
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
  /** Whether the option `maxNameBytes` limits its text. */
  readonly isShort: boolean;
  /** Whether it holds text and no elements. */
  readonly isLeaf: boolean;
  /** The value before there are children. */
  readonly empty: (() => unknown) | undefined;
  /** Takes what a child gave; throws a `DocumentProblem` if it must not be there. */
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

/** The names of the elements that give the type of a value. */
export const TYPES: readonly string[] = [
  ...SCALARS.keys(),
  "nil",
  "array",
  "struct",
];

/** The bit of each element; one number must hold them all. */
const BITS = assignBits([
  ...["methodCall", "methodResponse", "methodName", "params", "param", "fault"],
  ...["value", "data", "member", "name"],
  ...TYPES,
]);

/** Gives each name a bit of its own; throws if there are more names than bits. */
export function assignBits(
  names: readonly string[],
): ReadonlyMap<string, number> {
  if (names.length > 32) {
    throw new Error(`${names.length} elements do not fit into 32 bits`);
  }
  return new Map(names.map((name, index) => [name, 1 << index]));
}

function getBit(name: string): number {
  const bit = BITS.get(name);
  if (bit === undefined) throw new Error(`No bit is assigned to <${name}>`);
  return bit;
}

/** Makes the rule of an element; the empty name is for what is not an element of XML-RPC. */
export function rule(name: string, parts: RuleParts): Rule {
  let children = 0;
  for (const child of parts.children ?? []) children |= getBit(child);
  return {
    // All members, always in this order: objects of one shape are read fastest.
    name,
    bytes: new TextEncoder().encode(name),
    // A literal has at least four bytes. Only "</>" is shorter, and no end tag is that.
    end: literal(`</${name}>`.padEnd(4)),
    bit: name === "" ? 0 : getBit(name),
    children,
    keepsText: parts.keepsText ?? false,
    isShort: parts.isShort ?? false,
    isLeaf: children === 0 && parts.keepsText === true,
    empty: parts.empty,
    adopt: parts.adopt,
    finish: parts.finish ?? ((frame) => frame.value),
    read: parts.read,
    segment: parts.segment,
  };
}

/** Takes a child's value where only one child may stand. */
export function adoptOne(frame: Frame, _child: Frame, value: unknown): void {
  if (frame.count++ > 0) {
    throw invalid(`More than one element in <${frame.rule.name}>`);
  }
  frame.value = value;
}

/** Takes a child's value as the next item. */
export function adoptItem(frame: Frame, _child: Frame, value: unknown): void {
  (frame.value as unknown[]).push(value);
}

/** Gives the value of an element that must have one. */
export function requireValue(frame: Frame): unknown {
  if (frame.count === 0) {
    throw invalid(`<${frame.rule.name}> must contain a <value>`);
  }
  return frame.value;
}

/** The index of the next child of a frame that holds a list, for paths. */
export function showIndex({ handedOutItems, value }: Frame): string {
  return `[${handedOutItems + (value as unknown[]).length}]`;
}
