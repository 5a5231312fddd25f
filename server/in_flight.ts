// Where a call comes from, and whether it is still wanted. This module is browser
// compatible.

import { ResettableTimer } from "../util/timer.ts";
import type { Load } from "./load.ts";

/** The request that a call, or all those of a multicall, came with. */
export class Origin {
  readonly request: Request;
  /** Times whatever is waited for: the request, the method, the reader of the response. */
  readonly timer: ResettableTimer = new ResettableTimer();
  /** Made when first asked for: a request's signal costs time once it is looked at. */
  #signals:
    | { readonly own: AbortController; readonly all: AbortSignal }
    | undefined;
  #ended: { readonly reason: unknown } | undefined;
  readonly #load: Load;
  readonly #onFree: (origin: Origin) => void;
  #holders = 0;
  #bytes = 0;

  /**
   * For a request that `load` has let in, and which leaves it once nobody works for it
   * any more; `onFree` is told then.
   */
  constructor(
    request: Request,
    load: Load,
    onFree: (origin: Origin) => void,
  ) {
    this.request = request;
    this.#load = load;
    this.#onFree = onFree;
  }

  /** Takes notice that somebody works for it, who must {@linkcode Origin.release} it. */
  hold(): void {
    this.#holders++;
  }

  /** Takes notice that somebody works for it no more. */
  release(): void {
    if (--this.#holders > 0) return;
    this.timer.stop();
    this.#onFree(this);
    this.#load.leave(this.#bytes);
  }

  /** How many bytes it keeps in memory until it is free, as far as they count. */
  get keptBytes(): number {
    return this.#bytes;
  }

  /** Takes notice that it keeps so many bytes more. */
  keep(bytes: number): void {
    this.#bytes += bytes;
    this.#load.keep(bytes);
  }

  /** Whether it may keep so many bytes more, beside what all others do. */
  mayKeep(bytes: number): boolean {
    return this.#load.hasRoom(bytes);
  }

  /** Whether the server has given the call up. */
  get isAborted(): boolean {
    return this.#ended !== undefined;
  }

  /** Aborts when the caller has gone, or the server has given the call up. */
  get signal(): AbortSignal {
    this.#signals ??= this.#createSignals();
    return this.#signals.all;
  }

  #createSignals(): { own: AbortController; all: AbortSignal } {
    const own = new AbortController();
    if (this.#ended !== undefined) own.abort(this.#ended.reason);
    return { own, all: AbortSignal.any([this.request.signal, own.signal]) };
  }

  /** Gives the call up. */
  abort(reason: unknown): void {
    this.#ended ??= { reason };
    this.#signals?.own.abort(reason);
  }
}
