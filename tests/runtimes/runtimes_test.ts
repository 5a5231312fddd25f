// What of the runs in other runtimes can be tested without these.

import { assert, assertEquals } from "@std/assert";
import { corpusModule } from "./_corpus.ts";
import { tableOf } from "./_table.ts";

Deno.test("the adapter for Node has at most 20 lines", async () => {
  const path = new URL("../../examples/node_server.ts", import.meta.url);
  const lines = (await Deno.readTextFile(path)).split("\n")
    .filter((line) => !/^\s*(\/\/|\/\*\*|$)/.test(line));
  assert(lines.length <= 20, `${lines.length} lines`);
});

Deno.test("corpusModule() has every case, and functions for those with code", async () => {
  const url = `data:text/javascript,${
    encodeURIComponent(await corpusModule())
  }`;
  const { default: { topics, written } } = await import(url);
  const cases = Object.values(topics).flat() as { op?: string; js?: unknown }[];
  assertEquals(cases.length, 1014);
  assert(cases.some(({ js }) => typeof js === "function"));
  assert(!cases.some(({ js }) => typeof js === "string"));
  const encoding = cases.filter(({ op }) => op !== undefined);
  assertEquals(Object.keys(written).length, encoding.length);
});

Deno.test("tableOf() aligns its columns", () => {
  assertEquals(
    tableOf(["a", "name"], [["1", "x"], ["1000", ""]]),
    "| a    | name |\n| ---- | ---- |\n| 1    | x    |\n| 1000 |      |",
  );
});
