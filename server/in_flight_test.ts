// How a server copes with too many calls, with slow ones, and with its end.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { createClient } from "../client.ts";
import { encodeCall } from "../codec.ts";
import { XmlRpcFault, XmlRpcHttpError } from "../core/errors.ts";
import {
  createServer,
  method,
  type XmlRpcContext,
  type XmlRpcErrorContext,
  type XmlRpcServerOptions,
} from "../server.ts";

async function* twoRows(wait: () => Promise<void>): AsyncGenerator<number> {
  yield 1;
  await wait();
  yield 2;
}

/** A server with methods that wait until they are released. */
class Gate {
  readonly #gates: PromiseWithResolvers<void>[] = [];
  readonly #arrivals: PromiseWithResolvers<void>[] = [];
  arrived = 0;
  context: XmlRpcContext | undefined;
  readonly server;
  readonly client;

  constructor(options: XmlRpcServerOptions = {}) {
    const pass = (context: XmlRpcContext): Promise<void> => this.#pass(context);
    this.server = createServer({
      now: (_text?: string) => "now",
      next: (_text: string) => "next",
      fail(_text: string): never {
        throw new XmlRpcFault(1, "no");
      },
      repeat: (text: string) => [text, text, text, text],
      async wait<T>(value: T): Promise<T> {
        await pass(this);
        return value;
      },
      async rows(): Promise<AsyncIterable<number>> {
        return await Promise.resolve(twoRows(() => pass(this)));
      },
      lateStream: async function (): Promise<ReadableStream<Uint8Array>> {
        await pass(this);
        return late.stream;
      },
      put: method(
        { params: ["base64"], returns: "int", stream: true },
        async function (bytes) {
          await pass(this);
          return (await new Response(bytes).bytes()).length;
        },
      ),
      name: method(
        { params: ["string", "base64"], returns: "int", stream: true },
        async function (_name, bytes) {
          await pass(this);
          return (await new Response(bytes).bytes()).length;
        },
      ),
    }, options);
    const late = this.late;
    this.client = createClient<typeof this.server.methods>(
      "http://localhost/",
      { fetch: this.server.fetch },
    );
  }

  readonly late = new LateStream();

  async #pass(context: XmlRpcContext): Promise<void> {
    this.context = context;
    const gate = Promise.withResolvers<void>();
    this.#gates.push(gate);
    this.arrived++;
    for (const arrival of this.#arrivals.splice(0)) arrival.resolve();
    await gate.promise;
  }

  /** Waits until so many calls wait. */
  async arrival(count: number): Promise<void> {
    while (this.arrived < count) {
      const arrival = Promise.withResolvers<void>();
      this.#arrivals.push(arrival);
      await arrival.promise;
    }
  }

  /** Releases all calls that wait. */
  open(): void {
    for (const gate of this.#gates.splice(0)) gate.resolve();
  }
}

/** A stream that tells when it is cancelled. */
class LateStream {
  readonly #cancelled = Promise.withResolvers<unknown>();
  readonly stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    cancel: (reason) => this.#cancelled.resolve(reason),
  });

  get cancelled(): Promise<unknown> {
    return this.#cancelled.promise;
  }
}

async function refusalOf(call: Promise<unknown>): Promise<XmlRpcHttpError> {
  return await assertRejects(() => call, XmlRpcHttpError);
}

// ---------------------------------------------------------------- maxConcurrent

Deno.test("more calls than maxConcurrent are refused with 503 and Retry-After", async () => {
  const gate = new Gate({ maxConcurrent: 2 });
  const running = [
    gate.client.call("wait", [1]),
    gate.client.call("wait", [2]),
  ];
  await gate.arrival(2);

  const { status, headers, body } = await refusalOf(gate.client.call("now"));

  assertEquals(status, 503);
  assertEquals(headers.get("retry-after"), "1");
  assertEquals(body, "The server is busy; retry later\n");
  gate.open();
  assertEquals(await Promise.all(running), [1, 2]);
  assertEquals(await gate.client.call("now"), "now");
});

Deno.test("a response that is still read counts for maxConcurrent", async () => {
  const gate = new Gate({ maxConcurrent: 1 });
  const items = gate.client.items("rows");
  assertEquals((await items.next()).value, 1);
  await gate.arrival(1);

  assertEquals((await refusalOf(gate.client.call("now"))).status, 503);

  gate.open();
  assertEquals((await items.next()).value, 2);
  assertEquals((await items.next()).done, true);
  assertEquals(await gate.client.call("now"), "now");
});

