// The types of params that a server declares in its signatures. This module is browser
// compatible.

import { type Call, type PendingCall, UnreadableAnswer } from "./multicall.ts";
import { isSystemName, MULTICALL } from "../core/calls.ts";
import { convertOutgoing, isTypeName } from "../core/conversion.ts";
import {
  FaultCode,
  XmlRpcFault,
  XmlRpcHttpError,
  XmlRpcSyntaxError,
} from "../core/errors.ts";
import type { XmlRpcType } from "../core/types.ts";
import { copyStruct, isStruct } from "../core/struct.ts";
import { createDeferred } from "../util/async.ts";

/** A signature: the type of the result, then those of the params. */
export type Signature = readonly string[];

/**
 * The signatures of methods by name, or the promise of a pending request for them. It
 * resolves to undefined if the call that asked was aborted.
 */
export type SignatureCache = Map<
  string,
  Promise<readonly Signature[] | undefined>
>;

/** How to request signatures. */
export interface Introspection {
  readonly cache: SignatureCache;
  /** Makes calls, and settles them. */
  readonly ask: (calls: readonly PendingCall[]) => Promise<void>;
  /** Aborts with the call that needs the signatures. */
  readonly signal: AbortSignal;
  /** How many values a param may have. */
  readonly maxValues: number;
}

// ---------------------------------------------------------------- signatures

function isSignature(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 &&
    value.every((type) => typeof type === "string");
}

/** Reads the signatures in a result; none if it is invalid, or there are none. */
function readSignatures(answer: unknown): readonly Signature[] {
  // Not in the convention: supervisor and Django return a single signature.
  if (isSignature(answer)) return [answer];
  return Array.isArray(answer) && answer.every(isSignature) ? answer : [];
}

// With these statuses, a server or a proxy has rejected the request before the method was called.
const NOT_REACHED: readonly number[] = [401, 407, 408, 425, 429, 502, 503, 504];

// The messages of servers without `system.methodSignature`, or without the method that the
// client asks about. Any other fault may be temporary: too many calls, an old token.
const UNKNOWN =
  /\b(?:unknown|undefined|missing|no such|not (?:defined|found|implemented|known|supported)|(?:does not|doesn't) exist|no method)\b/i;

/** Whether an error is a final answer: the server has no signatures of the method. */
function isFinal(error: unknown): boolean {
  if (error instanceof XmlRpcHttpError) {
    return !NOT_REACHED.includes(error.status);
  }
  if (error instanceof XmlRpcFault) {
    return error.code === FaultCode.methodNotFound ||
      UNKNOWN.test(error.message);
  }
  return error instanceof XmlRpcSyntaxError ||
    error instanceof UnreadableAnswer;
}

/** Requests the signatures of methods; the cache holds their promises at once. */
function requestSignatures(
  names: readonly string[],
  { cache, ask, signal }: Introspection,
): void {
  const questions = names.map((name): PendingCall => {
    const { promise, resolve, reject } = createDeferred<
      readonly Signature[] | undefined
    >();
    cache.set(name, promise);
    return {
      methodName: "system.methodSignature",
      params: [name],
      resolve: (answer) => resolve(readSignatures(answer)),
      reject: (error) => {
        if (isFinal(error)) return resolve([]);
        cache.delete(name);
        // The server refused this time only: the call itself may succeed.
        if (error instanceof XmlRpcFault) return resolve([]);
        // An aborted call is not an error of the other calls that wait.
        if (signal.aborted) resolve(undefined);
        else reject(error);
      },
    };
  });
  ask(questions).catch((error) => {
    for (const { reject } of questions) reject(error);
  });
}

/** Looks up the signatures of methods; requests those that are not in the cache. */
async function lookUp(
  names: readonly string[],
  introspection: Introspection,
): Promise<ReadonlyMap<string, readonly Signature[]>> {
  const { cache, signal } = introspection;
  const found = new Map<string, readonly Signature[]>();
  while (found.size < names.length) {
    signal.throwIfAborted();
    const rest = names.filter((name) => !found.has(name));
    const unknown = rest.filter((name) => !cache.has(name));
    if (unknown.length > 0) requestSignatures(unknown, introspection);
    const answers = await Promise.all(rest.map((name) => cache.get(name)));
    for (const [index, signatures] of answers.entries()) {
      if (signatures !== undefined) found.set(rest[index]!, signatures);
    }
  }
  return found;
}

// ---------------------------------------------------------------- params

/** Converts the name of a type; "any" if it is not known. */
function toType(name: string): XmlRpcType {
  if (name === "i4") return "int";
  return isTypeName(name) ? name : "any";
}

/** Converts params to the types of a signature; undefined if they do not fit. */
function fitParams(
  params: readonly unknown[],
  [, ...types]: Signature,
  maxValues: number,
): readonly unknown[] | undefined {
  if (types.length !== params.length) return undefined;
  try {
    return params.map((param, index) =>
      convertOutgoing(
        param,
        toType(types[index]!),
        `params[${index}]`,
        maxValues,
      )
    );
  } catch {
    return undefined;
  }
}

/** Converts params by the first signature that fits; returns them unchanged if none does. */
function declareBySignatures(
  params: readonly unknown[],
  signatures: readonly Signature[] = [],
  maxValues: number,
): readonly unknown[] {
  for (const signature of signatures) {
    const fitting = fitParams(params, signature, maxValues);
    if (fitting !== undefined) return fitting;
  }
  return params;
}

/** Whether a value is a call that a signature could change. */
function isDeclarable(value: unknown): value is Call {
  if (typeof value !== "object" || value === null) return false;
  const { methodName, params } = value as Partial<Call>;
  return typeof methodName === "string" && !isSystemName(methodName) &&
    Array.isArray(params) && params.length > 0;
}

/** Converts the params of calls; other values stay as they are. */
async function declareAll(
  given: readonly unknown[],
  introspection: Introspection,
): Promise<readonly unknown[]> {
  // Read once: a getter may give another value the next time.
  const calls = given.map((call) => isStruct(call) ? copyStruct(call) : call);
  const names = calls.filter(isDeclarable).map(({ methodName }) => methodName);
  const known = await lookUp([...new Set(names)], introspection);
  return calls.map((call) =>
    isDeclarable(call)
      ? {
        ...call,
        params: declareBySignatures(
          call.params,
          known.get(call.methodName),
          introspection.maxValues,
        ),
      }
      : call
  );
}

/**
 * Converts the params of a call, or of all calls in a multicall, to the types that the
 * server declares.
 */
export async function declareParams(
  call: Call,
  introspection: Introspection,
): Promise<readonly unknown[]> {
  const { methodName, params } = call;
  if (methodName === MULTICALL && Array.isArray(params[0])) {
    const [entries, ...rest] = params;
    return [await declareAll(entries, introspection), ...rest];
  }
  const [declared] = await declareAll([call], introspection);
  return (declared as Call).params;
}
