// Threads, and the calls that wait for one. This module is browser compatible.

import { createDeferred } from "../util/async.ts";
import { type Outline, pack } from "./protocol.ts";
import { Thread, type XmlRpcWorker } from "./thread.ts";
import { FaultCode, XmlRpcFault } from "../core/errors.ts";

/** How a pool works. */
export interface PoolSettings {
  readonly module: string;
  readonly size: number;
  readonly maxQueue: number;
  readonly timeout: number;
  readonly loadTimeout: number;
  /** Starts a worker with `program.js`. */
  readonly startWorker: () => XmlRpcWorker;
}

/** A call that has not been answered. */
interface Job {
  readonly name: string;
  readonly params: readonly unknown[];
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The error of a pool as callers get to see it. */
function toFault(message: string, cause?: unknown): XmlRpcFault {
  return new XmlRpcFault(FaultCode.systemError, message, { cause });
}

/** Runs calls on threads, in the order they have come. */
export class Pool {
  readonly #settings: PoolSettings;
  /** All threads: those that load, those at work, those that are idle. */
  readonly #threads: Set<Thread> = new Set();
  #idle: Thread[] = [];
  readonly #queue: Job[] = [];
  #running = 0;
  #isClosed = false;

  /** Makes a pool without any threads. */
  constructor(settings: PoolSettings) {
    this.#settings = settings;
  }

  /** Starts all threads; gives what the module exports. */
  async open(): Promise<readonly Outline[]> {
    const { size } = this.#settings;
    try {
      const starts = Array.from({ length: size }, () => this.#start());
      const [outlines] = await Promise.all(starts);
      return outlines!;
    } catch (error) {
      await this.close();
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

  /** Stops all threads; rejects what they are at, and what waits. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const fault = toFault("Stopped: the threads are closed");
    for (const job of this.#queue.splice(0)) job.reject(fault);
    await Promise.all(Array.from(this.#threads, (thread) => thread.end(fault)));
  }

  /** Gives calls to idle threads, and starts a thread where one has been lost. */
  #assign(): void {
    while (this.#queue.length > 0 && this.#idle.length > 0) {
      void this.#work(this.#idle.shift()!, this.#queue.shift()!);
    }
    const loading = this.#threads.size - this.#idle.length - this.#running;
    const isShort = this.#queue.length > loading &&
      this.#threads.size < this.#settings.size;
    if (isShort && !this.#isClosed) void this.#replace();
  }

  async #work(thread: Thread, { name, params, resolve, reject }: Job) {
    const { timeout } = this.#settings;
    const late = () => {
      const message =
        `Timed out: ${name} has taken longer than ${timeout} ms: the option timeout`;
      return toFault(message, new DOMException(message, "TimeoutError"));
    };
    this.#running++;
    try {
      const { parcel, transfer } = pack(params, "params");
      const task = { name, params: parcel };
      resolve(await thread.ask(task, transfer, timeout, late));
    } catch (error) {
      reject(error);
    }
    this.#running--;
    if (!thread.isEnded) this.#idle.push(thread);
    this.#assign();
  }

  /** Starts one thread. Where it cannot, the next call tries again: nothing loops. */
  async #replace(): Promise<void> {
    try {
      await this.#start();
    } catch (error) {
      if (this.#threads.size > 0) return;
      for (const job of this.#queue.splice(0)) job.reject(error);
    }
  }

  async #start(): Promise<readonly Outline[]> {
    const { module, loadTimeout, startWorker } = this.#settings;
    const thread = new Thread(startWorker(), (ended) => this.#forget(ended));
    this.#threads.add(thread);
    const late = () =>
      new Error(
        `it has taken longer than ${loadTimeout} ms: the option loadTimeout`,
      );
    try {
      const outlines = await thread.ask({ module }, [], loadTimeout, late);
      this.#idle.push(thread);
      this.#assign();
      return outlines as Outline[];
    } catch (cause) {
      await thread.end(cause);
      const { message } = cause as Error;
      throw new Error(`Cannot load ${module}: ${message}`, { cause });
    }
  }

  #forget(thread: Thread): void {
    this.#threads.delete(thread);
    this.#idle = this.#idle.filter((idle) => idle !== thread);
  }
}
