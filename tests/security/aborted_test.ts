// Calls that are aborted by the thousand leave nothing behind: no timers (which the test
// runner sees), no listeners, no calls that count as running.

import { assert, assertEquals } from "@std/assert";
import { listen, within } from "../support/ends.ts";
import { createClient, type XmlRpcClientOptions } from "../../client.ts";
import { encodeCall, encodeResponse } from "../../codec.ts";
import { createServer } from "../../server.ts";

const MANY = 2000;
const XML = { "content-type": "text/xml" };

/** How many listeners for aborts are left after `run` that were not there before. */
async function listenersLeft(run: () => Promise<unknown>): Promise<number> {
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  const left = new Map<EventTarget, Set<unknown>>();
  EventTarget.prototype.addEventListener = function (type, listener, options) {
    if (type === "abort") {
      const all = left.get(this) ?? new Set();
      left.set(this, all.add(listener));
    }
    addEventListener.call(this, type, listener, options);
  };
  EventTarget.prototype.removeEventListener = function (
    type,
    listener,
    options,
  ) {
    if (type === "abort") left.get(this)?.delete(listener);
    removeEventListener.call(this, type, listener, options);
  };
  try {
    await run();
  } finally {
    EventTarget.prototype.addEventListener = addEventListener;
    EventTarget.prototype.removeEventListener = removeEventListener;
  }
  assert(left.size > 0, "No listener was seen at all");
  return [...left.values()].reduce((sum, all) => sum + all.size, 0);
}

const WAYS: readonly (readonly [what: string, options: XmlRpcClientOptions])[] =
  [
    ["calls", {}],
    ["calls through interceptors", {
      interceptors: [(call, next) => next(call)],
    }],
    ["calls that ask for signatures", { signatures: "introspect" }],
    ["calls in batches", { batch: true }],
  ];

for (const [what, options] of WAYS) {
  Deno.test(`${MANY} aborted ${what} leave no listeners at a signal that lives on`, async () => {
    const lasting = new AbortController();
    const client = createClient("http://localhost/", {
      ...options,
      signal: lasting.signal,
      fetch: () => new Promise(() => {}),
    });

    const left = await listenersLeft(async () => {
      for (let round = 0; round < 20; round++) {
        const aborter = new AbortController();
        const own = client.with({ signal: aborter.signal });
        const calls = Array.from(
          { length: MANY / 20 },
          (_, index) => own.call("m", [index]),
        );
        const settled = Promise.allSettled(calls);
        await new Promise((resolve) => setTimeout(resolve, 0));
        aborter.abort(new Error("enough"));
        for (const call of await settled) assertEquals(call.status, "rejected");
      }
    });

    assertEquals(left, 0);
  });
}

Deno.test(`${MANY} aborted requests leave no listeners, and count no longer`, async () => {
  let running = 0;
  const server = createServer({
    async wait(): Promise<null> {
      running++;
      const { promise, reject } = Promise.withResolvers<never>();
      const stop = (): void => reject(this.signal.reason);
      this.signal.addEventListener("abort", stop);
      try {
        return await promise;
      } finally {
        this.signal.removeEventListener("abort", stop);
        running--;
      }
    },
    echo: (value: unknown) => value,
  }, { maxConcurrent: MANY });

  const left = await listenersLeft(async () => {
    const aborter = new AbortController();
    const responses = Array.from({ length: MANY }, () =>
      server.fetch(
        new Request("http://localhost/", {
          method: "POST",
          headers: XML,
          body: encodeCall("wait"),
          signal: aborter.signal,
        }),
      ));
    await new Promise((resolve) => setTimeout(resolve, 100));
    aborter.abort();
    for (const response of await Promise.all(responses)) {
      await response.body?.cancel();
    }
  });

  assertEquals(left, 0);
  assertEquals(running, 0);
  const client = createClient("http://localhost/", { fetch: server.fetch });
  assertEquals(await client.call("echo", [1]), 1);
  assertEquals(await server.drain({ timeout: 5000 }), true);
});

Deno.test("calls that hang up on a socket end the server's work for them", async () => {
  let running = 0;
  let begun = Promise.withResolvers<void>();
  const server = createServer({
    async *rows(): AsyncGenerator<number, void, void> {
      if (++running === 50) begun.resolve();
      try {
        for (let row = 0; row < 1e6; row++) {
          yield row;
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      } finally {
        running--;
      }
    },
  });
  await using http = listen(server.fetch);
  const client = createClient(`http://127.0.0.1:${http.addr.port}/`);

  for (let round = 0; round < 4; round++) {
    begun = Promise.withResolvers();
    const aborter = new AbortController();
    const calls = Array.from(
      { length: 50 },
      () => client.call("rows", [], { signal: aborter.signal }),
    );
    const settled = Promise.allSettled(calls);
    await within(begun.promise, 20_000);
    aborter.abort();
    await settled;
    // Each has returned: the load that `drain` waits for is none but theirs.
    while (running > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  assertEquals(await within(server.drain({ timeout: 10_000 }), 20_000), true);
});

Deno.test(`${MANY} items that are left early leave nothing open`, async () => {
  let open = 0;
  const client = createClient("http://localhost/", {
    fetch: () => {
      open++;
      const document = encodeResponse(Array(1000).fill(1));
      const body = new ReadableStream<Uint8Array>({
        start: (controller) =>
          controller.enqueue(document.subarray(0, document.length / 2)),
        cancel: () => void open--,
      });
      return Promise.resolve(new Response(body, { headers: XML }));
    },
  });

  for (let round = 0; round < MANY; round++) {
    for await (const item of client.items("m")) {
      assertEquals(item, 1);
      break;
    }
  }

  assertEquals(open, 0);
});
