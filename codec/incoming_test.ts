import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { DocumentReceiver, type ReceiverSettings } from "./incoming.ts";
import {
  createCallDecoder,
  createResponseDecoder,
  encodeCall,
  encodeFault,
  encodeResponse,
  type XmlRpcCall,
} from "../codec.ts";
import { XmlRpcFault, XmlRpcSyntaxError } from "../core/errors.ts";
import type { XmlRpcValue } from "../core/value.ts";

/** A body that remembers what was done with it. */
class Body {
  readonly stream: ReadableStream<Uint8Array>;
  pulled = 0;
  cancelled: unknown[] = [];

  constructor(document: Uint8Array, chunkBytes: number, end?: () => never) {
    this.stream = new ReadableStream<Uint8Array>({
      pull: (controller): void => {
        const start = this.pulled++ * chunkBytes;
        const chunk = document.subarray(start, start + chunkBytes);
        if (chunk.length > 0) controller.enqueue(chunk);
        else if (end !== undefined) end();
        else controller.close();
      },
      cancel: (reason): void => void this.cancelled.push(reason),
    }, { highWaterMark: 0 });
  }
}

/** A server's receiver: the second param is wanted as a stream. */
function receiveCall(
  body: ReadableStream<Uint8Array>,
  settings: Partial<ReceiverSettings<XmlRpcCall>> = {},
  onCancel?: (reason: unknown) => void,
): DocumentReceiver<XmlRpcCall> {
  const decoder = createCallDecoder({
    onBase64: (index) =>
      index === 1 ? receiver.openByteStream(onCancel) : undefined,
  });
  const { push, end } = decoder;
  const receiver = new DocumentReceiver({ body, push, end, ...settings });
  return receiver;
}

/** A client's receiver: items are wanted. */
function receiveItems(
  body: ReadableStream<Uint8Array>,
  signal?: AbortSignal,
): DocumentReceiver<XmlRpcValue> {
  const decoder = createResponseDecoder({
    onItems: (some) => receiver.addItems(some),
  });
  const { push, end } = decoder;
  const receiver = new DocumentReceiver({ body, push, end, signal });
  return receiver;
}

const bytes = Uint8Array.from({ length: 100_000 }, (_, at) => at * 7);
const document = encodeCall("put", ["a", bytes, "after"]);
const CHUNK = 10_000;

async function read(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream as BodyInit).arrayBuffer());
}

async function begin(
  receiver: DocumentReceiver<unknown>,
): Promise<ReadableStream<Uint8Array>> {
  const stream = await receiver.untilStream();
  assertInstanceOf(stream, ReadableStream);
  return stream;
}

Deno.test("DocumentReceiver: the stream has the bytes, and result() the rest of the document", async () => {
  for (const chunkBytes of [1, 1000, 1_000_000]) {
    const body = new Body(document, chunkBytes);
    const receiver = receiveCall(body.stream);
    assertEquals(await read(await begin(receiver)), bytes);
    assertEquals(await receiver.result(), {
      methodName: "put",
      params: ["a", null, "after"],
    });
    assertEquals(body.cancelled, []);
  }
});

Deno.test("DocumentReceiver: the body is read as the stream is", async () => {
  const body = new Body(document, CHUNK);
  const receiver = receiveCall(body.stream);
  const reader = (await begin(receiver)).getReader();
  assertEquals(body.pulled, 1);
  // What came with the first chunk.
  await reader.read();
  assertEquals(body.pulled, 1);
  await reader.read();
  assertEquals(body.pulled, 2);
  await reader.read();
  assertEquals(body.pulled, 3);
  await receiver.result();
});

Deno.test("DocumentReceiver: a document without a stream is read to its end", async () => {
  const receiver = receiveCall(new Body(encodeCall("m", [1, 2]), 5).stream);
  assertEquals(await receiver.untilStream(), undefined);
  assertEquals(await receiver.result(), { methodName: "m", params: [1, 2] });
});

Deno.test("DocumentReceiver: no body is an empty document", async () => {
  const { push, end } = createCallDecoder();
  const receiver = new DocumentReceiver({ body: null, push, end });
  await assertRejects(
    () => receiver.untilStream(),
    XmlRpcSyntaxError,
    "The document is empty",
  );
});

