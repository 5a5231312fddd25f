// The methods of an object, such as an instance of a class. This module is browser
// compatible.

import {
  attachMethodInfo,
  type Handler,
  readMethodInfo,
} from "../core/method.ts";

/**
 * The public methods of an object: those whose names do not begin with `_`.
 *
 * @typeParam T The object's type.
 */
export type XmlRpcMethodsOf<T> = {
  readonly [
    Name in keyof T as Name extends
      `_${string}` | symbol | keyof typeof Object.prototype ? never
      : T[Name] extends (...params: never) => unknown ? Name
      : never
  ]: T[Name];
};

/** The names of an object's members and those of its classes, except `Object`. */
function listMethodNames(instance: object): Set<string> {
  const names = new Set<string>();
  for (
    let owner: object | null = instance;
    owner !== null &&
    (owner === instance || Object.getPrototypeOf(owner) !== null);
    owner = Object.getPrototypeOf(owner) as object | null
  ) {
    for (const name of Object.getOwnPropertyNames(owner)) names.add(name);
  }
  // A class may override what every object has, such as `toString`, but not for callers.
  for (const name of Object.getOwnPropertyNames(Object.prototype)) {
    names.delete(name);
  }
  return names;
}

/** The value of a property, own or inherited, without running a getter. */
function readValue(instance: object, name: string): unknown {
  for (
    let owner: object | null = instance;
    owner !== null;
    owner = Object.getPrototypeOf(owner) as object | null
  ) {
    const property = Object.getOwnPropertyDescriptor(owner, name);
    if (property !== undefined) return property.value;
  }
  return undefined;
}

/**
 * The public methods of an object, for `createServer`: its own and those of
 * its classes, like Python's `register_instance`. Left out are names that begin with `_`,
 * `#private` members, the members of every object, and getters. TypeScript's `private`
 * protects nothing at run time. The methods of a built-in class that yours extends, such
 * as `EventTarget`, are included like any others.
 *
 * In these methods `this` is the object, not the context of a call.
 *
 * @example Usage
 * ```ts
 * import { createServer, methodsOf } from "@xmlrpc/xmlrpc/server";
 * import { assertEquals } from "@std/assert";
 *
 * class Counter {
 *   #count = 0;
 *   add(step: number): number {
 *     return this.#count += step;
 *   }
 *   _reset(): void {
 *     this.#count = 0;
 *   }
 * }
 *
 * const { methods } = createServer(methodsOf(new Counter()));
 * assertEquals(Object.keys(methods), ["add"]);
 * assertEquals(methods.add(2), 2);
 * ```
 *
 * @typeParam T The object's type.
 * @param instance The object.
 * @returns Its public methods by name, bound to it.
 * @throws {TypeError} If it is not an object.
 */
export function methodsOf<T extends object>(instance: T): XmlRpcMethodsOf<T> {
  if (typeof instance !== "object" || instance === null) {
    throw new TypeError("Cannot take methods: expected an object");
  }
  const methods: Record<string, Handler> = {};
  for (const name of listMethodNames(instance)) {
    const value = readValue(instance, name);
    if (name.startsWith("_") || typeof value !== "function") continue;
    const handler = value as Handler;
    methods[name] = attachMethodInfo(
      (...params: unknown[]) => handler.apply(instance, params),
      readMethodInfo(handler),
    );
  }
  return methods as unknown as XmlRpcMethodsOf<T>;
}
