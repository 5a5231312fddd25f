// Conversion of values by their declared types, incoming and outgoing. This module is
// browser compatible.

import { parseDateTime, type TimeZone } from "./date_time.ts";
import { isSource, mapItems } from "./sources.ts";
import { canBeStruct, describeClass, isStruct } from "./struct.ts";
import { checkTyped, XmlRpcTyped, type XmlRpcTypedValues } from "./typed.ts";
import {
  XmlRpcOptional,
  type XmlRpcType,
  type XmlRpcTypeValues,
} from "./types.ts";
import { ValueBudget, Walk } from "./walk.ts";

/** The name of a type. */
type TypeName = keyof XmlRpcTypeValues;

/** A value that is not of its declared type; the message has its path. */
export class TypeMismatch extends TypeError {}

/** How the codec decodes dates. */
export interface DateSettings {
  readonly timeZone: TimeZone;
  readonly dateTime: unknown;
}

/** What a conversion returns if the value is of another type. */
const NONE = Symbol("no such value");

/** Converts a value to its type; returns {@linkcode NONE} if it is of another one. */
type Conversion = (value: unknown, at: () => string) => unknown;

/** How the values of each type are converted. */
export type Conversions = Readonly<Record<TypeName, Conversion>>;

/** The name of the wire type of a value, for messages. */
export function toTypeName(value: unknown): string {
  if (value === null) return "nil";
  if (value instanceof XmlRpcTyped) return value.type;
  if (value instanceof Date) return "dateTime.iso8601";
  if (value instanceof Uint8Array) return "base64";
  switch (typeof value) {
    case "number":
      if (!Number.isFinite(value)) return String(value);
      if (!Number.isInteger(value)) return "double";
      return (value | 0) === value ? "int" : "i8";
    case "bigint":
      return "i8";
    case "object":
      if (Array.isArray(value)) return "array";
      return canBeStruct(value) ? "struct" : describeClass(value);
    case "undefined":
      return "nothing";
    default:
      return typeof value;
  }
}

/** Accepts the values that match, as they are. */
function accept(matches: (value: unknown) => boolean): Conversion {
  return (value) => matches(value) ? value : NONE;
}

/** The conversions that are the same in both directions. */
const COMMON = {
  boolean: accept((value) => typeof value === "boolean"),
  string: accept((value) => typeof value === "string"),
  any: (value: unknown) => value,
};

// ---------------------------------------------------------------- incoming

/** The number or bigint in a value, whichever wire type it came as. */
function numeric(value: unknown): unknown {
  if (!(value instanceof XmlRpcTyped)) return value;
  const plain = value.value;
  return typeof plain === "string" ? value : plain;
}

/** An integer of any type as a number, if that is exact. */
function safeInteger(value: unknown): unknown {
  const plain = numeric(value);
  const number = typeof plain === "bigint" ? Number(plain) : plain;
  return Number.isSafeInteger(number) ? number : NONE;
}

function readInt(value: unknown): unknown {
  const number = safeInteger(value);
  return typeof number === "number" && (number | 0) === number ? number : NONE;
}

function readInt8(value: unknown): unknown {
  const plain = numeric(value);
  if (typeof plain === "bigint") return plain;
  return Number.isSafeInteger(plain) ? BigInt(plain as number) : NONE;
}

// A peer whose language does not distinguish 20 from 20.0 sends it as an int.
function readDouble(value: unknown): unknown {
  const plain = numeric(value);
  if (typeof plain !== "number") return safeInteger(plain);
  return Number.isFinite(plain) ? plain : NONE;
}

function readDate(
  value: unknown,
  { timeZone, dateTime }: DateSettings,
): unknown {
  // With the hook `dateTime`, a date may be any value.
  if (value instanceof Date || dateTime !== undefined) return value;
  return value instanceof XmlRpcTyped && value.type === "dateTime.iso8601"
    ? parseDateTime(value.value as string, timeZone)
    : NONE;
}

/** The conversions of received values. */
export function createIncomingConversions(
  settings: DateSettings,
): Conversions {
  return {
    ...COMMON,
    int: readInt,
    i8: readInt8,
    double: readDouble,
    "dateTime.iso8601": (value) => readDate(value, settings),
    // A stream if the method reads one.
    base64: accept((value) =>
      value instanceof Uint8Array || value instanceof ReadableStream
    ),
    nil: accept((value) => value === null),
    array: accept(Array.isArray),
    struct: accept(isStruct),
  };
}

// ---------------------------------------------------------------- outgoing

/** The value as it is sent under a type; throws if the type does not have it. */
function wrap(
  type: "int" | "i8" | "double" | "dateTime.iso8601",
  value: unknown,
  at: () => string,
): XmlRpcTyped {
  checkTyped(type, value, () => ` at ${at()}`);
  return new XmlRpcTyped(type, value as XmlRpcTypedValues[typeof type]);
}

function sendInt(value: unknown, at: () => string): unknown {
  const plain = numeric(value);
  const number = typeof plain === "bigint" ? Number(plain) : plain;
  return typeof number === "number" ? wrap("int", number, at) : NONE;
}

