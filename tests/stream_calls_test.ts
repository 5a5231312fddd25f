// Calls with streams: signatures, interceptors, introspection, batches.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import { encodeCall } from "../codec.ts";
import { XmlRpcFault } from "../core/errors.ts";
import { method } from "../server.ts";
import {
  assertSameBytes,
  bytesOf,
  readAll,
  Source,
  testBoth,
  testOnSocket,
  within,
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
