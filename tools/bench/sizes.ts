// Time against size, from 1 kB to 100 MB, of every kind of document, both ways.
//
//     deno run -A tools/bench/sizes.ts [--most MB] [--only TEXT]
//
// Prints a table; ends with code 1 if anything grows faster than its input.
// deno-lint-ignore-file no-console

import { parseArgs } from "node:util";
import { decodeResponse, encodeResponse } from "@xmlrpc/xmlrpc/codec";
import { growthOf, type Kind } from "../../tests/security/_growth.ts";
import { repeated, SAMPLES } from "./_documents.ts";

const MB = 1e6;

// Quadratic growth has 2. Base64 takes a quarter of a nanosecond a byte while its memory
// is at hand, and four when the system must give new memory: that alone makes 1.7.
const MOST_EXPONENT = 1.8;

/** What is decoded, and what is encoded again. */
function kindsOf(name: string): Kind[] {
  const documentOf = (bytes: number) => repeated(SAMPLES[name]!(), bytes);
  return [
    {
      name: `decode ${name}`,
      prepare: (bytes) => {
        const document = documentOf(bytes);
        return () => decodeResponse(document);
      },
    },
    {
      name: `encode ${name}`,
      prepare: (bytes) => {
        const value = decodeResponse(documentOf(bytes));
        return () => encodeResponse(value);
      },
    },
  ];
}

const { values } = parseArgs({
  args: Deno.args,
  options: {
    most: { type: "string", default: "100" },
    only: { type: "string", default: "" },
  },
});
const sizes: number[] = [];
for (let size = 1000; size <= Number(values.most) * MB; size *= 10) {
  sizes.push(size);
}

const kinds = Object.keys(SAMPLES).flatMap(kindsOf)
  .filter(({ name }) => name.includes(values.only));
const heads = sizes.map((size) => `${size / 1000} kB`.padStart(11)).join("");
console.log(`${"nanoseconds a byte".padEnd(42)}${heads}  power`);
let failed = 0;
for (const kind of kinds) {
  const { name, times, exponent, flaw } = await growthOf(
    kind,
    sizes,
    MOST_EXPONENT,
  );
  const cells = times.map((time, at) =>
    (time * 1e6 / sizes[at]!).toFixed(2).padStart(11)
  );
  if (flaw !== undefined) failed++;
  const end = flaw === undefined ? "" : `  FAILED: ${flaw}`;
  console.log(
    `${name.padEnd(42)}${cells.join("")}  ${exponent.toFixed(2)}${end}`,
  );
}
console.log(`${kinds.length} kinds, ${failed} grow too fast`);
if (failed > 0) Deno.exit(1);
