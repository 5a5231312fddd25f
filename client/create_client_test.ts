import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  createClient,
  type XmlRpcAnyMethods,
  type XmlRpcClient,
} from "../client.ts";
import { XmlRpcFault } from "../core/errors.ts";
import {
  ADDRESS,
  clientWith,
  echo,
  FAULT,
  settle,
  XML,
  xml,
} from "../tests/support/client_calls.ts";

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

// ---------------------------------------------------------------- methods

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

Deno.test("methods does not take a param for options", async () => {
  const { methods } = anyClient();

  assertEquals(await methods["m"]([1], { timeout: 0 }), [
    "m",
    [[1], { timeout: 0 }],
  ]);
});

Deno.test("methods is not a method itself", async () => {
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

Deno.test("methods has no symbols, and can be inspected", () => {
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

Deno.test("methods are not constructors", () => {
  const Method = anyClient().methods["m"];

  assertThrows(() => new Method(), TypeError);
});
