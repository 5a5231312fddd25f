// Signatures at run time: params that must fit them, their names for introspection, and
// their checks when a server is created. This module is browser compatible.

import {
  type Conversions,
  convertValue,
  isArrayType,
  isTypeName,
  toTypeName,
  TYPE_NAMES,
  TypeMismatch,
  unwrapOptional,
} from "../core/conversion.ts";
import { canBeStruct } from "../core/struct.ts";
import {
  XmlRpcOptional,
  type XmlRpcSignature,
  type XmlRpcType,
} from "../core/types.ts";
import { quote, writeStep } from "../util/messages.ts";

/** How many params a call must have at least. */
function countRequired({ params }: XmlRpcSignature): number {
  const first = params.findIndex((type) => type instanceof XmlRpcOptional);
  return first < 0 ? params.length : first;
}

function findArityProblem(
  signature: XmlRpcSignature,
  count: number,
): string | undefined {
  const least = countRequired(signature);
  const most = signature.params.length;
  if (count >= least && count <= most) return undefined;
  const expected = least === most ? `${most}` : `${least} to ${most}`;
  return `Expected ${expected} param${most === 1 ? "" : "s"}, got ${count}`;
}

/** The params of a call, converted to the types of a signature; throws a {@linkcode TypeMismatch}. */
function convertParams(
  signature: XmlRpcSignature,
  params: readonly unknown[],
  conversions: Conversions,
  maxValues: number,
): unknown[] {
  const problem = findArityProblem(signature, params.length);
  if (problem !== undefined) throw new TypeMismatch(problem);
  return params.map((param, index) =>
    convertValue(
      param,
      unwrapOptional(signature.params[index]!),
      conversions,
      `params[${index}]`,
      maxValues,
    )
  );
}

/** The params of a call, and the signature they fit. */
export interface FittingParams {
  readonly params: unknown[];
  readonly signature: XmlRpcSignature;
}

/**
 * The params, converted to the types of the first signature that they fit. Throws a
 * {@linkcode TypeMismatch} that names what would fit, and a RangeError if a param has more
 * than `maxValues`: those of an interceptor may share their parts.
 */
export function fitParams(
  signatures: readonly XmlRpcSignature[],
  params: readonly unknown[],
  conversions: Conversions,
  maxValues: number,
): FittingParams {
  // If only one signature has that many params, its error is the most precise.
  const { length } = params;
  const close = signatures.filter((one) =>
    findArityProblem(one, length) === undefined
  );
  const candidates = close.length === 0 ? signatures : close;
  for (const signature of candidates) {
    try {
      return {
        params: convertParams(signature, params, conversions, maxValues),
        signature,
      };
    } catch (error) {
      if (!(error instanceof TypeMismatch) || candidates.length === 1) {
        throw error;
      }
    }
  }
  const got = params.map(toTypeName).join(", ");
  throw new TypeMismatch(
    `No signature takes (${got}): expected ${
      signatures.map(showParams).join(" or ")
    }`,
  );
}

function showParams({ params }: XmlRpcSignature): string {
  const shown = params.map((type) =>
    `${toShortName(unwrapOptional(type))}${
      type instanceof XmlRpcOptional ? "?" : ""
    }`
  );
  return `(${shown.join(", ")})`;
}

/** The name of a type without its members, for `system.methodSignature`. */
export function toShortName(type: XmlRpcType): string {
  if (typeof type === "string") return type;
  return isArrayType(type) ? "array" : "struct";
}

/**
 * A signature as `system.methodSignature` returns it: the names of its types, that of the
 * result first; one list for each number of params that it allows.
 */
export function listTypeNames(signature: XmlRpcSignature): string[][] {
  const { params, returns } = signature;
  const names = [returns, ...params.map(unwrapOptional)].map(toShortName);
  const lists: string[][] = [];
  for (let count = params.length; count >= countRequired(signature); count--) {
    lists.push(names.slice(0, count + 1));
  }
  return lists;
}

// ---------------------------------------------------------------- checks at start-up

function findTypeProblem(
  type: unknown,
  place: string,
  around: readonly unknown[] = [],
): string | undefined {
  if (around.includes(type)) return `${place} contains itself`;
  const within = [...around, type];
  if (typeof type === "string") {
    if (isTypeName(type)) return undefined;
    return `${place} is ${quote(type)}, which is not a type: expected one of ${
      TYPE_NAMES.join(" ")
    }`;
  }
  if (Array.isArray(type)) {
    if (type.length === 1) {
      return findTypeProblem(type[0], `${place}[0]`, within);
    }
    return `${place} must name the one type of its items, as ["int"] does`;
  }
  if (typeof type !== "object" || type === null || !canBeStruct(type)) {
    return `${place} must be the name of a type, an array of one type, or an object of types`;
  }
  if (type instanceof XmlRpcOptional) {
    return `${place} must not be optional: only params and members may be`;
  }
  for (const [name, member] of Object.entries(type)) {
    const where = `${place}${writeStep(name)}`;
    const problem = findTypeProblem(unwrapOptional(member), where, within);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** What is wrong with a signature, which may be any value; undefined if nothing is. */
export function findSignatureProblem(
  signature: XmlRpcSignature,
): string | undefined {
  if (typeof signature !== "object" || signature === null) {
    return "a signature must be an object with params and returns";
  }
  const { params, returns } = signature;
  if (!Array.isArray(params)) return "params must be an array of types";
  const least = countRequired(signature);
  for (const [index, type] of params.entries()) {
    const place = `params[${index}]`;
    const problem = findTypeProblem(unwrapOptional(type), place);
    if (problem !== undefined) return problem;
    if (index > least && !(type instanceof XmlRpcOptional)) {
      return `${place} must be optional, as one before it is`;
    }
  }
  return findTypeProblem(returns, "returns");
}
