// Files of any size and arrays of any length, from one end to the other.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import {
  assertSameBytes,
  bytesOf,
  readAll,
  Source,
  testBoth,
  testOnSocket,
  whenQuiet,
  within,
} from "./support/ends.ts";
import type { XmlRpcProgress } from "../client.ts";
import { decodeResponse, encodeCall, encodeResponse } from "../codec.ts";
import { XmlRpcFault } from "../core/errors.ts";
import { method } from "../server.ts";

const PHOTO = bytesOf(300_000);

/** Takes a file, and gives it back. */
const mirror = method(
  { params: ["base64"], returns: "base64", stream: true },
  async (file) => await readAll(file),
);

/** Takes a file, and tells how long it is. */
const measure = method(
  { params: ["base64"], returns: "int", stream: true },
  async (file) => {
    let length = 0;
    for await (const chunk of file) length += chunk.length;
    return length;
  },
);

/** The numbers below another. */
async function* count(end: number): AsyncGenerator<number, void, void> {
  for (let number = 0; number < end; number++) yield number;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Sends a document as it is. */
function post(
  url: string,
  body: BodyInit,
  headers: HeadersInit = {},
): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "text/xml", ...headers },
    body,
  });
}

// ---------------------------------------------------------------- up

testBoth(
  "a Blob goes up whole, and its request has its length",
  async (connect) => {
    const { client, requests } = connect({ mirror });
    assertSameBytes(await client.call("mirror", [new Blob([PHOTO])]), PHOTO);
    assertEquals(
      requests[0]!.headers.get("content-length"),
      String(encodeCall("mirror", [PHOTO]).length),
    );
  },
);

testBoth(
  "a stream goes up whole, and its request has no length",
  async (connect) => {
    const { client, requests } = connect({ mirror });
    const { stream } = new Source(PHOTO, 7_777);
    assertSameBytes(await client.call("mirror", [stream]), PHOTO);
    assertEquals(requests[0]!.headers.get("content-length"), null);
  },
);

testBoth("bytes go up to a method that reads a stream", async (connect) => {
  const { client } = connect({ mirror });
  assertSameBytes(await client.call("mirror", [PHOTO]), PHOTO);
  assertEquals((await client.call("mirror", [new Uint8Array()])).length, 0);
});

testBoth("an empty Blob and an empty stream go up", async (connect) => {
  const { client } = connect({ mirror });
  const { stream } = new Source(new Uint8Array(), 1);
  assertEquals((await client.call("mirror", [new Blob()])).length, 0);
  assertEquals((await client.call("mirror", [stream])).length, 0);
});

testBoth("chunks of one byte go up and down", async (connect) => {
  const bytes = bytesOf(10_000);
  const { client } = connect({
    mirror,
    get: () => new Source(bytes, 1).stream,
  });
  const { stream } = new Source(bytes, 1);
  assertSameBytes(await client.call("mirror", [stream]), bytes);
  assertSameBytes(await readAll(await client.stream("get")), bytes);
});

testBoth(
  "a method that reads no stream gets the bytes of one",
  async (connect) => {
    const { client } = connect({
      describe(value: { readonly files: readonly Uint8Array[] }): number[] {
        return value.files.map((file) => file.length);
      },
    });
    const files = [new Source(PHOTO, 9_999).stream, new Blob([PHOTO]), PHOTO];
    assertEquals(
      await client.call("describe", [{ files: [...files, new Blob()] }]),
      [PHOTO.length, PHOTO.length, PHOTO.length, 0],
    );
  },
);

testBoth(
  "of several files in one call the last is read as a stream",
  async (connect) => {
    const { client } = connect({
      same: method(
        {
          params: ["string", "base64", "base64"],
          returns: ["int"],
          stream: true,
        },
        async (name, whole, file) => {
          assertInstanceOf(whole, Uint8Array);
          return [name.length, whole.length, (await readAll(file)).length];
        },
      ),
    });
    const { stream } = new Source(PHOTO, 10_000);
    const params = ["name", new Blob([PHOTO]), stream] as const;
    assertEquals(await client.call("same", params), [4, 300_000, 300_000]);
  },
);

