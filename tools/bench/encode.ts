// How fast values are encoded, against `JSON.stringify` and `TextEncoder` of the same
// values in the same rounds, and against xmlrpc-c, the fastest encoder of others, where it
// can be built.
//
//     deno run -A tools/bench/encode.ts [ROUNDS] [--json FILE] [--short]

import { encodeResponse } from "@xmlrpc/xmlrpc/codec";
import { measureRounds, median, ratioOf, timed } from "./_measure.ts";
import { buildEncoder } from "./_peers.ts";
import { benchArguments, Report } from "./_report.ts";
import { TimedProgram } from "./_timed_program.ts";

const encoder = new TextEncoder();

const dated = Array.from({ length: 1000 }, (_, id) => ({
  id,
  name: `Customer number ${id}`,
  price: id * 1.25 + 0.1,
  active: id % 2 === 0,
  created: new Date(1_700_000_000_000 + id * 1000),
}));
const plain = dated.map((row) => ({
  ...row,
  created: row.created.toISOString(),
}));
const numbers = Array.from({ length: 100_000 }, (_, index) => index * 7919);
const text = 'The <b>"fast"</b> & the slow\n'.repeat(36_000);

/** What is encoded, and how fast that should be against JSON, if anybody has said. */
const documents: Readonly<
  Record<string, { readonly value: unknown; readonly target?: number }>
> = {
  "1,000 structs with dates": { value: dated, target: 1.3 },
  "1,000 structs with dates as strings": { value: plain, target: 0.35 },
  "100,000 ints": { value: numbers },
  "1 MB of text with escapes": { value: text },
};

/** Names that xmlrpc-c has for the same. */
const PEERS: Readonly<Record<string, string>> = {
  structs: "1,000 structs with dates",
  text: "1 MB of text with escapes",
};

const { rounds, json, isShort } = benchArguments(31);
const report = new Report();

function show(name: string, all: readonly number[]): string {
  return `${name} ${median(all).toFixed(3)} ms`;
}

const runners: Record<string, () => number | Promise<number>> = {};
for (const [name, { value }] of Object.entries(documents)) {
  runners[name] = timed(() => encodeResponse(value));
  runners[`JSON: ${name}`] = timed(() => encoder.encode(JSON.stringify(value)));
}
await using stack = new AsyncDisposableStack();
const folder = await Deno.makeTempDir();
stack.defer(() => Deno.remove(folder, { recursive: true }));
const peer = isShort ? undefined : await buildEncoder(folder);
if (peer !== undefined) {
  for (const what of Object.keys(PEERS)) {
    const program = stack.use(new TimedProgram(peer, [what]));
    runners[`xmlrpc-c: ${what}`] = () => program.time();
  }
}
const times = await measureRounds(runners, rounds);

for (const [name, { target }] of Object.entries(documents)) {
  const [ours, reference] = [times[name]!, times[`JSON: ${name}`]!];
  report.add(
    `encode ${name} against JSON`,
    ratioOf(ours, reference),
    `${show("ours", ours)}; ${show("JSON", reference)}`,
    target,
  );
}
for (const [what, name] of peer === undefined ? [] : Object.entries(PEERS)) {
  const [ours, reference] = [times[name]!, times[`xmlrpc-c: ${what}`]!];
  report.add(
    `encode ${name} against xmlrpc-c`,
    ratioOf(ours, reference),
    `${show("ours", ours)}; ${show("xmlrpc-c", reference)}`,
    1,
  );
}
await report.write(json);
