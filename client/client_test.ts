import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertNotMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  fail,
} from "@std/assert";
import { STATUS_CODE } from "@std/http/status";
import {
  createClient,
  type XmlRpcAnyMethods,
  type XmlRpcClient,
  type XmlRpcClientOptions,
} from "../client.ts";
import { decodeCall, encodeFault, encodeResponse } from "../codec.ts";
import {
  XmlRpcFault,
  XmlRpcHttpError,
  XmlRpcSyntaxError,
} from "../core/errors.ts";
import { createServer } from "../server.ts";
import { int } from "../core/typed.ts";

const ADDRESS = "http://localhost/RPC2";
const XML = { "content-type": "text/xml" };

type Api = Record<string, (...params: unknown[]) => unknown>;

/** A client without a socket, and what it has sent. */
interface Spied {
  readonly client: XmlRpcClient<Api>;
  readonly requests: Request[];
}

type Answer = (request: Request, index: number) => Response | Promise<Response>;

/** A client whose requests are answered here. */
function clientWith(
  answer: Answer,
  options: XmlRpcClientOptions = {},
  url: string | URL = ADDRESS,
): Spied {
  const requests: Request[] = [];
  const client = createClient<Api>(url, {
    ...options,
    async fetch(request: Request): Promise<Response> {
      requests.push(request);
      return await answer(request, requests.length - 1);
    },
  });
  return { client, requests };
}

function xml(value: unknown, init: ResponseInit = {}): Response {
  return new Response(encodeResponse(value), { headers: XML, ...init });
}

/** Answers with the name of the method and the params. */
async function echo(request: Request): Promise<Response> {
  const { methodName, params } = decodeCall(
    new Uint8Array(await request.arrayBuffer()),
  );
  return xml([methodName, params]);
}

/** A body that says what became of it. */
class TrackedBody {
  isFinished = false;
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;

  /** The chunks, and then the end or, if `isEndless`, nothing. */
  constructor(chunks: readonly string[], isEndless = false) {
    const rest = [...chunks];
    this.stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: (controller) => {
        const chunk = rest.shift();
        if (chunk !== undefined) {
          controller.enqueue(new TextEncoder().encode(chunk));
        } else if (!isEndless) {
          this.isFinished = true;
          controller.close();
        } else {
          return new Promise(() => {});
        }
      },
      cancel: () => {
        this.isFinished = true;
      },
    }, { highWaterMark: 0 });
  }
}

/** Serves on a free port of this machine. */
function listen(
  handler: (request: Request) => Response | Promise<Response>,
): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => handler(request),
  );
}

/** Lets everything that is ready run. */
async function settle(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  for (let turn = 0; turn < 5; turn++) {
    const { promise, resolve } = Promise.withResolvers<void>();
    port2.onmessage = () => resolve();
    port1.postMessage(null);
    await promise;
  }
  port1.close();
  port2.close();
}

const VALUE = new TextDecoder().decode(encodeResponse("value"));
const FAULT = new TextDecoder().decode(
  encodeFault(new XmlRpcFault(4, "Too many parameters.")),
);

// ---------------------------------------------------------------- call

Deno.test("call() sends a POST with the call and gives the result", async () => {
  const { client, requests } = clientWith(echo);

  assertEquals(await client.call("add", [8, 8]), ["add", [8, 8]]);

  assertEquals(requests.length, 1);
  const [request] = requests;
  assertEquals(request!.method, "POST");
  assertEquals(request!.url, ADDRESS);
  assertEquals(request!.redirect, "manual");
  assertEquals([...request!.headers], [["content-type", "text/xml"]]);
});

Deno.test("call() sends the whole document, which says its length", async () => {
  let text = "";
  const { client } = clientWith(async (request) => {
    text = await request.text();
    return xml(1);
  });

  await client.call("a.b", ["é"]);

  assertEquals(
    text,
    '<?xml version="1.0" encoding="UTF-8"?>\n<methodCall><methodName>a.b</methodName>' +
      "<params><param><value><string>é</string></value></param></params></methodCall>",
  );
});

Deno.test("call() without params sends none", async () => {
  const { client } = clientWith(echo);

  assertEquals(await client.call("now"), ["now", []]);
  assertEquals(await client.call("now", []), ["now", []]);
  assertEquals(await client.call("now", undefined), ["now", []]);
});

Deno.test("call() throws a fault as XmlRpcFault", async () => {
  const { client } = clientWith(() => new Response(FAULT, { headers: XML }));

  const error = await assertRejects(() => client.call("m"), XmlRpcFault);

  assertEquals(error.code, 4);
  assertEquals(error.message, "Too many parameters.");
});

for (const params of [null, "ab", { length: 0 }, 1, new Uint8Array(1)]) {
  Deno.test(`call() refuses ${JSON.stringify(params)} for params`, async () => {
    const { client, requests } = clientWith(echo);

    const error = await assertRejects(
      () => client.call("add", params as never),
      TypeError,
    );

    assertEquals(
      error.message,
      'Cannot encode a call of "add": expected its params as an array',
    );
    assertEquals(requests, []);
  });
}

for (
  const [what, params, path] of [
    ["a function", [1, { f: (): void => {} }], "params[1].f"],
    ["undefined before another param", [undefined, 1], "params[0]"],
    ["undefined in an array", [[undefined]], "params[0][0]"],
    ["NaN", [[NaN]], "params[0][0]"],
    ["a Map", [new Map()], "params[0]"],
  ] as const
) {
  Deno.test(`call() rejects ${what} with its path and sends nothing`, async () => {
    const { client, requests } = clientWith(echo);

    await assertRejects(() => client.call("m", params), Error, path);

    assertEquals(requests, []);
  });
}

for (const name of ["", "a b", "a\n", "a\u0000"]) {
  Deno.test(`call() rejects the name ${JSON.stringify(name)} and sends nothing`, async () => {
    const { client, requests } = clientWith(echo);

    await assertRejects(() => client.call(name), TypeError, "name");

    assertEquals(requests, []);
  });
}

Deno.test("call() gives each of 100 calls at once its own answer", async () => {
  const everybody = Promise.withResolvers<void>();
  const { client } = clientWith(async (request, index) => {
    if (index === 99) everybody.resolve();
    await everybody.promise;
    return await echo(request);
  });

  const results = await Promise.all(
    Array.from({ length: 100 }, (_, index) => client.call("m", [index])),
  );

  assertEquals(results, Array.from({ length: 100 }, (_, i) => ["m", [i]]));
});

Deno.test("createClient() sends nothing", async () => {
  const { client, requests } = clientWith(echo);
  client.with({ timeout: 5 });
  void client.methods["a"];

  await settle();

  assertEquals(requests, []);
});

Deno.test("call() leaves params out that are undefined at the end", async () => {
  const { client } = clientWith(echo);

  assertEquals(await client.call("m", [1, undefined]), ["m", [1]]);
  assertEquals(await client.methods["m"]!(undefined, undefined), ["m", []]);
});