function sendInt8(value: unknown, at: () => string): unknown {
  const plain = readInt8(value);
  return plain === NONE ? NONE : wrap("i8", plain, at);
}

function sendDouble(value: unknown, at: () => string): unknown {
  const plain = typeof value === "number" ? value : readDouble(value);
  return plain === NONE ? NONE : wrap("double", plain, at);
}

function sendDate(value: unknown, at: () => string): unknown {
  if (value instanceof Date) return value;
  if (typeof value === "string") return wrap("dateTime.iso8601", value, at);
  const isText = value instanceof XmlRpcTyped &&
    value.type === "dateTime.iso8601";
  return isText ? wrap("dateTime.iso8601", value.value, at) : NONE;
}

function isBytes(value: unknown): boolean {
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value) ||
    value instanceof Blob || value instanceof ReadableStream;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null &&
    Symbol.asyncIterator in value && !(value instanceof ReadableStream);
}

const SENDING: Conversions = {
  ...COMMON,
  any: (value) => value === undefined ? null : value,
  int: sendInt,
  i8: sendInt8,
  double: sendDouble,
  "dateTime.iso8601": sendDate,
  base64: accept(isBytes),
  nil: (value) => value === null || value === undefined ? null : NONE,
  array: accept((value) => Array.isArray(value) || isAsyncIterable(value)),
  struct: accept(isStructInput),
};

/** The names of all types. */
export const TYPE_NAMES: readonly string[] = Object.keys(SENDING);

/** Whether a text is the name of a type. */
export function isTypeName(name: string): name is TypeName {
  return Object.hasOwn(SENDING, name);
}

function isStructInput(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof XmlRpcTyped) && canBeStruct(value) && !isSource(value);
}

// ---------------------------------------------------------------- conversion

/** Converts values. What is sent is read once: it is copied before it is checked. */
class Converter {
  readonly #conversions: Conversions;
  readonly #walk: Walk;
  readonly #budget: ValueBudget;
  readonly #maxValues: number;

  constructor(conversions: Conversions, root: string, maxValues: number) {
    this.#conversions = conversions;
    this.#walk = new Walk(root, conversions === SENDING);
    this.#budget = new ValueBudget(maxValues);
    this.#maxValues = maxValues;
  }

  convert(value: unknown, type: XmlRpcType): unknown {
    this.#budget.spend(this.#walk.toPlace);
    if (typeof type === "string") return this.#named(value, type);
    if (isArrayType(type)) return this.#array(value, type[0]);
    return this.#struct(value, type as StructType);
  }

  #named(value: unknown, type: TypeName): unknown {
    const { toPlace } = this.#walk;
    const converted = this.#conversions[type](value, toPlace);
    if (converted !== NONE) return converted;
    throw new TypeMismatch(
      `${toPlace()}: expected ${type}, got ${toTypeName(value)}`,
    );
  }

  #array(value: unknown, type: XmlRpcType): unknown {
    const items = this.#named(value, "array");
    if (!isAsyncIterable(items)) {
      return this.#walk.mapItems(
        items as unknown[],
        (item) => this.convert(item, type),
      );
    }
    const place = this.#walk.toPlace();
    return mapItems(
      items,
      place,
      (item, index) =>
        convertOutgoing(item, type, `${place}[${index}]`, this.#maxValues),
    );
  }

  #struct(value: unknown, types: StructType): unknown {
    const struct = this.#named(value, "struct") as Record<string, unknown>;
    return this.#walk.mapMembers(struct, Object.keys(types), (member, name) => {
      const type = types[name]!;
      const isLeftOut = member === undefined && type instanceof XmlRpcOptional;
      return isLeftOut ? member : this.convert(member, unwrapOptional(type));
    });
  }
}

type StructType = Readonly<Record<string, XmlRpcType | XmlRpcOptional>>;

/** Whether a type is an array with items of one type. */
export function isArrayType(type: XmlRpcType): type is readonly [XmlRpcType] {
  return Array.isArray(type);
}

/** A type without its mark as optional. */
export function unwrapOptional(type: XmlRpcType | XmlRpcOptional): XmlRpcType {
  return type instanceof XmlRpcOptional ? type.type : type;
}

/**
 * Converts a value to its type; throws a {@linkcode TypeMismatch} with its path, and a
 * RangeError if there are more than `maxValues`.
 */
export function convertValue(
  value: unknown,
  type: XmlRpcType,
  conversions: Conversions,
  root: string,
  maxValues: number,
): unknown {
  return new Converter(conversions, root, maxValues).convert(value, type);
}

/**
 * Converts a value for sending: `3` becomes `double(3)` if its type is double.
 *
 * Throws a TypeError (a {@linkcode TypeMismatch}) if the value is of another type, and a
 * RangeError if it is out of the type's range, or there are more than `maxValues`;
 * `root` is what messages call the value.
 */
export function convertOutgoing(
  value: unknown,
  type: XmlRpcType,
  root: string,
  maxValues: number,
): unknown {
  try {
    return convertValue(value, type, SENDING, root, maxValues);
  } catch (error) {
    if (!(error instanceof TypeMismatch)) throw error;
    throw new TypeMismatch(`Cannot encode ${error.message}`);
  }
}
