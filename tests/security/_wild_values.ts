// Unusual values, and some usual ones.

import { bigdecimal, double, i8, int } from "../../core/typed.ts";
import type { Random } from "../support/random.ts";

/** Makes a value; `make` makes others, to be put into it. */
type Maker = (random: Random, make: () => unknown) => unknown;

const NUMBERS = [
  ...[0, -0, 1, -1, 0.1, 1e21, 1e-7, 5e-324, Number.MAX_VALUE, NaN, Infinity],
  ...[
    -Infinity,
    2 ** 31,
    -(2 ** 31),
    2 ** 31 - 1,
    2 ** 53,
    2 ** 53 + 2,
    123.456,
  ],
];

const BIGINTS = [
  ...[0n, -1n, 2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n), -(2n ** 63n) - 1n],
  ...[10n ** 400n, 2n ** 2000n],
];

const DATES = [
  ...[0, 1, NaN, -62_135_596_800_000, -62_135_596_800_001, 253_402_300_799_999],
  ...[253_402_300_800_000, 8.64e15, -8.64e15, -1, 1e12],
];

// A few of each class of code units.
const UNITS = [
  ...["a", "Z", "0", " ", "\t", "\n", "\r", "\r\n", "&", "<", ">", "]]>", '"'],
  ...["\0", "\x01", "\x0b", "\x1f", "\x7f", "\x85", "\xa0", "é", "ÿ", "\u0100"],
  ...["\u2028", "\ud7ff", "\ud800", "\udbff", "\udc00", "\udfff", "\ue000"],
  ...["\ufdd0", "\ufeff", "\ufffd", "\ufffe", "\uffff", "🎉", "\u{10ffff}"],
];

const NAMES = [
  ...["a", "b", "", " ", "__proto__", "constructor", "toString", "then", "0"],
  ...["1", "4294967294", "4294967295", "-1", "a.b", "faultCode", "length"],
];

function textOf(random: Random): string {
  // Most of what is there cannot be sent: short texts have a chance.
  return Array.from(
    { length: random.below(6) },
    () => random.below(4) === 0 ? random.pick(UNITS) : "a",
  ).join("");
}

function nameOf(random: Random): string {
  return random.below(3) === 0 ? textOf(random) : random.pick(NAMES);
}

function membersOf(
  random: Random,
  make: () => unknown,
): [string, unknown][] {
  return Array.from(
    { length: random.below(4) },
    () => [nameOf(random), make()],
  );
}

function throwing(): never {
  throw new Error("a getter that throws");
}

class Odd {
  readonly #hidden = 1;
  shown = 2;
  get hidden(): number {
    return this.#hidden;
  }
}

/** What can be sent, or may. */
const TAME: readonly Maker[] = [
  (random) => random.pick(NUMBERS),
  (random) => random.below(1000) - 500,
  (random) => (random.next() - 0.5) * 10 ** (random.below(600) - 300),
  (random) => random.pick(BIGINTS),
  (random) => BigInt(Math.trunc((random.next() - 0.5) * 2 ** 53)),
  (random) => textOf(random),
  (random) => "a".repeat(random.below(40)),
  (random) => random.below(2) === 0,
  () => null,
  (random) => new Date(random.pick(DATES)),
  (random) => new Date(Math.trunc(random.next() * 4e12)),
  (random) => new Uint8Array(random.below(9)).fill(random.below(256)),
  (random) => int(random.below(1000)),
  () => double(3),
  () => i8(5),
  () => bigdecimal("1.50"),
  (random, make) => Array.from({ length: random.below(4) }, make),
  (random, make) => Array.from({ length: random.below(4) }, make),
  (random, make) => Object.fromEntries(membersOf(random, make)),
  (random, make) => Object.fromEntries(membersOf(random, make)),
  (random, make) =>
    Object.assign(
      Object.create(null),
      Object.fromEntries(membersOf(random, make)),
    ),
  // The same value in several places: written each time.
  (random, make) => Array(random.below(4)).fill(make()),
  (random, make) => {
    let value = make();
    for (let i = random.below(7); i > 0; i--) {
      value = random.below(2) === 0 ? [value, value] : { a: value, b: value };
    }
    return value;
  },
];

/** How many of the makers above put other values into theirs: the last ones. */
const CONTAINERS = 7;

/** What can hardly be sent. */
const WILD: readonly Maker[] = [
  () => undefined,
  () => Symbol("s"),
  () => throwing,
  () => new Map([["a", 1]]),
  () => new Set([1]),
  () => Object(1),
  () => Object("text"),
  () => Object(1n),
  () => Object(Symbol()),
  () => /a/,
  () => new Error("e"),
  () => Promise.resolve(1),
  () => new WeakMap(),
  () => new URL("http://localhost/"),
  () => new Float64Array(2),
  () => new DataView(new ArrayBuffer(3)),
  () => new ArrayBuffer(2),
  () => new Uint8Array(new SharedArrayBuffer(2)),
  () => new Odd(),
  () => globalThis.Math,
  (random) => Array(random.below(5)),
  (_random, make) => [, make(), ,],
  (random, make) => {
    const value = make();
    const get = (): unknown => value;
    return Object.defineProperty({}, nameOf(random), { enumerable: true, get });
  },
  (random) =>
    Object.defineProperty({}, nameOf(random), {
      enumerable: true,
      get: throwing,
    }),
  (_random, make) => new Proxy([make()], {}),
  (_random, make) => new Proxy({ a: make() }, {}),
  () => new Proxy({}, { ownKeys: throwing }),
  () => new Proxy({}, { getPrototypeOf: throwing }),
  () => Object.create({ inherited: 1 }),
  (_random, make) =>
    Object.assign(
      Object.create({
        get a() {
          return 1;
        },
      }),
      { b: make() },
    ),
  () => ({ toString: throwing, toJSON: throwing, valueOf: throwing }),
  () => ({ [Symbol.toStringTag]: "Map" }),
  () => ({
    get [Symbol.toStringTag]() {
      return throwing();
    },
  }),
  (_random, make) => {
    const cycle: unknown[] = [make()];
    cycle.push({ cycle });
    return cycle;
  },
  (_random, make) => Object.assign([make()], { extra: 1 }),
];

/** A random value, that holds others to a certain depth. */
export function wildValue(random: Random, depth = 4): unknown {
  const makers = random.below(12) === 0 ? WILD : TAME;
  // Beyond the depth, scalars.
  const usable = depth > 0 ? makers : TAME.slice(0, -CONTAINERS);
  return random.pick(usable)(random, () => wildValue(random, depth - 1));
}
