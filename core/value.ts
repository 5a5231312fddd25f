/**
 * What a value may be: the JavaScript values that XML-RPC can carry, and the
 * wrappers that name a wire type where JavaScript cannot tell it.
 *
 * @module
 */

// This module is browser compatible.

import { checkTyped, show } from "./typed.ts";

/**
 * A value as it comes out of a document.
 *
 * | Wire type | Value |
 * | --- | --- |
 * | `int` `i4` `i2` `i1` | number |
 * | `i8` `biginteger` | bigint |
 * | `double` `float` | number |
 * | `boolean` | boolean |
 * | `string`, and no type at all | string |
 * | `dateTime.iso8601` | Date |
 * | `base64` | Uint8Array |
 * | `nil` | null |
 * | `array` | array |
 * | `struct` | plain object |
 * | `bigdecimal` | {@linkcode XmlRpcTyped} |
 */
export type XmlRpcValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Date
  | Uint8Array<ArrayBuffer>
  | XmlRpcTyped
  | XmlRpcValue[]
  | { [name: string]: XmlRpcValue };

/** What an {@linkcode XmlRpcTyped} of each wire type holds. */
export interface XmlRpcTypedValues {
  /** An integer; within 32 bits, to be sent, and within 2^53 as it is received. */
  int: number;
  /** An integer within 64 bits. */
  i8: bigint;
  /** A number; a finite one, to be sent. */
  double: number;
  /** The text of a date and time, such as `19980717T14:08:55`. */
  "dateTime.iso8601": string;
  /** An integer of any size (Apache's extension). */
  biginteger: bigint;
  /** The text of a decimal number of any size (Apache's extension). */
  bigdecimal: string;
}

/**
 * A value together with its wire type, for types that JavaScript does not tell
 * apart: `20` may be an `int` or a `double`. Made by {@linkcode int},
 * {@linkcode i8}, {@linkcode double}, {@linkcode dateTime} and
 * {@linkcode bigdecimal}; and by the decoder's option `typed`.
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
  /** The value, as {@linkcode XmlRpcTypedValues} says for the type. */
  readonly value: XmlRpcTypedValues[T];

  /**
   * Pairs a value with a wire type. Whether the value fits is checked when it
   * is encoded; the functions named above check at once.
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
 * An `<int>`. A plain integer within 32 bits is sent as one, too; but any other number
 * would go out as a `<double>`, and here it is an error.
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
 * @throws {TypeError} If it is no number.
 * @throws {RangeError} If it is no integer, or does not fit into 32 bits.
 */
export function int(value: number): XmlRpcTyped<"int"> {
  return typed("int", value);
}

/**
 * An `<i8>`: an integer within 64 bits, the one extension that nearly every
 * peer reads. A plain bigint is sent as `<i8>` too.
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
 * @throws {RangeError} If it is no safe integer, or does not fit into 64 bits.
 */
export function i8(value: bigint | number): XmlRpcTyped<"i8"> {
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) {
      throw new RangeError(
        `Cannot encode ${
          show(value)
        } as i8: it is no safe integer; pass a bigint`,
      );
    }
    return typed("i8", BigInt(value));
  }
  return typed("i8", value);
}

/**
 * A `<double>`, for whole numbers that a server wants as one: `double(20)` is
 * sent as `<double>20.0</double>`, plain `20` as `<int>20</int>`.
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
 * @throws {TypeError} If it is no number.
 * @throws {RangeError} If it is NaN or infinite.
 */
export function double(value: number): XmlRpcTyped<"double"> {
  return typed("double", value);
}

/**
 * A `<dateTime.iso8601>` of which every character is yours: with a zone, with a
 * fraction of a second, or a local time. A plain `Date` is sent without a zone
 * and in whole seconds, the one form that every peer reads.
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
 * @throws {TypeError} If it is no string.
 * @throws {RangeError} If it is no date and time, or an impossible one.
 */
export function dateTime(value: string): XmlRpcTyped<"dateTime.iso8601"> {
  return typed("dateTime.iso8601", value);
}

/**
 * An `<ex:bigdecimal>`: Apache's decimal number of any size, kept as its text.
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
 * @throws {TypeError} If it is no string.
 * @throws {RangeError} If it is no decimal number.
 */
export function bigdecimal(value: string): XmlRpcTyped<"bigdecimal"> {
  return typed("bigdecimal", value);
}

// ---------------------------------------------------------------- signatures

