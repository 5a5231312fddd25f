// The table of README.md's section on performance, made of what the benchmarks find.
//
//     deno task bench:table [--write]
//
// It takes minutes. Whatever else the machine does meets ours and what it is compared with
// alike; still, it should do nothing else.
// deno-lint-ignore-file no-console

import { replacePart, tableOf } from "../../tests/runtimes/_table.ts";
import { type Findings, findingsOf } from "./_report.ts";

/** The benchmarks that README.md tells of, each with its arguments. */
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

/** The processor, as Linux names it. */
async function processor(): Promise<string> {
  try {
    const info = await Deno.readTextFile("/proc/cpuinfo");
    return /^model name\s*:\s*(.+)$/m.exec(info)?.[1] ?? Deno.build.arch;
  } catch {
    return Deno.build.arch;
  }
}

/** When and where it was measured. */
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
  const table = tableOf(["What", "Ours", "Beside", "Times as good"], rows);
  const text = `${await occasion()}\n\n${table}`;
  console.log(`\n${text}`);
  if (write && !await replacePart("bench", text, write)) Deno.exit(1);
}

if (import.meta.main) await main(Deno.args.includes("--write"));
