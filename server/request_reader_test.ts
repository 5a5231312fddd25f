import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { STATUS_CODE } from "@std/http/status";
import { encodeCall } from "../codec.ts";
import { FaultCode } from "../core/errors.ts";
import {
  assertRefused,
  bytesOf,
  echo,
  outcomeOf,
  post,
  request,
  serverOf,
  tooLong,
  TrackedBody,
  XML,
} from "../tests/support/server_calls.ts";

async function compress(
  bytes: Uint8Array<ArrayBuffer>,
  format: CompressionFormat,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(
    new CompressionStream(format),
  );
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// ---------------------------------------------------------------- HTTP

Deno.test("fetch() reads the charset in the Content-Type", async () => {
  const text =
    "<methodCall><methodName>echo</methodName><params><param><value>\xe9</value></param></params></methodCall>";
  const latin = Uint8Array.from(text, (char) => char.charCodeAt(0));
  const type = "TEXT/XML; CHARSET=ISO-8859-1";

  const response = await serverOf({ echo })(
    post(latin, { "content-type": type }),
  );

  assertEquals(await outcomeOf(response), { value: "é" });
});

Deno.test("fetch() counts a body without a Content-Length and answers 413", async () => {
  const body = new TrackedBody(encodeCall("echo", ["x".repeat(9000)]), 100);

  await assertRefused(
    serverOf({ echo }, { maxBodyBytes: 1000 }),
    post(body.stream),
    STATUS_CODE.ContentTooLarge,
    tooLong(1000),
  );

  assertEquals(body.pulledBytes, 1100);
  assert(body.isCancelled);
});

for (const length of ["10", "999"]) {
  Deno.test(`fetch() counts a body whose Content-Length, ${length}, is too small`, async () => {
    await assertRefused(
      serverOf({ echo }, { maxBodyBytes: 1000 }),
      post(encodeCall("echo", ["x".repeat(9000)]), {
        ...XML,
        "content-length": length,
      }),
      STATUS_CODE.ContentTooLarge,
      tooLong(1000),
    );
  });
}

for (const encoding of ["identity", "gzip"] as const) {
  Deno.test(`fetch() accepts a body (${encoding}) exactly at the limit, and none longer by a byte`, async () => {
    const call = encodeCall("echo", ["x".repeat(500)]);
    const body = encoding === "gzip" ? await compress(call, "gzip") : call;
    const headers = { ...XML, "content-encoding": encoding };

    const atLimit = serverOf({ echo }, { maxBodyBytes: call.length });
    assertEquals(await outcomeOf(await atLimit(post(body, headers))), {
      value: "x".repeat(500),
    });
    await assertRefused(
      serverOf({ echo }, { maxBodyBytes: call.length - 1 }),
      post(body, headers),
      STATUS_CODE.ContentTooLarge,
      tooLong(call.length - 1),
    );
  });
}

for (
  const [encoding, format] of [
    ["gzip", "gzip"],
    ["x-gzip", "gzip"],
    ["GZIP", "gzip"],
    [" gzip ", "gzip"],
    ["deflate", "deflate"],
  ] as const
) {
  Deno.test(`fetch() reads a body with the Content-Encoding "${encoding}"`, async () => {
    const text = "cloud".repeat(5000);
    const body = await compress(encodeCall("echo", [text]), format);
    const sent = post(body, { ...XML, "content-encoding": encoding });

    assertEquals(await outcomeOf(await serverOf({ echo })(sent)), {
      value: text,
    });
  });
}

for (const encoding of ["identity", "", "Identity"]) {
  Deno.test(`fetch() reads a body with the Content-Encoding "${encoding}" as it is`, async () => {
    const sent = request("echo", [1], { "content-encoding": encoding });

    assertEquals(await outcomeOf(await serverOf({ echo })(sent)), { value: 1 });
  });
}

Deno.test("fetch() answers data that is not gzip with 400", async () => {
  await assertRefused(
    serverOf({ echo }),
    request("echo", [1], { "content-encoding": "gzip" }),
    STATUS_CODE.BadRequest,
    "The body is incomplete or not valid gzip data",
  );
});

Deno.test("fetch() answers truncated gzip with 400", async () => {
  const whole = await compress(encodeCall("echo", ["x".repeat(900)]), "gzip");

  await assertRefused(
    serverOf({ echo }),
    post(whole.slice(0, -6), { ...XML, "content-encoding": "gzip" }),
    STATUS_CODE.BadRequest,
    "The body is incomplete or not valid gzip data",
  );
});

Deno.test("fetch() answers gzip with a wrong checksum with 400", async () => {
  const broken = await compress(encodeCall("echo", ["x".repeat(900)]), "gzip");
  broken[broken.length - 6]! ^= 0xff;

  await assertRefused(
    serverOf({ echo }),
    post(broken, { ...XML, "content-encoding": "gzip" }),
    STATUS_CODE.BadRequest,
    "The body is incomplete or not valid gzip data",
  );
});

Deno.test("fetch() answers broken deflate with 400 that names it", async () => {
  await assertRefused(
    serverOf({ echo }),
    request("echo", [1], { "content-encoding": "deflate" }),
    STATUS_CODE.BadRequest,
    "The body is incomplete or not valid deflate data",
  );
});

Deno.test("fetch() answers a body that breaks off with 400", async () => {
  const body = new ReadableStream<Uint8Array>({
    start(controller): void {
      controller.enqueue(encodeCall("echo", [1]).slice(0, 20));
    },
    pull(): void {
      throw new Error("secret: connection lost");
    },
  });

  await assertRefused(
    serverOf({ echo }),
    post(body),
    STATUS_CODE.BadRequest,
    "The body is incomplete",
  );
});

/** Zeros, many of them, as little gzip. */
async function bomb(megabytes: number): Promise<Uint8Array<ArrayBuffer>> {
  let rest = megabytes;
  const zeros = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller): void {
      if (rest-- === 0) return controller.close();
      controller.enqueue(new Uint8Array(2 ** 20));
    },
  });
  const stream = zeros.pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

