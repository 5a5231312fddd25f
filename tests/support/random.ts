// Random choices that come again with the same seed.

import type { XmlRpcValue } from "@xmlrpc/xmlrpc/codec";

/** The "mulberry32" generator. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 up to, but not including, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer from 0 up to, but not including, `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }
}

const NAMES = ["id", "näme", "", "constructor", "__proto__", "a b", "toString"];
const TEXTS = ["", "cloud", " <&]]>\r\n", "žluťoučký 🐎", "\t\u{10ffff}"];

function textOf(random: Random): string {
  return random.pick(TEXTS).repeat(random.below(2) === 0 ? 1 : 1000);
}

function structOf(random: Random, depth: number): XmlRpcValue {
  const names = NAMES.filter(() => random.below(2) === 0);
  // Not by assignment: __proto__ is a name like any other.
  return Object.fromEntries(
    names.map((name) => [name, valueOf(random, depth - 1)]),
  );
}

function arrayOf(random: Random, depth: number): XmlRpcValue {
  return Array.from(
    { length: random.below(5) },
    () => valueOf(random, depth - 1),
  );
}

const MAKERS: readonly ((random: Random, depth: number) => XmlRpcValue)[] = [
  structOf,
  arrayOf,
  (random) => random.below(2 ** 32) - 2 ** 31,
  (random) => random.next() * 10 ** (random.below(40) - 20),
  (random) => BigInt(random.below(2 ** 32)) << 20n,
  (random) => random.below(2) === 0,
  (random) => new Date(random.below(4e9) * 1000),
  (random) => Uint8Array.from({ length: random.below(2000) }, (_, at) => at),
  () => null,
  textOf,
];

/** Any value, with arrays and structs no deeper than that. */
export function valueOf(random: Random, depth = 3): XmlRpcValue {
  const maker = random.pick(depth > 0 ? MAKERS : MAKERS.slice(2));
  return maker(random, depth);
}
