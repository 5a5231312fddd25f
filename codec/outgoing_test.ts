// What of the codec takes its time: values handed out while their document arrives,
// and documents made of values that come bit by bit.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  createCallDecoder,
  createResponseDecoder,
  decodeCall,
  decodeResponse,
  type DecodeResponseStreamOptions,
  encodeCall,
  encodeCallStream,
  encodeResponse,
  encodeResponseStream,
  type XmlRpcByteSink,
  type XmlRpcDecoder,
  type XmlRpcDocument,
} from "../codec.ts";
import { XmlRpcFault, XmlRpcSyntaxError } from "../core/errors.ts";
import { Random } from "../tests/support/random.ts";
import type { XmlRpcValue } from "../core/value.ts";

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function someBytes(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const random = new Random(seed);
  return Uint8Array.from({ length }, () => random.below(256));
}

// ---------------------------------------------------------------- bytes in

function call(...values: string[]): string {
  const params = values.map((value) => `<param><value>${value}</value></param>`)
    .join("");
  return `<methodCall><methodName>m</methodName><params>${params}</params></methodCall>`;
}

function response(value: string): string {
  return `<methodResponse><params><param><value>${value}</value></param></params></methodResponse>`;
}

/** A sink that keeps everything, as numbers. */
class Kept implements XmlRpcByteSink {
  readonly bytes: number[] = [];
  isClosed = false;

  write(bytes: Uint8Array): void {
    assert(!this.isClosed);
    assert(bytes.length > 0);
    for (const byte of bytes) this.bytes.push(byte);
  }

  close(): void {
    this.isClosed = true;
  }
}

function pushAll(
  decoder: XmlRpcDecoder<unknown>,
  document: Uint8Array,
  chunkBytes: number,
): void {
  for (let at = 0; at < document.length; at += chunkBytes) {
    decoder.push(document.subarray(at, at + chunkBytes));
  }
}

Deno.test("createCallDecoder() hands out base64 while it arrives", () => {
  const sink = new Kept();
  const asked: unknown[] = [];
  const decoder = createCallDecoder({
    onBase64(index, params) {
      asked.push([decoder.methodName, index, params]);
      return sink;
    },
  });
  decoder.push(bytesOf(
    "<methodCall><methodName>put</methodName><params><param><value>a.jpg</value></param><param><value><base64>",
  ));
  assertEquals(asked, [["put", 1, ["a.jpg"]]]);
  decoder.push(bytesOf("Zm9v Ym"));
  assertEquals(sink.bytes, [...bytesOf("foo")]);
  decoder.push(bytesOf("Fy\nZg"));
  assertEquals(sink.bytes, [...bytesOf("foobar")]);
  assertEquals(sink.isClosed, false);
  decoder.push(bytesOf("</base64>"));
  assertEquals(sink.bytes, [...bytesOf("foobarf")]);
  assertEquals(sink.isClosed, true);
  decoder.push(bytesOf(
    "</value></param><param><value><int>5</int></value></param></params></methodCall>",
  ));
  assertEquals(decoder.end(), {
    methodName: "put",
    params: ["a.jpg", null, 5],
  });
});

Deno.test("createResponseDecoder() hands out base64 while it arrives", () => {
  const sink = new Kept();
  const asked: unknown[] = [];
  const decoder = createResponseDecoder({
    onBase64(...about) {
      asked.push(about);
      return sink;
    },
  });
  decoder.push(bytesOf(response("<base64>Zm9v</base64>")));
  assertEquals(decoder.end(), null);
  assertEquals(asked, [[0, []]]);
  assertEquals(sink.bytes, [...bytesOf("foo")]);
  assertEquals(sink.isClosed, true);
});

Deno.test("createCallDecoder() decodes base64 that nobody wants handed out", () => {
  const decoder = createCallDecoder({ onBase64: () => undefined });
  decoder.push(bytesOf(call("<base64>Zm9v</base64>")));
  assertEquals(decoder.end().params, [bytesOf("foo")]);
});

