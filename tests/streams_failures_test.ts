// What goes wrong with streams: whoever waits gets an error that says so, never a value
// that is short; nothing is left open; and the next call works.

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  bytesOf,
  listen,
  readAll,
  Source,
  testBoth,
  testOnSocket,
  within,
} from "./support/ends.ts";
import {
  createClient,
  type XmlRpcAnyMethods,
  type XmlRpcClient,
  type XmlRpcClientOptions,
} from "../client.ts";
import { decodeResponse, encodeCall, encodeResponse } from "../codec.ts";
import { XmlRpcFault } from "../core/errors.ts";
import { createServer, method, type XmlRpcServerOptions } from "../server.ts";

type File = ReadableStream<Uint8Array<ArrayBuffer>>;
type Client = XmlRpcClient<XmlRpcAnyMethods>;

const PHOTO = bytesOf(300_000);
const PERCENT = PHOTO.length / 100;
const PLACES = [0, 50, 99] as const;

/** How soon everything must be over, in milliseconds. */
const SOON = 1_000;

/** What a call has come to, as text. */
async function outcomeOf(call: () => unknown): Promise<string> {
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
interface Failure {
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
class Signals {
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
function never(): Promise<void> {
  return new Promise(() => {});
}

/** Fails once the other end has begun. */
function failLater(ends: Signals, error: Error): () => Promise<void> {
  return async () => {
    await ends.begun;
    throw error;
  };
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

function testFailure(failure: Failure): void {
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

// ---------------------------------------------------------------- up

function upload(client: Client, ends: Signals): unknown {
  return client.call("put", [ends.source()]);
}

function uploadBlob(client: Client): unknown {
  return client.call("put", [new Blob([PHOTO])]);
}

async function readSome(file: File): Promise<void> {
  const reader = file.getReader();
  await reader.read();
  reader.releaseLock();
}

function refuse(): never {
  throw new XmlRpcFault(5, "No");
}

function crash(): never {
  throw new Error("A secret");
}

const GONE = "Error: The body is no whole HTTP data";
const CUT = "TypeError: error reading a body from connection";
const OVER = "TypeError: The call is over: its stream can be read no more";

const HANDLERS: readonly Failure[] = [
  {
    name: "a handler throws a fault before it reads",
    put: refuse,
    call: upload,
    caller: "XmlRpcFault 5: No",
  },
  {
    name: "a handler throws a fault while it reads",
    put: async (file) => {
      await readSome(file);
      refuse();
    },
    call: upload,
    caller: "XmlRpcFault 5: No",
  },
  {
    name: "a handler throws a fault after it has read",
    put: async (file) => {
      await readAll(file);
      refuse();
    },
    call: upload,
    caller: "XmlRpcFault 5: No",
    source: /^closed$/,
  },
  {
    name: "a handler throws an error before it reads",
    put: crash,
    call: upload,
    caller: "XmlRpcFault -32603: Internal error",
    reported: "Error: A secret",
  },
  {
    name: "a handler throws an error while it reads",
    put: async (file) => {
      await readSome(file);
      crash();
    },
    call: uploadBlob,
    caller: "XmlRpcFault -32603: Internal error",
    reported: "Error: A secret",
  },
  {
    name: "a handler throws an error after it has read",
    put: async (file) => {
      await readAll(file);
      crash();
    },
    call: uploadBlob,
    caller: "XmlRpcFault -32603: Internal error",
    reported: "Error: A secret",
  },
  {
    name: "a handler throws while it waits for the file",
    put: async (file) => {
      const reader = file.getReader();
      await reader.read();
      for (;;) {
        const { value } = await Promise.race([
          reader.read(),
          new Promise<{ value: Uint8Array }>((resolve) =>
            setTimeout(resolve, 20, { value: new Uint8Array() })
          ),
        ]);
        if (value!.length === 0) refuse();
      }
    },
    call: (client, ends) =>
      client.call("put", [ends.source(50, () => new Promise(() => {}))]),
    caller: "XmlRpcFault 5: No",
    source: /./,
  },
  {
    name: "a handler answers without having read",
    put: () => 1,
    call: upload,
    caller: "1",
    source: /^closed$/,
  },
  {
    name: "a handler answers when it has read a part",
    put: async (file) => {
      await readSome(file);
      return 1;
    },
    call: upload,
    caller: "1",
    source: /^closed$/,
  },
  {
    name: "a handler cancels the file and answers",
    put: async (file) => {
      await file.cancel();
      return 1;
    },
    call: upload,
    caller: "1",
    source: /^closed$/,
  },
  {
    name: "a handler has a file that it has not read, and no byte has come",
    put: () => 1,
    call: (client) => client.call("put", [new Blob()]),
    caller: "1",
  },
  {
    name: "a handler gives the file back as its result",
    put: (file) => file,
    call: upload,
    caller: [OVER, CUT],
    reported: OVER,
    source: /^closed$/,
  },
];
HANDLERS.forEach(testFailure);

Deno.test("a file can be read no more once its call is over", async () => {
  const kept = Promise.withResolvers<File>();
  const server = createServer({
    put: method(
      { params: ["base64"], returns: "int", stream: true },
      (file) => {
        kept.resolve(file);
        return 1;
      },
    ),
  });
  const body = encodeCall("put", [PHOTO]);
  const headers = { "content-type": "text/xml" };
  const init = { method: "POST", headers, body };
  await server.fetch(new Request("http://localhost/", init));
  const file = await kept.promise;
  assertEquals(await outcomeOf(() => readAll(file)), OVER);
});

const ABORTS: readonly Failure[] = PLACES.map((percent) => ({
  name: `the client aborts at ${percent} % of an upload`,
  call: (client, ends) =>
    client.call("put", [
      ends.source(percent, async () => {
        await ends.begun;
        ends.abort(new Error("Changed my mind"));
      }),
    ]),
  caller: "Error: Changed my mind",
  handler: GONE,
  source: /^Error: Changed my mind$/,
}));
ABORTS.forEach(testFailure);

const SOURCES: readonly Failure[] = PLACES.map((percent) => ({
  name: `the client's source fails at ${percent} %`,
  call: (client, ends) =>
    client.call("put", [
      ends.source(percent, failLater(ends, new Error("Disk"))),
    ]),
  caller: "Error: Disk",
  handler: GONE,
}));
SOURCES.forEach(testFailure);

/** A Blob that says another size than it has. */
class WrongBlob extends Blob {
  readonly #size: number;

  constructor(size: number) {
    super([PHOTO]);
    this.#size = size;
  }

  override get size(): number {
    return this.#size;
  }
}

const INTERCEPTORS: readonly Failure[] = [
  {
    name: "an interceptor of the server gives up while the handler reads",
    server: {
      interceptors: [async (call, next) => {
        if (call.methodName !== "put") return await next(call);
        const late = new Promise((_, reject) =>
          setTimeout(reject, 20, new XmlRpcFault(5, "No"))
        );
        return await Promise.race([next(call), late]);
      }],
    },
    call: (client, ends) => client.call("put", [ends.source(50, never)]),
    caller: "XmlRpcFault 5: No",
    handler: "XmlRpcFault 5: No",
    source: /./,
  },
  {
    name: "an interceptor of the server refuses an upload",
    server: {
      interceptors: [
        async (call, next) =>
          call.methodName === "put" ? refuse() : await next(call),
      ],
    },
    call: (client, ends) => client.call("put", [ends.source(50, never)]),
    caller: "XmlRpcFault 5: No",
    source: /./,
  },
];
INTERCEPTORS.forEach(testFailure);

const CLIENTS: readonly Failure[] = [
  {
    name: "the client's stream is longer than its maxStreamBytes",
    options: { maxStreamBytes: 200_000 },
    call: upload,
    caller:
      "RangeError: Cannot encode more than 200000 bytes at params[0]: the limit maxStreamBytes",
    handler: GONE,
    source: /^RangeError/,
  },
  {
    name: "the client's Blob is longer than its maxStreamBytes",
    options: { maxStreamBytes: 200_000 },
    call: uploadBlob,
    caller:
      "RangeError: Cannot encode more than 200000 bytes at params[0]: the limit maxStreamBytes",
  },
  {
    name: "a Blob that goes up is shorter than it says",
    call: (client) => client.call("put", [new WrongBlob(PHOTO.length + 3)]),
    caller:
      "TypeError: Cannot encode the Blob at params[0]: it should have 300003 bytes, and has 300000",
    handler: GONE,
  },
  {
    name: "a Blob that goes up is longer than it says",
    call: (client) => client.call("put", [new WrongBlob(PHOTO.length - 3)]),
    caller:
      "TypeError: Cannot encode the Blob at params[0]: it should have 299997 bytes, and has more",
  },
  {
    name: "the client's stream has no bytes in it",
    call: (client) => client.call("put", [ReadableStream.from(["text"])]),
    caller:
      "TypeError: Cannot encode a string in the stream at params[0]: its chunks must be Uint8Arrays",
  },
  {
    name: "the client's stream is read by somebody else",
    call: (client, ends) => {
      const stream = ends.source();
      stream.getReader();
      return client.call("put", [stream]);
    },
    caller:
      "TypeError: Cannot encode a locked ReadableStream at params[0]: something else reads it",
  },
  {
    name: "onProgress throws as the file goes up",
    options: {
      onProgress: () => {
        throw new Error("Enough");
      },
    },
    call: upload,
    caller: "Error: Enough",
    source: /^Error: Enough$/,
  },
  {
    name: "the client's signal has aborted before it sends a stream",
    call: (client, ends) => {
      ends.abort(new Error("Too late"));
      return client.call("put", [ends.source()]);
    },
    caller: "Error: Too late",
    source: /^Error: Too late$/,
  },
  {
    name: "an interceptor of the client refuses to send a stream",
    options: {
      interceptors: [
        async (call, next) =>
          call.methodName === "put" ? refuse() : await next(call),
      ],
    },
    call: (client, ends) => client.call("put", [{ files: [ends.source()] }]),
    caller: "XmlRpcFault 5: No",
    source: /^XmlRpcFault: No$/,
  },
  {
    name: "there are no headers for a call with a stream",
    call: (client, ends) =>
      client.with({ headers: crash }).call("put", [ends.source()]),
    caller: "Error: A secret",
    source: /./,
  },
  {
    name: "there is no fetch for a call with a stream",
    call: (client, ends) =>
      client.with({ fetch: crash }).call("put", [ends.source()]),
    caller: "Error: A secret",
    source: /./,
  },
  {
    name: "items() gets the fault of a method that reads no upload",
    put: refuse,
    call: (client, ends) =>
      client.items("put", [ends.source(50, never)]).next(),
    caller: "XmlRpcFault 5: No",
    source: /./,
  },
  {
    name: "stream() gets the fault of a method that reads no upload",
    put: refuse,
    call: (client, ends) => client.stream("put", [ends.source(50, never)]),
    caller: "XmlRpcFault 5: No",
    source: /./,
  },
];
CLIENTS.forEach(testFailure);

// ---------------------------------------------------------------- documents

function textOf(document: Uint8Array): string {
  return new TextDecoder().decode(document);
}

const CALL = textOf(encodeCall("put", [PHOTO]));
const MIDDLE = CALL.length / 2;
const START = /(?<=<base64>).{40}/.exec(CALL)![0];

const TOO_LARGE =
  "Error: 413 The request is longer than 1000 bytes: the limit maxBodyBytes\n";

const DOCUMENTS: readonly Failure[] = [
  {
    name: "a file is longer than the server's maxStreamBytes",
    server: { maxStreamBytes: 200_000 },
    call: upload,
    caller:
      "XmlRpcFault -32600: The base64 is too long: the limit maxStreamBytes is 200000 at params[0]",
    handler:
      "XmlRpcSyntaxError: The base64 is too long: the limit maxStreamBytes is 200000 at params[0]",
  },
  {
    name: "a document has junk in the middle of its base64",
    call: (_, ends) =>
      ends.send(`${CALL.slice(0, MIDDLE)}!${CALL.slice(MIDDLE)}`),
    caller:
      `XmlRpcFault -32600: Cannot read "${START}…" as base64: expected letters, digits, + and /, and = at the end at params[0]`,
    handler:
      `XmlRpcSyntaxError: Cannot read "${START}…" as base64: expected letters, digits, + and /, and = at the end at params[0]`,
  },
  {
    name: "a document has an element in the middle of its base64",
    call: (_, ends) =>
      ends.send(`${CALL.slice(0, MIDDLE)}<b/>${CALL.slice(MIDDLE)}`),
    caller: "XmlRpcFault -32600: Unknown element <b> at params[0]",
    handler: "XmlRpcSyntaxError: Unknown element <b> at params[0]",
  },
  {
    name: "a document has a param too many behind its file",
    call: (_, ends) =>
      ends.send(
        CALL.replace(
          "</params>",
          "<param><value><int>1</int></value></param></params>",
        ),
      ),
    caller: "XmlRpcFault -32602: Expected 1 params, got 2",
    handler: "XmlRpcFault -32602: Expected 1 params, got 2",
  },
  {
    name: "a document has a broken param behind its file",
    call: (_, ends) =>
      ends.send(
        CALL.replace(
          "</params>",
          "<param><value><int>x</int></value></param></params>",
        ),
      ),
    caller:
      'XmlRpcFault -32600: Cannot read "x" as int: expected an integer at params[1]',
    handler:
      'XmlRpcSyntaxError: Cannot read "x" as int: expected an integer at params[1]',
  },
  {
    name: "a document ends within its base64",
    call: (_, ends) => ends.send(CALL.slice(0, MIDDLE)),
    caller:
      "XmlRpcFault -32700: The document ends inside <base64> at params[0]",
    handler:
      "XmlRpcSyntaxError: The document ends inside <base64> at params[0]",
  },
  {
    name: "a document ends behind its base64",
    call: (_, ends) => ends.send(CALL.replace(/<\/base64>.*/s, "</base64>")),
    caller: "XmlRpcFault -32700: The document ends inside <value> at params[0]",
    handler: "XmlRpcSyntaxError: The document ends inside <value> at params[0]",
  },
  {
    name: "a document has junk behind its end",
    call: (_, ends) => ends.send(`${CALL}junk`),
    caller: 'XmlRpcFault -32700: Text outside the root element: "junk"',
    handler: 'XmlRpcSyntaxError: Text outside the root element: "junk"',
  },
  {
    name: "a document is wrong and nobody reads its file",
    put: () => 1,
    call: (_, ends) => ends.send(`${CALL}junk`),
    caller: 'XmlRpcFault -32700: Text outside the root element: "junk"',
    handler: "1",
  },
  {
    name: "a handler throws, and its document is wrong",
    put: async (file) => {
      await readAll(file).catch(() => {});
      crash();
    },
    call: (_, ends) => ends.send(`${CALL}junk`),
    caller: 'XmlRpcFault -32700: Text outside the root element: "junk"',
    handler: "Error: A secret",
  },
  {
    name: "a document is wrong, and its result is a stream",
    put: (file) => {
      file.cancel();
      return bytesStream();
    },
    call: (_, ends) => ends.send(`${CALL}junk`),
    caller: 'XmlRpcFault -32700: Text outside the root element: "junk"',
  },
  {
    name: "there is more than maxBodyBytes before a file",
    server: { maxBodyBytes: 1_000 },
    call: (_, ends) =>
      ends.send(
        CALL.replace("<params>", `<params>${" ".repeat(1_000)}`),
      ),
    caller: TOO_LARGE,
  },
  {
    name: "there is more than maxBodyBytes behind a file",
    server: { maxBodyBytes: 1_000 },
    call: (_, ends) => ends.send(CALL + " ".repeat(1_000)),
    caller: TOO_LARGE,
    handler: TOO_LARGE.replace("413 ", "").trimEnd(),
  },
  {
    name: "a file longer than maxBodyBytes is no param of a plain method",
    server: { maxBodyBytes: 1_000 },
    call: (_, ends) => ends.send(CALL.replace("put", "ping")),
    caller: TOO_LARGE,
  },
];
DOCUMENTS.forEach(testFailure);

function bytesStream(): File {
  return new Blob([PHOTO]).stream();
}

// ---------------------------------------------------------------- down

async function download(client: Client): Promise<unknown> {
  return await readAll(await client.stream("get"));
}

async function list(client: Client): Promise<number> {
  let count = 0;
  for await (const _ of client.items("get")) count++;
  return count;
}

const DOWN: readonly Failure[] = PLACES.flatMap((percent): Failure[] => [
  {
    name: `the server's source fails at ${percent} %, for stream()`,
    get: (ends) =>
      ends.source(percent, () => {
        throw new Error("Disk");
      }),
    call: download,
    caller: ["Error: Disk", CUT],
    reported: "Error: Disk",
  },
  {
    name: `the server's source fails at ${percent} %, for call()`,
    get: (ends) =>
      ends.source(percent, () => {
        throw new Error("Disk");
      }),
    call: (client) => client.call("get"),
    caller: ["Error: Disk", CUT],
    reported: "Error: Disk",
  },
  {
    name: `the server's generator fails at ${percent} %`,
    get: async function* () {
      for (let row = 0; row < percent * 100; row++) yield row;
      throw new Error("Disk");
    },
    call: list,
    caller: ["Error: Disk", CUT],
    reported: "Error: Disk",
  },
  {
    name: `the server's generator gives what cannot be sent at ${percent} %`,
    get: async function* () {
      for (let row = 0; row < percent * 100; row++) yield row;
      yield NaN;
    },
    call: list,
    caller: [
      `RangeError: Cannot encode NaN as double at value[${
        percent * 100
      }]: XML-RPC has no such value`,
      CUT,
    ],
    reported: `RangeError: Cannot encode NaN as double at value[${
      percent * 100
    }]: XML-RPC has no such value`,
  },
  {
    name: `the client aborts at ${percent} % of a download`,
    get: (ends) => ends.source(99.9, never),
    call: async (client, ends) => {
      let bytes = 0;
      for await (const chunk of await client.stream("get")) {
        bytes += chunk.length;
        if (bytes >= percent * PERCENT) ends.abort(new Error("Enough"));
      }
    },
    caller: "Error: Enough",
    source: /./,
  },
  {
    name: `the client cancels a download at ${percent} %`,
    get: (ends) => ends.source(99.9, never),
    call: async (client) => {
      const reader = (await client.stream("get")).getReader();
      let bytes = 0;
      do bytes += (await reader.read()).value!.length; while (
        bytes < percent * PERCENT
      );
      return await reader.cancel();
    },
    caller: "undefined",
    source: /./,
  },
  {
    name: `the client aborts at ${percent} % of its items`,
    get: (ends) => ends.rows(10_000),
    call: async (client, ends) => {
      let rows = 0;
      for await (const _ of client.items("get")) {
        if (rows++ >= percent * 100) ends.abort(new Error("Enough"));
      }
    },
    caller: "Error: Enough",
    source: /^ended$/,
  },
  {
    name: `the client leaves its items at ${percent} %`,
    get: (ends) => ends.rows(10_000),
    call: async (client) => {
      let rows = 0;
      for await (const _ of client.items("get")) {
        if (rows++ >= percent * 100) return rows;
      }
    },
    caller: String(percent * 100 + 1),
    source: /^ended$/,
  },
]);
DOWN.forEach(testFailure);

const DOWN_LIMITS: readonly Failure[] = [
  {
    name: "the server's stream is longer than its maxStreamBytes",
    server: { maxStreamBytes: 200_000 },
    get: (ends) => ends.source(),
    call: download,
    caller: [
      "RangeError: Cannot encode more than 200000 bytes at value: the limit maxStreamBytes",
      CUT,
    ],
    reported:
      "RangeError: Cannot encode more than 200000 bytes at value: the limit maxStreamBytes",
    source: /^RangeError/,
  },
  {
    name: "the server's Blob is longer than its maxStreamBytes",
    server: { maxStreamBytes: 200_000 },
    get: () => new Blob([PHOTO]),
    call: download,
    caller: "XmlRpcFault -32603: Internal error",
    reported:
      "RangeError: Cannot encode more than 200000 bytes at value: the limit maxStreamBytes",
  },
  {
    name: "a download is longer than the client's maxStreamBytes",
    options: { maxStreamBytes: 200_000 },
    get: (ends) => ends.source(),
    call: download,
    caller:
      "XmlRpcSyntaxError: The base64 is too long: the limit maxStreamBytes is 200000 at value",
    source: /./,
  },
  {
    name: "an array is longer than the client's maxStreamBytes",
    options: { maxStreamBytes: 200_000 },
    get: async function* () {
      for (let row = 0; row < 10_000; row++) yield row;
    },
    call: list,
    caller:
      "XmlRpcSyntaxError: The array is too long: the limit maxStreamBytes is 200000 at value",
  },
  {
    name: "the server's Blob is shorter than it says",
    get: () => new WrongBlob(PHOTO.length + 3),
    call: download,
    caller: [
      "TypeError: Cannot encode the Blob at value: it should have 300003 bytes, and has 300000",
      CUT,
    ],
    reported:
      "TypeError: Cannot encode the Blob at value: it should have 300003 bytes, and has 300000",
  },
  {
    name: "the server's Blob is longer than it says",
    get: () => new WrongBlob(PHOTO.length - 3),
    call: download,
    caller: [
      "TypeError: Cannot encode the Blob at value: it should have 299997 bytes, and has more",
      CUT,
    ],
    reported:
      "TypeError: Cannot encode the Blob at value: it should have 299997 bytes, and has more",
  },
  {
    name: "onProgress throws as the file comes down",
    options: {
      onProgress: () => {
        throw new Error("Enough");
      },
    },
    get: (ends) => ends.source(),
    call: download,
    caller: "Error: Enough",
    source: /./,
  },
  {
    name: "a file is asked for as items",
    get: (ends) => ends.source(),
    call: list,
    caller: "TypeError: Cannot read items: URL answered with no array",
  },
  {
    name: "the client leaves its items while the next is awaited",
    get: (ends) => ends.rows(1, () => ends.begun),
    call: async (client, ends) => {
      const items = client.items("get");
      await items.next();
      const next = items.next();
      await items.return();
      ends.begin();
      return await next;
    },
    caller: '{"done":true}',
    source: /^ended$/,
  },
  {
    name: "the client throws into its items",
    get: (ends) => ends.rows(1),
    call: async (client) => {
      const items = client.items("get");
      await items.next();
      return await items.throw(new Error("Enough"));
    },
    caller: "Error: Enough",
    source: /^ended$/,
  },
];
DOWN_LIMITS.forEach(testFailure);

// ---------------------------------------------------------------- cut connections

const encoder = new TextEncoder();

/** A few bytes, so that every place of their documents can be tried. */
const SHORT = bytesOf(40);

/** The ways to say how long a body is, and what stands around it then. */
const FRAMES: Readonly<Record<string, (body: string) => string>> = {
  "Content-Length": (body) => `content-length: ${body.length}\r\n\r\n${body}`,
  "chunks": (body) =>
    "transfer-encoding: chunked\r\n\r\n" +
    `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
};

for (const [name, frame] of Object.entries(FRAMES)) {
  Deno.test(`a request with ${name} that is cut anywhere is no call`, async () => {
    const outcomes: string[] = [];
    const errors: unknown[] = [];
    let begun = Promise.withResolvers<void>();
    const server = createServer({
      put: method(
        { params: ["base64"], returns: "int", stream: true },
        async (file) => {
          begun.resolve();
          const outcome = await outcomeOf(() => readAll(file));
          outcomes.push(outcome);
          return outcome.length;
        },
      ),
      ping: () => "pong",
    }, { onError: (error) => errors.push(error) });
    const listener = listen(server.fetch);
    const { port } = listener.addr;
    const request = encoder.encode(
      "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/xml\r\n" +
        frame(textOf(encodeCall("put", [SHORT]))),
    );
    const start = textOf(request).indexOf("<base64>") + "<base64>".length;
    for (let length = 0; length < request.length; length++) {
      using connection = await Deno.connect({ hostname: "127.0.0.1", port });
      begun = Promise.withResolvers();
      await connection.write(request.subarray(0, length));
      if (length >= start) await within(begun.promise, 5 * SOON);
    }
    const client = createClient(`http://127.0.0.1:${port}/`);
    assertEquals(await within(client.call("ping"), SOON), "pong");
    await within(listener.shutdown(), 5 * SOON);
    assertEquals(outcomes, Array(request.length - start).fill(GONE));
    assertEquals(errors, []);
  });
}

/** The ways to read an answer. */
const READINGS: Readonly<Record<string, (client: Client) => unknown>> = {
  "call()": (client) => client.call("get"),
  "stream()": download,
  "items()": list,
};

/** Answers every request with the bytes, and ends the connection. */
async function answerWith(
  listener: Deno.TcpListener,
  bytesFor: () => Uint8Array,
): Promise<void> {
  for await (const connection of listener) {
    await readRequest(connection);
    await connection.write(bytesFor());
    connection.close();
  }
}

async function readRequest(connection: Deno.Conn): Promise<void> {
  const chunk = new Uint8Array(65_536);
  for (let text = ""; !text.endsWith("</methodCall>");) {
    const length = await connection.read(chunk);
    if (length === null) return;
    text = (text + new TextDecoder().decode(chunk.subarray(0, length)))
      .trimEnd();
  }
}

for (
  const [name, frame] of Object.entries({
    ...FRAMES,
    "no length": (body: string) => `\r\n${body}`,
  })
) {
  for (const [reading, read] of Object.entries(READINGS)) {
    Deno.test(`a response with ${name} that is cut anywhere is an error of ${reading}`, async () => {
      const value = reading === "items()" ? [1, [2], "three"] : SHORT;
      const response = encoder.encode(
        "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\nconnection: close\r\n" +
          frame(textOf(encodeResponse(value)).trimEnd()),
      );
      let length = 0;
      const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const answering = answerWith(
        listener,
        () => response.subarray(0, length),
      );
      const client = createClient(`http://127.0.0.1:${listener.addr.port}/`);
      for (; length < response.length; length++) {
        await within(
          assertRejects(async () => await read(client)),
          5 * SOON,
        );
      }
      const whole = await outcomeOf(() => read(client));
      assertEquals(whole, reading === "items()" ? "3" : "40 bytes");
      listener.close();
      await answering;
    });
  }
}

testOnSocket(
  "a Content-Length that is too short cuts a request",
  async (connect) => {
    const outcome = Promise.withResolvers<string>();
    const { url } = connect({
      put: method(
        { params: ["base64"], returns: "int", stream: true },
        async (file) => {
          outcome.resolve(outcomeOf(() => readAll(file)));
          await outcome.promise;
          return 1;
        },
      ),
    });
    const { hostname, port } = new URL(url);
    using connection = await Deno.connect({ hostname, port: Number(port) });
    const document = encodeCall("put", [SHORT]);
    await connection.write(encoder.encode(
      "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/xml\r\n" +
        `content-length: ${document.length - 30}\r\n\r\n`,
    ));
    await connection.write(document);
    assertEquals(
      await within(outcome.promise, SOON),
      "XmlRpcSyntaxError: The document ends inside <param> at params[0]",
    );
    const answer = new Uint8Array(10_000);
    const length = await connection.read(answer);
    assertStringIncludes(
      textOf(answer.subarray(0, length!)),
      "<int>-32700</int>",
    );
  },
);

Deno.test("a compressed request that is cut is no call", async () => {
  const outcomes: string[] = [];
  const server = createServer({
    put: method(
      { params: ["base64"], returns: "int", stream: true },
      async (file) => {
        outcomes.push(await outcomeOf(() => readAll(file)));
        return 1;
      },
    ),
  });
  const zipped = new Blob([encodeCall("put", [PHOTO])]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  const whole = await new Response(zipped).bytes();
  for (const percent of PLACES) {
    const response = await server.fetch(
      new Request("http://localhost/", {
        method: "POST",
        headers: { "content-type": "text/xml", "content-encoding": "gzip" },
        body: whole.subarray(0, whole.length / 100 * percent),
      }),
    );
    assertEquals(response.status, 400);
    assertEquals(await response.text(), "The body is no whole gzip data\n");
  }
  const gone = "Error: The body is no whole gzip data";
  assertEquals(outcomes, [gone, gone]);
});
