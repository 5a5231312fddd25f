// Faults: what a `<fault>` holds, and the error it becomes.
// This module is browser compatible.

import { type Frame, requireValue } from "./rule.ts";
import { SCALARS, type ScalarSettings } from "./scalars.ts";
import { XmlRpcFault } from "../core/errors.ts";
import { copyStruct, isStruct } from "../core/struct.ts";
import { XmlRpcTyped } from "../core/typed.ts";
import { escapeUnsafe, quote } from "../util/messages.ts";
import { invalid } from "./xml/problem.ts";

/** What a `<fault>` holds. Not an error yet: the stack of an error must show the caller. */
export class ReceivedFault {
  readonly code: number;
  readonly message: string;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(
    code: number,
    message: string,
    members: Readonly<Record<string, unknown>>,
  ) {
    this.code = code;
    this.message = message;
    this.members = members;
  }
}

/** Returns a decoded result; throws it if it is a fault. */
export function unwrapResult(result: unknown): unknown {
  if (!(result instanceof ReceivedFault)) return result;
  const { code, message, members } = result;
  throw new XmlRpcFault(code, message, { members });
}

/** Reads a faultCode as a number; undefined if it is not an integer. */
export function readFaultCode(value: unknown): number | undefined {
  // Not in the spec: PHP servers send the code as a string, others as i8.
  const plain = value instanceof XmlRpcTyped && value.type !== "double"
    ? value.value
    : value;
  if (typeof plain === "object" || !/^\s*[+-]?[0-9]+\s*$/.test(String(plain))) {
    return undefined;
  }
  // Adding 0 turns -0 into 0.
  const code = Number(plain) + 0;
  return Number.isSafeInteger(code) ? code : undefined;
}

/** Gives what a `<fault>` holds. */
export function finishFault(
  frame: Frame,
  settings: ScalarSettings,
): ReceivedFault {
  const value = requireValue(frame);
  if (!isStruct(value)) {
    throw invalid(`<fault> must contain a struct, not ${showFault(value)}`);
  }
  const { faultCode, faultString } = value;
  const code = readFaultCode(faultCode);
  if (code === undefined || typeof faultString !== "string") {
    throw invalid(
      `<fault> without a readable faultCode and faultString: ${
        showFault(value)
      }`,
    );
  }
  const rest = copyStruct(value);
  delete rest.faultCode;
  delete rest.faultString;
  const members = untype(rest, settings) as Record<string, unknown>;
  return new ReceivedFault(code, faultString, members);
}

function untypeScalar(typed: XmlRpcTyped, settings: ScalarSettings): unknown {
  const { type, value } = typed;
  // An int and a double are what they hold; the others, what the settings say.
  if (typeof value === "number") return settings.typed ? typed : value;
  return SCALARS.get(type)!(String(value), settings);
}

/** Values as the settings want them; within a fault they are decoded as typed. */
function untype(value: unknown, settings: ScalarSettings): unknown {
  if (settings.typed && settings.dateTime === undefined) return value;
  const root = { value };
  const containers: Record<string, unknown>[] = [root];
  for (
    let container = containers.pop();
    container;
    container = containers.pop()
  ) {
    for (const [key, part] of Object.entries(container)) {
      if (part instanceof XmlRpcTyped) {
        container[key] = untypeScalar(part, settings);
      } else if (Array.isArray(part) || isStruct(part)) {
        containers.push(part as Record<string, unknown>);
      }
    }
  }
  return root.value;
}

/** A fault that cannot be read, in an error message, for a reader who must guess. */
function showFault(value: unknown): string {
  const seen = showValue(value, 4);
  return seen.length > 200 ? `${seen.slice(0, 200)}…` : seen;
}

/** The start of a value, as JSON has it; arrays and structs to a certain depth. */
function showValue(value: unknown, depth: number): string {
  const plain = value instanceof XmlRpcTyped ? value.value : value;
  if (plain instanceof Uint8Array) return `"${plain.length} bytes"`;
  if (typeof plain === "string") {
    return escapeUnsafe(JSON.stringify(plain.slice(0, 200)));
  }
  if (typeof plain !== "object" || plain === null) return String(plain);
  if (depth === 0) return "…";
  const parts = Object.entries(plain).slice(0, 10).map(([name, part]) => {
    const shown = showValue(part, depth - 1);
    return Array.isArray(plain) ? shown : `${quote(name)}:${shown}`;
  });
  return Array.isArray(plain) ? `[${parts}]` : `{${parts}}`;
}
