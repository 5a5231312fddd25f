// The JavaScript values that XML-RPC can carry: those that are decoded, and those that can
// be sent. This module is browser compatible.

import type { XmlRpcTyped } from "./typed.ts";

/**
 * A decoded value.
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

/** A number that can be sent: plain, or with the wire type that a wrapper names. */
export type XmlRpcNumber = number | XmlRpcTyped<"int" | "i8" | "double">;

/** Bytes that can be sent: in memory, or as a Blob or stream. */
export type XmlRpcBytes =
  | Uint8Array
  | ArrayBuffer
  | Blob
  | ReadableStream<Uint8Array>;

/**
 * What can be sent to a method that takes a value of a type: that type, and everything that
 * arrives as it, such as `double(3)` for a number and a `Blob` for bytes.
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
    // Array types resolve their items lazily, mapped types do not: items may be recursive.
    : T extends readonly (infer Item)[]
      ? Item[] extends T ? readonly XmlRpcSendable<Item>[]
      : { readonly [Index in keyof T]: XmlRpcSendable<T[Index]> }
    : T extends object ? {
        readonly [Key in keyof T]: Record<never, never> extends Pick<T, Key>
          ? XmlRpcSendable<T[Key]> | undefined
          : XmlRpcSendable<T[Key]>;
      }
    : T;

/** What an {@linkcode XmlRpcTyped} of each wire type is decoded as. */
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
  /** Text, as no JavaScript number can hold it. */
  bigdecimal: XmlRpcTyped<"bigdecimal">;
}

/**
 * What a caller receives if a method returns a value of a type: bytes for a `Blob` or a
 * stream, an array for an async iterable, a number for `double(3)`.
 *
 * @typeParam T The type of what the method returns.
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
