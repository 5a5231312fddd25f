/**
 * A stand-in for `@std/assert`: the assertions that are used here.
 *
 * @module
 */

/** What a failed assertion throws. */
export class AssertionError extends Error {
  override name = "AssertionError";
}

// deno-lint-ignore no-explicit-any
type Class<T> = abstract new (...args: any[]) => T;

function show(value: unknown): string {
  return Deno.inspect(value, {
    depth: Infinity,
    iterableLimit: Infinity,
    strAbbreviateSize: Infinity,
    sorted: true,
  });
}

function abort(what: string, message: string | undefined): never {
  throw new AssertionError(
    message === undefined ? what : `${what}: ${message}`,
  );
}

function keysOf(value: object): PropertyKey[] {
  return Reflect.ownKeys(value).filter((key) =>
    Object.prototype.propertyIsEnumerable.call(value, key)
  );
}

function hasEqualEntries(
  a: Map<unknown, unknown> | Set<unknown>,
  b: Map<unknown, unknown> | Set<unknown>,
): boolean {
  if (a.size !== b.size) return false;
  const rest = [...b.entries()];
  return [...a.entries()].every((entry) => {
    const index = rest.findIndex((other) => equal(entry, other));
    if (index >= 0) rest.splice(index, 1);
    return index >= 0;
  });
}

type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

// All typed arrays inherit from one class, which has no name of its own.
const TYPED_ARRAY = Object.getPrototypeOf(Uint8Array) as Class<TypedArray>;

/** Element by element, without the key and the call that each one costs elsewhere. */
function hasEqualElements(a: TypedArray, b: TypedArray): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) {
    if (!Object.is(a[index], b[index])) return false;
  }
  return true;
}

/** The bytes of what holds nothing but bytes: they are no members of it. */
function bytesOf(value: object): Uint8Array | undefined {
  if (value instanceof DataView) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  return value instanceof ArrayBuffer || value instanceof SharedArrayBuffer
    ? new Uint8Array(value)
    : undefined;
}

/**
 * Deep equality: same classes, same own enumerable members, and for dates, maps,
 * sets, regular expressions and bytes the same content. `NaN` equals `NaN`.
 */
export function equal(a: unknown, b: unknown): boolean {
  // At any depth, NaN equals NaN, and 0 does not equal -0.
  if (Object.is(a, b)) return true;
  if (
    typeof a !== "object" || typeof b !== "object" || a === null || b === null
  ) return false;
  if (
    Object.getPrototypeOf(a)?.constructor !==
      Object.getPrototypeOf(b)?.constructor
  ) return false;
  if (a instanceof Date && b instanceof Date) {
    return Object.is(a.getTime(), b.getTime());
  }
  if (a instanceof RegExp || a instanceof URL) return String(a) === String(b);
  if (a instanceof Error && b instanceof Error && a.message !== b.message) {
    return false;
  }
  if (
    (a instanceof Map && b instanceof Map) ||
    (a instanceof Set && b instanceof Set)
  ) {
    return hasEqualEntries(a, b);
  }
  if (a instanceof TYPED_ARRAY && b instanceof TYPED_ARRAY) {
    return hasEqualElements(a, b);
  }
  const bytes = bytesOf(a);
  const otherBytes = bytesOf(b);
  if (bytes !== undefined && otherBytes !== undefined) {
    return hasEqualElements(bytes, otherBytes);
  }
  const keys = keysOf(a);
  if (keys.length !== keysOf(b).length) return false;
  return keys.every((key) =>
    Object.hasOwn(b, key) && equal(a[key as never], b[key as never])
  );
}

/** Asserts that something is truthy. */
export function assert(condition: unknown, message = ""): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Fails. */
export function fail(message?: string): never {
  abort("Failed assertion", message);
}

/** Asserts deep equality. */
export function assertEquals<T>(
  actual: T,
  expected: T,
  message?: string,
): void {
  if (equal(actual, expected)) return;
  abort(
    `Values are not equal\n  actual:   ${show(actual)}\n  expected: ${
      show(expected)
    }`,
    message,
  );
}

/** Asserts that two things are not deeply equal. */
export function assertNotEquals<T>(
  actual: T,
  expected: T,
  message?: string,
): void {
  if (equal(actual, expected)) {
    abort(`Expected something other than ${show(actual)}`, message);
  }
}

/** Asserts that two things are the same. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  message?: string,
): asserts actual is T {
  if (Object.is(actual, expected)) return;
  abort(
    `Values are not the same: ${show(actual)} and ${show(expected)}`,
    message,
  );
}

/** Asserts that a text contains another. */
export function assertStringIncludes(
  actual: string,
  expected: string,
  message?: string,
): void {
  if (!actual.includes(expected)) {
    abort(`Expected ${show(actual)} to contain ${show(expected)}`, message);
  }
}

/** Asserts that a text matches. */
export function assertMatch(
  actual: string,
  expected: RegExp,
  message?: string,
): void {
  if (!expected.test(actual)) {
    abort(`Expected ${show(actual)} to match ${expected}`, message);
  }
}

/** Asserts that a text does not match. */
export function assertNotMatch(
  actual: string,
  expected: RegExp,
  message?: string,
): void {
  if (expected.test(actual)) {
    abort(`Expected ${show(actual)} not to match ${expected}`, message);
  }
}

/** Asserts that something is of a class. */
export function assertInstanceOf<T>(
  actual: unknown,
  expected: Class<T>,
  message?: string,
): asserts actual is T {
  if (actual instanceof expected) return;
  abort(`Expected ${show(actual)} to be of class ${expected.name}`, message);
}

/** Asserts that an error is of a class, and that its message contains a text. */
export function assertIsError<E extends Error = Error>(
  error: unknown,
  errorClass?: Class<E>,
  includes?: string | RegExp,
  message?: string,
): asserts error is E {
  if (!(error instanceof Error)) {
    abort(`Expected an Error, got ${show(error)}`, message);
  }
  if (errorClass !== undefined && !(error instanceof errorClass)) {
    abort(`Expected a ${errorClass.name}, got ${error.stack}`, message);
  }
  const found = includes instanceof RegExp
    ? includes.test(error.message)
    : error.message.includes(includes ?? "");
  if (!found) {
    abort(
      `Expected the error message ${show(error.message)} to include ${
        show(includes)
      }`,
      message,
    );
  }
}

/** Asserts that a function throws; gives the error. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  errorClass?: Class<E>,
  includes?: string,
  message?: string,
): E {
  try {
    fn();
  } catch (error) {
    assertIsError(error, errorClass, includes, message);
    return error;
  }
  abort("Expected function to throw", message);
}

/** Asserts that a function returns a promise that rejects; gives the error. */
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass?: Class<E>,
  includes?: string,
  message?: string,
): Promise<E> {
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch (error) {
    abort(
      `Expected function to return a promise, but it threw ${show(error)}`,
      message,
    );
  }
  if (typeof promise?.then !== "function") {
    abort(`Expected a promise, got ${show(promise)}`, message);
  }
  try {
    await promise;
  } catch (error) {
    assertIsError(error, errorClass, includes, message);
    return error;
  }
  abort("Expected function to reject", message);
}
