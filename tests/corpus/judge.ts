// What is wrong with how our codec decodes a case. Like adapter.ts and loader.mjs, it runs
// in every runtime.

import {
  type Case,
  decodeOutcome,
  type Outcome,
  plainFlaw,
} from "./adapter.ts";
import { show } from "./equal.ts";
import { documents, meets } from "./loader.mjs";

/**
 * In how many bytes at a time each document is decoded, and how many times its
 * budget that may take: chunks of a byte cost a call for each.
 */
const CHUNKS: readonly (readonly [bytes: number, factor: number])[] = [
  [Infinity, 1],
  [1, 20],
  [7, 5],
  [4096, 2],
];

/** Longer documents are not decoded by the byte: those of a megabyte show it, sooner. */
const MOST_BYTES_SINGLY = 2 ** 21;

/** For a document without a budget of its own: far more than any takes. */
const BUDGET_MS = 2000;

/** How often a document is decoded before it counts as slow: machines are noisy. */
const TRIES = 3;

/** What becomes of a document, and the least time that took in some tries. */
function timedOutcome(
  c: Case,
  document: Uint8Array,
  chunkBytes: number,
  budgetMs: number,
): [outcome: Outcome, ms: number] {
  let least = Infinity;
  for (let attempt = 1;; attempt++) {
    const start = performance.now();
    const outcome = decodeOutcome(c, document, chunkBytes);
    least = Math.min(least, performance.now() - start);
    if (least <= budgetMs || attempt === TRIES) return [outcome, least];
  }
}

/** What is wrong with how we decode a document in chunks of so many bytes. */
export function documentFlaw(
  c: Case,
  document: Uint8Array,
  chunkBytes: number,
  budgetMs: number,
): string | undefined {
  const [outcome, ms] = timedOutcome(c, document, chunkBytes, budgetMs);
  const how = chunkBytes === Infinity ? "whole" : `in chunks of ${chunkBytes}`;
  if (outcome.exception !== undefined) return `${how}: ${outcome.exception}`;
  if (!meets(c.expect, outcome)) {
    return `${how}: expected ${show(c.expect)}, got ${show(outcome)}`;
  }
  if (ms <= budgetMs) return undefined;
  return `${how}: took ${ms.toFixed(0)} ms of ${budgetMs}`;
}

function anyFlaw(c: Case, document: Uint8Array): string | undefined {
  for (const [bytes, factor] of CHUNKS) {
    if (bytes === 1 && document.length > MOST_BYTES_SINGLY) continue;
    const budget = (c.budgetMs ?? BUDGET_MS) * factor;
    const flaw = documentFlaw(c, document, bytes, budget);
    if (flaw !== undefined) return flaw;
  }
  return plainFlaw(c, document);
}

/** What is wrong with how we decode a case. */
export function decodeFlaw(c: Case): string | undefined {
  for (
    const [label, document] of documents(c) as Iterable<[string, Uint8Array]>
  ) {
    const flaw = anyFlaw(c, document);
    if (flaw !== undefined) return label === "" ? flaw : `${label}: ${flaw}`;
  }
  return undefined;
}

/** What the built-in prototypes have: no document may change it. */
export function prototypes(): string {
  const all = [Object, Array, Function, String, Number, Date, Uint8Array, Map];
  return all
    .map(({ name, prototype }) =>
      `${name}: ${Reflect.ownKeys(prototype).map(String)}`
    )
    .join("\n");
}
