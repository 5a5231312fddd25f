import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertNotMatch,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  fail,
} from "@std/assert";
import { STATUS_CODE } from "@std/http/status";
import { decodeResponse, encodeCall } from "../codec.ts";
import { FaultCode, XmlRpcFault } from "../core/errors.ts";
import * as errors from "../core/errors.ts";
import * as module from "../server.ts";
import {
  createServer,
  type XmlRpcContext,
  type XmlRpcErrorContext,
  type XmlRpcServerOptions,
} from "../server.ts";
import { i8, int, XmlRpcTyped } from "../core/typed.ts";
import type { XmlRpcValue } from "../core/value.ts";

const ADDRESS = "http://localhost/RPC2";
const XML = { "content-type": "text/xml" };

type Fetch = (request: Request) => Promise<Response>;

/** What a server answered: a value, or a fault. */
interface Outcome {
  readonly value?: XmlRpcValue;
  readonly fault?: readonly [code: number, message: string];
}

/** A server of methods that may be anything. */
function serverOf(
  methods: unknown,
  options: XmlRpcServerOptions = {},
): Fetch {
  return createServer(methods as Record<string, () => unknown>, options).fetch;
}

function post(
  body: BodyInit | null,
  headers: Record<string, string> = XML,
): Request {
  // A string would bring a Content-Type of its own.
  const bytes = typeof body === "string"
    ? new TextEncoder().encode(body)
    : body;
  return new Request(ADDRESS, { method: "POST", headers, body: bytes });
}

function request(
  methodName: string,
  params: readonly unknown[] = [],
  headers: Record<string, string> = {},
): Request {
  return post(encodeCall(methodName, params), { ...XML, ...headers });
}

async function outcomeOf(response: Response): Promise<Outcome> {
  assertEquals(response.status, STATUS_CODE.OK);
  const bytes = new Uint8Array(await response.arrayBuffer());
  try {
    return { value: decodeResponse(bytes) };
  } catch (error) {
    assertInstanceOf(error, XmlRpcFault);
    return { fault: [error.code, error.message] };
  }
}

async function callOn(
  fetch: Fetch,
  methodName: string,
  ...params: unknown[]
): Promise<Outcome> {
  return await outcomeOf(await fetch(request(methodName, params)));
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

async function compress(
  bytes: Uint8Array<ArrayBuffer>,
  format: CompressionFormat,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(
    new CompressionStream(format),
  );
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** A body that counts what is pulled of it. */
class TrackedBody {
  pulledBytes = 0;
  isCancelled = false;
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;

  constructor(bytes: Uint8Array<ArrayBuffer>, chunkBytes: number) {
    let offset = 0;
    this.stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: (controller) => {
        if (offset >= bytes.length) return controller.close();
        const chunk = bytes.slice(offset, offset + chunkBytes);
        offset += chunk.length;
        this.pulledBytes += chunk.length;
        controller.enqueue(chunk);
      },
      cancel: () => {
        this.isCancelled = true;
      },
    }, { highWaterMark: 0 });
  }
}

/** Serves on a free port of this machine. */
function listen(fetch: Fetch): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => fetch(request),
  );
}

const echo = (value: unknown): unknown => value;
const OK: Outcome = { value: "still here" };
const NAME_RULE = "a method name has the characters A-Z a-z 0-9 _ . : / only";

// What `import * as` gives of the tests' own methods.
const methodsModule = await import(
  `data:text/javascript,${
    encodeURIComponent(
      "export const add = (x, y) => x + y; export const math = { half: (x) => x / 2 };",
    )
  }`
);

// ---------------------------------------------------------------- registry

Deno.test("createServer() gives nested methods dotted names", async () => {
  const fetch = serverOf({ a: { b: { c: () => "abc" } }, d: () => "d" });

  assertEquals(await callOn(fetch, "a.b.c"), { value: "abc" });
  assertEquals(await callOn(fetch, "d"), { value: "d" });
});

Deno.test("createServer() takes dotted keys as they are", async () => {
  const fetch = serverOf({ "a.b": () => 1, a: { "c.d": () => 2 } });

  assertEquals(await callOn(fetch, "a.b"), { value: 1 });
  assertEquals(await callOn(fetch, "a.c.d"), { value: 2 });
});

Deno.test("createServer() takes every character of the specification in a name", async () => {
  const name = "AZ.az_09:x/y";

  assertEquals(await callOn(serverOf({ [name]: () => 1 }), name), { value: 1 });
});

Deno.test("createServer() takes a module's exports as methods", async () => {
  const fetch = serverOf(methodsModule);

  assertEquals(await callOn(fetch, "add", 8, 8), { value: 16 });
  assertEquals(await callOn(fetch, "math.half", 8), { value: 4 });
});

Deno.test("createServer() takes an object without a prototype", async () => {
  const methods = Object.assign(Object.create(null), { add: () => 1 });

  assertEquals(await callOn(serverOf(methods), "add"), { value: 1 });
});

Deno.test("createServer() takes one group under two names", async () => {
  const math = { one: () => 1 };
  const fetch = serverOf({ a: math, b: math });

  assertEquals(await callOn(fetch, "a.one"), { value: 1 });
  assertEquals(await callOn(fetch, "b.one"), { value: 1 });
});

Deno.test("createServer() takes a server without methods", async () => {
  assertEquals(await callOn(serverOf({}), "any"), {
    fault: [FaultCode.methodNotFound, 'No method "any"'],
  });
});

Deno.test("createServer() takes a method called system, which is no name of the server's own", async () => {
  assertEquals(await callOn(serverOf({ system: () => 1 }), "system"), {
    value: 1,
  });
});

class Point {
  x(): number {
    return 1;
  }
}

const cycle: Record<string, unknown> = {};
cycle["a"] = { b: { c: cycle } };

