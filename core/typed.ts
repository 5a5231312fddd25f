// Which values fit a wire type. This module is browser compatible.

import { isDateTime } from "./date_time.ts";
import { quote, shorten } from "../util/messages.ts";
import type { XmlRpcTypedValues } from "./value.ts";

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Beyond so many bits, the digits of a bigint take long to be found. */
const SHOWN_BITS = 1024;

function showBigint(value: bigint): string {
  return BigInt.asIntN(SHOWN_BITS, value) === value
    ? `${shorten(String(value))}n`
    : `a bigint of more than ${SHOWN_BITS} bits`;
}

/** A value in an error message: quoted if it is text, and never long. */
export function show(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "bigint") return showBigint(value);
  return Object.is(value, -0) ? "-0" : String(value);
}

/** Why a value cannot be sent as some wire type. */
interface Misfit {
  readonly kind: "type" | "range";
  /** The value, for a message. */
  readonly what: string;
  readonly why: string;
}

function wrongType(
  value: unknown,
  type: "bigint" | "number" | "string",
): Misfit | undefined {
  const got = value === null ? "null" : typeof value;
  if (got === type) return undefined;
  return { kind: "type", what: got, why: `expected a ${type}` };
}

function outOfRange(value: unknown, why: string): Misfit {
  return { kind: "range", what: show(value), why };
}

function intMisfit(value: number): Misfit | undefined {
  if ((value | 0) === value) return undefined;
  if (!Number.isInteger(value)) return outOfRange(value, "it is no integer");
  const i8 = BigInt(value);
  const ways = i8Misfit(i8) === undefined ? `${i8}n (i8) or ` : "";
  return outOfRange(
    value,
    `it does not fit into 32 bits; send ${ways}double(${show(value)})`,
  );
}

function i8Misfit(value: bigint): Misfit | undefined {
  if (BigInt.asIntN(64, value) === value) return undefined;
  return outOfRange(value, "it does not fit into 64 bits; send it as a string");
}

function doubleMisfit(value: number): Misfit | undefined {
  if (Number.isFinite(value)) return undefined;
  // Spec: "There is no representation for infinity or negative infinity or
  // "not a number"."
  return outOfRange(value, "XML-RPC has no such value");
}

function dateTimeMisfit(value: string): Misfit | undefined {
  if (isDateTime(value)) return undefined;
  return outOfRange(value, "expected a text such as 19980717T14:08:55");
}

function bigDecimalMisfit(value: string): Misfit | undefined {
  if (DECIMAL.test(value)) return undefined;
  return outOfRange(value, 'expected a decimal number such as "1.50"');
}

/** What JavaScript type each wire type holds, and which values of it do not fit. */
const CHECKS: {
  readonly [T in keyof XmlRpcTypedValues]: readonly [
    type: "bigint" | "number" | "string",
    misfit: (value: never) => Misfit | undefined,
  ];
} = {
  int: ["number", intMisfit],
  i8: ["bigint", i8Misfit],
  double: ["number", doubleMisfit],
  "dateTime.iso8601": ["string", dateTimeMisfit],
  biginteger: ["bigint", () => undefined],
  bigdecimal: ["string", bigDecimalMisfit],
};

/**
 * Throws if the value cannot be sent as that wire type. The encoder calls it, with
 * what gives the value's place, such as ` at params[0]`, and every wrapper function.
 */
export function checkTyped(
  type: keyof XmlRpcTypedValues,
  value: unknown,
  placeOf: () => string = () => "",
): void {
  if (!Object.hasOwn(CHECKS, type)) {
    throw new TypeError(
      `Cannot encode ${show(value)}${placeOf()}: no wire type ${show(type)}`,
    );
  }
  const [expected, misfitOf] = CHECKS[type];
  const misfit = wrongType(value, expected) ?? misfitOf(value as never);
  if (misfit === undefined) return;
  const message =
    `Cannot encode ${misfit.what} as ${type}${placeOf()}: ${misfit.why}`;
  throw misfit.kind === "type"
    ? new TypeError(message)
    : new RangeError(message);
}
