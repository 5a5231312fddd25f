// Decodes documents made up by fuzz.py, and compares with the reference decoder in it.
//
//     deno run -A tests/corpus/fuzz.ts [--seed S] [--count N]
//
// Each document is decoded whole and in chunks. Prints the seed, each disagreement with
// its document, and how many there were; ends with code 1 if there is any.
// deno-lint-ignore-file no-console

import { parseArgs } from "node:util";
import type { Case } from "./adapter.ts";
import { expand } from "./loader.mjs";
import { documentFlaw } from "./judge.ts";

/** More than any of these small documents takes, in milliseconds. */
const BUDGET_MS = 500;

/** How many documents one run of Python makes: each has a seed of its own. */
const BATCH = 5000;

/** A document on which we and the reference disagree. */
export interface Disagreement {
  readonly id: string;
  readonly flaw: string;
  readonly document: string;
}

/** Decodes one case of the fuzzer; undefined if all agree. */
export function compare(c: Case): Disagreement | undefined {
  const document = expand(c) as Uint8Array;
  // In chunks of any length, but the same for the same document.
  const chunkBytes = 1 + document.length % 13;
  const flaw = documentFlaw(c, document, Infinity, BUDGET_MS) ??
    documentFlaw(c, document, chunkBytes, BUDGET_MS);
  if (flaw === undefined) return undefined;
  return { id: c.id, flaw, document: JSON.stringify(c) };
}

async function* linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}

/** Runs `count` documents of one seed. */
export async function fuzzBatch(
  seed: string,
  count: number,
): Promise<readonly Disagreement[]> {
  const process = new Deno.Command("python3", {
    args: [
      new URL("fuzz.py", import.meta.url).pathname,
      `--seed=${seed}`,
      `--count=${count}`,
    ],
    stdout: "piped",
  }).spawn();
  const found: Disagreement[] = [];
  for await (const line of linesOf(process.stdout)) {
    const disagreement = compare(JSON.parse(line));
    if (disagreement !== undefined) found.push(disagreement);
  }
  const { code } = await process.status;
  if (code !== 0) throw new Error(`fuzz.py ended with code ${code}`);
  return found;
}

/** Runs `count` documents, in batches of which several are made at the same time. */
export async function fuzz(
  seed: string,
  count: number,
): Promise<readonly Disagreement[]> {
  const found: Disagreement[] = [];
  let started = 0;

  async function work(): Promise<void> {
    while (started < count) {
      const batch = Math.min(BATCH, count - started);
      const batchSeed = `${seed}.${started}`;
      started += batch;
      found.push(...await fuzzBatch(batchSeed, batch));
    }
  }

  // Python takes longer to make the documents than we to decode them.
  await Promise.all(
    Array.from({ length: navigator.hardwareConcurrency }, work),
  );
  return found;
}

if (import.meta.main) {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      seed: {
        type: "string",
        default: String(Math.trunc(Math.random() * 1e9)),
      },
      count: { type: "string", default: "10000" },
    },
  });
  const count = Number(values.count);
  if (!Number.isSafeInteger(count) || count < 1) {
    console.error(`--count must be a number of documents: ${values.count}`);
    Deno.exit(2);
  }
  console.log(`seed ${values.seed}, ${count} documents`);
  const found = await fuzz(values.seed, count);
  for (const { id, flaw, document } of found) {
    console.log(`FAILED ${id}: ${flaw}\n  ${document}`);
  }
  console.log(`${count} documents, ${found.length} disagreements`);
  if (found.length > 0) Deno.exit(1);
}
