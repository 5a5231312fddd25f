import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { encodeResponse } from "../codec.ts";
import {
  XmlRpcFault,
  XmlRpcHttpError,
  XmlRpcSyntaxError,
} from "../core/errors.ts";
import {
  ADDRESS,
  clientWith,
  FAULT,
  responseOf,
  TrackedBody,
  VALUE,
  WARNING,
  XML,
  xml,
} from "../tests/support/client_calls.ts";

for (const status of [400, 404, 500, 503]) {
  Deno.test(`call() reads a fault in an answer with status ${status}`, async () => {
    const { client } = clientWith(() =>
      new Response(FAULT, { status, headers: XML })
    );

    const error = await assertRejects(() => client.call("m"), XmlRpcFault);

    assertEquals(error.message, "Too many parameters.");
  });
}

for (
  const type of ["text/html", "text/plain", "application/octet-stream", ""]
) {
  Deno.test(`call() reads XML-RPC that is called "${type}"`, async () => {
    const { client } = clientWith(() =>
      responseOf({ what: "", status: 200, body: VALUE, type, message: "" })
    );

    assertEquals(await client.call("m"), "value");
  });
}

Deno.test("call() reads XML-RPC without a Content-Type", async () => {
  const { client } = clientWith(() =>
    responseOf({ what: "", status: 200, body: VALUE, message: "" })
  );

  assertEquals(await client.call("m"), "value");
});

for (
  const [what, body] of [
    ["half a response", "<methodResponse><params>"],
    ["a PHP warning before the XML", WARNING],
    ["a call", "<methodCall><methodName>m</methodName></methodCall>"],
    ["nothing", ""],
  ] as const
) {
  Deno.test(`call() answered with ${what} as text/xml gives an XmlRpcSyntaxError`, async () => {
    const { client } = clientWith(() => new Response(body, { headers: XML }));

    const error = await assertRejects(
      () => client.call("m"),
      XmlRpcSyntaxError,
    );

    assertMatch(error.message, /\(line \d+, column \d+\)$/);
  });
}

Deno.test("call() refuses an answer longer than maxResponseBytes, and cancels it", async () => {
  const chunks = [VALUE, " ".repeat(100), " ".repeat(100)];
  const body = new TrackedBody(chunks, true);
  const limit = VALUE.length + 100;
  const { client } = clientWith(
    () => new Response(body.stream, { headers: XML }),
    { maxResponseBytes: limit },
  );

  const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

  assertEquals(
    error.message,
    `${ADDRESS} answered with more than ${limit} bytes: the limit maxResponseBytes`,
  );
  assert(body.isFinished);
});

Deno.test("call() accepts a response of exactly maxResponseBytes", async () => {
  const maxResponseBytes = VALUE.length;
  const { client } = clientWith(() => xml("value"), { maxResponseBytes });

  assertEquals(await client.call("m"), "value");
});

Deno.test("call() answered over a limit gives an XmlRpcSyntaxError that names it", async () => {
  for (const type of ["text/xml", "text/html"]) {
    const { client } = clientWith(
      () => xml([[[1]]], { headers: { "content-type": type } }),
      { maxDepth: 2 },
    );

    const error = await assertRejects(
      () => client.call("m"),
      XmlRpcSyntaxError,
      "maxDepth",
    );
    assertEquals(error.kind, "limit");
  }
});

Deno.test("call() reads the charset in the Content-Type", async () => {
  const text =
    "<methodResponse><params><param><value>\xe9</value></param></params></methodResponse>";
  const { client } = clientWith(() =>
    new Response(Uint8Array.from(text, (char) => char.charCodeAt(0)), {
      headers: { "content-type": "text/xml; charset=iso-8859-1" },
    })
  );

  assertEquals(await client.call("m"), "é");
});

/** A response that announces 50 chunks of 1 KiB, and how many bytes were read of it. */
function announce(
  init: ResponseInit = {},
): { readonly response: Response; readonly count: () => number } {
  const kibibyte = new TextEncoder().encode(" ".repeat(1024));
  let left = 50;
  const body = new ReadableStream({
    pull(controller): void {
      left--;
      controller.enqueue(kibibyte);
      if (left === 0) controller.close();
    },
  }, { highWaterMark: 0 });
  const headers = { ...XML, "content-length": "51200" };
  const response = new Response(body, { ...init, headers });
  return { response, count: () => (50 - left) * 1024 };
}

Deno.test("call() reads nothing of a response whose Content-Length is over maxResponseBytes", async () => {
  for (const maxResponseBytes of [51_199, 10_000, 0]) {
    const { response, count } = announce();
    const { client } = clientWith(() => response, { maxResponseBytes });

    await assertRejects(
      () => client.call("m"),
      XmlRpcHttpError,
      `more than ${maxResponseBytes} bytes: the limit maxResponseBytes`,
    );

    assertEquals(count(), 0);
  }
});

Deno.test("call() reads a response whose Content-Length is maxResponseBytes", async () => {
  const { response, count } = announce();
  const { client } = clientWith(() => response, { maxResponseBytes: 51_200 });

  await assertRejects(() => client.call("m"), XmlRpcSyntaxError);

  assertEquals(count(), 51_200);
});

Deno.test("call() shows the start of a long page that is not a success", async () => {
  const { response } = announce({ status: 500 });
  const { client } = clientWith(() => response, { maxResponseBytes: 2000 });

  const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

  assertEquals(error.body.length > 0, true);
});

Deno.test("stream() does not count the bytes of its value in the Content-Length", async () => {
  const bytes = new Uint8Array(9000);
  const { client } = clientWith(() => {
    const document = encodeResponse(bytes);
    const headers = { ...XML, "content-length": String(document.length) };
    return new Response(document, { headers });
  }, { maxResponseBytes: 1000 });

  const stream = await client.stream("m");

  assertEquals((await new Response(stream).bytes()).length, 9000);
});
