// Values with a wire type that JavaScript cannot express, and the checks whether a value
// fits the type. This module is browser compatible.

import { isDateTime } from "./date_time.ts";
import { quote, shorten } from "../util/messages.ts";

/** What an {@linkcode XmlRpcTyped} of each wire type holds. */
export interface XmlRpcTypedValues {
  /** An integer: within 32 bits if it is sent, within 2^53 if it was received. */
  int: number;
  /** An integer within 64 bits. */
  i8: bigint;
  /** A number; a finite one if it is sent. */
  double: number;
  /** The text of a date and time, such as `19980717T14:08:55`. */
  "dateTime.iso8601": string;
  /** An integer of any size (Apache's extension). */
  biginteger: bigint;
  /** The text of a decimal number of any size (Apache's extension). */
  bigdecimal: string;
}

/**
 * A value with its wire type, for types that JavaScript does not distinguish: `20` may be
 * an `int` or a `double`. Created by {@linkcode int}, {@linkcode i8}, {@linkcode double},
 * {@linkcode dateTime} and {@linkcode bigdecimal}, and by the decoder with the option
 * `typed`.
 *
 * @example Usage
 * ```ts
 * import { double } from "@xmlrpc/xmlrpc";
 * import { assertEquals } from "@std/assert";
 *
 * const twenty = double(20);
 * assertEquals(twenty.type, "double");
 * assertEquals(twenty.value, 20);
 * ```
 *
 * @typeParam T The wire type.
 */
export class XmlRpcTyped<
  T extends keyof XmlRpcTypedValues = keyof XmlRpcTypedValues,
> {
  /** The wire type. */
  readonly type: T;
  /** The value: {@linkcode XmlRpcTypedValues} has its JavaScript type. */
  readonly value: XmlRpcTypedValues[T];

  /**
   * Pairs a value with a wire type. The encoder checks whether the value fits; the
   * functions named above check it at once.
   *
   * @param type The wire type.
   * @param value The value.
   */
  constructor(type: T, value: XmlRpcTypedValues[T]) {
    this.type = type;
    this.value = value;
  }
}

function typed<T extends keyof XmlRpcTypedValues>(
  type: T,
  value: XmlRpcTypedValues[T],
): XmlRpcTyped<T> {
  checkTyped(type, value);
  return new XmlRpcTyped(type, value);
}

/**
 * An `<int>`. A plain integer within 32 bits is sent as `<int>` too, but any other plain
 * number is sent as `<double>`; here it is an error.
 *
 * Spec: "<i4> or <int>: four-byte signed integer".
 *
 * @example Usage
 * ```ts
 * import { int } from "@xmlrpc/xmlrpc";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => int(5_000_000_000), RangeError, "send 5000000000n (i8)");
 * ```
 *
 * @param value An integer within 32 bits.
 * @returns The value, to be encoded as `<int>`.
 * @throws {TypeError} If it is not a number.
 * @throws {RangeError} If it is not an integer, or does not fit into 32 bits.
 */
export function int(value: number): XmlRpcTyped<"int"> {
  return typed("int", value);
}

/**
 * An `<i8>`: an integer within 64 bits, the only extension that nearly every peer reads. A
 * plain bigint is sent as `<i8>` too.
 *
 * @example Usage
 * ```ts
 * import { i8 } from "@xmlrpc/xmlrpc";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(i8(5).value, 5n);
 * ```
 *
 * @param value A bigint within 64 bits, or a safe integer.
 * @returns The value, to be encoded as `<i8>`.
 * @throws {TypeError} If it is neither a bigint nor a number.
 * @throws {RangeError} If it is not a safe integer, or does not fit into 64 bits.
 */
export function i8(value: bigint | number): XmlRpcTyped<"i8"> {
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) {
      throw new RangeError(
        `Cannot encode ${
          show(value)
        } as i8: it is not a safe integer; pass a bigint`,
      );
    }
    return typed("i8", BigInt(value));
  }
  return typed("i8", value);
}

/**
 * A `<double>`, for servers that expect one for whole numbers: `double(20)` is sent as
 * `<double>20.0</double>`, plain `20` as `<int>20</int>`.
 *
 * @example Usage
 * ```ts
 * import { double, encodeCall } from "@xmlrpc/xmlrpc";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const xml = new TextDecoder().decode(encodeCall("set", [double(20)]));
 * assertStringIncludes(xml, "<double>20.0</double>");
 * ```
 *
 * @param value A finite number.
 * @returns The value, to be encoded as `<double>`.
 * @throws {TypeError} If it is not a number.
 * @throws {RangeError} If it is NaN or infinite.
 */
export function double(value: number): XmlRpcTyped<"double"> {
  return typed("double", value);
}

/**
 * A `<dateTime.iso8601>` whose text you choose: with a zone, with a fraction of a second,
 * or a local time. A plain `Date` is sent without a zone and in whole seconds, the only
 * form that every peer reads.
 *
 * Spec: "Don't assume a timezone. It should be specified by the server in its
 * documentation what assumptions it makes about timezones."
 *
 * @example Usage
 * ```ts
 * import { dateTime } from "@xmlrpc/xmlrpc";
 * import { assertEquals } from "@std/assert";
 *
 * const value = dateTime("1998-07-17T14:08:55.250+02:00");
 * assertEquals(value.type, "dateTime.iso8601");
 * ```
 *
 * @param value The text of a date and time.
 * @returns The value, to be encoded as `<dateTime.iso8601>`.
 * @throws {TypeError} If it is not a string.
 * @throws {RangeError} If it is not a date and time, or an impossible one.
 */
