// Threads: with the global `Worker`, with workers that the runtime has elsewhere, or a
// clear error where there are none.

import { createClient, createServer } from "../../mod.ts";
import { createThreads, type XmlRpcThreadsOptions } from "../../threads.ts";
import { assert, assertEquals, rejection } from "./_assert.ts";
import { type Check, type CheckContext, Unsupported } from "./_check.ts";

interface Module {
  square(x: number): number;
  fail(): never;
}

async function runOn(
  options: XmlRpcThreadsOptions,
  { threadsModule }: CheckContext,
): Promise<void> {
  const threads = await createThreads<Module>(threadsModule, {
    size: 1,
    ...options,
  });
  try {
    const server = createServer({ heavy: threads.methods });
    const client = createClient<typeof server.methods>("http://localhost/", {
      fetch: server.fetch,
    });
    assertEquals(await client.methods.heavy.square(12), 144);
    const fault = await rejection(client.methods.heavy.fail());
    assertEquals(fault.message, "Not here");
  } finally {
    await threads.close();
  }
}

async function global(context: CheckContext): Promise<void> {
  if (typeof Worker !== "undefined") return await runOn({}, context);
  const error = await rejection(createThreads("file:///heavy.ts"));
  assert(
    error.message.startsWith("Cannot start a thread: there is no Worker here"),
    `Got ${error}`,
  );
}

async function own(context: CheckContext): Promise<void> {
  const { createWorker } = context;
  if (createWorker === undefined) {
    throw new Unsupported("has no node:worker_threads");
  }
  await runOn({ createWorker }, context);
}

/** The checks of threads. */
export const threadChecks: readonly Check[] = [
  { name: "threads: with the global Worker, or a clear error", run: global },
  { name: "threads: with createWorker", run: own },
];
