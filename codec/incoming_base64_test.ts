// Base64 that the decoder hands out while its document arrives.

import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  createCallDecoder,
  createResponseDecoder,
  decodeCall,
  encodeCall,
  encodeCallStream,
  type XmlRpcByteSink,
  type XmlRpcDecoder,
} from "../codec.ts";
import { XmlRpcFault, XmlRpcSyntaxError } from "../core/errors.ts";
import { Random } from "../tests/support/random.ts";
import {
  bytesOf,
  pushAll,
  responseOf,
  someBytes,
} from "../tests/support/documents.ts";

function call(...values: string[]): string {
  const params = values.map((value) => `<param><value>${value}</value></param>`)
    .join("");
  return `<methodCall><methodName>m</methodName><params>${params}</params></methodCall>`;
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
  decoder.push(bytesOf(responseOf("<base64>Zm9v</base64>")));
  assertEquals(decoder.end(), null);
  assertEquals(asked, [[0, []]]);
  assertEquals(sink.bytes, [...bytesOf("foo")]);
  assertEquals(sink.isClosed, true);
});

Deno.test("createCallDecoder() decodes base64 that no hook takes", () => {
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
    responseOf(base64).replace(
      "</params>",
      `</params><params>${param}</params>`,
    ),
  );
  twice(responseOf(base64).replace("</params>", `${param}</params>`));
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
