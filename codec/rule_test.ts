import { assertEquals, assertThrows } from "@std/assert";
import { assignBits, rule } from "./rule.ts";

Deno.test("assignBits() gives each name a bit of its own, up to as many as a number has", () => {
  const names = Array.from({ length: 32 }, (_, index) => `element${index}`);
  const bits = [...assignBits(names).values()];
  assertEquals(bits.reduce((all, bit) => all | bit), -1);
  assertEquals(new Set(bits).size, 32);
  assertThrows(
    () => assignBits([...names, "one_more"]),
    Error,
    "33 elements do not fit into 32 bits",
  );
});

Deno.test("rule() takes no element without a bit, neither as itself nor as a child", () => {
  const message = "No bit is assigned to <uuid>";
  assertThrows(() => rule("uuid", {}), Error, message);
  assertThrows(() => rule("value", { children: ["uuid"] }), Error, message);
});
