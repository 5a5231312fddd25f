// The second server of the tutorial: long computations run on threads and do not block
// other calls.
//
//     deno run -A examples/threaded_server.ts [--host localhost] [--port 8888]
// deno-lint-ignore-file no-console camelcase -- the methods have the names of the tutorial

import { createServer, type XmlRpcServer } from "@xmlrpc/xmlrpc/server";
import { createThreads, type XmlRpcThreads } from "@xmlrpc/xmlrpc/threads";
import { Worker } from "node:worker_threads";
import { readFlags, serveUntilStopped } from "./_program.ts";

/** The threads that run the methods of `heavy.ts`. */
export type HeavyThreads = XmlRpcThreads<typeof import("./heavy.ts")>;

/** The methods of the server. */
export interface ThreadedMethods {
  /** Returns the text with a prefix. */
  get_string(text: string): string;
  /** Returns the sum. */
  add(x: number, y: number): number;
  /** The methods that run on threads. */
  readonly heavy: HeavyThreads["methods"];
}

/** Starts one thread per core. */
export function startThreads(): Promise<HeavyThreads> {
  return createThreads(new URL("heavy.ts", import.meta.url), {
    // Deno's own Worker works, too. This one can be stopped in an endless loop, and if it
    // exceeds its memory limit, the server keeps running.
    createWorker: (program) =>
      new Worker(program, { resourceLimits: { maxOldGenerationSizeMb: 256 } }),
  });
}

/** Creates the server. */
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
  await using threads = await startThreads();
  await serveUntilStopped(address, createThreadedServer(threads), (url) => {
    console.log("Listening for Client");
    console.log(`At ${url}`);
    const { hostname, port } = new URL(url);
    console.log(
      `Call it: deno run -A examples/threaded_client.ts --host ${hostname} --port ${port}`,
    );
  });
}