testBoth("an async iterable goes up as an array", async (connect) => {
  const { client } = connect({
    sum: (numbers: number[]) => numbers.reduce((sum, n) => sum + n, 0),
  });
  assertEquals(await client.call("sum", [count(1_000) as never]), 499_500);
});

testBoth("a method begins before its file has come", async (connect) => {
  const begun = Promise.withResolvers<void>();
  const { client } = connect({
    put: method(
      { params: ["base64"], returns: "int", stream: true },
      async (file) => {
        begun.resolve();
        return (await readAll(file)).length;
      },
    ),
  });
  const source = new Source(PHOTO, 1_000, 100_000, () => begun.promise);
  assertEquals(await client.call("put", [source.stream]), PHOTO.length);
  assertEquals(await source.ended, "closed");
});

testOnSocket(
  "a compressed request goes to a method that reads a stream",
  async (connect) => {
    const { url } = connect({ measure });
    const body = new Blob([encodeCall("measure", [PHOTO])]).stream()
      .pipeThrough(new CompressionStream("gzip"));
    const response = await post(url, body, { "content-encoding": "gzip" });
    assertEquals(decodeResponse(await response.bytes()), PHOTO.length);
  },
);

// ---------------------------------------------------------------- down

testOnSocket("a Blob comes down with its exact length", async (connect) => {
  const { url } = connect({ get: () => new Blob([PHOTO]) });
  const response = await post(url, encodeCall("get"));
  const document = await response.bytes();
  assertEquals(
    response.headers.get("content-length"),
    String(encodeResponse(PHOTO).length),
  );
  assertEquals(response.headers.get("transfer-encoding"), null);
  assertSameBytes(document, encodeResponse(PHOTO));
});

testOnSocket("a stream comes down in chunks", async (connect) => {
  const { url } = connect({ get: () => new Source(PHOTO, 1_234).stream });
  const response = await post(url, encodeCall("get"));
  const document = await response.bytes();
  assertEquals(response.headers.get("content-length"), null);
  assertEquals(response.headers.get("transfer-encoding"), "chunked");
  assertSameBytes(document, encodeResponse(PHOTO));
});

testBoth("stream() gives the bytes of every kind of file", async (connect) => {
  const { client } = connect({
    bytes: () => PHOTO,
    blob: () => new Blob([PHOTO]),
    stream: () => new Source(PHOTO, 10_001).stream,
    empty: () => new Blob(),
    emptyStream: () => new Source(new Uint8Array(), 1).stream,
  });
  for (const name of ["bytes", "blob", "stream"] as const) {
    assertSameBytes(await readAll(await client.stream(name)), PHOTO);
    assertSameBytes(await client.call(name) as Uint8Array, PHOTO);
  }
  for (const name of ["empty", "emptyStream"] as const) {
    assertEquals((await readAll(await client.stream(name))).length, 0);
    assertEquals(await client.call(name), new Uint8Array() as never);
  }
});

testBoth("stream() gives bytes before the last have come", async (connect) => {
  const seen = Promise.withResolvers<void>();
  const source = new Source(PHOTO, 1_000, 1_000, () => seen.promise);
  const { client } = connect({ get: () => source.stream });
  const reader = (await client.stream("get")).getReader();
  const { value } = await reader.read();
  seen.resolve();
  let length = value!.length;
  assert(length <= 1_000);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
  }
  assertEquals(length, PHOTO.length);
});

testBoth(
  "a result has streams and iterables in it, as deep as may be",
  async (connect) => {
    const { client } = connect({
      async *rows(): AsyncGenerator<unknown> {
        yield { id: 1, file: new Blob([PHOTO]), parts: count(3) };
        yield [new Source(PHOTO, 20_000).stream, count(0), "end"];
      },
      folder: () => ({ files: [{ data: new Source(PHOTO, 5_000).stream }] }),
    });
    const rows = await client.call("rows") as unknown as [
      Record<string, unknown>,
      unknown[],
    ];
    assertEquals([rows[0].id, rows[0].parts], [1, [0, 1, 2]]);
    assertSameBytes(rows[0].file as Uint8Array, PHOTO);
    assertSameBytes(rows[1][0] as Uint8Array, PHOTO);
    assertEquals(rows[1].slice(1), [[], "end"]);
    const { files } = await client.call("folder") as unknown as {
      files: { data: Uint8Array }[];
    };
    assertSameBytes(files[0]!.data, PHOTO);
  },
);

