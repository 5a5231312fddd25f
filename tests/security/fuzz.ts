// Values into the encoder and documents into the decoder, made up by chance.
//
//     deno run -A tests/security/fuzz.ts [--seed S] [--count N]
//
// A value is refused with a documented error, or written so that it is read as it was,
// and as a stream to the same bytes. A document gives the same whole and in chunks: the
// same value, or the same error in the same place. Prints the seed, what was found, and
// how much memory there was; ends with code 1 if anything was found.
// deno-lint-ignore-file no-console

import { parseArgs } from "node:util";
import { equal } from "@std/assert";
import {
  createCallDecoder,
  createResponseDecoder,
  decodeCall,
  type DecodeOptions,
  decodeResponse,
  encodeResponse,
  encodeResponseStream,
  XmlRpcFault,
  XmlRpcSyntaxError,
  XmlRpcTyped,
} from "../../codec.ts";
import { expand } from "../corpus/loader.mjs";
import { readTopics } from "../corpus/run.ts";
import { Mutants } from "./_mutants.ts";
import { Random } from "../support/random.ts";
import { wildValue } from "./_wild_values.ts";

/** More than any of these small inputs takes, in milliseconds. */
const BUDGET_MS = 5000;

/** Something that went wrong. */
export interface Finding {
  readonly flaw: string;
  readonly input: string;
}

/** An outcome that can be compared: of a document, or of a value. */
interface Outcome {
  /** What came out; an error as what its message and place are. */
  readonly result: unknown;
  /** What kind of result it is, without what is the document's own. */
  readonly shape: string;
  /** Where the error is. */
  readonly offset?: number;
  /** What went wrong if it is an error that must not be. */
  readonly flaw?: string;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? String(error.stack) : Deno.inspect(error);
}

// ---------------------------------------------------------------- documents

const QUOTED = /"(?:[^"\\]|\\.)*"/g;

/** A message without what it quotes, and its numbers. */
function shapeOf(text: string): string {
  return text.replace(QUOTED, "…").replace(/<[^>]*>/g, "…").replace(
    /\d+/g,
    "0",
  );
}

function outcomeOf(run: () => unknown): Outcome {
  try {
    const result = run();
    return { result, shape: `${kindOf(result)}` };
  } catch (error) {
    if (error instanceof XmlRpcFault) {
      const { code, message, members } = error;
      return { result: { code, message, members }, shape: "fault" };
    }
    if (error instanceof XmlRpcSyntaxError) {
      const { kind, message, offset, path } = error;
      // A message shows as much of a text as has come.
      const said = message.replace(/ \(line \d+, column \d+\)$/, "");
      return {
        result: { kind, said: said.replace(QUOTED, "…"), path },
        offset,
        shape: `${shapeOf(message)} ${shapeOf(path)}`,
      };
    }
    return { result: undefined, shape: "", flaw: stackOf(error) };
  }
}

/** What a value is made of, to a certain depth. */
function kindOf(value: unknown, depth = 3): string {
  if (typeof value !== "object" || value === null) return typeof value;
  if (Array.isArray(value)) {
    return depth === 0 ? "[]" : `[${[
      ...new Set(value.slice(0, 5).map((item) => kindOf(item, depth - 1))),
    ]}]`;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) {
    return value.constructor.name;
  }
  return depth === 0 ? "{}" : `{${[
    ...new Set(
      Object.values(value).slice(0, 5).map((item) => kindOf(item, depth - 1)),
    ),
  ]}}`;
}

/** Limits that small documents come up to. */
const TIGHT: DecodeOptions = {
  maxDepth: 3,
  maxValues: 12,
  maxNameBytes: 12,
  maxTagBytes: 30,
};

const OPTIONS: readonly DecodeOptions[] = [
  {},
  {},
  { typed: true },
  { i8: "number", timeZone: "Europe/Berlin" },
  TIGHT,
];

/** Pieces of a document, cut by chance. */
function* piecesOf(
  document: Uint8Array,
  random: Random,
): Generator<Uint8Array, void, void> {
  const most = random.pick([1, 3, 20, 200]);
  for (let at = 0; at < document.length;) {
    const end = at + 1 + random.below(most);
    // A copy, which is spoilt afterwards: the decoder must keep none of it.
    const piece = document.slice(at, end);
    yield piece;
    piece.fill(0x3c);
    at = end;
  }
}

