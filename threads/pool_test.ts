import { assert, assertEquals, assertRejects } from "@std/assert";
import { XmlRpcFault } from "../core/errors.ts";
import { createThreads } from "../threads.ts";
import {
  assertFault,
  createNodeWorker,
  openThreads,
} from "../tests/support/threads.ts";

// ---------------------------------------------------------------- threads that end

Deno.test("createThreads() stops a method that takes too long, and continues with another thread", async () => {
  await using threads = await openThreads({ timeout: 200 });
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
  await using threads = await openThreads({ timeout: 1000 });
  const { methods } = threads;
  const calls = Array.from({ length: 4 }, () => methods.spin(300));
  assertEquals(await Promise.all(calls), Array(4).fill("done"));
});

Deno.test("createThreads() stops an endless loop, with the workers of node:worker_threads", async () => {
  await using threads = await openThreads({
    timeout: 200,
    createWorker: createNodeWorker,
  });
  await assertFault(threads.methods.loop(), -32400, /^Timed out: /);
  assertEquals(await threads.methods.add(8, 8), 16);
});

Deno.test("createThreads() survives a method that takes all memory, with the workers of node:worker_threads", async () => {
  await using threads = await openThreads({
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
  Deno.test(`createThreads() continues with another thread after ${name}()`, async () => {
    await using threads = await openThreads();
    await assertRejects(
      () => threads.methods[name](),
      Error,
      `The worker has stopped: ${message}`,
    );
    assertEquals(await threads.methods.add(8, 8), 16);
  });
}

Deno.test("createThreads() hears of the ends of workers of node:worker_threads", async () => {
  await using threads = await openThreads({ createWorker: createNodeWorker });
  for (const name of ["exit", "throwLater"] as const) {
    await assertRejects(
      () => threads.methods[name](),
      Error,
      "The worker has stopped: ",
    );
    assertEquals(await threads.methods.add(8, 8), 16);
  }
});

Deno.test("createThreads() lets the calls of other threads continue when one ends", async () => {
  await using threads = await openThreads({ size: 2 });
  const { methods } = threads;
  const others = Array.from({ length: 3 }, () => methods.spin(100));
  await assertRejects(() => methods.close(), Error);
  assertEquals(await Promise.all(others), Array(3).fill("done"));
});

Deno.test("createThreads() starts another thread for the next call when one has ended while idle", async () => {
  let started = 0;
  const ended = Promise.withResolvers<unknown>();
  await using threads = await openThreads({
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
  await using threads = await openThreads({
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

Deno.test("createThreads() refuses further calls when maxQueue calls wait", async () => {
  await using threads = await openThreads({ maxQueue: 2 });
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

Deno.test("createThreads() accepts calls only for idle threads when maxQueue is 0", async () => {
  await using threads = await openThreads({ maxQueue: 0 });
  const { methods } = threads;
  const call = methods.spin(100);
  await assertFault(methods.add(1, 1), -32400, /^Too busy: /);
  assertEquals(await call, "done");
  assertEquals(await methods.add(1, 1), 2);
});

// ---------------------------------------------------------------- closing

Deno.test("close() rejects what runs, what waits and what comes later", async () => {
  const threads = await openThreads();
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
  const { close, [Symbol.asyncDispose]: dispose } = await openThreads();
  await Promise.all([close(), close()]);
  await dispose();
});

/** Creates a worker that stops, but never says so. */
function createSilentWorker(program: URL): Worker {
  const worker = new Worker(program, { type: "module" });
  const terminate = worker.terminate.bind(worker);
  const silent = () => {
    terminate();
    return new Promise<void>(() => {});
  };
  return Object.assign(worker, { terminate: silent });
}

Deno.test("createThreads() rejects within loadTimeout though terminate() never ends", async () => {
  const url = new URL("data:text/javascript,await new Promise(() => {})");
  const start = performance.now();
  await assertRejects(
    () =>
      createThreads(url, {
        size: 2,
        loadTimeout: 500,
        createWorker: createSilentWorker,
      }),
    Error,
    "it has taken longer than 500 ms: the option loadTimeout",
  );
  assert(performance.now() - start < 1500);
});

Deno.test("close() does not wait longer than 2 seconds for a terminate() that never ends", async () => {
  const threads = await openThreads({
    size: 2,
    createWorker: createSilentWorker,
  });
  const start = performance.now();
  await threads.close();
  const time = performance.now() - start;
  assert(time > 1900 && time < 3500, `${time}`);
});

Deno.test("createThreads() continues with another thread though terminate() throws or rejects", async () => {
  for (const isAsync of [true, false]) {
    const createWorker = (program: URL): Worker => {
      const worker = new Worker(program, { type: "module" });
      const terminate = worker.terminate.bind(worker);
      const broken = () => {
        terminate();
        if (isAsync) return Promise.reject(new Error("No"));
        throw new Error("No");
      };
      return Object.assign(worker, { terminate: broken });
    };
    const threads = await openThreads({ timeout: 200, createWorker });
    await assertFault(threads.methods.wait(60_000), -32400, /^Timed out: /);
    assertEquals(await threads.methods.add(8, 8), 16);
    await assertRejects(threads.close, Error, "No");
  }
});
