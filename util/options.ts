// Reads and checks options, so that a wrong one is an error at once that names it. This
// module is browser compatible.

/** The option `name`, or its default; throws a RangeError if it cannot be a limit. */
export function readLimit<T extends object, K extends keyof T & string>(
  options: T,
  name: K,
  fallback: number,
): number {
  const value: unknown = options[name] ?? fallback;
  if (typeof value === "number" && value >= 0) return value;
  throw new RangeError(
    `The option ${name} must be a number of 0 or more: ${String(value)}`,
  );
}

// The longest time `setTimeout` can wait: 25 days.
const MAX_TIMEOUT = 2 ** 31 - 1;

/**
 * The option `name` in milliseconds, or its default; throws a RangeError if no timer can
 * wait for so long.
 */
export function readTimeout<T extends object, K extends keyof T & string>(
  options: T,
  name: K,
  fallback: number,
): number {
  const timeout = readLimit(options, name, fallback);
  if (timeout <= MAX_TIMEOUT) return timeout;
  throw new RangeError(
    `The option ${name} must be at most ${MAX_TIMEOUT} ms: ${timeout}`,
  );
}

/** The option `name`, the first choice by default; throws a TypeError if it is another. */
export function readChoice<
  T extends object,
  K extends keyof T & string,
  Choice extends string,
>(
  options: T,
  name: K,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  const value: unknown = options[name] ?? choices[0];
  const choice = choices.find((choice) => choice === value);
  if (choice !== undefined) return choice;
  const expected = choices.map((choice) => `"${choice}"`).join(" or ");
  throw new TypeError(
    `The option ${name} must be ${expected}: ${String(value)}`,
  );
}

/** The option `name`, or its default; throws a TypeError if it is not a boolean. */
export function readBoolean<T extends object, K extends keyof T & string>(
  options: T,
  name: K,
  fallback: boolean,
): boolean {
  const value: unknown = options[name] ?? fallback;
  if (typeof value === "boolean") return value;
  throw new TypeError(
    `The option ${name} must be true or false: ${String(value)}`,
  );
}

/** Throws a TypeError if the option `name` is set, but not to a function. */
export function checkFunction<T extends object, K extends keyof T & string>(
  options: T,
  name: K,
): void {
  const value: unknown = options[name];
  if (value === undefined || typeof value === "function") return;
  throw new TypeError(
    `The option ${name} must be a function, not a ${typeof value}`,
  );
}

/** Throws a TypeError if the option `name` is set, but not to an array of functions. */
export function checkFunctions<T extends object, K extends keyof T & string>(
  options: T,
  name: K,
): void {
  const value: unknown = options[name];
  if (value === undefined) return;
  const isList = Array.isArray(value) &&
    value.every((item) => typeof item === "function");
  if (isList) return;
  throw new TypeError(`The option ${name} must be an array of functions`);
}
