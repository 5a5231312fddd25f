// Files of any size and arrays of any length, from one end to the other.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import { decodeResponse, encodeCall, encodeResponse } from "../codec.ts";
import { XmlRpcFault } from "../core/errors.ts";
import { method } from "../server.ts";
import {
  assertSameBytes,
  bytesOf,
  readAll,
  Source,
  testBoth,
  testOnSocket,
  whenQuiet,
} from "./support/ends.ts";
import {
  collect,
  count,
  LONG,
  measure,
  mirror,
  PHOTO,
  post,
} from "./support/streams.ts";

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
const ENOUGH = LONG.length / 2;

// ---------------------------------------------------------------- backpressure

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
