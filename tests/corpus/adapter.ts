// Between the corpus and our codec: cases in, outcomes out, in the terms of loader.mjs.

import { equal, show } from "./equal.ts";
import {
  createCallDecoder,
  createResponseDecoder,
  decodeCall,
  type DecodeOptions,
  decodeResponse,
  type DecodeResponseStreamOptions,
  encodeCall,
  encodeFault,
  encodeResponse,
  XmlRpcFault,
  XmlRpcSyntaxError,
  XmlRpcTyped,
} from "../../mod.ts";

/** A value with its wire type: `{ int: 5 }`, `{ array: [{ string: "a" }] }`. */
export type Tagged = Readonly<Record<string, unknown>>;

/** What a decoder made of a document. */
export interface Outcome {
  readonly value?: Tagged;
  readonly call?: { readonly methodName: string; readonly params: Tagged[] };
  readonly fault?: { readonly faultCode: number; readonly faultString: string };
  readonly error?: string;
  /** An error that is none of ours, which is never right. */
  readonly exception?: string;
}

/** A case of the corpus, or of the fuzzer; README.md describes the members. */
export interface Case {
  readonly id: string;
  readonly kind?: "call" | "response";
  readonly op?: "call" | "response" | "fault";
  readonly contentType?: string;
  readonly limits?: DecodeOptions;
  readonly budgetMs?: number;
  readonly expect: Readonly<Record<string, unknown>>;
  readonly methodName?: string;
  readonly params?: readonly Tagged[];
  readonly value?: Tagged;
  readonly fault?: { readonly faultCode: number; readonly faultString: string };
  /** A function is what the expression has been made, where none can be evaluated. */
  readonly js?: string | (() => unknown);
}

// Not every runtime has these, and none of them is checked by itself.
function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

// ---------------------------------------------------------------- decoding

/** The corpus's names of types, where they are not ours. */
const TAGS: Readonly<Record<string, string>> = {
  "dateTime.iso8601": "dateTime",
  biginteger: "bigint",
};

function tagTyped({ type, value }: XmlRpcTyped): Tagged {
  const tag = TAGS[type] ?? type;
  if (typeof value === "bigint") return { [tag]: String(value) };
  if (Object.is(value, -0)) return { [tag]: "-0" };
  if (typeof value === "number" && !Number.isFinite(value)) {
    return { [tag]: String(value) };
  }
  return { [tag]: value };
}

/** A value that was decoded with the option `typed`, in the corpus's terms. */
function tag(value: unknown): Tagged {
  if (value === null) return { nil: true };
  if (typeof value === "string") return { string: value };
  if (typeof value === "boolean") return { boolean: value };
  if (value instanceof XmlRpcTyped) return tagTyped(value);
  if (value instanceof Uint8Array) return { base64: toBase64(value) };
  if (Array.isArray(value)) return { array: value.map(tag) };
  const members = Object.entries(value as object);
  return { struct: members.map(([name, member]) => [name, tag(member)]) };
}

function decode(
  { kind }: Case,
  document: Uint8Array,
  options: DecodeOptions,
  chunkBytes: number,
): unknown {
  if (chunkBytes === Infinity) {
    return kind === "call"
      ? decodeCall(document, options)
      : decodeResponse(document, options);
  }
  const decoder = kind === "call"
    ? createCallDecoder(options)
    : createResponseDecoder(options);
  for (let at = 0; at < document.length; at += chunkBytes) {
    decoder.push(document.subarray(at, at + chunkBytes));
  }
  return decoder.end();
}

/** The outcome of an error, if it is one of ours. */
function outcomeOf(error: unknown): Outcome {
  if (error instanceof XmlRpcFault) {
    return { fault: { faultCode: error.code, faultString: error.message } };
  }
  if (error instanceof XmlRpcSyntaxError) return { error: error.kind };
  return { exception: String((error as Error)?.stack ?? error) };
}

function optionsOf({ contentType, limits }: Case): DecodeOptions {
  return { ...limits, contentType };
}

/** The outcome of what `run` decodes. */
function outcome(c: Case, run: () => unknown): Outcome {
  try {
    const decoded = run();
    if (c.kind !== "call") return { value: tag(decoded) };
    const { methodName, params } = decoded as ReturnType<typeof decodeCall>;
    return { call: { methodName, params: params.map(tag) } };
  } catch (error) {
    return outcomeOf(error);
  }
}

/** Decodes a document of a case, whole or in chunks. */
export function decodeOutcome(
  c: Case,
  document: Uint8Array,
  chunkBytes = Infinity,
): Outcome {
  const options = { ...optionsOf(c), typed: true };
  return outcome(c, () => decode(c, document, options, chunkBytes));
}

/** Decodes a document in chunks, with everything handed out that may be, and put back. */
export function handedOutOutcome(
  c: Case,
  document: Uint8Array,
  chunkBytes: number,
): Outcome {
  const bytes = new Map<number, number[]>();
  const items: unknown[] = [];
  const options: DecodeResponseStreamOptions = {
    ...optionsOf(c),
    typed: true,
    onBase64: (index) => {
      const all: number[] = [];
      return {
        write: (some) => void all.push(...some),
        close: () => void bytes.set(index, all),
      };
    },
    onItems: (some) => void items.push(...some),
  };
  return outcome(c, () => {
    const decoded = decode(c, document, options, chunkBytes);
    if (c.kind !== "call") {
      if (bytes.has(0)) return Uint8Array.from(bytes.get(0)!);
      return items.length > 0 ? items : decoded;
    }
    const { params } = decoded as { params: unknown[] };
    for (const [index, all] of bytes) params[index] = Uint8Array.from(all);
    return decoded;
  });
}

