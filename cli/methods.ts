// What a server tells of its methods, and that as an interface of TypeScript.

import type { Signatures } from "./arguments.ts";
import type { XmlRpcClient } from "../client.ts";
import { FaultCode, XmlRpcFault } from "../core/errors.ts";

/** A type, as far as the server describes it. */
export interface TypeInfo {
  readonly type: string;
  readonly name?: string;
  readonly optional?: boolean;
  readonly member?: readonly TypeInfo[];
}

/** One way in which a method can be called. */
export interface SignatureInfo {
  readonly params: readonly TypeInfo[];
  readonly returns: TypeInfo;
}

/** What is known of a method. */
export interface MethodInfo {
  readonly name: string;
  readonly help: string;
  readonly signatures: readonly SignatureInfo[];
}

// deno-lint-ignore no-explicit-any -- whatever the server has
export type AnyClient = XmlRpcClient<any>;

// ---------------------------------------------------------------- asking

/** Signatures as a server gives them; none where it has none to tell. */
export function signaturesOf(answer: unknown): Signatures {
  if (!Array.isArray(answer)) return [];
  // Not in the convention: some give one signature without the list around it.
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

/** What `system.describeMethods` tells; undefined where there is no such method. */
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

/** What a server answers; undefined where that is a fault. */
async function answerOf(
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

/** What `system.methodSignature` and `system.methodHelp` tell of a method. */
async function askFor(client: AnyClient, name: string): Promise<MethodInfo> {
  const [signature, help] = await Promise.all([
    answerOf(client, "system.methodSignature", name),
    answerOf(client, "system.methodHelp", name),
  ]);
  return {
    name,
    help: typeof help === "string" ? help.trim() : "",
    signatures: signaturesOf(signature).map(([returns, ...params]) => ({
      params: params.map((type) => ({ type })),
      returns: { type: returns! },
    })),
  };
}

/**
 * The same of many, one after the other: a multicall would be faster, but supervisord's
 * gives results that cannot be told from those in arrays of one.
 */
async function askForEach(
  client: AnyClient,
  names: readonly string[],
): Promise<MethodInfo[]> {
  const methods: MethodInfo[] = [];
  for (const name of names) methods.push(await askFor(client, name));
  return methods;
}

/** The names of a server's methods, in order. */
export async function listMethods(client: AnyClient): Promise<string[]> {
  const names: unknown = await client.call("system.listMethods", []);
  if (Array.isArray(names)) return names.map(String).sort();
  throw new XmlRpcFault(
    FaultCode.methodNotFound,
    "The server's system.listMethods gives no list",
  );
}

/** What is known of methods, or of all there are. */
export async function askForMethods(
  client: AnyClient,
  names?: readonly string[],
): Promise<readonly MethodInfo[]> {
  return await describeAll(client, names) ??
    await askForEach(client, names ?? await listMethods(client));
}

// ---------------------------------------------------------------- as text

/** An array of one type, or of any of several, as text. */
function arrayOf(types: readonly string[]): string {
  const each = [...new Set(types)];
  return each.length === 1 ? `${each[0]}[]` : `(${each.join(" | ")})[]`;
}

/** A type as text: `{ sku: string, price: double }`. */
function showType({ type, member }: TypeInfo): string {
  if (member === undefined) return type;
  if (type === "array") {
    return member.length === 0 ? type : arrayOf(member.map(showType));
  }
  const members = member.map((each) =>
    `${each.name}${each.optional ? "?" : ""}: ${showType(each)}`
  );
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

/** A signature as text: `math.divide(double, double): double`. */
export function showSignature(
  name: string,
  { params, returns }: SignatureInfo,
): string {
  const list = params.map((param) =>
    `${showType(param)}${param.optional ? "?" : ""}`
  );
  return `${name}(${list.join(", ")}): ${showType(returns)}`;
}

// ---------------------------------------------------------------- as TypeScript

const TYPES: ReadonlyMap<string, string> = new Map([
  ...["int", "i4", "i1", "i2", "double", "float"].map((
    name,
  ) => [name, "number"] as const),
  ["i8", "bigint"],
  ["boolean", "boolean"],
  ["string", "string"],
  ["dateTime.iso8601", "Date"],
  ["base64", "Uint8Array"],
  ["nil", "null"],
  ["array", "unknown[]"],
  ["struct", "Record<string, unknown>"],
]);

function nameOf(name: string): string {
  // Bare, "new" would be no name, but say how the interface is constructed.
  const isBare = /^[A-Za-z_$][\w$]*$/.test(name) && name !== "new";
  return isBare ? name : JSON.stringify(name);
}

/** Text of others for a comment, which it cannot end. */
function commented(text: string): string {
  return text.replaceAll("*/", "*\\/");
}

function typeOf({ type, member }: TypeInfo): string {
  if (member === undefined || member.length === 0) {
    return TYPES.get(type) ?? "unknown";
  }
  if (type === "array") return arrayOf(member.map(typeOf));
  const members = member.map((each) =>
    `${nameOf(each.name ?? "")}${each.optional ? "?" : ""}: ${typeOf(each)}`
  );
  return `{ ${members.join("; ")} }`;
}

function parameterList({ params }: SignatureInfo): string {
  return params.map((param, index) => {
    const isName = /^[A-Za-z_$][\w$]*$/.test(param.name ?? "");
    const name = isName ? `${param.name}_` : `param${index + 1}`;
    return `${name}${param.optional ? "?" : ""}: ${typeOf(param)}`;
  }).join(", ");
}

/** What stands behind a method's name. */
function callOf({ signatures }: MethodInfo): string {
  const [first, ...more] = signatures;
  if (first === undefined) return "(...params: unknown[]): unknown";
  if (more.length === 0) {
    return `(${parameterList(first)}): ${typeOf(first.returns)}`;
  }
  // Of overloads, TypeScript would see but the last.
  const params = [
    ...new Set(signatures.map((each) => `[${parameterList(each)}]`)),
  ];
  const results = [
    ...new Set(signatures.map(({ returns }) => typeOf(returns))),
  ];
  return `(...params: ${params.join(" | ")}): ${results.join(" | ")}`;
}

function commentOf(help: string, indent: string): string {
  const lines = commented(help).split(/\r?\n/).map((line) => line.trimEnd());
  if (help === "") return "";
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  const body = lines.map((line) =>
    `${indent} *${line === "" ? "" : ` ${line}`}\n`
  );
  return `${indent}/**\n${body.join("")}${indent} */\n`;
}

/** Methods by the parts of their names. */
type Tree = Map<string, Tree | MethodInfo>;

/** Most parts of a name that stands in groups. */
const MOST_PARTS = 20;

/** The groups that a method of this name stands in: of "a.b.c", "a" and "a.b". */
function groupsOf(name: string): string[] {
  const parts = name.split(".", MOST_PARTS + 1);
  if (parts.length > MOST_PARTS) return [];
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("."));
}

/** The tree of methods; one whose name is that of a group, too, stands at the top. */
function treeOf(methods: readonly MethodInfo[]): Tree {
  const names = new Set(methods.map(({ name }) => name));
  const groups = new Set(methods.flatMap(({ name }) => groupsOf(name)));
  const root: Tree = new Map();
  for (const method of methods) {
    const { name } = method;
    const around = groupsOf(name);
    const isAlone = around.length === 0 || groups.has(name) ||
      around.some((group) => names.has(group));
    const path = isAlone ? [name] : name.split(".");
    let group = root;
    for (const part of path.slice(0, -1)) {
      const next = group.get(part) as Tree | undefined ?? new Map();
      group.set(part, next);
      group = next;
    }
    group.set(path.at(-1)!, method);
  }
  return root;
}

function membersOf(tree: Tree, indent: string): string {
  return Array.from(tree, ([name, entry]) => {
    if (entry instanceof Map) {
      const inner = membersOf(entry, `${indent}  `);
      return `${indent}${nameOf(name)}: {\n${inner}${indent}};\n`;
    }
    return `${commentOf(entry.help, indent)}${indent}${nameOf(name)}${
      callOf(entry)
    };\n`;
  }).join("");
}

/** An interface for `createClient`, of what a server tells. */
export function interfaceOf(
  name: string,
  url: string,
  methods: readonly MethodInfo[],
): string {
  const sorted = [...methods].sort((a, b) => a.name < b.name ? -1 : 1);
  return `/** The methods of ${
    commented(url)
  }, as it describes them: for \`createClient<${name}>(url)\`. */\n` +
    `export interface ${name} {\n${membersOf(treeOf(sorted), "  ")}}`;
}
