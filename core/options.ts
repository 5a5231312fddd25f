// Checks of options, so that a wrong one is found at once and named. This module is
// browser compatible.

/** The limit `name`, or its default; throws a RangeError if it can be none. */
export function limitOf(
  options: object,
  name: string,
  fallback: number,
): number {
  const value = (options as Record<string, unknown>)[name] ?? fallback;
  if (typeof value === "number" && value >= 0) return value;
  throw new RangeError(
    `The option ${name} must be a number of 0 or more: ${String(value)}`,
  );
}

// The longest time `setTimeout` can wait: 25 days.
const MAX_TIMEOUT = 2 ** 31 - 1;

/** The time `name` in milliseconds, or its default; throws a RangeError if it is none. */
export function timeoutOf(
  options: object,
  name: string,
  fallback: number,
): number {
  const timeout = limitOf(options, name, fallback);
  if (timeout <= MAX_TIMEOUT) return timeout;
  throw new RangeError(
    `The option ${name} must be at most ${MAX_TIMEOUT} ms: ${timeout}`,
  );
}

/** The option `name`, the first choice by default; throws a TypeError if it is none of them. */
export function choiceOf<T extends string>(
  options: object,
  name: string,
  choices: readonly [T, ...T[]],
): T {
  const value = (options as Record<string, unknown>)[name] ?? choices[0];
  const choice = choices.find((choice) => choice === value);
  if (choice !== undefined) return choice;
  const expected = choices.map((choice) => `"${choice}"`).join(" or ");
  throw new TypeError(
    `The option ${name} must be ${expected}: ${String(value)}`,
  );
}

/** Throws a TypeError if the option `name` is neither a function nor left out. */
export function functionOf(options: object, name: string): void {
  const value = (options as Record<string, unknown>)[name];
  if (value === undefined || typeof value === "function") return;
  throw new TypeError(
    `The option ${name} must be a function, not a ${typeof value}`,
  );
}

/** Throws a TypeError if the option `name` is neither an array of functions nor left out. */
export function functionsOf(options: object, name: string): void {
  const value = (options as Record<string, unknown>)[name];
  if (value === undefined) return;
  const isList = Array.isArray(value) &&
    value.every((item) => typeof item === "function");
  if (isList) return;
  throw new TypeError(`The option ${name} must be an array of functions`);
}

/** The option `name`, `fallback` by default; throws a TypeError if it is no boolean. */
export function booleanOf(
  options: object,
  name: string,
  fallback: boolean,
): boolean {
  const value = (options as Record<string, unknown>)[name] ?? fallback;
  if (typeof value === "boolean") return value;
  throw new TypeError(
    `The option ${name} must be true or false: ${String(value)}`,
  );
}
