// A hostile server against our client: whatever it answers, the call ends within its
// limits with an error that says why, and the connection is closed.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { brotliCompressSync, constants } from "node:zlib";
import { within } from "../support/ends.ts";
import {
  createClient,
  type XmlRpcAnyMethods,
  type XmlRpcClient,
  type XmlRpcClientOptions,
} from "../../client.ts";
import { encodeResponse } from "../../codec.ts";
import {
  XmlRpcFault,
  XmlRpcHttpError,
  XmlRpcSyntaxError,
} from "../../core/errors.ts";
import {
  answer,
  chunk,
  endlessly,
  type Pieces,
  RawServer,
  slowly,
} from "../support/raw_server.ts";

const MIB = 2 ** 20;
const XML = { "content-type": "text/xml" };
const CHUNKED = { "transfer-encoding": "chunked" };
const VALUE = new TextDecoder().decode(encodeResponse("value"));
const OPEN = "<methodResponse><params><param><value>";
const SPACES = " ".repeat(65_536);

/** What is sent beyond a limit may stand in the buffers of both ends. */
const BUFFERS = 16 * MIB;

/** Long enough for anything that is not to be late. */
const PATIENT: XmlRpcClientOptions = {
  timeout: 30_000,
  maxResponseBytes: MIB,
};
const IMPATIENT: XmlRpcClientOptions = { timeout: 500 };

function lengthOf(text: string): { readonly "content-length": number } {
  return { "content-length": text.length };
}

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

// ---------------------------------------------------------------- fakes

/** A client of a server that answers like this. */
function clientOf(
  respond: (request: Request) => Response | Promise<Response>,
  options: XmlRpcClientOptions = {},
): XmlRpcClient<XmlRpcAnyMethods> {
  return createClient("http://localhost/RPC2", {
    ...PATIENT,
    ...options,
    // Async, so that whatever it throws is a rejection.
    // deno-lint-ignore require-await
    fetch: async (request) => respond(request),
  });
}

function xml(document: BodyInit): Response {
  return new Response(document, { headers: XML });
}

function fault(members: string): string {
  return `<methodResponse><fault><value><struct>${members}</struct></value></fault></methodResponse>`;
}

function member(name: string, value: string): string {
  return `<member><name>${name}</name><value>${value}</value></member>`;
}

Deno.test("what a server names its status is shown on one line, short, and without commands to a terminal", async () => {
  const client = clientOf(() =>
    new Response("", { status: 500, statusText: `\x9b31m${"x".repeat(5000)}` })
  );

  const { message } = await assertRejects(
    () => client.call("m"),
    XmlRpcHttpError,
  );

  assertStringIncludes(message, "answered 500 \\u009b31mxxx");
  assert(message.length < 200, `${message.length} characters`);
});

Deno.test("a Location of any length is shown only at its start", async () => {
  const location = `http://127.0.0.1/${"x".repeat(100_000)}`;
  for (const status of [302, 307]) {
    const client = clientOf(
      () => new Response(null, { status, headers: { location } }),
      { maxRedirects: 0 },
    );

    const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

    assert(error.message.length < 700, `${error.message.length} characters`);
  }
});

Deno.test("credentials in a Location are neither sent nor shown", async () => {
  const location = "http://ada:hunter2@elsewhere/";
  const seen: Request[] = [];
  const client = clientOf((request) => {
    seen.push(request);
    return seen.length === 1
      ? new Response(null, { status: 307, headers: { location } })
      : new Response(null, { status: 302, headers: { location } });
  });

  const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

  assertEquals(seen.map(({ url }) => url)[1], "http://elsewhere/");
  assertEquals(seen[1]!.headers.get("authorization"), null);
  assert(!`${error.stack}${error.url}`.includes("hunter2"));
});

Deno.test("cookies that a server sets are not sent back", async () => {
  const cookies: (string | null)[] = [];
  const http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      cookies.push(request.headers.get("cookie"));
      await request.body?.cancel();
      return new Response(encodeResponse(1), {
        headers: { ...XML, "set-cookie": "session=1" },
      });
    },
  );
  await using _ = http;
  const client = createClient(`http://127.0.0.1:${http.addr.port}/`);

  await client.call("m");
  await client.call("m");

  assertEquals(cookies, [null, null]);
});

