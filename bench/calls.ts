// How much faster many calls are in one batch than one after the other, as ratios in the
// same run.
//
//     deno run -A bench/calls.ts [ROUNDS] [CALLS]
// deno-lint-ignore-file no-console

import { createClient, createServer } from "@xmlrpc/xmlrpc";
import { measure, timed } from "./_measure.ts";

const rounds = Number(Deno.args[0] ?? 10);
const count = Number(Deno.args[1] ?? 1000);

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

const { batch, ...references } = await measure({
  batch: timed(callInBatch),
  "one after the other": timed(callInSequence),
  "all at once": timed(callAtOnce),
}, rounds);
console.log(`${count} calls in one batch: ${batch!.toFixed(1)} ms`);
for (const [name, time] of Object.entries(references)) {
  console.log(
    `  ${(time / batch!).toFixed(1)} times the speed of ${name} (${
      time.toFixed(1)
    } ms)`,
  );
}
