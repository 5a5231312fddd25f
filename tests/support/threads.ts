// Threads for tests: they run the methods of thread_methods.ts.

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Worker as NodeWorker } from "node:worker_threads";
import { createClient, type XmlRpcClient } from "../../client.ts";
import { XmlRpcFault } from "../../core/errors.ts";
import { createServer, type XmlRpcServerOptions } from "../../server.ts";
import {
  createThreads,
  type XmlRpcThreads,
  type XmlRpcThreadsOptions,
} from "../../threads.ts";

/** The type of the module with the methods. */
export type Methods = typeof import("./thread_methods.ts");

/** The URL of the module with the methods. */
export const MODULE = new URL("./thread_methods.ts", import.meta.url);

/** Starts one thread, unless a test wants more. */
export function openThreads(
  options: XmlRpcThreadsOptions = {},
): Promise<XmlRpcThreads<Methods>> {
  return createThreads<Methods>(MODULE, { size: 1, ...options });
}

/** A worker that can be stopped in a loop, and whose memory has a limit. */
export function createNodeWorker(program: URL): NodeWorker {
  return new NodeWorker(program, {
    resourceLimits: { maxOldGenerationSizeMb: 64 },
  });
}

/** What a server has of the methods. */
export interface Api {
  readonly heavy: XmlRpcThreads<Methods>["methods"];
  readonly system: {
    listMethods(): string[];
    methodSignature(name: string): string[][];
    methodHelp(name: string): string;
    multicall(calls: readonly unknown[]): unknown[];
  };
}

/** A client of a server that has the methods. */
export function createPair(
  { methods }: XmlRpcThreads<Methods>,
  options?: XmlRpcServerOptions,
): XmlRpcClient<Api> {
  const { fetch } = createServer({ heavy: methods }, options);
  return createClient<Api>("http://localhost/", { fetch });
}

/** Asserts that a call is rejected with a fault. */
export async function assertFault(
  call: Promise<unknown>,
  code: number,
  message: string | RegExp,
): Promise<void> {
  const fault = await assertRejects(() => call, XmlRpcFault);
  assertEquals(fault.code, code);
  if (message instanceof RegExp) assertMatch(fault.message, message);
  else assertEquals(fault.message, message);
}
