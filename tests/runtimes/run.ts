// Runs the same checks in every runtime: docs/runtimes.md has the resulting table.
//
//     deno task runtimes [NAME…] [--write]
//
// Prints a line for each runtime, and whatever has failed; ends with code 1 if anything
// has, or a runtime cannot be had. With --write, docs/runtimes.md gets the table of a run of all.
// deno-lint-ignore-file no-console

import { type Row, rowsIn } from "./_rows.ts";
import type { Verdict } from "./_site.ts";
import { replacePart, tableOf } from "./_table.ts";

/** What has become of a row. */
interface Result {
  readonly row: Row;
  readonly verdicts: readonly Verdict[];
}

async function runRow(row: Row): Promise<Result> {
  const verdicts: Verdict[] = [];
  const start = performance.now();
  try {
    for await (const verdict of row.verdicts()) {
      verdicts.push(verdict);
      if (verdict.outcome !== "failed") continue;
      console.log(`FAILED ${row.name}: ${verdict.name}: ${verdict.why}`);
    }
  } catch (error) {
    const why = (error as Error).message;
    verdicts.push({ name: "all", outcome: "failed", why });
    console.log(`MISSING ${row.name}: ${why}`);
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`${row.name}: ${verdicts.length} checks in ${seconds} s`);
  return { row, verdicts };
}

function count({ verdicts }: Result, outcome: Verdict["outcome"]): string {
  return String(verdicts.filter((one) => one.outcome === outcome).length);
}

/** Why checks are not supported, each reason once. */
function reasons({ verdicts }: Result): string {
  const found = verdicts.filter(({ outcome }) => outcome === "not supported");
  return [...new Set(found.map(({ why }) => why))].join("; ");
}

function reportOf(results: readonly Result[]): string {
  return tableOf(
    ["name", "runtime", "version", "passed", "failed", "not supported"],
    results.map((result) => {
      const { name, title, version } = result.row;
      const unsupported = count(result, "not supported");
      const why = unsupported === "0" ? "" : `: ${reasons(result)}`;
      return [
        ...[name, title, version, count(result, "passed")],
        ...[count(result, "failed"), `${unsupported}${why}`],
      ];
    }),
  );
}

/** The table of docs/runtimes.md, from a run of all rows. */
function toTable(results: readonly Result[]): string {
  return tableOf(
    ["Runtime", "Version", "Runs", "Checks passed", "Not supported"],
    results.map((result) => {
      const { title, version, anyVersion = version, runs } = result.row;
      const passed = count(result, "passed");
      return [title, anyVersion, runs, passed, reasons(result)];
    }),
  );
}

async function main(args: readonly string[]): Promise<boolean> {
  const names = args.filter((arg) => arg !== "--write");
  const folder = await Deno.makeTempDir();
  try {
    const rows = await rowsIn(folder);
    const unknown = names.filter((name) =>
      !rows.some((row) => row.name === name)
    );
    if (unknown.length > 0) {
      const known = rows.map(({ name }) => name).join(", ");
      throw new Error(`Unknown: ${unknown.join(", ")}; there are ${known}`);
    }
    const results: Result[] = [];
    for (const row of rows) {
      if (names.length > 0 && !names.includes(row.name)) continue;
      results.push(await runRow(row));
    }
    console.log(`\n${reportOf(results)}`);
    let isGood = results.every((result) =>
      count(result, "failed") === "0" && count(result, "passed") !== "0"
    );
    if (names.length === 0) {
      const write = args.includes("--write");
      isGood = await replacePart("runtimes", toTable(results), write) &&
        isGood;
    }
    return isGood;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main && !await main(Deno.args)) Deno.exit(1);
