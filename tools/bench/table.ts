// The tables of docs/performance.md, made from the findings of the benchmarks.
//
//     deno task bench:table [--write]
//
// It takes minutes. Other work on the machine slows both sides of each ratio down alike;
// still, the machine should do nothing else.
// deno-lint-ignore-file no-console

import { replacePart, tableOf } from "../../tests/runtimes/_table.ts";
import { type Findings, findingsOf } from "./_report.ts";

/** The benchmarks in the tables, each with its arguments. */
const BENCHMARKS: readonly (readonly [file: string, ...args: string[]])[] = [
  ["decode.ts"],
  ["encode.ts"],
  ["server.ts"],
  ["client.ts"],
  ["calls.ts"],
  ["memory.ts"],
  ["files.ts", "--gib", "0.25", "--only", "up,down"],
];

/** Findings as rows: what is measured, ours, what it is beside, and the ratio. */
export function rowsOf({ ratios, details }: Findings): string[][] {
  return Object.entries(ratios).map(([name, ratio]) => {
    const [what] = name.split(" against ");
    const [ours, reference] = details[name]!.split("; ");
    const text = ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(0);
    return [what!, ours!.replace(/^ours /, ""), reference!, text];
  });
}

/** The references that are other implementations; the rest are yardsticks. */
const IMPLEMENTATION = /^(Python's|npm's|xmlrpc-c|Go with)/;

/** Rows as two tables: beside other implementations, and beside yardsticks. */
export function toTables(rows: readonly string[][]): string {
  const isOther = ([, , reference]: readonly string[]) =>
    IMPLEMENTATION.test(reference!);
  const head = (reference: string) => [
    "What",
    "Ours",
    reference,
    "Times as good",
  ];
  return [
    "Beside other XML-RPC implementations:",
    tableOf(head("Other"), rows.filter(isOther)),
    "Beside yardsticks:",
    tableOf(head("Yardstick"), rows.filter((row) => !isOther(row))),
  ].join("\n\n");
}

/** The processor, as Linux names it. */
async function processor(): Promise<string> {
  try {
    const info = await Deno.readTextFile("/proc/cpuinfo");
    return /^model name\s*:\s*(.+)$/m.exec(info)?.[1] ?? Deno.build.arch;
  } catch {
    return Deno.build.arch;
  }
}

/** When and where the tables were measured. */
async function occasion(): Promise<string> {
  const date = new Date().toISOString().slice(0, 10);
  const cores = navigator.hardwareConcurrency;
  return `Measured ${date} with Deno ${Deno.version.deno} on ${await processor()}, ` +
    `${cores} cores:`;
}

async function main(write: boolean): Promise<void> {
  const rows: string[][] = [];
  for (const [file, ...args] of BENCHMARKS) {
    rows.push(...rowsOf(await findingsOf(file, ...args)));
  }
  const text = `${await occasion()}\n\n${toTables(rows)}`;
  console.log(`\n${text}`);
  if (write && !await replacePart("bench", text, write)) Deno.exit(1);
}

if (import.meta.main) await main(Deno.args.includes("--write"));
