// Signatures at run time: values checked against their declared types and made what
// these say, on the way in and on the way out. This module is browser compatible.

import { parseDateTime, type TimeZone } from "./date_time.ts";
import { quote, segmentOf } from "../util/messages.ts";
import { mapItems } from "./sources.ts";
import {
  canBeStruct,
  classNameOf,
  copyStruct,
  isStruct,
  setMember,
} from "./struct.ts";
import { checkTyped } from "./typed.ts";
import { XmlRpcTyped, type XmlRpcTypedValues } from "./typed.ts";
import {
  XmlRpcOptional,
  type XmlRpcSignature,
  type XmlRpcType,
  type XmlRpcTypeValues,
} from "./types.ts";

type TypeName = keyof XmlRpcTypeValues;

/** A value that is not of its declared type; the message has its place. */
export class Misfit extends TypeError {}

/** What the options of the codec have made of dates. */
export interface DateSettings {
  readonly timeZone: TimeZone;
  readonly dateTime: unknown;
}

/** What a conversion gives where the value is of another type. */
const NONE = Symbol("no such value");

/** Makes of a value what its type says, or gives {@linkcode NONE}. */
type Conversion = (value: unknown, at: () => string) => unknown;

/** What a value is on the wire, for messages. */
export function typeNameOf(value: unknown): string {
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
      return canBeStruct(value) ? "struct" : classNameOf(value);
    case "undefined":
      return "nothing";
    default:
      return typeof value;
  }
}

function keep(matches: (value: unknown) => boolean): Conversion {
  return (value) => matches(value) ? value : NONE;
}

/** The conversions that are the same in both directions. */
const COMMON = {
  boolean: keep((value) => typeof value === "boolean"),
  string: keep((value) => typeof value === "string"),
  any: (value: unknown) => value,
};

// ---------------------------------------------------------------- on the way in

/** The number or bigint in a value, whichever wire type it came as. */
function numeric(value: unknown): unknown {
  return value instanceof XmlRpcTyped && typeof value.value !== "string"
    ? value.value
    : value;
}

/** An integer of whatever type as a number, as long as it is exactly that. */
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

// A peer whose language does not tell 20 from 20.0 sends it as an int.
function readDouble(value: unknown): unknown {
  const plain = numeric(value);
  if (typeof plain !== "number") return safeInteger(plain);
  return Number.isFinite(plain) ? plain : NONE;
}

function readDate(
  value: unknown,
  { timeZone, dateTime }: DateSettings,
): unknown {
  // What the hook makes of a date is the application's.
  if (value instanceof Date || dateTime !== undefined) return value;
  return value instanceof XmlRpcTyped && value.type === "dateTime.iso8601"
    ? parseDateTime(value.value as string, timeZone)
    : NONE;
}

/** The conversions of what has been received. */
export function receiving(
  settings: DateSettings,
): Readonly<Record<TypeName, Conversion>> {
  return {
    ...COMMON,
    int: readInt,
    i8: readInt8,
    double: readDouble,
    "dateTime.iso8601": (value) => readDate(value, settings),
    // A stream, for a method that reads one.
    base64: keep((value) =>
      value instanceof Uint8Array || value instanceof ReadableStream
    ),
    nil: keep((value) => value === null),
    array: keep(Array.isArray),
    struct: keep(isStruct),
  };
}

// ---------------------------------------------------------------- on the way out

function typed(
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
  return typeof number === "number" ? typed("int", number, at) : NONE;
}

function sendInt8(value: unknown, at: () => string): unknown {
  const plain = readInt8(value);
  return plain === NONE ? NONE : typed("i8", plain, at);
}

function sendDouble(value: unknown, at: () => string): unknown {
  const plain = typeof value === "number" ? value : readDouble(value);
  return plain === NONE ? NONE : typed("double", plain, at);
}

function sendDate(value: unknown, at: () => string): unknown {
  if (value instanceof Date) return value;
  if (typeof value === "string") return typed("dateTime.iso8601", value, at);
  const isText = value instanceof XmlRpcTyped &&
    value.type === "dateTime.iso8601";
  return isText ? value : NONE;
}

function isBytes(value: unknown): boolean {
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value) ||
    value instanceof Blob || value instanceof ReadableStream;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null &&
    Symbol.asyncIterator in value && !(value instanceof ReadableStream);
}

const SENDING: Readonly<Record<TypeName, Conversion>> = {
  ...COMMON,
  any: (value) => value === undefined ? null : value,
  int: sendInt,
  i8: sendInt8,
  double: sendDouble,
  "dateTime.iso8601": sendDate,
  base64: keep(isBytes),
  nil: (value) => value === null || value === undefined ? null : NONE,
  array: keep((value) => Array.isArray(value) || isAsyncIterable(value)),
  struct: keep(isStructInput),
};

