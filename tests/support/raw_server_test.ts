import { assert, assertEquals } from "@std/assert";
import { answer, chunk, endlessly, RawServer } from "./raw_server.ts";

Deno.test("RawServer sends its pieces, and sees that its client hangs up", async () => {
  await using server = new RawServer(() => [
    answer({ "transfer-encoding": "chunked" }),
    chunk("one "),
    chunk("two"),
    chunk(""),
  ]);

  const response = await fetch(server.url, { method: "POST", body: "sent" });
  assertEquals(await response.text(), "one two");
  assert(server.requests[0]!.endsWith("\r\n\r\nsent"));

  const endless = new RawServer(() => endlessly(answer({})));
  await using _ = endless;
  const broken = await fetch(endless.url);
  await broken.body?.cancel();
  await endless.hungUp;
});
