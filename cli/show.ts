// Shows values as text and as JSON.

import { XmlRpcTyped } from "../codec.ts";

/** A value that does not fit on a line of this length is spread over several lines. */
const COLUMNS = 76;

/** The deepest indentation: a small document can be nested very deeply. */
const MAX_INDENT = 40;

/** JSON that is longer, in characters, is not indented. */
const MAX_INDENTED = 100_000;

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

/** Splits an array or a struct into its brackets and its entries, each with a prefix. */
function split(
  value: object,
): { open: string; close: string; entries: [prefix: string, unknown][] } {
  if (Array.isArray(value)) {
    return { open: "[", close: "]", entries: value.map((item) => ["", item]) };
  }
  const entries = Object.entries(value).map((
    [name, member],
  ): [string, unknown] => [`${showKey(name)}: `, member]);
  return entries.length === 0
    ? { open: "{", close: "}", entries }
    : { open: "{ ", close: " }", entries };
}

/** Shows a value on one line, or gives undefined as soon as there is not enough room. */
function showOnOneLine(value: unknown, room: number): string | undefined {
  if (typeof value === "string" && value.length > room) return undefined;
  if (Array.isArray(value) && value.length > room) return undefined;
  if (!isList(value)) return showScalar(value);
  if (room < 0) return undefined;
  const { open, close, entries } = split(value);
  let line = open;
  for (const [index, [prefix, entry]] of entries.entries()) {
    line += index === 0 ? prefix : `, ${prefix}`;
    const shown = showOnOneLine(entry, room - line.length);
    if (shown === undefined) return undefined;
    line += shown;
    if (line.length > room) return undefined;
  }
  return line + close;
}

/** Writes a value, over several lines where it is long. */
function write(value: unknown, indent: string, out: string[]): void {
  if (!isList(value)) return void out.push(showScalar(value));
  const { open, close, entries } = split(value);
  const room = COLUMNS - 1 - indent.length + open.length;
  const line = showOnOneLine(value, room);
  if (line !== undefined) return void out.push(line);
  const inner = indent.length < MAX_INDENT ? `${indent}  ` : indent;
  out.push(open.trim());
  for (const [prefix, entry] of entries) {
    out.push(`\n${inner}${prefix}`);
    write(entry, inner, out);
    out.push(",");
  }
  out.push(`\n${indent}${close.trim()}`);
}

/** Shows a value almost as a literal of TypeScript, indented where it is long. */
export function showValue(value: unknown): string {
  const out: string[] = [];
  write(value, "", out);
  return out.join("");
}

function replaceForJson(_name: string, value: unknown): unknown {
  if (typeof value === "bigint") {
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  }
  if (value instanceof Uint8Array) return value.toBase64();
  if (value instanceof XmlRpcTyped) return replaceForJson("", value.value);
  return value;
}

/** Converts a value to JSON: bytes in base64, dates in ISO 8601. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value, replaceForJson);
  // Indentation may multiply the length of a value that is nested deeply.
  return text === undefined || text.length > MAX_INDENTED
    ? text
    : JSON.stringify(value, replaceForJson, 2);
}