/** Whether a text is the name of a type. */
export function isTypeName(name: string): name is TypeName {
  return Object.hasOwn(SENDING, name);
}

function isStructInput(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof XmlRpcTyped) && canBeStruct(value);
}

// ---------------------------------------------------------------- conversion

/** Converts values; arrays and structs are copied only where something in them changes. */
class Converter {
  readonly #conversions: Readonly<Record<TypeName, Conversion>>;
  readonly #path: (string | number)[] = [];
  readonly #root: string;

  constructor(
    conversions: Readonly<Record<TypeName, Conversion>>,
    root: string,
  ) {
    this.#conversions = conversions;
    this.#root = root;
  }

  convert(value: unknown, type: XmlRpcType): unknown {
    if (typeof type === "string") return this.#named(value, type);
    if (isArrayType(type)) {
      const items = this.#named(value, "array");
      if (!isAsyncIterable(items)) {
        return this.#array(items as unknown[], type[0]);
      }
      const place = this.#at();
      return mapItems(
        items,
        (item, index) => conform(item, type[0], `${place}[${index}]`),
      );
    }
    const struct = this.#named(value, "struct") as Record<string, unknown>;
    return this.#struct(struct, type as StructType);
  }

  #named(value: unknown, type: TypeName): unknown {
    const converted = this.#conversions[type](value, this.#at);
    if (converted !== NONE) return converted;
    throw new Misfit(
      `${this.#at()}: expected ${type}, got ${typeNameOf(value)}`,
    );
  }

  #array(items: readonly unknown[], type: XmlRpcType): readonly unknown[] {
    let copy: unknown[] | undefined;
    const depth = this.#path.length;
    for (let index = 0; index < items.length; index++) {
      this.#path[depth] = index;
      const item = this.convert(items[index], type);
      if (item !== items[index]) copy ??= items.slice();
      if (copy !== undefined) copy[index] = item;
    }
    this.#path.length = depth;
    return copy ?? items;
  }

  #struct(
    struct: Record<string, unknown>,
    types: StructType,
  ): Record<string, unknown> {
    let copy: Record<string, unknown> | undefined;
    const depth = this.#path.length;
    for (const name of Object.keys(types)) {
      const type = types[name]!;
      const value = Object.hasOwn(struct, name) ? struct[name] : undefined;
      const isLeftOut = value === undefined && type instanceof XmlRpcOptional;
      if (isLeftOut) continue;
      this.#path[depth] = name;
      const member = this.convert(value, typeOf(type));
      if (member !== value) copy ??= copyStruct(struct);
      if (copy !== undefined) setMember(copy, name, member);
    }
    this.#path.length = depth;
    return copy ?? struct;
  }

  readonly #at = (): string => this.#root + this.#path.map(segmentOf).join("");
}

type StructType = Readonly<Record<string, XmlRpcType | XmlRpcOptional>>;

function isArrayType(type: XmlRpcType): type is readonly [XmlRpcType] {
  return Array.isArray(type);
}

function typeOf(type: XmlRpcType | XmlRpcOptional): XmlRpcType {
  return type instanceof XmlRpcOptional ? type.type : type;
}

function convert(
  value: unknown,
  type: XmlRpcType,
  conversions: Readonly<Record<TypeName, Conversion>>,
  root: string,
): unknown {
  return new Converter(conversions, root).convert(value, type);
}

/**
 * A value as it is to be sent for a type: `3` for a double as `double(3)`.
 *
 * Throws a TypeError (a {@linkcode Misfit}) if the value is of another type, and a
 * RangeError if it is out of the type's range; `root` is what messages call the value.
 */
export function conform(
  value: unknown,
  type: XmlRpcType,
  root: string,
): unknown {
  try {
    return convert(value, type, SENDING, root);
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    throw new Misfit(`Cannot encode ${error.message}`);
  }
}

/** How many params a signature must have at least. */
function leastParams({ params }: XmlRpcSignature): number {
  const first = params.findIndex((type) => type instanceof XmlRpcOptional);
  return first < 0 ? params.length : first;
}

function arityFlaw(
  signature: XmlRpcSignature,
  count: number,
): string | undefined {
  const least = leastParams(signature);
  const most = signature.params.length;
  if (count >= least && count <= most) return undefined;
  const expected = least === most ? `${most}` : `${least} to ${most}`;
  return `Expected ${expected} param${most === 1 ? "" : "s"}, got ${count}`;
}

