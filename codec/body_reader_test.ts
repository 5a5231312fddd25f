import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { BodyReader, type ChunkReader, WholeBody } from "./body_reader.ts";

const BYTES = Uint8Array.from({ length: 100_000 }, (_, at) => at * 7);
const CHUNK = 10_000;

/** A body that reads into the buffers of its reader, if that has any. */
class ByteBody {
  readonly stream: ReadableStream<Uint8Array>;
  /** The lengths of the buffers that came from the reader. */
  readonly buffers: number[] = [];
  readonly cancelled: unknown[] = [];

  constructor(bytes: Uint8Array) {
    let at = 0;
    this.stream = new ReadableStream({
      type: "bytes",
      pull: (controller): void => {
        const chunk = bytes.subarray(at, at += CHUNK);
        const request = controller.byobRequest;
        if (chunk.length === 0) {
          controller.close();
          request?.respond(0);
        } else if (request === null) {
          controller.enqueue(chunk.slice());
        } else {
          const view = request.view as Uint8Array;
          this.buffers.push(view.byteLength);
          view.set(chunk);
          request.respond(chunk.length);
        }
      },
      cancel: (reason): void => void this.cancelled.push(reason),
    });
  }
}

/** All bytes of a body; each chunk is copied before the next one is read. */
async function readAll(reader: ChunkReader): Promise<Uint8Array> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (;;) {
    const chunk = await reader.read();
    if (chunk === undefined) return await new Blob(chunks).bytes();
    chunks.push(chunk.slice());
  }
}

Deno.test("BodyReader reads a long byte stream into the same buffer, and loses nothing", async () => {
  const body = new ByteBody(BYTES);
  assertEquals(await readAll(new BodyReader(body.stream)), BYTES);
  assert(body.buffers.length > 5);
  assert(body.buffers.every((length) => length === 65_536));
});

Deno.test("BodyReader reads a short byte stream without a buffer", async () => {
  const body = new ByteBody(BYTES.subarray(0, CHUNK));
  const reader = new BodyReader(body.stream);
  assertEquals(await readAll(reader), BYTES.subarray(0, CHUNK));
  assertEquals(body.buffers, []);
});

Deno.test("BodyReader reads a long stream that takes no buffers", async () => {
  let at = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller): void {
      const chunk = BYTES.subarray(at, at += CHUNK);
      if (chunk.length > 0) controller.enqueue(chunk);
      else controller.close();
    },
  });
  assertEquals(await readAll(new BodyReader(stream)), BYTES);
});

for (const chunks of [1, 5]) {
  Deno.test(`BodyReader cancels its stream after ${chunks} chunks`, async () => {
    const body = new ByteBody(BYTES);
    const reader = new BodyReader(body.stream);
    for (let read = 0; read < chunks; read++) await reader.read();
    const reason = new Error("enough");
    await reader.cancel(reason);
    assertEquals(body.cancelled, [reason]);
    assertEquals(await reader.read(), undefined);
  });
}

Deno.test("BodyReader can be cancelled while a chunk is awaited", async () => {
  let pulls = 0;
  const cancelled: unknown[] = [];
  const stream = new ReadableStream<Uint8Array>({
    type: "bytes",
    pull(controller): void {
      if (pulls++ < 3) controller.enqueue(new Uint8Array(1));
    },
    cancel: (reason): void => void cancelled.push(reason),
  }, { highWaterMark: 0 });
  const reader = new BodyReader(stream);
  for (let read = 0; read < 3; read++) await reader.read();
  const reading = reader.read();
  await reader.cancel("enough");
  assertEquals(await reading, undefined);
  assertEquals(cancelled, ["enough"]);
});

Deno.test("WholeBody reads a body as one chunk", async () => {
  const reader = new WholeBody(new Response(BYTES));
  assertEquals(await reader.read(), BYTES);
  assertEquals(await reader.read(), undefined);
});

Deno.test("WholeBody rejects as its body does", async () => {
  const failure = new Error("cut");
  const stream = new ReadableStream({
    pull: (controller): void => controller.error(failure),
  });
  const error = await assertRejects(() =>
    new WholeBody(new Response(stream)).read()
  );
  assertStrictEquals(error, failure);
});

Deno.test("WholeBody stops waiting when it is cancelled", async () => {
  const reader = new WholeBody(new Response(new ReadableStream()));
  const reading = reader.read();
  const reason = new Error("enough");
  await reader.cancel(reason);
  assertStrictEquals(await assertRejects(() => reading), reason);
});
