// The scalar wire types: which texts each one allows, and the value of a text.
// This module is browser compatible.

import { decodeBase64 } from "../util/base64.ts";
import {
  isDateTime,
  parseDateTime,
  readDateTime,
  type TimeZone,
} from "../core/date_time.ts";
import { quote } from "../util/messages.ts";
import { trimSpace } from "./xml/characters.ts";
import { type DocumentProblem, invalid } from "./xml/problem.ts";
import { XmlRpcTyped } from "../core/typed.ts";

/** How scalars are decoded; see the options of the same names in codec/options.ts. */
export interface ScalarSettings {
  readonly i8: "bigint" | "number";
  readonly timeZone: TimeZone;
  readonly dateTime: ((text: string) => unknown) | undefined;
  readonly typed: boolean;
}

/** Turns the text of one scalar element into its value; throws a {@linkcode DocumentProblem}. */
export type ScalarDecoder = (text: string, settings: ScalarSettings) => unknown;

const INTEGER = /^[+-]?[0-9]+$/;
const DOUBLE = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const NON_FINITE = /^([+-]?)(?:(nan)|inf(?:inity)?)$/i;

function unreadable(
  text: string,
  type: string,
  expected: string,
): DocumentProblem {
  return invalid(`Cannot read ${quote(text)} as ${type}: expected ${expected}`);
}

function parseBigInteger(text: string, type: string): bigint {
  const trimmed = trimSpace(text);
  if (!INTEGER.test(trimmed)) throw unreadable(text, type, "an integer");
  // BigInt() rejects a leading "+".
  return BigInt(trimmed.startsWith("+") ? trimmed.slice(1) : trimmed);
}

function outOfRange(
  text: string,
  type: string,
  range: string,
): DocumentProblem {
  return invalid(
    `Cannot read ${quote(text)} as ${type}: it does not fit into ${range}`,
  );
}

function parseInteger(text: string, type: string): number {
  const trimmed = trimSpace(text);
  if (!INTEGER.test(trimmed)) throw unreadable(text, type, "an integer");
  // Adding 0 turns -0 into 0: an integer has no -0.
  return Number(trimmed) + 0;
}

function createIntDecoder(
  type: string,
  least: number,
  most: number,
  range: string,
): ScalarDecoder {
  return (text, { typed }) => {
    // Beyond 2^53 a number is rounded, but never to one within the range.
    const value = parseInteger(text, type);
    if (!(value >= least && value <= most)) throw outOfRange(text, type, range);
    return typed ? new XmlRpcTyped("int", value) : value;
  };
}

function decodeI8(text: string, { typed, i8 }: ScalarSettings): unknown {
  const value = parseBigInteger(text, "i8");
  if (BigInt.asIntN(64, value) !== value) {
    throw outOfRange(text, "i8", "64 bits");
  }
  if (typed) return new XmlRpcTyped("i8", value);
  if (i8 === "bigint") return value;
  if (!Number.isSafeInteger(Number(value))) {
    throw outOfRange(text, "i8", `2^53, and the option i8 is "number"`);
  }
  return Number(value);
}

function decodeBigInteger(text: string, { typed }: ScalarSettings): unknown {
  const value = parseBigInteger(text, "biginteger");
  return typed ? new XmlRpcTyped("biginteger", value) : value;
}

function decodeBigDecimal(text: string): unknown {
  const trimmed = trimSpace(text);
  if (!DOUBLE.test(trimmed)) {
    throw unreadable(text, "bigdecimal", "a decimal number");
  }
  return new XmlRpcTyped("bigdecimal", trimmed);
}

function parseDouble(text: string): number {
  const trimmed = trimSpace(text);
  if (DOUBLE.test(trimmed)) {
    const value = Number(trimmed);
    if (!Number.isFinite(value)) throw outOfRange(text, "double", "a double");
    return value;
  }
  // Not in the spec, but Python, PHP and Zope send them.
  const match = NON_FINITE.exec(trimmed);
  if (match === null) throw unreadable(text, "double", "a number");
  if (match[2] !== undefined) return NaN;
  return match[1] === "-" ? -Infinity : Infinity;
}

function decodeDouble(text: string, { typed }: ScalarSettings): unknown {
  const value = parseDouble(text);
  return typed ? new XmlRpcTyped("double", value) : value;
}

function decodeBoolean(text: string): unknown {
  const trimmed = trimSpace(text);
  // "true" and "false" are not in the spec; hand-written peers send them.
  if (trimmed === "1" || trimmed === "true") return true;
  if (trimmed === "0" || trimmed === "false") return false;
  throw unreadable(text, "boolean", "0 or 1");
}

function decodeDateTime(text: string, settings: ScalarSettings): unknown {
  const trimmed = trimSpace(text);
  if (settings.dateTime !== undefined) return settings.dateTime(trimmed);
  if (settings.typed) {
    if (isDateTime(trimmed)) {
      return new XmlRpcTyped("dateTime.iso8601", trimmed);
    }
  } else {
    const date = parseDateTime(trimmed, settings.timeZone);
    if (date !== undefined) return date;
  }
  throw unreadable(
    text,
    "dateTime.iso8601",
    "a possible date such as 19980717T14:08:55; the option dateTime reads others",
  );
}

function decodeBytes(text: string): unknown {
  try {
    return decodeBase64(text);
  } catch {
    throw unreadableBase64(text);
  }
}

/** The problem of a text that is not base64; the start of the text is enough. */
export function unreadableBase64(text: string): DocumentProblem {
  return unreadable(
    text,
    "base64",
    "letters, digits, + and /, and = at the end",
  );
}

function decodeString(text: string): unknown {
  return text;
}

