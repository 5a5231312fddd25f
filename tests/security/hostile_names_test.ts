// Names that mean something to JavaScript, to a log or to HTTP, in every place where one
// can stand: they are names like any other.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import { within } from "../support/ends.ts";
import {
  createClient,
  type XmlRpcAnyMethods,
  type XmlRpcClient,
  type XmlRpcClientOptions,
} from "../../client.ts";
import {
  decodeCall,
  decodeResponse,
  encodeCall,
  encodeResponse,
} from "../../codec.ts";
import { XmlRpcFault, XmlRpcSyntaxError } from "../../core/errors.ts";
import { logging } from "../../examples/server_interceptors.ts";
import {
  createServer,
  method,
  methodsOf,
  type XmlRpcServerOptions,
} from "../../server.ts";
import { createThreads } from "../../threads.ts";
import type { XmlRpcType } from "../../core/types.ts";
import { answer, RawServer } from "../support/raw_server.ts";

// As every runtime but Deno has it: there, to assign `__proto__` sets a prototype.
Object.defineProperty(Object.prototype, "__proto__", {
  get(): unknown {
    return Object.getPrototypeOf(this);
  },
  set(prototype: object | null) {
    Object.setPrototypeOf(this, prototype);
  },
  configurable: true,
});

/** Names that every object has, or that JavaScript looks for. */
const NAMES = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "valueOf",
  "then",
  "toJSON",
  "length",
  "__defineGetter__",
  "asyncIterator",
  "message",
  "faultCode",
];

type Struct = Record<string, unknown>;

/** A struct with one member of its own, whatever its name. */
function struct(name: string, value: unknown): Struct {
  return Object.fromEntries([[name, value]]);
}

function nested(name: string): Struct {
  return struct(name, struct(name, [struct(name, "own")]));
}

/** Asserts that a value is what `nested` makes: of plain objects with own members. */
function assertNested(value: unknown, name: string): void {
  for (let [depth, inner] = [0, value]; depth < 3; depth++) {
    assertStrictEquals(Object.getPrototypeOf(inner), Object.prototype);
    assertEquals(Reflect.ownKeys(inner as Struct), [name]);
    const { value } = Object.getOwnPropertyDescriptor(inner, name)!;
    inner = depth === 1 ? (value as unknown[])[0] : value;
    if (depth === 2) assertEquals(value, "own");
  }
}

/** All that an object has of its own. */
function contentsOf(object: object): unknown[] {
  return Reflect.ownKeys(object).flatMap((key) => {
    const { value, get, set } = Object.getOwnPropertyDescriptor(object, key)!;
    return [key, value, get, set];
  });
}

const PROTOTYPES = [
  Object.prototype,
  Array.prototype,
  Function.prototype,
  Error.prototype,
];
const BEFORE = PROTOTYPES.map(contentsOf);

/** Asserts that what all objects share is as it was. */
function assertUnpolluted(): void {
  for (const [index, prototype] of PROTOTYPES.entries()) {
    const now = contentsOf(prototype);
    const before = BEFORE[index]!;
    assertEquals(now.length, before.length);
    assert(now.every((part, at) => Object.is(part, before[at])));
  }
}

/** A client and its server, in one process. */
function connect(
  methods: unknown,
  client: XmlRpcClientOptions = {},
  server: XmlRpcServerOptions = {},
): XmlRpcClient<XmlRpcAnyMethods> {
  const { fetch } = createServer(methods as Struct as never, server);
  return createClient("http://localhost/", { fetch, ...client });
}

/** An interceptor of either side that does nothing. */
function pass<Call>(
  call: Call,
  next: (call: Call) => Promise<unknown>,
): Promise<unknown> {
  return next(call);
}

// ---------------------------------------------------------------- values

const METHODS = {
  echo: (value: unknown) => value,
  items: async function* (value: unknown) {
    yield await value;
  },
};

