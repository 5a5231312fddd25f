// The caller goes while a method waits, at each place where it can: its signal aborts,
// it comes to its end whether it looks at that or not, and nothing is left open.

import { encodeCall } from "../../codec.ts";
import {
  method,
  type XmlRpcContext,
  type XmlRpcServerOptions,
} from "../../server.ts";
import { callOf, RawConnection, requestOf, within } from "./_raw.ts";
import { withServer } from "./_server.ts";

/** Resolves when a signal aborts. */
async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true })
  );
}

/** Stops a method at one of the places that it comes by. */
class Trap {
  readonly #place: string;
  readonly #isDeaf: boolean;
  readonly #arrived = Promise.withResolvers<void>();
  readonly #opened = Promise.withResolvers<void>();
  readonly #left = Promise.withResolvers<void>();
  /** The places that were come by, in order. */
  readonly places: string[] = [];

  /** Who is deaf waits until the trap is opened, and else until the signal aborts. */
  constructor(place: string, isDeaf: boolean) {
    this.#place = place;
    this.#isDeaf = isDeaf;
  }

  async pass(place: string, { signal }: XmlRpcContext): Promise<void> {
    this.places.push(place);
    // An await of its own everywhere.
    await Promise.resolve();
    if (place !== this.#place) return;
    this.#arrived.resolve();
    await (this.#isDeaf ? this.#opened.promise : aborted(signal));
    this.#left.resolve();
  }

  /** What a method waits for that is not for the trap to open. */
  async read<T>(place: string, reading: Promise<T>): Promise<T> {
    this.places.push(place);
    if (place === this.#place) this.#arrived.resolve();
    try {
      return await reading;
    } finally {
      if (place === this.#place) this.#left.resolve();
    }
  }

  /** Waits until a call is in. */
  async arrived(): Promise<void> {
    await within(this.#arrived.promise);
  }

  /** Waits until no call is in. */
  async left(): Promise<void> {
    this.#opened.resolve();
    await within(this.#left.promise);
  }
}

function methodsWith(trap: Trap) {
  return {
    plain: async function (this: XmlRpcContext): Promise<string> {
      for (const place of ["first", "second", "third"]) {
        await trap.pass(place, this);
      }
      return "done";
    },
    put: method(
      { params: ["base64"], returns: "int", stream: true },
      async function (bytes) {
        await trap.pass("before the stream", this);
        const reader = bytes.getReader();
        const first = await trap.read("first chunk", reader.read());
        await trap.pass("between chunks", this);
        const rest = await trap.read("last chunk", reader.read());
        await trap.pass("after the stream", this);
        return (first.value?.length ?? 0) + (rest.value?.length ?? 0);
      },
    ),
    rows: async function* (this: XmlRpcContext): AsyncGenerator<string> {
      await trap.pass("before the rows", this);
      yield "x".repeat(100_000);
      await trap.pass("between the rows", this);
      yield "last";
      await trap.pass("after the rows", this);
    },
    bytes: function (this: XmlRpcContext): ReadableStream {
      let chunks = 0;
      return new ReadableStream({
        pull: async (controller): Promise<void> => {
          await trap.pass(`chunk ${chunks}`, this);
          controller.enqueue(new Uint8Array(100_000));
          if (++chunks === 2) controller.close();
        },
      }, { highWaterMark: 0 });
    },
  };
}

function interceptedBy(trap: Trap): XmlRpcServerOptions {
  return {
    interceptors: [async (call, next) => {
      await trap.pass("before the method", call.context);
      const result = await next(call);
      await trap.pass("after the method", call.context);
      return result;
    }],
  };
}

const PUT = encodeCall("put", [new Uint8Array(30)]);
/** Where its base64 begins, with an A. */
const PUT_START = PUT.indexOf(0x41);
const PUT_HEADERS = [`content-length: ${PUT.length}`];
const BATCH = encodeCall("system.multicall", [[
  { methodName: "plain", params: [] },
]]);

// They are short: Deno 2.9 does not notice that a caller has gone who has sent more
// than some 500 bytes and waits for the response.

/** What is sent, and the places that the method comes by. */
const REQUESTS: readonly [
  name: string,
  request: Uint8Array,
  places: readonly string[],
][] = [
  ["a method", callOf("plain"), [
    "before the method",
    "first",
    "second",
    "third",
    "after the method",
  ]],
  ["a multicall", requestOf(BATCH), ["first", "second", "third"]],
  ["rows", callOf("rows"), [
    "before the rows",
    "between the rows",
    "after the rows",
  ]],
  ["bytes", callOf("bytes"), ["chunk 0", "chunk 1"]],
  [
    "an upload that stops",
    requestOf(PUT.subarray(0, PUT_START + 16), PUT_HEADERS),
    ["before the method", "before the stream", "between chunks", "last chunk"],
  ],
  [
    "an upload that has not begun",
    requestOf(PUT.subarray(0, PUT_START + 1), PUT_HEADERS),
    ["before the stream", "first chunk"],
  ],
  ["a whole upload", requestOf(PUT), ["after the stream", "after the method"]],
];

for (const [name, request, places] of REQUESTS) {
  for (const place of places) {
    for (const isDeaf of [false, true]) {
      // Nor that a client has gone whose body is not read.
      if (!isDeaf && name.startsWith("an upload that")) continue;
      const how = isDeaf ? "does not look" : "looks at its signal";
      Deno.test(`${name}: who waits at "${place}" and ${how} comes to an end when the caller goes`, async () => {
        const trap = new Trap(place, isDeaf);
        const options = { ...interceptedBy(trap), maxConcurrent: 1 };
        await withServer(methodsWith(trap), options, async (port) => {
          const connection = await RawConnection.open(port);
          await connection.write(request);
          await trap.arrived();
          connection.close();
          await trap.left();
        });
      });
    }
  }
}
