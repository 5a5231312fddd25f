// The calls in flight: what they hold, how many may run at once, and graceful shutdown.
// This module is browser compatible.

import { createDeferred } from "../util/async.ts";
import { ResettableTimer } from "../util/timer.ts";

/** Counts the running calls and their bytes, and admits no more than the limits allow. */
export class LoadLimiter {
  readonly #maxConcurrent: number;
  readonly #maxPendingBytes: number;
  #running = 0;
  #bytes = 0;
  #isClosed = false;
  readonly #idleListeners = new Set<() => void>();

  constructor(maxConcurrent: number, maxPendingBytes: number) {
    this.#maxConcurrent = maxConcurrent;
    this.#maxPendingBytes = maxPendingBytes;
  }

  /** Whether the server is shutting down: no call is admitted any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Admits a call, which must {@linkcode LoadLimiter.leave} once; false if it may not run. */
  enter(): boolean {
    if (this.#isClosed || this.#running >= this.#maxConcurrent) return false;
    this.#running++;
    return true;
  }

  /** Whether calls may hold so many bytes more. */
  hasRoom(bytes: number): boolean {
    return this.#bytes + bytes <= this.#maxPendingBytes;
  }

  /** Counts bytes that a call holds until it {@linkcode LoadLimiter.leave}s. */
  reserve(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Counts a call out, with all bytes that it had reserved. */
  leave(bytes: number): void {
    this.#bytes -= bytes;
    this.#running--;
    if (this.#running > 0 || this.#idleListeners.size === 0) return;
    for (const listener of this.#idleListeners) listener();
    this.#idleListeners.clear();
  }

  /** Admits no more calls, and waits until all have left: false if that takes too long. */
  async drain(timeout: number): Promise<boolean> {
    this.#isClosed = true;
    if (this.#running === 0) return true;
    const { promise, resolve } = createDeferred<boolean>();
    const listener = (): void => resolve(true);
    this.#idleListeners.add(listener);
    const timer = setTimeout(() => resolve(false), timeout);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#idleListeners.delete(listener);
    }
  }
}

/**
 * A request that the server works for, with the call in it, or all calls of a multicall.
 * It is in flight as long as something retains it: the request, a method that is late,
 * a response that is still read.
 */
export class InFlightCall {
  readonly request: Request;
  /** Runs while the server waits: for the request, the method, the reader of the response. */
  readonly timer: ResettableTimer = new ResettableTimer();
  /** Made when first asked for: a request's signal costs time once it is looked at. */
  #signals:
    | { readonly own: AbortController; readonly all: AbortSignal }
    | undefined;
  #ended: { readonly reason: unknown } | undefined;
  readonly #limiter: LoadLimiter;
  readonly #onReleased: (call: InFlightCall) => void;
  #retainers = 0;
  #bytes = 0;

  /**
   * For a request that `limiter` has admitted. When nothing retains it any more, it
   * leaves the limiter, and `onReleased` is called.
   */
  constructor(
    request: Request,
    limiter: LoadLimiter,
    onReleased: (call: InFlightCall) => void,
  ) {
    this.request = request;
    this.#limiter = limiter;
    this.#onReleased = onReleased;
  }

  /** Keeps the call in flight until the matching {@linkcode InFlightCall.release}. */
  retain(): void {
    this.#retainers++;
  }

  /** Ends one {@linkcode InFlightCall.retain}; the last one ends the call. */
  release(): void {
    if (--this.#retainers > 0) return;
    this.timer.stop();
    this.#onReleased(this);
    this.#limiter.leave(this.#bytes);
  }

  /** How many bytes the call has reserved. */
  get reservedBytes(): number {
    return this.#bytes;
  }

  /** Reserves bytes, beyond the limit too, until the call is released. */
  reserve(bytes: number): void {
    this.#bytes += bytes;
    this.#limiter.reserve(bytes);
  }

  /** Whether the limit allows the call so many bytes more, beside those of all others. */
  canReserve(bytes: number): boolean {
    return this.#limiter.hasRoom(bytes);
  }

  /** Whether the server has aborted the call. */
  get isAborted(): boolean {
    return this.#ended !== undefined;
  }

  /** Aborts when the client disconnects, or the server aborts the call. */
  get signal(): AbortSignal {
    this.#signals ??= this.#createSignals();
    return this.#signals.all;
  }

  #createSignals(): { own: AbortController; all: AbortSignal } {
    const own = new AbortController();
    if (this.#ended !== undefined) own.abort(this.#ended.reason);
    return { own, all: AbortSignal.any([this.request.signal, own.signal]) };
  }

  /** Aborts the call's signal; only the first reason counts. */
  abort(reason: unknown): void {
    this.#ended ??= { reason };
    this.#signals?.own.abort(reason);
  }
}
