// Words of the command line as params, and results as text.

import { UsageError } from "./terminal.ts";
import { dateTime, double, int } from "../core/typed.ts";

/** Opens a file that a word names. */
export type FileOpener = (path: string) => Promise<Blob>;

/** What a word may be said to be: `double:5`. */
const PREFIX =
  /^(int|i8|double|boolean|string|dateTime\.iso8601|base64|nil|json):(.*)$/s;

/** Reads a word as a type, or throws a {@linkcode UsageError}. */
type WordReader = (word: string) => unknown;

function misfit(word: string, type: string): UsageError {
  return new UsageError(`${JSON.stringify(word)} is no ${type}`);
}

function readInteger(word: string, type: string, bits: 32 | 64): bigint {
  if (!/^[+-]?\d+$/.test(word)) throw misfit(word, type);
  const value = BigInt(word.replace(/^\+/, ""));
  if (BigInt.asIntN(bits, value) === value) return value;
  throw new UsageError(`${word} is beyond the ${bits} bits of ${type}`);
}

function readInt(word: string): unknown {
  return int(Number(readInteger(word, "int", 32)));
}

const READERS: ReadonlyMap<string, WordReader> = new Map<string, WordReader>([
  ["int", readInt],
  ["i4", readInt],
  ["i8", (word) => readInteger(word, "i8", 64)],
  ["double", (word) => {
    const value = Number(word);
    if (word.trim() === "" || !Number.isFinite(value)) {
      throw misfit(word, "double");
    }
    return double(value);
  }],
  ["boolean", (word) => {
    if (!/^(?:true|false|[01])$/.test(word)) throw misfit(word, "boolean");
    return word === "true" || word === "1";
  }],
  ["string", (word) => word],
  ["dateTime.iso8601", readDate],
  ["base64", (word) => {
    try {
      return Uint8Array.fromBase64(word);
    } catch {
      throw misfit(word, "base64 (@FILE sends a file)");
    }
  }],
  ["nil", (word) => {
    if (!/^(?:|nil|null)$/.test(word)) throw misfit(word, "nil");
    return null;
  }],
  ["array", (word) => {
    const value = readJson(word);
    if (!Array.isArray(value)) throw misfit(word, "array in JSON");
    return value;
  }],
  ["struct", (word) => {
    const value = readJson(word);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value;
    }
    throw misfit(word, "struct in JSON");
  }],
  ["json", readJson],
]);

const DATE =
  /^(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d):?(\d\d)(Z|[+-]\d\d:?\d\d)?$/;

/** A time without a zone goes out as it stands. */
function readDate(word: string): unknown {
  const match = DATE.exec(word);
  if (match === null) throw misfit(word, "date such as 2026-11-25T12:30:00Z");
  const [, year, month, day, hour, minute, second, zone] = match;
  const text = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  if (zone !== undefined) return new Date(text + zone);
  return dateTime(`${year}${month}${day}T${hour}:${minute}:${second}`);
}

/** A value in JSON; integers beyond 32 bits stay what they are. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value, context?: { source?: string }) => {
      const source = context?.source ?? "";
      if (typeof value !== "number" || !/^-?\d+$/.test(source)) return value;
      return (value | 0) === value ? value : BigInt(source);
    });
  } catch (error) {
    throw new UsageError(`No JSON: ${(error as Error).message}`);
  }
}

/** A word whose type nobody tells. */
function guess(word: string): unknown {
  if (/^[+-]?\d+$/.test(word)) {
    const value = readInteger(word, "i8", 64);
    return BigInt.asIntN(32, value) === value ? Number(value) : value;
  }
  if (/^[+-]?(?:\d+\.\d*|\.\d+|\d+(?=e))(?:e[+-]?\d+)?$/i.test(word)) {
    return double(Number(word));
  }
  if (word === "true" || word === "false") return word === "true";
  if (word === "nil" || word === "null") return null;
  if (DATE.test(word)) return readDate(word);
  return /^[[{]/.test(word) ? readJson(word) : word;
}

/** A word as a param of a type, if one is known. */
async function readWord(
  word: string,
  type: string | undefined,
  open: FileOpener,
): Promise<unknown> {
  if (word.startsWith("@") && type !== "string") {
    return await open(word.slice(1));
  }
  const prefix = PREFIX.exec(word);
  if (prefix !== null) return READERS.get(prefix[1]!)!(prefix[2]!);
  return (READERS.get(type ?? "") ?? guess)(word);
}

/** Signatures as `system.methodSignature` gives them: the result's type comes first. */
export type Signatures = readonly (readonly string[])[];

/**
 * Words as params: by the first signature that they fit, and by guess where there is
 * none. Throws a {@linkcode UsageError} if they fit none of those there are.
 */
export async function readParams(
  words: readonly string[],
  signatures: Signatures,
  open: FileOpener,
): Promise<unknown[]> {
  const fitting = signatures.filter(({ length }) =>
    length === words.length + 1
  );
  let problem: unknown;
  for (const [, ...types] of fitting) {
    try {
      return await Promise.all(
        words.map((word, index) => readWord(word, types[index], open)),
      );
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      problem ??= error;
    }
  }
  if (problem !== undefined) throw problem;
  // What has optional params may tell but one of its forms: the server knows better.
  return await Promise.all(
    words.map((word) => readWord(word, undefined, open)),
  );
}
