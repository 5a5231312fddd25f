// How long a call may take. This module is browser compatible.

/** Runs `work` until it ends or the signal aborts. */
export async function untilAborted<T>(
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  let onAbort = (): void => {};
  // Whoever works need not look at the signal: a `fetch` option, say.
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort);
  });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Aborts when the time is over, when a signal does, or when the call has failed. */
export class Deadline {
  readonly signal: AbortSignal;
  readonly #failure = new AbortController();
  readonly #timeout: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Its time begins to run at once. */
  constructor(timeout: number, signals: readonly AbortSignal[]) {
    this.#timeout = timeout;
    this.signal = AbortSignal.any([this.#failure.signal, ...signals]);
    this.start();
  }

  /** Begins the time anew. */
  start(): void {
    this.stop();
    // `AbortSignal.timeout()` would go on counting after the call.
    this.#timer = setTimeout(() => this.#end(), this.#timeout);
  }

  /** Stops the time: nobody waits for the server, or not any more. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Ends all that is going on for the call, which has failed. */
  fail(reason: unknown): void {
    this.stop();
    this.#failure.abort(reason);
  }

  #end(): void {
    const message =
      `The server has not answered within ${this.#timeout} ms: the option timeout`;
    this.fail(new DOMException(message, "TimeoutError"));
  }
}
