import { assertEquals, assertRejects } from "@std/assert";
import { assertSameBytes, bytesOf, readAll, Source, within } from "./ends.ts";

Deno.test("within() rejects what takes too long", async () => {
  assertEquals(await within(Promise.resolve(1), 1_000), 1);
  await assertRejects(
    () => within(new Promise(() => {}), 1),
    Error,
    "Not settled within 1 ms",
  );
});

Deno.test("Source gives its bytes, and reports its end", async () => {
  const places: number[] = [];
  const source: Source = new Source(
    bytesOf(10),
    4,
    4,
    () => void places.push(source.given),
  );
  assertSameBytes(await readAll(source.stream), bytesOf(10));
  assertEquals([source.given, places, await source.ended], [10, [4], "closed"]);
});