// ---------------------------------------------------------------- items

testBoth(
  "an async generator comes down as an array, or item by item",
  async (connect) => {
    const { client } = connect({
      count: method({ params: ["int"], returns: ["int"] }, count),
    });
    const numbers = await collect(count(20_000));
    assertEquals(await client.call("count", [20_000]), numbers);
    assertEquals(await collect(client.items("count", [20_000])), numbers);
    assertEquals(await client.call("count", [0]), []);
    assertEquals(await collect(client.items("count", [0])), []);
  },
);

testBoth(
  "items() gives the items of an array that comes at once",
  async (connect) => {
    const { client } = connect({ list: () => [1, "two", [3], { four: 4 }] });
    const items = await collect(client.items("list"));
    assertEquals(items, [1, "two", [3], { four: 4 }]);
  },
);

testBoth("items() gives an item before the next is made", async (connect) => {
  let asked = Promise.withResolvers<void>();
  const { client } = connect({
    async *ticks(): AsyncGenerator<number> {
      for (let tick = 0; tick < 3; tick++) {
        await asked.promise;
        asked = Promise.withResolvers<void>();
        yield tick;
      }
    },
  });
  const items = client.items("ticks");
  for (let tick = 0; tick < 3; tick++) {
    asked.resolve();
    assertEquals(await items.next(), { done: false, value: tick as never });
  }
  assertEquals(await items.next(), { done: true, value: undefined });
});

testBoth(
  "stream() refuses what is not base64, and items() what is not an array",
  async (connect) => {
    const { client } = connect({ text: () => "text" });
    await assertRejects(
      () => client.stream("text"),
      TypeError,
      "did not return base64",
    );
    await assertRejects(
      () => client.items("text").next(),
      TypeError,
      "did not return an array",
    );
  },
);

testBoth("stream() and items() throw a fault", async (connect) => {
  const { client } = connect({
    broken(): string {
      throw new XmlRpcFault(4, "Broken");
    },
  });
  const both = [
    () => client.stream("broken"),
    () => client.items("broken").next(),
  ];
  for (const call of both) {
    const fault = await assertRejects(call, XmlRpcFault, "Broken");
    assertEquals(fault.code, 4);
  }
});

// ---------------------------------------------------------------- backpressure

// More than what sockets hold back on their own.
const LONG = new Uint8Array(48 * 2 ** 20);
const ENOUGH = LONG.length / 2;

testBoth("a slow handler holds back the client's source", async (connect) => {
  const read = Promise.withResolvers<void>();
  const { client } = connect({
    put: method(
      { params: ["base64"], returns: "int", stream: true },
      async (file) => {
        const reader = file.getReader();
        let { length } = (await reader.read()).value!;
        await read.promise;
        for (;;) {
          const { done, value } = await reader.read();
          if (done) return length;
          length += value.length;
        }
      },
    ),
  });
  const source = new Source(LONG, 65_536);
  const call = client.call("put", [source.stream]);
  const given = await whenQuiet(() => source.given);
  assert(given > 0 && given < ENOUGH, `Given: ${given}`);
  read.resolve();
  assertEquals(await call, LONG.length);
});

testBoth("a slow client holds back the server's source", async (connect) => {
  const source = new Source(LONG, 65_536);
  const { client } = connect({ get: () => source.stream });
  const reader = (await client.stream("get")).getReader();
  let { length } = (await reader.read()).value!;
  const given = await whenQuiet(() => source.given);
  assert(given > 0 && given < ENOUGH, `Given: ${given}`);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
  }
  assertEquals(length, LONG.length);
});

testBoth("a slow client holds back the server's generator", async (connect) => {
  let made = 0;
  const text = "x".repeat(10_000);
  const { client } = connect({
    async *texts(): AsyncGenerator<string> {
      for (; made < 4_000; made++) yield text;
    },
  });
  const items = client.items("texts");
  await items.next();
  const soFar = await whenQuiet(() => made);
  assert(soFar > 0 && soFar < 2_000, `Made: ${soFar}`);
  let rest = 0;
  for await (const item of items) {
    assertEquals((item as string).length, 10_000);
    rest++;
  }
  assertEquals([rest, made], [3_999, 4_000]);
});