Deno.test("createClient() gives a frozen object whose members work alone", async () => {
  const { client } = clientWith(echo);
  const { call, methods } = client;
  const { call: other } = client.with({});

  assert(Object.isFrozen(client));
  assert(Object.isFrozen(client.with({})));
  assertEquals(Object.keys(client), [
    "call",
    "methods",
    "stream",
    "items",
    "multicall",
    "with",
  ]);
  assertEquals(await call("a"), ["a", []]);
  assertEquals(await other("a"), ["a", []]);
  assertEquals(await methods["b"]!(1), ["b", [1]]);
});

// ---------------------------------------------------------------- methods

/** A client that may call anything. */
function anyClient(): XmlRpcClient<XmlRpcAnyMethods> {
  return createClient(ADDRESS, { fetch: (request) => echo(request) });
}

const METHOD_NAMES = [
  "constructor",
  "call",
  "apply",
  "bind",
  "name",
  "length",
  "prototype",
  "arguments",
  "caller",
  "__proto__",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "inspect",
  "catch",
  "finally",
  "with",
  "methods",
  "$",
  "$call",
  "0",
  "nodeType",
];

for (const name of METHOD_NAMES) {
  Deno.test(`methods.${name}() calls the method ${name}`, async () => {
    const { methods } = anyClient();

    assertEquals(await methods[name](1, "x"), [name, [1, "x"]]);
    assertEquals(await methods["a"][name](), [`a.${name}`, []]);
    assertEquals(await methods[name].b(), [`${name}.b`, []]);
  });
}

Deno.test("methods calls methods with dotted names", async () => {
  const { methods } = anyClient();

  assertEquals(await methods["a"].b.c.d(1), ["a.b.c.d", [1]]);
  assertEquals(await methods["a.b"].c(1), ["a.b.c", [1]]);
});

Deno.test("methods gives functions that work without their object", async () => {
  const { add } = anyClient().methods;

  assertEquals(await [1, 2].map((x) => add(x))[1], ["add", [2]]);
});

Deno.test("methods takes no options among the params", async () => {
  const { methods } = anyClient();

  assertEquals(await methods["m"]([1], { timeout: 0 }), [
    "m",
    [[1], { timeout: 0 }],
  ]);
});

Deno.test("methods is no method itself", async () => {
  const methods = anyClient().methods as unknown as () => Promise<unknown>;

  await assertRejects(() => methods(), TypeError, "name");
});

Deno.test("methods can be awaited, at every level, and sends nothing", async () => {
  const { client, requests } = clientWith(echo);
  const methods = client.methods as unknown as Record<
    string,
    Record<string, unknown>
  >;

  for (const level of [methods, methods["a"]!, methods["a"]!["b"]!]) {
    const proxy = level as Record<PropertyKey, unknown>;
    assertStrictEquals(proxy["then"], undefined);
    assertStrictEquals(proxy["toJSON"], undefined);
    assertEquals(typeof await proxy, "function");
    assertEquals(JSON.stringify({ proxy }), "{}");
  }
  assertEquals(requests, []);
});

Deno.test("call() reaches methods that are called then and toJSON", async () => {
  const { client } = clientWith(echo);

  assertEquals(await client.call("then", [1]), ["then", [1]]);
  assertEquals(await client.call("a.toJSON"), ["a.toJSON", []]);
});

Deno.test("methods says in a text which method it is", () => {
  const { methods } = anyClient();

  assertEquals(`${methods["a"].b}`, '[XML-RPC method "a.b"]');
  assertEquals(methods["a"] + "", '[XML-RPC method "a"]');
  assertEquals(`${methods}`, '[XML-RPC method ""]');
});

Deno.test("methods has no symbols, and can be looked at", () => {
  const { client, requests } = clientWith(echo);
  const methods = client.methods as unknown as Record<symbol, unknown>;

  for (
    const symbol of [
      Symbol.iterator,
      Symbol.asyncIterator,
      Symbol.toStringTag,
      Symbol.dispose,
      Symbol.for("nodejs.util.inspect.custom"),
      Symbol.for("Deno.customInspect"),
      Symbol("any"),
    ]
  ) {
    assertStrictEquals(methods[symbol], undefined);
  }
  assertEquals(typeof Deno.inspect(client), "string");
  assertEquals(Object.keys(client.methods), []);
  assertEquals(requests, []);
});

for (
  const [what, change] of [
    ["assignment", (target: Record<string, unknown>) => target["a"] = 1],
    ["deletion", (target: Record<string, unknown>) => delete target["a"]],
    [
      "definition",
      (target: object) => Object.defineProperty(target, "a", { value: 1 }),
    ],
    ["freezing", (target: object) => Object.freeze(target)],
  ] as const
) {
  Deno.test(`methods refuses ${what}, at every level`, async () => {
    const { methods } = anyClient();

    assertThrows(() => change(methods), TypeError);
    assertThrows(() => change(methods["b"]), TypeError);

    assertEquals(await methods["a"](1), ["a", [1]]);
  });
}

Deno.test("methods are no constructors", () => {
  const Method = anyClient().methods["m"];

  assertThrows(() => new Method(), TypeError);
});

// ---------------------------------------------------------------- headers

const HEADERS: readonly (readonly [
  what: string,
  headers: XmlRpcClientOptions["headers"],
])[] = [
  ["a record", { "X-Token": "t" }],
  ["Headers", new Headers({ "x-token": "t" })],
  ["an array", [["X-TOKEN", "t"]]],
  ["a function that gives a record", () => ({ "x-token": "t" })],
  ["a function that gives Headers", () => new Headers({ "x-token": "t" })],
  [
    "an async function",
    async () => {
      await Promise.resolve();
      return [["x-token", "t"]];
    },
  ],
];

for (const [what, headers] of HEADERS) {
  Deno.test(`call() sends headers given as ${what}`, async () => {
    const { client, requests } = clientWith(echo, { headers });

    await client.call("m");

    assertEquals([...requests[0]!.headers], [
      ["content-type", "text/xml"],
      ["x-token", "t"],
    ]);
  });
}

Deno.test("call() asks for the headers before each call", async () => {
  let count = 0;
  const { client, requests } = clientWith(echo, {
    headers: () => ({ "x-count": String(++count) }),
  });

  await client.call("m");
  await client.call("m");

  assertEquals(requests.map(({ headers }) => headers.get("x-count")), [
    "1",
    "2",
  ]);
});

Deno.test("call() rejects with what the headers function throws, and sends nothing", async () => {
  const thrown = new Error("no token");
  const throwing = clientWith(echo, {
    headers: () => {
      throw thrown;
    },
  });
  const rejecting = clientWith(echo, { headers: () => Promise.reject(thrown) });

  for (const { client, requests } of [throwing, rejecting]) {
    const error = await assertRejects(() => client.call("m"), Error);
    assertStrictEquals(error, thrown);
    assertEquals(requests, []);
  }
});

Deno.test("call() rejects headers that are none, and sends nothing", async () => {
  const { client, requests } = clientWith(echo, { headers: { "a b": "c" } });

  await assertRejects(() => client.call("m"), TypeError);

  assertEquals(requests, []);
});

Deno.test("headers of a call go over those of with(), and those over the client's", async () => {
  const { client, requests } = clientWith(echo, {
    headers: { a: "client", b: "client", c: "client" },
  });
  const middle = client.with({ headers: () => ({ b: "with", c: "with" }) });

  await middle.call("m", [], { headers: [["C", "call"], ["d", "call"]] });
  await middle.methods["m"]!();
  await client.call("m");

  const sent = requests.map(({ headers }) =>
    ["a", "b", "c", "d"].map((name) => headers.get(name))
  );
  assertEquals(sent, [
    ["client", "with", "call", "call"],
    ["client", "with", "with", null],
    ["client", "client", "client", null],
  ]);
});

