// What must not get out: credentials on the client's side, errors and stacks on the
// server's; and what must not be guessed.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import { createContext, runInContext } from "node:vm";
import {
  createClient,
  type XmlRpcAnyMethods,
  type XmlRpcClient,
  type XmlRpcClientOptions,
} from "../../client.ts";
import { decodeResponse, encodeCall, encodeResponse } from "../../codec.ts";
import { XmlRpcFault } from "../../core/errors.ts";
import { basic, isSame } from "../../examples/server_interceptors.ts";
import { createServer, type XmlRpcServerOptions } from "../../server.ts";

const XML = { "content-type": "text/xml" };

// ---------------------------------------------------------------- credentials

const USER = "ada lovelace";
const PASSWORD = "hunter2/@:secret";
const API_KEY = "key-7f3a";
const CREDENTIALS = encodeBase64(
  new TextEncoder().encode(`${USER}:${PASSWORD}`),
);
const URL_WITH_CREDENTIALS = `http://${encodeURIComponent(USER)}:${
  encodeURIComponent(PASSWORD)
}@127.0.0.1:1/RPC2`;

/** Everything that can be found in an error, as text: all members, of causes too. */
function everythingIn(value: unknown, seen = new Set<unknown>()): string {
  if (typeof value !== "object" || value === null) return String(value);
  if (seen.has(value)) return "";
  seen.add(value);
  const texts = [Deno.inspect(value, { depth: 20, showHidden: true })];
  if (value instanceof Headers) texts.push(JSON.stringify([...value]));
  if (value instanceof Error) {
    texts.push(String(value), value.stack ?? "", JSON.stringify(value));
  }
  for (const key of Reflect.ownKeys(value)) {
    texts.push(everythingIn(Reflect.get(value, key), seen));
  }
  return texts.join("\n");
}

function respond(
  body: BodyInit | null,
  init: ResponseInit = { headers: XML },
): XmlRpcClientOptions {
  return { fetch: () => Promise.resolve(new Response(body, init)) };
}

const redirect = (location: string, status: number): XmlRpcClientOptions =>
  respond(null, { status, headers: { location } });

type Client = XmlRpcClient<XmlRpcAnyMethods>;

/** What makes each kind of error. */
const ERRORS: readonly (readonly [
  name: string,
  what: string,
  options: XmlRpcClientOptions,
  call?: (client: Client) => Promise<unknown>,
])[] = [
  [
    "XmlRpcFault",
    "a fault",
    respond(
      "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>1</int></value></member>" +
        "<member><name>faultString</name><value>no</value></member></struct></value></fault></methodResponse>",
    ),
  ],
  ["XmlRpcHttpError", "a web page", respond("<html>", { status: 401 })],
  ["XmlRpcHttpError", "a redirect", redirect("/x", 302)],
  ["XmlRpcHttpError", "redirects without end", redirect("/x", 307)],
  ["XmlRpcHttpError", "a redirect to a file", redirect("file:///x", 307)],
  ["XmlRpcHttpError", "too much", {
    ...respond(encodeResponse("x".repeat(2000))),
    maxResponseBytes: 1000,
  }],
  ["XmlRpcSyntaxError", "broken XML", respond("<a>")],
  ["TypeError", "no server", {}],
  [
    "TypeError",
    "a param that cannot be sent",
    {},
    (client) => client.call("m", [Symbol("x")]),
  ],
  [
    "RangeError",
    "a number that cannot be sent",
    {},
    (client) => client.call("m", [NaN]),
  ],
  [
    "RangeError",
    "a wrong option",
    {},
    (client) => client.call("m", [], { timeout: -1 }),
  ],
  [
    "TypeError",
    "a stream that is none",
    respond(encodeResponse(1)),
    (client) => client.stream("m"),
  ],
  [
    "TypeError",
    "items that are none",
    respond(encodeResponse(1)),
    (client) => client.items("m").next(),
  ],
  [
    "TypeError",
    "a multicall's answer that is none",
    respond(encodeResponse(1)),
    (client) => client.multicall([["a"], ["b"]]),
  ],
  ["TimeoutError", "no answer in time", {
    fetch: () => new Promise(() => {}),
    timeout: 10,
  }],
  [
    "AbortError",
    "a call that is aborted",
    {},
    (client) => client.call("m", [], { signal: AbortSignal.abort() }),
  ],
];