testBoth(
  "a source is not read before its bytes are asked for",
  async (connect) => {
    const source = new Source(PHOTO, 1_000);
    const { client } = connect({ get: () => source.stream });
    client.items("get");
    await whenQuiet(() => source.given);
    assertEquals(source.given, 0);
    await source.stream.cancel();
  },
);

// ---------------------------------------------------------------- the contract

testOnSocket(
  "each item is sent as what the signature says",
  async (connect) => {
    const { url } = connect({
      rows: method(
        { params: [], returns: [{ id: "i8", price: "double" }] },
        async function* () {
          yield { id: 1, price: 2 };
        },
      ),
    });
    const response = await post(url, encodeCall("rows"));
    assertStringIncludes(
      await response.text(),
      "<array><data><value><struct>" +
        "<member><name>id</name><value><i8>1</i8></value></member>" +
        "<member><name>price</name><value><double>2.0</double></value></member>" +
        "</struct></value></data></array>",
    );
  },
);

testBoth(
  "an item that is not what the signature says is an error with its path",
  async (connect) => {
    let hasEnded = false;
    const { client, errors } = connect({
      rows: method(
        { params: [], returns: [{ price: "double" }] },
        async function* () {
          try {
            for (const price of [1, 2, 3, "4", 5]) {
              yield { price: price as number };
            }
          } finally {
            hasEnded = true;
          }
        },
      ),
    });
    await assertRejects(() => client.call("rows"), TypeError);
    assertEquals(errors.map(String), [
      "TypeError: Cannot encode value[3].price: expected double, got string",
    ]);
    assert(hasEnded);
  },
);

testBoth(
  "a stream where the signature says int is an error, and is cancelled",
  async (connect) => {
    const source = new Source(PHOTO, 1_000);
    const { client, errors } = connect({
      get: method({ params: [], returns: "int" }, () => source.stream as never),
    });
    const fault = await assertRejects(() => client.call("get"), XmlRpcFault);
    assertEquals([fault.code, fault.message], [-32603, "Internal error"]);
    assertEquals(errors.map(String), [
      "TypeError: Cannot encode value: expected int, got a ReadableStream",
    ]);
    assertStrictEquals(await source.ended, errors[0]);
  },
);

testBoth(
  "params before the file are checked before it is read",
  async (connect) => {
    const { client } = connect({
      put: method(
        { params: ["string", "base64"], returns: "int", stream: true },
        () => 1,
      ),
    });
    const source = new Source(LONG, 65_536);
    const fault = await assertRejects(
      () => client.call("put", [1 as never, source.stream]),
      XmlRpcFault,
      "params[0]: expected string, got int",
    );
    assertEquals(fault.code, -32602);
    assertInstanceOf(await within(source.ended, 1_000), Error);
  },
);

testBoth(
  "a stream goes through interceptors on both sides, untouched",
  async (connect) => {
    const seen: string[] = [];
    const { client } = connect({ measure, count }, {
      client: {
        interceptors: [async (call, next) => {
          seen.push(`client ${call.methodName}`);
          return await next(call);
        }],
      },
      server: {
        interceptors: [async (call, next) => {
          const last = call.params.at(-1);
          seen.push(`server ${last instanceof ReadableStream}`);
          return await next(call);
        }],
      },
    });
    const { stream } = new Source(PHOTO, 10_000);
    assertEquals(await client.call("measure", [stream]), PHOTO.length);
    assertEquals(await collect(client.items("count", [3])), [0, 1, 2] as never);
    assertEquals(seen, [
      "client measure",
      "server true",
      "client count",
      "server false",
    ]);
  },
);

