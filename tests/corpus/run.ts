// Runs a folder of conformance cases: README.md has the format.
//
//     deno run -A tests/corpus/run.ts [FOLDER]
//
// Prints passed and failed cases by topic, each failing one with the reason, and ends
// with code 1 if there is any.
// deno-lint-ignore-file no-console

import { type Case, encodeLine } from "./adapter.ts";
import { decodeFlaw, prototypes } from "./judge.ts";
import { choose } from "./loader.mjs";

/** A case, and what is wrong with it; undefined if nothing is. */
export interface Result {
  readonly topic: string;
  readonly id: string;
  readonly flaw: string | undefined;
}

/** Has Python read what was written; gives the flaws by case. */
async function readBack(
  cases: readonly Case[],
  lines: readonly unknown[],
): Promise<ReadonlyMap<string, string>> {
  const folder = await Deno.makeTempDir();
  try {
    const expected = `${folder}/encode.json`;
    const written = `${folder}/written.jsonl`;
    await Deno.writeTextFile(expected, JSON.stringify(cases));
    await Deno.writeTextFile(
      written,
      lines.map((line) => JSON.stringify(line)).join("\n"),
    );
    const checker = new URL("check_encoded.py", import.meta.url).pathname;
    const { stdout, stderr } = await new Deno.Command("python3", {
      args: [checker, expected, written],
    }).output();
    const output = new TextDecoder().decode(stdout);
    // The last line counts: without it the checker has not come to its end.
    if (!/^\d+ of \d+ as expected$/m.test(output)) {
      throw new Error(
        `check_encoded.py failed: ${new TextDecoder().decode(stderr)}`,
      );
    }
    return new Map(
      Array.from(
        output.matchAll(/^(\S+): (.*)$/gm),
        ([, id, flaw]) => [id!, flaw!],
      ),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What is wrong with how we encode each case, in order. */
export async function encodeFlaws(
  cases: readonly Case[],
): Promise<readonly (string | undefined)[]> {
  // A chosen alternative says only what the document reads as.
  const complete = cases.map((c) => ({
    ...c,
    expect: { matches: [], notMatches: [], ...c.expect },
  }));
  const lines = complete.map(encodeLine);
  const flaws = await readBack(complete, lines);
  return lines.map((line) => line["exception"] ?? flaws.get(line["id"]!));
}

/** The topics of a folder, with their cases, choices applied. */
export async function readTopics(
  folder: string,
): Promise<ReadonlyMap<string, readonly Case[]>> {
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  const choices = names.includes("choices.json")
    ? JSON.parse(await Deno.readTextFile(`${folder}/choices.json`))
    : {};
  const topics = new Map<string, readonly Case[]>();
  for (const name of names.filter((name) => name.endsWith(".json")).sort()) {
    const cases = JSON.parse(await Deno.readTextFile(`${folder}/${name}`));
    // Objects are settings; cases come in arrays.
    if (Array.isArray(cases)) {
      topics.set(name.slice(0, -5), choose(cases, choices) as Case[]);
    }
  }
  return topics;
}

/** Runs the cases of one topic. */
export async function runTopic(
  topic: string,
  cases: readonly Case[],
): Promise<readonly Result[]> {
  const encoded = cases.filter((c) => c.op !== undefined);
  const flaws = encoded.length === 0 ? [] : await encodeFlaws(encoded);
  return [
    ...encoded.map(({ id }, index) => ({ topic, id, flaw: flaws[index] })),
    ...cases.filter((c) => c.op === undefined)
      .map((c) => ({ topic, id: c.id, flaw: decodeFlaw(c) })),
  ];
}

if (import.meta.main) {
  const folder = Deno.args[0] ?? new URL(".", import.meta.url).pathname;
  const before = prototypes();
  const failed: Result[] = [];
  let passed = 0;
  for (const [topic, cases] of await readTopics(folder)) {
    const results = await runTopic(topic, cases);
    const wrong = results.filter(({ flaw }) => flaw !== undefined);
    failed.push(...wrong);
    passed += results.length - wrong.length;
    console.log(
      `${topic.padEnd(12)} ${
        results.length - wrong.length
      } passed, ${wrong.length} failed`,
    );
  }
  if (prototypes() !== before) {
    failed.push({
      topic: "all",
      id: "prototypes",
      flaw: "a built-in prototype has changed",
    });
  }
  for (const { id, flaw } of failed) console.log(`FAILED ${id}: ${flaw}`);
  console.log(`${passed} passed, ${failed.length} failed`);
  if (passed === 0 || failed.length > 0) Deno.exit(1);
}
