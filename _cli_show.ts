// Values as the command line shows them.

import { XmlRpcTyped } from "./value.ts";

/** How long a line may be before a value is spread over several. */
const COLUMNS = 76;

function showKey(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function showScalar(value: unknown): string {
  if (value instanceof XmlRpcTyped) return `${value.type} ${value.value}`;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `<${value.length} bytes>`;
  if (typeof value === "bigint") return `${value}n`;
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

function isList(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  return !(value instanceof XmlRpcTyped || value instanceof Date ||
    value instanceof Uint8Array);
}

/** A value as a literal of TypeScript, or nearly so, indented where it is long. */
export function showValue(value: unknown, indent = ""): string {
  if (!isList(value)) return showScalar(value);
  const inner = `${indent}  `;
  const isArray = Array.isArray(value);
  const parts = Object.entries(value).map(([name, member]) =>
    `${isArray ? "" : `${showKey(name)}: `}${showValue(member, inner)}`
  );
  const [open, close, space] = isArray ? ["[", "]", ""] : ["{", "}", " "];
  if (parts.length === 0) return open + close;
  const line = parts.join(", ");
  if (!line.includes("\n") && indent.length + line.length < COLUMNS) {
    return `${open}${space}${line}${space}${close}`;
  }
  return `${open}\n${inner}${parts.join(`,\n${inner}`)},\n${indent}${close}`;
}

function toJson(_name: string, value: unknown): unknown {
  if (typeof value === "bigint") {
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  }
  if (value instanceof Uint8Array) return value.toBase64();
  if (value instanceof XmlRpcTyped) return toJson("", value.value);
  return value;
}

/** A value in JSON: bytes in base64, dates in ISO 8601. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value, toJson, 2);
}
