import {
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
} from "@std/assert";
import { createBodyMaker } from "./request_body.ts";
import { withLength } from "../util/http.ts";
import { encodeCallStream, type XmlRpcDocument } from "../codec.ts";

const HTTP = new URL("http://127.0.0.1/");

function streamOf(text: string): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new Blob([text]).stream();
}

/** Runs with another value for some globals, which a runtime may lack or have. */
async function withGlobals(
  globals: Readonly<Record<string, unknown>>,
  run: () => Promise<void>,
): Promise<void> {
  const kept = Object.keys(globals).map((name) =>
    [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const
  );
  try {
    for (const [name, value] of Object.entries(globals)) {
      Object.defineProperty(globalThis, name, {
        value,
        configurable: true,
        writable: true,
      });
    }
    await run();
  } finally {
    for (const [name, descriptor] of kept) {
      if (descriptor === undefined) Reflect.deleteProperty(globalThis, name);
      else Object.defineProperty(globalThis, name, descriptor);
    }
  }
}

/** Where a Blob is more than its members: this one's read as empty. */
class NativeResponse extends Response {
  constructor(body?: BodyInit | null) {
    const isOurs = body instanceof Blob && body.constructor !== Blob;
    super(isOurs ? "" : body);
  }
}

/** Where a page may not say how long a request is. */
class BrowserRequest extends Request {
  constructor(input: string, init?: RequestInit) {
    // Read as a browser does that sends streams.
    if (init?.body) Reflect.get(init, "duplex");
    super(input, init);
    this.headers.delete("content-length");
  }
}

/** The request of a document, as it arrives at a server. */
async function sendToServer(
  document: XmlRpcDocument,
): Promise<[length: string | null, text: string]> {
  const { promise, resolve } = Promise.withResolvers<[string | null, string]>();
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      resolve([request.headers.get("content-length"), await request.text()]);
      return new Response();
    },
  );
  const url = new URL(`http://127.0.0.1:${server.addr.port}`);
  const headers = new Headers();
  if (document.length !== undefined) {
    headers.set("content-length", String(document.length));
  }
  const init = await createBodyMaker()(document, url);
  const response = await fetch(
    new Request(url, { method: "POST", headers, ...init } as RequestInit),
  );
  await response.body?.cancel();
  return await promise;
}

Deno.test("createBodyMaker() has a document of known length sent with its Content-Length", async () => {
  const photo = new Blob([new Uint8Array(200_000)]);
  const document = encodeCallStream("put", [photo]);
  const [length, text] = await sendToServer(document);
  assertEquals(length, String(document.length));
  assertEquals(text.length, document.length);
});

Deno.test("createBodyMaker() has a document of unknown length sent as a stream", async () => {
  const document = { body: streamOf("document"), length: undefined };
  assertEquals(await sendToServer(document), [null, "document"]);
});

Deno.test("createBodyMaker() leaves bytes as they are", async () => {
  const document = encodeCallStream("m", [1]);
  const { body } = await createBodyMaker()(document, HTTP);
  assertStrictEquals(body, document.body);
});

Deno.test("createBodyMaker() gives the stream itself where the header Content-Length is obeyed", async () => {
  await withGlobals({ Response: NativeResponse }, async () => {
    const body = streamOf("document");
    const made = await createBodyMaker()({ body, length: 8 }, HTTP);
    assertStrictEquals(made.body, body);
  });
});

Deno.test("createBodyMaker() gathers a Blob where no length can be told", async () => {
  const globals = { Response: NativeResponse, Request: BrowserRequest };
  await withGlobals(globals, async () => {
    const make = createBodyMaker();
    const https = new URL("https://example.com/");
    const known = { body: streamOf("document"), length: 8 };
    const { body } = await make(known, https);
    assertInstanceOf(body, Blob);
    assertEquals(await body.text(), "document");

    // Over plain HTTP no browser sends a stream.
    const unknown = { body: streamOf("document"), length: undefined };
    const gathered = await make(unknown, HTTP);
    assertInstanceOf(gathered.body, Blob);
    assertEquals(await gathered.body.text(), "document");

    const stream = { body: streamOf("document"), length: undefined };
    assertStrictEquals((await make(stream, https)).body, stream.body);
  });
});

Deno.test("createBodyMaker() and withLength() use a FixedLengthStream where there is one", async () => {
  const lengths: number[] = [];
  class FixedLengthStream extends TransformStream<Uint8Array, Uint8Array> {
    constructor(length: number) {
      super();
      lengths.push(length);
    }
  }
  await withGlobals({ FixedLengthStream }, async () => {
    const document = { body: streamOf("document"), length: 8 };
    const { body } = await createBodyMaker()(document, HTTP);
    assertEquals(await new Response(body as BodyInit).text(), "document");
    const stream = withLength(streamOf("answer"), 6) as BodyInit;
    assertEquals(await new Response(stream).text(), "answer");
    const unknown = streamOf("");
    assertStrictEquals(withLength(unknown, undefined), unknown);
    await unknown.cancel();
  });
  assertEquals(lengths, [8, 6]);
  const plain = streamOf("");
  assertStrictEquals(withLength(plain, 0), plain);
  await plain.cancel();
});