/** The wire types by name, each with the value that a method of ours gets for it. */
export interface XmlRpcTypeValues {
  /** An integer within 32 bits. */
  int: number;
  /** An integer within 64 bits. */
  i8: bigint;
  /** A finite number. */
  double: number;
  /** True or false. */
  boolean: boolean;
  /** Text. */
  string: string;
  /** A date and time. With the server's option `dateTime`, what that makes of it. */
  "dateTime.iso8601": Date;
  /** Bytes. */
  base64: Uint8Array<ArrayBuffer>;
  /** Nothing. */
  nil: null;
  /** An array of anything. */
  array: XmlRpcValue[];
  /** A struct with any members. */
  struct: { [name: string]: XmlRpcValue };
  /** A value of any type, as it comes. */
  any: XmlRpcValue;
}

/** The wire types by name, each with the values that are sent as it. */
export interface XmlRpcTypeInputs {
  /** An integer within 32 bits. */
  int: number;
  /** A bigint within 64 bits, or a safe integer. */
  i8: bigint | number;
  /** A finite number, whole or not. */
  double: number;
  /** True or false. */
  boolean: boolean;
  /** Text. */
  string: string;
  /** A date and time, or its text. */
  "dateTime.iso8601": Date | XmlRpcTyped<"dateTime.iso8601"> | string;
  /** Bytes; a Blob or a stream is sent bit by bit. */
  base64: Uint8Array | ArrayBuffer | Blob | ReadableStream<Uint8Array>;
  /** Nothing: null, undefined, or a function that does not return anything. */
  nil: null | undefined | void;
  /** An array of anything. */
  array: readonly unknown[];
  /** A plain object. */
  struct: object;
  /** Anything that can be sent. */
  any: unknown;
}

/**
 * A type on the wire: by its name, `["double"]` for an array of one type, or
 * `{ id: "int", note: optional("string") }` for a struct with these members. A struct
 * may have others beside them, which are passed on as they are.
 */
export type XmlRpcType =
  | keyof XmlRpcTypeValues
  | readonly [XmlRpcType]
  | { readonly [member: string]: XmlRpcType | XmlRpcOptional };

/**
 * A type that may be left out: a trailing param, or a member of a struct. Made by
 * {@linkcode optional}.
 *
 * @typeParam T The type.
 */
export class XmlRpcOptional<T extends XmlRpcType = XmlRpcType> {
  /** The type, where there is a value. */
  readonly type: T;

  /**
   * Marks a type.
   *
   * @param type The type.
   */
  constructor(type: T) {
    this.type = type;
  }
}

/**
 * A param or struct member that may be left out. After an optional param all others
 * must be optional, too.
 *
 * @example Usage
 * ```ts
 * import { method, optional } from "@xmlrpc/xmlrpc";
 * import { assertEquals } from "@std/assert";
 *
 * const round = method(
 *   { params: ["double", optional("int")], returns: "double" },
 *   (value, digits = 0) => Number(value.toFixed(digits)),
 * );
 * assertEquals(await round(1.26, 1), 1.3);
 * assertEquals(await round(1.26), 1);
 * ```
 *
 * @typeParam T The type.
 * @param type The type, where there is a value.
 * @returns The type, marked as optional.
 */
export function optional<const T extends XmlRpcType>(
  type: T,
): XmlRpcOptional<T> {
  return new XmlRpcOptional(type);
}

/**
 * The value that a method of ours gets for a type, and a client of ours gets from it.
 *
 * @typeParam T The type.
 */
export type XmlRpcValueOf<T> = T extends keyof XmlRpcTypeValues
  ? XmlRpcTypeValues[T]
  : T extends readonly [infer Item] ? XmlRpcValueOf<Item>[]
  : (
    & {
      -readonly [
        Name in keyof T as T[Name] extends XmlRpcOptional ? never : Name
      ]: XmlRpcValueOf<T[Name]>;
    }
    & {
      -readonly [
        Name in keyof T as T[Name] extends XmlRpcOptional ? Name : never
      ]?: T[Name] extends XmlRpcOptional<infer Type> ? XmlRpcValueOf<Type>
        : never;
    }
  ) extends infer Members ? { [Name in keyof Members]: Members[Name] }
  : never;

/**
 * The values that can be sent as a type.
 *
 * @typeParam T The type.
 */
