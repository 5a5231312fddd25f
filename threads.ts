/**
 * Methods on threads: the functions that a module exports run on a pool of workers, so
 * that a long computation does not delay other calls.
 *
 * ```ts ignore
 * // heavy.ts
 * import { method } from "@xmlrpc/xmlrpc/server";
 *
 * export const isPrime = method(
 *   { params: ["int"], returns: "boolean" },
 *   (n) => {
 *     for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
 *     return n > 1;
 *   },
 * );
 *
 * // server.ts
 * import { createServer } from "@xmlrpc/xmlrpc/server";
 * import { createThreads } from "@xmlrpc/xmlrpc/threads";
 *
 * const threads = await createThreads<typeof import("./heavy.ts")>(
 *   new URL("./heavy.ts", import.meta.url),
 * );
 * const server = createServer({ heavy: threads.methods });
 * ```
 *
 * @module
 */

// This module is browser compatible.

export {
  createThreads,
  type XmlRpcThreadMethods,
  type XmlRpcThreads,
  type XmlRpcThreadsOptions,
} from "./threads/create_threads.ts";
export type { XmlRpcWorker } from "./threads/thread.ts";
