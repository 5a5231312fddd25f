// deno-lint-ignore-file no-console

import { assertEquals } from "@std/assert";
import { Random, requestsOf } from "./_requests.ts";
import { fuzzHttp, linesOf } from "./http_fuzz.ts";

/** So many requests as take some seconds. */
const COUNT = 3_000;

Deno.test("a server answers whatever comes over TCP as it must", async () => {
  const seed = String(Math.trunc(Math.random() * 1e9));
  console.log(`seed ${seed}, ${COUNT} requests`);
  const report = await fuzzHttp(seed, COUNT);
  assertEquals(report.flaws, [], [...linesOf(report)].join("\n"));
});

Deno.test("requestsOf() makes the same requests of the same seed", () => {
  const [first, second, other] = ["1", "1", "2"].map((seed) =>
    requestsOf(new Random(seed))
  );
  assertEquals(first, second);
  assertEquals(JSON.stringify(first) === JSON.stringify(other), false);
});
