import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
} from "@std/assert";
import { Worker as NodeWorker } from "node:worker_threads";
import { createClient, type XmlRpcClient } from "../client.ts";
import { XmlRpcFault } from "../core/errors.ts";
import { createServer, type XmlRpcServerOptions } from "../server.ts";
import {
  createThreads,
  type XmlRpcThreads,
  type XmlRpcThreadsOptions,
} from "../threads.ts";
import { dateTime, double, XmlRpcTyped } from "../core/typed.ts";

type Methods = typeof import("../tests/support/thread_methods.ts");

const MODULE = new URL("../tests/support/thread_methods.ts", import.meta.url);

/** One thread, unless a test wants more. */
function open(
  options: XmlRpcThreadsOptions = {},
): Promise<XmlRpcThreads<Methods>> {
  return createThreads<Methods>(MODULE, { size: 1, ...options });
}

/** A worker that can be stopped in a loop, and whose memory has a limit. */
function createNodeWorker(program: URL): NodeWorker {
  return new NodeWorker(program, {
    resourceLimits: { maxOldGenerationSizeMb: 64 },
  });
}

/** What a server has of the methods. */
interface Api {
  readonly heavy: XmlRpcThreads<Methods>["methods"];
  readonly system: {
    listMethods(): string[];
    methodSignature(name: string): string[][];
    methodHelp(name: string): string;
    multicall(calls: readonly unknown[]): unknown[];
  };
}

/** A client of a server that has the methods. */
function createPair(
  { methods }: XmlRpcThreads<Methods>,
  options?: XmlRpcServerOptions,
): XmlRpcClient<Api> {
  const { fetch } = createServer({ heavy: methods }, options);
  return createClient<Api>("http://localhost/", { fetch });
}

async function assertFault(
  call: Promise<unknown>,
  code: number,
  message: string | RegExp,
): Promise<void> {
  const fault = await assertRejects(() => call, XmlRpcFault);
  assertEquals(fault.code, code);
  if (message instanceof RegExp) assertMatch(fault.message, message);
  else assertEquals(fault.message, message);
}

// ---------------------------------------------------------------- methods

Deno.test("createThreads() has the functions that a module exports, and nothing else", async () => {
  await using threads = await open();
  const names = Object.keys(threads.methods);
  assert(names.includes("add"));
  assert(names.includes("divide"));
  for (const name of ["_hidden", "Thing", "value"]) {
    assert(!names.includes(name), name);
  }
});

Deno.test("createThreads() gives methods that take and give what those of the module do", async () => {
  await using threads = await open();
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
  await using threads = await open();
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
  await using threads = await open();
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

Deno.test("createThreads() takes the URL as a string, too", async () => {
  await using threads = await createThreads<Methods>(MODULE.href, { size: 1 });
  assertEquals(await threads.methods.add(1, 2), 3);
});

Deno.test("createThreads() has threads with variables of their own", async () => {
  await using threads = await open();
  assertEquals(await threads.methods.increment(), 1);
  assertEquals(await threads.methods.increment(), 2);
  await using others = await open();
  assertEquals(await others.methods.increment(), 1);
});

Deno.test("createThreads() runs as many calls at once as it has threads", async () => {
  await using threads = await open({ size: 2 });
  // Of two threads at most one is at the first call, whose turn never ends by itself.
  const order: string[] = [];
  const long = threads.methods.wait(60_000).catch(() => order.push("stopped"));
  order.push(await threads.methods.spin(1));
  await threads.close();
  await long;
  assertEquals(order, ["done", "stopped"]);
});

Deno.test("createThreads() runs calls in the order they have come", async () => {
  await using threads = await open();
  const { methods } = threads;
  const counts = await Promise.all(
    Array.from({ length: 20 }, () => methods.increment()),
  );
  assertEquals(counts, Array.from({ length: 20 }, (_, index) => index + 1));
});

Deno.test("createThreads() leaves other calls alone while a method computes", async () => {
  await using threads = await open();
  const client = createPair(threads);
  let isDone = false;
  const long = client.methods.heavy.spin(500).then(() => isDone = true);
  // Neither does the server wait for it, nor is a call of its own held up.
  assertEquals(await client.call("system.methodHelp", ["heavy.add"]), "");
  assertEquals(isDone, false);
  await long;
});

// ---------------------------------------------------------------- values

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
    await using threads = await open();
    // Bytes are transferred; the copy is for the comparison.
    const given = value instanceof Uint8Array ? value.slice() : value;
    assertEquals(await threads.methods.echo(given), value);
  });
}