const PLAIN = "expected a function or a plain object of functions";
const WRONG_METHODS: readonly (readonly [
  what: string,
  methods: unknown,
  message: string,
])[] = [
  [
    "a space in a name",
    { "a b": echo },
    `Cannot register "a b": ${NAME_RULE}`,
  ],
  ["an empty name", { "": echo }, `Cannot register "": ${NAME_RULE}`],
  [
    "an empty name of a nested object",
    { "": { a: echo } },
    `Cannot register "": ${NAME_RULE}`,
  ],
  [
    "an empty name in a nested object",
    { a: { "": echo } },
    `Cannot register "a.": ${NAME_RULE}`,
  ],
  ["a letter beyond ASCII", { é: echo }, `Cannot register "é": ${NAME_RULE}`],
  [
    "markup in a nested name",
    { a: { "<b>": echo } },
    `Cannot register "a.<b>": ${NAME_RULE}`,
  ],
  [
    "a line break after a name",
    { "a\n": echo },
    `Cannot register "a\\n": ${NAME_RULE}`,
  ],
  [
    "a name that is given twice",
    { "a.b": echo, a: { b: echo } },
    'Cannot register "a.b": there are two methods of that name',
  ],
  [
    "a nested name that is given twice",
    { a: { b: echo }, "a.b": echo },
    'Cannot register "a.b": there are two methods of that name',
  ],
  [
    "a method of system",
    { system: { listMethods: echo } },
    'Cannot register "system.listMethods": names in "system." belong to the server itself',
  ],
  [
    "a dotted name in system",
    { "system.multicall": echo },
    'Cannot register "system.multicall": names in "system." belong to the server itself',
  ],
  ["a number", { a: 1 }, `Cannot register "a": ${PLAIN}, got number`],
  ["a text", { a: { b: "x" } }, `Cannot register "a.b": ${PLAIN}, got string`],
  ["null", { a: null }, `Cannot register "a": ${PLAIN}, got null`],
  [
    "undefined",
    { a: undefined },
    `Cannot register "a": ${PLAIN}, got undefined`,
  ],
  [
    "an instance of a class",
    { a: new Point() },
    `Cannot register "a": ${PLAIN}, got an object of a class`,
  ],
  [
    "an array",
    { a: [echo] },
    `Cannot register "a": ${PLAIN}, got an array`,
  ],
  [
    "a Map",
    { a: new Map([["b", echo]]) },
    `Cannot register "a": ${PLAIN}, got an object of a class`,
  ],
  [
    "an object that contains itself",
    cycle,
    'Cannot register "a.b.c": the object contains itself',
  ],
  [
    "an instance of a class for all methods",
    new Point(),
    "Cannot create a server: expected a plain object of functions, got an object of a class",
  ],
  [
    "a function for all methods",
    echo,
    "Cannot create a server: expected a plain object of functions, got function",
  ],
  [
    "null for all methods",
    null,
    "Cannot create a server: expected a plain object of functions, got null",
  ],
  [
    "undefined for all methods",
    undefined,
    "Cannot create a server: expected a plain object of functions, got undefined",
  ],
];

for (const [what, methods, message] of WRONG_METHODS) {
  Deno.test(`createServer() refuses ${what}`, () => {
    const error = assertThrows(() => serverOf(methods), TypeError);

    assertEquals(error.message, message);
  });
}

Deno.test("createServer() leaves out inherited, hidden and symbol members", async () => {
  const methods = Object.defineProperty(
    { __proto__: { inherited: echo }, own: () => 1, [Symbol("s")]: echo },
    "hidden",
    { value: echo, enumerable: false },
  );
  // Its prototype is no class's: what it inherits is still not its own.
  Object.setPrototypeOf(Object.getPrototypeOf(methods), null);
  const fetch = serverOf(methods);

  assertEquals(await callOn(fetch, "own"), { value: 1 });
  for (const name of ["inherited", "hidden"]) {
    assertEquals(await callOn(fetch, name), {
      fault: [FaultCode.methodNotFound, `No method "${name}"`],
    });
  }
});

const NO_METHODS = [
  "constructor",
  "__proto__",
  "__proto__.constructor",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "then",
  "toJSON",
  "math",
  "math.constructor",
  "math.__proto__",
  "math.add.call",
  "math.add.constructor",
  "math.",
  ".math.add",
  "add",
  "Math.add",
  "get",
  "size",
  "this",
  "system.listMethod",
];

for (const name of NO_METHODS) {
  Deno.test(`fetch() knows no method ${name}`, async () => {
    const fetch = serverOf({ math: { add: echo } });

    assertEquals(await callOn(fetch, name), {
      fault: [FaultCode.methodNotFound, `No method "${name}"`],
    });
  });
}

for (const name of ["constructor", "toString", "then", "hasOwnProperty"]) {
  Deno.test(`fetch() calls a method that is called ${name}`, async () => {
    const fetch = serverOf({ [name]: () => "mine" });

    assertEquals(await callOn(fetch, name), { value: "mine" });
  });
}

Deno.test("createServer() does not see later changes of the object", async () => {
  const methods: Record<string, unknown> = {
    a: () => "first",
    b: () => "b",
    group: { c: () => "c" },
  };
  const fetch = serverOf(methods);

  methods["a"] = () => "second";
  delete methods["b"];
  (methods["group"] as Record<string, unknown>)["d"] = echo;
  methods["late"] = echo;

  assertEquals(await callOn(fetch, "a"), { value: "first" });
  assertEquals(await callOn(fetch, "b"), { value: "b" });
  assertEquals(await callOn(fetch, "group.c"), { value: "c" });
  for (const name of ["late", "group.d"]) {
    assertEquals(await callOn(fetch, name), {
      fault: [FaultCode.methodNotFound, `No method "${name}"`],
    });
  }
});

// ---------------------------------------------------------------- shape

Deno.test("createServer() gives a frozen object with fetch as its own member", () => {
  const methods = { add: (x: number, y: number): number => x + y };
  const server = createServer(methods);

  assert(Object.isFrozen(server));
  assert(Object.hasOwn(server, "fetch"));
  assertEquals(Object.keys(server).sort(), ["drain", "fetch", "methods"]);
  assertStrictEquals(server.methods, methods);
});

Deno.test("createServer() gives what deno serve takes", async () => {
  const server = createServer({ one: () => 1 });
  const served = server satisfies Deno.ServeDefaultExport;

  assertEquals(await outcomeOf(await served.fetch(request("one"))), {
    value: 1,
  });
});

Deno.test("fetch() works without its server", async () => {
  const { fetch } = createServer({ one: () => 1 });

  assertEquals(await outcomeOf(await fetch(request("one"))), { value: 1 });
});

// ---------------------------------------------------------------- this

Deno.test("fetch() gives a method its request, name and signal", async () => {
  let context: XmlRpcContext | undefined;
  let count = -1;
  const { fetch } = createServer({
    group: {
      look(...params: unknown[]): void {
        context = this;
        count = params.length;
      },
    },
  });
  const caller = new AbortController();
  const sent = new Request(
    request("group.look", ["a", "b"], { "x-user": "ann" }),
    { signal: caller.signal },
  );

  await fetch(sent);

  assertStrictEquals(context?.request, sent);
  assertEquals(context?.request.headers.get("x-user"), "ann");
  assertEquals(context?.request.bodyUsed, true);
  assertEquals(context?.methodName, "group.look");
  assertEquals(context?.signal.aborted, false);
  caller.abort(new Error("gone"));
  assertEquals(context?.signal.reason.message, "gone");
  assertEquals(count, 2);
});

Deno.test("fetch() gives each call a context of its own", async () => {
  const contexts: XmlRpcContext[] = [];
  const { fetch } = createServer({
    look(): void {
      contexts.push(this);
    },
  });

  await fetch(request("look"));
  await fetch(request("look"));

  assertEquals(contexts.length, 2);
  assert(contexts[0] !== contexts[1]);
});

Deno.test("fetch() gives params that look like a context as params only", async () => {
  const forged = { request: { user: "admin" }, methodName: "other" };
  let context: XmlRpcContext | undefined;
  let received: unknown[] = [];
  const { fetch } = createServer({
    look(...params: unknown[]): void {
      context = this;
      received = params;
    },
  });

  await fetch(request("look", [forged, forged]));

  assertEquals(received, [forged, forged]);
  assertInstanceOf(context?.request, Request);
  assertEquals(context?.methodName, "look");
});

Deno.test("fetch() gives a method no more params than were sent", async () => {
  const { fetch } = createServer({ count: (...all: unknown[]) => all.length });

  assertEquals(await callOn(fetch, "count"), { value: 0 });
  assertEquals(await callOn(fetch, "count", 1, null, "x"), { value: 3 });
});

