// The types that signatures name, and the values of each. This module is browser
// compatible.

import type { XmlRpcTyped } from "./typed.ts";
import type { XmlRpcValue } from "./value.ts";

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