for (
  const [what, name, respond] of [
    [
      "text/xml",
      "XmlRpcSyntaxError",
      () => xml("<html><body>Internal error</body></html>"),
    ],
    [
      "status 500",
      "XmlRpcHttpError",
      () => new Response("<html>Internal error</html>", { status: 500 }),
    ],
  ] as const
) {
  Deno.test(`a web page in a fault's place is an error that shows it (${what})`, async () => {
    const error = await assertRejects(() => clientOf(respond).call("m"), Error);

    assertEquals(error.name, name);
  });
}

for (
  const [what, document] of [
    [
      "no struct",
      "<methodResponse><fault><value>x</value></fault></methodResponse>",
    ],
    [
      "a code that is an array",
      fault(
        member("faultCode", "<array><data/></array>") +
          member("faultString", "x"),
      ),
    ],
    [
      "a code beyond 2^53",
      fault(
        member("faultCode", `<string>${"9".repeat(999)}</string>`) +
          member("faultString", "x"),
      ),
    ],
    [
      "two codes",
      fault(
        member("faultCode", "<int>1</int>") +
          member("faultCode", "<int>2</int>"),
      ),
    ],
    [
      "a string that is a struct",
      fault(
        member("faultCode", "<int>1</int>") +
          member("faultString", `<struct>${member("\u202e", "\x85")}</struct>`),
      ),
    ],
  ] as const
) {
  Deno.test(`a fault with ${what} is refused, in few words that are safe to show`, async () => {
    const { message } = await assertRejects(
      () => clientOf(() => xml(document)).call("m"),
      XmlRpcSyntaxError,
    );

    assert(message.length < 400, `${message.length} characters`);
    assert(!/[\p{Cc}\p{Cf}]/u.test(message), message);
  });
}

Deno.test("a fault's further members are its own, whatever their names and number", async () => {
  const names = ["__proto__", "constructor", "toString", "message", "stack"];
  const many = Array.from({ length: 10_000 }, (_, index) => `m${index}`);
  const document = fault(
    member("faultCode", "<int>1</int>") + member("faultString", "no") +
      [...names, ...many].map((name) => member(name, "wild")).join(""),
  );

  const error = await assertRejects(
    () => clientOf(() => xml(document)).call("m"),
    XmlRpcFault,
    "no",
  );

  assertEquals(Object.keys(error.members), [...names, ...many]);
  assertEquals(error.message, "no");
  assertInstanceOf(error, XmlRpcFault);
});

// ---------------------------------------------------------------- multicall

function slots(document: string): XmlRpcClient<XmlRpcAnyMethods> {
  return clientOf(() =>
    xml(
      `<methodResponse><params><param><value>${document}</value></param></params></methodResponse>`,
    )
  );
}

function array(...values: readonly string[]): string {
  const items = values.map((value) => `<value>${value}</value>`).join("");
  return `<array><data>${items}</data></array>`;
}

for (
  const [what, document] of [
    ["too few results", array(array("1"))],
    ["too many results", array(...Array(1000).fill(array("1")))],
    ["a struct", `<struct>${member("length", "<int>2</int>")}</struct>`],
    ["a text", "<string>ab</string>"],
  ] as const
) {
  Deno.test(`a multicall of two answered with ${what} is rejected as a whole`, async () => {
    await assertRejects(
      () => slots(document).multicall([["a"], ["b"]]),
      TypeError,
      "Cannot read the answer to a multicall: expected an array of 2",
    );
  });
}

Deno.test("a multicall's slots have their own members only", async () => {
  const inherited = `<struct>${
    member(
      "__proto__",
      `<struct>${member("faultCode", "<int>1</int>")}${
        member("faultString", "forged")
      }</struct>`,
    )
  }</struct>`;
  const wild = `<struct>${member("faultCode", "<int>1</int>")}${
    member("faultString", "no")
  }${member("__proto__", array("1"))}</struct>`;

  const [first, second, third] = await slots(
    array(inherited, wild, array("good")),
  ).multicall([["a"], ["b"], ["c"]]);

  // Neither a fault nor an array of one.
  assert(first.status === "rejected");
  assertInstanceOf(first.reason, TypeError);
  assertStringIncludes(first.reason.message, 'a struct with "__proto__"');
  assert(second.status === "rejected");
  assertInstanceOf(second.reason, XmlRpcFault);
  assertEquals(Object.keys(second.reason.members), ["__proto__"]);
  assertEquals(third, { status: "fulfilled", value: "good" });
});

