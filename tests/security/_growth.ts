// How the time of something grows with the size of its input.

/** One kind of hostile input, and what is done with it. */
export interface Kind {
  readonly name: string;
  /** Makes an input of about so many bytes; gives the function to time. */
  readonly prepare: (bytes: number) => () => unknown;
  /** The largest size that is worth its time. */
  readonly most?: number;
  /**
   * Prepares what the platform itself does with such an input: where its time grows with
   * a power above 1, as that of a walk over an object of a million members does, ours may
   * by as much more.
   */
  readonly reference?: (bytes: number) => () => unknown;
}

/** What was measured of one kind. */
export interface Growth {
  readonly name: string;
  readonly sizes: readonly number[];
  /** The least time of each size, in milliseconds. */
  readonly times: readonly number[];
  /** The power of its size that the time grows with, over the upper sizes. */
  readonly exponent: number;
  /** What is wrong with it; undefined if nothing is. */
  readonly flaw: string | undefined;
}

/** More than noise makes of linear growth; quadratic growth has 2. */
const MOST_EXPONENT = 1.3;

/** What no reference excuses. */
const EXCUSED_EXPONENT = 1.8;

/** Less than this is all noise, in milliseconds. */
const LEAST_MS = 40;

/** What is linear, but takes as long as this for each byte, is as good as hanging. */
const MOST_NS_PER_BYTE = 4000;

/** How often a kind that seems to grow too fast is measured again. */
const TRIES = 4;

/** Each size is timed this often, but not for longer than {@linkcode ENOUGH_MS}. */
const RUNS = 5;
const ENOUGH_MS = 400;

/** Sizes from `least` to `most`, each four times the one before. */
export function sizesBetween(least: number, most: number): number[] {
  const sizes: number[] = [];
  for (let size = least; size <= most; size *= 4) sizes.push(size);
  return sizes;
}

async function leastTime(run: () => unknown): Promise<number> {
  let least = Infinity;
  let spent = 0;
  for (let count = 0; count < RUNS && spent < ENOUGH_MS; count++) {
    const start = performance.now();
    await run();
    const time = performance.now() - start;
    least = Math.min(least, time);
    spent += time;
  }
  return least;
}

/** The slope of a line through the last three sizes, both axes logarithmic. */
function exponentOf(
  sizes: readonly number[],
  times: readonly number[],
): number {
  const points = sizes.map((size, at) => [Math.log(size), Math.log(times[at]!)])
    .slice(-3);
  const meanX = points.reduce((sum, [x]) => sum + x!, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y!, 0) / points.length;
  let above = 0;
  let below = 0;
  for (const [x, y] of points) {
    above += (x! - meanX) * (y! - meanY);
    below += (x! - meanX) ** 2;
  }
  return above / below;
}

/** What is wrong with how something grows; undefined if nothing is. */
export function flawOf(
  sizes: readonly number[],
  times: readonly number[],
  mostExponent = MOST_EXPONENT,
): string | undefined {
  const longest = times.at(-1)!;
  if (longest < LEAST_MS) return undefined;
  const exponent = exponentOf(sizes, times);
  // The last step alone, too: what begins to grow late has a small slope in all.
  const step = exponentOf(sizes.slice(-2), times.slice(-2));
  if (exponent > mostExponent && step > mostExponent) {
    return `grows with the power ${exponent.toFixed(2)}`;
  }
  const nanoseconds = longest * 1e6 / sizes.at(-1)!;
  if (nanoseconds < MOST_NS_PER_BYTE) return undefined;
  return `takes ${nanoseconds.toFixed(0)} ns a byte`;
}

/** Lowers the times to what each size takes now, where that is less. */
async function measure(
  prepare: Kind["prepare"],
  sizes: readonly number[],
  times: number[],
): Promise<void> {
  for (const [at, size] of sizes.entries()) {
    times[at] = Math.min(times[at]!, await leastTime(prepare(size)));
  }
}

/** By how much the power of a reference is above 1. */
async function excessOf(
  reference: Kind["prepare"],
  sizes: readonly number[],
): Promise<number> {
  const times = sizes.map(() => Infinity);
  await measure(reference, sizes, times);
  return Math.max(0, exponentOf(sizes, times) - 1);
}

/** Measures a kind; what seems wrong is measured again before it counts. */
export async function growthOf(
  { name, prepare, reference, most = Infinity }: Kind,
  allSizes: readonly number[],
  mostExponent = MOST_EXPONENT,
): Promise<Growth> {
  const sizes = allSizes.filter((size) => size <= most);
  const times = sizes.map(() => Infinity);
  // For the compilers.
  await prepare(sizes[0]!)();
  let excess = 0;
  for (let attempt = 1;; attempt++) {
    await measure(prepare, sizes, times);
    const exponent = Math.min(mostExponent + excess, EXCUSED_EXPONENT);
    const flaw = flawOf(sizes, times, exponent);
    if (flaw !== undefined && attempt < TRIES) {
      if (reference !== undefined) excess = await excessOf(reference, sizes);
      continue;
    }
    return { name, sizes, times, exponent: exponentOf(sizes, times), flaw };
  }
}
