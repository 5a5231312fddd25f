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

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** The median time of each, in milliseconds. */
export async function measure(
  runners: Readonly<Record<string, Runner>>,
  rounds: number,
): Promise<Record<string, number>> {
  const times: Record<string, number[]> = {};
  for (let round = -3; round < rounds; round++) {
    for (const [name, run] of Object.entries(runners)) {
      const time = await run();
      // The first rounds are for the compilers.
      if (round >= 0) (times[name] ??= []).push(time);
    }
  }
  return Object.fromEntries(
    Object.entries(times).map(([name, all]) => [name, median(all)]),
  );
}