for (const [name, what, options, call] of ERRORS) {
  Deno.test(`the ${name} of ${what} has no credentials in it`, async () => {
    const client = createClient(URL_WITH_CREDENTIALS, {
      headers: { "x-api-key": API_KEY, "cookie": API_KEY },
      ...options,
    });

    const error = await assertRejects(
      async () => await (call ?? ((client) => client.call("m")))(client),
    );

    assertEquals((error as Error).name, name);
    const text = everythingIn(error);
    for (
      const secret of [
        PASSWORD,
        encodeURIComponent(PASSWORD),
        "hunter2",
        CREDENTIALS,
        API_KEY,
      ]
    ) {
      assert(!text.includes(secret), `${secret} in ${text}`);
    }
  });
}

Deno.test("a client does not show its credentials when it is inspected", () => {
  const client = createClient(URL_WITH_CREDENTIALS, {
    headers: { "x-api-key": API_KEY },
  });

  const text = everythingIn(client) + JSON.stringify(client) +
    String(client.methods["m"]);

  assert(!text.includes("hunter2"), text);
  assert(!text.includes(CREDENTIALS), text);
  assert(!text.includes(API_KEY), text);
});

// ---------------------------------------------------------------- comparing

/** Calls `run` with an eye on what is hashed meanwhile. */
async function hashedBy(run: () => Promise<unknown>): Promise<string[]> {
  const { digest } = crypto.subtle;
  const hashed: string[] = [];
  crypto.subtle.digest = (algorithm, data) => {
    hashed.push(`${algorithm} ${new TextDecoder().decode(data)}`);
    return digest.call(crypto.subtle, algorithm, data);
  };
  try {
    await run();
  } finally {
    crypto.subtle.digest = digest;
  }
  return hashed;
}

Deno.test("isSame() compares hashes of both texts, however alike they are", async () => {
  for (const guess of ["", "s", "secre", "secret", "secrets", "x".repeat(99)]) {
    const hashed = await hashedBy(() => isSame(guess, "secret"));
    // Nobody chooses the bytes of a hash: that they differ early says nothing.
    assertEquals(hashed, [`SHA-256 ${guess}`, "SHA-256 secret"]);
  }
});

Deno.test("basic() does the same for a wrong user, a wrong password and none", async () => {
  const counts = new Set<number>();
  for (
    const authorization of [
      "",
      "Basic",
      `Basic ${btoa("ada")}`,
      `Basic ${btoa("eve:secret")}`,
      `Basic ${btoa("ada:wrong")}`,
      `Basic ${btoa("ada:secret")}`,
    ]
  ) {
    const { fetch } = createServer({ get: () => 1 }, {
      interceptors: [basic("ada", "secret")],
    });
    const client = createClient("http://localhost/", {
      fetch,
      headers: { authorization },
    });
    const hashed = await hashedBy(() => client.call("get").catch(() => {}));
    counts.add(hashed.length);
  }
  assertEquals([...counts], [2]);
});

// ---------------------------------------------------------------- errors

/** An error of another realm: no `instanceof` knows it. */
function foreign(code: string): unknown {
  return runInContext(code, createContext({}));
}

/** An object all of whose members throw when they are looked at. */
function trap(target: object, names: readonly string[]): object {
  for (const name of names) {
    Object.defineProperty(target, name, {
      get(): never {
        throw new Error("secret");
      },
    });
  }
  return target;
}

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

function allTraps(target: object): object {
  const handler = Object.fromEntries(
    Object.getOwnPropertyNames(Reflect).map((name) => [name, () => {
      throw new Error("secret");
    }]),
  );
  return new Proxy(target, handler);
}

