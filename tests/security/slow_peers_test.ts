// Peers that send or read slowly, or lie about lengths, on a raw socket: none holds one of
// the server's calls for good, and none gets a wrong answer.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { decodeResponse, encodeCall } from "../../codec.ts";
import {
  createServer,
  method,
  type XmlRpcErrorContext,
  XmlRpcFault,
} from "../../server.ts";
import {
  bytesOf,
  callOf,
  chunked,
  compress,
  concat,
  RawConnection,
  type RawResponse,
  requestOf,
  within,
} from "./_raw.ts";
import { withServer } from "./_server.ts";

/** The `bodyTimeout` of servers that are to run out of it. */
const SHORT = 200;

/** One that is not to run out, where something takes longer than {@linkcode PAUSE}. */
const LONG = 1_200;
const PAUSE = 350;

const MIB = 2 ** 20;

const decoder = new TextDecoder();

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function textOf(response: RawResponse | undefined): string {
  return `${response?.status} ${decoder.decode(response?.body).trimEnd()}`;
}

const TOO_SLOW =
  `408 The request has not arrived within ${SHORT} ms: the option bodyTimeout`;

const echo = { echo: (value: unknown) => value };

/** The bytes of a stream, read to its end. */
const readBytes = method(
  { params: ["base64"], returns: "int", stream: true },
  async (bytes) => (await new Response(bytes).bytes()).length,
);

// ---------------------------------------------------------------- slow senders

const CALL = encodeCall("echo", ["a text"]);
const ZIPPED = await compress(CALL);

const UNFINISHED: Readonly<Record<string, Uint8Array>> = {
  "no byte of its body": requestOf("", [`content-length: ${CALL.length}`]),
  "half of its body": requestOf(CALL).subarray(0, -CALL.length / 2),
  "all but one byte": requestOf(CALL).subarray(0, -1),
  "a Content-Length that is too long": requestOf(CALL, [
    `content-length: ${CALL.length + 1}`,
  ]),
  "no end of its chunks": requestOf(chunked(CALL), [
    "transfer-encoding: chunked",
  ]).subarray(0, -1),
  "half of its gzip data": requestOf(ZIPPED, ["content-encoding: gzip"])
    .subarray(0, -ZIPPED.length / 2),
  "a promise to send more": requestOf("", [
    "expect: 100-continue",
    `content-length: ${CALL.length}`,
  ]),
};

for (const [name, bytes] of Object.entries(UNFINISHED)) {
  for (const methods of [echo, { ...echo, put: readBytes }]) {
    const where = "put" in methods ? "a server that reads streams" : "a server";
    Deno.test(`a request with ${name} is answered by ${where} with 408`, async () => {
      const options = { bodyTimeout: SHORT, maxConcurrent: 1 };
      await withServer<object>(methods, options, async (port) => {
        using connection = await RawConnection.open(port);
        await connection.write(bytes);
        let response = await within(connection.response());
        // To the one that sent Expect: 100-continue.
        if (response?.status === 100) response = await connection.response();
        assertEquals(textOf(response), TOO_SLOW);

        using other = await RawConnection.open(port);
        await other.write(callOf("echo", [1]));
        const answer = await within(other.response());
        assertEquals(decodeResponse(answer!.body), 1);
      });
    });
  }
}

Deno.test("a request that trickles is answered with 408, however often a byte comes", async () => {
  await withServer(echo, { bodyTimeout: SHORT }, async (port) => {
    using connection = await RawConnection.open(port);
    const request = callOf("echo", ["x".repeat(1000)]);
    let isAnswered = false;
    const answer = within(connection.response())
      .finally(() => isAnswered = true);
    for (const byte of request) {
      if (isAnswered) break;
      await connection.write(Uint8Array.of(byte));
      if (byte === 0x78) await pause(SHORT / 10);
    }
    assertEquals(textOf(await answer), TOO_SLOW);
  });
});

/** A request whose body comes piece by piece, with a pause before each. */
function slowRequest(pieces: readonly Uint8Array[]): Request {
  const left = pieces.values();
  return new Request("http://localhost/", {
    method: "POST",
    headers: { "content-type": "text/xml" },
    body: new ReadableStream({
      async pull(controller): Promise<void> {
        await pause(PAUSE);
        const { value } = left.next();
        if (value === undefined) controller.close();
        else controller.enqueue(value);
      },
    }, { highWaterMark: 0 }),
  });
}

/** So many pieces, as long as can be. */
function piecesOf(bytes: Uint8Array, count: number): readonly Uint8Array[] {
  const length = Math.ceil(bytes.length / count);
  return Array.from(
    { length: count },
    (_, index) => bytes.subarray(index * length, (index + 1) * length),
  );
}

