// Templates of repeated markup. This module is browser compatible.
//
// Documents are long because their arrays are, and the items of an array mostly look
// alike. The decoder finds out only once what the markup of an item means: where the
// same bytes come again in the same position, they mean the same.
//
// `R` is the type of the rules of elements, which patterns keep and do not look into.

import { isFarIndex } from "../core/struct.ts";
import { Literal } from "./xml/literal.ts";

/** A range of bytes. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** An element that an item opens, and where in the item it starts. */
export interface Opening<R> {
  readonly rule: R;
  readonly at: number;
}

/** Where in the window an item stands, or the start of one that is an array or struct. */
export interface WrittenItem<R> extends Span {
  /** The type of the scalar. */
  readonly leaf?: R;
  /** The bytes behind the scalar's text. */
  readonly tail?: Span;
  /** The member's name. */
  readonly memberName?: string | undefined;
  /** The elements that remain open. */
  readonly openings?: readonly Opening<R>[];
}

/** How an item was written: a scalar, or the start of an array or struct. */
export class ItemPattern<R> {
  /** The bytes before the scalar's text, or before the content of the array or struct. */
  readonly head: Literal;
  /** The type of the scalar; undefined for an array or struct. */
  readonly leaf: R | undefined;
  /** The bytes behind the scalar's text. */
  readonly tail: Literal | undefined;
  /** The member's name. */
  readonly memberName: string | undefined;
  /** The elements that remain open. */
  readonly openings: readonly Opening<R>[];
  /** The position behind the member. */
  readonly after: ItemPosition<R> | undefined;
  /** The first position in the array or struct. */
  readonly within: ItemPosition<R> | undefined;
  /** Another pattern that was learned in the same position. */
  readonly other: ItemPattern<R> | undefined;

  constructor(
    view: DataView,
    item: WrittenItem<R>,
    other: ItemPattern<R> | undefined,
  ) {
    const { leaf, tail, memberName, openings = [] } = item;
    this.head = new Literal(view, item.start, item.end);
    this.leaf = leaf;
    this.tail = tail && new Literal(view, tail.start, tail.end);
    this.memberName = memberName;
    this.openings = openings;
    this.after = memberName === undefined ? undefined : new ItemPosition<R>();
    this.within = leaf === undefined ? new ItemPosition<R>() : undefined;
    this.other = other;
  }
}

/** How many patterns may be learned for one position. */
const MAX_PATTERNS_PER_POSITION = 4;
/** How long the parts of a pattern may be; a tail is not longer than the window's padding. */
const LONGEST_HEAD = 256;
const LONGEST_TAIL = 128;

/**
 * A position in arrays or structs that are alike: between the items of an array, in
 * front of the first member of a struct, or behind a certain member.
 *
 * The members that lead to a position all have different names: they followed one
 * another in one struct, and no struct has two members of one name.
 */
export class ItemPosition<R> {
  #first: ItemPattern<R> | undefined;
  #count = 0;

  /** Finds the pattern of the item at `start`. */
  find(view: DataView, start: number, end: number): ItemPattern<R> | undefined {
    let pattern = this.#first;
    while (pattern !== undefined) {
      const { head } = pattern;
      if (start + head.length <= end && head.isAt(view, start)) break;
      pattern = pattern.other;
    }
    return pattern;
  }

  /** Learns a pattern from an item; undefined for items that patterns cannot describe. */
  learn(view: DataView, item: WrittenItem<R>): ItemPattern<R> | undefined {
    const { start, end, tail, memberName = "" } = item;
    if (end - start > LONGEST_HEAD) return undefined;
    if (tail !== undefined && tail.end - tail.start > LONGEST_TAIL) {
      return undefined;
    }
    // These names must be checked step by step each time.
    if (memberName === "__proto__" || isFarIndex(memberName)) return undefined;
    const isFull = this.#count === MAX_PATTERNS_PER_POSITION;
    this.#count = isFull ? 1 : this.#count + 1;
    this.#first = new ItemPattern(view, item, isFull ? undefined : this.#first);
    return this.#first;
  }
}