/** Everything imaginable that a method may throw. */
const THROWN: readonly (readonly [what: string, make: () => unknown])[] = [
  [
    "an Error with a cause",
    () => new Error("secret", { cause: new Error("secret") }),
  ],
  [
    "an AggregateError",
    () => new AggregateError([new Error("secret")], "secret"),
  ],
  ["an error whose message throws", () => trap(new Error(), ["message"])],
  [
    "an error all of whose members throw",
    () => trap(new Error(), ["message", "name", "stack", "cause", "toString"]),
  ],
  ["an object whose toString() throws", () => trap({}, ["toString"])],
  ["an object without a prototype", () => Object.create(null)],
  ["a text of 10 MB", () => "secret".repeat(2 ** 20)],
  ["a revoked Proxy", () => revoked({})],
  ["a revoked Proxy of a fault", () => revoked(new XmlRpcFault(1, "secret"))],
  ["a Proxy that throws at each look", () => allTraps(new Error("secret"))],
  ["a Proxy of a fault, all traps", () =>
    allTraps(
      new XmlRpcFault(1, "secret"),
    )],
  ["an error of another realm", () => foreign("new Error('secret')")],
  [
    "a fault's likeness of another realm",
    () =>
      foreign(
        "Object.assign(new Error('secret'), { name: 'XmlRpcFault', code: 1 })",
      ),
  ],
  [
    "an error as a worker posts it",
    () => structuredClone(new TypeError("secret")),
  ],
  [
    "a fault whose message throws",
    () => trap(new XmlRpcFault(1, "secret"), ["message"]),
  ],
  [
    "a fault whose code throws",
    () => trap(new XmlRpcFault(1, "secret"), ["code"]),
  ],
  ["a fault whose message changes", () => {
    let looks = 0;
    return Object.defineProperty(new XmlRpcFault(1, ""), "message", {
      get: () => looks++ === 0 ? "" : Symbol("secret"),
    });
  }],
  ["a function", () => () => "secret"],
  ["a promise", () => Promise.resolve("secret")],
  ["a class", () => class Secret {}],
  ["what Deno throws", () => new Deno.errors.NotFound("/secret/path")],
];

function post(body: BodyInit): Request {
  const init = { method: "POST", headers: XML, body };
  return new Request("http://localhost/", init);
}

/** The ways in which something thrown may get to the caller. */
const WHERE: readonly (readonly [
  where: string,
  serve: (fail: () => unknown, options: XmlRpcServerOptions) => Promise<string>,
])[] = [
  ["a method", async (fail, options) => {
    const { fetch } = createServer({ fail }, options);
    return await (await fetch(post(encodeCall("fail")))).text();
  }],
  ["a method, later", async (fail, options) => {
    const later = async (): Promise<unknown> => await Promise.resolve(fail());
    const { fetch } = createServer({ fail: later }, options);
    return await (await fetch(post(encodeCall("fail")))).text();
  }],
  ["an interceptor", async (fail, options) => {
    const { fetch } = createServer({ fail: () => 1 }, {
      ...options,
      interceptors: [fail],
    });
    return await (await fetch(post(encodeCall("fail")))).text();
  }],
  ["a multicall", async (fail, options) => {
    const { fetch } = createServer({ fail }, options);
    const call = encodeCall("system.multicall", [[{ methodName: "fail" }]]);
    return await (await fetch(post(call))).text();
  }],
  ["a result that is looked at", async (fail, options) => {
    const result = Object.defineProperty({}, "member", {
      enumerable: true,
      get: fail,
    });
    const { fetch } = createServer({ fail: () => result }, options);
    return await (await fetch(post(encodeCall("fail")))).text();
  }],
];

for (const [where, serve] of WHERE) {
  for (const [what, make] of THROWN) {
    Deno.test(`the caller sees nothing of ${what} that ${where} throws`, async () => {
      const reports: unknown[] = [];
      const thrown = make();

      const text = await serve(() => {
        throw thrown;
      }, {
        onError(error) {
          reports.push(error);
          // Whoever logs it may fail, too.
          throw new Error(`secret ${String(error)}`);
        },
      });

      assert(!/secret|\.ts\b/i.test(text), text.slice(0, 1000));
      assert(text.length < 1000, `${text.length} characters`);
      const isFaultOf = /<int>(?:1|-32603)<\/int>/.test(text);
      assert(isFaultOf, text);
      if (text.includes("<int>1</int>")) return;
      assertEquals(reports.length, 1);
    });
  }
}

