// The time of hostile input by its size: every kind, through everything that takes it.
//
//     deno run -A tests/security/linear.ts [--most MIB] [--only TEXT]
//
// Prints a table; ends with code 1 if anything grows faster than its input.
// deno-lint-ignore-file no-console

import { parseArgs } from "node:util";
import { type Growth, growthOf, sizesBetween } from "./_growth.ts";
import { KINDS } from "./_kinds.ts";

const KIB = 1024;

function label(size: number): string {
  return size < KIB * KIB ? `${size / KIB} KiB` : `${size / KIB / KIB} MiB`;
}

function rowOf(
  { name, times, exponent, flaw }: Growth,
  columns: number,
): string {
  const cells = Array.from({ length: columns }, (_, at) => {
    const time = times[at];
    return (time === undefined ? "" : time.toFixed(time < 10 ? 2 : 0)).padStart(
      8,
    );
  });
  return `${name.padEnd(64)}${cells.join("")}  ${exponent.toFixed(2)}${
    flaw === undefined ? "" : `  FAILED: ${flaw}`
  }`;
}

if (import.meta.main) {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      most: { type: "string", default: "16" },
      only: { type: "string", default: "" },
    },
  });
  const sizes = sizesBetween(64 * KIB, Number(values.most) * KIB * KIB);
  const heads = sizes.map((size) => label(size).padStart(8)).join("");
  console.log(`${"milliseconds".padEnd(64)}${heads}  power`);
  let failed = 0;
  const kinds = KINDS.filter(({ name }) => name.includes(values.only));
  for (const kind of kinds) {
    const growth = await growthOf(kind, sizes);
    if (growth.flaw !== undefined) failed++;
    console.log(rowOf(growth, sizes.length));
  }
  console.log(`${kinds.length} kinds, ${failed} grow too fast`);
  if (failed > 0) Deno.exit(1);
}