/** Decodes a document whole and in chunks. */
function decodeBoth(
  document: Uint8Array,
  random: Random,
): readonly [whole: Outcome, chunked: Outcome] {
  const options = random.pick(OPTIONS);
  const isCall = random.below(2) === 0;
  const whole = outcomeOf(() =>
    isCall ? decodeCall(document, options) : decodeResponse(document, options)
  );
  const chunked = outcomeOf(() => {
    const decoder = isCall
      ? createCallDecoder(options)
      : createResponseDecoder(options);
    for (const piece of piecesOf(document, random)) decoder.push(piece);
    return decoder.end();
  });
  return [whole, chunked];
}

/** What is wrong with characters. */
const CHARACTERS =
  /not UTF-0|U\+FFFE|control character|^\]\]>|^-- within|^Text outside|^The text of/;

/**
 * A document that is in another encoding than it says. That shows when a chunk is
 * converted: before what is wrong in the text of the chunk, or behind it.
 */
const MISCODED = /the document's encoding|declared as US-ASCII/;

/** What is wrong with the two outcomes of a document; undefined if nothing is. */
function differenceOf(whole: Outcome, chunked: Outcome): string | undefined {
  const areErrors = whole.offset !== undefined && chunked.offset !== undefined;
  const isMiscoded = areErrors &&
    [whole, chunked].some(({ shape }) => MISCODED.test(shape));
  // What has gone by when an error shows has its place no more, but a later one.
  const isEarlier = areErrors && chunked.offset < whole.offset;
  const isSame = equal(whole.result, chunked.result) && !isEarlier;
  // Of two such flaws in one run of text, the one that comes first is seen first.
  const isText = [whole, chunked].every(({ shape }) => CHARACTERS.test(shape));
  if (isSame || isMiscoded || isText) return undefined;
  return `whole: ${Deno.inspect(whole)}, in chunks: ${Deno.inspect(chunked)}`;
}

function documentFinding(
  document: Uint8Array<ArrayBuffer>,
  random: Random,
  mutants: Mutants,
): Finding | undefined {
  const start = performance.now();
  const [whole, chunked] = decodeBoth(document, random);
  const time = performance.now() - start;
  mutants.note(document, whole.shape);
  const flaw = whole.flaw ?? chunked.flaw ?? differenceOf(whole, chunked) ??
    (time > BUDGET_MS ? `took ${time.toFixed(0)} ms` : undefined);
  return flaw === undefined ? undefined : { flaw, input: document.toBase64() };
}

// ---------------------------------------------------------------- values

/** A value as it comes back. */
function expected(value: unknown): unknown {
  if (typeof value === "number") return Object.is(value, -0) ? 0 : value;
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof XmlRpcTyped) {
    return value.type === "bigdecimal" ? value : value.value;
  }
  if (value instanceof Date) {
    return new Date(Math.floor(value.getTime() / 1000) * 1000);
  }
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) {
    const { buffer, byteOffset, byteLength } = value;
    return new Uint8Array(buffer, byteOffset, byteLength).slice();
  }
  if (Array.isArray(value)) return Array.from(value, expected);
  const struct = {};
  for (const name of Object.keys(value)) {
    const member = expected((value as Record<string, unknown>)[name]);
    if (member === undefined) continue;
    Object.defineProperty(struct, name, {
      value: member,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return struct;
}

/** What is wrong with how a value is refused; undefined if it is told as documented. */
function refusalFlaw(error: unknown): string | undefined {
  if (!(error instanceof Error)) return `threw ${Deno.inspect(error)}`;
  // What a value throws when it is looked at is its own.
  if (error.message === "a getter that throws") return undefined;
  const isDocumented = error instanceof TypeError ||
    error instanceof RangeError;
  if (isDocumented && /^Cannot encode [^]* at value/.test(error.message)) {
    return undefined;
  }
  return stackOf(error);
}

async function streamedBytes(value: unknown): Promise<Uint8Array> {
  async function* items(): AsyncGenerator<unknown> {
    yield await Promise.resolve(value);
  }
  const { body } = encodeResponseStream(items());
  return await new Response(body).bytes();
}

async function valueFlaw(value: unknown): Promise<string | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = encodeResponse(value);
  } catch (error) {
    return refusalFlaw(error);
  }
  const decoded = decodeResponse(bytes);
  const wanted = expected(value);
  if (!equal(decoded, wanted)) {
    return `read as ${Deno.inspect(decoded)}, not ${Deno.inspect(wanted)}`;
  }
  // As the one item of a streamed array, and as a document.
  const streamed = await streamedBytes(value);
  if (!equal(streamed, encodeResponse([value]))) {
    return "other bytes as a stream";
  }
  const { body } = encodeResponseStream(value);
  return equal(body, bytes) ? undefined : "other bytes as a document";
}

