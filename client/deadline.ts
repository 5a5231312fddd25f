// How long a call may take. This module is browser compatible.

import { ResettableTimer } from "../util/timer.ts";

/** Aborts when the time is over, when a signal does, or when the call has failed. */
export class Deadline {
  readonly signal: AbortSignal;
  readonly #failure = new AbortController();
  readonly #timeout: number;
  readonly #timer = new ResettableTimer();

  /** Its time begins to run at once. */
  constructor(timeout: number, signals: readonly AbortSignal[]) {
    this.#timeout = timeout;
    // `AbortSignal.timeout()` would go on counting after the call.
    const { signal } = this.#failure;
    // A signal that depends on others takes long to make.
    this.signal = signals.length === 0
      ? signal
      : AbortSignal.any([signal, ...signals]);
    this.start();
  }

  /** Begins the time anew. */
  start(): void {
    this.#timer.set(this.#timeout, this.#end);
  }

  /** Stops the time until it begins anew: nobody waits for the server. */
  pause(): void {
    this.#timer.clear();
  }

  /** Stops the time: the call is over. */
  stop(): void {
    this.#timer.stop();
  }

  /** Ends all that is going on for the call, which has failed. */
  fail(reason: unknown): void {
    this.stop();
    this.#failure.abort(reason);
  }

  readonly #end = (): void => {
    const message =
      `The server has not answered within ${this.#timeout} ms: the option timeout`;
    this.fail(new DOMException(message, "TimeoutError"));
  };
}
