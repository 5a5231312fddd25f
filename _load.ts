// How many calls run at once, and the end of all. This module is browser compatible.

import { createDeferred } from "./_deferred.ts";

/** Counts the calls that run, and lets in no more than may. */
export class Load {
  readonly #maxConcurrent: number;
  #running = 0;
  #isClosed = false;
  readonly #idle = new Set<() => void>();

  constructor(maxConcurrent: number) {
    this.#maxConcurrent = maxConcurrent;
  }

  /** Whether no more calls are let in. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Lets a call in, which must {@linkcode Load.leave} once; false if it may not. */
  enter(): boolean {
    if (this.#isClosed || this.#running >= this.#maxConcurrent) return false;
    this.#running++;
    return true;
  }

  /** Takes notice that a call is over. */
  leave(): void {
    this.#running--;
    if (this.#running > 0 || this.#idle.size === 0) return;
    for (const tell of this.#idle) tell();
    this.#idle.clear();
  }

  /** Lets no more in, and waits until all are out: false if that takes too long. */
  async drain(timeout: number): Promise<boolean> {
    this.#isClosed = true;
    if (this.#running === 0) return true;
    const { promise, resolve } = createDeferred<boolean>();
    const tell = (): void => resolve(true);
    this.#idle.add(tell);
    const timer = setTimeout(() => resolve(false), timeout);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#idle.delete(tell);
    }
  }
}
