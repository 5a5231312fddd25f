import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { createClient } from "../client.ts";
import {
  createServer,
  type XmlRpcContext,
  type XmlRpcServerCall,
} from "../server.ts";

const DOCUMENTED = ["methodName", "request", "signal"];

/** The names and symbols of all properties that an object has, or inherits. */
function listKeys(context: object): PropertyKey[] {
  const keys = new Set<PropertyKey>();
  for (
    let owner: object | null = context;
    owner !== null && owner !== Object.prototype;
    owner = Object.getPrototypeOf(owner) as object | null
  ) {
    for (const key of Reflect.ownKeys(owner)) keys.add(key);
  }
  keys.delete("constructor");
  return [...keys].sort();
}

/** Calls a method, alone or in a multicall; gives what it had as `this`. */
async function catchContext(inMulticall: boolean): Promise<XmlRpcContext> {
  const contexts: XmlRpcContext[] = [];
  const server = createServer({
    take(): void {
      contexts.push(this);
    },
  });
  const client = createClient<typeof server.methods>("http://localhost/", {
    fetch: server.fetch,
  });
  if (inMulticall) await client.multicall([["take"]]);
  else await client.methods.take();
  assertEquals(contexts.length, 1);
  return contexts[0]!;
}

for (const inMulticall of [false, true]) {
  const where = inMulticall ? "in a multicall" : "alone";

  Deno.test(`a method that is called ${where} sees only documented members of its context`, async () => {
    const context = await catchContext(inMulticall);
    assertEquals(listKeys(context), DOCUMENTED);
    const own = Object.keys(context).concat(
      Object.getOwnPropertyNames(context),
    );
    assert(own.every((name) => DOCUMENTED.includes(name)));
    assertEquals(Object.getOwnPropertySymbols(context), []);
    assertEquals((context as { origin?: unknown }).origin, undefined);
    assertEquals((context as { inFlight?: unknown }).inFlight, undefined);
    assert(context.request instanceof Request);
    assertEquals(context.methodName, "take");
    assert(context.signal instanceof AbortSignal);
  });

  Deno.test(`a method that is called ${where} finds nothing private behind the class of its context`, async () => {
    const { constructor } = await catchContext(inMulticall);
    const names = Reflect.ownKeys(constructor).filter((key) =>
      !["length", "name", "prototype"].includes(String(key))
    );
    assertEquals(names, []);
  });
}

/** Calls `methods` through an interceptor that replaces each context. */
async function callWith(
  replace: (context: XmlRpcContext) => XmlRpcContext,
): Promise<unknown[]> {
  const server = createServer({
    path(): string {
      return new URL(this.request.url).pathname;
    },
    isWanted(): boolean {
      return !this.signal.aborted;
    },
  }, {
    interceptors: [
      (call, next) => next({ ...call, context: replace(call.context) }),
    ],
  });
  const client = createClient<typeof server.methods>("http://localhost/RPC2", {
    fetch: server.fetch,
  });
  const results = await client.multicall([["path"], ["isWanted"]]);
  return [
    await client.methods.path(),
    await client.methods.isWanted(),
    ...results.map((result) => result.status === "fulfilled" && result.value),
  ];
}

const REPLACEMENTS: [
  title: string,
  replace: (context: XmlRpcContext) => XmlRpcContext,
][] = [
  ["inherits from it", (context) => Object.create(context)],
  [
    "inherits from one that does",
    (context) => Object.create(Object.create(context)),
  ],
  [
    "has the same members",
    ({ request, methodName, signal }) => ({ request, methodName, signal }),
  ],
];

for (const [title, replace] of REPLACEMENTS) {
  Deno.test(`an interceptor may replace a context by an object that ${title}, a multicall's too`, async () => {
    assertEquals(await callWith(replace), ["/RPC2", true, "/RPC2", true]);
  });
}

Deno.test("a context is the same object for interceptors and the method", async () => {
  const seen: unknown[] = [];
  const server = createServer({
    take(): void {
      seen.push(this);
    },
  }, {
    interceptors: [(call: XmlRpcServerCall, next) => {
      seen.push(call.context);
      return next(call);
    }],
  });
  await createClient("http://localhost/", { fetch: server.fetch }).call("take");
  assertStrictEquals(seen[0], seen[1]);
});
