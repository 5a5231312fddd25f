import {
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import type { XmlRpcClientOptions } from "../client.ts";
import { encodeFault } from "../codec.ts";
import {
  type Connected,
  connectFake,
  type FakeMethod,
  type FakeServer,
  METHODS,
  multicallOf,
  namesOf,
  respondXml,
} from "../tests/support/fake_server.ts";
import { XmlRpcFault } from "../core/errors.ts";

/** A batching client of a server, which has a multicall unless `methods` has another one. */
function connect(
  methods: Readonly<Record<string, FakeMethod>> = {},
  options: XmlRpcClientOptions = {},
): Connected {
  return connectFake({ ...METHODS, ...methods }, { batch: true, ...options });
}

/** The names of the methods in each request's multicall. */
function batchesOf({ calls }: FakeServer): string[][] {
  return calls.map(({ params }) =>
    (params[0] as { methodName: string }[]).map(({ methodName }) => methodName)
  );
}

/** What each promise was rejected with. */
async function reasonsOf(
  promises: readonly Promise<unknown>[],
): Promise<unknown[]> {
  const results = await Promise.allSettled(promises);
  return results.map((result) =>
    result.status === "rejected" ? result.reason : result
  );
}

Deno.test("batch sends calls made together as one multicall, and settles each alone", async () => {
  const { client, server } = connect();
  const { methods } = client;

  const calls = [methods.add(1, 2), client.call("echo", ["x"]), methods.fail()];

  assertEquals(await calls[0], 3);
  assertEquals(await calls[1], "x");
  const fault = await assertRejects(() => calls[2]!, XmlRpcFault, "no luck");
  assertEquals(fault.code, 1);
  assertEquals(batchesOf(server), [["add", "echo", "fail"]]);
});

Deno.test("batch sends one call alone as it is", async () => {
  const { client, server } = connect();

  assertEquals(await client.methods.add(1, 2), 3);
  await assertRejects(() => client.methods.fail(), XmlRpcFault, "no luck");

  assertEquals(namesOf(server), ["add", "fail"]);
});

Deno.test("batch gathers calls that are some promises apart", async () => {
  const { client, server } = connect();
  const callLate = async (turns: number): Promise<unknown> => {
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    return await client.methods.add(turns, 0);
  };

  assertEquals(await Promise.all([0, 1, 5, 50].map(callLate)), [0, 1, 5, 50]);

  assertEquals(batchesOf(server), [["add", "add", "add", "add"]]);
});

Deno.test("batch sends calls of another turn in a request of their own", async () => {
  const { client, server } = connect();
  const { methods } = client;

  await Promise.all([methods.add(1, 2), methods.echo(1)]);
  await Promise.all([methods.echo(2), methods.add(1, 2)]);

  assertEquals(batchesOf(server), [["add", "echo"], ["echo", "add"]]);
});

Deno.test("batch is off unless asked for", async () => {
  for (const batch of [false, undefined]) {
    const { client, server } = connect({}, { batch });
    const { methods } = client;

    await Promise.all([methods.add(1, 2), methods.echo(1)]);

    assertEquals(namesOf(server), ["add", "echo"]);
  }
});

Deno.test("batch can be switched on and off by with(), and gathers by client", async () => {
  const { client, server } = connect();
  const plain = client.with({ batch: false });
  const other = plain.with({ batch: true, headers: { a: "1" } });

  await Promise.all([
    plain.methods.echo(1),
    client.methods.add(1, 1),
    other.methods.echo(2),
    client.methods.add(2, 2),
    other.methods.echo(3),
  ]);

  assertEquals(namesOf(server), [
    "echo",
    "system.multicall",
    "system.multicall",
  ]);
  assertEquals(
    server.requests.map(({ headers }) => headers.get("a")),
    [null, null, "1"],
  );
});

Deno.test("batch leaves a call with options of its own alone", async () => {
  const { client, server } = connect();

  await Promise.all([
    client.call("add", [1, 2]),
    client.call("echo", [1], { timeout: 1000 }),
    client.call("add", [3, 4]),
  ]);

  assertEquals(namesOf(server), ["echo", "system.multicall"]);
});

Deno.test("batch leaves multicalls alone", async () => {
  const { client, server } = connect();
  const entries = [{ methodName: "add", params: [1, 2] }];

  const results = await Promise.all([
    client.multicall([["add", [1, 2]]]),
    client.call("system.multicall", [entries]),
    client.methods.add(1, 2),
  ]);

  assertEquals(results, [
    [{ status: "fulfilled", value: 3 }],
    [[3]],
    3,
  ]);
  assertEquals(namesOf(server), [
    "system.multicall",
    "system.multicall",
    "add",
  ]);
});

Deno.test("batch sends more calls than maxCalls in several requests", async () => {
  const { client, server } = connect({}, { maxCalls: 2 });
  const numbers = [0, 1, 2, 3, 4];

  const results = await Promise.all(
    numbers.map((number) => client.methods.echo(number)),
  );

  assertEquals(results, numbers);
  assertEquals(batchesOf(server), [["echo", "echo"], ["echo", "echo"], [
    "echo",
  ]]);
});

Deno.test("batch does not see what the caller changes later", async () => {
  const { client } = connect();
  const row = { id: 0 };

  const calls = [1, 2].map((id) => {
    row.id = id;
    return client.methods.echo(row);
  });

  assertEquals(await Promise.all(calls), [{ id: 1 }, { id: 2 }]);
});

Deno.test("batch rejects only the call that cannot be sent", async () => {
  const { client, server } = connect();
  const { methods } = client;

  const calls = [methods.echo(NaN), methods.echo(1), client.call("a b")];

  const [bad, one, worse] = await reasonsOf(calls);
  assertInstanceOf(bad, RangeError);
  assertEquals(one, { status: "fulfilled", value: 1 });
  assertInstanceOf(worse, TypeError);
  assertEquals(batchesOf(server), [["echo"]]);
});

Deno.test("batch rejects a param that cannot be inspected", async () => {
  const { client } = connect();
  const failure = new Error("no access");
  const param = {
    get value(): never {
      throw failure;
    },
  };

  const [bad, one] = await reasonsOf([
    client.methods.echo(param),
    client.methods.echo(1),
  ]);

  assertStrictEquals(bad, failure);
  assertEquals(one, { status: "fulfilled", value: 1 });
});

Deno.test("batch rejects all its calls with the error of the request", async () => {
  const failure = new TypeError("no connection");
  const { client } = connect({}, { fetch: () => Promise.reject(failure) });

  const reasons = await reasonsOf([
    client.methods.echo(1),
    client.methods.echo(2),
  ]);

  assertStrictEquals(reasons[0], failure);
  assertStrictEquals(reasons[1], failure);
});

Deno.test("batch rejects all its calls with the fault of the multicall", async () => {
  const { client, server } = connect({
    "system.multicall": () =>
      respondXml(encodeFault({ code: 1, message: "not today" })),
  });

  const reasons = await reasonsOf([
    client.methods.echo(1),
    client.methods.echo(2),
  ]);

  assertEquals(reasons.map((reason) => (reason as Error).message), [
    "not today",
    "not today",
  ]);
  assertEquals(namesOf(server), ["system.multicall"]);
});

Deno.test("batch rejects all its calls when the client's signal aborts", async () => {
  const controller = new AbortController();
  const { client } = connect({
    "system.multicall": () => {
      controller.abort("enough");
      return new Promise(() => {});
    },
  }, { signal: controller.signal });

  const during = await reasonsOf([
    client.methods.echo(1),
    client.methods.echo(2),
  ]);
  const after = await reasonsOf([
    client.methods.echo(1),
    client.methods.echo(2),
  ]);

  assertEquals(during, ["enough", "enough"]);
  assertEquals(after, ["enough", "enough"]);
});

Deno.test("batch calls one by one, in order, where the server has no multicall", async () => {
  const { client, server } = connect({
    "system.multicall": () => {
      throw new XmlRpcFault(-32601, "no such method");
    },
  });
  const { methods } = client;

  const [three, reason, x] = await reasonsOf([
    methods.add(1, 2),
    methods.fail(),
    methods.echo("x"),
  ]);
  await Promise.all([methods.echo(1), methods.echo(2)]);

  assertEquals([three, x], [
    { status: "fulfilled", value: 3 },
    { status: "fulfilled", value: "x" },
  ]);
  assertInstanceOf(reason, XmlRpcFault);
  assertEquals(namesOf(server), [
    "system.multicall",
    "add",
    "fail",
    "echo",
    "echo",
    "echo",
  ]);
});

for (const name of ["then", "toJSON", "constructor", "__proto__", "toString"]) {
  Deno.test(`batch calls a method called ${name}`, async () => {
    const methods = Object.fromEntries([[name, (x: number) => -x]]);
    const { client } = connect({ "system.multicall": multicallOf(methods) });

    assertEquals(
      await Promise.all([client.call(name, [1]), client.call(name, [2])]),
      [-1, -2],
    );
  });
}
