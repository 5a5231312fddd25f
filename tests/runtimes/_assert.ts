// Assertions that need nothing of any runtime.

import { equal, show } from "../corpus/equal.ts";

/** Asserts that something is truthy. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** Asserts deep equality. */
export function assertEquals(actual: unknown, expected: unknown): void {
  if (equal(actual, expected)) return;
  throw new Error(`Expected ${show(expected)}, got ${show(actual)}`);
}

/** What a promise is rejected with. */
export async function rejection(promise: PromiseLike<unknown>): Promise<Error> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error(`Expected a rejection, got ${show(value)}`);
}

/** Waits until something is so, for some seconds at most. */
export async function until(
  isSo: () => Promise<boolean>,
  what: string,
): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`In 10 s, ${what}`);
}
