// Converts the arguments of `call` to params, according to the server's signatures.

import { UsageError } from "./terminal.ts";
import { dateTime, double, int } from "../client.ts";

/** Opens the file that an argument names: `@FILE`. */
export type FileOpener = (path: string) => Promise<Blob>;

/** A type in front of an argument: `double:5`. */
const PREFIX =
  /^(int|i8|double|boolean|string|dateTime\.iso8601|base64|nil|json):(.*)$/s;

/** Parses an argument as a type, or throws a {@linkcode UsageError}. */
type Parser = (argument: string) => unknown;

function createMismatch(argument: string, expected: string): UsageError {
  return new UsageError(`${JSON.stringify(argument)} is not ${expected}`);
}

function parseInteger(
  argument: string,
  type: "int" | "i8",
  bits: 32 | 64,
): bigint {
  if (!/^[+-]?\d+$/.test(argument)) {
    throw createMismatch(argument, `an ${type}`);
  }
  const value = BigInt(argument.replace(/^\+/, ""));
  if (BigInt.asIntN(bits, value) === value) return value;
  throw new UsageError(`${argument} exceeds the ${bits} bits of ${type}`);
}

function parseInt32(argument: string): unknown {
  return int(Number(parseInteger(argument, "int", 32)));
}

const PARSERS: ReadonlyMap<string, Parser> = new Map<string, Parser>([
  ["int", parseInt32],
  ["i4", parseInt32],
  ["i8", (argument) => parseInteger(argument, "i8", 64)],
  ["double", (argument) => {
    const value = Number(argument);
    if (argument.trim() === "" || !Number.isFinite(value)) {
      throw createMismatch(argument, "a double");
    }
    return double(value);
  }],
  ["boolean", (argument) => {
    if (!/^(?:true|false|[01])$/.test(argument)) {
      throw createMismatch(argument, "a boolean");
    }
    return argument === "true" || argument === "1";
  }],
  ["string", (argument) => argument],
  ["dateTime.iso8601", parseDate],
  ["base64", (argument) => {
    try {
      return Uint8Array.fromBase64(argument);
    } catch {
      throw createMismatch(argument, "base64 (@FILE sends a file)");
    }
  }],
  ["nil", (argument) => {
    if (!/^(?:|nil|null)$/.test(argument)) {
      throw createMismatch(argument, "nil");
    }
    return null;
  }],
  ["array", (argument) => {
    const value = parseJson(argument);
    if (!Array.isArray(value)) throw createMismatch(argument, "a JSON array");
    return value;
  }],
  ["struct", (argument) => {
    const value = parseJson(argument);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value;
    }
    throw createMismatch(argument, "a JSON object");
  }],
  ["json", parseJson],
]);

const DATE =
  /^(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d):?(\d\d)(Z|[+-]\d\d:?\d\d)?$/;

/** Parses a date. A date without a time zone is sent without conversion. */
function parseDate(argument: string): unknown {
  const match = DATE.exec(argument);
  if (match === null) {
    throw createMismatch(argument, "a date such as 2026-11-25T12:30:00Z");
  }
  const [, year, month, day, hour, minute, second, zone] = match;
  const text = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  if (zone !== undefined) return new Date(text + zone);
  return dateTime(`${year}${month}${day}T${hour}:${minute}:${second}`);
}

/** Parses JSON. Integers that need more than 32 bits become bigints, without loss. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value, context?: { source?: string }) => {
      const source = context?.source ?? "";
      if (typeof value !== "number" || !/^-?\d+$/.test(source)) return value;
      return (value | 0) === value ? value : BigInt(source);
    });
  } catch (error) {
    throw new UsageError(`Invalid JSON: ${(error as Error).message}`);
  }
}

/** Parses an argument of unknown type by what it looks like. */
function guessValue(argument: string): unknown {
  if (/^[+-]?\d+$/.test(argument)) {
    const value = parseInteger(argument, "i8", 64);
    return BigInt.asIntN(32, value) === value ? Number(value) : value;
  }
  if (/^[+-]?(?:\d+\.\d*|\.\d+|\d+(?=e))(?:e[+-]?\d+)?$/i.test(argument)) {
    return double(Number(argument));
  }
  if (argument === "true" || argument === "false") return argument === "true";
  if (argument === "nil" || argument === "null") return null;
  if (DATE.test(argument)) return parseDate(argument);
  return /^[[{]/.test(argument) ? parseJson(argument) : argument;
}

/** Converts an argument to a param, by its type if that is known. */
async function toParam(
  argument: string,
  type: string | undefined,
  open: FileOpener,
): Promise<unknown> {
  if (argument.startsWith("@") && type !== "string") {
    return await open(argument.slice(1));
  }
  const prefix = PREFIX.exec(argument);
  if (prefix !== null) return PARSERS.get(prefix[1]!)!(prefix[2]!);
  return (PARSERS.get(type ?? "") ?? guessValue)(argument);
}

/** Signatures as `system.methodSignature` gives them, with the result's type first. */
export type Signatures = readonly (readonly string[])[];

/**
 * Converts arguments to params, by the first signature that fits. Without a signature of
 * the same length, the types are guessed. Throws a {@linkcode UsageError} if the arguments
 * fit none of the signatures of the same length.
 */
export async function toParams(
  args: readonly string[],
  signatures: Signatures,
  open: FileOpener,
): Promise<unknown[]> {
  const candidates = signatures.filter(({ length }) =>
    length === args.length + 1
  );
  let problem: unknown;
  for (const [, ...types] of candidates) {
    try {
      return await Promise.all(
        args.map((argument, index) => toParam(argument, types[index], open)),
      );
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      problem ??= error;
    }
  }
  if (problem !== undefined) throw problem;
  // A server may list only one form of a method with optional params: let it decide.
  return await Promise.all(
    args.map((argument) => toParam(argument, undefined, open)),
  );
}