Deno.test("each MiB of a request has the time bodyTimeout", async () => {
  const { fetch } = createServer(echo, { bodyTimeout: LONG });
  const text = "x".repeat(4.5 * MIB);
  const start = performance.now();
  const response = await fetch(
    slowRequest(piecesOf(encodeCall("echo", [text]), 4)),
  );
  assertEquals(decodeResponse(await response.bytes()), text);
  assert(performance.now() - start > LONG);
});

Deno.test("a method that reads a stream gets an error when no more of it comes", async () => {
  const errors: string[] = [];
  const put = method(
    { params: ["base64"], returns: "int", stream: true },
    async (bytes): Promise<number> => {
      try {
        return (await new Response(bytes).bytes()).length;
      } catch (error) {
        errors.push((error as Error).message);
        throw error;
      }
    },
  );
  const options = { bodyTimeout: SHORT, maxConcurrent: 1 };
  await withServer({ put }, options, async (port) => {
    using connection = await RawConnection.open(port);
    await connection.write(
      callOf("put", [new Uint8Array(90)]).subarray(0, -99),
    );
    const response = await within(connection.response());
    assertEquals(textOf(response), TOO_SLOW);
  });
  assertEquals(errors, [TOO_SLOW.slice(4)]);
});

Deno.test("a stream may take longer than bodyTimeout while some of it comes", async () => {
  const { fetch } = createServer({ put: readBytes }, { bodyTimeout: LONG });
  const document = encodeCall("put", [new Uint8Array(900)]);
  const start = performance.now();
  const response = await fetch(slowRequest(piecesOf(document, 4)));
  assertEquals(decodeResponse(await response.bytes()), 900);
  assert(performance.now() - start > LONG);
});

Deno.test("a method may end a stream that trickles by a signal of its own", async () => {
  const put = method(
    { params: ["base64"], returns: "int", stream: true },
    async (bytes) => {
      const signal = AbortSignal.timeout(SHORT);
      await bytes.pipeTo(new WritableStream(), { signal }).catch(() => {
        throw new XmlRpcFault(408, "Too slow");
      });
      return 1;
    },
  );
  const options = { bodyTimeout: LONG, maxConcurrent: 1 };
  await withServer({ put }, options, async (port) => {
    using connection = await RawConnection.open(port);
    const document = decoder.decode(encodeCall("put", [new Uint8Array(9)]));
    const [start] = document.split("</base64>");
    const length = start!.length + 10_000;
    await connection.write(requestOf(start!, [`content-length: ${length}`]));
    let isAnswered = false;
    const answer = within(connection.response())
      .finally(() => isAnswered = true);
    while (!isAnswered) {
      await connection.write("AAAA").catch(() => {});
      await pause(SHORT / 10);
    }
    assertStringIncludes(textOf(await answer), "<int>408</int>");
  });
});

Deno.test("a method may let the rest of its stream wait for longer than bodyTimeout", async () => {
  const put = method(
    { params: ["base64"], returns: "int", stream: true },
    async (bytes) => {
      await pause(3 * SHORT);
      return (await new Response(bytes).bytes()).length;
    },
  );
  await withServer({ put }, { bodyTimeout: SHORT }, async (port) => {
    using connection = await RawConnection.open(port);
    await connection.write(callOf("put", [new Uint8Array(300_000)]));
    const response = await within(connection.response());
    assertEquals(decodeResponse(response!.body), 300_000);
  });
});

Deno.test("white space in a stream does not extend the time bodyTimeout", async () => {
  const document = decoder.decode(encodeCall("put", [new Uint8Array(9)]));
  const [start, end] = document.split("</base64>");
  for (const before of [start!, `${start}</base64>`]) {
    const options = { bodyTimeout: SHORT };
    await withServer({ put: readBytes }, options, async (port) => {
      using connection = await RawConnection.open(port);
      const length = before.length + 10_000 + end!.length;
      await connection.write(requestOf(before, [`content-length: ${length}`]));
      let isAnswered = false;
      const answer = within(connection.response())
        .finally(() => isAnswered = true);
      for (let count = 0; count < 60 && !isAnswered; count++) {
        await connection.write(" ").catch(() => {});
        await pause(SHORT / 10);
      }
      assert(isAnswered);
      assertEquals(textOf(await answer), TOO_SLOW);
    });
  }
});

