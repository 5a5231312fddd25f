// Helpers for promises and generators. This module is browser compatible.

/** Creates a promise that is settled from outside: `Promise.withResolvers()`, which Node 20 lacks. */
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
