import { assertEquals, assertThrows } from "@std/assert";
import { buildSlots, computeSlot } from "./rule_slots.ts";
import { TYPES } from "./rule.ts";

const ELEMENTS = [
  ...["methodCall", "methodResponse", "methodName", "params", "param", "fault"],
  ...["value", "data", "member", "name"],
  ...TYPES,
];

function toRules(names: readonly string[]) {
  const encoder = new TextEncoder();
  return names.map((name) => ({ name, bytes: encoder.encode(name) }));
}

Deno.test("buildSlots() puts each rule into the slot of its name, and leaves the others empty", () => {
  const rules = toRules(TYPES);
  const slots = buildSlots(rules);
  for (const rule of rules) {
    const slot = computeSlot(rule.bytes, 0, rule.bytes.length);
    assertEquals(slots[slot], rule);
  }
  const filled = slots.filter((rule) => rule !== undefined);
  assertEquals(filled.length, rules.length);
});

Deno.test("buildSlots() throws where two names share a slot", () => {
  for (const name of ["uint", "u8", "uuid", "date", "map"]) {
    assertThrows(
      () => buildSlots(toRules([...ELEMENTS, name])),
      Error,
      `${name} and `,
    );
  }
  const error = assertThrows(
    () => buildSlots(toRules(["int", "int"])),
    Error,
  );
  const slot = computeSlot(new TextEncoder().encode("int"), 0, 3);
  assertEquals(
    error.message,
    `int and int share slot ${slot}: change the factors`,
  );
});
