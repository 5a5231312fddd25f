// Makes methods of the functions that a module exports, and runs them on threads. This
// module is browser compatible.

import {
  type Handler,
  method,
  type XmlRpcMethodSignature,
} from "../core/method.ts";
import { checkFunction, readLimit, readTimeout } from "../util/options.ts";
import { setMember } from "../core/struct.ts";
import { Pool } from "./pool.ts";
// Type-only import: makes `deno publish` include the worker program.
import type {} from "./program.js";
import type { ExportInfo } from "./protocol.ts";
import type { XmlRpcWorker } from "./thread.ts";

/** How threads work. */
export interface XmlRpcThreadsOptions {
  /**
   * How many threads there are. Each runs one call at a time.
   *
   * @default {navigator.hardwareConcurrency}
   */
  readonly size?: number | undefined;
  /**
   * Maximum number of calls that wait for a thread. Further calls are rejected at once
   * with fault -32400, `Too busy: …`.
   *
   * @default {1000}
   */
  readonly maxQueue?: number | undefined;
  /**
   * How long a call may run, in milliseconds, without the time that it waits for a
   * thread. After that the call is rejected with fault -32400, `Timed out: …`, and
   * another thread replaces the one that ran it.
   *
   * @default {60_000}
   */
  readonly timeout?: number | undefined;
  /**
   * How long the module may take to load, in milliseconds.
   *
   * @default {60_000}
   */
  readonly loadTimeout?: number | undefined;
  /**
   * Creates the worker for a thread (must be a module worker): a new one each time. Deno's own `Worker` ends
   * the whole process when it runs out of memory, and cannot be stopped in an endless
   * loop. That of `node:worker_threads` has neither problem:
   *
   * ```ts ignore
   * import { Worker } from "node:worker_threads";
   *
   * const createWorker = (program: URL) =>
   *   new Worker(program, { resourceLimits: { maxOldGenerationSizeMb: 512 } });
   * ```
   *
   * Without this option, a thread is `new Worker(program, { type: "module" })`.
   *
   * @default {undefined}
   */
  readonly createWorker?: ((program: URL) => XmlRpcWorker) | undefined;
}

/**
 * The methods of a module on threads: the functions that it exports, except those whose
 * names begin with `_`. They take the same params, and return promises of the results.
 *
 * @typeParam T The type of the module.
 */
export type XmlRpcThreadMethods<T> = {
  readonly [
    Name in keyof T as Name extends `_${string}` ? never
      : T[Name] extends (...params: never) => unknown ? Name
      : never
  ]: T[Name] extends (...params: infer Params) => infer Result
    ? (...params: Params) => Promise<Awaited<Result>>
    : never;
};

/**
 * Threads, and the methods that run on them.
 *
 * @typeParam T The type of the module.
 */
export interface XmlRpcThreads<T> extends AsyncDisposable {
  /** The methods, for `createServer` or for direct calls. */
  readonly methods: XmlRpcThreadMethods<T>;
  /**
   * Stops all threads. Calls that run or wait are rejected with fault -32400,
   * `Stopped: …`, and so are later calls. It can be called again.
   *
   * @returns When the threads have stopped, but after 2 seconds at the latest: a worker
   * whose `terminate()` never ends is not awaited longer.
   */
  readonly close: () => Promise<void>;
}

function readSize(options: XmlRpcThreadsOptions): number {
  // Node 20 has no navigator.
  const { navigator } = globalThis as { readonly navigator?: Navigator };
  const { size = navigator?.hardwareConcurrency ?? 1 } = options;
  if (Number.isInteger(size) && size > 0) return size;
  throw new RangeError(
    `The option size must be an integer of 1 or more: ${size}`,
  );
}

function toHref(module: URL | string): string {
  try {
    return new URL(module).href;
  } catch (cause) {
    throw new TypeError(
      `Cannot load "${module}": expected an absolute URL, such as new URL("./heavy.ts", import.meta.url)`,
      { cause },
    );
  }
}