/** A call's params as one signature wants them; throws a {@linkcode Misfit}. */
function takeParams(
  signature: XmlRpcSignature,
  params: readonly unknown[],
  conversions: Readonly<Record<TypeName, Conversion>>,
): unknown[] {
  const flaw = arityFlaw(signature, params.length);
  if (flaw !== undefined) throw new Misfit(flaw);
  return params.map((param, index) =>
    convert(
      param,
      typeOf(signature.params[index]!),
      conversions,
      `params[${index}]`,
    )
  );
}

/** The params of a call, and the signature they fit. */
export interface FittingParams {
  readonly params: unknown[];
  readonly signature: XmlRpcSignature;
}

/**
 * The params as the first signature that they fit wants them. Throws a
 * {@linkcode Misfit} that says what would fit.
 */
export function fitParams(
  signatures: readonly XmlRpcSignature[],
  params: readonly unknown[],
  conversions: Readonly<Record<TypeName, Conversion>>,
): FittingParams {
  // One signature alone says best what is wrong, the only one with that many params, too.
  const { length } = params;
  const close = signatures.filter((one) =>
    arityFlaw(one, length) === undefined
  );
  const candidates = close.length === 0 ? signatures : close;
  for (const signature of candidates) {
    try {
      return { params: takeParams(signature, params, conversions), signature };
    } catch (error) {
      if (!(error instanceof Misfit) || candidates.length === 1) throw error;
    }
  }
  const got = params.map(typeNameOf).join(", ");
  throw new Misfit(
    `No signature takes (${got}): expected ${
      signatures.map(showParams).join(" or ")
    }`,
  );
}

function showParams({ params }: XmlRpcSignature): string {
  const shown = params.map((type) =>
    `${nameOf(typeOf(type))}${type instanceof XmlRpcOptional ? "?" : ""}`
  );
  return `(${shown.join(", ")})`;
}

/** A type by its name alone, as `system.methodSignature` wants it. */
export function nameOf(type: XmlRpcType): string {
  if (typeof type === "string") return type;
  return isArrayType(type) ? "array" : "struct";
}

/**
 * A signature as `system.methodSignature` gives it: names, that of the result first;
 * one such list for each number of params that it may be called with.
 */
export function namesOf(signature: XmlRpcSignature): string[][] {
  const { params, returns } = signature;
  const names = [returns, ...params.map(typeOf)].map(nameOf);
  const lists: string[][] = [];
  for (let count = params.length; count >= leastParams(signature); count--) {
    lists.push(names.slice(0, count + 1));
  }
  return lists;
}

// ---------------------------------------------------------------- checks at start-up

function typeFlaw(
  type: unknown,
  place: string,
  around: readonly unknown[] = [],
): string | undefined {
  if (around.includes(type)) return `${place} contains itself`;
  const within = [...around, type];
  if (typeof type === "string") {
    if (isTypeName(type)) return undefined;
    const known = Object.keys(SENDING).join(" ");
    return `${place} is ${
      quote(type)
    }, which is no type: expected one of ${known}`;
  }
  if (Array.isArray(type)) {
    if (type.length === 1) return typeFlaw(type[0], `${place}[0]`, within);
    return `${place} must name the one type of its items, as ["int"] does`;
  }
  if (typeof type !== "object" || type === null || !canBeStruct(type)) {
    return `${place} must be the name of a type, an array of one type, or an object of types`;
  }
  if (type instanceof XmlRpcOptional) {
    return `${place} must not be optional: only params and members may be`;
  }
  for (const [name, member] of Object.entries(type)) {
    const where = `${place}${segmentOf(name)}`;
    const flaw = typeFlaw(unwrap(member), where, within);
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

function unwrap(type: unknown): unknown {
  return type instanceof XmlRpcOptional ? type.type : type;
}

/** What is wrong with a signature, whatever it is; undefined if nothing is. */
export function signatureFlaw(signature: XmlRpcSignature): string | undefined {
  if (typeof signature !== "object" || signature === null) {
    return "a signature must be an object with params and returns";
  }
  const { params, returns } = signature;
  if (!Array.isArray(params)) return "params must be an array of types";
  const least = leastParams(signature);
  for (const [index, type] of params.entries()) {
    const place = `params[${index}]`;
    const flaw = typeFlaw(unwrap(type), place);
    if (flaw !== undefined) return flaw;
    if (index > least && !(type instanceof XmlRpcOptional)) {
      return `${place} must be optional, as one before it is`;
    }
  }
  return typeFlaw(returns, "returns");
}