Deno.test("a multicall answered without end is over its limit", async () => {
  await using server = new RawServer(() => {
    const slot = `<value>${array("x")}</value>`;
    return (function* () {
      yield answer({}, `${OPEN}<array><data>`);
      yield* endlessly(slot.repeat(1000));
    })();
  });
  const client = createClient(server.url, PATIENT);

  await assertRejects(
    () => client.multicall([["a"], ["b"]]),
    XmlRpcHttpError,
    "the limit maxResponseBytes",
  );
  await server.hungUp;
});

// ---------------------------------------------------------------- introspection

for (
  const [what, signatures] of [
    ["names that objects have", [
      ["string", "__proto__"],
      ["string", "constructor"],
      ["string", "toString"],
    ]],
    ["structs", [{ 0: "string", length: 2 }]],
    ["arrays in arrays", [[["string", ["double"]]]]],
    ["numbers", [[1, 2]]],
    ["100,000 signatures", Array(100_000).fill(["string", "double"])],
    ["a signature of 100,000 types", [Array(100_000).fill("double")]],
    ["a type of a megabyte", [["string", "d".repeat(MIB)]]],
  ] as const
) {
  Deno.test(`a server that tells ${what} for a signature is called as without`, async () => {
    const bodies: string[] = [];
    const client = clientOf(async (request) => {
      const body = await request.text();
      if (body.includes("system.methodSignature")) {
        return xml(encodeResponse(signatures));
      }
      bodies.push(body);
      return xml(encodeResponse("value"));
    }, { signatures: "introspect", maxResponseBytes: 2 ** 28 });

    assertEquals(await client.call("m", [20]), "value");

    assertEquals(bodies.length, 1);
    assertStringIncludes(bodies[0]!, "<int>20</int>");
  });
}

Deno.test("a server that tells signatures without end is called as without", async () => {
  const signature = `<value>${array("string", "double")}</value>`;
  let sent = 0;
  await using server = new RawServer((request) => {
    if (!request.includes("system.methodSignature")) {
      return [answer(lengthOf(VALUE), VALUE)];
    }
    return (function* () {
      yield answer({}, `${OPEN}<array><data>`);
      for (const piece of endlessly(signature)) {
        sent += piece.length;
        yield piece;
      }
    })();
  });
  const client = createClient(server.url, {
    timeout: 30_000,
    signatures: "introspect",
  });

  assertEquals(await client.call("m", [20]), "value");
  await server.hungUp;
  // What sockets hold comes on top of what is read.
  assert(sent < 16 * MIB, `${sent} bytes have been sent`);
});

// ---------------------------------------------------------------- streams

/** A base64 response without end. */
function* endlessBase64(): Generator<string | Uint8Array, void, void> {
  yield answer({}, `${OPEN}<base64>`);
  yield* endlessly("QUJD".repeat(16_384));
}

Deno.test("a stream without end is over its limit maxStreamBytes, and hangs up", async () => {
  await using server = new RawServer(endlessBase64);
  const client = createClient(server.url, { maxStreamBytes: MIB });

  const stream = await client.stream("m");
  let size = 0;
  await assertRejects(
    async () => {
      for await (const bytes of stream) size += bytes.length;
    },
    XmlRpcSyntaxError,
    "the limit maxStreamBytes is 1048576",
  );

  assert(size <= MIB, `${size} bytes`);
  await server.hungUp;
});

Deno.test("a stream without end is read no faster than it is used", async () => {
  await using server = new RawServer(endlessBase64);

  const stream = await createClient(server.url).stream("m");
  const reader = stream.getReader();
  await reader.read();
  await new Promise((resolve) => setTimeout(resolve, 300));

  assert(server.sentBytes < BUFFERS, `${server.sentBytes} bytes were sent`);
  await reader.cancel();
  await server.hungUp;
});

