// Hostile input of every kind takes time in proportion to its size. Smaller sizes than
// those of linear.ts, and for what seems wrong, another look.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { flawOf, growthOf, type Kind, sizesBetween } from "./_growth.ts";
import { KINDS } from "./_kinds.ts";

const KIB = 1024;
const SIZES = [16 * KIB, 128 * KIB, 1024 * KIB];

/** Without its guard it takes so long that smaller sizes show it. */
const LONG_TAG = "a tag with any number of attributes; in pieces of 7";

/** What was quadratic once, or takes other ways than the rest. */
const NAMES = [
  LONG_TAG,
  "attributes, 400 in each tag; in pieces of 7",
  "a tag with white space of any length",
  "text among unknown elements",
  "carriage returns",
  "base64 among references; in pieces of 65536",
  "members with near and far indexes in turn",
  "members with near and far indexes in turn; in pieces of 7",
  "hostile indexes in a multicall; to a server",
  "hostile indexes to be converted; to a server",
  "names of 16 KiB to be described; to a server",
  "calls with names of 16 KiB in a multicall; to a server",
  "a fault with hostile indexes; to a client",
  "a fault with words; to a client",
  "a bigint out of range; encoded",
  "a string of escapes; encoded",
];

for (const name of NAMES) {
  Deno.test(`the time of hostile input grows with its size: ${name}`, async () => {
    const kind = KINDS.find((kind) => kind.name === name);
    assert(kind !== undefined, `No kind ${name}`);
    // Busy machines and small sizes need more room; what is quadratic has 2.
    const sizes = name === LONG_TAG ? SIZES.map((size) => size / 4) : SIZES;
    const { flaw } = await growthOf(kind, sizes, 1.6);
    assertEquals(flaw, undefined);
  });
}

/** The shortest of three times that a kind of input takes, in milliseconds. */
async function timeOf(name: string, bytes: number): Promise<number> {
  const kind = KINDS.find((kind) => kind.name === name);
  assert(kind !== undefined, `No kind ${name}`);
  const times: number[] = [];
  for (let round = 0; round < 3; round++) {
    const run = await kind.prepare(bytes);
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
  return Math.min(...times);
}

Deno.test("members with hostile indexes take no longer than others", async () => {
  const bytes = 8192 * KIB;
  const others = await timeOf("members", bytes);
  const hostile = await timeOf(
    "members with near and far indexes in turn",
    bytes,
  );
  assert(hostile < 3 * others, `${hostile} ms, others ${others} ms`);
});

Deno.test("flawOf() sees quadratic growth, and a step that takes too long", () => {
  const sizes = sizesBetween(64 * KIB, 1024 * KIB);
  assertEquals(flawOf(sizes, [50, 200, 800]), undefined);
  assertStringIncludes(flawOf(sizes, [5, 80, 1280])!, "the power 2.00");
  assertStringIncludes(flawOf(sizes, [500, 2000, 8000])!, "ns a byte");
});

/** Takes as long as a power of its size, whatever else the machine does. */
function waiting(power: number): Kind["prepare"] {
  return (bytes) => () =>
    new Promise((resolve) =>
      setTimeout(resolve, 6 * (bytes / 64 / KIB) ** power)
    );
}

Deno.test("growthOf() lets a kind grow as the platform does, but not quadratically", async () => {
  const sizes = [64 * KIB, 128 * KIB, 256 * KIB];
  async function flawWith(power: number, reference: number): Promise<boolean> {
    const { flaw } = await growthOf({
      name: "waiting",
      prepare: waiting(power),
      reference: waiting(reference),
    }, sizes);
    return flaw !== undefined;
  }
  assertEquals(await flawWith(1.5, 1), true);
  assertEquals(await flawWith(1.5, 1.5), false);
  assertEquals(await flawWith(2, 2), true);
});
