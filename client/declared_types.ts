// What types a server wants, as it says itself. This module is browser compatible.

import { createDeferred } from "../util/async.ts";
import { isSystemName, MULTICALL } from "../core/calls.ts";
import { type Call, type PendingCall, UnreadableAnswer } from "./multicall.ts";
import { convertOutgoing, isTypeName } from "../core/conversion.ts";
import {
  FaultCode,
  XmlRpcFault,
  XmlRpcHttpError,
  XmlRpcSyntaxError,
} from "../core/errors.ts";
import type { XmlRpcType } from "../core/types.ts";

/** A signature: the type of the result, then those of the params. */
export type Signature = readonly string[];

/**
 * The signatures of methods by name, or that somebody is asking for them. Undefined if
 * who asked has given up.
 */
export type SignatureCache = Map<
  string,
  Promise<readonly Signature[] | undefined>
>;

/** How a server is asked. */
export interface Introspection {
  readonly cache: SignatureCache;
  /** Makes the calls, and settles them. */
  readonly ask: (calls: readonly PendingCall[]) => Promise<void>;
  /** Aborts when the one who asks has no more time. */
  readonly signal: AbortSignal;
}

// ---------------------------------------------------------------- questions

function isSignature(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 &&
    value.every((type) => typeof type === "string");
}

/** The signatures in an answer; none if it makes no sense, or has none to tell. */
function readSignatures(answer: unknown): readonly Signature[] {
  // Not in the convention: supervisor and Django answer with the one they have.
  if (isSignature(answer)) return [answer];
  return Array.isArray(answer) && answer.every(isSignature) ? answer : [];
}

// With these the server, or what stands before it, has not come to the question.
const NOT_REACHED: readonly number[] = [401, 407, 408, 425, 429, 502, 503, 504];

// What servers say that cannot tell: they have no such method, or do not know the one
// they are asked about. Any other fault may pass: too many calls, an old token.
const UNKNOWN =
  /\b(?:unknown|undefined|missing|no such|not (?:defined|found|implemented|known|supported)|(?:does not|doesn't) exist|no method)\b/i;

/** Whether an error is all that the server has to say about a method, now and later. */
function isAnswer(error: unknown): boolean {
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

/** Asks for the signatures of methods; the cache has the promises of the answers at once. */
function askFor(
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
        if (isAnswer(error)) return resolve([]);
        cache.delete(name);
        // The server has refused to tell this time: the call may go well all the same.
        if (error instanceof XmlRpcFault) return resolve([]);
        // That one caller has given up is no error of the others who wait.
        if (signal.aborted) resolve(undefined);
        else reject(error);
      },
    };
  });
  ask(questions).catch((error) => {
    for (const { reject } of questions) reject(error);
  });
}

/** The signatures of methods, by name; asks the server for those it has not told yet. */
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
    if (unknown.length > 0) askFor(unknown, introspection);
    const answers = await Promise.all(rest.map((name) => cache.get(name)));
    for (const [index, signatures] of answers.entries()) {
      if (signatures !== undefined) found.set(rest[index]!, signatures);
    }
  }
  return found;
}

// ---------------------------------------------------------------- params

/** A type that a server names; "any" if we do not know it. */
function toType(name: string): XmlRpcType {
  if (name === "i4") return "int";
  return isTypeName(name) ? name : "any";
}

/** Params as one signature has them; undefined if they do not fit. */
function fitParams(
  params: readonly unknown[],
  [, ...types]: Signature,
): readonly unknown[] | undefined {
  if (types.length !== params.length) return undefined;
  try {
    return params.map((param, index) =>
      convertOutgoing(param, toType(types[index]!), `params[${index}]`)
    );
  } catch {
    return undefined;
  }
}

/** Params as the first signature has them that fits; if none does, as they are. */
function declareBySignatures(
  params: readonly unknown[],
  signatures: readonly Signature[] = [],
): readonly unknown[] {
  for (const signature of signatures) {
    const fitting = fitParams(params, signature);
    if (fitting !== undefined) return fitting;
  }
  return params;
}

/** Whether there may be a signature to ask for, and anything to be made of it. */
function isDeclarable(value: unknown): value is Call {
  if (typeof value !== "object" || value === null) return false;
  const { methodName, params } = value as Partial<Call>;
  return typeof methodName === "string" && !isSystemName(methodName) &&
    Array.isArray(params) && params.length > 0;
}

async function declareAll(
  calls: readonly unknown[],
  introspection: Introspection,
): Promise<readonly unknown[]> {
  const names = calls.filter(isDeclarable).map(({ methodName }) => methodName);
  const known = await lookUp([...new Set(names)], introspection);
  return calls.map((call) =>
    isDeclarable(call)
      ? {
        ...call,
        params: declareBySignatures(call.params, known.get(call.methodName)),
      }
      : call
  );
}

/**
 * The params of a call, or those of all calls in a multicall, as the server declares
 * them.
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
