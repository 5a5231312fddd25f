// The connection ends at every byte of a request and of a response, in both directions:
// nothing crashes, hangs or is left open, and neither side gets a value that is not whole.

import { assert, assertEquals } from "@std/assert";
import {
  createClient,
  type XmlRpcAnyMethods,
  type XmlRpcClient,
} from "../../client.ts";
import {
  decodeResponse,
  encodeCall,
  encodeFault,
  encodeResponse,
} from "../../codec.ts";
import { XmlRpcFault } from "../../core/errors.ts";
import { method } from "../../server.ts";
import {
  bytesOf,
  chunked,
  compress,
  concat,
  RawConnection,
  requestOf,
  within,
} from "./_raw.ts";
import { withServer } from "./_server.ts";

type Client = XmlRpcClient<XmlRpcAnyMethods>;

/** How many connections are cut at the same time. */
const BATCH = 32;

/** Few bytes, so that each of their documents can be tried. */
const PHOTO = Uint8Array.from({ length: 40 }, (_, index) => index);

const decoder = new TextDecoder();

/** Runs `work` for each number from 0 to `count`, several at the same time. */
async function forEachOf(
  count: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  async function run(): Promise<void> {
    while (next < count) await within(work(next++));
  }
  await Promise.all(Array.from({ length: BATCH }, run));
}

/** A body in one of the ways in which it can be sent, with its headers. */
type Frame = (
  body: Uint8Array<ArrayBuffer>,
) => Promise<readonly [headers: readonly string[], body: Uint8Array]>;

const FRAMES: Readonly<Record<string, Frame>> = {
  "a Content-Length": (body) =>
    Promise.resolve([[`content-length: ${body.length}`], body]),
  "chunks": (body) =>
    Promise.resolve([["transfer-encoding: chunked"], chunked(body)]),
  "gzip": async (body) => {
    const zipped = await compress(body);
    const length = `content-length: ${zipped.length}`;
    return [["content-encoding: gzip", length], zipped];
  },
  "gzip in chunks": async (body) => [
    ["content-encoding: gzip", "transfer-encoding: chunked"],
    chunked(await compress(body)),
  ],
};

// ---------------------------------------------------------------- requests that are cut

/** Methods that count how often they have run to their end. */
class Counters {
  begun = 0;
  done = 0;
  readonly methods = {
    echo: (value: unknown): unknown => {
      this.begun++;
      this.done++;
      return value;
    },
    put: method(
      { params: ["base64"], returns: "int", stream: true },
      async (bytes) => {
        this.begun++;
        const { length } = await new Response(bytes).bytes();
        this.done++;
        return length;
      },
    ),
    ping: () => "pong",
  };
}

/** The value in a response; undefined if there is none. */
function valueIn(status: number, body: Uint8Array): unknown {
  if (status !== 200) return undefined;
  try {
    return decodeResponse(body);
  } catch {
    // A fault: anything else would not have been decoded when it was whole either.
    assert(decoder.decode(body).includes("<fault>"));
    return undefined;
  }
}

/** Sends the start of a request, and no more; the value that comes back. */
async function valueOfCut(
  port: number,
  request: Uint8Array,
  length: number,
): Promise<unknown> {
  using connection = await RawConnection.open(port);
  await connection.write(request.subarray(0, length));
  await connection.closeWrite();
  const response = await connection.response().catch(() => undefined);
  return response && valueIn(response.status, response.body);
}

const CALLS: Readonly<
  Record<string, readonly [document: Uint8Array<ArrayBuffer>, value: unknown]>
> = {
  "a call": [encodeCall("echo", [["text", 1]]), ["text", 1]],
  "a call that is streamed": [encodeCall("put", [PHOTO]), PHOTO.length],
  "a multicall": [
    encodeCall("system.multicall", [[{ methodName: "echo", params: [1] }]]),
    [[1]],
  ],
};

for (const [name, [document, value]] of Object.entries(CALLS)) {
  for (const [framed, frame] of Object.entries(FRAMES)) {
    // One way is enough for what is read as any other call.
    if (name === "a multicall" && framed !== "chunks") continue;
    Deno.test(`${name} with ${framed} that is cut anywhere is not a call`, async () => {
      const counters = new Counters();
      const errors: unknown[] = [];
      const options = { onError: (error: unknown) => void errors.push(error) };
      await withServer(counters.methods, options, async (port) => {
        const [headers, body] = await frame(document);
        const request = requestOf(body, headers);
        await forEachOf(request.length, async (length) => {
          assertEquals(await valueOfCut(port, request, length), undefined);
          // And once without a word.
          const connection = await RawConnection.open(port);
          await connection.write(request.subarray(0, length));
          connection.close();
        });
        assertEquals(counters.done, 0);
        assertEquals(await valueOfCut(port, request, Infinity), value);
        assertEquals(counters.done, 1);
      });
      assertEquals(errors, []);
    });
  }
}

