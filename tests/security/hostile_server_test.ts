// A hostile server against our client, on raw sockets: whatever it answers, the call ends
// within its limits with an error that says why, and the connection is closed.

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { createClient, type XmlRpcClientOptions } from "../../client.ts";
import { encodeResponse } from "../../codec.ts";
import { XmlRpcHttpError } from "../../core/errors.ts";
import { within } from "../support/ends.ts";
import {
  answer,
  chunk,
  endlessly,
  type Pieces,
  RawServer,
  slowly,
} from "../support/raw_server.ts";
import {
  BUFFERS,
  CHUNKED,
  IMPATIENT,
  lengthOf,
  MIB,
  OPEN,
  PATIENT,
  VALUE,
} from "./_hostile_server.ts";
import { brotliCompressSync, constants } from "node:zlib";

const SPACES = " ".repeat(65_536);

async function compressed(
  pieces: readonly BlobPart[],
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([...pieces]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function concat(
  parts: readonly Uint8Array<ArrayBuffer>[],
): Promise<Uint8Array<ArrayBuffer>> {
  return new Blob([...parts]).bytes();
}

/** As good as it gets with so much of the same. */
const FAST = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };

/** A response with a value, and 64 MiB of white space behind it. */
const BOMB: readonly BlobPart[] = [
  VALUE,
  ...Array<Uint8Array<ArrayBuffer>>(64).fill(new Uint8Array(MIB).fill(0x20)),
];

function encoded(encoding: string, body: Uint8Array): Pieces {
  const headers = {
    "content-encoding": encoding,
    "content-length": body.length,
  };
  return [answer(headers, body)];
}

/** What a hostile server does, and what comes of a call. */
interface Attack {
  readonly what: string;
  readonly pieces: () => Pieces | Promise<Pieces>;
  readonly options?: XmlRpcClientOptions;
  /** The name of the error and something of its message. */
  readonly error: readonly [name: string, text: string];
  /** Whether the answer is complete, so that the connection may be used again. */
  readonly isWhole?: boolean;
}

const TOO_LONG = ["XmlRpcHttpError", "the limit maxResponseBytes"] as const;
const TOO_LATE = ["TimeoutError", "(option timeout)"] as const;
const NO_HTTP = ["TypeError", ""] as const;

const ENDLESS: readonly Attack[] = [
  {
    what: "white space without end behind the document, in chunks",
    *pieces() {
      yield answer(CHUNKED);
      yield chunk(VALUE);
      yield* endlessly(chunk(SPACES));
    },
    error: TOO_LONG,
  },
  {
    what: "white space without end behind the document, of no length",
    *pieces() {
      yield answer({ connection: "close" }, VALUE);
      yield* endlessly(SPACES);
    },
    error: TOO_LONG,
  },
  {
    what: "a text without end",
    *pieces() {
      yield answer({ connection: "close" }, `${OPEN}<string>`);
      yield* endlessly("x".repeat(65_536));
    },
    error: TOO_LONG,
  },
  {
    what: "a faultString without end",
    *pieces() {
      yield answer(
        { connection: "close" },
        "<methodResponse><fault><value><struct><member><name>faultString</name><value>",
      );
      yield* endlessly("x".repeat(65_536));
    },
    error: TOO_LONG,
  },
  {
    what: "a comment without end",
    *pieces() {
      yield answer({ connection: "close" }, "<!--");
      yield* endlessly("x".repeat(65_536));
    },
    error: TOO_LONG,
  },
  {
    what: "a web page without end",
    *pieces() {
      yield answer({ "content-type": "text/html" }, "<!doctype html>");
      yield* endlessly("<p>spam</p>".repeat(5000));
    },
    error: ["XmlRpcHttpError", "answered 200 OK with a web page"],
  },
  {
    what: "no XML without end",
    *pieces() {
      yield answer({});
      yield* endlessly("x".repeat(65_536));
    },
    error: ["XmlRpcSyntaxError", "Text outside the root element"],
  },
  {
    what: "arrays in arrays without end",
    *pieces() {
      yield answer({}, OPEN);
      yield* endlessly("<array><data><value>".repeat(3000));
    },
    error: ["XmlRpcSyntaxError", "the limit maxDepth is 256"],
  },
  {
    what: "values without end",
    *pieces() {
      yield answer({}, `${OPEN}<array><data>`);
      yield* endlessly("<value/>".repeat(3000));
    },
    options: { ...PATIENT, maxValues: 1000 },
    error: ["XmlRpcSyntaxError", "the limit maxValues is 1000"],
  },
  {
    what: "a name without end",
    *pieces() {
      yield answer({}, `${OPEN}<struct><member><name>`);
      yield* endlessly("x".repeat(65_536));
    },
    error: ["XmlRpcSyntaxError", "the limit maxNameBytes is 4096"],
  },
  {
    what: "an integer without end",
    *pieces() {
      yield answer({}, `${OPEN}<int>`);
      yield* endlessly("1".repeat(65_536));
    },
    error: ["XmlRpcSyntaxError", "the limit maxNameBytes is 4096"],
  },
  {
    what: "a tag without end",
    *pieces() {
      yield answer({}, "<methodResponse");
      yield* endlessly(" a='b'".repeat(10_000));
    },
    error: ["XmlRpcSyntaxError", "the limit maxTagBytes is 16384"],
  },
  {
    what: "headers without end",
    *pieces() {
      yield "HTTP/1.1 200 OK\r\n";
      yield* endlessly("x-a: b\r\n".repeat(1000));
    },
    error: NO_HTTP,
  },
  {
    what: "one header without end",
    *pieces() {
      yield "HTTP/1.1 200 OK\r\nx-a: ";
      yield* endlessly(SPACES);
    },
    error: NO_HTTP,
  },
  {
    what: "a status line without end",
    *pieces() {
      yield "HTTP/1.1 200 ";
      yield* endlessly(SPACES);
    },
    error: NO_HTTP,
  },
  {
    what: "10,000 headers",
    *pieces() {
      yield "HTTP/1.1 200 OK\r\n";
      yield "x-a: b\r\n".repeat(10_000);
      yield `content-length: ${VALUE.length}\r\n\r\n${VALUE}`;
    },
    error: NO_HTTP,
  },
  {
    what: "trailers without end",
    *pieces() {
      yield answer(CHUNKED);
      yield chunk(VALUE);
      yield "0\r\n";
      yield* endlessly("x: y\r\n".repeat(1000));
    },
    error: NO_HTTP,
  },
  {
    what: "a chunk's extension without end",
    *pieces() {
      yield answer(CHUNKED);
      yield "1;";
      yield* endlessly("x".repeat(65_536));
    },
    error: NO_HTTP,
  },
  {
    what: "a chunk of any length",
    pieces: () => [answer(CHUNKED), `${"f".repeat(20)}\r\n${VALUE}`],
    error: NO_HTTP,
  },
];

/** A pause between pieces, so that an endless answer keeps neither side busy. */
const FLOOD_PAUSE_MS = 5;

const LATE: readonly Attack[] = [
  ...["100 Continue", "103 Early Hints"].map((status): Attack => ({
    what: `${status} again and again`,
    pieces: () =>
      slowly(
        endlessly(`HTTP/1.1 ${status}\r\nlink: x\r\n\r\n`),
        FLOOD_PAUSE_MS,
      ),
    options: IMPATIENT,
    error: TOO_LATE,
  })),
  {
    what: "a head that trickles",
    pieces: () => slowly(`HTTP/1.1 200 OK\r\n${"x".repeat(9000)}`, 20),
    options: IMPATIENT,
    error: TOO_LATE,
  },
  {
    what: "a body that trickles",
    async *pieces() {
      yield answer(lengthOf(VALUE));
      yield* slowly(VALUE, 20);
    },
    options: IMPATIENT,
    error: TOO_LATE,
  },
  {
    what: "nothing",
    pieces: () => [],
    options: IMPATIENT,
    error: TOO_LATE,
  },
  {
    what: "a whole document, and then no end",
    pieces: () => [answer(CHUNKED), chunk(VALUE)],
    options: IMPATIENT,
    error: TOO_LATE,
  },
  {
    what: "a whole document that is shorter than its Content-Length",
    pieces: () => [answer({ "content-length": VALUE.length + 10 }, VALUE)],
    options: IMPATIENT,
    error: TOO_LATE,
  },
];

const COMPRESSED: readonly Attack[] = [
  {
    what: "a gzip bomb",
    pieces: async () => encoded("gzip", await compressed(BOMB)),
    error: TOO_LONG,
    isWhole: true,
  },
  {
    what: "a brotli bomb",
    pieces: async () => {
      const bytes = await new Blob([...BOMB]).bytes();
      return encoded("br", brotliCompressSync(bytes, FAST));
    },
    error: TOO_LONG,
    isWhole: true,
  },
  {
    what: "a bomb of a thousand gzip members",
    pieces: async () => {
      const member = await compressed([SPACES]);
      return encoded("gzip", await concat(Array(1000).fill(member)));
    },
    // Not every runtime reads more of them than the first, which is not a document.
    error: ["XmlRpc", ""],
    isWhole: true,
  },
  ...["gzip, gzip", "gzip,deflate,gzip"].map((encoding): Attack => ({
    what: `a bomb within a bomb (${encoding})`,
    pieces: async () =>
      encoded(encoding, await compressed([await compressed(BOMB)])),
    error: ["XmlRpc", ""],
    isWhole: true,
  })),
  {
    what: "gzip that breaks off",
    pieces: async () => {
      const whole = await compressed(BOMB);
      return encoded("gzip", whole.slice(0, 500));
    },
    error: NO_HTTP,
    isWhole: true,
  },
  {
    what: "a compression that the client did not ask for",
    pieces: () => encoded("zstd", new TextEncoder().encode("(zstd)")),
    error: ["XmlRpcSyntaxError", 'Text outside the root element: "(zstd)"'],
    isWhole: true,
  },
];

function empty(status: string, headers = {}): Attack {
  return {
    what: `${status} and nothing`,
    pieces: () => [answer(headers, "", status)],
    error: ["XmlRpc", ""],
    isWhole: true,
  };
}

const WRONG: readonly Attack[] = [
  empty("200 OK", { "content-length": 0 }),
  empty("204 No Content"),
  empty("304 Not Modified"),
  empty("101 Switching Protocols", { upgrade: "x", connection: "upgrade" }),
  {
    what: "a greeting of SSH",
    pieces: () => ["SSH-2.0-OpenSSH_9.9\r\n"],
    error: NO_HTTP,
  },
  ...["5\r\ncontent-length: 6", "-5", "5, 6", "0x5"].map((length): Attack => ({
    what: `the Content-Length ${JSON.stringify(length)}`,
    pieces: () => [answer({ "content-length": length }, VALUE)],
    error: NO_HTTP,
  })),
  {
    what: "a Content-Length that is too short",
    pieces: () => [answer({ "content-length": VALUE.length - 9 }, VALUE)],
    error: ["XmlRpcSyntaxError", "The document ends inside <methodResponse>"],
  },
  ...["klingon", "utf-7", "utf-16", "\xff"].map((charset): Attack => ({
    what: `the charset ${JSON.stringify(charset)}`,
    pieces: () => [
      answer({
        ...lengthOf(VALUE),
        "content-type": `text/xml; charset=${charset}`,
      }, VALUE),
    ],
    error: ["XmlRpcSyntaxError", ""],
    isWhole: true,
  })),
  {
    what: "a DOCTYPE with entities",
    pieces: () => {
      const bomb = `<!DOCTYPE m [<!ENTITY a "${"a".repeat(99)}">]>${VALUE}`;
      return [answer(lengthOf(bomb), bomb)];
    },
    error: ["XmlRpcSyntaxError", "A document type declaration"],
    isWhole: true,
  },
];

for (const attack of [...ENDLESS, ...LATE, ...COMPRESSED, ...WRONG]) {
  const { what, error: [name, text], isWhole = false } = attack;
  const { options = PATIENT } = attack;

  Deno.test(`a call answered with ${what} ends, and hangs up`, async () => {
    const pieces = await attack.pieces();
    await using server = new RawServer(() => pieces);
    const client = createClient(server.url, options);

    const error = await assertRejects(
      () => within(client.call("m"), 60_000),
      Error,
    );

    assert(error.name.startsWith(name), Deno.inspect(error));
    assertStringIncludes(error.message, text);
    assert(error.message.length < 400, `${error.message.length} characters`);
    if (!isWhole) await server.hungUp;
    assert(server.sentBytes < BUFFERS, `${server.sentBytes} bytes were sent`);
  });
}

// ---------------------------------------------------------------- connections

Deno.test("a second answer behind the first is not taken for the answer to the next call", async () => {
  const forged = new TextDecoder().decode(encodeResponse("forged"));
  await using server = new RawServer((_request, index) => {
    const own = answer(lengthOf(VALUE), VALUE);
    return index === 0 ? [own, answer(lengthOf(forged), forged)] : [own];
  });
  const client = createClient(server.url, PATIENT);

  for (let call = 0; call < 3; call++) {
    assertEquals(await client.call("m"), "value");
  }
});

Deno.test("a bomb is inflated only as far as the limit goes", async () => {
  const spaces = new Uint8Array(MIB).fill(0x20);
  const bytes = await compressed([VALUE, ...Array(256).fill(spaces)]);
  await using server = new RawServer(() => encoded("gzip", bytes));
  const client = createClient(server.url, PATIENT);
  let peak = 0;
  const before = Deno.memoryUsage().rss;
  const timer = setInterval(() => {
    peak = Math.max(peak, Deno.memoryUsage().rss - before);
  }, 10);

  const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

  clearInterval(timer);
  assertStringIncludes(error.message, "the limit maxResponseBytes");
  // As much as 256 MiB would be in there.
  assert(peak < 128 * MIB, `${peak} bytes of memory`);
});