Deno.test("what comes behind a stream has the time bodyTimeout in all", async () => {
  const put = method(
    { params: ["base64"], returns: "int", stream: true },
    async (bytes) => {
      await bytes.cancel();
      return 1;
    },
  );
  await withServer({ put }, { bodyTimeout: SHORT }, async (port) => {
    using connection = await RawConnection.open(port);
    const [start, end] = decoder.decode(encodeCall("put", [new Uint8Array(9)]))
      .split("</base64>");
    const length = start!.length + 10_000;
    await connection.write(
      requestOf(start!, [`content-length: ${length}`]),
    );
    let isAnswered = false;
    const answer = within(connection.response())
      .finally(() => isAnswered = true);
    await connection.write(`</base64>${end!.slice(0, 5)}`);
    while (!isAnswered) {
      await connection.write(" ").catch(() => {});
      await pause(SHORT / 10);
    }
    assertEquals(textOf(await answer), TOO_SLOW);
  });
});

Deno.test("the time bodyTimeout is one minute by default", async () => {
  const { fetch } = createServer(echo);
  const { now } = performance;
  let isCancelled = false;
  const begun = Promise.withResolvers<void>();
  const body = new ReadableStream({
    pull: () => begun.resolve(),
    cancel: () => void (isCancelled = true),
  }, { highWaterMark: 0 });
  const headers = { "content-type": "text/xml" };
  const request = new Request("http://localhost/", {
    method: "POST",
    headers,
    body,
  });
  try {
    const answer = fetch(request);
    await begun.promise;
    performance.now = () => now.call(performance) + 55_000;
    await pause(1_500);
    assert(!isCancelled);
    performance.now = () => now.call(performance) + 60_000;
    assertEquals((await within(answer)).status, 408);
    assert(isCancelled);
  } finally {
    performance.now = now;
  }
});

// ---------------------------------------------------------------- slow readers

Deno.test("a response that the client does not read is cut off, its source ends, and onError is called", async () => {
  const ended = Promise.withResolvers<void>();
  const errors: string[] = [];
  const begun = Promise.withResolvers<void>();
  async function* rows(): AsyncGenerator<string> {
    begun.resolve();
    try {
      for (;;) yield "x".repeat(10_000);
    } finally {
      ended.resolve();
    }
  }
  const options = {
    bodyTimeout: SHORT,
    maxConcurrent: 1,
    onError: (error: unknown) => void errors.push((error as Error).message),
  };
  await withServer({ rows, ...echo }, options, async (port) => {
    using connection = await RawConnection.open(port);
    await connection.write(callOf("rows"));
    await within(begun.promise);
    await within(ended.promise);
    using other = await RawConnection.open(port);
    await other.write(callOf("echo", [1]));
    const response = await within(other.response());
    assertEquals(decodeResponse(response!.body), 1);
  });
  assertEquals(errors, [
    `The client has not read more of the response within ${SHORT} ms: the option bodyTimeout`,
  ]);
});

Deno.test("a long response that is not a stream is cut off, too, when the client does not read it", async () => {
  const text = "x".repeat(16 * MIB);
  const cutOff = Promise.withResolvers<string>();
  const options = {
    bodyTimeout: SHORT,
    maxConcurrent: 1,
    onError: (error: unknown, { methodName }: XmlRpcErrorContext) =>
      cutOff.resolve(`${methodName}: ${(error as Error).message}`),
  };
  await withServer({ text: () => text, ...echo }, options, async (port) => {
    using connection = await RawConnection.open(port);
    await connection.write(callOf("text"));
    assertEquals(
      await within(cutOff.promise),
      `text: The client has not read more of the response within ${SHORT} ms: the option bodyTimeout`,
    );
    // Nor has it its place any more.
    using other = await RawConnection.open(port);
    await other.write(callOf("echo", [1]));
    const response = await within(other.response());
    assertEquals(decodeResponse(response!.body), 1);
  });
});

Deno.test("a long response that is not a stream has a Content-Length, and arrives whole", async () => {
  const text = "x".repeat(MIB / 2);
  await withServer({ text: () => text }, {}, async (port) => {
    using connection = await RawConnection.open(port);
    await connection.write(callOf("text"));
    const { headers, body } = (await within(connection.response()))!;
    assertEquals(headers.get("content-length"), String(body.length));
    assertEquals(decodeResponse(body), text);
  });
});

/** The response to a call, made in process. */
async function responseTo(
  server: { readonly fetch: (request: Request) => Promise<Response> },
  methodName: string,
): Promise<Response> {
  return await server.fetch(
    new Request("http://localhost/", {
      method: "POST",
      headers: { "content-type": "text/xml" },
      body: encodeCall(methodName),
    }),
  );
}

