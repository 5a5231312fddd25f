// Connections that are cut in the middle of a document.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { createClient } from "../client.ts";
import { encodeCall, encodeResponse } from "../codec.ts";
import { createServer, method } from "../server.ts";
import {
  bytesOf,
  listen,
  readAll,
  testOnSocket,
  within,
} from "./support/ends.ts";
import {
  type Client,
  download,
  GONE,
  list,
  outcomeOf,
  PHOTO,
  PLACES,
  SOON,
  textOf,
} from "./support/failures.ts";

const encoder = new TextEncoder();

/** A few bytes, so that every place of their documents can be tried. */
const SHORT = bytesOf(40);

/** The ways to say how long a body is, and what stands around it then. */
const FRAMES: Readonly<Record<string, (body: string) => string>> = {
  "Content-Length": (body) => `content-length: ${body.length}\r\n\r\n${body}`,
  "chunks": (body) =>
    "transfer-encoding: chunked\r\n\r\n" +
    `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
};

for (const [name, frame] of Object.entries(FRAMES)) {
  Deno.test(`a request with ${name} that is cut anywhere is not a call`, async () => {
    const outcomes: string[] = [];
    const errors: unknown[] = [];
    let begun = Promise.withResolvers<void>();
    const server = createServer({
      put: method(
        { params: ["base64"], returns: "int", stream: true },
        async (file) => {
          begun.resolve();
          const outcome = await outcomeOf(() => readAll(file));
          outcomes.push(outcome);
          return outcome.length;
        },
      ),
      ping: () => "pong",
    }, { onError: (error) => errors.push(error) });
    const listener = listen(server.fetch);
    const { port } = listener.addr;
    const request = encoder.encode(
      "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/xml\r\n" +
        frame(textOf(encodeCall("put", [SHORT]))),
    );
    const start = textOf(request).indexOf("<base64>") + "<base64>".length;
    for (let length = 0; length < request.length; length++) {
      using connection = await Deno.connect({ hostname: "127.0.0.1", port });
      begun = Promise.withResolvers();
      await connection.write(request.subarray(0, length));
      if (length >= start) await within(begun.promise, 5 * SOON);
    }
    const client = createClient(`http://127.0.0.1:${port}/`);
    assertEquals(await within(client.call("ping"), SOON), "pong");
    await within(listener.shutdown(), 5 * SOON);
    assertEquals(outcomes, Array(request.length - start).fill(GONE));
    assertEquals(errors, []);
  });
}

/** The ways to read an answer. */
const READINGS: Readonly<Record<string, (client: Client) => unknown>> = {
  "call()": (client) => client.call("get"),
  "stream()": download,
  "items()": list,
};

/** Answers every request with the bytes, and ends the connection. */
async function answerWith(
  listener: Deno.TcpListener,
  bytesFor: () => Uint8Array,
): Promise<void> {
  for await (const connection of listener) {
    await readRequest(connection);
    await connection.write(bytesFor());
    connection.close();
  }
}

async function readRequest(connection: Deno.Conn): Promise<void> {
  const chunk = new Uint8Array(65_536);
  for (let text = ""; !text.endsWith("</methodCall>");) {
    const length = await connection.read(chunk);
    if (length === null) return;
    text = (text + new TextDecoder().decode(chunk.subarray(0, length)))
      .trimEnd();
  }
}

for (
  const [name, frame] of Object.entries({
    ...FRAMES,
    "no length": (body: string) => `\r\n${body}`,
  })
) {
  for (const [reading, read] of Object.entries(READINGS)) {
    Deno.test(`a response with ${name} that is cut anywhere is an error of ${reading}`, async () => {
      const value = reading === "items()" ? [1, [2], "three"] : SHORT;
      const response = encoder.encode(
        "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\nconnection: close\r\n" +
          frame(textOf(encodeResponse(value)).trimEnd()),
      );
      let length = 0;
      const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const answering = answerWith(
        listener,
        () => response.subarray(0, length),
      );
      const client = createClient(`http://127.0.0.1:${listener.addr.port}/`);
      for (; length < response.length; length++) {
        await within(
          assertRejects(async () => await read(client)),
          5 * SOON,
        );
      }
      const whole = await outcomeOf(() => read(client));
      assertEquals(whole, reading === "items()" ? "3" : "40 bytes");
      listener.close();
      await answering;
    });
  }
}

testOnSocket(
  "a Content-Length that is too short cuts a request",
  async (connect) => {
    const outcome = Promise.withResolvers<string>();
    const { url } = connect({
      put: method(
        { params: ["base64"], returns: "int", stream: true },
        async (file) => {
          outcome.resolve(outcomeOf(() => readAll(file)));
          await outcome.promise;
          return 1;
        },
      ),
    });
    const { hostname, port } = new URL(url);
    using connection = await Deno.connect({ hostname, port: Number(port) });
    const document = encodeCall("put", [SHORT]);
    await connection.write(encoder.encode(
      "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/xml\r\n" +
        `content-length: ${document.length - 30}\r\n\r\n`,
    ));
    await connection.write(document);
    assertEquals(
      await within(outcome.promise, SOON),
      "XmlRpcSyntaxError: The document ends inside <param> at params[0]",
    );
    const answer = new Uint8Array(10_000);
    const length = await connection.read(answer);
    assertStringIncludes(
      textOf(answer.subarray(0, length!)),
      "<int>-32700</int>",
    );
  },
);

Deno.test("a compressed request that is cut is not a call", async () => {
  const outcomes: string[] = [];
  const server = createServer({
    put: method(
      { params: ["base64"], returns: "int", stream: true },
      async (file) => {
        outcomes.push(await outcomeOf(() => readAll(file)));
        return 1;
      },
    ),
  });
  const zipped = new Blob([encodeCall("put", [PHOTO])]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  const whole = await new Response(zipped).bytes();
  for (const percent of PLACES) {
    const response = await server.fetch(
      new Request("http://localhost/", {
        method: "POST",
        headers: { "content-type": "text/xml", "content-encoding": "gzip" },
        body: whole.subarray(0, whole.length / 100 * percent),
      }),
    );
    assertEquals(response.status, 400);
    assertEquals(
      await response.text(),
      "The body is incomplete or not valid gzip data\n",
    );
  }
  const gone = "Error: The body is incomplete or not valid gzip data";
  assertEquals(outcomes, [gone, gone]);
});