export function dateTime(value: string): XmlRpcTyped<"dateTime.iso8601"> {
  return typed("dateTime.iso8601", value);
}

/**
 * An `<ex:bigdecimal>`: Apache's decimal number of any size, as text.
 *
 * @example Usage
 * ```ts
 * import { bigdecimal } from "@xmlrpc/xmlrpc";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(bigdecimal("1.50").value, "1.50");
 * ```
 *
 * @param value The text of a decimal number.
 * @returns The value, to be encoded as `<ex:bigdecimal>`.
 * @throws {TypeError} If it is not a string.
 * @throws {RangeError} If it is not a decimal number.
 */
export function bigdecimal(value: string): XmlRpcTyped<"bigdecimal"> {
  return typed("bigdecimal", value);
}

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Formatting a bigint with more bits than this takes long. */
const MAX_SHOWN_BITS = 1024;

function showBigint(value: bigint): string {
  return BigInt.asIntN(MAX_SHOWN_BITS, value) === value
    ? `${shorten(String(value))}n`
    : `a bigint of more than ${MAX_SHOWN_BITS} bits`;
}

/** Formats a value for an error message: quoted if it is text, and never long. */
function show(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "bigint") return showBigint(value);
  return Object.is(value, -0) ? "-0" : String(value);
}

/** Why a value cannot be sent as a wire type. */
interface Mismatch {
  readonly kind: "type" | "range";
  /** The value, for the message. */
  readonly what: string;
  readonly why: string;
}

function findTypeMismatch(
  value: unknown,
  type: "bigint" | "number" | "string",
): Mismatch | undefined {
  const got = value === null ? "null" : typeof value;
  if (got === type) return undefined;
  return { kind: "type", what: got, why: `expected a ${type}` };
}

function createRangeMismatch(value: unknown, why: string): Mismatch {
  return { kind: "range", what: show(value), why };
}

function findIntMismatch(value: number): Mismatch | undefined {
  if ((value | 0) === value) return undefined;
  if (!Number.isInteger(value)) {
    return createRangeMismatch(value, "it is not an integer");
  }
  const i8 = BigInt(value);
  const ways = findI8Mismatch(i8) === undefined ? `${i8}n (i8) or ` : "";
  return createRangeMismatch(
    value,
    `it does not fit into 32 bits; send ${ways}double(${show(value)})`,
  );
}

function findI8Mismatch(value: bigint): Mismatch | undefined {
  if (BigInt.asIntN(64, value) === value) return undefined;
  return createRangeMismatch(
    value,
    "it does not fit into 64 bits; send it as a string",
  );
}

function findDoubleMismatch(value: number): Mismatch | undefined {
  if (Number.isFinite(value)) return undefined;
  // Spec: "There is no representation for infinity or negative infinity or
  // "not a number"."
  return createRangeMismatch(value, "XML-RPC has no such value");
}

function findDateTimeMismatch(value: string): Mismatch | undefined {
  if (isDateTime(value)) return undefined;
  return createRangeMismatch(
    value,
    "expected a text such as 19980717T14:08:55",
  );
}

function findBigDecimalMismatch(value: string): Mismatch | undefined {
  if (DECIMAL.test(value)) return undefined;
  return createRangeMismatch(value, 'expected a decimal number such as "1.50"');
}

/** The JavaScript type of each wire type, and which values of it do not fit. */
const CHECKS: {
  readonly [T in keyof XmlRpcTypedValues]: readonly [
    type: "bigint" | "number" | "string",
    find: (value: never) => Mismatch | undefined,
  ];
} = {
  int: ["number", findIntMismatch],
  i8: ["bigint", findI8Mismatch],
  double: ["number", findDoubleMismatch],
  "dateTime.iso8601": ["string", findDateTimeMismatch],
  biginteger: ["bigint", () => undefined],
  bigdecimal: ["string", findBigDecimalMismatch],
};

/**
 * Throws if the value cannot be sent as the wire type. `describePlace` gives the place of
 * the value for the message, such as ` at params[0]`.
 */
export function checkTyped(
  type: keyof XmlRpcTypedValues,
  value: unknown,
  describePlace: () => string = () => "",
): void {
  if (!Object.hasOwn(CHECKS, type)) {
    throw new TypeError(
      `Cannot encode ${show(value)}${describePlace()}: unknown wire type ${
        show(type)
      }`,
    );
  }
  const [expected, findMismatch] = CHECKS[type];
  const mismatch = findTypeMismatch(value, expected) ??
    findMismatch(value as never);
  if (mismatch === undefined) return;
  const message =
    `Cannot encode ${mismatch.what} as ${type}${describePlace()}: ${mismatch.why}`;
  throw mismatch.kind === "type"
    ? new TypeError(message)
    : new RangeError(message);
}