Deno.test("headers go over Content-Type and Authorization", async () => {
  const { client, requests } = clientWith(echo, {
    headers: {
      "Content-Type": "application/xml",
      "Authorization": "Bearer t",
    },
  }, "http://user:secret@localhost/");

  await client.call("m");

  assertEquals([...requests[0]!.headers], [
    ["authorization", "Bearer t"],
    ["content-type", "application/xml"],
  ]);
});

Deno.test("with() leaves the client as it is", async () => {
  const { client, requests } = clientWith(echo);
  const late = client.with({ headers: { a: "1" }, nil: "error" });

  assertEquals(await client.call("m", [null]), ["m", [null]]);
  await assertRejects(() => late.call("m", [null]), TypeError, "null");

  assertEquals(requests.length, 1);
  assertEquals(requests[0]!.headers.get("a"), null);
});

Deno.test("with() can exchange fetch", async () => {
  const { client, requests } = clientWith(echo);
  const other = client.with({ fetch: () => Promise.resolve(xml("other")) });

  assertEquals(await other.call("m"), "other");
  assertEquals(requests, []);
});

Deno.test("call() takes fetch for one call", async () => {
  const { client } = clientWith(echo);
  const fetch = (): Promise<Response> => Promise.resolve(xml("other"));

  assertEquals(await client.call("m", [], { fetch }), "other");
  assertEquals(await client.call("m"), ["m", []]);
});

// ---------------------------------------------------------------- credentials

/** The Authorization that a user name and a password become. */
function basic(credentials: string): string {
  const bytes = new TextEncoder().encode(credentials);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

const CREDENTIALS: readonly (readonly [url: string, credentials: string])[] = [
  ["http://user:secret@localhost/RPC2", "user:secret"],
  ["http://user@localhost/RPC2", "user:"],
  ["http://:secret@localhost/RPC2", ":secret"],
  ["http://us%40er:p%3Aw%2F%25@localhost/RPC2", "us@er:p:w/%"],
  ["http://jos%C3%A9:p%E2%82%AC@localhost/RPC2", "josé:p€"],
  ["http://josé:p€😀@localhost/RPC2", "josé:p€😀"],
  ["http://user:100%@localhost/RPC2", "user:100%"],
  ["http://user:%zz@localhost/RPC2", "user:%zz"],
  ["http://user:%E9@localhost/RPC2", "user:%E9"],
  ["http://user:50% off@localhost/RPC2", "user:50% off"],
  ["http://user:100%é@localhost/RPC2", "user:100%é"],
];

for (const [url, credentials] of CREDENTIALS) {
  Deno.test(`createClient() sends the credentials of ${url}`, async () => {
    for (const given of [url, new URL(url)]) {
      const { client, requests } = clientWith(echo, {}, given);

      await client.call("m");

      const [request] = requests;
      assertEquals(request!.headers.get("authorization"), basic(credentials));
      assertEquals(request!.url, ADDRESS);
    }
  });
}

Deno.test("createClient() sends no Authorization without credentials", async () => {
  const { client, requests } = clientWith(echo);

  await client.call("m");

  assertEquals(requests[0]!.headers.get("authorization"), null);
});

Deno.test("createClient() keeps path and query, and no fragment", async () => {
  const { client, requests } = clientWith(
    echo,
    {},
    "http://localhost:81/a%20b?c=d&e#f",
  );

  await client.call("m");

  assertEquals(requests[0]!.url, "http://localhost:81/a%20b?c=d&e");
});

Deno.test("createClient() does not see later changes of its URL", async () => {
  const url = new URL(ADDRESS);
  const { client, requests } = clientWith(echo, {}, url);

  url.hostname = "elsewhere";
  await client.call("m");

  assertEquals(requests[0]!.url, ADDRESS);
});

/** Everything of an error that a log could show. */
function everythingOf(error: Error): string {
  return [
    error.message,
    String(error),
    error.stack,
    Deno.inspect(error, { depth: Infinity }),
    JSON.stringify(error),
  ].join("\n");
}

const SECRET_URL = "http://user:secret@127.0.0.1/RPC2";
const ERROR_ANSWERS: readonly (readonly [what: string, answer: Answer])[] = [
  ["a page", () => new Response("<html>", { status: 404 })],
  ["broken XML", () => new Response("<a>", { headers: XML })],
  ["a fault", () => new Response(FAULT, { headers: XML })],
  [
    "a redirect",
    () => new Response(null, { status: 302, headers: { location: "/x" } }),
  ],
  [
    "redirects",
    () => new Response(null, { status: 307, headers: { location: "" } }),
  ],
  ["nothing", () => Promise.reject(new TypeError("no connection"))],
];

for (const [what, answer] of ERROR_ANSWERS) {
  Deno.test(`call() shows no password in an error after ${what}`, async () => {
    const { client } = clientWith(answer, {}, SECRET_URL);

    const error = await assertRejects(() => client.call("m"), Error);

    const text = everythingOf(error);
    assertNotMatch(text, /secret|user:/);
    assert(!text.includes(basic("user:secret").slice(6)));
    if (error instanceof XmlRpcHttpError) {
      assertNotMatch(error.url, /secret/);
    }
  });
}

Deno.test("call() shows no password where no server is there", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const client = createClient(`http://user:secret@127.0.0.1:${port}/`);

  const error = await assertRejects(() => client.call("m"), TypeError);

  assertNotMatch(everythingOf(error), /secret/);
});

const NO_URL =
  "Cannot create a client: expected a URL such as http://localhost:8888/";

for (
  const [url, message] of [
    ["", NO_URL],
    ["localhost", NO_URL],
    ["/RPC2", NO_URL],
    ["http://user:secret@", NO_URL],
    ["http://user:secret@host:port/", NO_URL],
    [
      "ftp://user:secret@host/",
      "Cannot create a client: expected an http or https URL, got ftp:",
    ],
    [
      "localhost:8888",
      "Cannot create a client: expected an http or https URL, got localhost:",
    ],
    [
      "javascript:secret",
      "Cannot create a client: expected an http or https URL, got javascript:",
    ],
  ] as const
) {
  Deno.test(`createClient() refuses the URL "${url}"`, () => {
    const error = assertThrows(() => createClient(url), TypeError);

    assertEquals(error.message, message);
    assertNotMatch(everythingOf(error), /user:secret|:secret@/);
  });
}

// ---------------------------------------------------------------- time

const timedOut = (timeout: number): string =>
  `The server has not answered within ${timeout} ms: the option timeout`;

async function assertTimesOut(
  call: () => Promise<unknown>,
  timeout: number,
): Promise<void> {
  const error = await assertRejects(call, DOMException);
  assertEquals(error.name, "TimeoutError");
  assertEquals(error.message, timedOut(timeout));
}

Deno.test("call() stops waiting for a fetch that ignores the signal", async () => {
  const { client } = clientWith(() => new Promise(() => {}), { timeout: 5 });

  await assertTimesOut(() => client.call("m"), 5);
});

