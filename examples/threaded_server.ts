// The tutorial's second server: calls that compute for long run on threads, and hold up
// no other call.
//
//     deno run -A examples/threaded_server.ts [--host localhost] [--port 8888]
// deno-lint-ignore-file no-console camelcase -- the wire has names of its own

import { createServer, type XmlRpcServer } from "@xmlrpc/xmlrpc/server";
import { createThreads, type XmlRpcThreads } from "@xmlrpc/xmlrpc/threads";
import { Worker } from "node:worker_threads";
import { readFlags, serve } from "./_address.ts";

/** The threads that run what `heavy.ts` exports. */
export type HeavyThreads = XmlRpcThreads<typeof import("./heavy.ts")>;

/** The methods of the server. */
export interface ThreadedMethods {
  /** The text, with a word before it. */
  get_string(text: string): string;
  /** The sum. */
  add(x: number, y: number): number;
  /** What runs on threads. */
  readonly heavy: HeavyThreads["methods"];
}

/** Starts the threads: as many as there are cores. */
export function startThreads(): Promise<HeavyThreads> {
  return createThreads(new URL("heavy.ts", import.meta.url), {
    // Deno's own Worker would do, too; this one can be stopped in an endless loop, and
    // when it takes too much memory it does not take the server with it.
    createWorker: (program) =>
      new Worker(program, { resourceLimits: { maxOldGenerationSizeMb: 256 } }),
  });
}

/** Makes the server. */
export function createThreadedServer(
  { methods }: HeavyThreads,
): XmlRpcServer<ThreadedMethods> {
  return createServer<ThreadedMethods>({
    get_string: (text) => `get string:${text}`,
    add: (x, y) => x + y,
    heavy: methods,
  }, {
    onError: (error, { methodName }) => console.error(methodName, error),
  });
}

if (import.meta.main) {
  const { address } = readFlags();
  const threads = await startThreads();
  serve(address, createThreadedServer(threads).fetch, (url) => {
    console.log("Listening for Client");
    console.log(`At ${url}`);
    console.log("Call it: deno run -A examples/threaded_client.ts");
  });
}
