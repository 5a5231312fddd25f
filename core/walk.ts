// A walk through arrays and structs that changes values and knows their places. This
// module is browser compatible.

import { writeStep } from "../util/messages.ts";
import { copyStruct, setMember } from "./struct.ts";

/** How many values a walk may visit; one that is shared counts at each visit. */
export class ValueBudget {
  readonly #maxValues: number;
  #visited = 0;

  constructor(maxValues: number) {
    this.#maxValues = maxValues;
  }

  /** Counts a visit; throws a RangeError if there are too many. */
  spend(toPlace?: () => string): void {
    if (++this.#visited <= this.#maxValues) return;
    const place = toPlace === undefined ? "" : ` at ${toPlace()}`;
    throw new RangeError(
      `Too many values${place}: the limit maxValues is ${this.#maxValues}`,
    );
  }
}

/**
 * A walk through a value. The functions that it calls may walk on into the items and
 * members that they get. Arrays and structs are copied only if something in them changes,
 * or if the walk is told to copy all: a getter or a Proxy may give another value to the
 * one who reads it next.
 */
export class Walk {
  readonly #root: string;
  readonly #path: (string | number)[] = [];
  readonly #copiesAll: boolean;

  /** Begins at a value that messages call `root`. */
  constructor(root: string, copiesAll = false) {
    this.#root = root;
    this.#copiesAll = copiesAll;
  }

  /** Writes the place of the value that the walk is at, such as `params[0].rows[3]`. */
  readonly toPlace = (): string =>
    this.#root + this.#path.map(writeStep).join("");

  /** Calls `map` with each item; returns the array, or a copy with what `map` returned. */
  mapItems(
    items: readonly unknown[],
    map: (item: unknown) => unknown,
  ): readonly unknown[] {
    let copy: unknown[] | undefined = this.#copiesAll ? [] : undefined;
    const depth = this.#path.length;
    for (let index = 0; index < items.length; index++) {
      this.#path[depth] = index;
      const given = items[index];
      const item = map(given);
      if (copy === undefined && Object.is(item, given)) continue;
      copy ??= items.slice();
      copy[index] = item;
    }
    this.#path.length = depth;
    return copy ?? items;
  }

  /**
   * Calls `map` with the member of each name, or with undefined if there is none;
   * returns the struct, or a copy with what `map` returned.
   */
  mapMembers(
    struct: Record<string, unknown>,
    names: readonly string[],
    map: (member: unknown, name: string) => unknown,
  ): Record<string, unknown> {
    let copy = this.#copiesAll ? copyStruct(struct) : undefined;
    const given = copy ?? struct;
    const depth = this.#path.length;
    for (const name of names) {
      this.#path[depth] = name;
      const member = Object.hasOwn(given, name) ? given[name] : undefined;
      const mapped = map(member, name);
      if (Object.is(mapped, member)) continue;
      copy ??= copyStruct(struct);
      setMember(copy, name, mapped);
    }
    this.#path.length = depth;
    return copy ?? struct;
  }
}
