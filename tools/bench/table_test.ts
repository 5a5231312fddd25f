import { assertEquals } from "@std/assert";
import { rowsOf, toTables } from "./table.ts";

Deno.test("rowsOf() takes findings apart, and shows large ratios as whole numbers", () => {
  const ratios = { "a call against fetch": 0.125, "a batch against one": 12.4 };
  const details = {
    "a call against fetch": "ours 8 µs; fetch 1 µs",
    "a batch against one": "ours 1 ms; one 12 ms",
  };
  assertEquals(rowsOf({ ratios, details }), [
    ["a call", "8 µs", "fetch 1 µs", "0.13"],
    ["a batch", "1 ms", "one 12 ms", "12"],
  ]);
});

Deno.test("toTables() keeps other implementations and yardsticks apart", () => {
  const rows = [
    ["decode", "1 ms", "JSON.parse 1 ms", "1.00"],
    ["decode", "1 ms", "npm's xmlrpc 9 ms", "9.00"],
  ];
  assertEquals(
    toTables(rows),
    `Beside other XML-RPC implementations:

| What   | Ours | Other             | Times as good |
| ------ | ---- | ----------------- | ------------- |
| decode | 1 ms | npm's xmlrpc 9 ms | 9.00          |

Beside yardsticks:

| What   | Ours | Yardstick       | Times as good |
| ------ | ---- | --------------- | ------------- |
| decode | 1 ms | JSON.parse 1 ms | 1.00          |`,
  );
});
