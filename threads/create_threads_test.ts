import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import { createThreads, type XmlRpcThreadsOptions } from "../threads.ts";
import {
  assertFault,
  createPair,
  type Methods,
  MODULE,
  openThreads,
} from "../tests/support/threads.ts";

// ---------------------------------------------------------------- methods

Deno.test("createThreads() has the functions that a module exports, and nothing else", async () => {
  await using threads = await openThreads();
  const names = Object.keys(threads.methods);
  assert(names.includes("add"));
  assert(names.includes("divide"));
  for (const name of ["_hidden", "Thing", "value"]) {
    assert(!names.includes(name), name);
  }
});

Deno.test("createThreads() gives methods that take and give what those of the module do", async () => {
  await using threads = await openThreads();
  const sum: number = await threads.methods.add(8, 8);
  assertEquals(sum, 16);
  assertEquals(await threads.methods.divide(1), 0.5);
  const refuse = () => {
    // @ts-expect-error Params have the types of the module's function.
    void threads.methods.add("8", 8);
    // @ts-expect-error No function.
    void threads.methods.value;
    // @ts-expect-error Hidden.
    void threads.methods._hidden;
    // @ts-expect-error A class.
    void threads.methods.Thing;
  };
  assertInstanceOf(refuse, Function);
});

Deno.test("createThreads() keeps signatures: checks, results and introspection", async () => {
  await using threads = await openThreads();
  const client = createPair(threads);
  assertEquals(await client.methods.heavy.divide(6, 3), 2);
  assertEquals(await client.methods.heavy.countOf({ rows: [1, 2] }), 2);
  assertEquals(await client.methods.heavy.countOf("abc"), 3);
  await assertFault(
    client.call("heavy.divide", ["6"] as never),
    -32602,
    "params[0]: expected double, got string",
  );
  await assertFault(
    client.call("heavy.divide", [1, 2, 3] as never),
    -32602,
    "Expected 1 to 2 params, got 3",
  );
  assertEquals(await client.call("system.methodSignature", ["heavy.divide"]), [
    ["double", "double", "double"],
    ["double", "double"],
  ]);
  assertEquals(
    await client.call("system.methodHelp", ["heavy.divide"]),
    "Divides.",
  );
});

Deno.test("createThreads() gives methods that system.multicall can call, unless they forbid it", async () => {
  await using threads = await openThreads();
  const slots = await createPair(threads).methods.system.multicall([
    { methodName: "heavy.add", params: [8, 8] },
    { methodName: "heavy.fail", params: [] },
    { methodName: "heavy.divide", params: [1, 2] },
  ]);
  assertEquals(slots, [[16], { faultCode: 7, faultString: "Seven" }, {
    faultCode: -32600,
    faultString: '"heavy.divide" cannot be called through system.multicall',
  }]);
});

Deno.test("createThreads() accepts the URL as a string, too", async () => {
  await using threads = await createThreads<Methods>(MODULE.href, { size: 1 });
  assertEquals(await threads.methods.add(1, 2), 3);
});

Deno.test("createThreads() has threads with variables of their own", async () => {
  await using threads = await openThreads();
  assertEquals(await threads.methods.increment(), 1);
  assertEquals(await threads.methods.increment(), 2);
  await using others = await openThreads();
  assertEquals(await others.methods.increment(), 1);
});

Deno.test("createThreads() runs as many calls at once as it has threads", async () => {
  await using threads = await openThreads({ size: 2 });
  // Of two threads at most one is at the first call, whose turn never ends by itself.
  const order: string[] = [];
  const long = threads.methods.wait(60_000).catch(() => order.push("stopped"));
  order.push(await threads.methods.spin(1));
  await threads.close();
  await long;
  assertEquals(order, ["done", "stopped"]);
});

Deno.test("createThreads() runs calls in the order they have come", async () => {
  await using threads = await openThreads();
  const { methods } = threads;
  const counts = await Promise.all(
    Array.from({ length: 20 }, () => methods.increment()),
  );
  assertEquals(counts, Array.from({ length: 20 }, (_, index) => index + 1));
});

Deno.test("createThreads() leaves other calls alone while a method computes", async () => {
  await using threads = await openThreads();
  const client = createPair(threads);
  let isDone = false;
  const long = client.methods.heavy.spin(500).then(() => isDone = true);
  // Neither does the server wait for it, nor is a call of its own held up.
  assertEquals(await client.call("system.methodHelp", ["heavy.add"]), "");
  assertEquals(isDone, false);
  await long;
});

// ---------------------------------------------------------------- start