Deno.test("fetch() lets a method see that its request was aborted", async () => {
  const started = Promise.withResolvers<void>();
  const { fetch } = createServer({
    async wait(): Promise<string> {
      const aborted = Promise.withResolvers<void>();
      this.signal.addEventListener("abort", () => aborted.resolve());
      started.resolve();
      await aborted.promise;
      return String(this.signal.reason);
    },
  });
  const controller = new AbortController();
  const sent = new Request(request("wait"), { signal: controller.signal });

  const answer = fetch(sent);
  await started.promise;
  controller.abort("gone");

  assertEquals(await outcomeOf(await answer), { value: "gone" });
});

async function rejectWhenAnswered(connection: Deno.Conn): Promise<never> {
  await connection.read(new Uint8Array(1));
  fail("Expected the call not to be answered");
}

Deno.test("fetch() lets a method see that its caller hung up", async () => {
  const started = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<boolean>();
  const server = createServer({
    async wait(): Promise<void> {
      const aborted = Promise.withResolvers<void>();
      const { signal } = this;
      signal.addEventListener("abort", () => aborted.resolve());
      started.resolve();
      await aborted.promise;
      gone.resolve(signal.aborted);
    },
  });
  await using http = listen(server.fetch);
  const connection = await Deno.connect({
    hostname: "127.0.0.1",
    port: http.addr.port,
  });
  const body = new TextDecoder().decode(encodeCall("wait"));
  await connection.write(bytesOf(
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  ));

  await Promise.race([started.promise, rejectWhenAnswered(connection)]);
  connection.close();

  assert(await gone.promise);
});

// ---------------------------------------------------------------- HTTP

/** A refused request: its headers and text, and that the next call still works. */
async function assertRefused(
  fetch: Fetch,
  sent: Request,
  status: number,
  text: string,
): Promise<Response> {
  const response = await fetch(sent);
  assertEquals(response.status, status);
  assertEquals(
    response.headers.get("content-type"),
    "text/plain; charset=utf-8",
  );
  assertEquals(response.headers.get("x-content-type-options"), "nosniff");
  assertEquals(await response.text(), `${text}\n`);
  return response;
}

for (
  const method of ["GET", "HEAD", "PUT", "OPTIONS", "DELETE", "PATCH", "FOO"]
) {
  Deno.test(`fetch() answers ${method} with 405 and Allow`, async () => {
    const response = await assertRefused(
      serverOf({ echo }),
      new Request(ADDRESS, { method, headers: XML }),
      STATUS_CODE.MethodNotAllowed,
      "This is an XML-RPC server: it answers POST requests",
    );

    assertEquals(response.headers.get("allow"), "POST");
  });
}

const WRONG_TYPE = "The Content-Type of an XML-RPC request is text/xml";
const PAGE_TYPE = "A request from a web page needs the Content-Type text/xml";

for (
  const type of [
    "text/xml",
    "application/xml",
    "application/soap+xml",
    "TEXT/XML; CHARSET=UTF-8",
    'text/xml;charset="utf-8"',
    "text/xml ; a=b",
    "Application/XML",
    // What comes of two headers.
    "text/xml, text/xml",
    "text/xml; charset=utf-8, text/xml",
    'application/xml; charset="utf-8", text/xml',
  ]
) {
  Deno.test(`fetch() takes the Content-Type ${type}`, async () => {
    const fetch = serverOf({ echo });
    const sent = request("echo", ["é"], { "content-type": type });

    assertEquals(await outcomeOf(await fetch(sent)), { value: "é" });
  });
}

for (
  const type of [
    "text/plain",
    "text/plain;charset=UTF-8",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json",
    "text/html",
    "text/xml-external-parsed-entity",
    "text/plain; x=text/xml",
    "xml",
    "+xmlx",
    "text/plain, text/xml",
    "text/plain; x=, text/xml",
    "text/xml, text/plain",
  ]
) {
  Deno.test(`fetch() answers the Content-Type ${type} with 415`, async () => {
    let calls = 0;
    const fetch = serverOf({ count: () => ++calls });
    const sent = request("count", [], { "content-type": type });

    await assertRefused(
      fetch,
      sent,
      STATUS_CODE.UnsupportedMediaType,
      WRONG_TYPE,
    );

    assertEquals(calls, 0);
  });
}

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

Deno.test("fetch() takes a request without a Content-Type from a program", async () => {
  const sent = post(encodeCall("echo", [1]), {});
  assertEquals(sent.headers.get("content-type"), null);

  assertEquals(await outcomeOf(await serverOf({ echo })(sent)), { value: 1 });
});

for (
  const header of ["origin", "sec-fetch-site", "Origin", "Sec-Fetch-Site"]
) {
  Deno.test(`fetch() answers a request with ${header} and no Content-Type with 415`, async () => {
    const sent = post(encodeCall("echo", [1]), { [header]: "null" });

    await assertRefused(
      serverOf({ echo }),
      sent,
      STATUS_CODE.UnsupportedMediaType,
      PAGE_TYPE,
    );
  });
}

Deno.test("fetch() takes text/xml from a page of the same origin", async () => {
  const sent = request("echo", [1], { "sec-fetch-site": "same-origin" });

  assertEquals(await outcomeOf(await serverOf({ echo })(sent)), { value: 1 });
});

function tooLong(limit: number): string {
  return `The request is longer than ${limit} bytes: the limit maxBodyBytes`;
}