/** The ways a value can go. */
const WAYS: readonly (readonly [
  what: string,
  send: (value: unknown) => Promise<unknown>,
])[] = [
  ["a call", (value) => connect(METHODS).call("echo", [value])],
  [
    "a call through interceptors",
    (value) =>
      connect(METHODS, { interceptors: [pass] }, { interceptors: [pass] })
        .call("echo", [value]),
  ],
  [
    "a typed call",
    (value) =>
      connect(METHODS, { typed: true }, { typed: true }).call("echo", [value]),
  ],
  ["a multicall", async (value) => {
    const client = connect(METHODS);
    const [first] = await client.multicall([["echo", [value]], ["echo", [1]]]);
    return (first as PromiseFulfilledResult<unknown>).value;
  }],
  ["a batch", async (value) => {
    const { methods } = connect(METHODS, { batch: true });
    const [first] = await Promise.all([methods.echo(value), methods.echo(1)]);
    return first;
  }],
  ["items", async (value) => {
    const items: unknown[] = [];
    for await (const item of connect(METHODS).items("items", [value])) {
      items.push(item);
    }
    return items[0];
  }],
  ["a fault", async (value) => {
    const document = encodeResponse(value);
    const text = new TextDecoder().decode(document)
      .replace(
        /<params><param><value>(.*)<\/value><\/param><\/params>/s,
        "<fault><value><struct><member><name>faultCode</name><value><int>1</int></value></member>" +
          "<member><name>faultString</name><value>no</value></member>" +
          "<member><name>more</name><value>$1</value></member></struct></value></fault>",
      );
    const client = createClient("http://localhost/", {
      fetch: () =>
        Promise.resolve(
          new Response(text, { headers: { "content-type": "text/xml" } }),
        ),
    });
    const fault = await assertRejects(() => client.call("m"), XmlRpcFault);
    return fault.members["more"];
  }],
];

for (const [what, send] of WAYS) {
  Deno.test(`structs keep their own members in ${what}, whatever their names`, async () => {
    for (const name of NAMES) assertNested(await send(nested(name)), name);
    assertUnpolluted();
  });
}

Deno.test("a method gets structs with their own members, whatever their names", async () => {
  for (const name of NAMES) {
    let got: unknown;
    await connect({ take: (value: unknown) => void (got = value) })
      .call("take", [nested(name)]);
    assertNested(got, name);
  }
  assertUnpolluted();
});

Deno.test("signatures have members of any name", async () => {
  for (const name of NAMES) {
    const type = struct(name, struct(name, [struct(name, "string")]));
    const echo = method(
      { params: [type as XmlRpcType], returns: type as XmlRpcType },
      (value) => value as never,
    );
    const client = connect({ echo });

    assertNested(await client.call("echo", [nested(name)]), name);
    // What is inherited is not a member.
    const fault = await assertRejects(
      () => client.call("echo", [{}]),
      XmlRpcFault,
      "params[0]",
    );
    assertEquals(fault.code, -32602);
    const described = await client.call("system.describeMethods", ["echo"]);
    assertStringIncludes(JSON.stringify(described), JSON.stringify(name));
  }
  assertUnpolluted();
});

Deno.test("a struct that names a class is a plain object", async () => {
  const members = {
    "__class__": "Date",
    "___class___": "Net::HTTP",
    "$type": "System.IO.FileInfo",
    "@class": "java.util.HashMap",
    "constructor": "Function",
    "__jsonclass__": ["Date", [0]],
  };

  const value = await connect(METHODS).call("echo", [members]);

  assertStrictEquals(Object.getPrototypeOf(value), Object.prototype);
  assertEquals(value, members);
});

for (const type of ["serializable", "dom", "date", "map", "function"]) {
  Deno.test(`no document makes an object of the type ex:${type}`, () => {
    const document =
      `<methodResponse xmlns:ex="http://ws.apache.org/xmlrpc/namespaces/extensions"><params><param><value>` +
      `<ex:${type}>rO0ABQ==</ex:${type}></value></param></params></methodResponse>`;

    const error = assertThrowsSyntax(() => decodeResponse(document));

    assertStringIncludes(error.message, `Unknown element <ex:${type}>`);
  });
}

function assertThrowsSyntax(run: () => unknown): XmlRpcSyntaxError {
  try {
    run();
  } catch (error) {
    assertInstanceOf(error, XmlRpcSyntaxError);
    return error;
  }
  throw new Error("Nothing was thrown");
}

Deno.test("every value read is of a class that XML-RPC has a type for", () => {
  const document = encodeResponse([
    1,
    2n,
    0.5,
    "x",
    true,
    null,
    new Date(0),
    new Uint8Array(1),
    [],
    {},
  ]);

  const classes = (decodeResponse(document) as unknown[])
    .filter((value) => typeof value === "object" && value !== null)
    .map((value) => Object.getPrototypeOf(value).constructor);

  assertEquals(classes, [Date, Uint8Array, Array, Object]);
});

// ---------------------------------------------------------------- methods

