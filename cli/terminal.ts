// The terminal: input, output and colours of the command line.

import { escapeUnsafe } from "../util/messages.ts";

/** Input, output and environment of the command line. A test supplies its own. */
export interface Terminal {
  /** Prints a line of the result, to standard output. */
  readonly print: (line: string) => void;
  /** Prints a line for the user, to standard error. */
  readonly tell: (line: string) => void;
  /** Writes the bytes of the result. */
  readonly write: (bytes: ReadableStream<Uint8Array>) => Promise<void>;
  /** Standard input. */
  readonly input: () => ReadableStream<Uint8Array>;
  /** Reads an environment variable. */
  readonly env: (name: string) => string | undefined;
  /** Whether the output may have colours. */
  readonly hasColors: boolean;
  /** Aborts when the user stops the program. */
  readonly signal: AbortSignal;
}

/** An error in the command itself: exit code 2. */
export class UsageError extends Error {}

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, cyan: 36 } as const;

/** Adds a style to text, if the terminal has colours. */
export function paint(
  { hasColors }: Terminal,
  style: keyof typeof STYLES,
  text: string,
): string {
  return hasColors ? `\x1b[${STYLES[style]}m${text}\x1b[0m` : text;
}

// Characters that control the terminal or reverse the text. Line ends and tabs are allowed
// in results, and so are the joiners that emoji and Persian need.
// deno-lint-ignore no-control-regex -- it matches control characters
const CONTROLS = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** Escapes text from a server or a file so that it cannot control the terminal. */
export function printable(text: string): string {
  return escapeUnsafe(text, CONTROLS);
}

// Line ends and tabs, too.
// deno-lint-ignore no-control-regex -- it matches control characters
const LINE_CONTROLS = /[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;

/** Escapes text that stands on a line of its own, so that it cannot forge other lines. */
export function printableLine(text: string): string {
  return escapeUnsafe(text, LINE_CONTROLS);
}
