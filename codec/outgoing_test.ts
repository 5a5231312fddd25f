// Documents made of values that are streamed.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  decodeCall,
  decodeResponse,
  encodeCall,
  encodeCallStream,
  encodeResponse,
  encodeResponseStream,
  type XmlRpcDocument,
} from "../codec.ts";
import {
  createShrunkViews,
  createTransferred,
} from "../tests/support/lost_bytes.ts";
import { Random } from "../tests/support/random.ts";
import { bytesOf, someBytes } from "../tests/support/documents.ts";

/** A stream of the given chunks, one for each pull. */
class Source {
  readonly #chunks: unknown[];
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  pulled = 0;
  cancelled: unknown[] = [];

  constructor(chunks: Iterable<unknown>, failure?: unknown) {
    this.#chunks = [...chunks];
    this.stream = new ReadableStream({
      pull: (controller): void => {
        if (this.pulled < this.#chunks.length) {
          controller.enqueue(this.#chunks[this.pulled++] as never);
        } else if (failure !== undefined) throw failure;
        else controller.close();
      },
      cancel: (reason): void => {
        this.cancelled.push(reason);
      },
    }, { highWaterMark: 0 });
  }
}

function streamOf(
  document: XmlRpcDocument,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  assertInstanceOf(document.body, ReadableStream);
  return document.body;
}

async function read(document: XmlRpcDocument): Promise<Uint8Array> {
  return new Uint8Array(await new Response(document.body).arrayBuffer());
}

/** An async iterable that remembers what was done with it. */
async function* generate<T>(
  items: Iterable<T>,
  log: string[] = [],
): AsyncGenerator<T> {
  try {
    for (const item of items) {
      log.push("next");
      yield item;
    }
  } finally {
    log.push("over");
  }
}

Deno.test("encodeCallStream() gives bytes if nothing is streamed", () => {
  const { body, length } = encodeCallStream("m", [1, "a", [bytesOf("x")]]);
  assertInstanceOf(body, Uint8Array);
  assertEquals(body, encodeCall("m", [1, "a", [bytesOf("x")]]));
  assertEquals(length, body.length);
});

Deno.test("encodeCallStream() streams Blobs and streams as base64, at any depth", async () => {
  const bytes = someBytes(100_000);
  const params = (bytes: unknown, more: unknown) => [
    "a.jpg",
    { file: [bytes], n: 1 },
    more,
  ];
  const blob = encodeCallStream(
    "put",
    params(new Blob([bytes]), new File([], "empty")),
  );
  const whole = encodeCall("put", params(bytes, new Uint8Array()));
  assertEquals(blob.length, whole.length);
  assertEquals(await read(blob), whole);

  const stream = encodeCallStream(
    "put",
    params(new Source([bytes]).stream, new Source([]).stream),
  );
  assertEquals(stream.length, undefined);
  assertEquals(await read(stream), whole);
});

Deno.test("encodeResponseStream() streams an async iterable as an array, with streams in its items", async () => {
  const bytes = someBytes(1000);
  const document = encodeResponseStream(generate([
    1,
    { at: new Blob([bytes]) },
    [new Source([bytes]).stream],
    generate([generate([]), "deep"]),
  ]));
  assertEquals(document.length, undefined);
  assertEquals(
    await read(document),
    encodeResponse([1, { at: bytes }, [bytes], [[], "deep"]]),
  );
});

Deno.test("encodeResponseStream() takes every kind of async iterable", async () => {
  class Rows {
    readonly table = "rows";
    async *[Symbol.asyncIterator](): AsyncGenerator<number> {
      yield 1;
    }
  }
  let calls = 0;
  const byHand = {
    next: () => Promise.resolve({ done: calls++ > 0, value: 1 }),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
  for (const rows of [new Rows(), byHand]) {
    assertEquals(decodeResponse(await read(encodeResponseStream(rows))), [1]);
  }
});

Deno.test("a document's base64 does not depend on the chunks of its source", async () => {
  const seed = 20260116;
  const random = new Random(seed);
  for (let run = 0; run < 40; run++) {
    const most = [3, 1000, 70_000, 400_000][run % 4]!;
    const bytes = someBytes(random.below(Math.min(1000 * most, 300_000)), run);
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      const length = random.below(most + 1);
      chunks.push(bytes.subarray(at, at += length));
    }
    const name = "x".repeat(random.below(100));
    const document = encodeResponseStream({
      [`n${name}`]: new Source(chunks).stream,
    });
    assertEquals(
      await read(document),
      encodeResponse({ [`n${name}`]: bytes }),
      `seed ${seed}, run ${run}`,
    );
  }
});

Deno.test("chunks are of 65,400 bytes, whatever those of the source", async () => {
  const bytes = someBytes(500_000);
  for (const size of [100, 4096, 65_536, 500_000]) {
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      chunks.push(bytes.subarray(at, at + size));
    }
    const document = encodeResponseStream(new Source(chunks).stream);
    const lengths: number[] = [];
    for await (const chunk of streamOf(document)) lengths.push(chunk.length);
    // The first begins with markup, so that a group of four may not fit in.
    assert(lengths[0]! > 65_396);
    assertEquals(lengths.slice(1, -1), Array(lengths.length - 2).fill(65_400));
  }
});

