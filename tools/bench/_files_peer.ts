// A server and a client for files.ts: transfers of our own, and of raw bytes beside them.
//
//     deno run -A tools/bench/_files_peer.ts serve FILE
//     deno run -A tools/bench/_files_peer.ts COMMAND FILE URL
//
// The server prints its port; the client prints its result, and waits to be ended.
// deno-lint-ignore-file no-console

import { createHash } from "node:crypto";
import { createClient } from "@xmlrpc/xmlrpc/client";
import { createServer, method } from "@xmlrpc/xmlrpc/server";
import { FileBlob } from "../../cli/files.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** How long raw chunks are: as long as ours. */
const CHUNK_BYTES = 65_400;
/** How fast those are that are slow, in bytes a second. */
const SLOW = 25_000_000;

async function openFile(path: string): Promise<FileBlob> {
  return await FileBlob.open(path);
}

/** The same bytes in chunks of that length. */
async function* chunksOf(path: string): AsyncGenerator<Bytes, void, void> {
  for await (const piece of (await openFile(path)).stream()) {
    for (let at = 0; at < piece.length; at += CHUNK_BYTES) {
      yield piece.subarray(at, at + CHUNK_BYTES);
    }
  }
}

/** The same bytes, no faster than so many a second. */
async function* throttle(
  bytes: AsyncIterable<Bytes>,
): AsyncGenerator<Bytes, void, void> {
  const start = performance.now();
  let size = 0;
  for await (const chunk of bytes) {
    yield chunk;
    size += chunk.length;
    const due = start + size / SLOW * 1000;
    const delay = due - performance.now();
    if (delay > 1) await new Promise((resolve) => setTimeout(resolve, delay));
  }
}

async function discard(bytes: AsyncIterable<Uint8Array>): Promise<number> {
  let size = 0;
  for await (const chunk of bytes) size += chunk.length;
  return size;
}

async function digest(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of bytes) hash.update(chunk);
  return hash.digest("hex");
}

// ---------------------------------------------------------------- the server

const upload = { params: ["base64"], stream: true } as const;
const download = { params: [], returns: "base64" } as const;

function methodsOf(path: string) {
  return {
    put: method({ ...upload, returns: "i8" }, discard),
    putSlowly: method(
      { ...upload, returns: "i8" },
      (bytes) => discard(throttle(bytes)),
    ),
    putDigest: method({ ...upload, returns: "string" }, digest),
    get: method(download, () => openFile(path)),
    getSlowly: method(
      download,
      async () =>
        ReadableStream.from(throttle((await openFile(path)).stream())),
    ),
    numbers: method(
      { params: ["int"], returns: ["int"] },
      async function* (count) {
        for (let at = 0; at < count; at++) yield at;
      },
    ),
  };
}

type Methods = ReturnType<typeof methodsOf>;

function serve(path: string): void {
  const { fetch } = createServer(methodsOf(path));

  async function answer(request: Request): Promise<Response> {
    if (!request.url.endsWith("/raw")) return await fetch(request);
    if (request.method === "GET") {
      return new Response(ReadableStream.from(chunksOf(path)));
    }
    return new Response(String(await discard(request.body!)));
  }

  Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }) => console.log(port),
  }, answer);
}

// ---------------------------------------------------------------- the client

type Client = ReturnType<typeof createClient<Methods>>;

const commands: Readonly<
  Record<
    string,
    (client: Client, path: string, url: string) => Promise<unknown>
  >
> = {
  put: async ({ methods }, path) => await methods.put(await openFile(path)),
  putStream: async ({ methods }, path) =>
    await methods.put((await openFile(path)).stream()),
  putSlowly: async ({ methods }, path) =>
    await methods.put(
      ReadableStream.from(throttle((await openFile(path)).stream())),
    ),
  putToSlow: async ({ methods }, path) =>
    await methods.putSlowly(await openFile(path)),
  putDigest: async ({ methods }, path) =>
    await methods.putDigest(await openFile(path)),
  get: async ({ stream }) => await discard(await stream("get")),
  getSlowly: async ({ stream }) => await discard(throttle(await stream("get"))),
  getFromSlow: async ({ stream }) => await discard(await stream("getSlowly")),
  getDigest: async ({ stream }) => await digest(await stream("get")),
  items: async ({ items }, count) => {
    let sum = 0;
    for await (const number of items("numbers", [Number(count)])) sum += number;
    return sum;
  },
  rawPut: async (_client, path, url) => {
    const body = ReadableStream.from(chunksOf(path));
    const response = await fetch(`${url}raw`, { method: "POST", body });
    return Number(await response.text());
  },
  rawGet: async (_client, _path, url) =>
    await discard((await fetch(`${url}raw`)).body!),
};

async function call(command: string, path: string, url: string): Promise<void> {
  const client = createClient<Methods>(url);
  const start = performance.now();
  const value = await commands[command]!(client, path, url);
  const seconds = (performance.now() - start) / 1000;
  console.log(
    JSON.stringify({
      seconds,
      value: typeof value === "bigint" ? Number(value) : value,
    }),
  );
  setInterval(() => {}, 60_000);
}

const [command, path, url] = Deno.args as [string, string, string];
if (command === "serve") serve(path);
else await call(command, path, url);
