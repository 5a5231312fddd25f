// Failures of streams: the caller waits for an error that says so, never gets a value that
// is short; nothing is left open; and the next call works.

import { assert, assertEquals } from "@std/assert";
import type {
  XmlRpcAnyMethods,
  XmlRpcClient,
  XmlRpcClientOptions,
} from "../../client.ts";
import { decodeResponse } from "../../codec.ts";
import { XmlRpcFault } from "../../core/errors.ts";
import { method, type XmlRpcServerOptions } from "../../server.ts";
import { bytesOf, readAll, Source, testBoth, within } from "./ends.ts";

/** A stream of bytes, as a method gets it. */
export type File = ReadableStream<Uint8Array<ArrayBuffer>>;

/** A client of any methods. */
export type Client = XmlRpcClient<XmlRpcAnyMethods>;

/** What is sent. */
export const PHOTO = bytesOf(300_000);

/** How many bytes of it are one percent. */
export const PERCENT = PHOTO.length / 100;

/** Where something goes wrong, in percent. */
export const PLACES = [0, 50, 99] as const;

/** How soon everything must be over, in milliseconds. */
export const SOON = 1_000;

/** What a call has come to, as text. */
export async function outcomeOf(call: () => unknown): Promise<string> {
  try {
    const value = await call();
    return value instanceof Uint8Array
      ? `${value.length} bytes`
      : String(JSON.stringify(value));
  } catch (error) {
    const code = error instanceof XmlRpcFault ? ` ${error.code}` : "";
    return String(error).replace(":", `${code}:`)
      .replace(/ \(line \d+, column \d+\)$/, "").replace(/http:[^ ]+/, "URL");
  }
}

/** Something that goes wrong, and what it comes to. */
export interface Failure {
  readonly name: string;
  /** The method `put`, which reads a file. By default it reads it to its end. */
  readonly put?: (file: File) => unknown;
  /** The method `get`. */
  readonly get?: (ends: Signals) => unknown;
  readonly server?: XmlRpcServerOptions;
  readonly options?: XmlRpcClientOptions;
  /** Makes the call. */
  readonly call: (client: Client, ends: Signals) => unknown;
  /** What the caller gets; where that differs, in process and on a socket. */
  readonly caller: string | readonly [inProcess: string, onSocket: string];
  /** What has become of `put`. */
  readonly handler?: string;
  /** What `onError` is told. */
  readonly reported?: string;
  /** What the source gets that is made by `source`. */
  readonly source?: RegExp;
}

/** Sends a body to the server. */
type Send = (body: BodyInit) => Promise<Response>;

/** What the two ends of a call tell each other behind its back. */
export class Signals {
  readonly #begun = Promise.withResolvers<void>();
  readonly #aborter = new AbortController();
  readonly #send: Send;
  sourceEnd: Promise<unknown> = Promise.resolve();

  constructor(send: Send) {
    this.#send = send;
  }

  /** Sends a document as it is; gives the value in the answer. */
  async send(document: string): Promise<unknown> {
    const bytes = new TextEncoder().encode(document);
    const response = await this.#send(new Source(bytes, 10_000).stream);
    const body = await response.bytes();
    if (response.ok) return decodeResponse(body);
    throw new Error(`${response.status} ${new TextDecoder().decode(body)}`);
  }

  /** Says that the other end has begun to work. */
  begin(): void {
    this.#begun.resolve();
  }

  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  /** Aborts the call. */
  abort(reason: unknown): void {
    this.#aborter.abort(reason);
  }

  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  /** Rows without end: so many at once, then one whenever `wait` lets it. */
  async *rows(
    count: number,
    wait: () => Promise<unknown> = () => new Promise((go) => setTimeout(go, 5)),
  ): AsyncGenerator<number, void, void> {
    const ended = Promise.withResolvers<string>();
    this.sourceEnd = ended.promise;
    try {
      for (let row = 0;; row++) {
        if (row >= count) await wait();
        yield row;
      }
    } finally {
      ended.resolve("ended");
    }
  }

  /** A file, of which `step` is taken at so many percent. */
  source(percent = 101, step?: () => void | Promise<void>): File {
    const source = new Source(PHOTO, 1_000, percent * PERCENT, step);
    this.sourceEnd = source.ended;
    return source.stream;
  }
}

/** Waits for what does not come. */
export function never(): Promise<void> {
  return new Promise(() => {});
}

/** Asserts that a call comes to what it should, on all sides. */
async function assertFailure(
  failure: Failure,
  caller: Promise<string>,
  handler: Promise<string>,
  ends: Signals,
  isOnSocket: boolean,
): Promise<void> {
  const expected = [failure.caller].flat();
  assertEquals(
    await within(caller, SOON),
    expected.at(isOnSocket ? -1 : 0),
  );
  if (failure.handler !== undefined) {
    assertEquals(await within(handler, SOON), failure.handler);
  }
  if (failure.source !== undefined) {
    const end = String(await within(ends.sourceEnd, SOON));
    assert(failure.source.test(end), `The source has ended with: ${end}`);
  }
}

/** Tests a failure, in process and on a socket. */
export function testFailure(failure: Failure): void {
  testBoth(failure.name, async (connect, _, isOnSocket) => {
    const ends: Signals = new Signals((body) =>
      fetch(
        new Request(url, {
          method: "POST",
          headers: { "content-type": "text/xml" },
          body,
        }),
      )
    );
    const handled = Promise.withResolvers<string>();
    const { put = readAll, get = () => null } = failure;
    const { client, url, fetch, errors } = connect({
      put: method(
        { params: ["base64"], returns: "any", stream: true },
        async (file) => {
          ends.begin();
          const result = Promise.try(() => put(file));
          handled.resolve(outcomeOf(() => result));
          return await result as never;
        },
      ),
      get: () => get(ends),
      ping: () => "pong",
    }, {
      ...failure.server === undefined ? {} : { server: failure.server },
      client: failure.options ?? {},
    });
    const caller = outcomeOf(() =>
      failure.call(client.with({ signal: ends.signal }) as Client, ends)
    );
    await assertFailure(failure, caller, handled.promise, ends, isOnSocket);
    const next = client.call("ping", [], { onProgress: undefined });
    assertEquals(await outcomeOf(() => within(next, SOON)), '"pong"');
    assertEquals(errors.map(String).join("\n"), failure.reported ?? "");
  });
}

/** The error of a handler whose client is gone. */
export const GONE = "Error: The body is incomplete";

/** The error of a caller whose server is gone, on a socket. */
export const CUT = "TypeError: error reading a body from connection";

/** A Blob that says another size than it has. */
export class WrongBlob extends Blob {
  readonly #size: number;

  constructor(size: number) {
    super([PHOTO]);
    this.#size = size;
  }

  override get size(): number {
    return this.#size;
  }
}

/** The text of a document. */
export function textOf(document: Uint8Array): string {
  return new TextDecoder().decode(document);
}

/** Calls `get`, and reads the stream that it gives. */
export async function download(client: Client): Promise<unknown> {
  return await readAll(await client.stream("get"));
}

/** Calls `get`, and counts the items that it gives. */
export async function list(client: Client): Promise<number> {
  let count = 0;
  for await (const _ of client.items("get")) count++;
  return count;
}
