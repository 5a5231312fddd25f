// Fails if a main ratio has become much worse than tools/bench/baseline.json says.
//
//     deno run -A tools/bench/guard.ts           compares
//     deno run -A tools/bench/guard.ts --update  measures, and writes the file
//
// A ratio is of this run and no other machine's; what noise has spoilt is measured again.
// deno-lint-ignore-file no-console

import { findingsOf } from "./_report.ts";

/** The benchmarks, and how many rounds of each. */
const BENCHMARKS: Readonly<Record<string, number>> = {
  "decode.ts": 31,
  "encode.ts": 31,
  "client.ts": 9,
  "server.ts": 5,
};

/** Of a ratio, so much must be left. */
const LEFT = 0.7;
/** How often a benchmark is run before what it says counts. */
const ATTEMPTS = 3;

type Ratios = Record<string, number>;

const BASELINE = new URL("baseline.json", import.meta.url);

/** The ratios that a benchmark finds. */
async function measure(benchmark: string): Promise<Ratios> {
  const rounds = String(BENCHMARKS[benchmark]);
  return (await findingsOf(benchmark, rounds, "--short")).ratios;
}

/** What is worse than it may be, as a line each. */
function losses(found: Ratios, baseline: Ratios): string[] {
  return Object.entries(found).flatMap(([name, ratio]) => {
    const least = (baseline[name] ?? 0) * LEFT;
    return ratio >= least
      ? []
      : [`${name}: ${ratio}, and should be ${least.toFixed(2)} at least`];
  });
}

/** The better one of each ratio: what can be reached is no loss. */
function better(some: Ratios, others: Ratios): Ratios {
  return Object.fromEntries(
    Object.entries(some).map(([name, ratio]) => [
      name,
      Math.max(ratio, others[name] ?? 0),
    ]),
  );
}

/** Runs a benchmark until nothing is lost, or often enough. */
async function check(benchmark: string, baseline: Ratios): Promise<string[]> {
  let found: Ratios = {};
  let lost: string[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    found = better(await measure(benchmark), found);
    lost = losses(found, baseline);
    if (lost.length === 0) break;
    console.log(`${benchmark}: ${lost.join("; ")}`);
  }
  return lost;
}

async function update(): Promise<void> {
  const baseline: Ratios = {};
  for (const benchmark of Object.keys(BENCHMARKS)) {
    Object.assign(baseline, await measure(benchmark));
  }
  const text = JSON.stringify(baseline, undefined, 2);
  await Deno.writeTextFile(BASELINE, `${text}\n`);
}

if (Deno.args.includes("--update")) await update();
else {
  const baseline: Ratios = JSON.parse(await Deno.readTextFile(BASELINE));
  const lost: string[] = [];
  for (const benchmark of Object.keys(BENCHMARKS)) {
    lost.push(...await check(benchmark, baseline));
  }
  for (const line of lost) console.error(`Slower than before: ${line}`);
  if (lost.length > 0) Deno.exit(1);
  console.log("No main ratio has become much worse");
}
