import { assert, assertEquals } from "@std/assert";
import {
  echo,
  outcomeOf,
  request,
  serverOf,
} from "../tests/support/server_calls.ts";

/** A text whose echo is a document of that length. */
async function textOfLength(documentBytes: number): Promise<string> {
  const empty = await serverOf({ echo })(request("echo", [""]));
  return "x".repeat(documentBytes - (await empty.arrayBuffer()).byteLength);
}

Deno.test("fetch() answers with the exact headers of XML-RPC", async () => {
  const long = "x".repeat(3900);
  const texts = [
    "",
    "e",
    "\x7f",
    "\x80",
    "é",
    "\ufffd",
    "🐎",
    long,
    `é${long}`,
  ];
  const calls = texts.map((text) => ["echo", [text]] as const);
  for (const [name, params] of [...calls, ["none", []] as const]) {
    const response = await serverOf({ echo })(request(name, params));
    const bytes = await response.arrayBuffer();

    assertEquals([...response.headers], [
      ["content-length", String(bytes.byteLength)],
      ["content-type", "text/xml; charset=utf-8"],
    ]);
  }
});

Deno.test("fetch() declares XML and UTF-8 in the document", async () => {
  const response = await serverOf({ echo })(request("echo", ["é"]));

  assertEquals(
    await response.text(),
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
      "<methodResponse><params><param><value><string>é</string></value></param></params></methodResponse>",
  );
});

Deno.test("fetch() compresses from 4 KiB on, and not before", async () => {
  const fetch = serverOf({ echo });
  const headers = { "accept-encoding": "gzip" };
  const text = await textOfLength(4096);

  const short = await fetch(request("echo", [text], headers));
  const long = await fetch(request("echo", [`${text}x`], headers));

  assertEquals(short.headers.get("content-encoding"), null);
  assertEquals(short.headers.get("vary"), null);
  assertEquals(short.headers.get("content-length"), "4096");
  assertEquals((await short.arrayBuffer()).byteLength, 4096);
  assertEquals(long.headers.get("content-encoding"), "gzip");
  assertEquals(long.headers.get("vary"), "accept-encoding");
  const bytes = await long.arrayBuffer();
  assertEquals(long.headers.get("content-length"), String(bytes.byteLength));
  assert(bytes.byteLength < 1000);
  const inflated = new Blob([bytes]).stream().pipeThrough(
    new DecompressionStream("gzip"),
  );
  assertEquals(await outcomeOf(new Response(inflated)), { value: `${text}x` });
});

const ACCEPTED: readonly (readonly [header: string, isGzip: boolean])[] = [
  ["gzip", true],
  ["GZIP", true],
  ["x-gzip", true],
  ["gzip, deflate, br", true],
  ["br;q=1.0, gzip;q=0.5", true],
  ["gzip;q=0.001", true],
  ["gzip; q=1", true],
  ["*", true],
  ["*;q=0.1", true],
  ["deflate, *", true],
  ["gzip;q=0", false],
  ["gzip;q=0.0", false],
  ["gzip; Q=0", false],
  ["gzip;q=0, *", false],
  ["*;q=0", false],
  ["identity", false],
  ["deflate, br", false],
  ["identity;q=1, *;q=0", false],
  ["gzipped", false],
  ["gzip;q=no", false],
  ["", false],
];

for (const [header, isGzip] of ACCEPTED) {
  Deno.test(`fetch() ${isGzip ? "compresses" : "does not compress"} for Accept-Encoding "${header}"`, async () => {
    const response = await serverOf({ echo })(
      request("echo", ["x".repeat(9000)], { "accept-encoding": header }),
    );
    const bytes = await response.arrayBuffer();

    assertEquals(
      response.headers.get("content-encoding"),
      isGzip ? "gzip" : null,
    );
    assertEquals(bytes.byteLength < 4096, isGzip);
    assertEquals(response.headers.get("vary"), "accept-encoding");
    assertEquals(
      response.headers.get("content-length"),
      String(bytes.byteLength),
    );
  });
}

Deno.test("fetch() does not compress for a client that does not ask for it", async () => {
  const response = await serverOf({ echo })(
    request("echo", ["x".repeat(9000)]),
  );

  assertEquals(response.headers.get("content-encoding"), null);
  assertEquals(response.headers.get("vary"), "accept-encoding");
  assertEquals(await outcomeOf(response), { value: "x".repeat(9000) });
});

Deno.test("createServer() with gzip: false compresses nothing", async () => {
  const fetch = serverOf({ echo }, { gzip: false });

  const response = await fetch(
    request("echo", ["x".repeat(9000)], { "accept-encoding": "gzip" }),
  );

  assertEquals(response.headers.get("content-encoding"), null);
  assertEquals(response.headers.get("vary"), null);
  assertEquals(await outcomeOf(response), { value: "x".repeat(9000) });
});