Deno.test("createCallDecoder() hands out each base64 param for which it gets a sink", () => {
  const sinks = [new Kept(), new Kept()];
  const decoder = createCallDecoder({
    onBase64: (index) => [sinks[0], undefined, sinks[1]][index],
  });
  decoder.push(bytesOf(call(
    "<base64>Zg==</base64>",
    "<base64>Zw==</base64>",
    "<base64/>",
  )));
  assertEquals(decoder.end().params, [null, bytesOf("g"), null]);
  assertEquals(sinks.map(({ bytes }) => bytes), [[0x66], []]);
  assertEquals(sinks.map(({ isClosed }) => isClosed), [true, true]);
});

Deno.test("onBase64 is asked for whole values only", () => {
  const never = () => {
    throw new Error("asked");
  };
  const base64 = "<base64>Zm9v</base64>";
  const documents = [
    call(`<array><data><value>${base64}</value></data></array>`),
    call(
      `<struct><member><name>a</name><value>${base64}</value></member></struct>`,
    ),
    `<methodCall><params><param><value>${base64}</value></param></params><methodName>m</methodName></methodCall>`,
  ];
  for (const document of documents) {
    const decoder = createCallDecoder({ onBase64: never });
    decoder.push(bytesOf(document));
    assertEquals(decoder.end(), decodeCall(document));
  }
  const fault = createResponseDecoder({ onBase64: never });
  fault.push(bytesOf(
    `<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>1</int></value></member><member><name>faultString</name><value>no</value></member><member><name>data</name><value>${base64}</value></member></struct></value></fault></methodResponse>`,
  ));
  assertThrows(() => fault.end(), XmlRpcFault, "no");
});

Deno.test("onBase64 is asked once where a document has too many values", () => {
  const base64 = "<base64>Zm9v</base64>";
  const param = `<param><value>${base64}</value></param>`;
  const twice = (document: string): void => {
    let asked = 0;
    const create = document.startsWith("<methodCall>")
      ? createCallDecoder
      : createResponseDecoder;
    const decoder: XmlRpcDecoder<unknown> = create({
      onBase64() {
        asked++;
        return new Kept();
      },
    });
    decoder.push(bytesOf(document));
    const { kind } = assertThrows(() => decoder.end(), XmlRpcSyntaxError);
    assertEquals([kind, asked], ["invalid", 1], document);
  };
  twice(call(`${base64}${base64}`));
  twice(call(`${base64}</value><value>${base64}`));
  twice(
    call(base64).replace("</params>", `</params><params>${param}</params>`),
  );
  twice(
    response(base64).replace("</params>", `</params><params>${param}</params>`),
  );
  twice(response(base64).replace("</params>", `${param}</params>`));
});

Deno.test("what is handed out is the same in every chunking", () => {
  const seed = 20260115;
  const random = new Random(seed);
  const noise = ["<!-- c -->", "<?p i?>", " ", "\r\n", "\t", "&#x41;QQA"];
  for (let run = 0; run < 300; run++) {
    const letters =
      someBytes(random.below(60), run).toBase64().match(/.{4}/g) ?? [];
    const text = letters.map((group) => {
      switch (random.below(6)) {
        case 0:
          return noise[random.below(noise.length)]! + group;
        case 1:
          return `<![CDATA[${group}]]>`;
        case 2:
          return group.slice(0, 2) + noise[random.below(5)]! + group.slice(2);
        default:
          return group;
      }
    }).join("");
    const document = bytesOf(call(`<base64>${text}</base64>`, "x"));
    const expected = decodeCall(document);
    const sink = new Kept();
    const decoder = createCallDecoder({ onBase64: () => sink });
    for (let at = 0; at < document.length;) {
      const length = 1 + random.below(40);
      decoder.push(document.subarray(at, at += length));
    }
    const where = `seed ${seed}, run ${run}: ${text}`;
    assertEquals(decoder.end().params, [null, "x"], where);
    assertEquals(Uint8Array.from(sink.bytes), expected.params[0], where);
  }
});

