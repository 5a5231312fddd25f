// What goes wrong while a client sends a stream.

import { assertEquals } from "@std/assert";
import { encodeCall } from "../codec.ts";
import { XmlRpcFault } from "../core/errors.ts";
import { createServer, method } from "../server.ts";
import { readAll } from "./support/ends.ts";
import {
  type Client,
  CUT,
  type Failure,
  type File,
  GONE,
  never,
  outcomeOf,
  PHOTO,
  PLACES,
  type Signals,
  testFailure,
  textOf,
  WrongBlob,
} from "./support/failures.ts";

/** Fails once the other end has begun. */
function failLater(ends: Signals, error: Error): () => Promise<void> {
  return async () => {
    await ends.begun;
    throw error;
  };
}

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
const OVER = "TypeError: The call is over: its stream can no longer be read";

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

// ---------------------------------------------------------------- up

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
      "TypeError: Cannot encode the Blob at params[0]: its size is 300003 bytes, but it has 300000",
    handler: GONE,
  },
  {
    name: "a Blob that goes up is longer than it says",
    call: (client) => client.call("put", [new WrongBlob(PHOTO.length - 3)]),
    caller:
      "TypeError: Cannot encode the Blob at params[0]: its size is 299997 bytes, but it has more",
  },
  {
    name: "the client's stream has no bytes in it",
    call: (client) => client.call("put", [ReadableStream.from(["text"])]),
    caller:
      "TypeError: Cannot encode a string in the stream at params[0]: its chunks must be Uint8Arrays",
  },
  {
    name: "the client's stream is read by other code",
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
    caller: "XmlRpcFault -32602: Expected 1 params, got more",
    handler: "XmlRpcFault -32602: Expected 1 params, got more",
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
    caller: "XmlRpcFault -32602: Expected 1 params, got more",
    handler: "XmlRpcFault -32602: Expected 1 params, got more",
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
    name: "a document is wrong and its file is not read",
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
    name:
      "a file longer than maxBodyBytes is refused as a param of a plain method",
    server: { maxBodyBytes: 1_000 },
    call: (_, ends) => ends.send(CALL.replace("put", "ping")),
    caller: TOO_LARGE,
  },
];

// ---------------------------------------------------------------- documents

DOCUMENTS.forEach(testFailure);

function bytesStream(): File {
  return new Blob([PHOTO]).stream();
}