/** Finds the program of a worker, as a URL that every kind of worker accepts. */
function findProgram(): URL {
  const program = new URL("./program.js", import.meta.url);
  const { navigator } = globalThis as { readonly navigator?: Navigator };
  const isDeno = navigator?.userAgent?.startsWith("Deno/") ?? false;
  // In a browser, a worker from a data: URL has another origin.
  if (!isDeno || program.protocol === "file:") return program;
  // From JSR it is https:, but node:worker_threads accepts only file: and data:.
  const source = `import ${JSON.stringify(program.href)};`;
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`);
}

function startWorker({ createWorker }: XmlRpcThreadsOptions): XmlRpcWorker {
  if (createWorker !== undefined) return createWorker(findProgram());
  if (typeof Worker === "undefined") {
    throw new TypeError(
      "Cannot start a thread: there is no Worker here; set the option createWorker, or pass the functions of the module to the server directly",
    );
  }
  // In one expression: bundlers look for exactly this one.
  return new Worker(new URL("./program.js", import.meta.url), {
    type: "module",
  });
}

/** Creates a function that calls one on a thread; a server cannot tell them apart. */
function createStub(
  pool: Pool,
  { name, length, signatures }: ExportInfo,
): Handler {
  const stub = (...params: unknown[]): Promise<unknown> =>
    pool.run(name, params);
  Object.defineProperty(stub, "length", { value: length });
  if (signatures === undefined) return stub;
  return method(
    signatures as readonly XmlRpcMethodSignature[],
    stub as () => never,
  ) as Handler;
}

/**
 * Starts threads that run the functions of a module: plain ones, and those made by
 * `method`, which keep their signatures. A server uses them like any other methods.
 *
 * Each thread has its own variables of the module: what one call stores there, the next
 * may not find. A method has no `this`, for the request is not on its thread.
 *
 * Bytes are transferred, not copied. A method that keeps the bytes it returns must return
 * a `slice()` of them. A caller loses the bytes of its params if they fill their buffer,
 * unless it keeps a copy; in a server no other code has the params of a call. All values
 * of XML-RPC can be passed, `double(3)` and the like, too; objects of other classes cannot.
 * A part of a value that occurs more than once in it is passed once, and stays shared.
 *
 * Requests and replies go through a `MessagePort` of each thread. A module may post
 * messages of its own: they are never taken for a reply.
 *
 * | What happens to a call | It is rejected with |
 * | --- | --- |
 * | the method throws an `XmlRpcFault` | that fault: its code and its message |
 * | the method throws anything else | an `Error` with its name, message and stack |
 * | a param or the result cannot be passed between threads | a `TypeError` that says where |
 * | it runs longer than `timeout` | fault -32400 `Timed out: …`; another thread takes over |
 * | its worker terminates: an uncaught error, `self.close()`, no memory | an `Error` that says why; another thread takes over |
 * | `maxQueue` calls wait already | fault -32400 `Too busy: …` |
 * | it needs a new thread, but the module cannot be loaded again | an `Error` that says why, if no thread is left; the next call tries again |
 * | the threads are closed | fault -32400 `Stopped: …` |
 *
 * Unless the error is a fault, the caller of a server gets `Internal error`, and the
 * server's `onError` gets the error. Calls start in the order in which they arrive.
 * Threads keep a program running until they are closed.
 *
 * Deno needs the permission to read the module. Its own `Worker` has two weaknesses that
 * the option `createWorker` avoids. All threads share one memory, so a method that uses
 * all of it ends the process. An endless loop runs on in a thread that has been stopped,
 * until `Deno.exit()` or a signal ends the process.
 *
 * @example Usage
 * ```ts
 * import { createThreads } from "@xmlrpc/xmlrpc/threads";
 * import { assertEquals } from "@std/assert";
 *
 * // In a program it is new URL("./heavy.ts", import.meta.url).
 * const module = new URL("data:text/javascript,export const add = (x, y) => x + y");
 * interface Module {
 *   add(x: number, y: number): number;
 * }
 *
 * await using threads = await createThreads<Module>(module, { size: 1 });
 * assertEquals(await threads.methods.add(8, 8), 16);
 * ```
 *
 * @typeParam T The type of the module: `typeof import("./heavy.ts")`.
 * @param module The URL of the module.
 * @param options How the threads work.
 * @returns The threads, once all of them are ready.
 * @throws {TypeError} If the module is not an absolute URL, `createWorker` is not a
 * function, it does not return a new worker each time, or there is no `Worker`.
 * @throws {RangeError} If an option is out of range.
 * @throws {Error} If the module cannot be loaded; its message says why.
 */
export async function createThreads<T>(
  module: URL | string,
  options: XmlRpcThreadsOptions = {},
): Promise<XmlRpcThreads<T>> {
  checkFunction(options, "createWorker");
  const pool = new Pool({
    module: toHref(module),
    size: readSize(options),
    maxQueue: readLimit(options, "maxQueue", 1000),
    timeout: readTimeout(options, "timeout", 60_000),
    loadTimeout: readTimeout(options, "loadTimeout", 60_000),
    startWorker: () => startWorker(options),
  });
  const methods: Record<string, unknown> = {};
  for (const info of await pool.open()) {
    setMember(methods, info.name, createStub(pool, info));
  }
  const close = () => pool.close();
  return Object.freeze({
    methods: Object.freeze(methods) as XmlRpcThreadMethods<T>,
    close,
    [Symbol.asyncDispose]: close,
  });
}