Deno.test("a response whose client is gone counts no longer", async () => {
  const gate = new Gate({ maxConcurrent: 1 });
  for await (const _item of gate.client.items("rows")) break;
  assertEquals(await gate.client.call("now"), "now");
});

Deno.test("faults, refusals and broken requests count no longer than they last", async () => {
  const { fetch } = createServer({
    fail(): never {
      throw new Error("secret");
    },
    odd: () => new Map(),
  }, { maxConcurrent: 1, maxBodyBytes: 1000 });
  const client = createClient("http://localhost/", { fetch });
  for (let round = 0; round < 3; round++) {
    await assertRejects(() => client.call("fail"), XmlRpcFault);
    await assertRejects(() => client.call("odd"), XmlRpcFault);
    await assertRejects(() => client.call("no.such"), XmlRpcFault);
    const { status } = await refusalOf(client.call("fail", ["x".repeat(2000)]));
    assertEquals(status, 413);
    assertEquals((await fetch(new Request("http://localhost/"))).status, 405);
  }
});

// ---------------------------------------------------------------- maxPendingBytes

/** Long enough to count. */
const TEXT = "x".repeat(100_000);

/** A limit for one call with it: not a byte of another may be left. */
const ONE = encodeCall("wait", [TEXT]).length;

function requestWith(body: BodyInit, signal?: AbortSignal): Request {
  return new Request("http://localhost/", {
    method: "POST",
    headers: { "content-type": "text/xml" },
    body,
    signal: signal ?? null,
  });
}

/** A body that begins with a document, and waits for the rest, or for its end. */
function unfinished(document: Uint8Array<ArrayBuffer>): {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly begun: Promise<void>;
  readonly fail: (reason: Error) => void;
} {
  const begun = Promise.withResolvers<void>();
  let fail: (reason: Error) => void;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller): void {
      fail = (reason) => controller.error(reason);
      controller.enqueue(document);
    },
    // The next chunk is asked for once the one before it has been taken.
    pull: () => begun.resolve(),
  }, { highWaterMark: 0 });
  return { body, begun: begun.promise, fail: (reason) => fail(reason) };
}

Deno.test("a request with which calls would hold more than maxPendingBytes is refused with 503 and Retry-After", async () => {
  const gate = new Gate({ maxBodyBytes: ONE, maxPendingBytes: 3 * ONE - 1 });
  const running = [
    gate.client.call("wait", [TEXT]),
    gate.client.call("wait", [TEXT]),
  ];
  await gate.arrival(2);

  const { status, headers, body } = await refusalOf(
    gate.client.call("wait", [TEXT]),
  );

  assertEquals(status, 503);
  assertEquals(headers.get("retry-after"), "1");
  assertEquals(
    body,
    `The server is busy: with this request, calls would hold more than ${
      3 * ONE - 1
    } bytes: the limit maxPendingBytes\n`,
  );
  gate.open();
  assertEquals(await Promise.all(running), [TEXT, TEXT]);
});

Deno.test("a request of 64 KiB is read, however much others hold, and a longer one is refused", async () => {
  const gate = new Gate({ maxBodyBytes: ONE, maxPendingBytes: ONE });
  const running = gate.client.call("wait", [TEXT]);
  await gate.arrival(1);
  const around = encodeCall("now", [""]).length;

  const text = "x".repeat(65_536 - around);
  assertEquals(await gate.client.call("now", [text]), "now");
  const call = gate.client.call("now", [`${text}x`]);
  assertEquals((await refusalOf(call)).status, 503);

  gate.open();
  assertEquals(await running, TEXT);
});

