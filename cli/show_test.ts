import { assert, assertEquals } from "@std/assert";
import { toJson } from "./show.ts";

Deno.test("toJson() indents, but not so that a deep value becomes much longer", () => {
  assertEquals(toJson([1]), "[\n  1\n]");
  let value: unknown[] = new Array(200_000).fill(1);
  for (let depth = 0; depth < 250; depth++) value = [value];
  const text = toJson(value);
  assert(text.length < 500_000, String(text.length));
  assertEquals(JSON.parse(text), value);
});
