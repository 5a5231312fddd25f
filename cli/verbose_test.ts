import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Terminal } from "./terminal.ts";
import { createVerboseFetch } from "./verbose.ts";

/** Sends a request with --verbose; gives what is shown and what has arrived. */
async function send(
  init: RequestInit,
  statusText = "OK",
): Promise<{ shown: string; received: string }> {
  const shown: string[] = [];
  const terminal = {
    tell: (line: string) => void shown.push(line),
    hasColors: false,
  } as unknown as Terminal;
  let received = "";
  await using http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      received = await request.text();
      return new Response("fine", { statusText });
    },
  );
  const request = new Request(`http://127.0.0.1:${http.addr.port}/`, {
    method: "POST",
    ...init,
  });
  const response = await createVerboseFetch(terminal)(request);
  assertEquals(await response.text(), "fine");
  return { shown: shown.join("\n"), received };
}

const LONG = `${"a".repeat(100_000)}end`;

Deno.test("--verbose shows a short request of unknown length", async () => {
  const { shown, received } = await send({ body: "<methodCall/>" });
  assertStringIncludes(shown, "> <methodCall/>");
  assertEquals(received, "<methodCall/>");
});

Deno.test("--verbose shows only the start of a long request of unknown length, and sends all of it", async () => {
  for (const body of [LONG, new Blob([LONG]).stream()]) {
    const { shown, received } = await send({ body });
    assertStringIncludes(shown, "> aaaa");
    assert(shown.length < 6000, String(shown.length));
    assertEquals(received, LONG);
  }
});

Deno.test("--verbose does not read a stream with a large length ahead", async () => {
  const { shown, received } = await send({
    body: new Blob([LONG]).stream(),
    headers: { "content-length": String(LONG.length) },
  });
  assert(!shown.includes("aaaa"), shown);
  assertEquals(received, LONG);
});
