// One worker, and the request that it works at. This module is browser compatible.

import { createDeferred } from "../util/async.ts";
import {
  deserialize,
  type ExitNotice,
  fromFailure,
  type WorkerReply,
  type WorkerRequest,
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
   * @param transfer Buffers in it that are transferred.
   */
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  /**
   * Stops the worker.
   *
   * @returns Anything; a promise is awaited.
   */
  terminate(): unknown;
}

/** The part of a worker of `node:worker_threads` that `listen` uses. */
interface Emitter {
  on(name: string, listener: (value: unknown) => void): unknown;
}

/** Listens to a worker of either kind; `onExit` is called with the reason why it ends. */
function listen(
  worker: XmlRpcWorker,
  onMessage: (data: unknown) => void,
  onExit: (reason: unknown) => void,
): void {
  const unreadable = "it has sent a message that cannot be read";
  if ("on" in worker) {
    const emitter = worker as XmlRpcWorker & Emitter;
    emitter.on("message", onMessage);
    emitter.on("messageerror", () => onExit(unreadable));
    emitter.on("error", onExit);
    emitter.on("exit", () => onExit("it has ended itself"));
    return;
  }
  const target = worker as XmlRpcWorker & EventTarget;
  target.addEventListener(
    "message",
    (event) => onMessage((event as MessageEvent).data),
  );
  target.addEventListener("messageerror", () => onExit(unreadable));
  target.addEventListener("error", (event) => {
    // Otherwise it would be an uncaught error of this thread, too.
    event.preventDefault();
    onExit((event as ErrorEvent).message || "its program cannot be loaded");
  });
  // Not in the standard: Bun has this event for a worker that has ended itself.
  target.addEventListener("close", () => onExit("it has ended itself"));
}

/** A request without its number. */
export type Task = WorkerRequest extends infer One
  ? One extends WorkerRequest ? Omit<One, "id"> : never
  : never;

/** A request that has no reply yet. */
interface PendingRequest {
  readonly id: number;
  readonly resolve: (reply: WorkerReply) => void;
  readonly reject: (error: unknown) => void;
}

/** A worker that gets one request at a time. */
export class Thread {
  readonly #worker: XmlRpcWorker;
  readonly #onStop: (thread: Thread) => void;
  #lastId = 0;
  #pending: PendingRequest | undefined;
  #isStopped = false;
  #termination: unknown;

  /** Takes over a worker that has just been started. */
  constructor(worker: XmlRpcWorker, onStop: (thread: Thread) => void) {
    this.#worker = worker;
    this.#onStop = onStop;
    listen(
      worker,
      (data) => this.#onMessage(data),
      (reason) => this.#onExit(reason),
    );
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
    task: Task,
    transfer: ArrayBuffer[],
    timeout: number,
    createError: () => Error,
  ): Promise<unknown> {
    const { promise, resolve, reject } = createDeferred<WorkerReply>();
    const id = ++this.#lastId;
    this.#worker.postMessage({ ...task, id }, transfer);
    this.#pending = { id, resolve, reject };
    const timer = setTimeout(() => void this.stop(createError()), timeout);
    try {
      const reply = await promise;
      if ("failure" in reply) throw fromFailure(reply.failure);
      return deserialize(reply.value);
    } finally {
      clearTimeout(timer);
      this.#pending = undefined;
    }
  }

  /** Stops the worker, and rejects its pending request with the error. */
  async stop(error: unknown): Promise<void> {
    if (!this.#isStopped) {
      // Set first, for `terminate()` may cause events.
      this.#isStopped = true;
      this.#pending?.reject(error);
      this.#onStop(this);
      this.#termination = this.#worker.terminate();
    }
    await this.#termination;
  }

  #onExit(reason: unknown): void {
    const isError = reason instanceof Error;
    const text = isError ? reason.message : String(reason);
    const message = `The worker has stopped: ${text}`;
    void this.stop(new Error(message, isError ? { cause: reason } : undefined));
  }

  /** Handles a reply; ignores the messages that the module itself posts. */
  #onMessage(data: unknown): void {
    if (typeof data !== "object" || data === null) return;
    const { exitNotice } = data as Partial<ExitNotice>;
    if (exitNotice !== undefined) return this.#onExit(exitNotice);
    const reply = data as WorkerReply;
    if (reply.id === this.#pending?.id) this.#pending.resolve(reply);
  }
}
