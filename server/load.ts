// How many calls run at once, how much memory they take, and the end of all. This module
// is browser compatible.

import { createDeferred } from "../util/async.ts";

/** Counts the calls that run, and their bytes, and lets in no more than may. */
export class Load {
  readonly #maxConcurrent: number;
  readonly #maxPendingBytes: number;
  #running = 0;
  #bytes = 0;
  #isClosed = false;
  readonly #idle = new Set<() => void>();

  constructor(maxConcurrent: number, maxPendingBytes: number) {
    this.#maxConcurrent = maxConcurrent;
    this.#maxPendingBytes = maxPendingBytes;
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

  /** Whether calls may hold so many bytes more. */
  hasRoom(bytes: number): boolean {
    return this.#bytes + bytes <= this.#maxPendingBytes;
  }

  /** Takes notice that a call holds so many bytes more, and {@linkcode Load.leave}s with them. */
  keep(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Takes notice that a call is over, and that what it held is let go. */
  leave(bytes: number): void {
    this.#bytes -= bytes;
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
