// The functions of a module as methods that run on threads. This module is browser compatible.

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
import type { Outline } from "./protocol.ts";
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
   * Most calls that wait for a thread. What comes beyond it is rejected at once with
   * fault -32400, `Too busy: …`.
   *
   * @default {1000}
   */
  readonly maxQueue?: number | undefined;
  /**
   * How long a call may run, in milliseconds, not counting the time it has waited for a
   * thread. After it the thread is stopped, another one takes its place, and the call is
   * rejected with fault -32400, `Timed out: …`.
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
   * Starts the worker of a thread, as a module. Deno's own `Worker` ends the whole
   * process when it runs out of memory, and cannot be stopped in an endless loop; that of
   * `node:worker_threads` is better at both:
   *
   * ```ts ignore
   * import { Worker } from "node:worker_threads";
   *
   * const createWorker = (program: URL) =>
   *   new Worker(program, { resourceLimits: { maxOldGenerationSizeMb: 512 } });
   * ```
   *
   * Without it, a thread is `new Worker(program, { type: "module" })`.
   *
   * @default {undefined}
   */
  readonly createWorker?: ((program: URL) => XmlRpcWorker) | undefined;
}

/**
 * The methods of a module on threads: the functions that it exports, but those whose
 * names begin with `_`. They take and give the same, as promises.
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
  /** The methods, for `createServer`, or to be called directly. */
  readonly methods: XmlRpcThreadMethods<T>;
  /**
   * Stops all threads. Calls that run or wait are rejected with fault -32400,
   * `Stopped: …`, and so are those that come later. It can be called again.
   *
   * @returns When the threads are gone.
   */
  readonly close: () => Promise<void>;
}

function sizeOf(options: XmlRpcThreadsOptions): number {
  // Node 20 has no navigator.
  const { navigator } = globalThis as { readonly navigator?: Navigator };
  const { size = navigator?.hardwareConcurrency ?? 1 } = options;
  if (Number.isInteger(size) && size > 0) return size;
  throw new RangeError(
    `The option size must be an integer of 1 or more: ${size}`,
  );
}

function hrefOf(module: URL | string): string {
  try {
    return new URL(module).href;
  } catch (cause) {
    throw new TypeError(
      `Cannot load "${module}": expected an absolute URL, such as new URL("./heavy.ts", import.meta.url)`,
      { cause },
    );
  }
}

/** The program of a thread, under a URL that workers of any kind take. */
function createProgram(): URL {
  const program = new URL("./program.js", import.meta.url);
  const { navigator } = globalThis as { readonly navigator?: Navigator };
  const isDeno = navigator?.userAgent?.startsWith("Deno/") ?? false;
  // In a browser, a worker of a data: URL would be of another origin.
  if (!isDeno || program.protocol === "file:") return program;
  // From JSR it is https:, and node:worker_threads takes but file: and data:.
  const source = `import ${JSON.stringify(program.href)};`;
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`);
}

function startWorker({ createWorker }: XmlRpcThreadsOptions): XmlRpcWorker {
  if (createWorker !== undefined) return createWorker(createProgram());
  if (typeof Worker === "undefined") {
    throw new TypeError(
      "Cannot start a thread: there is no Worker here; start one with the option createWorker, or give the module's functions to the server as they are",
    );
  }
  // All in one expression, for bundlers look for just this.
  return new Worker(new URL("./program.js", import.meta.url), {
    type: "module",
  });
}

/** A function that calls another on a thread, and is to a server what that would be. */
function createStub(
  pool: Pool,
  { name, length, signatures }: Outline,
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
 * `method`, which keep their signatures. To a server they are like any other methods.
 *
 * In the module, each thread has its own variables: what one call leaves there, the next
 * may not find. A method has no `this` there, for the request is not on its thread. What
 * it returns is handed over, not copied: of bytes that it keeps it returns a `slice()`.
 * So are the params handed over: bytes that fill their buffer are gone from the caller,
 * unless that keeps a copy. (Nobody else has those of a call that has come to a server.)
 * All values but classes of one's own cross; `double(3)` and its like do, too.
 *
 * | What happens to a call | It is rejected with |
 * | --- | --- |
 * | the method throws an `XmlRpcFault` | that fault: its code and its message |
 * | the method throws anything else | an `Error` with its name, message and stack |
 * | what it takes or gives cannot be handed over | a `TypeError` that says where |
 * | it runs longer than `timeout` | fault -32400 `Timed out: …`; another thread takes over |
 * | its thread ends: an error that nobody has caught, `self.close()`, no memory | an `Error` that says why; another thread takes over |
 * | `maxQueue` calls wait already | fault -32400 `Too busy: …` |
 * | another thread would be needed, and the module cannot be loaded again | an `Error` that says why, if there is no thread left; the next call tries again |
 * | the threads are closed | fault -32400 `Stopped: …` |
 *
 * Of those that are no faults, a server's callers see `Internal error`, and its `onError`
 * the error. Calls run in the order they have come. Threads keep a program running until
 * they are closed.
 *
 * Deno needs the permission to read the module. Its own `Worker` has two weaknesses that
 * the option `createWorker` makes good: all threads have one memory, so that a method
 * that takes all of it ends the process; and an endless loop goes on in a thread that
 * has been given up, until the process is ended by `Deno.exit()` or a signal.
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
 * @returns The threads, all of them ready.
 * @throws {TypeError} If the module is no absolute URL, `createWorker` no function, or
 * there is no `Worker`.
 * @throws {RangeError} If an option is out of range.
 * @throws {Error} If the module cannot be loaded; its message says why.
 */
export async function createThreads<T>(
  module: URL | string,
  options: XmlRpcThreadsOptions = {},
): Promise<XmlRpcThreads<T>> {
  checkFunction(options, "createWorker");
  const pool = new Pool({
    module: hrefOf(module),
    size: sizeOf(options),
    maxQueue: readLimit(options, "maxQueue", 1000),
    timeout: readTimeout(options, "timeout", 60_000),
    loadTimeout: readTimeout(options, "loadTimeout", 60_000),
    startWorker: () => startWorker(options),
  });
  const methods: Record<string, unknown> = {};
  for (const outline of await pool.open()) {
    setMember(methods, outline.name, createStub(pool, outline));
  }
  const close = () => pool.close();
  return Object.freeze({
    methods: Object.freeze(methods) as XmlRpcThreadMethods<T>,
    close,
    [Symbol.asyncDispose]: close,
  });
}
