// Writes the methods of a server as an interface of TypeScript.

import {
  type MethodInfo,
  type SignatureInfo,
  toArrayType,
  type TypeInfo,
} from "./describe.ts";

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

/** Words that TypeScript does not take as names of types, or that the interface uses. */
const NOT_TYPE_NAMES = new Set(
  ("any bigint boolean never null number object string symbol undefined unknown void " +
    "break case catch class const continue debugger default delete do else enum export " +
    "extends false finally for function if import in instanceof new return super switch " +
    "this throw true try typeof var while with implements interface let package private " +
    "protected public static yield await async Date Record Uint8Array").split(
      " ",
    ),
);

/** Whether an interface can have this name. */
export function isTypeName(name: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(name) && !NOT_TYPE_NAMES.has(name);
}

function toKey(name: string): string {
  // Without quotes, "new" would declare a constructor.
  const isBare = /^[A-Za-z_$][\w$]*$/.test(name) && name !== "new";
  return isBare ? name : JSON.stringify(name);
}

/** Escapes text so that it cannot end a comment. */
function escapeComment(text: string): string {
  return text.replaceAll("*/", "*\\/");
}

function toType({ type, member }: TypeInfo): string {
  if (member === undefined || member.length === 0) {
    return TYPES.get(type) ?? "unknown";
  }
  if (type === "array") return toArrayType(member.map(toType));
  // A server may name a member twice.
  const byName = new Map(member.map((each) => [each.name ?? "", each]));
  const members = Array.from(
    byName,
    ([name, each]) =>
      `${toKey(name)}${each.optional ? "?" : ""}: ${toType(each)}`,
  );
  return `{ ${members.join("; ")} }`;
}

function toParameters({ params }: SignatureInfo): string {
  const lastRequired = params.findLastIndex(({ optional }) => !optional);
  const used = new Set<string>();
  return params.map((param, index) => {
    const isName = /^[A-Za-z_$][\w$]*$/.test(param.name ?? "") &&
      !used.has(param.name!);
    if (isName) used.add(param.name!);
    const name = isName ? `${param.name}_` : `param${index + 1}`;
    if (!param.optional) return `${name}: ${toType(param)}`;
    // TypeScript does not allow it to be left out before one that is required.
    return index < lastRequired
      ? `${name}: ${toType(param)} | undefined`
      : `${name}?: ${toType(param)}`;
  }).join(", ");
}

/** Writes what follows a method's name: its params and its result. */
function toCallSignature({ signatures }: MethodInfo): string {
  const [first, ...more] = signatures;
  if (first === undefined) return "(...params: unknown[]): unknown";
  if (more.length === 0) {
    return `(${toParameters(first)}): ${toType(first.returns)}`;
  }
  // TypeScript would infer only from the last of several overloads.
  const params = [
    ...new Set(signatures.map((each) => `[${toParameters(each)}]`)),
  ];
  const results = [
    ...new Set(signatures.map(({ returns }) => toType(returns))),
  ];
  return `(...params: ${params.join(" | ")}): ${results.join(" | ")}`;
}

function toComment(help: string, indent: string): string {
  const lines = escapeComment(help).split(/\r?\n/).map((line) =>
    line.trimEnd()
  );
  if (help === "") return "";
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  const body = lines.map((line) =>
    `${indent} *${line === "" ? "" : ` ${line}`}\n`
  );
  return `${indent}/**\n${body.join("")}${indent} */\n`;
}

/** Methods, grouped by the parts of their names. */
type Tree = Map<string, Tree | MethodInfo>;

/** A name with more parts is not divided into groups. */
const MAX_PARTS = 20;

/** Gives the groups of a method: "a" and "a.b" for "a.b.c". */
function splitGroups(name: string): string[] {
  const parts = name.split(".", MAX_PARTS + 1);
  if (parts.length > MAX_PARTS) return [];
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("."));
}

/** Builds the tree. A method whose name is also the name of a group stays at the top. */
function buildTree(methods: readonly MethodInfo[]): Tree {
  const names = new Set(methods.map(({ name }) => name));
  const groups = new Set(methods.flatMap(({ name }) => splitGroups(name)));
  const root: Tree = new Map();
  for (const method of methods) {
    const { name } = method;
    const around = splitGroups(name);
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

function writeMembers(tree: Tree, indent: string): string {
  return Array.from(tree, ([name, entry]) => {
    if (entry instanceof Map) {
      const inner = writeMembers(entry, `${indent}  `);
      return `${indent}${toKey(name)}: {\n${inner}${indent}};\n`;
    }
    return `${toComment(entry.help, indent)}${indent}${toKey(name)}${
      toCallSignature(entry)
    };\n`;
  }).join("");
}

/** Writes an interface for `createClient` from the methods that a server describes. */
export function toInterface(
  name: string,
  url: string,
  methods: readonly MethodInfo[],
): string {
  const sorted = [...methods].sort((a, b) => a.name < b.name ? -1 : 1);
  return `/** The methods of ${
    escapeComment(url)
  }, as it describes them: for \`createClient<${name}>(url)\`. */\n` +
    `export interface ${name} {\n${writeMembers(buildTree(sorted), "  ")}}`;
}