Deno.test("createCallDecoder() refuses in handed out base64 what decodeCall() refuses, with the same message", () => {
  const values = [
    "<base64>Zm9v!mFy</base64>",
    "<base64>Z</base64>",
    "<base64>Zg==Zg==</base64>",
    `<base64>${"Zm9v".repeat(30)}-</base64>`,
    "<base64>Zm9v&amp;</base64>",
    "<base64>Zm9v&bad;</base64>",
    "<base64>Zm9v]]></base64>",
    "<base64>Zm9v\fZm9v</base64>",
    "<base64>Zm9v\u00e9</base64>",
    "<base64>Zm9v<int>5</int>Zm9v</base64>",
    "<base64>Zm9v<b/>Zm9v</base64>",
    "x<base64>Zm9v</base64>",
    "<base64>Zm9v</base64>x",
    "<base64>Zm9v</base64><base64>Zm9v</base64>",
    "<base64>Zm9v</base64></value><value><base64>Zm9v</base64>",
    "<base64>Zm9v</base65>",
    "<base64>Zm9v",
  ];
  for (const value of values) {
    const document = bytesOf(call("a", value));
    const expected = assertThrows(
      () => decodeCall(document),
      XmlRpcSyntaxError,
    );
    for (const chunkBytes of [1, 3, 1000]) {
      const error = assertThrows(() => {
        const decoder = createCallDecoder({ onBase64: () => new Kept() });
        pushAll(decoder, document, chunkBytes);
        decoder.end();
      }, XmlRpcSyntaxError);
      const { message, kind, path } = error;
      assertEquals({ message, kind, path }, {
        message: expected.message.replace(
          /\(.*?\)/,
          message.match(/\(.*?\)/)?.[0] ?? "",
        ),
        kind: expected.kind,
        path: expected.path,
      }, value);
    }
  }
});

Deno.test("a sink is closed only after right base64, and gets nothing after junk", () => {
  for (const text of ["Zm9v!Zm9v", "Zm9vZ", "Zm9v<b/>Zm9v", "Zg==Zg=="]) {
    const sink = new Kept();
    const decoder = createCallDecoder({ onBase64: () => sink });
    pushAll(decoder, bytesOf(call(`<base64>${text}</base64>`)), 1);
    assertThrows(() => decoder.end(), XmlRpcSyntaxError);
    assertEquals(sink.isClosed, false);
    const expected = text.startsWith("Zg") ? "f" : "foo";
    assertEquals(sink.bytes, [...bytesOf(expected)]);
  }
});

Deno.test("createCallDecoder() hands out base64 of a document in UTF-16", () => {
  const units = Uint16Array.from(
    `\ufeff${call("<base64>Zm9v</base64>")}`,
    (character) => character.charCodeAt(0),
  );
  const sink = new Kept();
  const decoder = createCallDecoder({ onBase64: () => sink });
  pushAll(decoder, new Uint8Array(units.buffer), 3);
  assertEquals(decoder.end().params, [null]);
  assertEquals(sink.bytes, [...bytesOf("foo")]);
});

Deno.test("what a sink or onBase64 throws ends the decoding", () => {
  const document = bytesOf(call("<base64>Zm9v</base64>"));
  const failure = new Error("disk full");
  const fail = (): never => {
    throw failure;
  };
  const sinks: (() => XmlRpcByteSink)[] = [
    fail,
    () => ({ write: fail, close() {} }),
    () => ({ write() {}, close: fail }),
  ];
  for (const onBase64 of sinks) {
    const decoder = createCallDecoder({ onBase64 });
    assertStrictEquals(assertThrows(() => decoder.push(document)), failure);
    assertStrictEquals(assertThrows(() => decoder.end()), failure);
  }
});