export type XmlRpcInputOf<T> = T extends keyof XmlRpcTypeInputs
  ? XmlRpcTypeInputs[T]
  : T extends readonly [infer Item] ? readonly XmlRpcInputOf<Item>[]
  : (
    & {
      readonly [
        Name in keyof T as T[Name] extends XmlRpcOptional ? never : Name
      ]: XmlRpcInputOf<T[Name]>;
    }
    & {
      readonly [
        Name in keyof T as T[Name] extends XmlRpcOptional ? Name : never
      ]?: T[Name] extends XmlRpcOptional<infer Type>
        ? XmlRpcInputOf<Type> | undefined
        : never;
    }
  ) extends infer Members ? { [Name in keyof Members]: Members[Name] }
  : never;

/** One way to call a method: what it takes, and what it gives. */
export interface XmlRpcSignature {
  /** The types of the params, in order; those at the end may be optional. */
  readonly params: readonly (XmlRpcType | XmlRpcOptional)[];
  /** The type of the result. */
  readonly returns: XmlRpcType;
}

// ---------------------------------------------------------------- across the wire

/** A number as it can be sent: as its own type, or as the type that a wrapper names. */
export type XmlRpcNumber = number | XmlRpcTyped<"int" | "i8" | "double">;

/** Bytes as they can be sent: all at once, or bit by bit. */
export type XmlRpcBytes =
  | Uint8Array
  | ArrayBuffer
  | Blob
  | ReadableStream<Uint8Array>;

/**
 * What can be sent where a method takes a value of a type: that type, and whatever
 * becomes it on the way, such as `double(3)` for a number and a `Blob` for bytes.
 *
 * @typeParam T The type of the method's param.
 */
export type XmlRpcSendable<T> =
  // Also `unknown` and `any`.
  [XmlRpcValue] extends [T] ? T
    : T extends number ? number extends T ? XmlRpcNumber : T
    : T extends bigint ? T | XmlRpcTyped<"i8">
    : T extends string | boolean | null | undefined | XmlRpcTyped ? T
    : T extends Date ? Date | XmlRpcTyped<"dateTime.iso8601">
    : T extends Uint8Array | ArrayBuffer | Blob | ReadableStream<unknown>
      ? XmlRpcBytes
    : T extends (...params: never) => unknown ? T
    : T extends AsyncIterable<infer Item> ? AsyncIterable<XmlRpcSendable<Item>>
    // An array's items wait, as a mapped type's do not: they may be of the array's type.
    : T extends readonly (infer Item)[]
      ? Item[] extends T ? readonly XmlRpcSendable<Item>[]
      : { readonly [Index in keyof T]: XmlRpcSendable<T[Index]> }
    : T extends object ? {
        readonly [Key in keyof T]: Record<never, never> extends Pick<T, Key>
          ? XmlRpcSendable<T[Key]> | undefined
          : XmlRpcSendable<T[Key]>;
      }
    : T;

/** What an {@linkcode XmlRpcTyped} of each wire type arrives as. */
export interface XmlRpcUntypedValues {
  /** A number. */
  int: number;
  /** A bigint. */
  i8: bigint;
  /** A number. */
  double: number;
  /** A date and time. */
  "dateTime.iso8601": Date;
  /** A bigint. */
  biginteger: bigint;
  /** A text that nothing else can hold. */
  bigdecimal: XmlRpcTyped<"bigdecimal">;
}

/**
 * What a caller gets where a method gives a value of a type: bytes for a `Blob` or a
 * stream, an array for an async iterable, a number for `double(3)`.
 *
 * @typeParam T The type of what the method gives.
 */
export type XmlRpcReceived<T> =
  // Also `unknown` and `any`.
  [XmlRpcValue] extends [T] ? T
    : T extends string | number | bigint | boolean | null | void | Date ? T
    : T extends XmlRpcTyped<infer Type> ? XmlRpcUntypedValues[Type]
    : T extends Uint8Array | ArrayBuffer | Blob | ReadableStream<unknown>
      ? Uint8Array<ArrayBuffer>
    : T extends AsyncIterable<infer Item> ? XmlRpcReceived<Item>[]
    // As in XmlRpcSendable.
    : T extends readonly (infer Item)[]
      ? readonly Item[] extends T ? readonly XmlRpcReceived<Item>[]
      : Item[] extends T ? XmlRpcReceived<Item>[]
      : { [Key in keyof T]: XmlRpcReceived<T[Key]> }
    : T extends object ? { [Key in keyof T]: XmlRpcReceived<T[Key]> }
    : T;
