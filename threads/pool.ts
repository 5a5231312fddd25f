// A pool of threads, and the queue of calls that wait for one. This module is browser compatible.

import { createDeferred } from "../util/async.ts";
import { type ExportInfo, serialize } from "./protocol.ts";
import { Thread, type XmlRpcWorker } from "./thread.ts";
import { FaultCode, XmlRpcFault } from "../core/errors.ts";

/** The settings of a pool. */
export interface PoolSettings {
  readonly module: string;
  readonly size: number;
  readonly maxQueue: number;
  readonly timeout: number;
  readonly loadTimeout: number;
  /** Starts a worker that runs `program.js`. */
  readonly startWorker: () => XmlRpcWorker;
}

/** A call that has no result yet. */
interface Job {
  readonly name: string;
  readonly params: readonly unknown[];
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Makes the fault that a caller gets for an error of the pool itself. */
function toFault(message: string, cause?: unknown): XmlRpcFault {
  return new XmlRpcFault(FaultCode.systemError, message, { cause });
}

/** Runs calls on threads, in the order in which they arrive. */
export class Pool {
  readonly #settings: PoolSettings;
  /** All threads: loading, running, or idle. */
  readonly #threads: Set<Thread> = new Set();
  #idle: Thread[] = [];
  readonly #queue: Job[] = [];
  #running = 0;
  #isClosed = false;

  /** Creates a pool without threads; `open` starts them. */
  constructor(settings: PoolSettings) {
    this.#settings = settings;
  }

  /** Starts all threads; returns the functions that the module exports. */
  async open(): Promise<readonly ExportInfo[]> {
    const { size, loadTimeout } = this.#settings;
    const deadline = performance.now() + loadTimeout;
    const starts = Array.from({ length: size }, () => this.#start());
    try {
      const [exported] = await Promise.all(starts);
      return exported!;
    } catch (error) {
      // A worker that does not stop must not hold up the error.
      await this.#stop(Math.max(0, deadline - performance.now()));
      await Promise.allSettled(starts);
      throw error;
    }
  }

  /** Calls a function of the module. */
  async run(name: string, params: readonly unknown[]): Promise<unknown> {
    const { size, maxQueue } = this.#settings;
    if (this.#isClosed) throw toFault("Stopped: the threads are closed");
    if (this.#running + this.#queue.length >= size + maxQueue) {
      throw toFault(
        `Too busy: ${maxQueue} calls wait already: the option maxQueue`,
      );
    }
    const { promise, resolve, reject } = createDeferred<unknown>();
    this.#queue.push({ name, params, resolve, reject });
    this.#assign();
    return await promise;
  }

  /** Stops all threads; rejects the calls that run and those that wait. */
  close(): Promise<void> {
    return this.#stop();
  }

  /** Stops all threads; waits for each of them, but not longer than `timeout`. */
  async #stop(timeout?: number): Promise<void> {
    this.#isClosed = true;
    const fault = toFault("Stopped: the threads are closed");
    for (const job of this.#queue.splice(0)) job.reject(fault);
    const stops = Array.from(
      this.#threads,
      (thread) => thread.stop(fault, timeout),
    );
    await Promise.all(stops);
  }

  /** Gives calls to idle threads, and starts a thread if one is missing. */
  #assign(): void {
    while (this.#queue.length > 0 && this.#idle.length > 0) {
      void this.#run(this.#idle.shift()!, this.#queue.shift()!);
    }
    const loading = this.#threads.size - this.#idle.length - this.#running;
    const isShort = this.#queue.length > loading &&
      this.#threads.size < this.#settings.size;
    if (isShort && !this.#isClosed) void this.#replace();
  }

  async #run(thread: Thread, { name, params, resolve, reject }: Job) {
    const { timeout } = this.#settings;
    const createError = () => {
      const message =
        `Timed out: ${name} has taken longer than ${timeout} ms: the option timeout`;
      return toFault(message, new DOMException(message, "TimeoutError"));
    };
    this.#running++;
    try {
      const { serialized, transfer } = serialize(params, "params");
      const task = { name, params: serialized };
      resolve(await thread.request(task, transfer, timeout, createError));
    } catch (error) {
      reject(error);
    }
    this.#running--;
    if (!thread.isStopped) this.#idle.push(thread);
    this.#assign();
  }

  /** Starts one thread. If that fails, the next call tries again, so nothing loops. */
  async #replace(): Promise<void> {
    try {
      await this.#start();
    } catch (error) {
      if (this.#threads.size > 0) return;
      for (const job of this.#queue.splice(0)) job.reject(error);
    }
  }

  async #start(): Promise<readonly ExportInfo[]> {
    const { module, loadTimeout, startWorker } = this.#settings;
    const thread = new Thread(
      startWorker(),
      (stopped) => this.#forget(stopped),
    );
    this.#threads.add(thread);
    const deadline = performance.now() + loadTimeout;
    const createError = () =>
      new Error(
        `it has taken longer than ${loadTimeout} ms: the option loadTimeout`,
      );
    try {
      const task = { module };
      const exported = await thread.request(task, [], loadTimeout, createError);
      this.#idle.push(thread);
      this.#assign();
      return exported as ExportInfo[];
    } catch (cause) {
      await thread.stop(cause, Math.max(0, deadline - performance.now()));
      const { message } = cause as Error;
      throw new Error(`Cannot load ${module}: ${message}`, { cause });
    }
  }

  #forget(thread: Thread): void {
    this.#threads.delete(thread);
    this.#idle = this.#idle.filter((idle) => idle !== thread);
  }
}