async function valueFinding(random: Random): Promise<Finding | undefined> {
  const value = wildValue(random);
  let flaw: string | undefined;
  const start = performance.now();
  try {
    flaw = await valueFlaw(value);
  } catch (error) {
    flaw = stackOf(error);
  }
  const time = performance.now() - start;
  if (time > BUDGET_MS) flaw ??= `took ${time.toFixed(0)} ms`;
  if (flaw === undefined) return undefined;
  let input = "a value that cannot be shown";
  try {
    input = Deno.inspect(value, { depth: 9 });
  } catch { /* As it says. */ }
  return { flaw, input };
}

// ---------------------------------------------------------------- running

/** The documents of the corpus that are as they stand. */
async function seeds(): Promise<Uint8Array<ArrayBuffer>[]> {
  const folder = new URL("../corpus", import.meta.url).pathname;
  const topics = await readTopics(folder);
  return [...topics.values()].flat()
    .filter((c) => c.op === undefined && c.kind !== undefined)
    .map((c) => Uint8Array.from(expand(c)));
}

/** How a run goes on. */
export interface Progress {
  readonly done: number;
  readonly kept: number;
  readonly rssMiB: number;
}

/** One value for each so many documents: they take longer. */
const DOCUMENTS_A_VALUE = 50;

/** More findings than this are more of the same. */
const MOST_FINDINGS = 20;

/** Tries `count` inputs of one seed. */
export async function fuzz(
  seed: number,
  count: number,
  onProgress: (progress: Progress) => void = () => {},
): Promise<readonly Finding[]> {
  const random = new Random(seed);
  const mutants = new Mutants(await seeds(), random);
  const found: Finding[] = [];
  for (let done = 1; done <= count && found.length < MOST_FINDINGS; done++) {
    const finding = done % (DOCUMENTS_A_VALUE + 1) === 0
      ? await valueFinding(random)
      : documentFinding(mutants.next(), random, mutants);
    if (finding !== undefined) found.push(finding);
    if (done % 50_000 !== 0) continue;
    const rssMiB = Deno.memoryUsage().rss / 2 ** 20;
    onProgress({ done, kept: mutants.size, rssMiB });
  }
  return found;
}

if (import.meta.main) {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      seed: {
        type: "string",
        default: String(Math.trunc(Math.random() * 2 ** 32)),
      },
      count: { type: "string", default: "100000" },
    },
  });
  const [seed, count] = [Number(values.seed), Number(values.count)];
  if (
    !Number.isSafeInteger(seed) || !Number.isSafeInteger(count) || count < 1
  ) {
    console.error("--seed and --count must be integers");
    Deno.exit(2);
  }
  console.log(`seed ${seed}, ${count} inputs`);
  const start = performance.now();
  const found = await fuzz(seed, count, ({ done, kept, rssMiB }) =>
    console.log(
      `${done} inputs, ${kept} documents to start from, ${
        rssMiB.toFixed(0)
      } MiB`,
    ));
  for (const { flaw, input } of found) {
    console.log(`FAILED ${flaw}\n  ${input}`);
  }
  const seconds = (performance.now() - start) / 1000;
  console.log(
    `${count} inputs in ${seconds.toFixed(0)} s, ${found.length} findings`,
  );
  if (found.length > 0) Deno.exit(1);
}
