// Minutes of mixed traffic on one server: good calls, bad ones, attacks, and callers that
// leave. All good calls must be answered rightly, nothing may get through, and in the end
// memory and open handles must be what they were after the warm-up. Linux only.
//
//     deno task soak --minutes 10 --seed S
// deno-lint-ignore-file no-console

import { parseArgs } from "node:util";
import { Random } from "../support/random.ts";
import {
  bad,
  createCaller,
  good,
  hostile,
  leaving,
  pause,
  type Steps,
} from "./_traffic.ts";
import { here, Victim } from "./_victim.ts";

/** How many callers of each kind there are at a time. */
const CALLERS: Readonly<Record<string, readonly [Steps, number]>> = {
  good: [good, 6],
  bad: [bad, 2],
  hostile: [hostile, 2],
  leaving: [leaving, 2],
};
/** Longest rest between two steps of a caller: the machine has other things to do. */
const REST_MS = 20;
const SAMPLE_MS = 10_000;
const WARM_UP = 0.2;
/** How much more than after the warm-up there may be in the end. */
const TOLERANCE = 1.15;
/** How long a server may take to notice that all have left. */
const SETTLE_MS = 10_000;
/** When a server is gone, every call fails. */
const MOST_SHOWN = 20;

/** A look at the server. */
export interface Sample {
  readonly seconds: number;
  /** Its memory, as the operating system counts it, in bytes. */
  readonly rss: number;
  /** What is left of its heap after a collection, in bytes. */
  readonly heap: number;
  /** Its open files and sockets. */
  readonly handles: number;
  /** How many steps have come to their end, by kind. */
  readonly counts: Readonly<Record<string, number>>;
  readonly failures: number;
}

/** What came of a soak. */
export interface Report {
  /** How many steps have come to their end, by kind. */
  readonly counts: Readonly<Record<string, number>>;
  /** What went wrong, each with the step it was. */
  readonly failures: readonly string[];
  /** Handles before the traffic, and when it was over. */
  readonly handles: readonly [before: number, after: number];
  readonly samples: readonly Sample[];
}

/** How a soak is done. */
export interface SoakOptions {
  readonly ms: number;
  readonly seed: number;
  /** Whether the server's memory and handles are looked at: Deno wants `-A` for that. */
  readonly isWatched: boolean;
  readonly onSample?: (sample: Sample) => void;
}

/** A soak under way. */
class Soak {
  readonly #victim: Victim;
  readonly #http = Deno.createHttpClient({});
  readonly #start = performance.now();
  readonly #counts: Record<string, number> = {};
  readonly failures: string[] = [];
  #isOver = false;

  constructor(victim: Victim) {
    this.#victim = victim;
  }