Deno.test("items that are there go out together", async () => {
  const document = encodeResponseStream(generate(Array(5000).keys()));
  const lengths: number[] = [];
  for await (const chunk of streamOf(document)) lengths.push(chunk.length);
  assertEquals(lengths.slice(0, -1), Array(lengths.length - 1).fill(65_400));
});

Deno.test("items that are there are not held back by one that is not", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  async function* rows(): AsyncGenerator<string> {
    yield "first";
    await promise;
    yield "second";
  }
  const reader = streamOf(encodeResponseStream(rows())).getReader();
  const decoder = new TextDecoder();
  const start = decoder.decode((await reader.read()).value);
  assert(start.endsWith("<value><string>first</string></value>"), start);
  resolve();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    rest += decoder.decode(value);
  }
  assertEquals(decodeResponse(start + rest), ["first", "second"]);
});

Deno.test("an item that comes late goes out at once", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  async function* rows(): AsyncGenerator<string> {
    yield "first";
    await promise;
    yield "second";
    await new Promise(() => {});
  }
  const reader = streamOf(encodeResponseStream(rows())).getReader();
  await reader.read();
  const read = reader.read();
  // Later than what is there is held back.
  setTimeout(resolve, 40);
  const text = new TextDecoder().decode((await read).value);
  assertEquals(text, "<value><string>second</string></value>");
  await reader.cancel();
});

Deno.test("a source is read only as the document is", async () => {
  const chunk = someBytes(49_050);
  const source = new Source(Array(50).fill(chunk));
  const reader = streamOf(encodeResponseStream(source.stream)).getReader();
  assertEquals(source.pulled, 0);
  await reader.read();
  assert(source.pulled <= 2, `${source.pulled} chunks`);
  await reader.read();
  assert(source.pulled <= 3, `${source.pulled} chunks`);
  await reader.cancel();

  const small = new Source(Array(5000).fill(someBytes(100)));
  const smallReader = streamOf(encodeResponseStream(small.stream)).getReader();
  await smallReader.read();
  // A turn in which it could read on.
  await new Promise((resolve) => setTimeout(resolve));
  assert(small.pulled < 500, `${small.pulled} chunks`);
  await smallReader.cancel();

  const log: string[] = [];
  const items = generate(Array(1e6).keys(), log);
  const itemReader = streamOf(encodeResponseStream(items)).getReader();
  await itemReader.read();
  const taken = log.length;
  assert(taken < 5000, `${taken} items`);
  await itemReader.cancel();
});

Deno.test("cancelling a document cancels the source being read and those still to come", async () => {
  const chunk = someBytes(100_000);
  const over = new Source([bytesOf("a")]);
  const current = new Source([chunk, chunk]);
  const later = new Source([chunk]);
  const log: string[] = [];
  const rows = generate([1], log);
  const document = encodeCallStream("m", [
    over.stream,
    [current.stream],
    { later: later.stream, rows },
  ]);
  const reader = streamOf(document).getReader();
  await reader.read();
  const reason = new Error("enough");
  await reader.cancel(reason);
  assertEquals(over.cancelled, []);
  assertEquals(current.cancelled, [reason]);
  assertEquals(later.cancelled, [reason]);
  assertEquals(await rows.next(), { done: true, value: undefined });
  assertEquals(log, []);
});

