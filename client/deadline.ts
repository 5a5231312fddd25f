// The deadline of a call. This module is browser compatible.

import { ResettableTimer } from "../util/timer.ts";

/** Aborts its signal when the time is over, when another signal aborts, or when the call fails. */
export class Deadline {
  readonly signal: AbortSignal;
  readonly #failure = new AbortController();
  readonly #timeout: number;
  readonly #timer = new ResettableTimer();

  /** Starts the timer at once. */
  constructor(timeout: number, signals: readonly AbortSignal[]) {
    this.#timeout = timeout;
    // `AbortSignal.timeout()` could not be stopped when the call is over.
    const { signal } = this.#failure;
    // Avoid `AbortSignal.any()` if possible: it is slow.
    this.signal = signals.length === 0
      ? signal
      : AbortSignal.any([signal, ...signals]);
    this.start();
  }

  /** Starts the timer again, from zero. */
  start(): void {
    this.#timer.set(this.#timeout, this.#end);
  }

  /** Stops the timer until it is resumed: the client is not waiting for the server. */
  pause(): void {
    this.#timer.pause();
  }

  /** Ends a pause: continues with the time that was left. */
  resume(): void {
    this.#timer.resume();
  }

  /** Stops the timer for good: the call is over. */
  stop(): void {
    this.#timer.stop();
  }

  /** Aborts the call, which has failed. */
  fail(reason: unknown): void {
    this.stop();
    this.#failure.abort(reason);
  }

  readonly #end = (): void => {
    const message = `No response within ${this.#timeout} ms (option timeout)`;
    this.fail(new DOMException(message, "TimeoutError"));
  };
}