Deno.test("the caller sees nothing of what a method rejects with after it has answered", async () => {
  const late = Promise.withResolvers<never>();
  late.promise.catch(() => {});
  const { fetch } = createServer({ get: () => ({ value: 1, then: null }) });

  const response = await fetch(post(encodeCall("get")));
  late.reject(new Error("secret"));

  const bytes = await response.bytes();
  assertEquals(decodeResponse(bytes), { value: 1, then: null });
});

Deno.test("onError gets the error itself, with its causes", async () => {
  const thrown = new Error("secret", { cause: new Error("why") });
  const reports: unknown[] = [];
  const { fetch } = createServer({ fail: () => Promise.reject(thrown) }, {
    onError: (error) => reports.push(error),
  });

  await (await fetch(post(encodeCall("fail")))).body?.cancel();

  assertStrictEquals(reports[0], thrown);
});

// ---------------------------------------------------------------- guessing

/** A server whose `login` takes user and password, as many an API does. */
function createDoor(options: XmlRpcServerOptions) {
  const guesses: string[] = [];
  const server = createServer({
    login(_user: string, password: string): string {
      guesses.push(password);
      if (password === "secret") return "welcome";
      throw new XmlRpcFault(403, "Wrong password");
    },
  }, options);
  return { server, guesses };
}

const THOUSAND = Array.from({ length: 1000 }, (_, index) => ({
  methodName: "login",
  params: ["ada", `guess${index}`],
}));

async function outcomesOf(
  fetch: (request: Request) => Promise<Response>,
  params: readonly unknown[],
): Promise<unknown[]> {
  const client = createClient("http://localhost/", { fetch });
  return await client.call("system.multicall", params) as unknown[];
}

Deno.test("an interceptor that locks out after three wrong passwords does so within a multicall", async () => {
  let failures = 0;
  const { server, guesses } = createDoor({
    interceptors: [async (call, next) => {
      if (failures >= 3) throw new XmlRpcFault(429, "Locked out");
      try {
        return await next(call);
      } catch (error) {
        failures++;
        throw error;
      }
    }],
  });

  const outcomes = await outcomesOf(server.fetch, [THOUSAND]);

  assertEquals(guesses, ["guess0", "guess1", "guess2"]);
  assertEquals(
    outcomes.filter((slot) => (slot as { faultCode: number }).faultCode === 429)
      .length,
    997,
  );
});

Deno.test("a multicall without authorization reaches no method, however many it calls", async () => {
  const { server, guesses } = createDoor({
    interceptors: [basic("ada", "secret")],
  });

  const fault = await assertRejects(
    () => outcomesOf(server.fetch, [THOUSAND]),
    XmlRpcFault,
  );

  assertEquals(fault.code, 401);
  assertEquals(guesses, []);
});

Deno.test("an interceptor that lets only some in for a method does so within a multicall", async () => {
  const { server, guesses } = createDoor({
    interceptors: [({ methodName, ...rest }, next) => {
      if (methodName === "login") throw new XmlRpcFault(403, "Forbidden");
      return next({ methodName, ...rest });
    }],
  });

  const outcomes = await outcomesOf(server.fetch, [THOUSAND]);

  assertEquals(guesses, []);
  assert(
    outcomes.every((slot) => (slot as { faultCode: number }).faultCode === 403),
  );
});

Deno.test("a multicall in a multicall calls nothing, at any depth", async () => {
  const { server, guesses } = createDoor({});
  let entries: unknown[] = THOUSAND;
  for (let depth = 0; depth < 20; depth++) {
    entries = [{ methodName: "system.multicall", params: [entries] }];
  }

  const outcomes = await outcomesOf(server.fetch, [entries]);

  assertEquals(guesses, []);
  assertInstanceOf(outcomes, Array);
  assertEquals((outcomes[0] as { faultCode: number }).faultCode, -32600);
});

Deno.test("multicall: false leaves nothing to call many methods with", async () => {
  const { server, guesses } = createDoor({ multicall: false });

  await assertRejects(
    () => outcomesOf(server.fetch, [THOUSAND]),
    XmlRpcFault,
    'No method "system.multicall"',
  );

  assertEquals(guesses, []);
});