Deno.test("a response that is never begun to be read is over after bodyTimeout", async () => {
  const cancelled = Promise.withResolvers<unknown>();
  const server = createServer({
    get: () => new ReadableStream({ cancel: cancelled.resolve }),
  }, { bodyTimeout: SHORT });
  const { body } = await responseTo(server, "get");
  assertStringIncludes(
    String(await within(cancelled.promise)),
    "the option bodyTimeout",
  );
  assert(await server.drain({ timeout: 0 }));
  await body!.cancel().catch(() => {});
});

Deno.test("a response may be read for longer than bodyTimeout", async () => {
  const bytes = new Uint8Array(200_000);
  const server = createServer({ get: () => new Blob([bytes]) }, {
    bodyTimeout: LONG,
  });
  const start = performance.now();
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await responseTo(server, "get")).body!) {
    chunks.push(chunk);
    await pause(PAUSE);
  }
  assertEquals(decodeResponse(concat(chunks)), bytes);
  assert(performance.now() - start > LONG);
});

Deno.test("a source may take longer than bodyTimeout to give more", async () => {
  async function* rows(): AsyncGenerator<number> {
    yield 1;
    await pause(3 * SHORT);
    yield 2;
  }
  await withServer({ rows }, { bodyTimeout: SHORT }, async (port) => {
    using connection = await RawConnection.open(port);
    await connection.write(callOf("rows"));
    const response = await within(connection.response());
    assertEquals(decodeResponse(response!.body), [1, 2]);
  });
});

// ---------------------------------------------------------------- lengths

/** What a request says of its length, and what becomes of it. */
const LENGTHS: readonly [
  name: string,
  headers: readonly string[],
  status: number,
][] = [
  ["twice the same Content-Length", [
    `content-length: ${CALL.length}`,
    `content-length: ${CALL.length}`,
  ], 200],
  ["two Content-Lengths", [
    `content-length: ${CALL.length}`,
    `content-length: ${CALL.length + 1}`,
  ], 400],
  ["a list of Content-Lengths", [
    `content-length: ${CALL.length}, ${CALL.length}`,
  ], 400],
  ["a negative Content-Length", ["content-length: -1"], 400],
  ["a signed Content-Length", [`content-length: +${CALL.length}`], 400],
  ["a hexadecimal Content-Length", ["content-length: 0x10"], 400],
  ["an empty Content-Length", ["content-length:"], 400],
  ["a Content-Length beyond 64 bits", [`content-length: ${10n ** 20n}`], 400],
  ["a Content-Length beyond maxBodyBytes", ["content-length: 16777217"], 413],
  ["a Content-Length and chunks", [
    `content-length: ${CALL.length}`,
    "transfer-encoding: chunked",
  ], 400],
  ["another Transfer-Encoding", ["transfer-encoding: gzip"], 400],
  ["two Transfer-Encodings", ["transfer-encoding: chunked, chunked"], 400],
];

for (const [name, headers, status] of LENGTHS) {
  Deno.test(`a request with ${name} is answered with ${status}`, async () => {
    let calls = 0;
    const methods = { echo: () => ++calls };
    await withServer(methods, { bodyTimeout: SHORT }, async (port) => {
      using connection = await RawConnection.open(port);
      await connection.write(requestOf(CALL, headers));
      const response = await within(connection.response());
      assertEquals(response!.status, status);
    });
    assertEquals(calls, status === 200 ? 1 : 0);
  });
}

for (const length of [0, 1, CALL.length / 2, CALL.length - 3]) {
  Deno.test(`a request that is longer than its Content-Length ${Math.trunc(length)} is not a call, nor is its rest`, async () => {
    let calls = 0;
    const methods = { echo: () => ++calls };
    await withServer(methods, { bodyTimeout: SHORT }, async (port) => {
      using connection = await RawConnection.open(port);
      const headers = [`content-length: ${Math.trunc(length)}`];
      await connection.write(requestOf(CALL, headers));
      await connection.closeWrite();
      const response = await within(connection.response());
      assertStringIncludes(textOf(response), "<int>-32700</int>");
      const next = await within(connection.response()).catch(() => undefined);
      assert(next === undefined || next.status === 400, textOf(next));
    });
    assertEquals(calls, 0);
  });
}

Deno.test("a request without a length is empty, and what comes behind it is not a call", async () => {
  let calls = 0;
  await withServer({ echo: () => ++calls }, {}, async (port) => {
    using connection = await RawConnection.open(port);
    const head = "POST / HTTP/1.1\r\nhost: a\r\ncontent-type: text/xml\r\n\r\n";
    await connection.write(concat([bytesOf(head), CALL]));
    await connection.closeWrite();
    const response = await within(connection.response());
    assertStringIncludes(textOf(response), "The document is empty");
    const next = await within(connection.response()).catch(() => undefined);
    assert(next === undefined || next.status === 400, textOf(next));
  });
  assertEquals(calls, 0);
});
