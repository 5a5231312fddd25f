// How fast base64 and items pass through the codec as streams, as ratios against bare
// loops in the same run, and how much memory that takes. No sockets here.
//
//     deno run -A tools/bench/streams_codec.ts [ROUNDS [MEGABYTES]]
// deno-lint-ignore-file no-console

import {
  createCallDecoder,
  createResponseDecoder,
  encodeCallStream,
  encodeResponseStream,
} from "@xmlrpc/xmlrpc/codec";
import { DocumentReceiver } from "../../codec/incoming.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const rounds = Number(Deno.args[0] ?? 10);
const megabytes = Number(Deno.args[1] ?? 64);
const items = 500_000;

const encoder = new TextEncoder();
const block = crypto.getRandomValues(new Uint8Array(49_050));
const blockText = encoder.encode(block.toBase64());
const blocks = Math.ceil(megabytes * 2 ** 20 / block.length);
const head = encoder.encode(
  "<methodCall><methodName>put</methodName><params><param><value><base64>",
);
const tail = encoder.encode(
  "</base64></value></param></params></methodCall>",
);

/** A stream of what `chunks` gives, as it is read. */
function streamOf(chunks: Iterable<Bytes>): ReadableStream<Bytes> {
  const iterator = chunks[Symbol.iterator]();
  return new ReadableStream<Bytes>({
    pull(controller): void {
      const { done, value } = iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  }, { highWaterMark: 0 });
}

function* repeat(chunk: Bytes): Generator<Bytes> {
  for (let at = 0; at < blocks; at++) yield chunk;
}

function* callChunks(): Generator<Bytes> {
  yield head;
  yield* repeat(blockText);
  yield tail;
}

function* integers(): Generator<number> {
  for (let at = 0; at < items; at++) yield at;
}

/** Reads a stream to its end; returns how many bytes it had. */
async function drain(stream: ReadableStream<Uint8Array>): Promise<number> {
  const reader = stream.getReader();
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return bytes;
    bytes += value.length;
  }
}

function encodeBare(): void {
  for (const chunk of repeat(block)) encoder.encode(chunk.toBase64());
}

function decodeBare(): void {
  const decoder = new TextDecoder();
  for (const chunk of repeat(blockText)) {
    new Uint8Array(block.length).setFromBase64(decoder.decode(chunk));
  }
}

async function encodeStream(): Promise<void> {
  const { body } = encodeCallStream("put", [streamOf(repeat(block))]);
  await drain(body as ReadableStream<Uint8Array>);
}

async function decodeStream(): Promise<void> {
  const decoder = createCallDecoder({
    onBase64: () => receiver.openByteStream(),
  });
  const { push, end } = decoder;
  const receiver = new DocumentReceiver({
    body: streamOf(callChunks()),
    push,
    end,
  });
  const bytes = await drain((await receiver.untilStream())!);
  await receiver.result();
  if (bytes !== blocks * block.length) throw new Error("Bytes are missing");
}

async function* asyncIntegers(): AsyncGenerator<number> {
  yield* integers();
}

async function iterateBare(): Promise<void> {
  for await (const _ of asyncIntegers());
}

async function encodeItems(): Promise<void> {
  const { body } = encodeResponseStream(asyncIntegers());
  await drain(body as ReadableStream<Uint8Array>);
}

const answer = await new Response(
  encodeResponseStream(asyncIntegers()).body,
).bytes();

function* answerChunks(): Generator<Bytes> {
  for (let at = 0; at < answer.length; at += 65_536) {
    yield answer.subarray(at, at + 65_536);
  }
}

async function decodeItems(): Promise<void> {
  const decoder = createResponseDecoder({
    onItems: (some) => receiver.addItems(some),
  });
  const { push, end } = decoder;
  const receiver = new DocumentReceiver({
    body: streamOf(answerChunks()),
    push,
    end,
  });
  let count = 0;
  for await (const _ of receiver.items()) count++;
  if (count !== items) throw new Error("Items are missing");
}

function rssMegabytes(): number {
  return Deno.memoryUsage().rss / 2 ** 20;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

const runners: Readonly<Record<string, () => void | Promise<void>>> = {
  "toBase64 and TextEncoder": encodeBare,
  encodeCallStream: encodeStream,
  "TextDecoder and setFromBase64": decodeBare,
  "createCallDecoder, as a stream": decodeStream,
  "an async generator alone": iterateBare,
  encodeResponseStream: encodeItems,
  "createResponseDecoder, item by item": decodeItems,
};

const times = new Map(
  Object.keys(runners).map((name) => [name, [] as number[]]),
);
const memory: number[] = [];
for (let round = -2; round < rounds; round++) {
  for (const [name, run] of Object.entries(runners)) {
    const start = performance.now();
    await run();
    // The first rounds are for the compilers.
    if (round >= 0) times.get(name)!.push(performance.now() - start);
  }
  memory.push(rssMegabytes());
}

const medians = Object.fromEntries(
  Array.from(times, ([name, all]) => [name, median(all)]),
);

function printBytes(ours: string, bare: string): void {
  const rate = (name: string) =>
    (blocks * block.length / 1e3 / medians[name]!).toFixed(0);
  console.log(
    `${ours}: ${rate(ours)} MB/s, ${
      (medians[bare]! / medians[ours]!).toFixed(2)
    } times the speed of ${bare} (${rate(bare)} MB/s)`,
  );
}

function printItems(ours: string): void {
  const cost = (name: string) => (medians[name]! / items * 1e6).toFixed(0);
  console.log(
    `${ours}: ${cost(ours)} ns an item; an async generator alone: ${
      cost("an async generator alone")
    } ns`,
  );
}

printBytes("encodeCallStream", "toBase64 and TextEncoder");
printBytes("createCallDecoder, as a stream", "TextDecoder and setFromBase64");
printItems("encodeResponseStream");
printItems("createResponseDecoder, item by item");
console.log(
  `RSS after each round of ${megabytes} MB and ${items} items, in MB: ${
    memory.map((megabytes) => megabytes.toFixed(0)).join(" ")
  }`,
);