Deno.test("methods and groups have names that objects have, and no others of them", async () => {
  for (const name of NAMES) {
    const methods = struct(name, () => "own");
    const groups = struct(name, struct(name, () => "own"));
    const [plain, grouped] = [methods, groups].map((each) => connect(each));

    assertEquals(await plain!.call(name), "own");
    assertEquals(await grouped!.call(`${name}.${name}`), "own");
    for (const client of [plain!, grouped!]) {
      const names = await client.call("system.listMethods") as string[];
      assertEquals(
        names.filter((each) => !each.startsWith("system.")).length,
        1,
      );
      for (const other of NAMES) {
        if (other === name) continue;
        const fault = await assertRejects(
          () => client.call(other),
          XmlRpcFault,
        );
        assertEquals(fault.code, -32601);
      }
    }
  }
  assertUnpolluted();
});

Deno.test("the server lists methods whose names objects have", async () => {
  for (const name of NAMES) {
    const client = connect(
      struct(name, method({ params: ["int"], returns: "int" }, (x) => x)),
    );

    assertEquals(await client.call("system.methodSignature", [name]), [
      ["int", "int"],
    ]);
    assertEquals(await client.call("system.methodHelp", [name]), "");
    const { methodList } = await client.call("system.describeMethods", [name]);
    assertEquals(methodList.length, 1);
    assertEquals(methodList[0].name, name);
  }
});

for (
  const question of [
    "methodSignature",
    "methodHelp",
    "describeMethods",
  ]
) {
  Deno.test(`system.${question} knows no method that objects only inherit`, async () => {
    const client = connect({});
    for (const name of NAMES) {
      const fault = await assertRejects(
        () => client.call(`system.${question}`, [name]),
        XmlRpcFault,
      );
      assertEquals(fault.message, `No method "${name}"`);
    }
  });
}

Deno.test("an object's methods are its class's own, and none that all objects have", async () => {
  class Calculator {
    add(x: number, y: number): number {
      return x + y;
    }
  }
  const client = connect(methodsOf(new Calculator()));

  assertEquals(await client.call("add", [1, 2]), 3);
  for (const name of NAMES) {
    const fault = await assertRejects(() => client.call(name), XmlRpcFault);
    assertEquals(fault.code, -32601);
  }
});

Deno.test("a multicall's entries have their own members only", async () => {
  const forged = struct("__proto__", { methodName: "echo", params: [1] });

  const slots = await connect(METHODS).call("system.multicall", [[
    forged,
    { ...forged, methodName: "echo", params: [2] },
  ]]) as unknown[];

  assertEquals(slots, [
    {
      faultCode: -32600,
      faultString: "A call must have a methodName, a string",
    },
    [2],
  ]);
  assertUnpolluted();
});

Deno.test("threads have methods and values with names that objects have", async () => {
  await using threads = await createThreads<Record<string, never>>(
    new URL("./_hostile_names_methods.ts", import.meta.url),
    { size: 1 },
  );
  const methods = threads.methods as unknown as Record<
    string,
    (value?: unknown) => Promise<unknown>
  >;
  const client = connect({ own: methods });

  assertStrictEquals(Object.getPrototypeOf(methods), Object.prototype);
  // What begins with "_" is not a method.
  assert(!Object.hasOwn(methods, "__proto__"));
  for (const name of ["constructor", "hasOwnProperty", "toString"]) {
    assert(Object.hasOwn(methods, name), name);
    for (const member of NAMES) {
      assertNested(await methods[name]!(nested(member)), member);
    }
    assertNested(await client.call(`own.${name}`, [nested("a")]), "a");
  }
  assertUnpolluted();
});

for (
  const name of ["throwObject", "throwTrap", "throwRevoked", "throwNothing"]
) {
  Deno.test(`a thread survives a method that does ${name}`, async () => {
    await using threads = await createThreads<Record<string, never>>(
      new URL("./_hostile_names_methods.ts", import.meta.url),
      { size: 1 },
    );
    const client = connect(threads.methods);
    assertEquals(await client.call("count"), 1);

    const fault = await assertRejects(
      () => within(client.call(name), 20_000),
      XmlRpcFault,
    );

    assertEquals([fault.code, fault.message], [-32603, "Internal error"]);
    assertEquals(await client.call("count"), 2);
  });
}

// ---------------------------------------------------------------- options

/** Options as a program may read them from a file: they inherit nothing. */
const FORGED = JSON.parse(
  `{"__proto__": {"maxDepth": 0, "timeout": -1, "batch": "no", "maxBodyBytes": 0, "gzip": "no", "introspection": false}}`,
);

