// SECURITY.md and the guards that are known to have tests say the same.

import { assertEquals, assertNotEquals } from "@std/assert";
import { GUARDS } from "./_guards.ts";

const ROOT = new URL("../../", import.meta.url);

function readText(path: string): Promise<string> {
  return Deno.readTextFile(new URL(path, ROOT));
}

/** The tests that the rows of SECURITY.md name, as `file: name`. */
async function testsOfTable(): Promise<string[]> {
  const text = await readText("SECURITY.md");
  return [...text.matchAll(/\| `([\w/]+_test\.ts)`: `(.+)` *\|$/gm)]
    .map(([, file, name]) => `${file}: ${name}`).sort();
}

Deno.test("each row of SECURITY.md names a test", async () => {
  const rows = (await readText("SECURITY.md")).match(/^\| .*\|$/gm) ?? [];
  const threats = rows.filter((row) => !/^\| (?:Threat |-)/.test(row));
  assertNotEquals(threats, []);
  assertEquals((await testsOfTable()).length, threats.length);
});

Deno.test("each test of SECURITY.md has a guard that it misses, and no other has", async () => {
  const guarded = new Set(
    GUARDS.map(({ testFile, test }) => `${testFile}: ${test}`),
  );
  assertEquals([...guarded].sort(), await testsOfTable());
});

Deno.test("each guard stands once in its file", async () => {
  for (const { file, guard } of GUARDS) {
    const count = (await readText(file)).split(guard).length - 1;
    assertEquals([file, guard, count], [file, guard, 1]);
  }
});