Deno.test("createThreads() carries wrappers as what they are", async () => {
  await using threads = await open();
  const value = { price: double(20) };
  assertEquals(await threads.methods.isTyped(value), true);
  assertInstanceOf(value.price, XmlRpcTyped);
  assertEquals(await createPair(threads).methods.heavy.wrapped(), {
    price: 20,
    at: [new Date("1998-07-17T14:08:55Z")],
  });
});

Deno.test("createThreads() carries values by their classes", async () => {
  await using threads = await open();
  const { classOf } = threads.methods;
  assertEquals(await classOf(new Date(0)), "Date");
  assertEquals(await classOf(new Uint8Array(1)), "Uint8Array");
  assertEquals(await classOf(new ArrayBuffer(1)), "ArrayBuffer");
  assertEquals(await classOf(double(1)), "XmlRpcTyped");
  assertEquals(await classOf(5n), "BigInt");
});

Deno.test("createThreads() hands bytes over that fill their buffer", async () => {
  await using threads = await open();
  const given = new Uint8Array(1_000_000).fill(7);
  const back = await threads.methods.echo({ rows: [given] });
  assertEquals(given.buffer.detached, true);
  const { rows: [bytes] } = back as { rows: [Uint8Array] };
  assertEquals(bytes, new Uint8Array(1_000_000).fill(7));
});

Deno.test("createThreads() copies bytes of a larger buffer, and no more than them", async () => {
  await using threads = await open();
  const given = new Uint8Array([1, 2, 3, 4]);
  const back = await threads.methods.echo(given.subarray(1, 3)) as Uint8Array;
  assertEquals(given, new Uint8Array([1, 2, 3, 4]));
  assertEquals(back, new Uint8Array([2, 3]));
  const part = await threads.methods.part();
  assertEquals([part.length, part.buffer.byteLength], [2, 2]);
});

Deno.test("createThreads() hands over bytes once that come twice in a value", async () => {
  await using threads = await open();
  const given = new Uint8Array([1]);
  assertEquals(await threads.methods.echo([given, given]), [
    new Uint8Array([1]),
    new Uint8Array([1]),
  ]);
});

Deno.test("createThreads() names bytes that a method returns after they have been transferred", async () => {
  await using threads = await open();
  assertEquals(await threads.methods.keeps(), new Uint8Array([1, 2, 3]));
  await assertRejects(
    () => threads.methods.keeps(),
    Error,
    "Cannot pass bytes at value: they have been transferred before; pass a copy, made with slice()",
  );
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
    await using threads = await open();
    await assertRejects(
      () => threads.methods.echo(value),
      TypeError,
      `Cannot pass ${message}: threads exchange only values of XML-RPC, and no streams`,
    );
    assertEquals(await threads.methods.echo(1), 1);
  });
}

Deno.test("createThreads() cannot pass an object that contains itself", async () => {
  await using threads = await open();
  const value: Record<string, unknown> = { both: [{}] };
  value.self = [value];
  await assertRejects(
    () => threads.methods.echo(value),
    TypeError,
    "Cannot pass an object at params[0].self[0]: it contains itself",
  );
});

Deno.test("createThreads() names the part of a result that cannot be passed", async () => {
  await using threads = await open();
  await assertRejects(
    () => threads.methods.giveFunction(),
    Error,
    "Cannot pass a function at value.call: threads exchange only values of XML-RPC, and no streams",
  );
});

Deno.test("createThreads() takes no message of the module's own for a reply", async () => {
  await using threads = await open();
  assertEquals(await threads.methods.chat(), "after");
});

// ---------------------------------------------------------------- errors

Deno.test("createThreads() passes faults on", async () => {
  await using threads = await open();
  await assertFault(threads.methods.fail(), 7, "Seven");
  await assertFault(createPair(threads).methods.heavy.fail(), 7, "Seven");
});

Deno.test("createThreads() rejects with the name, message and stack of what a method has thrown", async () => {
  await using threads = await open();
  const error = await assertRejects(() => threads.methods.crashed(), Error);
  assertEquals([error.name, error.message], [
    "RangeError",
    "The disk is full",
  ]);
  assertMatch(error.stack!, /support\/thread_methods\.ts:\d+/);
  await assertRejects(() => threads.methods.thrown(), Error, "a text");
});