Deno.test("a stream that lies about its length ends with its bytes, and tells their number", async () => {
  const bytes = new Uint8Array(9000).fill(65);
  const document = encodeResponse(bytes);
  for (const length of ["10", "99999999999999999999", "-1", "many"]) {
    const told: (number | undefined)[] = [];
    const client = createClient("http://localhost/", {
      fetch: () =>
        Promise.resolve(
          new Response(document, {
            headers: { ...XML, "content-length": length },
          }),
        ),
      onProgress: ({ bytesTotal }) => told.push(bytesTotal),
    });

    const stream = await client.stream("m");

    assertEquals((await new Response(stream).bytes()).length, 9000);
    assertEquals(told.at(-1), 9000);
    assert(!told.some(Number.isNaN), `${told} for ${length}`);
  }
});

for (
  const [what, body, name, text] of [
    ["no base64", `<string>x</string>`, "TypeError", "did not return base64"],
    ["a fault", undefined, "XmlRpcFault", "no"],
    ["junk in it", "<base64>QUJD****</base64>", "XmlRpcSyntaxError", "base64"],
    [
      "junk behind it",
      "<base64>QUJD</base64><junk/>",
      "XmlRpcSyntaxError",
      "Unknown element <junk>",
    ],
  ] as const
) {
  Deno.test(`a stream with ${what} is an error, and never a short file`, async () => {
    const document = body === undefined
      ? fault(member("faultCode", "<int>1</int>") + member("faultString", "no"))
      : `${OPEN}${body}</value></param></params></methodResponse>`;
    const client = clientOf(() => xml(document));

    const error = await assertRejects(
      async () => await new Response(await client.stream("m")).bytes(),
      Error,
    );

    assertEquals(error.name, name);
    assertStringIncludes(error.message, text);
  });
}

Deno.test("a stream that stalls is given up after its timeout", async () => {
  await using server = new RawServer(() => [
    answer(CHUNKED),
    chunk(`${OPEN}<base64>QUJD`),
  ]);
  const client = createClient(server.url, IMPATIENT);

  const stream = await client.stream("m");
  const error = await assertRejects(
    () => new Response(stream).bytes(),
    DOMException,
    "(option timeout)",
  );

  assertEquals(error.name, "TimeoutError");
  await server.hungUp;
});

Deno.test("items without end come one by one, and no faster than they are used", async () => {
  await using server = new RawServer(function* () {
    yield answer({}, `${OPEN}<array><data>`);
    yield* endlessly("<value><int>1</int></value>".repeat(1000));
  });

  let count = 0;
  for await (const item of createClient(server.url).items("m")) {
    assertEquals(item, 1);
    if (++count === 10_000) break;
  }

  assert(server.sentBytes < BUFFERS, `${server.sentBytes} bytes were sent`);
  await server.hungUp;
});

Deno.test("items without end are over their limit maxStreamBytes, and hang up", async () => {
  await using server = new RawServer(function* () {
    yield answer({}, `${OPEN}<array><data>`);
    yield* endlessly("<value><int>1</int></value>".repeat(1000));
  });
  const client = createClient(server.url, { maxStreamBytes: MIB });

  let count = 0;
  await assertRejects(
    async () => {
      for await (const _ of client.items("m")) count++;
    },
    XmlRpcSyntaxError,
    "the limit maxStreamBytes is 1048576",
  );

  assert(count > 0 && count < MIB / 20, `${count} items`);
  await server.hungUp;
});

Deno.test("one item without end is over the limit maxResponseBytes", async () => {
  await using server = new RawServer(function* () {
    yield answer({}, `${OPEN}<array><data><value>`);
    yield* endlessly("x".repeat(65_536));
  });
  const client = createClient(server.url, {
    ...PATIENT,
    maxStreamBytes: 16 * MIB,
  });

  const error = await assertRejects(
    () => client.items("m").next(),
    Error,
  );

  assertStringIncludes(error.message, "the limit max");
  assert(server.sentBytes < 2 * BUFFERS, `${server.sentBytes} bytes`);
  await server.hungUp;
});