Deno.test("fetch() sees a gzip bomb before it has burst", async () => {
  const bytes = await bomb(200);
  assert(bytes.length > 150_000);
  const body = new TrackedBody(bytes, 512);
  // What can be decoded up to the limit is white space before the document.
  const spaces = serverOf({ echo }, { maxBodyBytes: 2 ** 20 });

  const response = await spaces(
    post(body.stream, { ...XML, "content-encoding": "gzip" }),
  );
  await response.body?.cancel();

  // Zeros are not XML: whichever is seen first, little has been read.
  assert([200, 413].includes(response.status));
  assert(body.pulledBytes < 8192, `${body.pulledBytes} bytes were read`);
  assert(body.isCancelled);
});

Deno.test("fetch() feeds the decompressor in small pieces, however much has come", async () => {
  const bytes = await bomb(50);
  const Original = DecompressionStream;
  let fed = 0;
  globalThis.DecompressionStream = class extends Original {
    override readonly writable: WritableStream<Uint8Array<ArrayBuffer>>;

    constructor(format: CompressionFormat) {
      super(format);
      const counter = new TransformStream<
        Uint8Array<ArrayBuffer>,
        Uint8Array<ArrayBuffer>
      >({
        transform(chunk, controller): void {
          fed += chunk.length;
          controller.enqueue(chunk);
        },
      });
      counter.readable.pipeTo(super.writable).catch(() => {});
      this.writable = counter.writable;
    }
  };
  try {
    const fetch = serverOf({ echo }, { maxBodyBytes: 2 ** 20 });
    const sent = post(bytes, { ...XML, "content-encoding": "gzip" });
    await (await fetch(sent)).body?.cancel();
  } finally {
    globalThis.DecompressionStream = Original;
  }

  assert(fed > 0);
  assert(fed < 8192, `${fed} bytes were decompressed`);
});

Deno.test("fetch() limits a body that is long only as long as it is compressed", async () => {
  const head = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);
  // Blocks of deflate that hold nothing.
  const empty = new Uint8Array(5 * 1000);
  for (let at = 0; at < empty.length; at += 5) {
    empty.set([0, 0, 0, 0xff, 0xff], at);
  }
  let sent = 0;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller): void {
      if (sent > 2 ** 20) return controller.close();
      controller.enqueue(sent === 0 ? head : empty);
      sent += empty.length;
    },
  });
  const fetch = serverOf({ echo }, { maxBodyBytes: 2 ** 16 });
  const response = await fetch(
    post(body, { ...XML, "content-encoding": "gzip" }),
  );

  assertEquals(response.status, 413);
  await response.body?.cancel();
  assert(sent < 2 ** 17, `${sent} bytes were read`);
});

for (const chunkBytes of [512, 2 ** 24]) {
  Deno.test(`fetch() answers a gzip bomb that is XML with 413 (chunks of ${chunkBytes} bytes)`, async () => {
    let rest = 200;
    const spaces = new Uint8Array(2 ** 20).fill(0x20);
    const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller): void {
        if (rest-- === 0) return controller.close();
        controller.enqueue(spaces);
      },
    }).pipeThrough(new CompressionStream("gzip"));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    const body = new TrackedBody(bytes, chunkBytes);

    await assertRefused(
      serverOf({ echo }, { maxBodyBytes: 2 ** 20 }),
      post(body.stream, { ...XML, "content-encoding": "gzip" }),
      STATUS_CODE.ContentTooLarge,
      tooLong(2 ** 20),
    );

    assert(body.pulledBytes < 8192 || chunkBytes > bytes.length);
  });
}

Deno.test("fetch() cancels the body of a request that is not XML", async () => {
  const body = new TrackedBody(bytesOf("<a></b>".padEnd(10_000)), 100);

  await outcomeOf(await serverOf({ echo })(post(body.stream)));

  assert(body.isCancelled);
  assert(body.pulledBytes < 10_000);
});

for (const what of ["has read", "is reading"]) {
  Deno.test(`fetch() reports a request whose body other code ${what}`, async () => {
    const errors: unknown[] = [];
    const fetch = serverOf({ echo }, {
      onError: (error) => void errors.push(error),
    });
    const sent = request("echo", [1]);
    const reader = sent.body!.getReader();
    if (what === "has read") {
      while (!(await reader.read()).done);
    }

    assertEquals(await outcomeOf(await fetch(sent)), {
      fault: [FaultCode.internalError, "Internal error"],
    });
    await reader.cancel();
    assertEquals(errors.length, 1);
    assertInstanceOf(errors[0], TypeError);
  });
}
