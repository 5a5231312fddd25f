// The methods of a server by their full names. This module is browser compatible.

import { isSystemName } from "../core/calls.ts";
import { quote } from "../util/messages.ts";
import {
  type Handler,
  readMethodInfo,
  type XmlRpcMethodSignature,
} from "../core/method.ts";
import type { XmlRpcSignature } from "../core/types.ts";
import { findSignatureProblem } from "./signature.ts";

/** A method as the server keeps it. */
export interface Method {
  readonly handler: Handler;
  /** Its signatures; none for a plain function. */
  readonly signatures: readonly XmlRpcSignature[];
  /** What it does, or "". */
  readonly help: string;
  /** Whether it may be called through `system.multicall`. */
  readonly batchable: boolean;
  /** Whether it reads its last param as a stream. */
  readonly isStreamed: boolean;
  /** Whether it is the server's own: its `this` is the call in flight. */
  readonly isOwn: boolean;
}

// Spec: "The string may only contain identifier characters, upper and lower-case A-Z,
// the numeric characters, 0-9, underscore, dot, colon and slash."
const METHOD_NAME = /^[A-Za-z0-9_.:/]+$/;

function describeKind(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object of a class" : typeof value;
}

/** Whether a value is a plain object, and not an instance of a class. */
function isGroup(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  // A prototype that has none itself is Object.prototype, also that of another realm.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function checkName(name: string, key: string): void {
  if (key === "" || !METHOD_NAME.test(name)) {
    throw new TypeError(
      `Cannot register ${
        quote(name)
      }: a method name has the characters A-Z a-z 0-9 _ . : / only`,
    );
  }
  if (isSystemName(name)) {
    throw new TypeError(
      `Cannot register ${
        quote(name)
      }: names in "system." belong to the server itself`,
    );
  }
}

/** What is wrong with the options in a signature; undefined if nothing is. */
function findOptionProblem(
  { help, batchable, stream }: XmlRpcMethodSignature,
): string | undefined {
  if (help !== undefined && typeof help !== "string") {
    return "help must be a string";
  }
  for (const [name, value] of Object.entries({ batchable, stream })) {
    if (value !== undefined && typeof value !== "boolean") {
      return `${name} must be true or false`;
    }
  }
  return undefined;
}

/** What is wrong with the signatures of a method; undefined if nothing is. */
function findMethodProblem(
  handler: Handler,
  signatures: readonly XmlRpcMethodSignature[],
): string | undefined {
  if (signatures.length === 0) return "it has no signature";
  for (const signature of signatures) {
    const problem = findSignatureProblem(signature) ??
      findOptionProblem(signature);
    if (problem !== undefined) return problem;
  }
  const streamed = signatures.find(({ stream }) => stream === true);
  if (streamed !== undefined) {
    if (signatures.length > 1) return "a stream needs the only signature";
    if (streamed.params.at(-1) !== "base64") {
      return 'a stream needs "base64" as its last param';
    }
  }
  if (typeof handler !== "function") return "the handler is not a function";
  const { length } = handler;
  const most = Math.max(...signatures.map(({ params }) => params.length));
  if (length <= most) return undefined;
  return `the handler takes ${length} params, the signature has ${most}`;
}

/**
 * A function as the server keeps it, with the info that `method` has attached; throws a
 * TypeError that names the method if its signature is invalid.
 */
export function toMethod(
  name: string,
  handler: Handler,
  isOwn = false,
): Method {
  const info = readMethodInfo(handler);
  if (info === undefined) {
    return {
      handler,
      signatures: [],
      help: "",
      batchable: true,
      isStreamed: false,
      isOwn,
    };
  }
  const { signatures } = info;
  const problem = findMethodProblem(info.handler, signatures);
  if (problem !== undefined) {
    throw new TypeError(`Cannot register ${quote(name)}: ${problem}`);
  }
  const isStreamed = signatures.some(({ stream }) => stream === true);
  return {
    handler,
    signatures,
    help: signatures.find(({ help }) => help !== undefined)?.help ?? "",
    // What is in a multicall comes whole.
    batchable: !isStreamed &&
      signatures.every(({ batchable }) => batchable !== false),
    isStreamed,
    isOwn,
  };
}

/**
 * Looks through an object of methods, once: own enumerable members only, those of
 * nested objects under dotted names. Requests look names up in the map and never
 * walk an object, so that no caller reaches `constructor` or `__proto__`.
 *
 * Throws a TypeError for a value that cannot be a method, or an impossible name.
 */
export function createRegistry(methods: unknown): Map<string, Method> {
  const registry = new Map<string, Method>();

  function addGroup(
    group: Record<string, unknown>,
    prefix: string,
    around: unknown[],
  ): void {
    for (const key of Object.keys(group)) {
      add(`${prefix}${key}`, key, group[key], [...around, group]);
    }
  }

  function add(
    name: string,
    key: string,
    value: unknown,
    around: unknown[],
  ): void {
    checkName(name, key);
    if (typeof value === "function") {
      if (registry.has(name)) {
        throw new TypeError(
          `Cannot register ${quote(name)}: there are two methods of that name`,
        );
      }
      registry.set(name, toMethod(name, value as Handler));
    } else if (!isGroup(value)) {
      throw new TypeError(
        `Cannot register ${
          quote(name)
        }: expected a function or a plain object of functions, got ${
          describeKind(value)
        }`,
      );
    } else if (around.includes(value)) {
      throw new TypeError(
        `Cannot register ${quote(name)}: the object contains itself`,
      );
    } else {
      addGroup(value, `${name}.`, around);
    }
  }

  if (!isGroup(methods)) {
    throw new TypeError(
      `Cannot create a server: expected a plain object of functions, got ${
        describeKind(methods)
      }`,
    );
  }
  addGroup(methods, "", []);
  return registry;
}
