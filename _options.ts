// Options that are numbers. This module is browser compatible.

/** The option `name`, or its default; throws a RangeError if it can be no limit. */
export function limitOf(
  options: object,
  name: string,
  fallback: number,
): number {
  const value = (options as Record<string, unknown>)[name] ?? fallback;
  if (typeof value !== "number" || !(value >= 0)) {
    throw new RangeError(
      `The option ${name} must be a number of 0 or more: ${value}`,
    );
  }
  return value;
}