Deno.test("call() takes a timeout for itself alone", async () => {
  const { client } = clientWith(() => new Promise(() => {}));

  await assertTimesOut(() => client.call("m", [], { timeout: 3 }), 3);
  await assertTimesOut(() => client.with({ timeout: 4 }).call("m"), 4);
});

Deno.test("call() tells fetch about the timeout", async () => {
  const { client } = clientWith(
    (request) =>
      new Promise((_, reject) => {
        request.signal.addEventListener(
          "abort",
          () => reject(request.signal.reason),
        );
      }),
    { timeout: 5 },
  );

  await assertTimesOut(() => client.call("m"), 5);
});

Deno.test("call() counts the body in the timeout, and cancels it", async () => {
  const body = new TrackedBody([VALUE.slice(0, 50)], true);
  const { client } = clientWith(
    () => new Response(body.stream, { headers: XML }),
    { timeout: 5 },
  );

  await assertTimesOut(() => client.call("m"), 5);

  assert(body.isFinished);
});

Deno.test("call() counts the headers function in the timeout", async () => {
  const { client, requests } = clientWith(echo, {
    headers: () => new Promise(() => {}),
    timeout: 5,
  });

  await assertTimesOut(() => client.call("m"), 5);

  assertEquals(requests, []);
});

Deno.test("call() sends nothing any more where the headers come too late", async () => {
  const headers = Promise.withResolvers<HeadersInit>();
  const { client, requests } = clientWith(echo, {
    headers: () => headers.promise,
    timeout: 5,
  });

  await assertTimesOut(() => client.call("m"), 5);
  headers.resolve({});
  await settle();

  assertEquals(requests, []);
});

Deno.test("call() cancels the body of an answer that comes too late", async () => {
  const late = Promise.withResolvers<Response>();
  const body = new TrackedBody([VALUE.slice(0, 50)], true);
  const { client } = clientWith(() => late.promise, { timeout: 5 });

  await assertTimesOut(() => client.call("m"), 5);
  late.resolve(new Response(body.stream, { headers: XML }));
  await settle();

  assert(body.isFinished);
});

Deno.test("call() follows no redirect that comes too late", async () => {
  const late = Promise.withResolvers<Response>();
  const { client, requests } = clientWith(() => late.promise, { timeout: 5 });

  await assertTimesOut(() => client.call("m"), 5);
  late.resolve(
    new Response(null, { status: 307, headers: { location: "/x" } }),
  );
  await settle();

  assertEquals(requests.length, 1);
});

for (const isHalf of [false, true]) {
  const what = isHalf ? "sends half an answer" : "never answers";
  Deno.test(`call() stops waiting for a server that ${what}`, async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const connections: Deno.Conn[] = [];
    const serving = (async () => {
      const connection = await listener.accept();
      connections.push(connection);
      if (!isHalf) return;
      await connection.write(new TextEncoder().encode(
        `HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n${
          VALUE.slice(0, 60)
        }`,
      ));
    })();
    const client = createClient(`http://127.0.0.1:${listener.addr.port}/`, {
      timeout: 200,
    });

    await assertTimesOut(() => client.call("m"), 200);

    await serving;
    for (const connection of connections) connection.close();
  });
}

Deno.test("call() passes on the platform's error where no server is there", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${listener.addr.port}/`;
  listener.close();

  const error = await assertRejects(() => createClient(url).call("m"), Error);
  const own = await assertRejects(() => fetch(url, { method: "POST" }), Error);

  assertStrictEquals(error.constructor, TypeError);
  assertStrictEquals(error.constructor, own.constructor);
  assertEquals(error.message, own.message);
});

Deno.test("call() passes on what fetch rejects with or throws", async () => {
  const thrown = new Error("mine");
  const rejecting = createClient(ADDRESS, {
    fetch: () => Promise.reject(thrown),
  });
  const throwing = createClient(ADDRESS, {
    fetch: () => {
      throw thrown;
    },
  });

  for (const client of [rejecting, throwing]) {
    assertStrictEquals(await assertRejects(() => client.call("m")), thrown);
  }
});

Deno.test("call() passes on the error of a body that breaks off", async () => {
  const thrown = new TypeError("connection lost");
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) =>
      controller.enqueue(new TextEncoder().encode(VALUE.slice(0, 60))),
    pull: () => Promise.reject(thrown),
  });
  const { client } = clientWith(() => new Response(body, { headers: XML }));

  assertStrictEquals(await assertRejects(() => client.call("m")), thrown);
});

// workerd hangs up on who still sends while it answers 413.
Deno.test("call() tells the status of an answer whose body breaks off", async () => {
  const thrown = new TypeError("connection lost");
  const body = new ReadableStream({ pull: () => Promise.reject(thrown) });
  const { client } = clientWith(() => new Response(body, { status: 413 }));

  const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

  assertEquals(error.status, STATUS_CODE.ContentTooLarge);
  assertStrictEquals(error.cause, thrown);
});

Deno.test("call() leaves the connection of a long chunked answer to the next call", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections: Deno.Conn[] = [];
  const serve = async (connection: Deno.Conn): Promise<void> => {
    const body = `${" ".repeat(100_000)}${VALUE.slice(VALUE.indexOf("<m"))}`;
    const answer = new TextEncoder().encode(
      `HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n${
        body.length.toString(16)
      }\r\n${body}\r\n0\r\n\r\n`,
    );
    while (await connection.read(new Uint8Array(9000)) !== null) {
      for (let at = 0; at < answer.length;) {
        at += await connection.write(answer.subarray(at));
      }
    }
  };
  const serving = (async () => {
    for await (const connection of listener) {
      connections.push(connection);
      serve(connection).catch(() => {});
    }
  })();
  const client = createClient(`http://127.0.0.1:${listener.addr.port}/`);

  for (let n = 0; n < 50; n++) await client.call("m");

  assertEquals(connections.length, 1);
  for (const connection of connections) connection.close();
  listener.close();
  await serving;
});

Deno.test("call() rejects where the server hangs up in the body", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    using connection = await listener.accept();
    await connection.read(new Uint8Array(9000));
    await connection.write(new TextEncoder().encode(
      `HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n${VALUE}`,
    ));
  })();

  // The document is whole, the answer is not.
  await assertRejects(
    () => createClient(`http://127.0.0.1:${listener.addr.port}/`).call("m"),
    TypeError,
  );
  await serving;
});

// ---------------------------------------------------------------- signals

for (const reason of [new Error("mine"), "text", null, 0, { a: 1 }]) {
  Deno.test(`call() rejects with the signal's own reason (${JSON.stringify(reason)})`, async () => {
    for (const where of ["client", "with", "call"]) {
      const controller = new AbortController();
      const { signal } = controller;
      const hung = clientWith(
        () => {
          controller.abort(reason);
          return new Promise(() => {});
        },
        where === "client" ? { signal } : {},
      ).client;
      const call = where === "with"
        ? hung.with({ signal }).call("m")
        : hung.call("m", [], where === "call" ? { signal } : {});

      const rejected = await call.then(
        () => fail("Expected the call to reject"),
        (error) => error,
      );

      assertStrictEquals(rejected, reason);
    }
  });
}

