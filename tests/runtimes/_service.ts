// The server that is checked in every runtime, and called by every client.

import { createServer, double, i8, method, XmlRpcFault } from "../../mod.ts";

/** What has become of what the methods did. */
const counts = { endlessGiven: 0, endlessEnded: 0, aborted: 0 };

/** How many bytes each chunk of the streams has. */
export const CHUNK = 65_536;

/** A stream of so many chunks; `onGiven` and `onEnd` are called with its fate. */
export function chunks(
  count: number,
  onGiven: () => void = () => {},
  onEnd: () => void = () => {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let given = 0;
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    // Async, for without a wait no other code gets a turn.
    pull: async (controller): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (given === count) {
        onEnd();
        return controller.close();
      }
      controller.enqueue(new Uint8Array(CHUNK).fill(given++));
      onGiven();
    },
    cancel: onEnd,
  }, { highWaterMark: 0 });
}

/** The size of a stream, and a sum that depends on every byte and its place. */
async function digest(
  stream: ReadableStream<Uint8Array>,
): Promise<{ readonly size: number; readonly sum: number }> {
  let size = 0;
  let sum = 0;
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { size, sum };
    for (const byte of value) sum = (sum * 31 + byte) % 65_521;
    size += value.length;
  }
}

/** A promise, and what resolves it: not every runtime has `Promise.withResolvers`. */
function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => void (resolve = () => done()));
  return { promise, resolve: () => resolve() };
}

async function* rows(count: number): AsyncGenerator<{ readonly id: number }> {
  for (let id = 0; id < count; id++) yield await Promise.resolve({ id });
}

/** The server. */
export const service = createServer({
  echo: (value: unknown) => value,
  greet: (name: string) => `Grüße, ${name} 😀`,
  math: {
    add: method(
      { params: ["int", "int"], returns: "int", help: "Adds." },
      (x, y) => x + y,
    ),
  },
  types: () => ({
    int: -7,
    i8: i8(2n ** 62n),
    double: double(3),
    boolean: true,
    string: "<&>]]>\r\n",
    date: new Date(Date.UTC(1998, 6, 17, 14, 8, 55)),
    bytes: Uint8Array.of(0, 1, 254, 255),
    nil: null,
    array: [1, [2, []]],
    struct: { a: { b: {} } },
  }),
  fail(): never {
    throw new XmlRpcFault(4, "Too many parameters");
  },
  crash(): never {
    throw new Error("secret");
  },
  long: (length: number) => "long ".repeat(length),
  upload: method(
    { params: ["string", "base64"], returns: "any", stream: true },
    async (_name, bytes) => ({ ...await digest(bytes) }),
  ),
  /** Refuses what is sent after its first chunk. */
  sip: method(
    { params: ["base64"], returns: "int", stream: true },
    async (bytes) => {
      await bytes.getReader().read();
      throw new XmlRpcFault(9, "Enough");
    },
  ),
  download: (count: number) => chunks(count),
  endless: () =>
    chunks(
      Infinity,
      () => void counts.endlessGiven++,
      () => void counts.endlessEnded++,
    ),
  blob: () => new Blob([new Uint8Array(100_000).fill(7)]),
  rows,
  async slow(): Promise<never> {
    this.signal.addEventListener("abort", () => void counts.aborted++);
    const { promise, resolve } = deferred();
    const timer = setTimeout(resolve, 30_000);
    this.signal.addEventListener("abort", resolve);
    await promise;
    clearTimeout(timer);
    throw new Error("Nobody waits as long");
  },
  counts: () => ({ ...counts }),
}, {
  maxBodyBytes: 1_000_000,
});

/** What the service has. */
export type Service = typeof service.methods;
