// The elements of XML-RPC: where each one may stand, and the value it gives.
// This module is browser compatible.

import { SCALAR_READERS, type ScalarDecoder, SCALARS } from "./scalars.ts";
import type { StreamedBytes } from "./byte_stream.ts";
import { finishFault } from "./fault.ts";
import { findNameProblem } from "./method_name.ts";
import {
  adoptItem,
  adoptOne,
  type Frame,
  requireValue,
  type Rule,
  rule,
  showIndex,
  TYPES,
} from "./rule.ts";
import { buildSlots, computeSlot, isAt } from "./rule_slots.ts";
import { isFarIndex, keepInTable, setMember } from "../core/struct.ts";
import { isBlank, trimSpace } from "./xml/characters.ts";
import { invalid } from "./xml/problem.ts";
import { quote, writeStep } from "../util/messages.ts";

function newList(): unknown[] {
  return [];
}

// ---------------------------------------------------------------- calls and responses

interface DecodedCall {
  readonly methodName: string;
  readonly params: unknown[];
}

function finishMethodName(frame: Frame): string {
  const name = trimSpace(frame.text);
  const problem = findNameProblem(name);
  if (problem !== undefined) throw invalid(problem);
  return name;
}

function adoptInCall(frame: Frame, child: Frame, value: unknown): void {
  if (child.rule.name === "methodName") {
    if (frame.methodName !== undefined) throw invalid("A second <methodName>");
    frame.methodName = value as string;
  } else {
    if (frame.value !== undefined) throw invalid("A second <params>");
    frame.value = value;
  }
}

function finishCall(frame: Frame): DecodedCall {
  if (frame.methodName === undefined) {
    throw invalid("<methodCall> must contain a <methodName>");
  }
  // Spec: "If the procedure call has parameters, the <methodCall> must contain a
  // <params> sub-item": without any, it may be missing.
  return {
    methodName: frame.methodName,
    params: (frame.value ?? []) as unknown[],
  };
}

function adoptInResponse(frame: Frame, child: Frame, value: unknown): void {
  if (frame.count++ > 0) {
    throw invalid("<methodResponse> must contain one <params> or one <fault>");
  }
  frame.value = child.rule.name === "fault"
    ? value
    : oneParam(value as unknown[]);
}

function oneParam(params: unknown[]): unknown {
  // Spec: "a single <params> which contains a single <param> which contains a
  // single <value>". PHP's void methods send none: that is read as null.
  if (params.length > 1) {
    throw invalid(`A response must have one <param>, not ${params.length}`);
  }
  return params.length === 0 ? null : params[0];
}

function finishResponse(frame: Frame): unknown {
  return frame.count === 0 ? null : frame.value;
}

// ---------------------------------------------------------------- values

function finishValue(frame: Frame): unknown {
  // Spec: "If no type is indicated, the type is string."
  if (frame.count === 0) return frame.text;
  if (!isBlank(frame.text)) {
    throw invalid(`Text ${quote(frame.text)} beside the type in <value>`);
  }
  return frame.value;
}

function finishArray(frame: Frame): unknown {
  // Not in the spec: PHP sends <array/> for an empty one.
  return frame.count === 0 ? [] : frame.value;
}

function adoptInMember(frame: Frame, child: Frame, value: unknown): void {
  // In either order: the spec gives none, and the pair is unambiguous.
  if (child.rule.name === "name") {
    if (frame.memberName !== undefined) {
      throw invalid("A second <name> in <member>");
    }
    frame.memberName = value as string;
  } else {
    if (frame.count++ > 0) throw invalid("A second <value> in <member>");
    frame.value = value;
  }
}

function finishMember(frame: Frame): unknown {
  if (frame.memberName === undefined) {
    throw invalid("<member> must contain a <name>");
  }
  if (frame.count === 0) throw invalid("<member> must contain a <value>");
  return frame.value;
}