Deno.test("cancelling a document returns its generators, outer and inner", async () => {
  const log: string[] = [];
  const inner = generate(Array(1e6).keys(), log);
  const document = encodeResponseStream(generate([inner], log));
  const reader = streamOf(document).getReader();
  await reader.read();
  await reader.cancel();
  await inner.return(undefined);
  assertEquals(log.filter((entry) => entry === "over"), ["over", "over"]);
});

Deno.test("cancelling a document cancels every stream of the item being written", async () => {
  const chunk = someBytes(100_000);
  const current = new Source([chunk, chunk]);
  const later = new Source([chunk]);
  const items = generate([[current.stream, later.stream]]);
  const reader = streamOf(encodeResponseStream(items)).getReader();
  await reader.read();
  await reader.cancel("enough");
  assertEquals([current.cancelled, later.cancelled], [["enough"], ["enough"]]);
});

Deno.test("cancelling a document cancels at once a source that is awaited", async () => {
  const cancelled = Promise.withResolvers<unknown>();
  const asked = Promise.withResolvers<void>();
  const stalled = new ReadableStream<Uint8Array>({
    pull(): Promise<void> {
      asked.resolve();
      return new Promise(() => {});
    },
    cancel: (reason) => cancelled.resolve(reason),
  }, { highWaterMark: 0 });
  const reader = streamOf(encodeResponseStream(stalled)).getReader();
  // What stands before the base64 is there anyway.
  await reader.read();
  const read = reader.read();
  await asked.promise;
  await reader.cancel("enough");
  assertEquals(await cancelled.promise, "enough");
  assertEquals((await read).done, true);
});

Deno.test("a document's signal ends it with its reason, and cancels its sources", async () => {
  const source = new Source(Array(9).fill(someBytes(100_000)));
  const aborter = new AbortController();
  const document = encodeResponseStream(source.stream, {
    signal: aborter.signal,
  });
  const reader = streamOf(document).getReader();
  await reader.read();
  const reason = new Error("stop");
  aborter.abort(reason);
  assertStrictEquals(await assertRejects(() => reader.read()), reason);
  assertEquals(source.cancelled, [reason]);

  const unread = new Source([]);
  const { signal } = aborter;
  const late = encodeResponseStream(unread.stream, { signal });
  assertStrictEquals(await assertRejects(() => read(late)), reason);
  assertEquals(unread.cancelled, [reason]);
});

Deno.test("a source that fails makes the document fail, and cancels the others", async () => {
  const failure = new Error("disk");
  const failing: (() => unknown)[] = [
    () => new Source([someBytes(200_000)], failure).stream,
    () =>
      async function* () {
        yield* [1, 2];
        throw failure;
      }(),
    () => ({
      [Symbol.asyncIterator]() {
        throw failure;
      },
    }),
  ];
  for (const create of failing) {
    const later = new Source([]);
    const document = encodeResponseStream([create(), later.stream]);
    assertStrictEquals(await assertRejects(() => read(document)), failure);
    assertEquals(later.cancelled, [failure]);
  }
});

Deno.test("an item that cannot be sent makes the document fail, with its path", async () => {
  const inItem = new Source([]);
  const log: string[] = [];
  const document = encodeResponseStream({
    rows: generate([1, { ok: inItem.stream, bad: Symbol() }], log),
  });
  const error = await assertRejects(() => read(document), TypeError);
  assertEquals(
    error.message,
    "Cannot encode a symbol at value.rows[1].bad: XML-RPC has no such value",
  );
  assertEquals(inItem.cancelled, [error]);
  assertEquals(log.at(-1), "over");
});

Deno.test("a stream must give Uint8Arrays", async () => {
  for (
    const [chunk, what] of [
      ["text", "a string"],
      [null, "null"],
      [new ArrayBuffer(1), "an ArrayBuffer"],
    ]
  ) {
    const source = new Source([bytesOf("ok"), chunk]);
    const document = encodeCallStream("m", [1, { file: source.stream }]);
    const error = await assertRejects(() => read(document), TypeError);
    assertEquals(
      error.message,
      `Cannot encode ${what} in the stream at params[1].file: its chunks must be Uint8Arrays`,
    );
    assertEquals(source.cancelled, [error]);
  }
});

