// Helpers for promises and generators. This module is browser compatible.

/** Creates a promise that is settled from outside: `withResolvers()`, which Node 20 lacks. */
export function createDeferred<T>(): PromiseWithResolvers<T> {
  let settle: Omit<PromiseWithResolvers<T>, "promise">;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle! };
}

/** Calls a function and ignores what it throws, or what its promise rejects with. */
export function ignoreErrors(call: () => unknown): void {
  try {
    Promise.resolve(call()).catch(() => {});
  } catch {
    // Ignored, like a rejection.
  }
}

/**
 * Calls `stop` as soon as the reader of a generator returns early. The generator's own
 * `return()` waits for the item that was asked for, and does nothing before the first one.
 */
export function makeStoppable<T>(
  items: AsyncGenerator<T, void, void>,
  stop: () => void,
): AsyncGenerator<T, void, void> {
  const leave = items.return.bind(items);
  return Object.assign(items, {
    return: (): Promise<IteratorResult<T, void>> => {
      stop();
      return leave();
    },
  });
}

/** Waits for `work`, but rejects with the reason of the signal as soon as that aborts. */
export async function untilAborted<T>(
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  let onAbort = (): void => {};
  // `work` itself may ignore the signal: a function given as `fetch`, for example.
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