Deno.test("call() rejects with an AbortError where the signal has no reason", async () => {
  const controller = new AbortController();
  const { client } = clientWith(() => {
    controller.abort();
    return new Promise(() => {});
  });

  const error = await assertRejects(
    () => client.call("m", [], { signal: controller.signal }),
    DOMException,
  );

  assertEquals(error.name, "AbortError");
});

Deno.test("call() with an aborted signal sends nothing", async () => {
  const reason = new Error("mine");
  const signal = AbortSignal.abort(reason);
  let asked = 0;
  const headers = (): HeadersInit => {
    asked++;
    return {};
  };
  const { client, requests } = clientWith(echo, { headers });

  for (
    const call of [
      () => client.call("m", [], { signal }),
      () => client.with({ signal }).call("m"),
      () => client.with({ signal }).methods["m"]!(),
    ]
  ) {
    assertStrictEquals(await assertRejects(call), reason);
  }

  assertEquals(requests, []);
  assertEquals(asked, 0);
});

for (const which of [0, 1, 2]) {
  Deno.test(`call() looks at the signals of client, with and call (${which})`, async () => {
    const controllers = [0, 1, 2].map(() => new AbortController());
    const [first, second, third] = controllers.map(({ signal }) => signal);
    const { client } = clientWith(() => {
      controllers[which]!.abort(`signal ${which}`);
      return new Promise(() => {});
    }, { signal: first });

    const rejected = await client.with({ signal: second })
      .call("m", [], { signal: third })
      .catch((reason) => reason);

    assertEquals(rejected, `signal ${which}`);
  });
}

Deno.test("call() does not see a signal that aborts after it", async () => {
  const controller = new AbortController();
  const { client } = clientWith(echo);

  const result = await client.call("m", [], { signal: controller.signal });
  controller.abort();

  assertEquals(result, ["m", []]);
});

Deno.test("call() cancels the body when its signal aborts", async () => {
  const controller = new AbortController();
  const body = new TrackedBody([VALUE.slice(0, 60)], true);
  const { client } = clientWith(
    () => new Response(body.stream, { headers: XML }),
  );

  const answer = client.call("m", [], { signal: controller.signal });
  await settle();
  controller.abort("mine");

  assertEquals(await answer.catch((reason) => reason), "mine");
  assert(body.isFinished);
});

Deno.test("call() hangs up when its signal aborts", async () => {
  const gone = Promise.withResolvers<void>();
  const controller = new AbortController();
  const server = createServer({
    async wait(): Promise<void> {
      const aborted = Promise.withResolvers<void>();
      this.signal.addEventListener("abort", () => aborted.resolve());
      controller.abort("mine");
      await aborted.promise;
      gone.resolve();
    },
  });
  await using http = listen(server.fetch);
  const client = createClient(`http://127.0.0.1:${http.addr.port}/`);

  const rejected = await client
    .call("wait", [], { signal: controller.signal })
    .catch((reason) => reason);

  assertEquals(rejected, "mine");
  await gone.promise;
});

// ---------------------------------------------------------------- answers

interface ErrorCase {
  readonly what: string;
  readonly status: number;
  readonly body: string | null;
  readonly type?: string;
  readonly statusText?: string;
  readonly message: string;
}

const PAGE = "<!DOCTYPE html><html><body>Hello</body></html>";
const HTML = "text/html; charset=utf-8";
const WARNING = `<br />\n<b>Warning</b>: x in <b>y.php</b>\n${VALUE}`;
const SITE = "check the path: this one belongs to a web site";
const FAILED = "the server has failed: its log may say why";
const PATHS =
  "check the path: many servers have theirs at /RPC2, /xmlrpc or /xmlrpc.php";

const ERROR_CASES: readonly ErrorCase[] = [
  {
    what: "a web page",
    status: 200,
    statusText: "OK",
    body: PAGE,
    type: HTML,
    message: `answered 200 OK with a web page, not with XML-RPC; ${SITE}`,
  },
  {
    what: "a web page that is called XHTML",
    status: 200,
    body: '<html xmlns="http://www.w3.org/1999/xhtml"/>',
    type: "application/xhtml+xml",
    message: `answered 200 with a web page, not with XML-RPC; ${SITE}`,
  },
  {
    what: "a web page without a Content-Type",
    status: 404,
    body: `\n  ${PAGE.toLowerCase()}`,
    message: `answered 404 with a web page, not with XML-RPC; ${PATHS}`,
  },
  {
    what: "a web page",
    status: 404,
    statusText: "Not Found",
    body: PAGE,
    type: HTML,
    message:
      `answered 404 Not Found with a web page, not with XML-RPC; ${PATHS}`,
  },
  {
    what: "a web page",
    status: 500,
    body: PAGE,
    type: HTML,
    // supervisord's, for the log of a program that is no UTF-8.
    message: `answered 500 with a web page, not with XML-RPC; ${FAILED}`,
  },
  {
    what: "nothing",
    status: 500,
    body: null,
    message: `answered 500 with no body, not with XML-RPC; ${FAILED}`,
  },
  {
    what: "nothing",
    status: 401,
    body: null,
    message:
      "answered 401 with no body, not with XML-RPC; check user name and password",
  },
  {
    what: "a text",
    status: 403,
    body: "no",
    type: "text/plain",
    message:
      'answered 403 with "text/plain", not with XML-RPC; the credentials, if any, are not enough',
  },
  {
    what: "a text",
    status: 405,
    body: "no",
    type: "text/plain",
    message:
      'answered 405 with "text/plain", not with XML-RPC; check the path: this one takes no POST requests',
  },
  {
    what: "a text",
    status: 413,
    body: "no",
    type: "text/plain",
    message:
      'answered 413 with "text/plain", not with XML-RPC; the call is longer than the server allows',
  },
  {
    what: "JSON",
    status: 429,
    body: "{}",
    type: "application/json",
    message:
      'answered 429 with "application/json", not with XML-RPC; the server asks for fewer calls',
  },
  {
    what: "nothing",
    status: 503,
    body: null,
    message:
      "answered 503 with no body, not with XML-RPC; the server is busy or down for now",
  },
  {
    what: "JSON",
    status: 200,
    body: '{"jsonrpc":"2.0"}',
    type: "application/json",
    message: 'answered 200 with "application/json", not with XML-RPC',
  },
  {
    what: "bytes without a type",
    status: 418,
    body: "tea",
    message: "answered 418 with no Content-Type, not with XML-RPC",
  },
  {
    // DokuWiki's, to who may not call the method.
    what: "a value",
    status: 401,
    body: VALUE,
    type: "text/xml",
    message:
      "answered 401, and yet with a value; only a fault may come with an error; check user name and password",
  },
  {
    what: "broken XML",
    status: 500,
    body: "<methodResponse>",
    type: "text/xml",
    message: `answered 500 with "text/xml", not with XML-RPC; ${FAILED}`,
  },
  {
    what: "a PHP warning before the XML",
    status: 200,
    body: WARNING,
    type: HTML,
    message: `answered 200 with a web page, not with XML-RPC; ${SITE}`,
  },
  {
    what: "no content",
    status: 204,
    body: null,
    message: "answered 204 with no body, not with XML-RPC",
  },
  {
    what: "nothing",
    status: 200,
    body: null,
    message: "answered 200 with no body, not with XML-RPC",
  },
  {
    what: "nothing, as text",
    status: 200,
    body: "",
    type: "text/plain",
    message: "answered 200 with no body, not with XML-RPC",
  },
];

