// What the server of a soak has to do with: good calls, bad ones, attacks, and callers
// that leave. Each step throws if the answer is not the one there must be.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { createClient, XmlRpcFault } from "@xmlrpc/xmlrpc/client";
import { decodeResponse, encodeCall } from "@xmlrpc/xmlrpc/codec";
import { bytesOf, digest } from "./_bytes.ts";
import { exchange, wireOf } from "./_exchange.ts";
import { type Random, valueOf } from "../support/random.ts";
import { SECRET } from "./_secret.ts";
import { attacks, judge } from "./attacks.ts";
import type { server } from "./victim.ts";

type Methods = typeof server.methods;
type Bytes = Uint8Array<ArrayBuffer>;

/** Someone who calls the server. */
export interface Caller {
  readonly port: number;
  readonly random: Random;
  readonly client: ReturnType<typeof createClient<Methods>>;
  /** Sends a request of the caller's own. */
  readonly post: (init: RequestInit) => Promise<Response>;
}

/** One thing a caller does. */
export type Step = (caller: Caller) => Promise<void>;

/** Steps by name. */
export type Steps = Readonly<Record<string, Step>>;

/** A caller at a port, whose connections are those of `http`. */
export function createCaller(
  port: number,
  random: Random,
  http: Deno.HttpClient,
): Caller {
  const url = `http://127.0.0.1:${port}/`;
  return {
    port,
    random,
    client: createClient<Methods>(url, {
      fetch: (request) => fetch(request, { client: http }),
    }),
    post: (init) => fetch(url, { method: "POST", client: http, ...init }),
  };
}

/** A while, to let things happen meanwhile. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function* slowly(
  bytes: AsyncIterable<Bytes>,
): AsyncGenerator<Bytes, void, void> {
  for await (const chunk of bytes) {
    yield chunk;
    await pause(10);
  }
}

async function compress(bytes: Bytes): Promise<Bytes> {
  const stream = new Blob([bytes]).stream().pipeThrough(
    new CompressionStream("gzip"),
  );
  return await new Response(stream).bytes();
}

// ---------------------------------------------------------------- good

async function upload(
  { client, random }: Caller,
  wrap: (bytes: AsyncIterable<Bytes>) => AsyncIterable<Bytes>,
  most: number,
): Promise<void> {
  const [seed, length] = [random.below(256), random.below(most)];
  const answer = await client.methods.upload(
    ReadableStream.from(wrap(bytesOf(seed, length))),
  );
  assertEquals(answer, await digest(bytesOf(seed, length)));
}

async function download(
  { client, random }: Caller,
  wrap: (bytes: AsyncIterable<Bytes>) => AsyncIterable<Bytes>,
  most: number,
): Promise<void> {
  const [seed, length] = [random.below(256), random.below(most)];
  const stream = await client.stream("download", [seed, length]);
  assertEquals(
    await digest(wrap(stream as AsyncIterable<Bytes>)),
    await digest(bytesOf(seed, length)),
  );
}

/** Calls that must be answered, and rightly. */
export const good: Steps = {
  async add({ client, random }) {
    const [x, y] = [random.below(1e6), random.below(1e6)];
    assertEquals(await client.methods.add(x, y), x + y);
  },
  async echo({ client, random }) {
    const value = valueOf(random);
    assertEquals(await client.methods.echo(value), value);
  },
  async gzip({ post, random }) {
    const value = Array.from({ length: 100 }, () => valueOf(random));
    const response = await post({
      headers: { "content-type": "text/xml", "content-encoding": "gzip" },
      body: await compress(encodeCall("echo", [value])),
    });
    assertEquals(response.status, 200);
    assertEquals(decodeResponse(await response.bytes()), value);
  },
  async multicall({ client, random }) {
    const value = valueOf(random);
    const answers = await client.multicall([
      ["add", [1, random.below(100)]],
      ["echo", [value]],
      ["half", ["no number" as unknown as number]],
      ["fail"],
    ]);
    assertEquals(
      answers.map(({ status }) => status),
      ["fulfilled", "fulfilled", "rejected", "rejected"],
    );
    assertEquals((answers[1] as { value?: unknown }).value, value);
  },
  upload: (caller) => upload(caller, (bytes) => bytes, 300_000),
  "slow upload": (caller) => upload(caller, slowly, 300_000),
  async "upload of a Blob"({ client, random }) {
    const [seed, length] = [random.below(256), random.below(300_000)];
    const blob = await new Response(ReadableStream.from(bytesOf(seed, length)))
      .blob();
    assertEquals(
      await client.methods.upload(blob),
      await digest(bytesOf(seed, length)),
    );
  },
  download: (caller) => download(caller, (bytes) => bytes, 300_000),
  "slow download": (caller) => download(caller, slowly, 1_000_000),
  async rows({ client, random }) {
    const count = random.below(3000);
    let expected = 0;
    for await (const { id } of client.items("rows", [count])) {
      assertEquals(id, expected++);
    }
    assertEquals(expected, count);
  },
  async introspection({ client }) {
    const names = await client.call(
      "system.listMethods" as "echo",
      [] as never,
    );
    assert((names as readonly string[]).includes("add"));
  },
};