Deno.test("maxBytes leaves out what is handed out, and nothing else", () => {
  const bytes = someBytes(300_000);
  const document = encodeCall("m", [bytes, "tail"]);
  const markup = document.length - bytes.toBase64().length;
  for (const chunkBytes of [1000, 65_400, Infinity]) {
    const sink = new Kept();
    const decoder = createCallDecoder({
      onBase64: () => sink,
      maxBytes: markup,
    });
    pushAll(decoder, document, chunkBytes);
    assertEquals(decoder.handedOutBytes, document.length - markup);
    assertEquals(decoder.end().params, [null, "tail"]);
    assertEquals(sink.bytes.length, bytes.length);

    const strict = createCallDecoder({
      onBase64: () => new Kept(),
      maxBytes: markup - 1,
    });
    assertThrows(
      () => pushAll(strict, document, chunkBytes),
      XmlRpcSyntaxError,
      `the limit maxBytes is ${markup - 1}`,
    );
  }
});

Deno.test("maxBytes holds for white space in base64 beyond the usual", () => {
  const usual = "Zm9v\r\n".repeat(1000);
  const sink = new Kept();
  const decoder = createCallDecoder({ onBase64: () => sink, maxBytes: 500 });
  pushAll(decoder, bytesOf(call(`<base64>${usual}</base64>`)), 100);
  decoder.end();
  assertEquals(sink.bytes.length, 3000);

  const flooded = createCallDecoder({ onBase64: () => sink, maxBytes: 500 });
  const error = assertThrows(
    () => pushAll(flooded, bytesOf(call(`<base64>${" ".repeat(1000)}`)), 100),
    XmlRpcSyntaxError,
    "the limit maxBytes is 500",
  );
  assertEquals(error.kind, "limit");
});

Deno.test("maxStreamBytes limits the bytes that are handed out", () => {
  const document = encodeCall("m", [someBytes(1000)]);
  const within = createCallDecoder({
    onBase64: () => new Kept(),
    maxStreamBytes: 1000,
  });
  pushAll(within, document, 64);
  within.end();
  for (const chunkBytes of [1, 64, Infinity]) {
    const sink = new Kept();
    const decoder = createCallDecoder({
      onBase64: () => sink,
      maxStreamBytes: 999,
    });
    const error = assertThrows(
      () => pushAll(decoder, document, chunkBytes),
      XmlRpcSyntaxError,
      "The base64 is too long: the limit maxStreamBytes is 999",
    );
    assertEquals([error.kind, error.path], ["limit", "params[0]"]);
    assert(sink.bytes.length <= 999);
  }
});

Deno.test("the hooks and maxStreamBytes are checked at once", () => {
  const wrong = { onBase64: 1, onItems: 1 } as never;
  assertThrows(() => createCallDecoder(wrong), TypeError, "onBase64");
  assertThrows(
    () => createResponseDecoder({ onItems: 1 } as never),
    TypeError,
    "onItems",
  );
  assertThrows(
    () => createCallDecoder({ maxStreamBytes: -1 }),
    RangeError,
    "maxStreamBytes",
  );
  assertThrows(
    () => encodeCallStream("m", [], { maxStreamBytes: NaN }),
    RangeError,
    "maxStreamBytes",
  );
  assertThrows(
    () => encodeCallStream("m", [], { onProgress: 1 } as never),
    TypeError,
    "onProgress",
  );
});

// ---------------------------------------------------------------- items in

/** What comes of a response in chunks: its items, and what was left or thrown. */
function itemsOf(
  document: Uint8Array,
  chunkBytes: number,
  options: DecodeResponseStreamOptions = {},
): { items: XmlRpcValue[]; value?: unknown; error?: unknown } {
  const items: XmlRpcValue[] = [];
  const decoder = createResponseDecoder({
    ...options,
    onItems(some) {
      assert(some.length > 0);
      items.push(...some);
    },
  });
  try {
    pushAll(decoder, document, chunkBytes);
    return { items, value: decoder.end() };
  } catch (error) {
    return { items, error };
  }
}