/** A response with exactly that body and type. */
function responseOf({ status, statusText, body, type }: ErrorCase): Response {
  return new Response(body === null ? null : new TextEncoder().encode(body), {
    status,
    headers: type === undefined ? {} : { "content-type": type },
    ...(statusText === undefined ? {} : { statusText }),
  });
}

for (const wrong of ERROR_CASES) {
  const { what, status, body, type, message } = wrong;
  Deno.test(`call() answered with ${what} (${status}) gives an XmlRpcHttpError`, async () => {
    const { client } = clientWith(() => responseOf(wrong));

    const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

    assertEquals(error.message, `${ADDRESS} ${message}`);
    assertEquals(error.status, status);
    assertEquals(error.url, ADDRESS);
    assertEquals(error.body, body ?? "");
    assertEquals(error.contentType, type ?? "");
    assertEquals(error.headers.get("content-type"), type ?? null);
  });
}

Deno.test("call() keeps the syntax error as the cause of an XmlRpcHttpError", async () => {
  const { client } = clientWith(() => new Response(PAGE, { status: 404 }));

  const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

  assertInstanceOf(error.cause, XmlRpcSyntaxError);
});

for (const status of [400, 404, 500, 503]) {
  Deno.test(`call() reads a fault in an answer with status ${status}`, async () => {
    const { client } = clientWith(() =>
      new Response(FAULT, { status, headers: XML })
    );

    const error = await assertRejects(() => client.call("m"), XmlRpcFault);

    assertEquals(error.message, "Too many parameters.");
  });
}

Deno.test("call() takes no value from an answer with status 500", async () => {
  const { client } = clientWith(() => xml("value", { status: 500 }));

  const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

  assertEquals(error.status, STATUS_CODE.InternalServerError);
  assertEquals(error.body, VALUE);
  assertMatch(error.message, /^http:\/\/localhost\/RPC2 answered 500/);
});

Deno.test("call() does not say of a value with status 500 that it is no XML-RPC", async () => {
  const { client } = clientWith(() => xml("value", { status: 500 }));

  const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

  assertNotMatch(error.message, /not with XML-RPC/);
});

for (
  const type of ["text/html", "text/plain", "application/octet-stream", ""]
) {
  Deno.test(`call() reads XML-RPC that is called "${type}"`, async () => {
    const { client } = clientWith(() =>
      responseOf({ what: "", status: 200, body: VALUE, type, message: "" })
    );

    assertEquals(await client.call("m"), "value");
  });
}

Deno.test("call() reads XML-RPC without a Content-Type", async () => {
  const { client } = clientWith(() =>
    responseOf({ what: "", status: 200, body: VALUE, message: "" })
  );

  assertEquals(await client.call("m"), "value");
});

for (
  const [what, body] of [
    ["half a response", "<methodResponse><params>"],
    ["a PHP warning before the XML", WARNING],
    ["a call", "<methodCall><methodName>m</methodName></methodCall>"],
    ["nothing", ""],
  ] as const
) {
  Deno.test(`call() answered with ${what} as text/xml gives an XmlRpcSyntaxError`, async () => {
    const { client } = clientWith(() => new Response(body, { headers: XML }));

    const error = await assertRejects(
      () => client.call("m"),
      XmlRpcSyntaxError,
    );

    assertMatch(error.message, /\(line \d+, column \d+\)$/);
  });
}

Deno.test("an XmlRpcHttpError has the first 2 KiB of the body, and the rest is cancelled", async () => {
  const text = "x".repeat(1000);
  const body = new TrackedBody([text, text, text, text], true);
  const { client } = clientWith(() =>
    new Response(body.stream, { status: 500 })
  );

  const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

  assertEquals(error.body, "x".repeat(2048));
  assert(body.isFinished);
});

Deno.test("an XmlRpcHttpError has a body that comes in small pieces", async () => {
  const body = new TrackedBody([..."no XML here"]);
  const { client } = clientWith(() =>
    new Response(body.stream, { status: 500 })
  );

  const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

  assertEquals(error.body, "no XML here");
  assert(body.isFinished);
});

Deno.test("call() refuses an answer longer than maxResponseBytes, and cancels it", async () => {
  const chunks = [VALUE, " ".repeat(100), " ".repeat(100)];
  const body = new TrackedBody(chunks, true);
  const limit = VALUE.length + 100;
  const { client } = clientWith(
    () => new Response(body.stream, { headers: XML }),
    { maxResponseBytes: limit },
  );

  const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

  assertEquals(
    error.message,
    `${ADDRESS} answered with more than ${limit} bytes: the limit maxResponseBytes`,
  );
  assert(body.isFinished);
});

Deno.test("call() takes an answer of exactly maxResponseBytes", async () => {
  const maxResponseBytes = VALUE.length;
  const { client } = clientWith(() => xml("value"), { maxResponseBytes });

  assertEquals(await client.call("m"), "value");
});

Deno.test("call() answered over a limit gives an XmlRpcSyntaxError that names it", async () => {
  for (const type of ["text/xml", "text/html"]) {
    const { client } = clientWith(
      () => xml([[[1]]], { headers: { "content-type": type } }),
      { maxDepth: 2 },
    );

    const error = await assertRejects(
      () => client.call("m"),
      XmlRpcSyntaxError,
      "maxDepth",
    );
    assertEquals(error.kind, "limit");
  }
});

Deno.test("call() reads the charset in the Content-Type", async () => {
  const text =
    "<methodResponse><params><param><value>\xe9</value></param></params></methodResponse>";
  const { client } = clientWith(() =>
    new Response(Uint8Array.from(text, (char) => char.charCodeAt(0)), {
      headers: { "content-type": "text/xml; charset=iso-8859-1" },
    })
  );

  assertEquals(await client.call("m"), "é");
});

// ---------------------------------------------------------------- redirects

function redirect(status: number, location?: string): Response {
  return new Response("moved", {
    status,
    headers: location === undefined ? {} : { location },
  });
}

for (const status of [301, 302, 303]) {
  Deno.test(`call() does not follow a ${status}, which would lose the call`, async () => {
    const { client, requests } = clientWith(() =>
      redirect(status, "//user:secret@other/x?y#z")
    );

    const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

    assertEquals(
      error.message,
      `${ADDRESS} answered ${status}, a redirect to http://other/x?y, which would lose the call; use that URL`,
    );
    assertEquals(error.status, status);
    assertEquals(requests.length, 1);
  });
}

for (const status of [307, 308]) {
  Deno.test(`call() follows a ${status} with the same call`, async () => {
    const bodies: string[] = [];
    const { client, requests } = clientWith(async (request, index) => {
      bodies.push(await request.text());
      return index === 0 ? redirect(status, "../new?a=b") : xml("value");
    }, { headers: { "x-token": "t" } });

    assertEquals(await client.call("m", [1]), "value");

    assertEquals(requests.map(({ url }) => url), [
      ADDRESS,
      "http://localhost/new?a=b",
    ]);
    assertEquals(requests.map(({ method }) => method), ["POST", "POST"]);
    assertEquals(bodies[0], bodies[1]);
    assertStringIncludes(bodies[0]!, "<methodName>m</methodName>");
    assertEquals([...requests[1]!.headers], [...requests[0]!.headers]);
  });
}