Deno.test("createThreads() rejects with why a module cannot be loaded", async () => {
  const modules: [source: string, reason: string | RegExp][] = [
    ["throw new RangeError('No disk')", "No disk"],
    ["import './nowhere.js'", "nowhere.js"],
    ["export const x = ;", "xpression expected"],
  ];
  for (const [source, reason] of modules) {
    const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
    const error = await assertRejects(
      () => createThreads(url, { size: 2 }),
      Error,
      `Cannot load ${url.href}: `,
    );
    assert(error.message.includes(String(reason)), error.message);
    assertInstanceOf(error.cause, Error);
  }
  const missing = new URL("./no_such_module.ts", import.meta.url);
  await assertRejects(() => createThreads(missing), Error, "Cannot load file:");
});

Deno.test("createThreads() rejects a module with a method that takes a stream", async () => {
  const source = `import { method } from "${new URL(
    "../server.ts",
    import.meta.url,
  )}";
    const signature = { params: ["base64"], returns: "nil", stream: true };
    export const put = method(signature, () => {});`;
  await assertRejects(
    () => createThreads(`data:text/javascript,${encodeURIComponent(source)}`),
    Error,
    "the method put takes a stream, which cannot be passed to a thread",
  );
});

Deno.test("createThreads() rejects when a module takes too long to load", async () => {
  const url = new URL("data:text/javascript,await new Promise(() => {})");
  await assertRejects(
    () => createThreads(url, { size: 1, loadTimeout: 500 }),
    Error,
    "it has taken longer than 500 ms: the option loadTimeout",
  );
});

Deno.test("createThreads() rejects what is not an absolute URL", async () => {
  await assertRejects(
    () => createThreads("./heavy.ts"),
    TypeError,
    'Cannot load "./heavy.ts": expected an absolute URL, such as new URL("./heavy.ts", import.meta.url)',
  );
});

Deno.test("createThreads() rejects options that are out of range", async () => {
  const wrong: [options: XmlRpcThreadsOptions, message: string][] = [
    [{ size: 0 }, "The option size must be an integer of 1 or more: 0"],
    [{ size: 1.5 }, "The option size must be an integer of 1 or more: 1.5"],
    [{ maxQueue: -1 }, "The option maxQueue must be a number of 0 or more: -1"],
    [{ timeout: NaN }, "The option timeout must be a number of 0 or more: NaN"],
    [
      { timeout: 2 ** 31 },
      "The option timeout must be at most 2147483647 ms: 2147483648",
    ],
    [
      { loadTimeout: Infinity },
      "The option loadTimeout must be at most 2147483647 ms: Infinity",
    ],
  ];
  for (const [options, message] of wrong) {
    await assertRejects(
      () => createThreads(MODULE, options),
      RangeError,
      message,
    );
  }
});

Deno.test("createThreads() rejects a createWorker that is not a function", async () => {
  await assertRejects(
    () => createThreads(MODULE, { createWorker: "node" as never }),
    TypeError,
    "The option createWorker must be a function, not a string",
  );
});

Deno.test("createThreads() refuses a worker that createWorker has returned before", async () => {
  const message =
    "The option createWorker must return a new worker each time: it has returned one that a thread has already";
  let worker: Worker | undefined;
  const createWorker = (program: URL): Worker =>
    worker ??= new Worker(program, { type: "module" });
  await assertRejects(
    () => createThreads(MODULE, { size: 2, createWorker }),
    TypeError,
    message,
  );
  worker = undefined;
  await using threads = await openThreads({ createWorker });
  await assertRejects(() => openThreads({ createWorker }), TypeError, message);
  // The thread that has it goes on.
  assertEquals(await threads.methods.add(8, 8), 16);
});

Deno.test("createThreads() refuses what createWorker returns if it is not a worker", async () => {
  for (const value of [undefined, null, {}, { postMessage() {} }, "worker"]) {
    await assertRejects(
      () => openThreads({ createWorker: () => value as never }),
      TypeError,
      "The option createWorker must return a worker, with the methods postMessage and terminate",
    );
  }
});

Deno.test("createThreads() says what to do where there is no Worker", async () => {
  const { Worker } = globalThis;
  Reflect.deleteProperty(globalThis, "Worker");
  try {
    await assertRejects(
      () => createThreads(MODULE),
      TypeError,
      "there is no Worker here; set the option createWorker",
    );
  } finally {
    Object.assign(globalThis, { Worker });
  }
});

Deno.test("createThreads() has a default for each option", async () => {
  let started = 0;
  await using threads = await createThreads<Methods>(MODULE, {
    createWorker: (program) => {
      started++;
      return new Worker(program, { type: "module" });
    },
  });
  assertEquals(await threads.methods.add(8, 8), 16);
  assertEquals(started, navigator.hardwareConcurrency);
});