Deno.test("encodeCallStream() refuses a locked stream", () => {
  const { stream } = new Source([]);
  const reader = stream.getReader();
  assertThrows(
    () => encodeCallStream("m", [[stream]]),
    TypeError,
    "Cannot encode a locked ReadableStream at params[0][0]: something else reads it",
  );
  reader.releaseLock();
});

Deno.test("encodeCallStream() refuses a source that stands twice and can be read only once", () => {
  const sources = [
    () => new Source([]).stream,
    () => generate([1, 2]),
    () => ({
      next: () => Promise.resolve({ done: true, value: undefined }),
      [Symbol.asyncIterator](): AsyncIterator<number> {
        return this as never;
      },
    }),
  ];
  for (const create of sources) {
    const source = create() as AsyncIterable<number>;
    assertThrows(
      () => encodeCallStream("m", [{ a: source }, [1, source]]),
      TypeError,
      "a second time at params[1][1]: it can be read only once",
    );
  }
});

Deno.test("encodeCallStream() sends a source twice that can be read twice", async () => {
  const iterable = {
    async *[Symbol.asyncIterator](): AsyncGenerator<number> {
      yield 7;
    },
  };
  const blob = new Blob(["ab"]);
  const call = encodeCallStream("m", [iterable, iterable, blob, blob]);

  const { params } = decodeCall(await read(call));

  const bytes = new TextEncoder().encode("ab");
  assertEquals(params, [[7], [7], bytes, bytes]);
});

Deno.test("encodeCallStream() refuses an iterator that has been opened before", async () => {
  const items = generate([1, 2]);
  const shared = { [Symbol.asyncIterator]: () => items };
  await assertRejects(
    () => read(encodeCallStream("m", [shared, [shared]])),
    TypeError,
    "a second time at params[1][0]: it can be read only once",
  );
  const inner = generate([1]);
  await assertRejects(
    () => read(encodeCallStream("m", [generate([[inner], [inner]])])),
    TypeError,
    "a second time at params[0][1][0]",
  );
  const again = generate([1, 2]);
  await read(encodeCallStream("m", [again]));
  await assertRejects(
    () => read(encodeCallStream("m", [again])),
    TypeError,
    "Cannot encode an AsyncGenerator a second time at params[0]",
  );
});

Deno.test("encodeCallStream() refuses sources that it has cancelled before", async () => {
  const items = generate([1, 2]);
  const { stream } = new Source([new Uint8Array(1)]);
  assertThrows(() => encodeCallStream("m", [items, stream, NaN]), RangeError);
  assertThrows(
    () => encodeCallStream("m", [stream]),
    TypeError,
    "Cannot encode a ReadableStream that has been cancelled at params[0]",
  );
  await assertRejects(
    () => read(encodeCallStream("m", [items])),
    TypeError,
    "a second time at params[0]",
  );
});

Deno.test("a Blob that gives another number of bytes than it says makes the document fail", async () => {
  class Liar extends Blob {
    override get size(): number {
      return 4;
    }
  }
  for (const [text, what] of [["abc", "has 3"], ["abcde", "has more"]]) {
    const document = encodeCallStream("m", [new Liar([text!])]);
    await assertRejects(
      () => read(document),
      TypeError,
      `Cannot encode the Blob at params[0]: its size is 4 bytes, but it ${what}`,
    );
  }
});

Deno.test("a Blob never makes a document longer than it said", async () => {
  class Liar extends Blob {
    override get size(): number {
      return 50_000;
    }
  }
  const document = encodeCallStream("m", [new Liar([someBytes(900_000)])]);
  let length = 0;
  await assertRejects(async () => {
    for await (const chunk of streamOf(document)) length += chunk.length;
  }, TypeError);
  assert(length <= document.length!);
});

Deno.test("maxStreamBytes limits each Blob and stream", async () => {
  const options = { maxStreamBytes: 4 };
  const message =
    "Cannot encode more than 4 bytes at params[1]: the limit maxStreamBytes";
  assertThrows(
    () =>
      encodeCallStream("m", [new Blob(["1234"]), new Blob(["12345"])], options),
    RangeError,
    message,
  );
  const good = new Source([bytesOf("12"), bytesOf("34")]).stream;
  const long = new Source([bytesOf("123"), bytesOf("45")]);
  const document = encodeCallStream("m", [good, long.stream], options);
  await assertRejects(() => read(document), RangeError, message);
  assertEquals(long.cancelled.length, 1);
});