Deno.test("DocumentReceiver: result() drops what was not read, and the stream fails", async () => {
  for (const reads of [0, 1, 3]) {
    const body = new Body(document, CHUNK);
    const receiver = receiveCall(body.stream);
    const reader = (await begin(receiver)).getReader();
    for (let read = 0; read < reads; read++) await reader.read();
    const call = await receiver.result();
    assertEquals(call.params, ["a", null, "after"]);
    await assertRejects(
      () => reader.read(),
      TypeError,
      "The call is over: its stream can no longer be read",
    );
    assertEquals(body.cancelled, []);
  }
});

Deno.test("DocumentReceiver: result() shares the chunk that a reader waits for", async () => {
  let ends = 0;
  const decoder = createCallDecoder({
    onBase64: (index) => index === 1 ? receiver.openByteStream() : undefined,
  });
  const receiver: DocumentReceiver<XmlRpcCall> = new DocumentReceiver({
    body: new Body(document, 1_000_000).stream,
    push: decoder.push,
    end() {
      ends++;
      return decoder.end();
    },
  });
  const reader = (await begin(receiver)).getReader();
  for (let read = 0; read < bytes.length;) {
    read += (await reader.read()).value!.length;
  }
  const pending = reader.read();
  const finished = receiver.result();
  await assertRejects(() => pending, TypeError, "The call is over");
  assertEquals((await finished).methodName, "put");
  assertEquals(ends, 1);
});

Deno.test("DocumentReceiver: a document that is broken after its base64 makes the stream fail", async () => {
  const broken = document.slice(0, -5);
  const receiver = receiveCall(new Body(broken, CHUNK).stream);
  const stream = await begin(receiver);
  const error = await assertRejects(() => read(stream), XmlRpcSyntaxError);
  assertStrictEquals(await assertRejects(() => receiver.result()), error);
});

Deno.test("DocumentReceiver: bad base64 makes the stream fail, and the body is read to its end", async () => {
  const bad = document.slice();
  bad[60_000] = 0x21;
  const body = new Body(bad, CHUNK);
  const receiver = receiveCall(body.stream);
  const stream = await begin(receiver);
  const error = await assertRejects(() => read(stream), XmlRpcSyntaxError);
  assertEquals([error.kind, error.path], ["invalid", "params[1]"]);
  assertEquals(body.cancelled, []);
});

Deno.test("DocumentReceiver: what push throws cancels the body, and everybody gets it", async () => {
  const body = new Body(document, CHUNK);
  const failure = new Error("too long");
  let pushed = 0;
  const decoder = createCallDecoder({
    onBase64: (index) => index === 1 ? receiver.openByteStream() : undefined,
  });
  const receiver: DocumentReceiver<XmlRpcCall> = new DocumentReceiver({
    body: body.stream,
    push(chunk) {
      if (++pushed > 3) throw failure;
      decoder.push(chunk);
    },
    end: decoder.end,
  });
  const stream = await begin(receiver);
  assertStrictEquals(await assertRejects(() => read(stream)), failure);
  assertStrictEquals(await assertRejects(() => receiver.result()), failure);
  assertEquals(body.cancelled, [failure]);
});

Deno.test("DocumentReceiver: a body that fails makes the stream fail, as wrap says", async () => {
  const failure = new Error("reset");
  const fail = (): never => {
    throw failure;
  };
  const plain = receiveCall(
    new Body(document.subarray(0, 50_000), CHUNK, fail).stream,
  );
  const stream = await begin(plain);
  assertStrictEquals(await assertRejects(() => read(stream)), failure);

  const wrapped = new Error("wrapped");
  const receiver = receiveCall(
    new Body(document.subarray(0, 50_000), CHUNK, fail).stream,
    { wrap: () => wrapped },
  );
  const second = await begin(receiver);
  assertStrictEquals(await assertRejects(() => read(second)), wrapped);
  assertStrictEquals(await assertRejects(() => receiver.result()), wrapped);
});

Deno.test("DocumentReceiver: cancelling the stream leaves the document to result(), unless told otherwise", async () => {
  const body = new Body(document, CHUNK);
  const receiver = receiveCall(body.stream);
  await (await begin(receiver)).cancel("enough");
  assertEquals((await receiver.result()).params, ["a", null, "after"]);
  assertEquals(body.cancelled, []);

  const other = new Body(document, CHUNK);
  const client = receiveCall(
    other.stream,
    {},
    (reason) => client.cancel(reason),
  );
  await (await begin(client)).cancel("enough");
  assertEquals(other.cancelled, ["enough"]);
});

