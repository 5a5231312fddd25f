// What the command line reads and writes.

import { escapeUnsafe } from "../util/messages.ts";

/** Where the command line prints, and what it knows of its surroundings. */
export interface Terminal {
  /** Prints a line of what was asked for. */
  readonly print: (line: string) => void;
  /** Prints a line for whoever watches. */
  readonly tell: (line: string) => void;
  /** Writes bytes that were asked for. */
  readonly write: (bytes: ReadableStream<Uint8Array>) => Promise<void>;
  /** What is given as input. */
  readonly input: () => ReadableStream<Uint8Array>;
  /** A variable of the environment. */
  readonly env: (name: string) => string | undefined;
  /** Whether somebody looks, and sees colours. */
  readonly hasColors: boolean;
  /** Aborts when the program is to stop. */
  readonly signal: AbortSignal;
}

/** Something wrong with the command itself, for exit code 2. */
export class UsageError extends Error {}

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, cyan: 36 } as const;

/** Text in a style, on terminals that have any. */
export function paint(
  { hasColors }: Terminal,
  style: keyof typeof STYLES,
  text: string,
): string {
  return hasColors ? `\x1b[${STYLES[style]}m${text}\x1b[0m` : text;
}

// What would steer the terminal, or turn the text around. Fewer than a line of a log must
// not have: results have lines and tabs, and emoji and Persian their joiners.
// deno-lint-ignore no-control-regex -- these are what it is for
const CONTROLS = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** Text of others, in which nothing steers the terminal. */
export function printable(text: string): string {
  return escapeUnsafe(text, CONTROLS);
}
