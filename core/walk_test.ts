import { assertEquals, assertStrictEquals } from "@std/assert";
import { Walk } from "./walk.ts";

Deno.test("Walk gives an array and a struct back as they are if nothing changes", () => {
  const walk = new Walk("value");
  const items = [NaN, { a: 1 }];
  assertStrictEquals(walk.mapItems(items, (item) => item), items);
  const struct = { a: NaN };
  const same = walk.mapMembers(struct, ["a", "b"], (member) => member);
  assertStrictEquals(same, struct);
  assertEquals(Object.keys(same), ["a"]);
});

Deno.test("Walk copies an array and a struct if something in them changes", () => {
  const walk = new Walk("value");
  const items = [1, 2, 3];
  const mapped = walk.mapItems(items, (item) => item === 2 ? "two" : item);
  assertEquals([items, mapped], [[1, 2, 3], [1, "two", 3]]);

  const struct = JSON.parse('{"a": 1, "__proto__": 2, "other": 3}');
  const names = ["a", "__proto__", "missing"];
  const changed = walk.mapMembers(struct, names, String);
  assertEquals(
    Object.entries(changed),
    [["a", "1"], ["__proto__", "2"], ["other", 3], ["missing", "undefined"]],
  );
  assertEquals(Object.values(struct), [1, 2, 3]);
});

Deno.test("Walk knows the place of each value, however deep, and after it", () => {
  const walk = new Walk("params[0]");
  const places: string[] = [];
  function visit(value: unknown): unknown {
    places.push(walk.toPlace());
    if (Array.isArray(value)) return walk.mapItems(value, visit);
    if (typeof value !== "object") return value;
    const struct = value as Record<string, unknown>;
    return walk.mapMembers(struct, Object.keys(struct), visit);
  }
  visit([{ a: [1], "b c": 2 }, 3]);
  assertEquals(places, [
    "params[0]",
    "params[0][0]",
    "params[0][0].a",
    "params[0][0].a[0]",
    'params[0][0]["b c"]',
    "params[0][1]",
  ]);
  assertEquals(walk.toPlace(), "params[0]");
});
