// The code of a fault. This module is browser compatible.

import { XmlRpcTyped } from "../core/typed.ts";

/** A faultCode as a number; undefined if it is no integer. */
export function faultCodeOf(value: unknown): number | undefined {
  // Not in the spec: PHP servers send the code as a string, others as i8.
  const plain = value instanceof XmlRpcTyped && value.type !== "double"
    ? value.value
    : value;
  if (typeof plain === "object" || !/^\s*[+-]?[0-9]+\s*$/.test(String(plain))) {
    return undefined;
  }
  const code = Number(plain) + 0;
  return Number.isSafeInteger(code) ? code : undefined;
}
