// Markup that comes again and again. This module is browser compatible.
//
// Documents are long because arrays are, and their items mostly look alike. What an
// item's markup means need be found out only once: where the same bytes come again in
// the same place, they mean the same.

import type { Rule } from "./grammar.ts";
import { isFarIndex } from "../core/struct.ts";

/** Bytes that are looked for, at least four. */
export class Literal {
  readonly length: number;
  // Four bytes each; the last four may overlap with those before.
  readonly #words: readonly number[];

  constructor(view: DataView, start: number, end: number) {
    const words: number[] = [];
    for (let at = start; at < end - 4; at += 4) words.push(view.getInt32(at));
    words.push(view.getInt32(end - 4));
    this.length = end - start;
    this.#words = words;
  }

  /** Whether they stand at `start`, where the view must have as many. */
  isAt(view: DataView, start: number): boolean {
    const words = this.#words;
    const last = words.length - 1;
    for (let index = 0; index < last; index++) {
      if (view.getInt32(start + index * 4) !== words[index]) return false;
    }
    return view.getInt32(start + this.length - 4) === words[last];
  }
}

/** From where to where bytes stand. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** An element that an item opens, and where in the item it starts. */
export interface Opening {
  readonly rule: Rule;
  readonly at: number;
}

/** An item, or the start of one that is an array or struct, where it was written. */
export interface WrittenItem extends Span {
  /** The type of the scalar. */
  readonly leaf?: Rule;
  /** What stood behind the scalar's text. */
  readonly tail?: Span;
  /** The member's name. */
  readonly key?: string | undefined;
  /** The elements that remain open. */
  readonly openings?: readonly Opening[];
}

/** How an item was written: a scalar, or the start of an array or struct. */
export class Pattern {
  /** What stands before the scalar's text, or before what the array or struct holds. */
  readonly head: Literal;
  /** The type of the scalar; undefined for an array or struct. */
  readonly leaf: Rule | undefined;
  /** What stands behind the scalar's text. */
  readonly tail: Literal | undefined;
  /** The member's name. */
  readonly key: string | undefined;
  /** The elements that remain open. */
  readonly openings: readonly Opening[];
  /** The place behind the member. */
  readonly after: Place | undefined;
  /** The first place in the array or struct. */
  readonly within: Place | undefined;
  /** Another one that was learned in the same place. */
  readonly other: Pattern | undefined;

  constructor(view: DataView, item: WrittenItem, other: Pattern | undefined) {
    const { leaf, tail, key, openings = [] } = item;
    this.head = new Literal(view, item.start, item.end);
    this.leaf = leaf;
    this.tail = tail && new Literal(view, tail.start, tail.end);
    this.key = key;
    this.openings = openings;
    this.after = key === undefined ? undefined : new Place();
    this.within = leaf === undefined ? new Place() : undefined;
    this.other = other;
  }
}

/** How many patterns may be learned for one place. */
const MOST_PATTERNS = 4;
/** How long the parts of a pattern may be; a tail, no longer than the window's padding. */
const LONGEST_HEAD = 256;
const LONGEST_TAIL = 128;

/**
 * A place in arrays or structs that are alike: between the items of an array, or in
 * front of the first member, or behind a certain one.
 *
 * The members that lead to a place all have other names: each is a member that there
 * was in a struct behind the others.
 */
export class Place {
  #first: Pattern | undefined;
  #count = 0;

  /** The pattern of what stands at `start`. */
  find(view: DataView, start: number, end: number): Pattern | undefined {
    let pattern = this.#first;
    while (pattern !== undefined) {
      const { head } = pattern;
      if (start + head.length <= end && head.isAt(view, start)) break;
      pattern = pattern.other;
    }
    return pattern;
  }

  /** Learns a pattern from an item; undefined if it is of a kind that is none. */
  learn(view: DataView, item: WrittenItem): Pattern | undefined {
    const { start, end, tail, key = "" } = item;
    if (end - start > LONGEST_HEAD) return undefined;
    if (tail !== undefined && tail.end - tail.start > LONGEST_TAIL) {
      return undefined;
    }
    // These names need care each time.
    if (key === "__proto__" || isFarIndex(key)) return undefined;
    const isFull = this.#count === MOST_PATTERNS;
    this.#count = isFull ? 1 : this.#count + 1;
    this.#first = new Pattern(view, item, isFull ? undefined : this.#first);
    return this.#first;
  }
}
