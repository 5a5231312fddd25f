// Times programs side by side: each round runs every one of them once, so that noise
// meets all of them alike.

/** Something that is timed: gives the milliseconds of one run. */
export type Runner = () => number | Promise<number>;

/** Times one run. */
export function timed(run: () => unknown): Runner {
  return async () => {
    const start = performance.now();
    await run();
    return performance.now() - start;
  };
}

/** The middle one of some numbers. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** How many times as fast as a reference something is: the median of all rounds. */
export function ratioOf(
  ours: readonly number[],
  reference: readonly number[],
): number {
  return median(ours.map((time, round) => reference[round]! / time));
}

/** The times of each, round by round, in milliseconds. */
export async function measureRounds<Name extends string>(
  runners: Readonly<Record<Name, Runner>>,
  rounds: number,
): Promise<Record<Name, number[]>> {
  const entries = Object.entries(runners) as [Name, Runner][];
  const times = Object.fromEntries(
    entries.map(([name]) => [name, [] as number[]]),
  ) as Record<Name, number[]>;
  for (let round = -3; round < rounds; round++) {
    for (const [name, run] of entries) {
      const time = await run();
      // The first rounds are for the compilers.
      if (round >= 0) times[name].push(time);
    }
  }
  return times;
}

/** The median time of each, in milliseconds. */
export async function measure(
  runners: Readonly<Record<string, Runner>>,
  rounds: number,
): Promise<Record<string, number>> {
  const times = await measureRounds(runners, rounds);
  return Object.fromEntries(
    Object.entries(times).map(([name, all]) => [name, median(all)]),
  );
}