Deno.test("createThreads() passes on what has been thrown that can hardly be looked at, and keeps the thread", async () => {
  await using threads = await open();
  const { methods } = threads;
  assertEquals(await methods.increment(), 1);
  const unseen = "The thrown value cannot be read";
  await assertRejects(() => methods.throwBare(), Error, unseen);
  await assertRejects(() => methods.throwSecret(), Error, unseen);
  await assertRejects(() => methods.throwNamed(), Error, "Odd");
  assertEquals(await methods.increment(), 2);
});

Deno.test("createThreads() tells onError of an error, and its caller nothing", async () => {
  await using threads = await open();
  const errors: unknown[] = [];
  const client = createPair(threads, {
    onError: (error, { methodName }) => errors.push(methodName, error),
  });
  await assertFault(client.methods.heavy.crashed(), -32603, "Internal error");
  assertEquals(errors[0], "heavy.crashed");
  assertMatch((errors[1] as Error).message, /The disk is full/);
});

// ---------------------------------------------------------------- threads that end

Deno.test("createThreads() stops a method that takes too long, and goes on with another thread", async () => {
  await using threads = await open({ timeout: 200 });
  const fault = await assertRejects(
    () => threads.methods.spin(1000),
    XmlRpcFault,
  );
  assertEquals(
    [fault.code, fault.message],
    [
      -32400,
      "Timed out: spin has taken longer than 200 ms: the option timeout",
    ],
  );
  assertEquals((fault.cause as DOMException).name, "TimeoutError");
  assertEquals(await threads.methods.add(8, 8), 16);
});

Deno.test("createThreads() does not count the time that a call waits for a thread", async () => {
  await using threads = await open({ timeout: 1000 });
  const { methods } = threads;
  const calls = Array.from({ length: 4 }, () => methods.spin(300));
  assertEquals(await Promise.all(calls), Array(4).fill("done"));
});

Deno.test("createThreads() stops an endless loop, with the workers of node:worker_threads", async () => {
  await using threads = await open({
    timeout: 200,
    createWorker: createNodeWorker,
  });
  await assertFault(threads.methods.loop(), -32400, /^Timed out: /);
  assertEquals(await threads.methods.add(8, 8), 16);
});

Deno.test("createThreads() survives a method that takes all memory, with the workers of node:worker_threads", async () => {
  await using threads = await open({
    size: 2,
    createWorker: createNodeWorker,
  });
  const hoard = assertRejects(
    () => threads.methods.hoard(),
    Error,
    "The worker has stopped: Worker terminated due to reaching memory limit",
  );
  assertEquals(await threads.methods.add(8, 8), 16);
  await hoard;
  const sums = [threads.methods.add(1, 1), threads.methods.add(1, 2)];
  assertEquals(await Promise.all(sums), [2, 3]);
});

const ENDS: readonly [
  name: "close" | "exit" | "throwLater" | "rejectLater",
  message: string,
][] = [
  ["close", "it has called close()"],
  ["exit", "it has ended itself"],
  ["throwLater", "Uncaught Error: Later"],
  ["rejectLater", "Uncaught (in promise) Error: Unhandled"],
];

for (const [name, message] of ENDS) {
  Deno.test(`createThreads() goes on with another thread after ${name}()`, async () => {
    await using threads = await open();
    await assertRejects(
      () => threads.methods[name](),
      Error,
      `The worker has stopped: ${message}`,
    );
    assertEquals(await threads.methods.add(8, 8), 16);
  });
}

Deno.test("createThreads() hears of the ends of workers of node:worker_threads", async () => {
  await using threads = await open({ createWorker: createNodeWorker });
  for (const name of ["exit", "throwLater"] as const) {
    await assertRejects(
      () => threads.methods[name](),
      Error,
      "The worker has stopped: ",
    );
    assertEquals(await threads.methods.add(8, 8), 16);
  }
});

Deno.test("createThreads() lets the calls of other threads go on when one ends", async () => {
  await using threads = await open({ size: 2 });
  const { methods } = threads;
  const others = Array.from({ length: 3 }, () => methods.spin(100));
  await assertRejects(() => methods.close(), Error);
  assertEquals(await Promise.all(others), Array(3).fill("done"));
});

Deno.test("createThreads() starts another thread for the next call when one has ended while idle", async () => {
  let started = 0;
  const ended = Promise.withResolvers<unknown>();
  await using threads = await open({
    createWorker: (program) => {
      started++;
      const worker = new Worker(program, { type: "module" });
      worker.addEventListener("error", ended.resolve);
      return worker;
    },
  });
  assertEquals(await threads.methods.throwWhenIdle(), "for now");
  await ended.promise;
  assertEquals(started, 1);
  assertEquals(await threads.methods.add(8, 8), 16);
  assertEquals(started, 2);
});