testBoth(
  "an interceptor of the server counts the bytes as they come",
  async (connect) => {
    let bytes = 0;
    const { client } = connect({ measure }, {
      server: {
        interceptors: [(call, next) => {
          const counter = new TransformStream<Uint8Array, Uint8Array>({
            transform(chunk, controller): void {
              bytes += chunk.length;
              controller.enqueue(chunk);
            },
          });
          const file = call.params[0] as ReadableStream<Uint8Array>;
          return next({ ...call, params: [file.pipeThrough(counter)] });
        }],
      },
    });
    assertEquals(
      await client.call("measure", [new Blob([PHOTO])]),
      PHOTO.length,
    );
    assertEquals(bytes, PHOTO.length);
  },
);

testBoth(
  "introspection sends a stream beside what it declares",
  async (connect) => {
    const { client, requests } = connect({
      put: method(
        { params: ["double", "base64"], returns: "string", stream: true },
        async (x, file) => `${x} ${(await readAll(file)).length}`,
      ),
    }, { client: { signatures: "introspect" } });
    for (const file of [new Blob([PHOTO]), new Source(PHOTO, 10_000).stream]) {
      assertEquals(await client.call("put", [20, file]), "20 300000");
    }
    assertEquals(requests.length, 3);
  },
);

// ---------------------------------------------------------------- several calls

testBoth(
  "multicall() refuses a stream, and sends the others",
  async (connect) => {
    const { client } = connect({ measure, count: (n: number) => n });
    const source = new Source(PHOTO, 1_000);
    const [file, number] = await client.multicall([
      ["measure", [source.stream]],
      ["count", [3]],
    ]);
    assert(file.status === "rejected");
    assertInstanceOf(file.reason, TypeError);
    assertEquals(
      file.reason.message,
      'Cannot send a stream to "measure" in a multicall: call it alone',
    );
    assertEquals(number, { status: "fulfilled", value: 3 });
    assertStrictEquals(await source.ended, file.reason);
  },
);

testBoth("a multicall gives no streams, and cancels them", async (connect) => {
  const source = new Source(PHOTO, 1_000);
  const { client, errors } = connect({
    get: () => source.stream,
    blob: () => new Blob([PHOTO]),
    rows: () => count(3),
    add: (x: number, y: number) => x + y,
  });
  const [sum, ...results] = await client.multicall([
    ["add", [1, 2]],
    ["get"],
    ["blob"],
    ["rows"],
  ]);
  assertEquals(sum, { status: "fulfilled", value: 3 });
  for (const result of results) {
    assert(result.status === "rejected");
    assertInstanceOf(result.reason, XmlRpcFault);
    assertEquals(result.reason.message, "Internal error");
  }
  assertEquals(errors.length, 3);
  assertInstanceOf(await within(source.ended, 1_000), Error);
});

testBoth(
  "a method that reads a stream is called alone behind a multicall",
  async (connect) => {
    const { client, requests } = connect({
      measure,
      add: (x: number) => x + 1,
    });
    const results = await client.multicall([["measure", [PHOTO]], ["add", [
      1,
    ]]]);
    assertEquals(results, [
      { status: "fulfilled", value: PHOTO.length },
      { status: "fulfilled", value: 2 },
    ]);
    assertEquals(requests.length, 2);
  },
);

testBoth("with batch a call with a stream goes alone", async (connect) => {
  const { client, requests } = connect({ measure, add: (x: number) => x + 1 }, {
    client: { batch: true },
  });
  const results = await Promise.all([
    client.call("add", [1]),
    client.call("measure", [new Blob([PHOTO])]),
    client.call("add", [2]),
  ]);
  assertEquals(results, [2, PHOTO.length, 3]);
  assertEquals(requests.length, 2);
});

testBoth("calls with streams run side by side", async (connect) => {
  const { client } = connect({ mirror });
  const files = [1, 10, 100_000, 50_000, 0].map(bytesOf);
  const received = await Promise.all(
    files.map((file) => client.call("mirror", [new Source(file, 999).stream])),
  );
  received.forEach((file, index) => assertSameBytes(file, files[index]!));
});

// ---------------------------------------------------------------- progress

/** Asserts that progress goes up to the last byte, and gives what was the total. */
function assertProgress(
  steps: readonly XmlRpcProgress[],
  direction: "up" | "down",
): void {
  let before = 0;
  assert(steps.length > 1);
  for (const step of steps) {
    assertEquals(step.direction, direction);
    assert(step.bytesDone >= before);
    before = step.bytesDone;
  }
  assertEquals(before, PHOTO.length);
}