// ---------------------------------------------------------------- bad

async function expectFault(
  call: Promise<unknown>,
  code: number,
): Promise<void> {
  const fault = await assertRejects(() => call, XmlRpcFault);
  assertEquals(fault.code, code);
  assert(!fault.message.includes(SECRET), fault.message);
}

async function expectStatus(
  response: Promise<Response>,
  status: number,
): Promise<void> {
  const answer = await response;
  await answer.body?.cancel();
  assertEquals(answer.status, status);
}

/** Mistakes, each with the answer it must get. */
export const bad: Steps = {
  "a method that fails": ({ client }) =>
    expectFault(client.methods.fail(), -32603),
  "an unknown method": ({ client }) =>
    expectFault(client.call("no.such" as "fail"), -32601),
  "a wrong type": ({ client }) =>
    expectFault(client.methods.half("1" as unknown as number), -32602),
  async "no well-formed XML"({ post }) {
    const response = await post({
      headers: { "content-type": "text/xml" },
      body: "<methodCall><methodName>add</methodName>",
    });
    const text = await response.text();
    assert(text.includes(">-32700<"), text);
  },
  "no gzip": ({ post }) =>
    expectStatus(
      post({
        headers: { "content-type": "text/xml", "content-encoding": "gzip" },
        body: "<methodCall>",
      }),
      400,
    ),
  "another type": ({ post }) => expectStatus(post({ body: "a=b" }), 415),
  "GET": ({ post }) => expectStatus(post({ method: "GET" }), 405),
};

// ---------------------------------------------------------------- hostile

/** Attacks of this part of their size: the machine has other things to do. */
const SCALE = 0.05;

function attackStep(index: number): Step {
  const attack = attacks[index]!;
  let wire: Promise<Bytes> | undefined;
  return async ({ port, random }) => {
    wire ??= wireOf(attack, SCALE);
    const patience = { budget: 60_000, hold: 100 + random.below(1000) };
    const answer = await exchange(port, attack, await wire, patience);
    const verdict = judge(attack, answer);
    const mayBeSilent = attack.manner !== undefined;
    assert(
      verdict === "refused" || verdict === "answered" ||
        verdict === "silent" && mayBeSilent,
      `${verdict}: ${answer.text.slice(0, 300)}`,
    );
  };
}

/** The attacks: none may get through. */
export const hostile: Steps = Object.fromEntries(
  attacks.map(({ name }, index) => [name, attackStep(index)]),
);

// ---------------------------------------------------------------- leaving

/** Lets a call go on for a while, and then ends it; it may have been answered before. */
async function abortLater(
  { random }: Caller,
  call: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), random.below(30));
  try {
    await call(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** A good call over a socket of its own. */
async function connect(
  { port }: Caller,
  methodName: string,
  params: readonly unknown[],
): Promise<{ connection: Deno.TcpConn; wire: Bytes }> {
  const body = encodeCall(methodName, params);
  const head =
    "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\n" +
    `Content-Length: ${body.length}\r\n\r\n`;
  return {
    connection: await Deno.connect({ hostname: "127.0.0.1", port }),
    wire: await new Blob([head, body]).bytes(),
  };
}

/** Callers that do not wait for the end. */
export const leaving: Steps = {
  "aborts a call": (caller) =>
    abortLater(
      caller,
      (signal) => caller.client.call("echo", ["a".repeat(100_000)], { signal }),
    ),
  "aborts an upload": (caller) =>
    abortLater(caller, (signal) =>
      caller.client.call("upload", [
        ReadableStream.from(slowly(bytesOf(1, 1_000_000))),
      ], { signal })),
  "aborts a download": (caller) =>
    abortLater(caller, async (signal) => {
      const stream = await caller.client.stream("download", [1, 3_000_000], {
        signal,
      });
      await digest(stream);
    }),
  async "cancels a download"({ client, random }) {
    const stream = await client.stream("download", [1, 3_000_000]);
    let left = random.below(10);
    for await (const _chunk of stream) if (left-- <= 0) break;
  },
  async "leaves rows"({ client, random }) {
    let left = random.below(2000);
    for await (const _row of client.items("rows", [100_000])) {
      if (left-- <= 0) break;
    }
  },
  async "cuts a request"(caller) {
    const { connection, wire } = await connect(caller, "echo", ["x"]);
    await connection.write(wire.subarray(0, caller.random.below(wire.length)));
    connection.close();
  },
  // What has come and was not read makes the system send a reset.
  async "resets while an answer comes"(caller) {
    const params = [1, 1_000_000 + caller.random.below(1_000_000)];
    const { connection, wire } = await connect(caller, "download", params);
    await connection.write(wire);
    await connection.read(new Uint8Array(1 + caller.random.below(5000)));
    connection.close();
  },
};