// ---------------------------------------------------------------- responses whose client leaves

/** Methods whose streams have no end, and know how many of them are open. */
class Endless {
  opened = 0;
  closed = 0;
  readonly #allClosed = Promise.withResolvers<void>();
  #expected = Infinity;

  #close(): void {
    this.closed++;
    if (this.closed === this.#expected) this.#allClosed.resolve();
  }

  /** Waits until so many have been closed. */
  async allClosed(count: number): Promise<void> {
    this.#expected = count;
    if (this.closed < count) await within(this.#allClosed.promise);
  }

  async *rows(): AsyncGenerator<string> {
    this.opened++;
    try {
      for (;;) yield await Promise.resolve("x".repeat(4_000));
    } finally {
      this.#close();
    }
  }

  bytes(): ReadableStream<Uint8Array<ArrayBuffer>> {
    this.opened++;
    return new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(3_000)),
      cancel: () => this.#close(),
    }, { highWaterMark: 0 });
  }
}

for (const name of ["rows", "bytes"] as const) {
  Deno.test(`a stream of ${name} ends at whatever byte its reader goes`, async () => {
    const endless = new Endless();
    const methods = { get: () => endless[name](), ping: () => "pong" };
    await withServer(methods, {}, async (port) => {
      // As far as into the first item, and then some.
      const count = 300;
      await forEachOf(count, async (length) => {
        using connection = await RawConnection.open(port);
        await connection.write(requestOf(encodeCall("get")));
        const wanted = length === count - 1 ? 200_000 : length;
        assertEquals((await connection.read(wanted)).length, wanted);
        // What is not read makes this a reset.
      });
      using connection = await RawConnection.open(port);
      await connection.write(requestOf(encodeCall("ping")));
      const response = await connection.response();
      assertEquals(decodeResponse(response!.body), "pong");
      await endless.allClosed(endless.opened);
    });
    assertEquals(endless.closed, endless.opened);
    assert(endless.opened > 0);
  });
}

for (
  const [name, result] of Object.entries({
    "a value": ["text", 1],
    "a long value in gzip": "x".repeat(10_000),
    "a Blob": new Blob([PHOTO]),
  })
) {
  Deno.test(`a response with ${name} may be left at any byte`, async () => {
    const errors: unknown[] = [];
    const options = { onError: (error: unknown) => void errors.push(error) };
    await withServer({ get: () => result }, options, async (port) => {
      const request = requestOf(encodeCall("get"), ["accept-encoding: gzip"]);
      using whole = await RawConnection.open(port);
      await whole.write(concat([request, request]));
      // The second one tells where the first one ends.
      const first = await whole.response();
      const { length } = first!.body;
      assertEquals((await whole.response())!.body, first!.body);
      await forEachOf(length + 200, async (length) => {
        using connection = await RawConnection.open(port);
        await connection.write(concat([request, request]));
        assertEquals((await connection.read(length)).length, length);
      });
    });
    assertEquals(errors, []);
  });
}

// ---------------------------------------------------------------- servers that break off

/** What becomes of a connection: where reading ends, and what is answered. */
interface Plan {
  readonly readBytes: number;
  readonly response: Uint8Array;
}

/** A server with one plan for each connection; it does not matter which gets which. */
class Breaker implements AsyncDisposable {
  readonly #plans: Iterator<Plan>;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #serving: Promise<void>;
  readonly client: Client = createClient(
    `http://127.0.0.1:${this.#listener.addr.port}/`,
  );

  constructor(plans: readonly Plan[]) {
    this.#plans = plans.values();
    this.#serving = this.#serve();
  }

  async #serve(): Promise<void> {
    const answers: Promise<void>[] = [];
    for await (const connection of this.#listener) {
      answers.push(this.#answer(connection));
    }
    await Promise.all(answers);
  }

  async #answer(connection: Deno.TcpConn): Promise<void> {
    const { readBytes, response } = this.#plans.next().value as Plan;
    try {
      await readRequest(connection, readBytes);
      if (response.length > 0) await connection.write(response);
    } catch {
      // The client may have gone.
    } finally {
      connection.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#serving;
  }
}

/** Reads so many bytes, or up to the end of a document. */
async function readRequest(
  connection: Deno.TcpConn,
  readBytes: number,
): Promise<void> {
  let text = "";
  while (text.length < readBytes && !/<\/methodCall>\s*$/.test(text)) {
    const chunk = new Uint8Array(Math.min(65_536, readBytes - text.length));
    const length = await connection.read(chunk);
    if (length === null) return;
    text += decoder.decode(chunk.subarray(0, length));
    // The end of the last chunk.
    text = text.replace(/(<\/methodCall>\s*)0\r\n\r\n$/, "$1");
  }
}

