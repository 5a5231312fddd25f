// Values and documents made up by chance: a new seed each time.

import { assert, assertEquals } from "@std/assert";
import { fuzz } from "./fuzz.ts";
import { Mutants } from "./_mutants.ts";
import { Random } from "../support/random.ts";

const seed = Number(
  Deno.env.get("XMLRPC_SEED") ?? Math.trunc(Math.random() * 2 ** 32),
);
const COUNT = 10_000;

Deno.test(`random values and documents are read, written or refused (XMLRPC_SEED=${seed})`, async () => {
  const found = await fuzz(seed, COUNT);
  assert(
    found.length === 0,
    `deno task fuzz:values --seed ${seed} --count ${COUNT} finds ${
      Deno.inspect(found[0])
    }`,
  );
});

Deno.test("Mutants keeps a document that leads to something new, and once only", () => {
  const mutants = new Mutants([Uint8Array.of(1, 2, 3)], new Random(1));
  mutants.note(Uint8Array.of(4), "new");
  mutants.note(Uint8Array.of(5), "new");
  assertEquals(mutants.size, 2);
});
