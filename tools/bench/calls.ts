// How much faster many calls are in one batch than one after the other, as ratios in the
// same run.
//
//     deno run -A tools/bench/calls.ts [ROUNDS] [--json FILE]

import { createClient, createServer } from "@xmlrpc/xmlrpc";
import { measureRounds, median, ratioOf, timed } from "./_measure.ts";
import { benchArguments, Report } from "./_report.ts";

const { rounds, json } = benchArguments(10);
const count = 1000;

const server = createServer({ add: (x: number, y: number) => x + y });
await using http = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: () => {} },
  (request) => server.fetch(request),
);
const url = `http://127.0.0.1:${http.addr.port}/`;
const client = createClient<typeof server.methods>(url);
const batching = client.with({ batch: true });
const numbers = Array.from({ length: count }, (_, index) => index);

/** The sum of all results, so that none can be left out. */
function check(results: readonly number[]): void {
  const sum = results.reduce((total, result) => total + result, 0);
  if (sum !== count * (count - 1) / 2 + count) throw new Error(`Sum ${sum}`);
}

async function callInSequence(): Promise<void> {
  const results: number[] = [];
  for (const x of numbers) results.push(await client.methods.add(x, 1));
  check(results);
}

async function callAtOnce(): Promise<void> {
  check(await Promise.all(numbers.map((x) => client.methods.add(x, 1))));
}

async function callInBatch(): Promise<void> {
  check(await Promise.all(numbers.map((x) => batching.methods.add(x, 1))));
}

const { batch, ...references } = await measureRounds({
  batch: timed(callInBatch),
  "one after the other": timed(callInSequence),
  "all at once": timed(callAtOnce),
}, rounds);
const report = new Report();
const show = (all: readonly number[]): string => `${median(all).toFixed(0)} ms`;
for (const [name, times] of Object.entries(references)) {
  report.add(
    `${count} calls in one batch against ${name}`,
    ratioOf(batch, times),
    `ours ${show(batch)}; ${name} ${show(times)}`,
  );
}
await report.write(json);