const KEPT: readonly (readonly [from: string, to: string, isKept: boolean])[] =
  [
    ["http://a/x", "http://a/y", true],
    ["http://a/x", "http://a:80/y", true],
    ["http://a:81/x", "http://a:81/y", true],
    ["https://a/x", "https://a/y", true],
    ["http://a/x", "https://a/x", true],
    ["http://a:80/x", "https://a:443/x", true],
    ["http://a/x", "http://b/x", false],
    ["http://a/x", "https://b/x", false],
    ["http://a/x", "http://a:81/x", false],
    ["http://a/x", "https://a:444/x", false],
    ["http://a:81/x", "https://a/x", false],
    ["http://a/x", "http://sub.a/x", false],
    ["http://a/x", "http://a.b/x", false],
  ];

for (const [from, to, isKept] of KEPT) {
  Deno.test(`call() ${isKept ? "shows" : "does not show"} credentials to ${to} after ${from}`, async () => {
    const { client, requests } = clientWith(
      (_request, index) => index === 0 ? redirect(307, to) : xml("value"),
      {
        headers: () => ({
          "Cookie": "a=b",
          "X-Api-Key": "k",
          "Proxy-Authorization": "p",
        }),
      },
      from.replace("//", "//user:secret@"),
    );

    await client.call("m");

    assertEquals(requests.length, 2);
    const { headers } = requests[1]!;
    assertEquals(
      headers.get("authorization"),
      isKept ? basic("user:secret") : null,
    );
    for (const name of ["cookie", "x-api-key", "proxy-authorization"]) {
      assertEquals(
        headers.get(name),
        isKept ? requests[0]!.headers.get(name) : null,
      );
    }
    assertEquals(headers.get("content-type"), "text/xml");
  });
}

Deno.test("call() does not show credentials again to a server that it comes back to", async () => {
  const { client, requests } = clientWith(
    (_request, index) =>
      index === 0
        ? redirect(307, "http://b/")
        : index === 1
        ? redirect(307, "http://a/")
        : xml("value"),
    { headers: { "X-Api-Key": "k" } },
    "http://user:secret@a/",
  );

  await client.call("m");

  assertEquals(requests.map(({ headers }) => headers.has("x-api-key")), [
    true,
    false,
    false,
  ]);
  assertEquals(requests[2]!.headers.get("authorization"), null);
});

Deno.test("call() follows no redirect from https to http", async () => {
  const { client, requests } = clientWith(
    () => redirect(307, "http://a/x"),
    {},
    "https://user:secret@a/x",
  );

  const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

  assertEquals(
    error.message,
    "https://a/x answered 307, a redirect to http://a/x, which is not as safe; use that URL if it is meant",
  );
  assertEquals(requests.length, 1);
});

for (
  const location of ["javascript:alert(1)", "file:///etc/passwd", "data:,x"]
) {
  for (const status of [302, 307]) {
    Deno.test(`call() follows no redirect (${status}) to ${location}`, async () => {
      const { client, requests } = clientWith(() => redirect(status, location));

      const error = await assertRejects(
        () => client.call("m"),
        XmlRpcHttpError,
      );

      assertStringIncludes(error.message, location);
      assertEquals(requests.length, 1);
      // "use that URL" is no advice for a URL that no client can use.
      assertNotMatch(error.message, /use that URL/);
    });
  }
}

for (const location of [undefined, "http://[", "http://a:port/"]) {
  for (const status of [302, 307]) {
    Deno.test(`call() answered ${status} with the Location ${location} gives an XmlRpcHttpError`, async () => {
      const { client, requests } = clientWith(() => redirect(status, location));

      const error = await assertRejects(
        () => client.call("m"),
        XmlRpcHttpError,
        `${ADDRESS} answered ${status}`,
      );

      assertEquals(error.status, status);
      assertEquals(error.headers.get("location"), location ?? null);
      assertEquals(requests.length, 1);
    });
  }
}

for (const [maxRedirects, expected] of [[undefined, 5], [2, 2], [0, 0]]) {
  Deno.test(`call() stops at maxRedirects (${maxRedirects})`, async () => {
    const { client, requests } = clientWith(() => redirect(308, "/again"), {
      maxRedirects,
    });

    const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

    const url = expected === 0 ? ADDRESS : "http://localhost/again";
    assertEquals(
      error.message,
      `${url} redirects once more: the limit maxRedirects is ${expected}`,
    );
    assertEquals(error.url, url);
    assertEquals(requests.length, expected! + 1);
  });
}

Deno.test("call() follows as many redirects as maxRedirects says", async () => {
  const { client, requests } = clientWith(
    (_request, index) => index < 3 ? redirect(307, `/${index}`) : xml("value"),
    { maxRedirects: 3 },
  );

  assertEquals(await client.call("m"), "value");
  assertEquals(requests.length, 4);
});

Deno.test("call() explains the redirect that a browser hides", async () => {
  const hidden = Object.defineProperty(xml("value"), "type", {
    value: "opaqueredirect",
  });
  const { client } = clientWith(() => hidden);

  const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

  assertEquals(
    error.message,
    `${ADDRESS} redirects, and a browser does not say where; use the URL it leads to`,
  );
});

Deno.test("call() names the server that gave the answer after a redirect", async () => {
  const { client } = clientWith((_request, index) =>
    index === 0
      ? redirect(307, "http://b/x")
      : new Response("", { status: 404 })
  );

  const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

  assertEquals(error.url, "http://b/x");
  assertMatch(error.message, /^http:\/\/b\/x answered 404/);
});

const UNREAD: readonly (readonly [
  what: string,
  init: ResponseInit,
  options: XmlRpcClientOptions,
])[] = [
  ["a 302", { status: 302, headers: { location: "/x" } }, {}],
  ["a 307 that is followed", { status: 307, headers: { location: "/x" } }, {}],
  [
    "a 307 too many",
    { status: 307, headers: { location: "/x" } },
    { maxRedirects: 0 },
  ],
  ["a redirect to nowhere", { status: 307 }, {}],
  [
    "a redirect that is not as safe",
    { status: 307, headers: { location: "ftp://a/" } },
    {},
  ],
  ["a web page", { status: 404, headers: { "content-type": HTML } }, {}],
  ["no XML", { headers: XML }, {}],
];

for (const [what, init, options] of UNREAD) {
  Deno.test(`call() reads or cancels the body of ${what}`, async () => {
    const body = new TrackedBody(["moved"]);
    const { client } = clientWith(
      (_request, index) =>
        index === 0 ? new Response(body.stream, init) : xml("value"),
      options,
    );

    await client.call("m").catch((error) => assertInstanceOf(error, Error));
    await settle();

    assert(body.isFinished);
  });
}

for (const status of [302, 307]) {
  Deno.test(`call() leaves nothing open after a ${status} over a socket`, async () => {
    await using http = listen(async (request) => {
      await request.body?.cancel();
      return new URL(request.url).pathname === "/"
        ? redirect(status, "/x")
        : xml("value");
    });
    const client = createClient(`http://127.0.0.1:${http.addr.port}/`);

    const outcome = await client.call("m").catch((error) => error.status);

    assertEquals(outcome, status === 307 ? "value" : status);
  });
}

