// Values as the command line shows them.

import { XmlRpcTyped } from "../core/typed.ts";

/** How long a line may be before a value is spread over several. */
const COLUMNS = 76;

/** How far what is deep in a value is indented at most: few bytes can be very deep. */
const DEEPEST = 40;

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

/** A list's brackets, and its entries with what stands before each. */
function partsOf(
  value: object,
): { open: string; close: string; entries: [before: string, unknown][] } {
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

/** A value on one line, if that has room for it: what has not is not looked at whole. */
function onOneLine(value: unknown, room: number): string | undefined {
  if (typeof value === "string" && value.length > room) return undefined;
  if (Array.isArray(value) && value.length > room) return undefined;
  if (!isList(value)) return showScalar(value);
  if (room < 0) return undefined;
  const { open, close, entries } = partsOf(value);
  let line = open;
  for (const [index, [before, entry]] of entries.entries()) {
    line += index === 0 ? before : `, ${before}`;
    const shown = onOneLine(entry, room - line.length);
    if (shown === undefined) return undefined;
    line += shown;
    if (line.length > room) return undefined;
  }
  return line + close;
}

/** Puts together a value that is spread over lines where it is long. */
function write(value: unknown, indent: string, out: string[]): void {
  if (!isList(value)) return void out.push(showScalar(value));
  const { open, close, entries } = partsOf(value);
  const room = COLUMNS - 1 - indent.length + open.length;
  const line = onOneLine(value, room);
  if (line !== undefined) return void out.push(line);
  const inner = indent.length < DEEPEST ? `${indent}  ` : indent;
  out.push(open.trim());
  for (const [before, entry] of entries) {
    out.push(`\n${inner}${before}`);
    write(entry, inner, out);
    out.push(",");
  }
  out.push(`\n${indent}${close.trim()}`);
}

/** A value as a literal of TypeScript, or nearly so, indented where it is long. */
export function showValue(value: unknown): string {
  const out: string[] = [];
  write(value, "", out);
  return out.join("");
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
