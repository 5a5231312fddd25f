// Params as a server declares them. This module is browser compatible.

import { dateTime, double, i8, int, XmlRpcTyped } from "./value.ts";

type Conformer = (value: unknown) => unknown;

function conformInt(value: unknown): unknown {
  return int(typeof value === "bigint" ? Number(value) : value as number);
}

function conformI8(value: unknown): unknown {
  return Number.isSafeInteger(value)
    ? i8(BigInt(value as number))
    : i8(value as bigint);
}

function conformDateTime(value: unknown): unknown {
  return value instanceof Date ? value : dateTime(value as string);
}

/** One that takes values for which a claim holds, as they are. */
function only(type: string, holds: (value: unknown) => boolean): Conformer {
  return (value) => {
    if (holds(value)) return value;
    throw new TypeError(`expected ${type}`);
  };
}

function isBytes(value: unknown): boolean {
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value);
}

function isStruct(value: unknown): boolean {
  return Object.prototype.toString.call(value) === "[object Object]";
}

const CONFORMERS: ReadonlyMap<string, Conformer> = new Map<string, Conformer>([
  ["int", conformInt],
  ["i4", conformInt],
  ["i8", conformI8],
  ["double", (value) => double(value as number)],
  ["boolean", only("boolean", (value) => typeof value === "boolean")],
  ["string", only("string", (value) => typeof value === "string")],
  ["dateTime.iso8601", conformDateTime],
  ["base64", only("base64", isBytes)],
  ["nil", only("nil", (value) => value === null)],
  ["array", only("array", Array.isArray)],
  ["struct", only("struct", isStruct)],
]);

/** A value as a wire type; throws if it cannot be one. Types that nobody knows take all. */
export function conform(value: unknown, type: string, path: string): unknown {
  if (value instanceof XmlRpcTyped) {
    if (value.type === type || !CONFORMERS.has(type)) return value;
    throw new TypeError(`${path}: expected ${type}, got ${value.type}`);
  }
  return CONFORMERS.get(type)?.(value) ?? value;
}