Deno.test("createResponseDecoder() hands out the items of an array as they come", () => {
  const items: XmlRpcValue[] = [];
  const decoder = createResponseDecoder({
    onItems: (some) => void items.push(...some),
  });
  decoder.push(bytesOf(
    "<methodResponse><params><param><value><array><data><value><int>1</int></value><value><array><data><value>a</val",
  ));
  assertEquals(items, [1]);
  decoder.push(bytesOf("ue></data></array></value><value>b</value"));
  assertEquals(items, [1, ["a"]]);
  decoder.push(bytesOf("></data></array></value></param></params>"));
  assertEquals(items, [1, ["a"], "b"]);
  decoder.push(bytesOf("</methodResponse>"));
  assertEquals(decoder.end(), []);
});

Deno.test("the items handed out are the same in every chunking", () => {
  const value = [1, "a", null, [[1, 2], []], { rows: [1, { b: [] }] }, 2.5];
  const document = encodeResponse(value);
  for (let chunkBytes = 1; chunkBytes < document.length; chunkBytes += 3) {
    const { items, value: left } = itemsOf(document, chunkBytes);
    assertEquals(items, value);
    assertEquals(left, []);
  }
});

Deno.test("onItems is not called for what is no array, or an empty one", () => {
  for (const value of [5, { a: [1, 2] }, "", []]) {
    const expected = { items: [], value };
    assertEquals(itemsOf(encodeResponse(value), 7), expected);
  }
  assertEquals(itemsOf(bytesOf(response("<array/>")), 7).value, []);
  const { items, error } = itemsOf(
    bytesOf(
      "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>1</int></value></member><member><name>faultString</name><value>no</value></member><member><name>rows</name><value><array><data><value>1</value></data></array></value></member></struct></value></fault></methodResponse>",
    ),
    7,
  );
  assertEquals(items, []);
  assertInstanceOf(error, XmlRpcFault);
});

Deno.test("the path of an error counts the items that were handed out", () => {
  const items = "<value><int>1</int></value>".repeat(1000);
  const document = bytesOf(response(
    `<array><data>${items}<value><struct><member><name>n</name><value><int>x</int></value></member></struct></value><value>2</value></data></array>`,
  ));
  for (const chunkBytes of [1, 100, 4096, Infinity]) {
    const { items, error } = itemsOf(document, chunkBytes);
    assertInstanceOf(error, XmlRpcSyntaxError);
    assertEquals(error.path, "value[1000].n");
    assertEquals(items.length, 1000);
  }
});

Deno.test("the items before an error are handed out", () => {
  const broken = bytesOf(
    "<methodResponse><params><param><value><array><data><value>1</value><value>2</value><oops",
  );
  for (const chunkBytes of [1, Infinity]) {
    const { items, error } = itemsOf(broken, chunkBytes);
    assertEquals(items, ["1", "2"]);
    assertInstanceOf(error, XmlRpcSyntaxError);
  }
});

Deno.test("the items of a second <data> are not handed out", () => {
  const document = bytesOf(response(
    "<array><data><value>1</value></data><data><value>2</value></data></array>",
  ));
  const { items, error } = itemsOf(document, 1);
  assertEquals(items, ["1"]);
  assertInstanceOf(error, XmlRpcSyntaxError);
});

Deno.test("maxValues is for each item that is handed out", () => {
  const value = Array.from({ length: 50 }, (_, id) => ({ id, tags: [1, 2] }));
  const flat = Array.from({ length: 50 }, (_, id) => id);
  for (const chunkBytes of [1, 64, Infinity]) {
    for (const rows of [value, flat, [...flat, ...value, ...flat]]) {
      const { items } = itemsOf(encodeResponse(rows), chunkBytes, {
        maxValues: 5,
      });
      assertEquals(items, rows);
    }
    const { items, error } = itemsOf(
      encodeResponse([1, [1, 2, 3, 4], [1, 2, 3, 4, 5], 2]),
      chunkBytes,
      { maxValues: 5 },
    );
    assertEquals(items, [1, [1, 2, 3, 4]]);
    assertInstanceOf(error, XmlRpcSyntaxError);
    assertEquals(error.message.includes("maxValues"), true);
  }
});