/** How calls end that hold all that may be held. */
const ENDS: Readonly<Record<string, (gate: Gate) => Promise<unknown>>> = {
  "with a result": (gate) => gate.client.call("now", [TEXT]),
  "with a fault": (gate) =>
    assertRejects(
      () => gate.client.call("fail", [TEXT]),
      XmlRpcFault,
    ),
  "with a document that is none": async ({ server }) => {
    const document = `<methodCall>${" ".repeat(ONE - 50)}</methodCal>`;
    await (await server.fetch(requestWith(document))).body?.cancel();
  },
  "with a body that breaks off": async ({ server }) => {
    const { body, begun, fail } = unfinished(encodeCall("wait", [TEXT]));
    const answer = server.fetch(requestWith(body));
    await begun;
    fail(new Error("gone"));
    assertEquals((await answer).status, 400);
  },
  "with a request that does not come": async ({ server }) => {
    const { body } = unfinished(encodeCall("wait", [TEXT]).subarray(0, -1));
    assertEquals((await server.fetch(requestWith(body))).status, 408);
  },
  "with a request that is too long": async ({ server }) => {
    const { body } = unfinished(encodeCall("wait", [`${TEXT}x`]));
    assertEquals((await server.fetch(requestWith(body))).status, 413);
  },
  "with a method that takes too long": async (gate) => {
    await assertRejects(() => gate.client.call("wait", [TEXT]), XmlRpcFault);
    // Its params are still in its hands.
    const { status } = await refusalOf(gate.client.call("wait", [TEXT]));
    assertEquals(status, 503);
    gate.open();
    // All that is left to do is done in this turn.
    await new Promise((resolve) => setTimeout(resolve));
  },
  "in a multicall": (gate) =>
    gate.client.multicall([["now", [TEXT.slice(1000)]], ["now", []]]),
  "with a response that is read": async ({ server }) => {
    const call = encodeCall("repeat", [TEXT.slice(1000)]);
    const response = await server.fetch(requestWith(call));
    assertEquals((await response.bytes()).length > 3 * ONE, true);
  },
  "with a response that the client does not read": async ({ server }) => {
    const call = encodeCall("repeat", [TEXT.slice(1000)]);
    const response = await server.fetch(requestWith(call));
    const next = await server.fetch(requestWith(encodeCall("now", [TEXT])));
    assertEquals(next.status, 503);
    await response.body!.cancel();
  },
  "with a response that is read too slowly": async ({ server }) => {
    const call = encodeCall("repeat", [TEXT.slice(1000)]);
    const reader = (await server.fetch(requestWith(call))).body!.getReader();
    await reader.read();
    await assertRejects(() => reader.closed, DOMException, "bodyTimeout");
  },
};

for (const [how, end] of Object.entries(ENDS)) {
  Deno.test(`a call that ends ${how} holds nothing any more, and the next may hold all`, async () => {
    const gate = new Gate({
      maxBodyBytes: ONE,
      maxPendingBytes: ONE,
      bodyTimeout: 250,
      callTimeout: 250,
    });
    for (let round = 0; round < 2; round++) {
      await end(gate);
      const response = await gate.server.fetch(
        requestWith(encodeCall("next", [TEXT])),
      );
      assertEquals(response.status, 200);
      await response.body!.cancel();
    }
  });
}

Deno.test("what a method reads as a stream does not count for maxPendingBytes", async () => {
  const gate = new Gate({ maxBodyBytes: ONE, maxPendingBytes: ONE });
  const streaming = gate.client.call("put", [new Blob([TEXT.repeat(9)])]);
  await gate.arrival(1);
  const waiting = gate.client.call("wait", [TEXT]);
  await gate.arrival(2);
  gate.open();
  assertEquals(await streaming, 900_000);
  assertEquals(await waiting, TEXT);
});

/** A call of `put` up to the end of its stream. */
const OPENED =
  "<methodCall><methodName>put</methodName><params><param><value><base64>QUJD</base64>";

Deno.test("a param behind a stream is refused as soon as it begins", async () => {
  const gate = new Gate({ bodyTimeout: 250 });
  const { body } = unfinished(
    new TextEncoder().encode(`${OPENED}</value></param><param>`),
  );
  const response = await gate.server.fetch(requestWith(body));

  assertStringIncludes(await response.text(), "Expected 1 params, got more");
});

Deno.test("what follows a stream counts for maxPendingBytes", async () => {
  const limit = 2 * ONE;
  const gate = new Gate({ maxBodyBytes: limit, maxPendingBytes: limit });
  // It is an error, but one that is known only at the end of the array.
  const document = new TextEncoder().encode(
    `${OPENED}<array><data>${"<value/>".repeat(ONE / 8 - 20)}`,
  );
  const [first, second] = [unfinished(document), unfinished(document)];
  const answers = [first, second].map(({ body }) =>
    gate.server.fetch(requestWith(body))
  );
  await gate.arrival(2);

  assertEquals((await refusalOf(gate.client.call("now", [TEXT]))).status, 503);
  first.fail(new Error("gone"));
  second.fail(new Error("gone"));
  gate.open();
  assertEquals((await Promise.all(answers)).map(({ status }) => status), [
    400,
    400,
  ]);
  assertEquals(await gate.client.call("now", [TEXT]), "now");
});

