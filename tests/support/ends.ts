// Both ends of a call, on a socket and in one process; and sources that say what
// becomes of them.

import { assert, assertEquals } from "@std/assert";
import {
  createClient,
  type XmlRpcAnyMethods,
  type XmlRpcClient,
  type XmlRpcClientOptions,
} from "../../client.ts";
import {
  createServer,
  type XmlRpcContext,
  type XmlRpcMethods,
  type XmlRpcServerOptions,
} from "../../server.ts";

// ---------------------------------------------------------------- time

/** What a promise gives, if it does so within a time, in milliseconds. */
export async function within<T>(
  promise: PromiseLike<T>,
  milliseconds: number,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`Not settled within ${milliseconds} ms`)),
    milliseconds,
  );
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until a number has stayed the same for a while; gives it. */
export async function whenQuiet(count: () => number): Promise<number> {
  for (let before = -1;;) {
    const now = count();
    if (now === before) return now;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

// ---------------------------------------------------------------- ends

/** A client, its server, and what has been going on at it. */
export interface Ends<T> {
  readonly client: XmlRpcClient<T>;
  readonly url: string;
  /** How the client's requests get to the server. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** What `onError` got. */
  readonly errors: readonly unknown[];
  readonly requests: readonly Request[];
}

/** Starts a server, which ends with the test, and makes its client. */
export type Connect = <T extends XmlRpcMethods<T>>(
  methods: T & ThisType<XmlRpcContext>,
  options?: {
    readonly server?: XmlRpcServerOptions;
    readonly client?: XmlRpcClientOptions;
  },
) => Ends<T>;

/** Makes a client of a server that answers as it likes. */
export type ConnectTo = (
  handler: (request: Request) => Response | Promise<Response>,
) => XmlRpcClient<XmlRpcAnyMethods>;

/** What a test does, and whether the ends are on a socket. */
type Test = (
  connect: Connect,
  connectTo: ConnectTo,
  isOnSocket: boolean,
) => Promise<void>;

/** Serves on a free port of this machine. */
export function listen(
  handler: (request: Request) => Response | Promise<Response>,
): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => handler(request),
  );
}

/** Runs a test with ends that are connected in one way. */
async function runWith(isOnSocket: boolean, test: Test): Promise<void> {
  const listeners: Deno.HttpServer<Deno.NetAddr>[] = [];

  /** How a client gets to a server. */
  function wayTo(
    handler: (request: Request) => Response | Promise<Response>,
  ): [url: string, options: XmlRpcClientOptions] {
    if (!isOnSocket) {
      // Async, so that whatever it throws is a rejection.
      // deno-lint-ignore require-await
      return ["http://localhost/", { fetch: async (r) => handler(r) }];
    }
    const listener = listen(handler);
    listeners.push(listener);
    return [`http://127.0.0.1:${listener.addr.port}/`, {}];
  }

  const connect: Connect = (methods, options = {}) => {
    const errors: unknown[] = [];
    const requests: Request[] = [];
    const server = createServer(methods, {
      onError: (error) => errors.push(error),
      ...options.server,
    });
    const [url, way] = wayTo((request) => {
      requests.push(request);
      return server.fetch(request);
    });
    const client = createClient<typeof server.methods>(url, {
      ...way,
      ...options.client,
    });
    const { fetch = globalThis.fetch } = way;
    return { client, url, fetch, errors, requests };
  };
  const connectTo: ConnectTo = (handler) => createClient(...wayTo(handler));

  await within(test(connect, connectTo, isOnSocket), 30_000);
  // A connection that is in a bad state does not end by itself.
  await within(Promise.all(listeners.map((each) => each.shutdown())), 5_000);
}

/** A test on a socket. */
export function testOnSocket(name: string, test: Test): void {
  Deno.test(`${name}, on a socket`, () => runWith(true, test));
}

/** A test on a socket, and in one process. */
export function testBoth(name: string, test: Test): void {
  Deno.test(`${name}, in process`, () => runWith(false, test));
  testOnSocket(name, test);
}

// ---------------------------------------------------------------- sources

/** Bytes of which no two places look alike. */
export function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let state = 1;
  for (let index = 0; index < length; index++) {
    state = Math.imul(state, 1_103_515_245) + 12_345 | 0;
    bytes[index] = state >>> 16;
  }
  return bytes;
}

/** Asserts that bytes are the same, without showing them. */
export function assertSameBytes(
  actual: Uint8Array,
  expected: Uint8Array,
): void {
  assertEquals(actual.length, expected.length);
  const different = actual.findIndex((byte, at) => byte !== expected[at]);
  assert(different < 0, `Different bytes at ${different}`);
}

/** All bytes of a stream. */
export async function readAll(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** What a source does before it gives the byte at a place. */
export type Step = () => void | PromiseLike<void>;

/** A stream of bytes that says how far it has been read, and how it has ended. */
export class Source {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** How many bytes it has given. */
  given = 0;
  readonly #ended = Promise.withResolvers<unknown>();

  /**
   * The bytes in chunks of a size; `step` is run once, before the first chunk that
   * begins at `at` or behind.
   */
  constructor(
    bytes: Uint8Array<ArrayBuffer>,
    size: number,
    at = Infinity,
    step: Step = () => {},
  ) {
    let isDone = false;
    this.stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: async (controller): Promise<void> => {
        if (this.given >= at && !isDone) {
          isDone = true;
          await step();
        }
        if (this.given === bytes.length) {
          controller.close();
          return this.#ended.resolve("closed");
        }
        const chunk = bytes.slice(this.given, this.given + size);
        this.given += chunk.length;
        controller.enqueue(chunk);
      },
      cancel: (reason): void => this.#ended.resolve(reason),
    }, { highWaterMark: 0 });
  }

  /** `"closed"`, or why it has been cancelled. */
  get ended(): Promise<unknown> {
    return this.#ended.promise;
  }
}
