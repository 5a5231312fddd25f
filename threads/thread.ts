// One worker, and the request that it works at. This module is browser compatible.

import { createDeferred, ignoreErrors } from "../util/async.ts";
import {
  deserialize,
  type ExitNotice,
  fromFailure,
  type WorkerReply,
  type WorkerRequest,
  type WorkerStart,
} from "./protocol.ts";

/**
 * The worker of a thread: a `Worker` of the web, or one of `node:worker_threads`. The
 * pool listens to its events in the way of either of the two.
 */
export interface XmlRpcWorker {
  /**
   * Sends a message.
   *
   * @param message The message.
   * @param transfer What in it is transferred: a `MessagePort`. The types of the web and
   * of Node do not agree on what that is, so the type of the items says nothing.
   */
  postMessage(message: unknown, transfer: never[]): void;
  /**
   * Stops the worker.
   *
   * @returns Anything; a promise is awaited for at most 2 seconds.
   */
  terminate(): unknown;
}

/** The part of a worker of `node:worker_threads` that `listen` uses. */
interface Emitter {
  on(name: string, listener: (value: unknown) => void): unknown;
}

/** Listens to a worker of either kind; `onExit` is called with the reason why it ends. */
function listen(worker: XmlRpcWorker, onExit: (reason: unknown) => void): void {
  if ("on" in worker) {
    const emitter = worker as XmlRpcWorker & Emitter;
    emitter.on("error", onExit);
    emitter.on("exit", () => onExit("it has ended itself"));
    return;
  }
  const target = worker as XmlRpcWorker & EventTarget;
  target.addEventListener("error", (event) => {
    // Otherwise it would be an uncaught error of this thread, too.
    event.preventDefault();
    onExit((event as ErrorEvent).message || "its program cannot be loaded");
  });
  // Not in the standard: Bun has this event for a worker that has ended itself.
  target.addEventListener("close", () => onExit("it has ended itself"));
}

/** The workers that run a thread, or have run one. */
const takenWorkers = new WeakSet<XmlRpcWorker>();

/** Checks what the option `createWorker` has returned, and takes it for one thread. */
function takeWorker(worker: XmlRpcWorker): void {
  const { postMessage, terminate } = Object(worker) as Partial<XmlRpcWorker>;
  if (typeof postMessage !== "function" || typeof terminate !== "function") {
    throw new TypeError(
      "The option createWorker must return a worker, with the methods postMessage and terminate",
    );
  }
  if (takenWorkers.has(worker)) {
    throw new TypeError(
      "The option createWorker must return a new worker each time: it has returned one that a thread has already",
    );
  }
  takenWorkers.add(worker);
}

/** How long a worker may take to stop, in milliseconds; after that it is not awaited. */
const STOP_TIMEOUT = 2000;

/** Waits for a promise, but not longer than `timeout`. */
async function waitFor(
  promise: Promise<void>,
  timeout: number,
): Promise<void> {
  const { promise: over, resolve } = createDeferred<void>();
  const timer = setTimeout(resolve, timeout);
  try {
    await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}

/** A request that has no reply yet. */
interface PendingRequest {
  readonly resolve: (reply: WorkerReply) => void;
  readonly reject: (error: unknown) => void;
}

/** A worker that gets one request at a time. */
export class Thread {
  readonly #worker: XmlRpcWorker;
  readonly #onStop: (thread: Thread) => void;
  /** This end of a channel that nothing else in the worker can use. */
  readonly #port: MessagePort;
  #otherPort: MessagePort | undefined;
  #pending: PendingRequest | undefined;
  #isStopped = false;
  /** Why the worker has ended itself, while its last reply may still arrive. */
  #exitError: Error | undefined;
  #exitTimer: ReturnType<typeof setTimeout> | undefined;
  #termination: Promise<void> = Promise.resolve();

  /** Takes over a worker that has just been started. */
  constructor(worker: XmlRpcWorker, onStop: (thread: Thread) => void) {
    takeWorker(worker);
    this.#worker = worker;
    this.#onStop = onStop;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#otherPort = port2;
    port1.addEventListener("message", ({ data }) => this.#onMessage(data));
    port1.addEventListener(
      "messageerror",
      () => this.#onExit("it has sent a message that cannot be read"),
    );
    port1.start();
    listen(worker, (reason) => this.#onExit(reason));
  }

  /** Whether the worker has been stopped, or has ended itself. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /**
   * Sends a request and waits for the reply. Stops the worker if that takes longer than
   * `timeout`, and throws what `createError` returns then.
   */
  async request(
    request: WorkerRequest,
    transfer: ArrayBuffer[],
    timeout: number,
    createError: () => Error,
  ): Promise<unknown> {
    const { promise, resolve, reject } = createDeferred<WorkerReply>();
    this.#send(request, transfer);
    this.#pending = { resolve, reject };
    const timer = setTimeout(() => this.#end(createError()), timeout);
    try {
      const reply = await promise;
      if ("failure" in reply) throw fromFailure(reply.failure);
      return deserialize(reply.value);
    } finally {
      clearTimeout(timer);
      this.#pending = undefined;
    }
  }

  /** Sends the first request to the worker itself, with the port for all others. */
  #send(request: WorkerRequest, transfer: ArrayBuffer[]): void {
    const port = this.#otherPort;
    if (port === undefined) return this.#port.postMessage(request, transfer);
    this.#otherPort = undefined;
    const message: WorkerStart = { request, port };
    this.#worker.postMessage(message, [port as never]);
  }

  /**
   * Stops the worker, and rejects its pending request with the error. Waits until the
   * worker has stopped, but not longer than `timeout`.
   */
  async stop(error: unknown, timeout: number = STOP_TIMEOUT): Promise<void> {
    this.#end(error);
    await waitFor(this.#termination, timeout);
  }

  /** Stops the worker without waiting for it. */
  #end(error: unknown): void {
    if (this.#isStopped) return;
    // Set first, for `terminate()` may cause events.
    this.#isStopped = true;
    clearTimeout(this.#exitTimer);
    this.#pending?.reject(error);
    this.#onStop(this);
    this.#port.close();
    this.#otherPort?.close();
    this.#termination = this.#terminate();
    ignoreErrors(() => this.#termination);
  }

  async #terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #onExit(reason: unknown): void {
    if (this.#isStopped || this.#exitError !== undefined) return;
    const isError = reason instanceof Error;
    const text = isError ? reason.message : String(reason);
    const message = `The worker has stopped: ${text}`;
    const error = new Error(message, isError ? { cause: reason } : undefined);
    if (this.#pending === undefined) return this.#end(error);
    // A reply that the worker has sent before may arrive after the event.
    this.#exitError = error;
    this.#exitTimer = setTimeout(() => this.#end(error), 0);
  }

  #onMessage(message: WorkerReply | ExitNotice): void {
    if ("exitNotice" in message) return this.#onExit(message.exitNotice);
    this.#pending?.resolve(message);
    if (this.#exitError !== undefined) this.#end(this.#exitError);
  }
}