Deno.test("options are the own members of their object, not those of one called __proto__", async () => {
  const client = connect(METHODS, FORGED, FORGED);

  assertEquals(await client.call("echo", [[[1]]]), [[1]]);
  assertEquals(await client.with(FORGED).call("echo", [[[1]]]), [[1]]);
  assertEquals(await client.call("echo", [[[1]]], FORGED), [[1]]);
  assert((await client.call("system.listMethods")).length > 2);
  assertEquals(
    decodeCall(encodeCall("m", [[[1]]], FORGED), FORGED).params,
    [[[1]]],
  );
  assertUnpolluted();
});

Deno.test("headers are the own members of their object", async () => {
  let sent: Headers | undefined;
  const client = createClient("http://localhost/", {
    headers: JSON.parse(`{"__proto__": "a", "constructor": "b"}`),
    fetch(request) {
      sent = request.headers;
      return Promise.resolve(
        new Response(encodeResponse(1), {
          headers: { "content-type": "text/xml" },
        }),
      );
    },
  });

  await client.call("m");

  assertEquals([...sent!], [
    ["__proto__", "a"],
    ["constructor", "b"],
    ["content-type", "text/xml"],
  ]);
});

// ---------------------------------------------------------------- logs

/** Characters with which a line of a log can be forged, or hidden. */
const UNSAFE: readonly (readonly [what: string, character: string])[] = [
  ["LF", "\n"],
  ["CR", "\r"],
  ["TAB", "\t"],
  ["DEL", "\x7f"],
  ["NEL", "\x85"],
  ["the CSI of terminals", "\x9b"],
  ["a line separator", "\u2028"],
  ["a paragraph separator", "\u2029"],
  ["a right-to-left override", "\u202e"],
  ["a right-to-left isolate", "\u2067"],
  ["a right-to-left mark", "\u200f"],
  ["a space of no width", "\u200b"],
  ["a byte order mark", "\ufeff"],
  ["a soft hyphen", "\u00ad"],
  ["a tag", "\u{e0041}"],
];

const NOT_SHOWN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** A document with this name in it, as a reference where XML needs one. */
function callWith(methodName: string, memberName = "a"): string {
  const [name, member] = [methodName, memberName].map((text) =>
    text.replace(
      NOT_SHOWN,
      (character) => `&#${character.codePointAt(0)!};`,
    )
  );
  return `<methodCall><methodName>${name}</methodName><params><param><value><struct><member><name>${member}</name>` +
    `<value><boolean>2</boolean></value></member></struct></value></param></params></methodCall>`;
}

async function post(
  fetch: (request: Request) => Promise<Response>,
  body: BodyInit,
): Promise<Response> {
  const headers = { "content-type": "text/xml" };
  return await fetch(
    new Request("http://localhost/", { method: "POST", headers, body }),
  );
}

async function faultOf(response: Response): Promise<XmlRpcFault> {
  const bytes = await response.bytes();
  return await assertRejects(
    // deno-lint-ignore require-await
    async () => decodeResponse(bytes),
    XmlRpcFault,
  );
}

for (const [what, character] of UNSAFE) {
  Deno.test(`no method's name has ${what} in it, nor does what is logged of a call`, async () => {
    const lines: string[] = [];
    const names: unknown[] = [];
    const { fetch } = createServer({ m: () => {} }, {
      interceptors: [logging((line) => lines.push(line), () => 0)],
      onError: (_error, { methodName }) => names.push(methodName),
      dateTime: () => {
        throw new Error("told to onError");
      },
    });
    const name = `a${character}INFO all is well`;
    const date = "<dateTime.iso8601>19980717T14:08:55</dateTime.iso8601>";

    for (
      const document of [
        callWith(name),
        callWith(name).replace("<boolean>2</boolean>", date),
        new TextDecoder().decode(
          encodeCall("system.multicall", [[{ methodName: name }]]),
        ),
      ]
    ) {
      const response = await post(fetch, document);
      // The multicall answers with a fault in the call's place.
      await (document.includes("system.multicall")
        ? response.body?.cancel()
        : faultOf(response));
    }

    assertEquals(lines, ["system.multicall: ok, 0 ms"]);
    assertEquals(names, []);
  });

  Deno.test(`a message shows a member's name with ${what} in it escaped, on one line`, async () => {
    const name = `a${character}INFO all is well`;
    const { fetch } = createServer({
      typed: method(
        { params: [{ [name]: "string" }], returns: "nil" },
        () => null,
      ),
    });

    const misfit = await faultOf(
      await post(fetch, encodeCall("typed", [{ [name]: 1 }])),
    );
    const broken = await faultOf(await post(fetch, callWith("m", name)));
    const unsent = await assertRejects(
      () => connect(METHODS).call("echo", [{ [name]: NaN }]),
      RangeError,
    );

    for (const { message } of [misfit, broken, unsent]) {
      assertStringIncludes(message, "INFO all is well");
      assert(!NOT_SHOWN.test(message), JSON.stringify(message));
    }
  });
}