Deno.test("a stream that a method reads continues, however much others hold by then", async () => {
  const limit = 2 * ONE;
  const gate = new Gate({ maxBodyBytes: limit, maxPendingBytes: limit });
  const stream = new Blob([TEXT.repeat(9)]);
  const streaming = gate.client.call("name", [TEXT, stream]);
  await gate.arrival(1);
  const call = encodeCall("repeat", [TEXT.slice(1000)]);
  const response = await gate.server.fetch(requestWith(call));
  assertEquals((await refusalOf(gate.client.call("now", [TEXT]))).status, 503);

  gate.open();
  assertEquals(await streaming, 900_000);
  await response.body!.cancel();
});

Deno.test("the limit maxPendingBytes is 128 MiB by default, and maxBodyBytes if that is more", async () => {
  const document = new Uint8Array(2 ** 24).fill(0x20);
  document.set(new TextEncoder().encode("<methodCall>"));
  const { fetch } = createServer({});
  const bodies = Array.from({ length: 8 }, () => unfinished(document));
  const answers = bodies.map(({ body }) => fetch(requestWith(body)));
  await Promise.all(bodies.map(({ begun }) => begun));

  const refused = await fetch(requestWith(document.subarray(0, 65_537)));

  assertEquals(refused.status, 503);
  assert((await refused.text()).includes(` ${2 ** 27} bytes`));
  for (const { fail } of bodies) fail(new Error("gone"));
  await Promise.all(answers);
  createServer({}, { maxBodyBytes: 2 ** 28 });
});

Deno.test("createServer() refuses a maxPendingBytes that is less than maxBodyBytes", () => {
  assertThrows(
    () => createServer({}, { maxPendingBytes: 2 ** 24 - 1 }),
    RangeError,
    "The option maxPendingBytes must be at least maxBodyBytes, 16777216: 16777215",
  );
});

// ---------------------------------------------------------------- callTimeout

Deno.test("a method that takes longer than callTimeout is a fault, and its signal aborts", async () => {
  const errors: [string, string | undefined][] = [];
  const gate = new Gate({
    callTimeout: 20,
    onError: (error: unknown, { methodName }: XmlRpcErrorContext) =>
      errors.push([(error as Error).message, methodName]),
  });

  const fault = await assertRejects(
    () => gate.client.call("wait", [1]),
    XmlRpcFault,
  );

  assertEquals([fault.code, fault.message], [-32400, "The call took too long"]);
  const reason = gate.context!.signal.reason;
  assertInstanceOf(reason, DOMException);
  assertEquals(reason.name, "TimeoutError");
  assertEquals(errors, [[
    "The method has not ended within 20 ms: the option callTimeout",
    "wait",
  ]]);
  gate.open();
});

Deno.test("a signal that was taken before aborts when the time is over", async () => {
  let signal: AbortSignal | undefined;
  const { promise, resolve } = Promise.withResolvers<void>();
  const server = createServer({
    async wait(): Promise<void> {
      signal = this.signal;
      signal.addEventListener("abort", () => resolve());
      await promise;
    },
  }, { callTimeout: 20 });
  const client = createClient<typeof server.methods>("http://localhost/", {
    fetch: server.fetch,
  });
  await assertRejects(() => client.methods.wait(), XmlRpcFault);
  assertEquals(signal?.aborted, true);
});

Deno.test("what a method gives after its time is cancelled", async () => {
  const gate = new Gate({ callTimeout: 20 });
  await assertRejects(() => gate.client.call("lateStream"), XmlRpcFault);
  gate.open();
  assertInstanceOf(await gate.late.cancelled, DOMException);
});

Deno.test("a method that keeps running after its time still counts", async () => {
  const gate = new Gate({ callTimeout: 20, maxConcurrent: 1 });
  await assertRejects(() => gate.client.call("wait", [1]), XmlRpcFault);
  assertEquals((await refusalOf(gate.client.call("now"))).status, 503);
  gate.open();
  assertEquals(await gate.server.drain(), true);
});

Deno.test("a method that reads a stream may take longer than callTimeout", async () => {
  const gate = new Gate({ callTimeout: 0 });
  const call = gate.client.call("put", [new Blob(["abc"])]);
  await gate.arrival(1);
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, 5);
  await promise;
  gate.open();
  assertEquals(await call, 3);
});