Deno.test("createThreads() tries once for a call when no thread can be started any more", async () => {
  let started = 0;
  let isBroken = false;
  await using threads = await open({
    createWorker: (program) => {
      started++;
      if (isBroken) throw new Error("No more threads");
      return new Worker(program, { type: "module" });
    },
  });
  isBroken = true;
  const { methods } = threads;
  // The second waits for a thread when the first one's ends.
  const calls = [methods.close(), methods.add(8, 8)];
  const [first, second] = await Promise.allSettled(calls);
  assertEquals([first!.status, second!.status], ["rejected", "rejected"]);
  await assertRejects(
    () => methods.add(8, 8),
    Error,
    "No more threads",
  );
  assertEquals(started, 3);
  isBroken = false;
  assertEquals(await methods.add(8, 8), 16);
  assertEquals(started, 4);
});

/** Runs a program that imports this package from a web server; gives what it prints. */
async function runFromWeb(program: (base: string) => string): Promise<string> {
  await using http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async ({ url }) =>
      new Response(
        await Deno.readTextFile(
          new URL(`..${new URL(url).pathname}`, import.meta.url),
        ),
        { headers: { "content-type": "application/typescript" } },
      ),
  );
  const host = `127.0.0.1:${http.addr.port}`;
  const cache = await Deno.makeTempDir({ prefix: "xmlrpc-" });
  try {
    const process = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-config", "--no-lock", `--allow-import=${host}`, "-"],
      env: { DENO_DIR: cache, NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    await new Blob([program(`http://${host}/`)]).stream().pipeTo(process.stdin);
    const { success, stdout, stderr } = await process.output();
    assert(success, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
}

// As JSR is one.
Deno.test("createThreads() takes the workers of node:worker_threads where the package comes from a web server", async () => {
  const output = await runFromWeb((base) => `
    import { createThreads } from "${base}threads.ts";
    import { Worker } from "node:worker_threads";
    const module = "data:text/javascript,export const add = (x, y) => x + y";
    const createWorker = (program) => new Worker(program);
    await using threads = await createThreads(module, { size: 1, createWorker });
    console.log(await threads.methods.add(8, 8));
  `);
  assertEquals(output, "16\n");
});

// ---------------------------------------------------------------- the queue

Deno.test("createThreads() refuses what comes when maxQueue calls wait", async () => {
  await using threads = await open({ maxQueue: 2 });
  const { methods } = threads;
  const calls = [methods.spin(100), methods.add(1, 1), methods.add(1, 2)];
  await assertFault(
    methods.add(1, 3),
    -32400,
    "Too busy: 2 calls wait already: the option maxQueue",
  );
  assertEquals(await Promise.all<unknown>(calls), ["done", 2, 3]);
  assertEquals(await methods.add(1, 3), 4);
});

Deno.test("createThreads() takes no call but for an idle thread when maxQueue is 0", async () => {
  await using threads = await open({ maxQueue: 0 });
  const { methods } = threads;
  const call = methods.spin(100);
  await assertFault(methods.add(1, 1), -32400, /^Too busy: /);
  assertEquals(await call, "done");
  assertEquals(await methods.add(1, 1), 2);
});

// ---------------------------------------------------------------- start and end

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

Deno.test("createThreads() rejects what is no absolute URL", async () => {
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

Deno.test("createThreads() rejects a createWorker that is no function", async () => {
  await assertRejects(
    () => createThreads(MODULE, { createWorker: "node" as never }),
    TypeError,
    "The option createWorker must be a function, not a string",
  );
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

Deno.test("close() rejects what runs, what waits and what comes later", async () => {
  const threads = await open();
  const calls = [threads.methods.spin(100), threads.methods.add(1, 1)];
  const settled = Promise.allSettled(calls);
  await threads.close();
  for (const result of await settled) {
    assert(result.status === "rejected");
    assertEquals(
      [result.reason.code, result.reason.message],
      [-32400, "Stopped: the threads are closed"],
    );
  }
  await assertFault(
    threads.methods.add(1, 1),
    -32400,
    "Stopped: the threads are closed",
  );
});

Deno.test("close() can be called again, and taken out", async () => {
  const { close, [Symbol.asyncDispose]: dispose } = await open();
  await Promise.all([close(), close()]);
  await dispose();
});
