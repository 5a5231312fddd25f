// Where something is in a document: its offset, line and column. Nothing is counted
// until bytes leave the window, or there is an error. This module is browser compatible.

import { LF } from "./characters.ts";
import type { DocumentProblem } from "./problem.ts";
import { XmlRpcSyntaxError } from "../../core/errors.ts";

/** A position in a document. */
export interface Position {
  /** In bytes, from 0. */
  readonly offset: number;
  /** From 1. */
  readonly line: number;
  /** The offset at which the line starts. */
  readonly lineStart: number;
}

/** The position of a document's first byte. */
export const START: Position = { offset: 0, line: 1, lineStart: 0 };

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Finds positions in bytes of a document. */
export class Lines {
  readonly #bytes: Uint8Array;
  readonly #base: number;
  readonly #text: string | undefined;

  /** `window` is a string that starts with the bytes, if there is one: ASCII. */
  constructor(start: Position, bytes: Uint8Array, window?: string) {
    this.#bytes = bytes;
    this.#base = start.offset;
    // A string is searched fastest, but only ASCII has one character per byte.
    const text = window ?? utf8.decode(bytes);
    const isExact = window !== undefined || text.length === bytes.length;
    this.#text = isExact ? text : undefined;
  }

  /** The position of `offset`; `from` is one before it. */
  find(from: Position, offset: number): Position {
    let { line, lineStart } = from;
    let at = from.offset - this.#base;
    const end = offset - this.#base;
    for (;;) {
      const found = this.#search(at, end);
      if (found < at || found >= end) return { offset, line, lineStart };
      at = found + 1;
      line++;
      lineStart = this.#base + at;
    }
  }

  /** The index of the next line end; less than `at`, or `end` and more, if none is between. */
  #search(at: number, end: number): number {
    if (this.#text !== undefined) return this.#text.indexOf("\n", at);
    return at + this.#bytes.subarray(at, end).indexOf(LF);
  }
}

/** The error for a problem at a position, in the value at `path`. */
export function createSyntaxError(
  problem: DocumentProblem,
  { offset, line, lineStart }: Position,
  path: string,
): XmlRpcSyntaxError {
  const column = offset - lineStart + 1;
  const { kind, message } = problem;
  return new XmlRpcSyntaxError(message, { kind, offset, line, column, path });
}