Deno.test("maxBytes is for what is not handed out, maxStreamBytes for the array that is", () => {
  const rows = Array.from({ length: 10_000 }, (_, id) => id);
  const document = encodeResponse(rows);
  for (const chunkBytes of [100, 65_536, Infinity]) {
    const passed = itemsOf(document, chunkBytes, { maxBytes: 1000 });
    assertEquals(passed.items, rows);

    const { items, error } = itemsOf(document, chunkBytes, {
      maxStreamBytes: 100_000,
    });
    assert(items.length < rows.length);
    assertInstanceOf(error, XmlRpcSyntaxError);
    assertEquals(error.kind, "limit");
    assert(error.message.includes("maxStreamBytes is 100000"));

    const long = itemsOf(
      encodeResponse(["x".repeat(200_000)]),
      chunkBytes,
      { maxBytes: 100_000 },
    );
    assertEquals(long.items, []);
    assert(String(long.error).includes("maxBytes is 100000"));
  }
});

Deno.test("a document that breaks off is refused, whatever stood where it would go on", () => {
  const whole = "\n" + new TextDecoder().decode(encodeResponse([1])).replace(
    /^.*\n/,
    "",
  );
  // What has been handed out is moved out of the way. With the line end in front, the
  // ">" of the first tag stands where that of the last one is missing.
  const decoder = createResponseDecoder({ onItems() {} });
  decoder.push(bytesOf(whole.slice(0, -1)));
  assertThrows(
    () => decoder.end(),
    XmlRpcSyntaxError,
    "The document ends inside <methodResponse>",
  );
});

Deno.test("a document that breaks off is refused wherever it does, when parts are handed out", () => {
  const whole = new TextDecoder().decode(
    encodeResponse([1, "a", [2], { b: 3 }]),
  )
    .replace(/^.*\n/, "");
  for (let spaces = 0; spaces < 40; spaces++) {
    const document = bytesOf(" ".repeat(spaces) + whole);
    for (let end = document.length - 40; end < document.length; end++) {
      const decoder = createResponseDecoder({ onItems() {} });
      decoder.push(document.subarray(0, end));
      const error = assertThrows(() => decoder.end(), XmlRpcSyntaxError);
      assertStrictEquals(error.kind, "malformed");
      assert(error.offset <= end);
    }
  }
});

Deno.test("what onItems throws ends the decoding", () => {
  const failure = new Error("full");
  const decoder = createResponseDecoder({
    onItems() {
      throw failure;
    },
  });
  assertStrictEquals(
    assertThrows(() => decoder.push(encodeResponse([1]))),
    failure,
  );
});

// ---------------------------------------------------------------- out

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

Deno.test("encodeCallStream() gives bytes if nothing comes bit by bit", () => {
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

Deno.test("encodeCallStream() refuses a locked stream, and one that stands twice", async () => {
  const { stream } = new Source([]);
  const reader = stream.getReader();
  assertThrows(
    () => encodeCallStream("m", [[stream]]),
    TypeError,
    "Cannot encode a locked ReadableStream at params[0][0]: something else reads it",
  );
  reader.releaseLock();
  const twice = encodeCallStream("m", [stream, stream]);
  await assertRejects(
    () => read(twice),
    TypeError,
    "Cannot encode a locked ReadableStream at params[1]",
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
      `Cannot encode the Blob at params[0]: it should have 4 bytes, and ${what}`,
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

Deno.test("onProgress tells of the bytes that went by, and of all if they are known", async () => {
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

Deno.test("encodeCall() and encodeResponse() refuse what comes bit by bit, and leave it alone", () => {
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