/** The ways to read an answer. */
const READINGS: Readonly<
  Record<string, (client: Client) => Promise<unknown>>
> = {
  "call()": (client) => client.call("get"),
  "stream()": async (client) =>
    await new Response(await client.stream("get")).bytes(),
  "items()": (client) => Array.fromAsync(client.items("get")),
};

const RESPONSE_FRAMES: Readonly<Record<string, Frame>> = {
  ...FRAMES,
  "no length": (body) => Promise.resolve([[], body]),
};

/** Plans that cut a response at every byte, and at last do not. */
function cutsOf(response: Uint8Array): readonly Plan[] {
  return Array.from({ length: response.length + 1 }, (_, length) => ({
    readBytes: Infinity,
    response: response.subarray(0, length),
  }));
}

/** What each of so many calls comes to. */
async function outcomesOf(
  count: number,
  call: () => Promise<unknown>,
): Promise<readonly PromiseSettledResult<unknown>[]> {
  const outcomes: PromiseSettledResult<unknown>[] = [];
  await forEachOf(count, async () => {
    outcomes.push(...await Promise.allSettled([call()]));
  });
  return outcomes;
}

function valuesIn(
  outcomes: readonly PromiseSettledResult<unknown>[],
): readonly unknown[] {
  return outcomes.flatMap((outcome) =>
    outcome.status === "fulfilled" ? [outcome.value] : []
  );
}

for (const [framed, frame] of Object.entries(RESPONSE_FRAMES)) {
  for (const [reading, read] of Object.entries(READINGS)) {
    Deno.test(`a response with ${framed} that is cut anywhere is an error of ${reading}`, async () => {
      const value = reading === "items()" ? [1, [2], "three"] : PHOTO;
      const text = decoder.decode(encodeResponse(value)).trimEnd();
      const [headers, body] = await frame(bytesOf(text));
      const head = [
        "HTTP/1.1 200 OK",
        "content-type: text/xml",
        "connection: close",
        ...headers,
      ].join("\r\n");
      const plans = cutsOf(concat([bytesOf(`${head}\r\n\r\n`), body]));
      await using breaker = new Breaker(plans);
      const outcomes = await outcomesOf(
        plans.length,
        () => read(breaker.client),
      );
      // Deno's fetch reads gzip data to its end, and not the end of its chunks.
      const whole = framed === "gzip in chunks" ? "\r\n0\r\n\r\n".length : 0;
      assertEquals(valuesIn(outcomes), Array(whole + 1).fill(value));
    });
  }
}

Deno.test("a fault that is cut anywhere is an error, but not that fault", async () => {
  const fault = encodeFault({ code: 7, message: "seven" });
  const head =
    "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\nconnection: close\r\n\r\n";
  const plans = cutsOf(bytesOf(head + decoder.decode(fault).trimEnd()));
  await using breaker = new Breaker(plans);
  const outcomes = await outcomesOf(
    plans.length,
    () => breaker.client.call("m"),
  );
  assertEquals(valuesIn(outcomes), []);
  const faults = outcomes.filter((outcome) =>
    outcome.status === "rejected" && outcome.reason instanceof XmlRpcFault
  );
  assertEquals(faults.length, 1);
});

/** What is sent to a server that breaks off. */
const SENDINGS: Readonly<
  Record<string, (client: Client, endless: Endless) => Promise<unknown>>
> = {
  "a value": (client) => client.call("m", ["x".repeat(200)]),
  "a Blob": (client) => client.call("m", [new Blob(["x".repeat(200)])]),
  "a stream without end": (client, endless) =>
    client.call("m", [endless.bytes()]),
  "rows without end": (client, endless) => client.call("m", [endless.rows()]),
};

for (const [name, send] of Object.entries(SENDINGS)) {
  for (const answers of ["nothing", "half a response"]) {
    Deno.test(`a server that reads any part of ${name} and answers ${answers} makes an error`, async () => {
      const response = answers === "nothing"
        ? ""
        : "HTTP/1.1 200 OK\r\ncontent-le";
      const plans = Array.from({ length: 400 }, (_, readBytes) => ({
        readBytes,
        response: bytesOf(response),
      }));
      await using breaker = new Breaker(plans);
      const endless = new Endless();
      const outcomes = await outcomesOf(
        plans.length,
        () => send(breaker.client, endless),
      );
      assertEquals(valuesIn(outcomes), []);
      await endless.allClosed(endless.opened);
      assertEquals(endless.closed, endless.opened);
    });
  }
}