const decodeInt = createIntDecoder(
  "int",
  Number.MIN_SAFE_INTEGER,
  Number.MAX_SAFE_INTEGER,
  "2^53; its sender needs i8 or string",
);

/** The decoder of each scalar wire type, by element name. */
export const SCALARS: ReadonlyMap<string, ScalarDecoder> = new Map<
  string,
  ScalarDecoder
>([
  ["int", decodeInt],
  ["i4", decodeInt],
  // Not in the spec: Apache's and others' extensions, from here on unless noted.
  ["i1", createIntDecoder("i1", -128, 127, "8 bits")],
  ["i2", createIntDecoder("i2", -32768, 32767, "16 bits")],
  ["i8", decodeI8],
  ["biginteger", decodeBigInteger],
  ["bigdecimal", decodeBigDecimal],
  ["float", decodeDouble],
  // In the spec.
  ["double", decodeDouble],
  ["boolean", decodeBoolean],
  ["string", decodeString],
  ["dateTime.iso8601", decodeDateTime],
  ["base64", decodeBytes],
]);

// ---------------------------------------------------------------- the fast path

// Nearly all texts are plain. These functions read them from their bytes, without a
// string, and give the same values as the decoders above.

/** Where in the window a text stands. */
export interface TextSpan {
  start: number;
  end: number;
}

/**
 * Reads the plain text that starts at `text.start`, and sets `text.end`; undefined if
 * the text is not plain, whether valid or not.
 */
export type ScalarReader = (
  bytes: Uint8Array,
  text: TextSpan,
  settings: ScalarSettings,
) => unknown;

const DIGIT_0 = 0x30;
const MINUS = 0x2d;
const POINT = 0x2e;

/** Reads an integer of up to nine digits. */
function readInteger(
  bytes: Uint8Array,
  text: TextSpan,
): number | undefined {
  const { start } = text;
  const isNegative = bytes[start] === MINUS;
  const first = isNegative ? start + 1 : start;
  let value = 0;
  let at = first;
  for (;; at++) {
    const digit = bytes[at]! - DIGIT_0;
    if (digit < 0 || digit > 9) break;
    if (at - first === 9) return undefined;
    value = value * 10 + digit;
  }
  if (at === first) return undefined;
  text.end = at;
  // Not -value, which may be -0: an integer has no -0.
  return isNegative ? 0 - value : value;
}

function readInt(
  bytes: Uint8Array,
  text: TextSpan,
  settings: ScalarSettings,
): number | undefined {
  return settings.typed ? undefined : readInteger(bytes, text);
}

function readI8(
  bytes: Uint8Array,
  text: TextSpan,
  settings: ScalarSettings,
): number | bigint | undefined {
  if (settings.typed) return undefined;
  const value = readInteger(bytes, text);
  if (value === undefined || settings.i8 === "number") return value;
  return BigInt(value);
}

// Powers of ten that are exact as numbers.
const POWERS = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);

/**
 * Reads a decimal such as -12.50 of up to 15 digits. Both parts of the fraction are
 * exact, so its one division rounds as the standard says.
 */
function readDouble(
  bytes: Uint8Array,
  text: TextSpan,
  settings: ScalarSettings,
): number | undefined {
  if (settings.typed) return undefined;
  const { start } = text;
  const isNegative = bytes[start] === MINUS;
  const first = isNegative ? start + 1 : start;
  let mantissa = 0;
  let point = 0;
  let at = first;
  for (;; at++) {
    const digit = bytes[at]! - DIGIT_0;
    if (digit >= 0 && digit <= 9) {
      if (at - first >= 16) return undefined;
      mantissa = mantissa * 10 + digit;
    } else if (digit === POINT - DIGIT_0 && point === 0 && at > first) {
      point = at;
    } else {
      break;
    }
  }
  // Not for "12." and "1234567890123456", which are rare.
  const decimals = at - point - 1;
  if (point === 0 || decimals === 0) return undefined;
  text.end = at;
  const value = mantissa / POWERS[decimals]!;
  return isNegative ? -value : value;
}

function readBoolean(
  bytes: Uint8Array,
  text: TextSpan,
): boolean | undefined {
  const digit = bytes[text.start]! - DIGIT_0;
  if (digit !== 0 && digit !== 1) return undefined;
  text.end = text.start + 1;
  return digit === 1;
}

function readDate(
  bytes: Uint8Array,
  text: TextSpan,
  settings: ScalarSettings,
): Date | undefined {
  if (settings.typed || settings.dateTime !== undefined) return undefined;
  text.end = text.start + 17;
  return readDateTime(bytes, text.start, settings.timeZone);
}

/** The fast reader of each scalar wire type that has one, by element name. */
export const SCALAR_READERS: ReadonlyMap<string, ScalarReader> = new Map<
  string,
  ScalarReader
>([
  ["int", readInt],
  ["i4", readInt],
  ["i8", readI8],
  ["double", readDouble],
  ["float", readDouble],
  ["boolean", readBoolean],
  ["dateTime.iso8601", readDate],
]);

/** The extension types by their local names in Apache's namespace. */
export const EXTENSIONS: ReadonlyMap<string, string> = new Map([
  ["i1", "i1"],
  ["i2", "i2"],
  ["i8", "i8"],
  ["float", "float"],
  ["nil", "nil"],
  ["dateTime", "dateTime.iso8601"],
  ["bigdecimal", "bigdecimal"],
  ["biginteger", "biginteger"],
]);

/** Apache's namespace of extension types. */
export const EXTENSION_NAMESPACE =
  "http://ws.apache.org/xmlrpc/namespaces/extensions";
