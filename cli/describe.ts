// Asks a server to describe its methods, and shows their signatures.

import type { Signatures } from "./arguments.ts";
import { FaultCode, type XmlRpcClient, XmlRpcFault } from "../client.ts";

/** A type, with as much detail as the server gives. */
export interface TypeInfo {
  readonly type: string;
  readonly name?: string;
  readonly optional?: boolean;
  readonly member?: readonly TypeInfo[];
}

/** The types of the params and the result of a method. */
export interface SignatureInfo {
  readonly params: readonly TypeInfo[];
  readonly returns: TypeInfo;
}

/** A method, its help and its signatures. */
export interface MethodInfo {
  readonly name: string;
  readonly help: string;
  readonly signatures: readonly SignatureInfo[];
}

// deno-lint-ignore no-explicit-any -- the methods are known only at run time
export type AnyClient = XmlRpcClient<any>;

/** Reads the result of `system.methodSignature`. Gives none if the server has none. */
export function readSignatures(answer: unknown): Signatures {
  if (!Array.isArray(answer)) return [];
  // Not in the convention: some servers give one signature without the list around it.
  const list = answer.every((item) => typeof item === "string")
    ? [answer]
    : answer;
  return list.filter((item): item is string[] =>
    Array.isArray(item) && item.length > 0 &&
    item.every((type) => typeof type === "string")
  );
}

function readType(value: unknown): TypeInfo {
  const { type, name, optional, member } = value as Record<string, unknown>;
  return {
    type: String(type),
    ...typeof name === "string" ? { name } : {},
    ...optional === true ? { optional } : {},
    ...Array.isArray(member) ? { member: member.map(readType) } : {},
  };
}

function readMethod(value: unknown): MethodInfo {
  const { name, purpose, signatures } = value as Record<string, unknown>;
  const list = signatures as { params: unknown[]; returns: unknown[] }[];
  return {
    name: String(name),
    help: String(purpose ?? ""),
    signatures: list.map(({ params, returns }) => ({
      params: params.map(readType),
      returns: readType(returns[0]),
    })),
  };
}

/** Calls `system.describeMethods`. Gives undefined if the server does not have it. */
async function describeAll(
  client: AnyClient,
  names: readonly string[] | undefined,
): Promise<MethodInfo[] | undefined> {
  try {
    const params = names === undefined ? [] : [names];
    const answer = await client.call("system.describeMethods", params);
    return (answer as { methodList: unknown[] }).methodList.map(readMethod);
  } catch (error) {
    if (error instanceof XmlRpcFault || error instanceof TypeError) {
      return undefined;
    }
    throw error;
  }
}

/** Calls a method that describes another. Gives undefined for a fault. */
async function ask(
  client: AnyClient,
  methodName: string,
  name: string,
): Promise<unknown> {
  try {
    return await client.call(methodName, [name]);
  } catch (error) {
    if (error instanceof XmlRpcFault) return undefined;
    throw error;
  }
}

/** Describes a method by `system.methodSignature` and `system.methodHelp`. */
async function describeOne(
  client: AnyClient,
  name: string,
): Promise<MethodInfo> {
  const [signature, help] = await Promise.all([
    ask(client, "system.methodSignature", name),
    ask(client, "system.methodHelp", name),
  ]);
  return {
    name,
    help: typeof help === "string" ? help.trim() : "",
    signatures: readSignatures(signature).map(([returns, ...params]) => ({
      params: params.map((type) => ({ type })),
      returns: { type: returns! },
    })),
  };
}

/**
 * Describes methods one after the other. A multicall would be faster, but supervisord
 * leaves out the array around each result, so that some results are ambiguous.
 */
async function describeEach(
  client: AnyClient,
  names: readonly string[],
): Promise<MethodInfo[]> {
  const methods: MethodInfo[] = [];
  for (const name of names) methods.push(await describeOne(client, name));
  return methods;
}

/** Asks for the names of all methods, and sorts them. */
export async function listMethods(client: AnyClient): Promise<string[]> {
  const names: unknown = await client.call("system.listMethods", []);
  if (Array.isArray(names)) return names.map(String).sort();
  throw new XmlRpcFault(
    FaultCode.methodNotFound,
    "The server's system.listMethods does not give a list",
  );
}

/** Describes the named methods, or all methods. */
export async function describeMethods(
  client: AnyClient,
  names?: readonly string[],
): Promise<readonly MethodInfo[]> {
  return await describeAll(client, names) ??
    await describeEach(client, names ?? await listMethods(client));
}

/** Writes the type of an array of one type, or of several types. */
export function toArrayType(types: readonly string[]): string {
  const each = [...new Set(types)];
  return each.length === 1 ? `${each[0]}[]` : `(${each.join(" | ")})[]`;
}

/** Shows a type: `{ sku: string, price: double }`. */
function showType({ type, member }: TypeInfo): string {
  if (member === undefined) return type;
  if (type === "array") {
    return member.length === 0 ? type : toArrayType(member.map(showType));
  }
  const members = member.map((each) =>
    `${each.name}${each.optional ? "?" : ""}: ${showType(each)}`
  );
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

/** Shows a signature: `math.divide(double, double): double`. */
export function showSignature(
  name: string,
  { params, returns }: SignatureInfo,
): string {
  const list = params.map((param) =>
    `${showType(param)}${param.optional ? "?" : ""}`
  );
  return `${name}(${list.join(", ")}): ${showType(returns)}`;
}
