// A worker as a pool sees it. This module is browser compatible.

import { createDeferred } from "../util/async.ts";
import {
  type Farewell,
  fromFailure,
  type Order,
  type Reply,
  unpack,
} from "./protocol.ts";

/**
 * What a thread runs in: a `Worker` of the web, or one of `node:worker_threads`. Its
 * events are listened to as either of the two has them.
 */
export interface XmlRpcWorker {
  /**
   * Sends a message.
   *
   * @param message The message.
   * @param transfer Buffers in it that change hands.
   */
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  /**
   * Stops the worker.
   *
   * @returns What it likes; a promise is waited for.
   */
  terminate(): unknown;
}

/** How a worker of `node:worker_threads` is listened to. */
interface Emitter {
  on(name: string, listener: (value: unknown) => void): unknown;
}

/** Listens to a worker of either kind; `onEnd` is told why it ends. */
function listen(
  worker: XmlRpcWorker,
  onMessage: (data: unknown) => void,
  onEnd: (reason: unknown) => void,
): void {
  const unreadable = "it has sent what cannot be read";
  if ("on" in worker) {
    const emitter = worker as XmlRpcWorker & Emitter;
    emitter.on("message", onMessage);
    emitter.on("messageerror", () => onEnd(unreadable));
    emitter.on("error", onEnd);
    emitter.on("exit", () => onEnd("it has ended itself"));
    return;
  }
  const target = worker as XmlRpcWorker & EventTarget;
  target.addEventListener(
    "message",
    (event) => onMessage((event as MessageEvent).data),
  );
  target.addEventListener("messageerror", () => onEnd(unreadable));
  target.addEventListener("error", (event) => {
    // Unprevented, it would be an error of this thread, too.
    event.preventDefault();
    onEnd((event as ErrorEvent).message || "its program cannot be loaded");
  });
  // Not in the standard: Bun tells in this way of a worker that has ended itself.
  target.addEventListener("close", () => onEnd("it has ended itself"));
}

/** An order without its number. */
export type Task = Order extends infer One
  ? One extends Order ? Omit<One, "id"> : never
  : never;

/** What is to be done with the reply. */
interface Question {
  readonly id: number;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
}

/** A worker, which is asked one thing at a time. */
export class Thread {
  readonly #worker: XmlRpcWorker;
  readonly #onEnd: (thread: Thread) => void;
  #id = 0;
  #question: Question | undefined;
  #isEnded = false;
  #gone: unknown;

  /** Takes over a worker that has just been started. */
  constructor(worker: XmlRpcWorker, onEnd: (thread: Thread) => void) {
    this.#worker = worker;
    this.#onEnd = onEnd;
    listen(worker, (data) => this.#hear(data), (reason) => this.#die(reason));
  }

  /** Whether it has been stopped, or has stopped. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /**
   * Asks for something, and stops the worker if that takes too long; `late` makes the
   * error that is then thrown.
   */
  async ask(
    task: Task,
    transfer: ArrayBuffer[],
    timeout: number,
    late: () => Error,
  ): Promise<unknown> {
    const { promise, resolve, reject } = createDeferred<Reply>();
    const id = ++this.#id;
    this.#worker.postMessage({ ...task, id }, transfer);
    this.#question = { id, resolve, reject };
    const timer = setTimeout(() => void this.end(late()), timeout);
    try {
      const reply = await promise;
      if ("failure" in reply) throw fromFailure(reply.failure);
      return unpack(reply.value);
    } finally {
      clearTimeout(timer);
      this.#question = undefined;
    }
  }

  /** Stops the worker; what it has been asked is rejected with the error. */
  async end(error: unknown): Promise<void> {
    if (!this.#isEnded) {
      // First, for to be stopped may make events of its own.
      this.#isEnded = true;
      this.#question?.reject(error);
      this.#onEnd(this);
      this.#gone = this.#worker.terminate();
    }
    await this.#gone;
  }

  #die(reason: unknown): void {
    const isError = reason instanceof Error;
    const text = isError ? reason.message : String(reason);
    const message = `The worker has stopped: ${text}`;
    void this.end(new Error(message, isError ? { cause: reason } : undefined));
  }

  /** Takes a reply; whatever else the module's code may post is not for us. */
  #hear(data: unknown): void {
    if (typeof data !== "object" || data === null) return;
    const { farewell } = data as Partial<Farewell>;
    if (farewell !== undefined) return this.#die(farewell);
    const reply = data as Reply;
    if (reply.id === this.#question?.id) this.#question.resolve(reply);
  }
}
