// The recipes in examples/server_interceptors.ts.

import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { createClient } from "../../client.ts";
import { XmlRpcFault } from "../../core/errors.ts";
import {
  basic,
  bearer,
  isSame,
  limitRate,
  logging,
  main,
} from "../../examples/server_interceptors.ts";
import { createServer, type XmlRpcServerInterceptor } from "../../server.ts";

/** Creates a function that calls a server with this interceptor and this header. */
function createCaller(
  interceptor: XmlRpcServerInterceptor,
  authorization?: string,
): (methodName?: string) => Promise<unknown> {
  const server = createServer({
    get: () => "got",
    fail(): never {
      throw new Error("secret");
    },
  }, { interceptors: [interceptor] });
  const client = createClient("http://localhost/", {
    fetch: server.fetch,
    headers: authorization === undefined ? {} : { authorization },
  });
  return (methodName = "get") => client.call(methodName);
}

async function readCode(call: Promise<unknown>): Promise<number> {
  return (await assertRejects(() => call, XmlRpcFault)).code;
}

Deno.test("basic() accepts the right user name and password", async () => {
  const guard = basic("ada", "sécret");
  const right = `Basic ${
    btoa(String.fromCharCode(...new TextEncoder().encode("ada:sécret")))
  }`;
  assertEquals(await createCaller(guard, right)(), "got");
});

for (
  const authorization of [
    undefined,
    "",
    "Basic",
    `Basic ${btoa("ada:wrong")}`,
    `Bearer ${btoa("ada:secret")}`,
  ]
) {
  Deno.test(`basic() rejects ${JSON.stringify(authorization)}, for system.* too`, async () => {
    const call = createCaller(basic("ada", "secret"), authorization);
    assertEquals(await readCode(call()), 401);
    assertEquals(await readCode(call("system.listMethods")), 401);
    assertEquals(await readCode(call("no.such")), 401);
  });
}

Deno.test("bearer() accepts each of its tokens", async () => {
  const guard = bearer("one", "two");
  assertEquals(await createCaller(guard, "Bearer one")(), "got");
  assertEquals(await createCaller(guard, "Bearer two")(), "got");
  assertEquals(await readCode(createCaller(guard, "Bearer three")()), 401);
  assertEquals(await readCode(createCaller(guard)()), 401);
});

Deno.test("isSame() tells texts apart, whatever their lengths", async () => {
  assertStrictEquals(await isSame("", ""), true);
  assertStrictEquals(await isSame("a", "a"), true);
  assertStrictEquals(await isSame("a", "b"), false);
  assertStrictEquals(await isSame("a", "aa"), false);
  assertStrictEquals(await isSame("", "a"), false);
});

Deno.test("limitRate() allows a burst, and then the average rate", async () => {
  let time = 0;
  const call = createCaller(
    limitRate({ rate: 2, burst: 3, identify: () => "me", now: () => time }),
  );
  for (let count = 0; count < 3; count++) assertEquals(await call(), "got");
  assertEquals(await readCode(call()), 429);
  time = 499;
  assertEquals(await readCode(call()), 429);
  time = 500;
  assertEquals(await call(), "got");
  assertEquals(await readCode(call()), 429);
  time = 1e6;
  for (let count = 0; count < 3; count++) assertEquals(await call(), "got");
  assertEquals(await readCode(call()), 429);
});

Deno.test("limitRate() counts each caller separately", async () => {
  const guard = limitRate({
    rate: 1,
    burst: 1,
    identify: ({ context }) => context.request.headers.get("authorization")!,
    now: () => 0,
  });
  assertEquals(await createCaller(guard, "a")(), "got");
  assertEquals(await createCaller(guard, "b")(), "got");
  assertEquals(await readCode(createCaller(guard, "a")()), 429);
});

Deno.test("limitRate() counts each call of a multicall", async () => {
  const server = createServer({ get: () => "got" }, {
    interceptors: [
      limitRate({ rate: 1, burst: 3, identify: () => "me", now: () => 0 }),
    ],
  });
  const client = createClient<typeof server.methods>("http://localhost/", {
    fetch: server.fetch,
  });
  const results = await client.multicall([["get"], ["get"], ["get"]]);
  assertEquals(results.map(({ status }) => status), [
    "fulfilled",
    "fulfilled",
    "rejected",
  ]);
});

Deno.test("limitRate() remembers at most maxCallers", async () => {
  const guard = limitRate({
    rate: 1,
    burst: 1,
    maxCallers: 1,
    identify: ({ context }) => context.request.headers.get("authorization")!,
    now: () => 0,
  });
  assertEquals(await createCaller(guard, "a")(), "got");
  assertEquals(await createCaller(guard, "b")(), "got");
  // It was forgotten, so it may call again.
  assertEquals(await createCaller(guard, "a")(), "got");
});

Deno.test("logging() writes method, outcome and duration, but no values", async () => {
  const lines: string[] = [];
  let time = 0;
  const call = createCaller(
    logging((line) => lines.push(line), () => time += 5),
  );
  await call();
  await readCode(call("fail"));
  await readCode(call("no.such"));
  assertEquals(lines, [
    "get: ok, 5 ms",
    "fail: internal error, 5 ms",
    "no.such: fault -32601, 5 ms",
  ]);
});

Deno.test("server_interceptors.ts shows rejected and limited calls", async () => {
  const lines: string[] = [];
  await main((line) => lines.push(line));
  assertEquals(lines.filter((line) => line === "16").length, 3);
  assertEquals(
    lines.filter((line) => line === "add: fault 401, 0 ms").length,
    4,
  );
  assertEquals(lines.at(-1), "XmlRpcFault: Too many calls: wait 1 s");
});