testBoth(
  "onProgress tells how far a Blob and a stream have gone up",
  async (connect) => {
    const { client } = connect({ measure });
    const files = [
      [new Blob([PHOTO]), PHOTO.length],
      [new Source(PHOTO, 10_000).stream, undefined],
    ] as const;
    for (const [file, bytesTotal] of files) {
      const steps: XmlRpcProgress[] = [];
      await client.call("measure", [file], {
        onProgress: (progress) => steps.push(progress),
      });
      assertProgress(steps, "up");
      assert(steps.every((step) => step.bytesTotal === bytesTotal));
    }
  },
);

testBoth(
  "onProgress tells how far a Blob and a stream have come down",
  async (connect) => {
    const { client } = connect({
      blob: () => new Blob([PHOTO]),
      stream: () => new Source(PHOTO, 10_000).stream,
    });
    for (const [name, total] of [["blob", PHOTO.length], ["stream"]] as const) {
      const steps: XmlRpcProgress[] = [];
      const options = {
        onProgress: (step: XmlRpcProgress) => steps.push(step),
      };
      await readAll(await client.stream(name, [], options));
      assertProgress(steps, "down");
      assertEquals(steps.at(-1)!.bytesTotal, PHOTO.length);
      assert(
        steps.slice(0, -1).every(({ bytesTotal }) => bytesTotal === total),
        `Totals of ${name}: ${steps.map(({ bytesTotal }) => bytesTotal)}`,
      );
    }
  },
);

// ---------------------------------------------------------------- time

testBoth("a client that reads slowly is not late", async (connect) => {
  const { client } = connect({
    get: () => new Source(LONG.subarray(0, 2 ** 21), 65_536).stream,
    count,
  }, { client: { timeout: 1_000 } });
  const stream = await client.stream("get");
  const items = client.items("count", [10_000]);
  await items.next();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  assertEquals((await readAll(stream)).length, 2 ** 21);
  assertEquals((await collect(items)).length, 9_999);
});

testBoth(
  "a long upload is not late as long as something moves",
  async (connect) => {
    const { client } = connect({ measure }, { client: { timeout: 1_000 } });
    async function* slowly(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
      for (let part = 0; part < 6; part++) {
        await new Promise((resolve) => setTimeout(resolve, 250));
        yield PHOTO.subarray(0, 1_000);
      }
    }
    const stream = ReadableStream.from(slowly());
    assertEquals(await client.call("measure", [stream]), 6_000);
  },
);

testBoth("a server that stalls in the middle is late", async (connect) => {
  const source = new Source(PHOTO, 1_000, 2_000, () => new Promise(() => {}));
  let hasEnded = false;
  const { client } = connect({
    get: () => source.stream,
    async *rows(): AsyncGenerator<number> {
      try {
        yield 1;
        await new Promise((resolve) =>
          this.request.signal.addEventListener("abort", resolve)
        );
      } finally {
        hasEnded = true;
      }
    },
  }, { client: { timeout: 200 } });
  const calls: (() => Promise<unknown>)[] = [
    async () => await readAll(await client.stream("get")),
    () => collect(client.items("rows")),
  ];
  for (const call of calls) {
    const error = await assertRejects(
      () => within(call(), 2_000),
      DOMException,
    );
    assertEquals(error.name, "TimeoutError");
    assertEquals(
      error.message,
      "No response within 200 ms (option timeout)",
    );
  }
  await within(source.ended, 1_000);
  await whenQuiet(() => Number(hasEnded));
  assert(hasEnded);
});

testBoth("a handler that does not answer is late", async (connect) => {
  const gone = Promise.withResolvers<number>();
  const { client } = connect({
    put: method(
      { params: ["base64"], returns: "int", stream: true },
      async (file) => {
        await readAll(file);
        return await gone.promise;
      },
    ),
  }, { client: { timeout: 100 } });
  const error = await assertRejects(
    () => client.call("put", [new Blob([PHOTO])]),
    DOMException,
  );
  assertEquals(error.name, "TimeoutError");
  gone.resolve(1);
});
