// The types in signatures, and the values of each. This module is browser compatible.

import type { XmlRpcTyped } from "./typed.ts";
import type { XmlRpcValue } from "./value.ts";

/** The wire types by name, each with the value that a method of this package receives. */
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
  /** A date and time; with the server's option `dateTime`, the result of that. */
  "dateTime.iso8601": Date;
  /** Bytes. */
  base64: Uint8Array<ArrayBuffer>;
  /** Nothing. */
  nil: null;
  /** An array of anything. */
  array: XmlRpcValue[];
  /** A struct with any members. */
  struct: { [name: string]: XmlRpcValue };
  /** A value of any type, as it was decoded. */
  any: XmlRpcValue;
}

/** The wire types by name, each with the values that can be sent as it. */
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
  /** Bytes; a Blob or a stream is read while it is sent. */
  base64: Uint8Array | ArrayBuffer | Blob | ReadableStream<Uint8Array>;
  /** Nothing: null, undefined, or the result of a function that returns nothing. */
  nil: null | undefined | void;
  /** An array of anything. */
  array: readonly unknown[];
  /** A plain object. */
  struct: object;
  /** Anything that can be sent. */
  any: unknown;
}

/**
 * A type on the wire: a name, `["double"]` for an array of one type, or
 * `{ id: "int", note: optional("string") }` for a struct with these members. A struct may
 * have further members, which are passed on unchanged.
 */
export type XmlRpcType =
  | keyof XmlRpcTypeValues
  | readonly [XmlRpcType]
  | { readonly [member: string]: XmlRpcType | XmlRpcOptional };

/**
 * The type of a value that may be omitted: a trailing param, or a member of a struct.
 * Created by {@linkcode optional}.
 *
 * @typeParam T The type.
 */
export class XmlRpcOptional<T extends XmlRpcType = XmlRpcType> {
  /** The type of the value, if there is one. */
  readonly type: T;

  /**
   * Marks a type as optional.
   *
   * @param type The type.
   */
  constructor(type: T) {
    this.type = type;
  }
}

/**
 * A param or struct member that may be omitted. All params after an optional one must be
 * optional too.
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
 * @param type The type of the value, if there is one.
 * @returns The type, marked as optional.
 */
export function optional<const T extends XmlRpcType>(
  type: T,
): XmlRpcOptional<T> {
  return new XmlRpcOptional(type);
}

/**
 * The value that a method of this package receives for a type, and a client decodes for it.
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

/** One way to call a method: its params and its result. */
export interface XmlRpcSignature {
  /** The types of the params, in order; those at the end may be optional. */
  readonly params: readonly (XmlRpcType | XmlRpcOptional)[];
  /** The type of the result. */
  readonly returns: XmlRpcType;
}