Deno.test("the calls of a multicall that is late are not begun", async () => {
  const gate = new Gate({ callTimeout: 20 });
  await assertRejects(
    () => gate.client.multicall([["wait", [1]], ["wait", [2]]]),
    XmlRpcFault,
    "The call took too long",
  );
  gate.open();
  assertEquals(await gate.server.drain(), true);
  assertEquals(gate.arrived, 1);
});

// ---------------------------------------------------------------- drain

Deno.test("drain() waits for the calls that run, and refuses others", async () => {
  const gate = new Gate();
  const running = gate.client.call("wait", [1]);
  await gate.arrival(1);

  const drained = gate.server.drain();
  const { status, body } = await refusalOf(gate.client.call("now"));
  assertEquals([status, body], [
    503,
    "The server is shutting down; retry later\n",
  ]);
  gate.open();

  assertEquals(await running, 1);
  assertEquals(await drained, true);
  assertEquals(await gate.server.drain(), true);
});

Deno.test("drain() waits for a response that is still read", async () => {
  const gate = new Gate();
  const items = gate.client.items("rows");
  await items.next();
  await gate.arrival(1);
  let isDrained = false;
  const drained = gate.server.drain().then((all) => {
    isDrained = true;
    return all;
  });
  await refusalOf(gate.client.call("now"));
  assertEquals(isDrained, false);
  gate.open();
  assertEquals((await items.next()).value, 2);
  assertEquals((await items.next()).done, true);
  assertEquals(await drained, true);
});

Deno.test("drain() aborts what is left when its time is over", async () => {
  const gate = new Gate();
  const running = gate.client.call("wait", [1]);
  await gate.arrival(1);

  assertEquals(await gate.server.drain({ timeout: 10 }), false);

  assert(gate.context!.signal.aborted);
  assertEquals(
    gate.context!.signal.reason.message,
    "The server is shutting down",
  );
  gate.open();
  assertEquals(await running, 1);
});

Deno.test("drain() keeps the results of a multicall when its time is over, and begins no more calls of it", async () => {
  const gate = new Gate();
  const running = gate.client.multicall([["wait", [1]], ["wait", [2]]]);
  await gate.arrival(1);

  assertEquals(await gate.server.drain({ timeout: 10 }), false);
  gate.open();

  const [done, left] = await running;
  assert(done.status === "fulfilled" && left.status === "rejected");
  assertEquals(done.value, 1);
  assertInstanceOf(left.reason, XmlRpcFault);
  assertEquals(
    [left.reason.code, left.reason.message],
    [-32400, "Not run: the multicall has been aborted"],
  );
  assertEquals(gate.arrived, 1);
});

Deno.test("drain() under load, on a socket, loses no call that has been accepted", async () => {
  let accepted = 0;
  const server = createServer({
    async next(number: number): Promise<number> {
      accepted++;
      await Promise.resolve();
      return number + 1;
    },
  });
  await using http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    server.fetch,
  );
  const client = createClient<typeof server.methods>(
    `http://127.0.0.1:${http.addr.port}/`,
  );
  let answered = 0;

  /** Calls until the server refuses. */
  async function callOn(start: number): Promise<number> {
    for (let number = start;; number++) {
      try {
        assertEquals(await client.methods.next(number), number + 1);
        answered++;
      } catch (error) {
        assertInstanceOf(error, XmlRpcHttpError);
        return error.status;
      }
    }
  }

  const callers = Array.from({ length: 20 }, (_, index) => callOn(index));
  while (answered < 500) await client.methods.next(0).then(() => answered++);
  assertEquals(await server.drain(), true);

  assertEquals(new Set(await Promise.all(callers)), new Set([503]));
  assertEquals(answered, accepted);
});

Deno.test("drain() ends at once where nothing runs", async () => {
  assertEquals(await createServer({}).drain({ timeout: 0 }), true);
});

for (
  const name of [
    "maxConcurrent",
    "maxPendingBytes",
    "bodyTimeout",
    "callTimeout",
  ]
) {
  Deno.test(`createServer() refuses a negative ${name}`, () => {
    assertThrows(
      () => createServer({}, { [name]: -1 }),
      RangeError,
      `The option ${name}`,
    );
  });
}

Deno.test("drain() refuses an invalid time", async () => {
  await assertRejects(
    () => createServer({}).drain({ timeout: Infinity }),
    RangeError,
    "The option timeout",
  );
});
