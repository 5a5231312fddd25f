// Streams of a hostile server: they end within their limits, with an error that says why.

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { createClient } from "../../client.ts";
import { encodeResponse } from "../../codec.ts";
import { XmlRpcSyntaxError } from "../../core/errors.ts";
import { answer, chunk, endlessly, RawServer } from "../support/raw_server.ts";
import {
  BUFFERS,
  CHUNKED,
  clientOf,
  fault,
  IMPATIENT,
  member,
  MIB,
  OPEN,
  PATIENT,
  XML,
  xml,
} from "./_hostile_server.ts";

/** A base64 response without end. */
function* endlessBase64(): Generator<string | Uint8Array, void, void> {
  yield answer({}, `${OPEN}<base64>`);
  yield* endlessly("QUJD".repeat(16_384));
}

Deno.test("a stream without end is over its limit maxStreamBytes, and hangs up", async () => {
  await using server = new RawServer(endlessBase64);
  const client = createClient(server.url, { maxStreamBytes: MIB });

  const stream = await client.stream("m");
  let size = 0;
  await assertRejects(
    async () => {
      for await (const bytes of stream) size += bytes.length;
    },
    XmlRpcSyntaxError,
    "the limit maxStreamBytes is 1048576",
  );

  assert(size <= MIB, `${size} bytes`);
  await server.hungUp;
});

Deno.test("a stream without end is read no faster than it is used", async () => {
  await using server = new RawServer(endlessBase64);

  const stream = await createClient(server.url).stream("m");
  const reader = stream.getReader();
  await reader.read();
  await new Promise((resolve) => setTimeout(resolve, 300));

  assert(server.sentBytes < BUFFERS, `${server.sentBytes} bytes were sent`);
  await reader.cancel();
  await server.hungUp;
});

Deno.test("a stream that lies about its length ends with its bytes, and tells their number", async () => {
  const bytes = new Uint8Array(9000).fill(65);
  const document = encodeResponse(bytes);
  for (const length of ["10", "99999999999999999999", "-1", "many"]) {
    const told: (number | undefined)[] = [];
    const client = createClient("http://localhost/", {
      fetch: () =>
        Promise.resolve(
          new Response(document, {
            headers: { ...XML, "content-length": length },
          }),
        ),
      onProgress: ({ bytesTotal }) => told.push(bytesTotal),
    });

    const stream = await client.stream("m");

    assertEquals((await new Response(stream).bytes()).length, 9000);
    assertEquals(told.at(-1), 9000);
    assert(!told.some(Number.isNaN), `${told} for ${length}`);
  }
});

for (
  const [what, body, name, text] of [
    ["no base64", `<string>x</string>`, "TypeError", "did not return base64"],
    ["a fault", undefined, "XmlRpcFault", "no"],
    ["junk in it", "<base64>QUJD****</base64>", "XmlRpcSyntaxError", "base64"],
    [
      "junk behind it",
      "<base64>QUJD</base64><junk/>",
      "XmlRpcSyntaxError",
      "Unknown element <junk>",
    ],
  ] as const
) {
  Deno.test(`a stream with ${what} is an error, and never a short file`, async () => {
    const document = body === undefined
      ? fault(member("faultCode", "<int>1</int>") + member("faultString", "no"))
      : `${OPEN}${body}</value></param></params></methodResponse>`;
    const client = clientOf(() => xml(document));

    const error = await assertRejects(
      async () => await new Response(await client.stream("m")).bytes(),
      Error,
    );

    assertEquals(error.name, name);
    assertStringIncludes(error.message, text);
  });
}

Deno.test("a stream that stalls is given up after its timeout", async () => {
  await using server = new RawServer(() => [
    answer(CHUNKED),
    chunk(`${OPEN}<base64>QUJD`),
  ]);
  const client = createClient(server.url, IMPATIENT);

  const stream = await client.stream("m");
  const error = await assertRejects(
    () => new Response(stream).bytes(),
    DOMException,
    "(option timeout)",
  );

  assertEquals(error.name, "TimeoutError");
  await server.hungUp;
});

Deno.test("items without end come one by one, and no faster than they are used", async () => {
  await using server = new RawServer(function* () {
    yield answer({}, `${OPEN}<array><data>`);
    yield* endlessly("<value><int>1</int></value>".repeat(1000));
  });

  let count = 0;
  for await (const item of createClient(server.url).items("m")) {
    assertEquals(item, 1);
    if (++count === 10_000) break;
  }

  assert(server.sentBytes < BUFFERS, `${server.sentBytes} bytes were sent`);
  await server.hungUp;
});

Deno.test("items without end are over their limit maxStreamBytes, and hang up", async () => {
  await using server = new RawServer(function* () {
    yield answer({}, `${OPEN}<array><data>`);
    yield* endlessly("<value><int>1</int></value>".repeat(1000));
  });
  const client = createClient(server.url, { maxStreamBytes: MIB });

  let count = 0;
  await assertRejects(
    async () => {
      for await (const _ of client.items("m")) count++;
    },
    XmlRpcSyntaxError,
    "the limit maxStreamBytes is 1048576",
  );

  assert(count > 0 && count < MIB / 20, `${count} items`);
  await server.hungUp;
});

Deno.test("one item without end is over the limit maxResponseBytes", async () => {
  await using server = new RawServer(function* () {
    yield answer({}, `${OPEN}<array><data><value>`);
    yield* endlessly("x".repeat(65_536));
  });
  const client = createClient(server.url, {
    ...PATIENT,
    maxStreamBytes: 16 * MIB,
  });

  const error = await assertRejects(
    () => client.items("m").next(),
    Error,
  );

  assertStringIncludes(error.message, "the limit max");
  assert(server.sentBytes < 2 * BUFFERS, `${server.sentBytes} bytes`);
  await server.hungUp;
});
