// How a server copes with too many calls, with slow ones, and with its end.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { createClient } from "./client.ts";
import { XmlRpcFault, XmlRpcHttpError } from "./errors.ts";
import {
  createServer,
  method,
  type XmlRpcContext,
  type XmlRpcErrorContext,
  type XmlRpcServerOptions,
} from "./server.ts";

async function* twoRows(wait: () => Promise<void>): AsyncGenerator<number> {
  yield 1;
  await wait();
  yield 2;
}

/** A server with methods that wait until they are told to go on. */
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
      now: () => "now",
      async wait(value: number): Promise<number> {
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

  /** Lets all calls go on that wait. */
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
  assertEquals(body, "The server is busy: try again\n");
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

Deno.test("a response that nobody reads any more counts no longer", async () => {
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

Deno.test("a method that goes on after its time still counts", async () => {
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
  assertEquals([status, body], [503, "The server ends: try again\n"]);
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
  assertEquals(gate.context!.signal.reason.message, "The server ends");
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
    [-32400, "Not begun: the call has been given up"],
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

for (const name of ["maxConcurrent", "bodyTimeout", "callTimeout"]) {
  Deno.test(`createServer() refuses a negative ${name}`, () => {
    assertThrows(
      () => createServer({}, { [name]: -1 }),
      RangeError,
      `The option ${name}`,
    );
  });
}

Deno.test("drain() refuses a time that is none", async () => {
  await assertRejects(
    () => createServer({}).drain({ timeout: Infinity }),
    RangeError,
    "The option timeout",
  );
});