// ---------------------------------------------------------------- options

for (
  const name of [
    "timeout",
    "maxResponseBytes",
    "maxRedirects",
    "maxDepth",
    "maxValues",
    "maxNameBytes",
    "maxTagBytes",
  ]
) {
  const wrong = { [name]: -1 };
  const message = `The option ${name} must be a number of 0 or more: -1`;

  Deno.test(`createClient() refuses a wrong ${name}`, () => {
    for (const value of [-1, NaN, "10", {}]) {
      const error = assertThrows(
        () => createClient(ADDRESS, { [name]: value }),
        RangeError,
      );
      assertEquals(
        error.message,
        `The option ${name} must be a number of 0 or more: ${value}`,
      );
    }
  });

  Deno.test(`with() refuses a wrong ${name}`, () => {
    const { client } = clientWith(echo);

    const error = assertThrows(() => client.with(wrong), RangeError);

    assertEquals(error.message, message);
  });

  Deno.test(`call() rejects a wrong ${name} and sends nothing`, async () => {
    const { client, requests } = clientWith(echo);
    let promise: Promise<unknown>;
    try {
      promise = client.call("m", [], wrong);
    } catch (error) {
      fail(`Expected a promise that rejects, but it threw ${error}`);
    }

    const error = await assertRejects(() => promise, RangeError);

    assertEquals(error.message, message);
    assertEquals(requests, []);
  });
}

for (const timeout of [Infinity, 2 ** 31]) {
  Deno.test(`createClient() refuses the timeout ${timeout}, which no timer can wait`, () => {
    const error = assertThrows(
      () => createClient(ADDRESS, { timeout }),
      RangeError,
    );

    assertEquals(
      error.message,
      `The option timeout must be at most 2147483647 ms: ${timeout}`,
    );
  });
}

for (
  const [name, value] of [
    ["timeZone", "Mars/Olympus"],
    ["i8", "float"],
    ["nil", "none"],
    ["dateTime", "raw"],
    ["fetch", "no function"],
    ["signal", "no signal"],
  ]
) {
  Deno.test(`createClient() refuses a wrong ${name} and names the option`, () => {
    const error = assertThrows(
      () => createClient(ADDRESS, { [name!]: value }),
      Error,
    );

    assertStringIncludes(error.message, name!);
  });
}

Deno.test("createClient() takes undefined options as their defaults", async () => {
  const client = createClient(ADDRESS, {
    headers: undefined,
    signal: undefined,
    timeout: undefined,
    maxResponseBytes: undefined,
    maxRedirects: undefined,
    nil: undefined,
    i8: undefined,
    fetch: (request) => echo(request),
  });

  assertEquals(await client.call("m", [1], { timeout: undefined }), ["m", [1]]);
});

for (const where of ["client", "with", "call"]) {
  Deno.test(`call() honours i8, dateTime and timeZone of the ${where}`, async () => {
    const date = new Date("1998-07-17T12:08:55Z");
    const options: XmlRpcClientOptions = {
      i8: "number",
      dateTime: (text) => `date ${text}`,
      timeZone: "+02:00",
    };
    const { client } = clientWith(echo, where === "client" ? options : {});
    const params = [5n, date];

    const result = where === "with"
      ? await client.with(options).call("m", params)
      : await client.call("m", params, where === "call" ? options : {});

    assertEquals(result, ["m", [5, "date 19980717T14:08:55"]]);
  });
}

Deno.test("call() writes dates in the time zone of the option", async () => {
  let text = "";
  const { client } = clientWith(async (request) => {
    text = await request.text();
    return xml(1);
  }, { timeZone: "+02:00" });

  await client.call("m", [new Date("1998-07-17T12:08:55Z")]);

  assertStringIncludes(text, ">19980717T14:08:55<");
});

Deno.test("call() honours typed", async () => {
  const { client } = clientWith(() => xml(5), { typed: true });

  assertEquals(await client.call("m"), int(5));
});

Deno.test("call() honours nil", async () => {
  let text = "";
  const { client } = clientWith(async (request) => {
    text = await request.text();
    return xml(1);
  }, { nil: "ex:nil" });

  await client.call("m", [null]);

  assertStringIncludes(text, "<ex:nil");
  await assertRejects(
    () => client.call("m", [null], { nil: "error" }),
    TypeError,
    "params[0]",
  );
});

// ---------------------------------------------------------------- sockets

Deno.test("call() reads the compressed answer of a server", async () => {
  const text = "cloud".repeat(10_000);
  let accepted: string | null = null;
  const server = createServer({
    get(): string {
      accepted = this.request.headers.get("accept-encoding");
      return text;
    },
  });
  let encoding: string | null = null;
  await using http = listen(async (request) => {
    const response = await server.fetch(request);
    encoding = response.headers.get("content-encoding");
    return response;
  });
  const client = createClient<typeof server.methods>(
    `http://127.0.0.1:${http.addr.port}/`,
  );

  assertEquals(await client.methods.get(), text);
  assertMatch(String(accepted), /gzip/);
  assertEquals(encoding, "gzip");
});

Deno.test("call() sends a right Content-Length and no chunks", async () => {
  const seen: Record<string, string | null> = {};
  await using http = listen(async (request) => {
    for (const name of ["content-length", "transfer-encoding"]) {
      seen[name] = request.headers.get(name);
    }
    seen["received"] = String((await request.arrayBuffer()).byteLength);
    return xml(1);
  });

  await createClient(`http://127.0.0.1:${http.addr.port}/`)
    .call("m", ["é".repeat(1000)]);

  assertEquals(seen["content-length"], seen["received"]!);
  assertEquals(seen["transfer-encoding"], null);
});

Deno.test("call() shows its credentials to the server over a socket", async () => {
  const server = createServer({
    who(): string | null {
      return this.request.headers.get("authorization");
    },
  });
  await using http = listen(server.fetch);
  const client = createClient<typeof server.methods>(
    `http://josé:s%40e@127.0.0.1:${http.addr.port}/`,
  );

  assertEquals(await client.methods.who(), basic("josé:s@e"));
});

Deno.test("call() makes 50 calls at once over sockets", async () => {
  const server = createServer({ math: { twice: (x: number) => 2 * x } });
  await using http = listen(server.fetch);
  const client = createClient<typeof server.methods>(
    `http://127.0.0.1:${http.addr.port}/`,
  );

  const results = await Promise.all(
    Array.from({ length: 50 }, (_, index) => client.methods.math.twice(index)),
  );

  assertEquals(results, Array.from({ length: 50 }, (_, index) => 2 * index));
});

Deno.test("call() reaches a server in the same process through its fetch", async () => {
  const server = createServer({
    add: (x: number, y: number) => x + y,
    fail(): never {
      throw new XmlRpcFault(7, "no");
    },
  });
  const client = createClient<typeof server.methods>(ADDRESS, {
    fetch: server.fetch,
  });

  assertEquals(await client.methods.add(8, 8), 16);
  const error = await assertRejects(() => client.call("fail"), XmlRpcFault);
  assertEquals(error.code, 7);
});