Deno.test("maxDepth holds inside async iterables", async () => {
  const options = { maxDepth: 3 };
  const nested = (inner: unknown) => ({ rows: generate([[inner]]) });
  const flat = encodeResponseStream(nested(1), options);
  assertEquals(decodeResponse(await read(flat)), { rows: [[1]] });
  for (const inner of [[], {}, generate([])]) {
    const deep = encodeResponseStream(nested(inner), options);
    await assertRejects(() => read(deep), RangeError, "value.rows[0][0]");
  }
  assertThrows(
    () => encodeResponseStream([[[generate([])]]], options),
    RangeError,
    "maxDepth",
  );
});

Deno.test("onProgress gets the bytes so far, and the total if it is known", async () => {
  const told: [number, number | undefined][] = [];
  const options = {
    onProgress: (...progress: [number, number | undefined]) =>
      void told.push(progress),
  };
  const bytes = someBytes(120_000);
  await read(
    encodeCallStream("m", [new Blob([bytes]), new Blob(["x"])], options),
  );
  assertEquals(told.at(-1), [120_001, 120_001]);
  assert(told.length > 2);
  assert(told.every(([done], at) => at === 0 || done > told[at - 1]![0]));

  told.length = 0;
  const { stream } = new Source([bytes]);
  await read(encodeCallStream("m", [new Blob(["x"]), stream], options));
  assertEquals(told.at(-1), [120_001, undefined]);
});

Deno.test("what onProgress throws makes the document fail", async () => {
  const failure = new Error("no");
  const source = new Source(Array(9).fill(someBytes(100_000)));
  const document = encodeResponseStream(source.stream, {
    onProgress() {
      throw failure;
    },
  });
  assertStrictEquals(await assertRejects(() => read(document)), failure);
  assertEquals(source.cancelled, [failure]);
});

Deno.test("encodeCallStream() cancels every source if it refuses a value", () => {
  const before = new Source([]);
  const after = new Source([]);
  const error = assertThrows(
    () => encodeCallStream("m", [before.stream, { bad: NaN }, [after.stream]]),
    RangeError,
    "params[1].bad",
  );
  assertEquals([before.cancelled, after.cancelled], [[error], [error]]);

  const cyclic: Record<string, unknown> = {
    get broken() {
      throw new Error("getter");
    },
  };
  cyclic["self"] = cyclic;
  const beside = new Source([]);
  assertThrows(
    () => encodeResponseStream([NaN, cyclic, beside.stream]),
    RangeError,
  );
  assertEquals(beside.cancelled.length, 1);

  const named = new Source([]);
  assertThrows(() => encodeCallStream("", [named.stream]), TypeError);
  assertEquals(named.cancelled.length, 1);
});

Deno.test("encodeCall() and encodeResponse() refuse streams, and do not touch them", () => {
  const source = new Source([]);
  assertThrows(
    () => encodeCall("m", [{ file: source.stream }]),
    TypeError,
    "Cannot encode a ReadableStream at params[0].file at once: use encodeCallStream()",
  );
  assertEquals(source.cancelled, []);
  assertThrows(
    () => encodeResponse(new Blob()),
    TypeError,
    "Cannot encode a Blob at value at once: use encodeResponseStream()",
  );
  assertThrows(
    () => encodeResponse(generate([])),
    TypeError,
    "Cannot encode an AsyncGenerator at value at once: use encodeResponseStream()",
  );
});

Deno.test("encodeCallStream() refuses chunks whose bytes are lost", async () => {
  const lost = [...createShrunkViews(), ...createTransferred()]
    .filter((bytes) => bytes instanceof Uint8Array);
  assertEquals(lost.length, 3);
  for (const bytes of lost) {
    const { stream } = new Source([new Uint8Array(3), bytes]);

    await assertRejects(
      () => read(encodeCallStream("m", [stream])),
      TypeError,
      "in the stream at params[0]",
    );
  }
});
