import {
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { dateTime, double, XmlRpcTyped } from "../core/typed.ts";
import { createShrunkViews } from "../tests/support/lost_bytes.ts";
import {
  assertFault,
  createPair,
  openThreads,
} from "../tests/support/threads.ts";

const VALUES: readonly unknown[] = [
  "text",
  0,
  -0,
  1.5,
  NaN,
  5n,
  true,
  null,
  undefined,
  new Date(0),
  new Uint8Array([1, 2]),
  [],
  [1, [2, { a: [3] }]],
  { rows: [{ price: 1 }], "a b": null },
  JSON.parse('{"__proto__": {"x": 1}, "constructor": 2, "toString": 3}'),
  double(20),
  { rows: [double(20), { at: dateTime("19980717T14:08:55") }, 1], b: 5n },
];

for (const value of VALUES) {
  Deno.test(`createThreads() carries ${Deno.inspect(value)} both ways`, async () => {
    await using threads = await openThreads();
    // Bytes are transferred; the copy is for the comparison.
    const given = value instanceof Uint8Array ? value.slice() : value;
    assertEquals(await threads.methods.echo(given), value);
  });
}

Deno.test("createThreads() carries wrappers as what they are", async () => {
  await using threads = await openThreads();
  const value = { price: double(20) };
  assertEquals(await threads.methods.isTyped(value), true);
  assertInstanceOf(value.price, XmlRpcTyped);
  assertEquals(await createPair(threads).methods.heavy.wrapped(), {
    price: 20,
    at: [new Date("1998-07-17T14:08:55Z")],
  });
});

Deno.test("createThreads() carries values by their classes", async () => {
  await using threads = await openThreads();
  const { classOf } = threads.methods;
  assertEquals(await classOf(new Date(0)), "Date");
  assertEquals(await classOf(new Uint8Array(1)), "Uint8Array");
  assertEquals(await classOf(new ArrayBuffer(1)), "ArrayBuffer");
  assertEquals(await classOf(double(1)), "XmlRpcTyped");
  assertEquals(await classOf(5n), "BigInt");
});

Deno.test("createThreads() hands bytes over that fill their buffer", async () => {
  await using threads = await openThreads();
  const given = new Uint8Array(1_000_000).fill(7);
  const back = await threads.methods.echo({ rows: [given] });
  assertEquals(given.buffer.detached, true);
  const { rows: [bytes] } = back as { rows: [Uint8Array] };
  assertEquals(bytes, new Uint8Array(1_000_000).fill(7));
});

Deno.test("createThreads() copies bytes of a larger buffer, and no more than them", async () => {
  await using threads = await openThreads();
  const given = new Uint8Array([1, 2, 3, 4]);
  const back = await threads.methods.echo(given.subarray(1, 3)) as Uint8Array;
  assertEquals(given, new Uint8Array([1, 2, 3, 4]));
  assertEquals(back, new Uint8Array([2, 3]));
  const part = await threads.methods.part();
  assertEquals([part.length, part.buffer.byteLength], [2, 2]);
});

Deno.test("createThreads() hands over bytes once that come twice in a value", async () => {
  await using threads = await openThreads();
  const given = new Uint8Array([1]);
  assertEquals(await threads.methods.echo([given, given]), [
    new Uint8Array([1]),
    new Uint8Array([1]),
  ]);
});

Deno.test("createThreads() names bytes that a method returns after they have been transferred", async () => {
  await using threads = await openThreads();
  assertEquals(await threads.methods.keeps(), new Uint8Array([1, 2, 3]));
  await assertRejects(
    () => threads.methods.keeps(),
    Error,
    "Cannot pass bytes at value: bytes that have been transferred cannot be read; pass a copy, made with slice()",
  );
});

Deno.test("createThreads() refuses views that are outside of their shrunk buffer", async () => {
  await using threads = await openThreads();
  for (const view of createShrunkViews()) {
    await assertRejects(
      async () => await threads.methods.echo(view),
      TypeError,
      "Cannot pass bytes at params[0]: bytes outside of their shrunk buffer cannot be read",
    );
  }
});

const REFUSED: readonly [value: unknown, message: string][] = [
  [() => 1, "a function at params[0]"],
  [{ rows: [1, { f() {} }] }, "a function at params[0].rows[1].f"],
  [Symbol("s"), "a symbol at params[0]"],
  [[new Map()], "a Map at params[0][0]"],
  [new Set(), "a Set at params[0]"],
  [new Error("x"), "an Error at params[0]"],
  [Promise.resolve(), "a Promise at params[0]"],
  [new ReadableStream(), "a ReadableStream at params[0]"],
  [(async function* () {})(), "an AsyncGenerator at params[0]"],
];

for (const [value, message] of REFUSED) {
  Deno.test(`createThreads() cannot pass ${message}`, async () => {
    await using threads = await openThreads();
    await assertRejects(
      () => threads.methods.echo(value),
      TypeError,
      `Cannot pass ${message}: threads exchange only values of XML-RPC, and no streams`,
    );
    assertEquals(await threads.methods.echo(1), 1);
  });
}

Deno.test("createThreads() cannot pass an object that contains itself", async () => {
  await using threads = await openThreads();
  const value: Record<string, unknown> = { both: [{}] };
  value.self = [value];
  await assertRejects(
    () => threads.methods.echo(value),
    TypeError,
    "Cannot pass an object at params[0].self[0]: it contains itself",
  );
});

Deno.test("createThreads() passes each shared part of a value once, both ways, and it stays shared", async () => {
  await using threads = await openThreads();
  const { depthOfShared, share, echo } = threads.methods;
  let value: unknown = { rows: [double(20)] };
  // 2^60 paths lead to the struct.
  for (let level = 0; level < 60; level++) value = [value, value];
  assertEquals(await depthOfShared(value), 60);
  let result = await share(60);
  for (let level = 0; level < 60; level++) {
    const [first, second]: unknown[] = result as unknown[];
    assertStrictEquals(first, second);
    result = first;
  }
  assertInstanceOf(result, XmlRpcTyped);
  const part = new Uint8Array(8).subarray(0, 4);
  const [one, other] = await echo([part, part]) as Uint8Array[];
  assertStrictEquals(one, other);
});

Deno.test("createThreads() names the part of a result that cannot be passed", async () => {
  await using threads = await openThreads();
  await assertRejects(
    () => threads.methods.giveFunction(),
    Error,
    "Cannot pass a function at value.call: threads exchange only values of XML-RPC, and no streams",
  );
});

Deno.test("createThreads() does not take messages of the module itself for replies", async () => {
  await using threads = await openThreads();
  assertEquals(await threads.methods.chat(), "after");
});

// ---------------------------------------------------------------- errors

Deno.test("createThreads() passes faults on", async () => {
  await using threads = await openThreads();
  await assertFault(threads.methods.fail(), 7, "Seven");
  await assertFault(createPair(threads).methods.heavy.fail(), 7, "Seven");
});

Deno.test("createThreads() rejects with the name, message and stack of what a method has thrown", async () => {
  await using threads = await openThreads();
  const error = await assertRejects(() => threads.methods.crashed(), Error);
  assertEquals([error.name, error.message], [
    "RangeError",
    "The disk is full",
  ]);
  assertMatch(error.stack!, /support\/thread_methods\.ts:\d+/);
  await assertRejects(() => threads.methods.thrown(), Error, "a text");
});

Deno.test("createThreads() passes on what was thrown even if it can hardly be inspected, and keeps the thread", async () => {
  await using threads = await openThreads();
  const { methods } = threads;
  assertEquals(await methods.increment(), 1);
  const unseen = "The thrown value cannot be read";
  await assertRejects(() => methods.throwBare(), Error, unseen);
  await assertRejects(() => methods.throwSecret(), Error, unseen);
  await assertRejects(() => methods.throwNamed(), Error, "Odd");
  assertEquals(await methods.increment(), 2);
});

Deno.test("createThreads() tells onError of an error, and its caller nothing", async () => {
  await using threads = await openThreads();
  const errors: unknown[] = [];
  const client = createPair(threads, {
    onError: (error, { methodName }) => errors.push(methodName, error),
  });
  await assertFault(client.methods.heavy.crashed(), -32603, "Internal error");
  assertEquals(errors[0], "heavy.crashed");
  assertMatch((errors[1] as Error).message, /The disk is full/);
});