const DATE =
  /^(\d{4})-?(\d\d)-?(\d\d)[T ](\d\d):?(\d\d):?(\d\d)(?:[.,](\d+))?(Z|[+-]\d\d(?::?\d\d)?)?$/;

/** The time that the text of a date means; undefined if it is in no usual form. */
function timeOf(text: string): number | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(
    Number,
  );
  const date = new Date(0);
  date.setUTCFullYear(year!, month! - 1, day!);
  date.setUTCHours(hour!, minute!, second!);
  const zone = match[8] ?? "Z";
  const [hours, minutes] = zone === "Z"
    ? [0, 0]
    : [zone.slice(1, 3), zone.slice(3).replace(":", "") || 0].map(Number);
  const offset = (hours! * 60 + minutes!) * 60_000 * (zone[0] === "-" ? -1 : 1);
  const fraction = Math.trunc(Number(`0.${match[7] ?? 0}`) * 1000);
  return date.getTime() + fraction - offset;
}

/** Whether a plain value is what a typed one means. */
function isPlainOf(typed: unknown, plain: unknown): boolean {
  if (typed instanceof XmlRpcTyped) {
    if (typed.type === "bigdecimal") return equal(typed, plain);
    if (typed.type !== "dateTime.iso8601") return Object.is(typed.value, plain);
    const time = timeOf(typed.value as string) ?? (plain as Date).getTime();
    return plain instanceof Date && plain.getTime() === time;
  }
  if (
    typed instanceof Uint8Array || typed === null || typeof typed !== "object"
  ) {
    return equal(typed, plain);
  }
  if (typeof plain !== "object" || plain === null) return false;
  if (Object.getPrototypeOf(typed) !== Object.getPrototypeOf(plain)) {
    return false;
  }
  const names = Object.keys(typed);
  return equal(names, Object.keys(plain)) &&
    names.every((name) =>
      isPlainOf(typed[name as never], plain[name as never])
    );
}

/** What is wrong with the document's plain values, compared with its typed ones. */
export function plainFlaw(c: Case, document: Uint8Array): string | undefined {
  let typed: unknown;
  let plain: unknown;
  try {
    typed = decode(c, document, { ...optionsOf(c), typed: true }, Infinity);
  } catch (error) {
    typed = outcomeOf(error);
  }
  try {
    plain = decode(c, document, optionsOf(c), Infinity);
  } catch (error) {
    plain = outcomeOf(error);
  }
  return isPlainOf(typed, plain)
    ? undefined
    : `plain values are ${show(plain)}, typed ones ${show(typed)}`;
}

// ---------------------------------------------------------------- encoding

function structOf(members: readonly (readonly [string, Tagged])[]): unknown {
  const struct = Object.fromEntries(
    members.map(([name, member]) => [name, untag(member)]),
  );
  if (Object.keys(struct).length === members.length) return struct;
  // No JavaScript object has two members of one name: refused before we could be asked.
  throw new TypeError("Cannot encode two members of one name");
}

/** A tagged value as one gives it to the encoder. */
function untag(tagged: Tagged): unknown {
  const [tag, value] = Object.entries(tagged)[0]!;
  switch (tag) {
    case "nil":
      return null;
    case "string":
    case "boolean":
      return value;
    case "base64":
      return fromBase64(value as string);
    case "array":
      return (value as Tagged[]).map(untag);
    case "struct":
      return structOf(value as [string, Tagged][]);
    case "int":
    case "double":
      return new XmlRpcTyped(tag, Number(value));
    case "i8":
      return new XmlRpcTyped(tag, BigInt(value as string));
    case "bigint":
      return new XmlRpcTyped("biginteger", BigInt(value as string));
    case "dateTime":
      return new XmlRpcTyped("dateTime.iso8601", value as string);
    case "bigdecimal":
      return new XmlRpcTyped(tag, value as string);
    default:
      throw new Error(`No such tag: ${tag}`);
  }
}

function evaluate(js: NonNullable<Case["js"]>): unknown {
  return typeof js === "string" ? new Function(`return (${js}\n)`)() : js();
}

function encode(c: Case): Uint8Array {
  if (c.op === "call") return encodeCall(c.methodName!, c.params!.map(untag));
  if (c.op === "fault") {
    const { faultCode, faultString } = c.fault!;
    return encodeFault({ code: faultCode, message: faultString });
  }
  if (c.js === undefined) return encodeResponse(untag(c.value!));
  return encodeResponse(evaluate(c.js));
}

/** What our encoder writes for a case, or the message with which it refuses to. */
export function encodeLine(c: Case): Readonly<Record<string, string>> {
  const { id } = c;
  try {
    return { id, xml: new TextDecoder().decode(encode(c)) };
  } catch (error) {
    // A stack overflow is a RangeError, too: ours are known by their words.
    const { message } = error as Error;
    const isOurs = error instanceof TypeError || error instanceof RangeError;
    if (isOurs && /^(Cannot encode|White space|A method name)/.test(message)) {
      return { id, error: message };
    }
    return { id, exception: String((error as Error)?.stack ?? error) };
  }
}
