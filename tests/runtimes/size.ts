// How much of the library a browser would load: minified and gzipped, entry by entry.
//
//     deno task size [--write]
//
// Ends with code 1 if something is larger than its budget, or docs/performance.md has
// another table; with --write, it gets the table.
// deno-lint-ignore-file no-console

import { ESBUILD, install, run } from "./_install.ts";
import { replacePart, tableOf } from "./_table.ts";

/** What is bundled, and how many kilobytes of it are allowed, minified and gzipped. */
const ENTRIES: readonly (readonly [file: string, budget: number])[] = [
  ["client.ts", 34],
  ["server.ts", 36],
  ["codec.ts", 25],
  ["mod.ts", 43],
  ["threads.ts", 5],
  ["page/generated.ts", 16],
];

/** What an entry is called in the table. */
const TITLES: Readonly<Record<string, string>> = {
  "mod.ts": "all of it",
  "page/generated.ts": "the page of `docs: true`, when it is asked for",
};

const ROOT = new URL("../../", import.meta.url);

async function gzippedSize(text: string): Promise<number> {
  const stream = new Blob([text]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).bytes()).length;
}

/** The size of an entry with all it leads to, in bytes. */
async function sizesOf(
  file: string,
): Promise<{ readonly minified: number; readonly gzipped: number }> {
  const text = await run(await install(ESBUILD), [
    new URL(file, ROOT).pathname,
    // It is imported when a browser asks for it.
    "--external:../page/generated.ts",
    ...["--bundle", "--minify", "--format=esm", "--log-level=error"],
  ]);
  return {
    minified: new TextEncoder().encode(text).length,
    gzipped: await gzippedSize(text),
  };
}

/** Bytes in kilobytes, whole ones: else every change of the code would be one here. */
function kilobytes(bytes: number): string {
  return `${Math.ceil(bytes / 1000)} kB`;
}

async function main(write: boolean): Promise<boolean> {
  let isGood = true;
  const rows: string[][] = [];
  for (const [file, budget] of ENTRIES) {
    const { minified, gzipped } = await sizesOf(file);
    console.log(`${file}: ${minified} bytes minified, ${gzipped} gzipped`);
    if (gzipped > budget * 1000) {
      console.log(`${file} is over its budget of ${budget} kB`);
      isGood = false;
    }
    const entry = TITLES[file] ?? file.slice(0, -3);
    rows.push([entry, kilobytes(minified), kilobytes(gzipped)]);
  }
  const table = tableOf(["Entry", "Minified", "Gzipped"], rows);
  return await replacePart("size", table, write) && isGood;
}

if (import.meta.main && !await main(Deno.args.includes("--write"))) {
  Deno.exit(1);
}
