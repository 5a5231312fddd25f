// A promise that is settled from outside. This module is browser compatible.

/** `Promise.withResolvers()`, which Node 20 lacks. */
export function createDeferred<T>(): PromiseWithResolvers<T> {
  let settle: Omit<PromiseWithResolvers<T>, "promise">;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle! };
}
