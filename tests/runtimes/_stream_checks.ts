// Streams over a socket: whole, and no faster than they are read.

import { createClient, type XmlRpcClient } from "../../mod.ts";
import { assert, assertEquals, rejection, until } from "./_assert.ts";
import { type Check, type CheckContext, Unsupported } from "./_check.ts";
import { CHUNK, chunks, type Service, service } from "./_service.ts";

/** 256 MiB, which no runtime keeps in its buffers. */
const MANY = 4096;

function clientOf({ url }: CheckContext): XmlRpcClient<Service> {
  return createClient<Service>(url);
}

async function sizeOf(stream: ReadableStream<Uint8Array>): Promise<number> {
  let size = 0;
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return size;
    size += value.length;
  }
}

async function down(context: CheckContext): Promise<void> {
  const client = clientOf(context);
  assertEquals(await sizeOf(await client.stream("download", [50])), 50 * CHUNK);
  assertEquals(await sizeOf(await client.stream("blob", [])), 100_000);
}

async function items(context: CheckContext): Promise<void> {
  let sum = 0;
  for await (const { id } of clientOf(context).items("rows", [1_000])) {
    sum += id;
  }
  assertEquals(sum, 499_500);
}

async function upBlob(context: CheckContext): Promise<void> {
  const client = clientOf(context);
  const blob = new Blob([new Uint8Array(3_000_000).fill(1)]);
  const { size } = await client.call("upload", ["a", blob]) as { size: number };
  assertEquals(size, 3_000_000);
}

async function upStream(context: CheckContext): Promise<void> {
  const client = clientOf(context);
  const result = await client.call("upload", ["a", chunks(50)]);
  assertEquals((result as { size: number }).size, 50 * CHUNK);
}

/** Whoever stops early stops the other side, which has not run ahead for ever. */
async function downStopped(context: CheckContext): Promise<void> {
  const client = clientOf(context);
  const before = await client.methods.counts();
  const stream = await client.stream("endless", []);
  const reader = stream.getReader();
  await reader.read();
  await reader.cancel();
  await until(
    async () =>
      (await client.methods.counts()).endlessEnded > before.endlessEnded,
    "a stream that nobody reads has not been stopped",
  );
  const after = await client.methods.counts();
  assert(after.endlessGiven - before.endlessGiven < MANY, "It has run ahead");
}

async function upStopped(context: CheckContext): Promise<void> {
  if (context.runtime === "chromium") {
    throw new Unsupported("does not stream requests over HTTP/1.1");
  }
  let given = 0;
  const source = chunks(MANY, () => void given++);
  // A fault, or where that gets lost in what is still sent, an error of the network.
  const error = await rejection(clientOf(context).call("sip", [source]));
  assert(error instanceof Error, `Got ${error}`);
  assert(given < MANY, "All has been sent to a method that reads no more");
}

async function slowReader(): Promise<void> {
  let given = 0;
  const client = createClient<Service>("http://localhost/", {
    fetch: service.fetch,
  });
  const { endlessGiven } = await client.methods.counts();
  const reader = (await client.stream("endless", [])).getReader();
  await reader.read();
  for (let before = -1; before !== given;) {
    before = given;
    await new Promise((resolve) => setTimeout(resolve, 100));
    given = (await client.methods.counts()).endlessGiven - endlessGiven;
  }
  await reader.cancel();
  assert(given <= 32, `${given} chunks for one that has been read`);
}

async function failsInTheMiddle(context: CheckContext): Promise<void> {
  const client = clientOf(context);
  const failing = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new Error("The disk is gone")),
  }, { highWaterMark: 0 });
  const error = await rejection(client.call("upload", ["a", failing]));
  assert(error instanceof Error, `Got ${error}`);
}

/** The checks of streams. */
export const streamChecks: readonly Check[] = [
  { name: "streams: down", run: down },
  { name: "streams: items", run: items },
  { name: "streams: a Blob up", run: upBlob },
  { name: "streams: up", run: upStream },
  { name: "streams: a reader that stops", run: downStopped },
  { name: "streams: a method that fails while it is sent to", run: upStopped },
  { name: "streams: no faster than they are read", run: slowReader },
  { name: "streams: a source that fails", run: failsInTheMiddle },
];