Deno.test("the URL of a request, as a log shows it, has no characters that could forge it", async () => {
  let url = "";
  const { fetch } = createServer({ fail: () => Promise.reject(1) }, {
    onError: (_error, { request }) => void (url = request.url),
  });
  const path = UNSAFE.map(([, character]) => character).join("a");

  const request = new Request(`http://localhost/${path}?${path}`, {
    method: "POST",
    body: encodeCall("fail"),
  });
  await (await fetch(request)).body?.cancel();

  assert(/^[\x21-\x7e]+$/.test(url), url);
});

// ---------------------------------------------------------------- headers

/** The names of the headers of a request. */
function headerNamesOf(request: string): string[] {
  const [head] = request.split("\r\n\r\n");
  return head!.split("\r\n").slice(1).map((line) =>
    line.slice(0, line.indexOf(":")).toLowerCase()
  ).sort();
}

Deno.test("nothing of a call, a URL or its credentials becomes a header of the request", async () => {
  const value = new TextDecoder().decode(encodeResponse(1));
  await using server = new RawServer(() => [
    answer({ "content-length": value.length }, value),
  ]);
  const evil = "a\r\nx-evil: 1\r\n\r\n";
  const encoded = encodeURIComponent(evil);
  const url = server.url.replace("//", `//${encoded}:${encoded}@`);

  await createClient(server.url).call("m");
  await createClient(`${url}/${encoded}?${encoded}#${encoded}`).call("m", [
    evil,
    { [evil]: evil },
  ]);

  const [plain, attacked] = server.requests.map(headerNamesOf);
  assertEquals(attacked, [...plain!, "authorization"].sort());
});

for (const name of ["value", "name"]) {
  Deno.test(`a header with a line end in its ${name} is refused, and nothing is sent`, async () => {
    let sent = 0;
    const headers: Record<string, string> = name === "value"
      ? { "x-a": "b\r\nx-evil: 1" }
      : { "x-a\r\nx-evil": "1" };
    const client = createClient("http://localhost/", {
      headers: () => headers,
      fetch: () => {
        sent++;
        return Promise.resolve(new Response());
      },
    });

    await assertRejects(() => client.call("m"), TypeError);

    assertEquals(sent, 0);
  });
}

Deno.test("nothing of a request, a result or a fault becomes a header of the response", async () => {
  const evil = "a\r\nx-evil: 1\r\n\r\n";
  const { fetch } = createServer({
    echo: (value: unknown) => value,
    fail(message: string): never {
      throw new XmlRpcFault(1, message);
    },
    error(message: string): never {
      throw new Error(message);
    },
  }, { maxBodyBytes: 1000 });
  const known = [
    "accept-encoding",
    "allow",
    "content-length",
    "content-type",
    "retry-after",
    "vary",
    "x-content-type-options",
  ];
  const headers = {
    "content-type": "text/xml",
    "x-forwarded-host": "evil",
    "accept-encoding": "evil",
    "origin": "http://evil",
  };
  const init = { method: "POST", headers };

  const requests: RequestInit[] = [
    { ...init, body: encodeCall("echo", [evil]) },
    { ...init, body: encodeCall("fail", [evil]) },
    { ...init, body: encodeCall("error", [evil]) },
    { ...init, body: encodeCall("evil") },
    { ...init, body: "evil" },
    { ...init, body: "evil".repeat(1000) },
    { method: "PUT", headers, body: "evil" },
    { method: "POST", headers: { "content-type": "text/evil" }, body: "evil" },
    {
      ...init,
      headers: { ...headers, "content-encoding": "evil" },
      body: "evil",
    },
  ];
  for (const request of requests) {
    const response = await fetch(
      new Request(`http://localhost/${encodeURIComponent(evil)}`, request),
    );
    await response.body?.cancel();
    for (const [name, value] of response.headers) {
      assert(known.includes(name), name);
      assert(!value.includes("evil"), `${name}: ${value}`);
    }
  }
});