Deno.test("DocumentReceiver: the signal ends everything with its reason, and cancels the body", async () => {
  const stalled = Promise.withResolvers<void>();
  const cancelled = Promise.withResolvers<unknown>();
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(document.subarray(0, 50_000)),
    pull(): Promise<void> {
      stalled.resolve();
      return new Promise(() => {});
    },
    cancel: (reason) => cancelled.resolve(reason),
  }, { highWaterMark: 0 });
  const aborter = new AbortController();
  const receiver = receiveCall(stream, { signal: aborter.signal });
  const reader = (await begin(receiver)).getReader();
  await reader.read();
  const pending = reader.read();
  await stalled.promise;
  const reason = new Error("stop");
  aborter.abort(reason);
  assertStrictEquals(await assertRejects(() => pending), reason);
  assertStrictEquals(await assertRejects(() => receiver.result()), reason);
  assertStrictEquals(await cancelled.promise, reason);

  const late = receiveCall(new Body(document, CHUNK).stream, {
    signal: aborter.signal,
  });
  assertStrictEquals(await assertRejects(() => late.untilStream()), reason);
});

// ---------------------------------------------------------------- items

const rows = Array.from({ length: 5000 }, (_, id) => ({ id }));

Deno.test("DocumentReceiver: items() gives the items as the body brings them", async () => {
  const body = new Body(encodeResponse(rows), CHUNK);
  const receiver = receiveItems(body.stream);
  const items = receiver.items();
  assertEquals((await items.next()).value, { id: 0 });
  assertEquals(body.pulled, 1);
  const rest = await Array.fromAsync(items);
  assertEquals([{ id: 0 }, ...rest as unknown[]], rows);
  assertEquals(await receiver.result(), []);
  assertEquals(body.cancelled, []);
});

Deno.test("DocumentReceiver: leaving items() early cancels the body", async () => {
  const body = new Body(encodeResponse(rows), CHUNK);
  for await (const item of receiveItems(body.stream).items()) {
    assertEquals(item, { id: 0 });
    break;
  }
  assertEquals(body.cancelled.length, 1);

  const unread = new Body(encodeResponse(rows), CHUNK);
  await receiveItems(unread.stream).items().return();
  assertEquals(unread.cancelled.length, 1);
});

Deno.test("DocumentReceiver: items() can be left while the next item is awaited", async () => {
  const stalled = Promise.withResolvers<void>();
  const cancelled = Promise.withResolvers<void>();
  const stream = new ReadableStream<Uint8Array>({
    pull(): Promise<void> {
      stalled.resolve();
      return new Promise(() => {});
    },
    cancel: () => cancelled.resolve(),
  }, { highWaterMark: 0 });
  const items = receiveItems(stream).items();
  const next = items.next();
  await stalled.promise;
  const returned = items.return();
  await cancelled.promise;
  assertEquals(await next, { done: true, value: undefined });
  assertEquals(await returned, { done: true, value: undefined });
});

Deno.test("DocumentReceiver: items() throws a fault, and what is wrong with the document", async () => {
  const fault = encodeFault({ code: 4, message: "no" });
  await assertRejects(
    () => receiveItems(new Body(fault, 10).stream).items().next(),
    XmlRpcFault,
    "no",
  );
  const cut = encodeResponse(rows).slice(0, -300);
  const items = receiveItems(new Body(cut, CHUNK).stream).items();
  const seen: unknown[] = [];
  await assertRejects(async () => {
    for await (const item of items) seen.push(item);
  }, XmlRpcSyntaxError);
  assert(seen.length > 4900);
});

Deno.test("DocumentReceiver: the signal ends items() with its reason", async () => {
  const aborter = new AbortController();
  const body = new Body(encodeResponse(rows), CHUNK);
  const items = receiveItems(body.stream, aborter.signal).items();
  await items.next();
  const reason = new Error("stop");
  aborter.abort(reason);
  const error = await assertRejects(async () => {
    for await (const _ of items);
  });
  assertStrictEquals(error, reason);
  assertEquals(body.cancelled, [reason]);
});