  get counts(): Readonly<Record<string, number>> {
    return { ...this.#counts };
  }

  /** One caller, who takes one step after the other. */
  async #walk(kind: string, steps: Steps, random: Random): Promise<void> {
    const caller = createCaller(this.#victim.port, random, this.#http);
    while (!this.#isOver) {
      const [name, step] = random.pick(Object.entries(steps));
      try {
        await step(caller);
      } catch (error) {
        this.failures.push(`${kind}, ${name}: ${error}`);
      }
      this.#counts[kind] = (this.#counts[kind] ?? 0) + 1;
      await pause(random.below(REST_MS));
    }
  }

  /** Runs all callers for so long, and until each has come to the end of its step. */
  async run(ms: number, seed: number): Promise<void> {
    let index = 0;
    const walking = Object.entries(CALLERS).flatMap(([kind, [steps, count]]) =>
      Array.from(
        { length: count },
        () => this.#walk(kind, steps, new Random(seed + index++)),
      )
    );
    await pause(ms);
    this.#isOver = true;
    await Promise.all(walking);
    this.#http.close();
  }

  /** Looks at the server, over a connection that is closed at once. */
  async sample(): Promise<Sample> {
    using http = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
    const { client } = createCaller(this.#victim.port, new Random(0), http);
    const { heap } = await client.methods.memory();
    return {
      seconds: (performance.now() - this.#start) / 1000,
      rss: this.#victim.memory(),
      heap,
      handles: this.#victim.handles(),
      counts: this.counts,
      failures: this.failures.length,
    };
  }
}

/** Waits until the server has no more handles than that, but not for ever. */
async function settle(victim: Victim, base: number): Promise<void> {
  const end = performance.now() + SETTLE_MS;
  while (victim.handles() > base && performance.now() < end) await pause(100);
}

/** Soaks a server of ours. */
export async function soak(options: SoakOptions): Promise<Report> {
  const { ms, seed, isWatched, onSample } = options;
  await using victim = await Victim.start([
    Deno.execPath(),
    "run",
    "-A",
    "--v8-flags=--expose-gc",
    here("victim.ts"),
  ]);
  const running = new Soak(victim);
  const samples: Sample[] = [];

  async function look(): Promise<void> {
    try {
      const sample = await running.sample();
      samples.push(sample);
      onSample?.(sample);
    } catch (error) {
      running.failures.push(`a look at the server: ${error}`);
    }
  }

  // Some handles come with the first call, and stay.
  await running.sample();
  await pause(SETTLE_MS / 10);
  const base = victim.handles();
  const timer = isWatched ? setInterval(look, SAMPLE_MS) : undefined;
  await running.run(ms, seed);
  clearInterval(timer);
  if (isWatched) {
    await settle(victim, base);
    await look();
    await settle(victim, base);
  }
  const { counts, failures } = running;
  if (victim.end !== undefined) failures.push(`The server has ${victim.end}`);
  return { counts, failures, handles: [base, victim.handles()], samples };
}

// ---------------------------------------------------------------- judging

function meanOf(
  samples: readonly Sample[],
  member: "rss" | "heap",
): number {
  return samples.reduce((sum, sample) => sum + sample[member], 0) /
    samples.length;
}

/** What is wrong with a soak; nothing if all is well. */
function flawsOf({ failures, handles, samples }: Report): readonly string[] {
  const last = samples.at(-1);
  if (last === undefined) return failures;
  const { seconds } = last;
  const warm = samples.filter((sample) =>
    sample.seconds >= WARM_UP * seconds &&
    sample.seconds < 2 * WARM_UP * seconds
  );
  const flaws = [...failures];
  for (const member of ["rss", "heap"] as const) {
    const before = meanOf(warm, member);
    console.log(
      `${member}: ${megabytes(before)} MB after the warm-up, ${
        megabytes(last[member])
      } MB in the end`,
    );
    if (last[member] > TOLERANCE * before) flaws.push(`${member} has grown`);
  }
  const [before, after] = handles;
  console.log(`handles: ${before} at first, ${after} in the end`);
  if (after > before) flaws.push("handles are left open");
  return flaws;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

function show({ seconds, rss, heap, handles, counts, failures }: Sample): void {
  const kinds = Object.entries(counts).map(([kind, count]) =>
    `${kind} ${count}`
  );
  console.log(
    `${seconds.toFixed(0)} s: RSS ${megabytes(rss)} MB, heap ${
      megabytes(heap)
    } MB, handles ${handles}; ${kinds.join(", ")}; failures ${failures}`,
  );
}

if (import.meta.main) {
  const { values: flags } = parseArgs({
    options: {
      minutes: { type: "string", default: "10" },
      seed: {
        type: "string",
        default: String(Math.trunc(Math.random() * 2 ** 32)),
      },
    },
  });
  console.log(`seed ${flags.seed}, ${flags.minutes} minutes`);
  const report = await soak({
    ms: Number(flags.minutes) * 60_000,
    seed: Number(flags.seed),
    isWatched: true,
    onSample: show,
  });
  const flaws = flawsOf(report);
  for (const flaw of flaws.slice(0, MOST_SHOWN)) console.log(`FAILED ${flaw}`);
  console.log(`${flaws.length} flaws`);
  if (flaws.length > 0) Deno.exit(1);
}