function adoptMember(frame: Frame, child: Frame, value: unknown): void {
  const struct = frame.value as Record<string, unknown>;
  const key = child.memberName!;
  // One of the two would be lost, and peers do not agree on which. (The first check is
  // the faster one, but it misses the values for which the option dateTime gave undefined.)
  const isSeen = struct[key] !== undefined || frame.hasUndefined;
  if (isSeen && Object.hasOwn(struct, key)) {
    throw invalid(`A second member named ${quote(key)}`);
  }
  if (value === undefined) frame.hasUndefined = true;
  // The last line is a plain store: there the engine learns the shapes of these structs.
  if (key === "__proto__") return setMember(struct, key, value);
  if (!frame.hasFarIndex && isFarIndex(key)) {
    frame.hasFarIndex = true;
    keepInTable(struct);
  }
  struct[key] = value;
}

function memberSegment(frame: Frame): string {
  return frame.memberName === undefined ? "" : writeStep(frame.memberName);
}

function scalar(name: string, decode: ScalarDecoder): Rule {
  return rule(name, {
    keepsText: true,
    isShort: name !== "string" && name !== "base64",
    finish: (frame, settings) => decode(frame.text, settings),
    read: SCALAR_READERS.get(name),
  });
}

/** The document itself, which contains the root element. */
export const DOCUMENT: Rule = rule("", {
  children: ["methodCall", "methodResponse"],
  adopt: adoptOne,
});

/** An element that XML-RPC does not define, or that must not stand where it does. */
export const UNKNOWN: Rule = rule("", {});

/** A value, whatever its type. */
export const VALUE: Rule = rule("value", {
  children: TYPES,
  keepsText: true,
  adopt: adoptOne,
  finish: finishValue,
  segment: (_frame, parent) =>
    parent.rule.name === "data" ? showIndex(parent) : "",
});

/** A string. */
export const STRING: Rule = scalar("string", SCALARS.get("string")!);

/** A base64 value that is streamed; the value of its frame is a `StreamedBytes`. */
export const STREAMED: Rule = {
  ...scalar("base64", SCALARS.get("base64")!),
  isLeaf: false,
  finish: (frame) => (frame.value as StreamedBytes).end(),
};

/** The name of a method. */
export const METHOD_NAME: Rule = rule("methodName", {
  keepsText: true,
  isShort: true,
  finish: finishMethodName,
});

/** The name of a member. */
export const NAME: Rule = rule("name", {
  keepsText: true,
  isShort: true,
  finish: (frame) => frame.text,
});

/** A member of a struct. */
export const MEMBER: Rule = rule("member", {
  children: ["name", "value"],
  adopt: adoptInMember,
  finish: finishMember,
  segment: memberSegment,
});

/** An array. */
export const ARRAY: Rule = rule("array", {
  children: ["data"],
  adopt: adoptOne,
  finish: finishArray,
});

/** The element that contains the items of an array. */
export const DATA: Rule = rule("data", {
  children: ["value"],
  empty: newList,
  adopt: adoptItem,
});

/** A struct. */
export const STRUCT: Rule = rule("struct", {
  children: ["member"],
  empty: () => ({}),
  adopt: adoptMember,
});

const RULES: readonly Rule[] = [
  rule("methodCall", {
    children: ["methodName", "params"],
    adopt: adoptInCall,
    finish: finishCall,
  }),
  rule("methodResponse", {
    children: ["params", "fault"],
    adopt: adoptInResponse,
    finish: finishResponse,
  }),
  METHOD_NAME,
  rule("params", { children: ["param"], empty: newList, adopt: adoptItem }),
  rule("param", {
    children: ["value"],
    adopt: adoptOne,
    finish: requireValue,
    segment: (_frame, parent) => `params${showIndex(parent)}`,
  }),
  rule("fault", {
    children: ["value"],
    adopt: adoptOne,
    finish: finishFault,
    segment: () => "fault",
  }),
  VALUE,
  ARRAY,
  DATA,
  STRUCT,
  MEMBER,
  NAME,
  rule("nil", { finish: () => null }),
  STRING,
  ...Array.from(SCALARS, ([name, decode]) => scalar(name, decode))
    .filter(({ name }) => name !== STRING.name),
];

const SLOTS = buildSlots(RULES);

/** The rule of the element whose name stands at `start`; undefined if there is none. */
export function findRule(
  bytes: Uint8Array,
  start: number,
  end: number,
): Rule | undefined {
  const rule = SLOTS[computeSlot(bytes, start, end)];
  if (rule === undefined || rule.bytes.length !== end - start) return undefined;
  return isAt(rule.bytes, bytes, start) ? rule : undefined;
}