Deno.test("fetch() answers a long Content-Length with 413 and reads nothing", async () => {
  const body = new TrackedBody(encodeCall("echo", ["x".repeat(2000)]), 100);
  const sent = post(body.stream, { ...XML, "content-length": "1001" });

  await assertRefused(
    serverOf({ echo }, { maxBodyBytes: 1000 }),
    sent,
    STATUS_CODE.ContentTooLarge,
    tooLong(1000),
  );

  assertEquals(body.pulledBytes, 0);
  assert(body.isCancelled);
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

Deno.test("fetch() has a limit of 16 MiB", async () => {
  const fetch = serverOf({ echo });
  const sent = post(new Uint8Array(1), {
    ...XML,
    "content-length": String(2 ** 24 + 1),
  });

  await assertRefused(
    fetch,
    sent,
    STATUS_CODE.ContentTooLarge,
    tooLong(2 ** 24),
  );
});

for (const encoding of ["identity", "gzip"] as const) {
  Deno.test(`fetch() takes a body (${encoding}) exactly at the limit, and none longer by a byte`, async () => {
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

for (const encoding of ["br", "zstd", "gzip, gzip", "constructor"]) {
  Deno.test(`fetch() answers the Content-Encoding "${encoding}" with 415`, async () => {
    const response = await assertRefused(
      serverOf({ echo }),
      request("echo", [1], { "content-encoding": encoding }),
      STATUS_CODE.UnsupportedMediaType,
      "The Content-Encoding is neither gzip nor deflate",
    );

    assertEquals(response.headers.get("accept-encoding"), "gzip, deflate");
  });
}

Deno.test("fetch() answers data that is no gzip with 400", async () => {
  await assertRefused(
    serverOf({ echo }),
    request("echo", [1], { "content-encoding": "gzip" }),
    STATUS_CODE.BadRequest,
    "The body is no whole gzip data",
  );
});

Deno.test("fetch() answers truncated gzip with 400", async () => {
  const whole = await compress(encodeCall("echo", ["x".repeat(900)]), "gzip");

  await assertRefused(
    serverOf({ echo }),
    post(whole.slice(0, -6), { ...XML, "content-encoding": "gzip" }),
    STATUS_CODE.BadRequest,
    "The body is no whole gzip data",
  );
});

Deno.test("fetch() answers gzip with a wrong checksum with 400", async () => {
  const broken = await compress(encodeCall("echo", ["x".repeat(900)]), "gzip");
  broken[broken.length - 6]! ^= 0xff;

  await assertRefused(
    serverOf({ echo }),
    post(broken, { ...XML, "content-encoding": "gzip" }),
    STATUS_CODE.BadRequest,
    "The body is no whole gzip data",
  );
});

Deno.test("fetch() answers broken deflate with 400 that names it", async () => {
  await assertRefused(
    serverOf({ echo }),
    request("echo", [1], { "content-encoding": "deflate" }),
    STATUS_CODE.BadRequest,
    "The body is no whole deflate data",
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
    "The body is no whole HTTP data",
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

  // Zeros are no XML: whichever is seen first, little has been read.
  assert([200, 413].includes(response.status));
  assert(body.pulledBytes < 8192, `${body.pulledBytes} bytes were read`);
  assert(body.isCancelled);
});

Deno.test("fetch() feeds the decompressor little by little, however much has come", async () => {
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

for (
  const [what, method, headers] of [
    ["another HTTP method", "PUT", XML],
    ["another Content-Type", "POST", { "content-type": "text/plain" }],
    ["an unknown Content-Encoding", "POST", {
      ...XML,
      "content-encoding": "br",
    }],
  ] as const
) {
  Deno.test(`fetch() cancels the body of a request with ${what}`, async () => {
    const body = new TrackedBody(encodeCall("echo", [1]), 10);

    const response = await serverOf({ echo })(
      new Request(ADDRESS, { method, headers, body: body.stream }),
    );
    await response.body?.cancel();

    assert(!response.ok);
    assert(body.isCancelled);
    assertEquals(body.pulledBytes, 0);
  });
}

Deno.test("fetch() cancels the body of a request that is no XML", async () => {
  const body = new TrackedBody(bytesOf("<a></b>".padEnd(10_000)), 100);

  await outcomeOf(await serverOf({ echo })(post(body.stream)));

  assert(body.isCancelled);
  assert(body.pulledBytes < 10_000);
});

for (const what of ["has read", "is reading"]) {
  Deno.test(`fetch() reports a request whose body somebody else ${what}`, async () => {
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

// ---------------------------------------------------------------- responses

/** A text whose echo is a document of that length. */
async function textOfLength(documentBytes: number): Promise<string> {
  const empty = await serverOf({ echo })(request("echo", [""]));
  return "x".repeat(documentBytes - (await empty.arrayBuffer()).byteLength);
}

Deno.test("fetch() answers with the exact headers of XML-RPC", async () => {
  const long = "x".repeat(3900);
  const texts = [
    "",
    "e",
    "\x7f",
    "\x80",
    "é",
    "\ufffd",
    "🐎",
    long,
    `é${long}`,
  ];
  const calls = texts.map((text) => ["echo", [text]] as const);
  for (const [name, params] of [...calls, ["none", []] as const]) {
    const response = await serverOf({ echo })(request(name, params));
    const bytes = await response.arrayBuffer();

    assertEquals([...response.headers], [
      ["content-length", String(bytes.byteLength)],
      ["content-type", "text/xml; charset=utf-8"],
    ]);
  }
});

Deno.test("fetch() declares XML and UTF-8 in the document", async () => {
  const response = await serverOf({ echo })(request("echo", ["é"]));

  assertEquals(
    await response.text(),
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
      "<methodResponse><params><param><value><string>é</string></value></param></params></methodResponse>",
  );
});

Deno.test("fetch() compresses from 4 KiB on, and not before", async () => {
  const fetch = serverOf({ echo });
  const headers = { "accept-encoding": "gzip" };
  const text = await textOfLength(4096);

  const short = await fetch(request("echo", [text], headers));
  const long = await fetch(request("echo", [`${text}x`], headers));

  assertEquals(short.headers.get("content-encoding"), null);
  assertEquals(short.headers.get("vary"), null);
  assertEquals(short.headers.get("content-length"), "4096");
  assertEquals((await short.arrayBuffer()).byteLength, 4096);
  assertEquals(long.headers.get("content-encoding"), "gzip");
  assertEquals(long.headers.get("vary"), "accept-encoding");
  const bytes = await long.arrayBuffer();
  assertEquals(long.headers.get("content-length"), String(bytes.byteLength));
  assert(bytes.byteLength < 1000);
  const inflated = new Blob([bytes]).stream().pipeThrough(
    new DecompressionStream("gzip"),
  );
  assertEquals(await outcomeOf(new Response(inflated)), { value: `${text}x` });
});

const ACCEPTED: readonly (readonly [header: string, isGzip: boolean])[] = [
  ["gzip", true],
  ["GZIP", true],
  ["x-gzip", true],
  ["gzip, deflate, br", true],
  ["br;q=1.0, gzip;q=0.5", true],
  ["gzip;q=0.001", true],
  ["gzip; q=1", true],
  ["*", true],
  ["*;q=0.1", true],
  ["deflate, *", true],
  ["gzip;q=0", false],
  ["gzip;q=0.0", false],
  ["gzip; Q=0", false],
  ["gzip;q=0, *", false],
  ["*;q=0", false],
  ["identity", false],
  ["deflate, br", false],
  ["identity;q=1, *;q=0", false],
  ["gzipped", false],
  ["gzip;q=no", false],
  ["", false],
];

for (const [header, isGzip] of ACCEPTED) {
  Deno.test(`fetch() ${isGzip ? "compresses" : "does not compress"} for Accept-Encoding "${header}"`, async () => {
    const response = await serverOf({ echo })(
      request("echo", ["x".repeat(9000)], { "accept-encoding": header }),
    );
    const bytes = await response.arrayBuffer();

    assertEquals(
      response.headers.get("content-encoding"),
      isGzip ? "gzip" : null,
    );
    assertEquals(bytes.byteLength < 4096, isGzip);
    assertEquals(response.headers.get("vary"), "accept-encoding");
    assertEquals(
      response.headers.get("content-length"),
      String(bytes.byteLength),
    );
  });
}

Deno.test("fetch() does not compress for a client that does not ask for it", async () => {
  const response = await serverOf({ echo })(
    request("echo", ["x".repeat(9000)]),
  );

  assertEquals(response.headers.get("content-encoding"), null);
  assertEquals(response.headers.get("vary"), "accept-encoding");
  assertEquals(await outcomeOf(response), { value: "x".repeat(9000) });
});

Deno.test("createServer() with gzip: false compresses nothing", async () => {
  const fetch = serverOf({ echo }, { gzip: false });

  const response = await fetch(
    request("echo", ["x".repeat(9000)], { "accept-encoding": "gzip" }),
  );

  assertEquals(response.headers.get("content-encoding"), null);
  assertEquals(response.headers.get("vary"), null);
  assertEquals(await outcomeOf(response), { value: "x".repeat(9000) });
});

// ---------------------------------------------------------------- faults

const CALL = "<methodCall><methodName>echo</methodName>";
const BAD_DOCUMENTS: readonly (readonly [
  what: string,
  document: string,
  code: number,
  message: string,
])[] = [
  [
    "nothing",
    "",
    FaultCode.parseError,
    "The document is empty (line 1, column 1)",
  ],
  [
    "a text",
    "hello",
    FaultCode.parseError,
    'Text outside the root element: "hello" (line 1, column 1)',
  ],
  [
    "half a call",
    "<methodCall>",
    FaultCode.parseError,
    "The document ends inside <methodCall> (line 1, column 13)",
  ],
  [
    "something behind a call",
    `${CALL}</methodCall>x`,
    FaultCode.parseError,
    'Text outside the root element: "x" (line 1, column 55)',
  ],
  [
    "a web page",
    "<html></html>",
    FaultCode.invalidRequest,
    "Unknown element <html> (line 1, column 1)",
  ],
  [
    "a response",
    "<methodResponse/>",
    FaultCode.invalidRequest,
    "Expected <methodCall>, found <methodResponse> (line 1, column 1)",
  ],
  [
    "a document type",
    `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>${CALL}</methodCall>`,
    FaultCode.invalidRequest,
    "A document type declaration: none is accepted, for safety (line 1, column 1)",
  ],
  [
    "no name",
    "<methodCall><methodName></methodName></methodCall>",
    FaultCode.invalidRequest,
    "A method name must not be empty (line 1, column 13)",
  ],
  [
    "a broken value",
    `${CALL}<params><param><value><int>1 2</int></value></param></params></methodCall>`,
    FaultCode.invalidRequest,
    'Cannot read "1 2" as int: expected an integer at params[0] (line 1, column 64)',
  ],
];

for (const [what, document, code, message] of BAD_DOCUMENTS) {
  Deno.test(`fetch() answers ${what} with fault ${code}`, async () => {
    const errors: unknown[] = [];
    const onError = (error: unknown): void => void errors.push(error);

    const response = await serverOf({ echo }, { onError })(post(document));

    assertEquals(await outcomeOf(response), { fault: [code, message] });
    // The caller gets to see it.
    assertEquals(errors, []);
  });
}

Deno.test("fetch() answers a request without a body with fault -32700", async () => {
  assertEquals(await outcomeOf(await serverOf({ echo })(post(null))), {
    fault: [FaultCode.parseError, "The document is empty (line 1, column 1)"],
  });
});

Deno.test("fetch() answers bytes that are no UTF-8 with fault -32700", async () => {
  const { fault } = await outcomeOf(
    await serverOf({ echo })(post(Uint8Array.of(0x3c, 0xff, 0xfe, 0x3e))),
  );

  assertEquals(fault?.[0], FaultCode.parseError);
});

Deno.test("fetch() does not report unknown methods or faults to onError", async () => {
  const errors: unknown[] = [];
  const fetch = serverOf({
    fail(): void {
      throw new XmlRpcFault(4, "Too many parameters.");
    },
  }, { onError: (error) => void errors.push(error) });

  assertEquals(await callOn(fetch, "none"), {
    fault: [FaultCode.methodNotFound, 'No method "none"'],
  });
  assertEquals(await callOn(fetch, "fail"), {
    fault: [4, "Too many parameters."],
  });
  assertEquals(errors, []);
});

Deno.test("fetch() shows an unknown name only as far as it is short and printable", async () => {
  const name = `a&lt;b&gt;&amp;${"x".repeat(2000)}`;
  const document = `<methodCall><methodName>${name}</methodName></methodCall>`;

  const { fault } = await outcomeOf(await serverOf({ echo })(post(document)));

  assertEquals(fault?.[0], FaultCode.methodNotFound);
  assertMatch(fault![1], /^No method "a<b>&x+/);
  assert(fault![1].length < 200, `${fault![1].length} characters`);
});

class OwnFault extends XmlRpcFault {
  readonly secret = "secret";

  constructor() {
    super(7, "Own", { cause: new Error("secret"), members: { x: "secret" } });
  }
}

Deno.test("fetch() sends a fault of a subclass, and neither its cause nor its members", async () => {
  const fetch = serverOf({
    sync(): void {
      throw new OwnFault();
    },
    async late(): Promise<void> {
      await Promise.resolve();
      throw new OwnFault();
    },
  });

  for (const name of ["sync", "late"]) {
    const response = await fetch(request(name));
    const copy = response.clone();
    assertEquals(await outcomeOf(response), { fault: [7, "Own"] });
    assertNotLeaking(await copy.text());
  }
});

Deno.test("fetch() sends every code and text of a fault that can be sent", async () => {
  const fetch = serverOf({
    fail(code: number, message: string): void {
      throw new XmlRpcFault(code, message);
    },
  });

  for (
    const fault of [
      [0, ""],
      [-1, "<&>\r\n é 😀"],
      [2 ** 31 - 1, "x".repeat(9000)],
      [-(2 ** 31), " "],
    ] as const
  ) {
    assertEquals(await callOn(fetch, "fail", ...fault), { fault });
  }
});

/** Nothing of what a caller must not know is in an answer. */
function assertNotLeaking(text: string): void {
  assertNotMatch(text, /secret/i);
  // A line of a stack. The path of a value, "at params[0]", is no secret.
  assertNotMatch(text, /\bat (?!params\[)/);
  assertNotMatch(text, /\.ts\b|file:|node:|ext:/);
}

/** An error of every kind, by what is thrown. */
const THROWN: readonly (readonly [what: string, thrown: unknown])[] = [
  ["an Error", new Error("secret")],
  ["a TypeError", new TypeError("secret")],
  ["a DOMException", new DOMException("secret", "AbortError")],
  ["a text", "secret"],
  ["a number", 42],
  ["null", null],
  ["undefined", undefined],
  ["a symbol", Symbol("secret")],
  ["an object like a fault", { code: 1, message: "secret" }],
  ["a response", new Response("secret")],
];

for (const [what, thrown] of THROWN) {
  for (const how of ["throws", "rejects with"] as const) {
    Deno.test(`fetch() answers a method that ${how} ${what} with fault -32603`, async () => {
      const reports: [unknown, XmlRpcErrorContext][] = [];
      const fetch = serverOf({
        group: {
          fail(): Promise<never> {
            if (how === "throws") throw thrown;
            return Promise.reject(thrown);
          },
        },
      }, { onError: (...report) => void reports.push(report) });
      const sent = request("group.fail");

      const response = await fetch(sent);
      const copy = response.clone();

      assertEquals(await outcomeOf(response), {
        fault: [FaultCode.internalError, "Internal error"],
      });
      assertNotLeaking(await copy.text());
      assertEquals(reports.length, 1);
      assertStrictEquals(reports[0]![0], thrown);
      assertStrictEquals(reports[0]![1].request, sent);
      assertEquals(reports[0]![1].methodName, "group.fail");
    });
  }
}

const cyclic: unknown[] = [];
cyclic.push({ again: cyclic });

const UNSENDABLE: readonly (readonly [
  what: string,
  result: unknown,
  message: RegExp,
])[] = [
  ["a function", () => "secret", /function/],
  ["NaN", NaN, /NaN/],
  ["Infinity", { deep: [Infinity] }, /Infinity.*deep\[0\]/],
  ["a Map", new Map([["secret", 1]]), /Map/],
  ["a Set", new Set(), /Set/],
  ["a symbol", Symbol("secret"), /symbol/],
  ["a cycle", cyclic, /maxDepth|cycle|itself/],
  ["a bigint beyond 64 bits", 2n ** 64n, /64 bits/],
  ["an invalid date", new Date(NaN), /date/i],
  ["a control character", "\u0001", /character/],
  ["undefined in an array", [undefined], /undefined/],
];

for (const [what, result, message] of UNSENDABLE) {
  Deno.test(`fetch() answers with fault -32603 where the result is ${what}`, async () => {
    const reports: [unknown, XmlRpcErrorContext][] = [];
    const fetch = serverOf({ give: () => result }, {
      onError: (...report) => void reports.push(report),
    });

    const response = await fetch(request("give"));
    const copy = response.clone();

    assertEquals(await outcomeOf(response), {
      fault: [FaultCode.internalError, "Internal error"],
    });
    assertNotLeaking(await copy.text());
    assertEquals(reports.length, 1);
    assertInstanceOf(reports[0]![0], Error);
    assertMatch(reports[0]![0].message, message);
    assertEquals(reports[0]![1].methodName, "give");
  });
}

for (
  const [what, fault, message] of [
    ["code that is no integer", new XmlRpcFault(1.5, "secret"), "1.5"],
    ["code beyond 32 bits", new XmlRpcFault(2 ** 31, "secret"), "2147483648"],
    ["code NaN", new XmlRpcFault(NaN, "secret"), "NaN"],
    ["code that is a text", new XmlRpcFault("7" as never, "secret"), "string"],
    ["control character", new XmlRpcFault(1, "secret\u0000"), "character"],
  ] as const
) {
  Deno.test(`fetch() answers a fault that cannot be sent with fault -32603 (${what})`, async () => {
    const reports: unknown[] = [];
    const fetch = serverOf({
      fail(): void {
        throw fault;
      },
    }, { onError: (error) => void reports.push(error) });

    const response = await fetch(request("fail"));
    const copy = response.clone();

    assertEquals(await outcomeOf(response), {
      fault: [FaultCode.internalError, "Internal error"],
    });
    assertNotLeaking(await copy.text());
    assertEquals(reports.length, 1);
    assertInstanceOf(reports[0], TypeError);
    assertStringIncludes(reports[0].message, message);
    assertStrictEquals(reports[0].cause, fault);
  });
}

Deno.test("fetch() answers a class among the methods with fault -32603", async () => {
  const fetch = serverOf({ Point });

  assertEquals(await callOn(fetch, "Point"), {
    fault: [FaultCode.internalError, "Internal error"],
  });
});

for (
  const [what, onError] of [
    ["throws", (): never => {
      throw new Error("secret");
    }],
    ["rejects", () => Promise.reject(new Error("secret"))],
    ["never ends", () => new Promise<never>(() => {})],
    ["gives a broken thenable", () => ({
      get then(): never {
        throw new Error("secret");
      },
    })],
    ["is not there", undefined],
  ] as const
) {
  Deno.test(`fetch() answers the same where onError ${what}`, async () => {
    const fetch = serverOf({
      fail(): void {
        throw new Error("secret");
      },
      echo,
    }, { onError });

    const response = await fetch(request("fail"));
    const copy = response.clone();

    assertEquals(await outcomeOf(response), {
      fault: [FaultCode.internalError, "Internal error"],
    });
    assertNotLeaking(await copy.text());
    assertEquals(await callOn(fetch, "echo", 1), { value: 1 });
  });
}

// ---------------------------------------------------------------- results

for (
  const [what, method] of [
    ["nothing", (): void => {}],
    ["nothing, later", async (): Promise<void> => await Promise.resolve()],
    ["null", (): null => null],
  ] as const
) {
  Deno.test(`fetch() sends nil where a method gives ${what}`, async () => {
    const response = await serverOf({ method })(request("method"));

    assertStringIncludes(await response.text(), "<value><nil/></value>");
  });
}

Deno.test("createServer() with nil: error sends no nil", async () => {
  const errors: unknown[] = [];
  const fetch = serverOf({ nothing(): void {}, nested: () => [null], echo }, {
    nil: "error",
    onError: (error) => void errors.push(error),
  });

  for (const name of ["nothing", "nested"]) {
    assertEquals(await callOn(fetch, name), {
      fault: [FaultCode.internalError, "Internal error"],
    });
  }
  assertEquals(errors.length, 2);
  for (const error of errors) assertMatch(String(error), /null.*nil/s);
  assertEquals(await callOn(fetch, "echo", 1), { value: 1 });
});

Deno.test("createServer() with nil: ex:nil sends Apache's element", async () => {
  const fetch = serverOf({ nothing(): void {} }, { nil: "ex:nil" });

  const response = await fetch(request("nothing"));

  assertStringIncludes(await response.text(), "<ex:nil");
});

Deno.test("fetch() carries every type there and back", async () => {
  const values = [
    1,
    -1.5,
    true,
    "<é&>",
    5n,
    new Date("1998-07-17T14:08:55Z"),
    Uint8Array.of(1, 2, 3),
    null,
    [[], {}],
    { ["__proto__"]: 1, constructor: "x" },
  ];

  assertEquals(await callOn(serverOf({ echo }), "echo", values), {
    value: values,
  });
});

Deno.test("fetch() sends a sync method's result and an async one's alike", async () => {
  const fetch = serverOf({
    sync: (x: number) => x + 1,
    async: (x: number) => Promise.resolve(x + 1),
    thenable: (x: number) => ({
      then: (resolve: (value: number) => void) => resolve(x + 1),
    }),
  });

  for (const name of ["sync", "async", "thenable"]) {
    assertEquals(await callOn(fetch, name, 1), { value: 2 });
  }
});

// ---------------------------------------------------------------- options

async function decoded(
  options: XmlRpcServerOptions,
  value: string,
): Promise<unknown> {
  let received: unknown;
  const fetch = serverOf({
    take(param: unknown): void {
      received = param;
    },
  }, options);
  const document =
    `<methodCall><methodName>take</methodName><params><param><value>${value}</value></param></params></methodCall>`;
  assertEquals(await outcomeOf(await fetch(post(document))), { value: null });
  return received;
}

const DATE = "<dateTime.iso8601>19980717T14:08:55</dateTime.iso8601>";

Deno.test("createServer() honours i8", async () => {
  assertStrictEquals(await decoded({}, "<i8>5</i8>"), 5n);
  assertStrictEquals(await decoded({ i8: "number" }, "<i8>5</i8>"), 5);
});

Deno.test("createServer() honours timeZone, in params and results", async () => {
  const options = { timeZone: "+02:00" };
  const date = new Date("1998-07-17T12:08:55Z");

  assertEquals(await decoded(options, DATE), date);
  const response = await serverOf({ date: () => date }, options)(
    request("date"),
  );
  assertStringIncludes(await response.text(), "19980717T14:08:55");
});

Deno.test("createServer() honours dateTime", async () => {
  const dateTime = (text: string): unknown => ({ text });

  assertEquals(await decoded({ dateTime }, DATE), {
    text: "19980717T14:08:55",
  });
});

Deno.test("fetch() keeps what the dateTime option throws to itself", async () => {
  const reports: [unknown, XmlRpcErrorContext][] = [];
  const thrown = new Error("secret");
  const fetch = serverOf({ echo }, {
    dateTime: () => {
      throw thrown;
    },
    onError: (...report) => void reports.push(report),
  });
  const sent = request("echo", [new Date(0)]);

  const response = await fetch(sent);
  const copy = response.clone();

  assertEquals(await outcomeOf(response), {
    fault: [FaultCode.internalError, "Internal error"],
  });
  assertNotLeaking(await copy.text());
  assertStrictEquals(reports[0]?.[0], thrown);
  assertStrictEquals(reports[0]?.[1].request, sent);
  assertEquals(reports[0]?.[1].methodName, "echo");
});

Deno.test("createServer() honours typed", async () => {
  assertEquals(await decoded({ typed: true }, "<int>5</int>"), int(5));
  assertInstanceOf(
    await decoded({ typed: true }, "<i8>5</i8>"),
    XmlRpcTyped,
  );
  assertEquals(await decoded({ typed: true }, "<i8>5</i8>"), i8(5));
});

for (
  const [options, value] of [
    [{ maxDepth: 1 }, [[1]]],
    [{ maxValues: 2 }, [1, 2, 3]],
    [{ maxNameBytes: 6 }, { longname: 1 }],
  ] as const
) {
  const [name] = Object.keys(options);
  Deno.test(`createServer() honours ${name}`, async () => {
    const fetch = serverOf({ echo }, options);

    const { fault } = await callOn(fetch, "echo", value);

    assertEquals(fault?.[0], FaultCode.invalidRequest);
    assertStringIncludes(fault![1], name!);
  });
}

Deno.test("createServer() honours maxTagBytes", async () => {
  const fetch = serverOf({ echo }, { maxTagBytes: 20 });
  const document = `<methodCall a="${"x".repeat(30)}">`;

  const { fault } = await outcomeOf(await fetch(post(document)));

  assertEquals(fault?.[0], FaultCode.invalidRequest);
  assertStringIncludes(fault![1], "maxTagBytes");
});

for (
  const name of [
    "maxBodyBytes",
    "maxDepth",
    "maxValues",
    "maxNameBytes",
    "maxTagBytes",
  ]
) {
  for (const value of [-1, NaN, "10", {}, true, 1n]) {
    Deno.test(`createServer() refuses ${typeof value} ${value} as ${name}`, () => {
      const error = assertThrows(
        () => serverOf({ echo }, { [name]: value }),
        RangeError,
      );

      assertEquals(
        error.message,
        `The option ${name} must be a number of 0 or more: ${value}`,
      );
    });
  }
}

for (
  const [name, value] of [
    ["timeZone", "Mars/Olympus"],
    ["i8", "float"],
    ["nil", "none"],
    ["dateTime", "raw"],
    ["onError", "log"],
  ]
) {
  Deno.test(`createServer() refuses ${value} as ${name} and names the option`, () => {
    const error = assertThrows(
      () => serverOf({ echo }, { [name!]: value }),
      Error,
    );

    assertStringIncludes(error.message, name!);
  });
}

Deno.test("createServer() takes undefined options as their defaults", async () => {
  const fetch = serverOf({ echo }, {
    maxBodyBytes: undefined,
    gzip: undefined,
    onError: undefined,
    nil: undefined,
    i8: undefined,
    timeZone: undefined,
  });

  const response = await fetch(
    request("echo", ["x".repeat(9000)], { "accept-encoding": "gzip" }),
  );
  await response.body?.cancel();

  assertEquals(response.headers.get("content-encoding"), "gzip");
});

Deno.test("createServer() takes Infinity for no limit", async () => {
  const fetch = serverOf({ echo }, { maxBodyBytes: Infinity });

  assertEquals(await callOn(fetch, "echo", 1), { value: 1 });
});

// ---------------------------------------------------------------- many calls

Deno.test("fetch() lets a slow call hold up no other", async () => {
  const slow = Promise.withResolvers<string>();
  const started = Promise.withResolvers<void>();
  const fetch = serverOf({
    slow(): Promise<string> {
      started.resolve();
      return slow.promise;
    },
    fast: () => "fast",
  });
  let isDone = false;

  const answer = callOn(fetch, "slow").then((outcome) => {
    isDone = true;
    return outcome;
  });
  await started.promise;

  assertEquals(await callOn(fetch, "fast"), { value: "fast" });
  assertEquals(await callOn(fetch, "fast"), { value: "fast" });
  assert(!isDone);
  slow.resolve("slow");
  assertEquals(await answer, { value: "slow" });
});

Deno.test("fetch() lets a slow upload hold up no other call", async () => {
  const upload = new TransformStream<
    Uint8Array<ArrayBuffer>,
    Uint8Array<ArrayBuffer>
  >();
  const writer = upload.writable.getWriter();
  const fetch = serverOf({ echo });
  const bytes = encodeCall("echo", ["slow"]);

  const answer = fetch(post(upload.readable));
  await writer.write(bytes.slice(0, 50));

  assertEquals(await callOn(fetch, "echo", "fast"), { value: "fast" });
  await writer.write(bytes.slice(50));
  await writer.close();
  assertEquals(await outcomeOf(await answer), { value: "slow" });
});

Deno.test("fetch() lets calls answer in another order than they came in", async () => {
  const gates = [0, 1, 2].map(() => Promise.withResolvers<void>());
  const order: number[] = [];
  const fetch = serverOf({
    async wait(index: number): Promise<number> {
      await gates[index]!.promise;
      return index;
    },
  });

  const answers = gates.map(async (_, index) => {
    const outcome = await callOn(fetch, "wait", index);
    order.push(index);
    return outcome;
  });
  for (const index of [2, 0, 1]) {
    gates[index]!.resolve();
    await answers[index];
  }

  assertEquals(order, [2, 0, 1]);
  assertEquals(await Promise.all(answers), [
    { value: 0 },
    { value: 1 },
    { value: 2 },
  ]);
});

for (const where of ["in one process", "over sockets"]) {
  Deno.test(`fetch() gives each of 100 calls at once its own answer, ${where}`, async () => {
    const everybody = Promise.withResolvers<void>();
    let waiting = 0;
    const server = createServer({
      async meet(index: number): Promise<string> {
        if (++waiting === 100) everybody.resolve();
        await everybody.promise;
        return `${this.methodName} ${index}`;
      },
    });
    await using http = listen(server.fetch);
    const url = `http://127.0.0.1:${http.addr.port}/`;
    const send = (sent: Request): Promise<Response> =>
      where === "over sockets"
        ? fetch(new Request(url, sent))
        : server.fetch(sent);

    const outcomes = await Promise.all(
      Array.from({ length: 100 }, (_, index) => callOn(send, "meet", index)),
    );

    assertEquals(
      outcomes,
      Array.from({ length: 100 }, (_, index) => ({ value: `meet ${index}` })),
    );
  });
}

// ---------------------------------------------------------------- goes on serving

const HOSTILE: readonly (readonly [
  what: string,
  init: RequestInit,
  status: number,
])[] = [
  ["GET", { method: "GET" }, 405],
  ["no body", { headers: XML }, 200],
  ["another type", { body: "x=1", headers: { "content-type": "a/b" } }, 415],
  ["a text", { body: "hello", headers: XML }, 200],
  ["a truncated call", { body: CALL, headers: XML }, 200],
  ["half a tag", { body: "<methodCal", headers: XML }, 200],
  ["zeros", { body: new Uint8Array(5000), headers: XML }, 200],
  [
    "a billion laughs",
    {
      body:
        '<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]><methodCall>&b;</methodCall>',
      headers: XML,
    },
    200,
  ],
  [
    "deep nesting",
    {
      body: `${CALL}<params><param>${"<value><array><data>".repeat(10_000)}`,
      headers: XML,
    },
    200,
  ],
  ["a long body", { body: "x".repeat(300_000), headers: XML }, 413],
  [
    "no gzip",
    { body: "hello", headers: { ...XML, "content-encoding": "gzip" } },
    400,
  ],
  [
    "an unknown encoding",
    { body: "hello", headers: { ...XML, "content-encoding": "br" } },
    415,
  ],
  ["an unknown method", { body: encodeCall("none"), headers: XML }, 200],
  ["a method that throws", { body: encodeCall("fail"), headers: XML }, 200],
  ["an unsendable result", { body: encodeCall("nan"), headers: XML }, 200],
  [
    "a charset nobody knows",
    {
      body: encodeCall("alive"),
      headers: { "content-type": "text/xml; charset=klingon" },
    },
    200,
  ],
];

const hardy = createServer({
  alive: () => "still here",
  fail(): void {
    throw new Error("secret");
  },
  nan: () => NaN,
}, { maxBodyBytes: 250_000 });

for (const [what, init, status] of HOSTILE) {
  const sent = { method: "POST", ...init };

  Deno.test(`fetch() goes on serving after ${what}`, async () => {
    const response = await hardy.fetch(new Request(ADDRESS, sent));

    assertEquals(response.status, status);
    assertNotLeaking(await response.text());
    assertEquals(await callOn(hardy.fetch, "alive"), OK);
  });

  Deno.test(`fetch() goes on serving over sockets after ${what}`, async () => {
    await using http = listen(hardy.fetch);
    const url = `http://127.0.0.1:${http.addr.port}/`;

    const response = await fetch(url, sent);

    assertEquals(response.status, status);
    assertNotLeaking(await response.text());
    const next = await fetch(new Request(url, request("alive")));
    assertEquals(await outcomeOf(next), OK);
  });
}

/** Sends bytes over a connection of their own, hangs up, and gives what came back. */
async function talk(address: Deno.NetAddr, text: string): Promise<string> {
  using connection = await Deno.connect({
    hostname: "127.0.0.1",
    port: address.port,
  });
  await connection.write(bytesOf(text));
  await connection.closeWrite();
  try {
    return await new Response(connection.readable).text();
  } catch {
    return "";
  }
}

const HEAD = "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\n";
const GOOD = new TextDecoder().decode(encodeCall("alive"));

for (
  const [what, text] of [
    [
      "a body that is shorter than its Content-Length",
      `${HEAD}Content-Length: 900\r\n\r\n${GOOD}`,
    ],
    [
      "a body that is longer than its Content-Length",
      `${HEAD}Content-Length: 20\r\n\r\n${GOOD}`,
    ],
    ["no body at all", `${HEAD}Content-Length: 10\r\n\r\n`],
    ["a negative Content-Length", `${HEAD}Content-Length: -5\r\n\r\n${GOOD}`],
    [
      "a Content-Length of letters",
      `${HEAD}Content-Length: abc\r\n\r\n${GOOD}`,
    ],
    [
      "a chunk that breaks off",
      `${HEAD}Transfer-Encoding: chunked\r\n\r\nff\r\n<methodCall>`,
    ],
    [
      "a chunk without a length",
      `${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n<methodCall>`,
    ],
    ["half of the headers", HEAD],
    ["no HTTP", "hello\r\n\r\n"],
  ] as const
) {
  Deno.test(`fetch() goes on serving after ${what}`, async () => {
    await using http = listen(hardy.fetch);

    const answer = await talk(http.addr, text);

    // Nothing of the kind is taken for the call that it may contain.
    assertNotMatch(answer, /still here/);
    assertNotLeaking(answer);
    const url = `http://127.0.0.1:${http.addr.port}/`;
    const next = await fetch(new Request(url, request("alive")));
    assertEquals(await outcomeOf(next), OK);
  });
}

Deno.test("fetch() answers over a socket what it answers without one", async () => {
  const server = createServer({ echo });
  await using http = listen(server.fetch);
  const url = `http://127.0.0.1:${http.addr.port}/`;
  const length = String(GOOD.length);

  const near = await server.fetch(request("echo", ["é"]));
  const far = await fetch(new Request(url, request("echo", ["é"])));

  assertEquals(far.status, near.status);
  for (const name of ["content-type", "content-length"]) {
    assertEquals(far.headers.get(name), near.headers.get(name));
  }
  assertEquals(await far.text(), await near.text());
  assertMatch(
    await talk(
      http.addr,
      `${HEAD}Connection: close\r\nContent-Length: ${length}\r\n\r\n${GOOD}`,
    ),
    /^HTTP\/1\.1 200 OK\r\n.*No method "alive"/s,
  );
});

Deno.test("the module exports what makes servers and methods, with errors and values", () => {
  const own = ["createServer", "method", "methodsOf"];
  const typed = [
    "XmlRpcTyped",
    "int",
    "i8",
    "double",
    "dateTime",
    "bigdecimal",
  ];
  const types = ["XmlRpcOptional", "optional"];
  assertEquals(
    new Set(Object.keys(module)),
    new Set([...own, ...Object.keys(errors), ...typed, ...types]),
  );
});

Deno.test("fetch() resolves to a response and never rejects, whatever is sent", async () => {
  for (const [, init] of HOSTILE) {
    const sent = new Request(ADDRESS, { method: "POST", ...init });
    assertInstanceOf(await hardy.fetch(sent), Response);
  }
});

for (
  const [name, thrown] of [
    ["a Proxy that throws when it is looked at", () =>
      new Proxy({}, {
        getPrototypeOf(): never {
          throw new Error("trap");
        },
      })],
    [
      "a fault whose message throws null",
      () =>
        Object.defineProperty(new XmlRpcFault(1, ""), "message", {
          get(): never {
            throw null;
          },
        }),
    ],
  ] as const
) {
  Deno.test(`fetch() answers a method that throws ${name}`, async () => {
    const errors: unknown[] = [];
    const fetch = serverOf({
      fail(): never {
        throw thrown();
      },
    }, { onError: (error) => errors.push(error) });

    assertEquals(await callOn(fetch, "fail"), {
      fault: [FaultCode.internalError, "Internal error"],
    });
    assertEquals(errors.length, 1);
  });
}

for (const name of ["gzip", "introspection", "multicall", "typed"]) {
  Deno.test(`createServer() refuses an option ${name} that is no boolean`, () => {
    assertThrows(
      () => createServer({}, { [name]: "no" }),
      TypeError,
      `The option ${name} must be true or false: no`,
    );
  });
}
