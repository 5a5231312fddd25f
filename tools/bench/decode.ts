// How fast documents are decoded, as ratios against references in the same run: each
// round times ours and every reference once, so that noise meets all of them alike.
//
//     deno run -A tools/bench/decode.ts [ROUNDS] [--json FILE] [--short]

import {
  createResponseDecoder,
  decodeCall,
  decodeResponse,
  encodeCall,
} from "@xmlrpc/xmlrpc/codec";
import { repeated, SAMPLES } from "./_documents.ts";
import {
  measureRounds,
  median,
  ratioOf,
  type Runner,
  timed,
} from "./_measure.ts";
import { installNpm } from "./_peers.ts";
import { benchArguments, Report } from "./_report.ts";
import { TimedProgram } from "./_timed_program.ts";

const ROWS = "1,000 structs of five members";
const INTS = "500,000 ints";
const CALL = "add(8, 8), 1,000 times";

/** How fast each should be against JSON, where anybody has said. */
const TARGETS: Readonly<Record<string, number>> = {
  [ROWS]: 0.45,
  [INTS]: 0.35,
  [CALL]: 0.5,
};

const { rounds, json, isShort } = benchArguments(21);
const report = new Report();
const decoder = new TextDecoder();

function here(file: string): string {
  return new URL(file, import.meta.url).pathname;
}

function show(name: string, all: readonly number[]): string {
  return `${name} ${median(all).toFixed(2)} ms`;
}

function times(count: number, run: () => unknown): Runner {
  return timed(() => {
    for (let index = 0; index < count; index++) run();
  });
}

/** Base64 is text in JSON, too. */
function asText(value: unknown): unknown {
  return value instanceof Uint8Array ? value.toBase64() : value;
}

// ---------------------------------------------------------------- against JSON

function jsonReader(value: unknown): () => unknown {
  const bytes = new TextEncoder().encode(JSON.stringify(asText(value)));
  const read = (): unknown => JSON.parse(decoder.decode(bytes));
  return value instanceof Uint8Array
    ? () => Uint8Array.fromBase64(read() as string)
    : read;
}

async function againstJson(): Promise<void> {
  const pairs: Record<string, readonly [ours: Runner, reference: Runner]> = {};
  for (const [name, create] of Object.entries(SAMPLES)) {
    if (isShort && TARGETS[name] === undefined) continue;
    const { value, document } = create();
    // As long as a timer needs.
    const count = Math.ceil(200_000 / document.length);
    pairs[name] = [
      times(count, () => decodeResponse(document)),
      times(count, jsonReader(value)),
    ];
  }
  const call = encodeCall("add", [8, 8]);
  pairs[CALL] = [
    times(1000, () => decodeCall(call)),
    times(1000, jsonReader({ methodName: "add", params: [8, 8] })),
  ];
  const runners: Record<string, Runner> = {};
  for (const [name, [ours, reference]] of Object.entries(pairs)) {
    runners[name] = ours;
    runners[`JSON: ${name}`] = reference;
  }
  const found = await measureRounds(runners, rounds);
  for (const name of Object.keys(pairs)) {
    const [ours, reference] = [found[name]!, found[`JSON: ${name}`]!];
    report.add(
      `decode ${name} against JSON.parse`,
      ratioOf(ours, reference),
      `${show("ours", ours)}; ${show("JSON.parse", reference)}`,
      TARGETS[name],
    );
  }
}

// ---------------------------------------------------------------- against others

async function againstOthers(): Promise<void> {
  const { document } = SAMPLES[ROWS]!();
  const folder = await Deno.makeTempDir();
  await using stack = new AsyncDisposableStack();
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const file = `${folder}/structs.xml`;
  await Deno.writeFile(file, document);
  const runners: Record<string, Runner> = {
    ours: timed(() => decodeResponse(document)),
  };
  const targets: Record<string, number> = {};
  function addProgram(name: string, target: number, ...command: string[]) {
    const [program, ...args] = command;
    const running = stack.use(new TimedProgram(program!, [...args, file]));
    runners[name] = () => running.time();
    targets[name] = target;
  }
  addProgram("Python's loads", 70, "python3", here("loads.py"));
  const reason = await installNpm(folder);
  if (reason === undefined) {
    addProgram("npm's xmlrpc", 150, "node", here("npm_decode.mjs"), folder);
  }
  const { ours, ...others } = await measureRounds(runners, 7);
  for (const [name, all] of Object.entries(others)) {
    report.add(
      `decode ${ROWS} against ${name}`,
      ratioOf(ours!, all),
      `${show("ours", ours!)}; ${show(name, all)}`,
      targets[name],
    );
  }
}

// ---------------------------------------------------------------- in pieces

const PIECE = 65_536;

async function inPieces(): Promise<void> {
  const document = repeated(SAMPLES[ROWS]!(), 4_000_000);

  function decodeInPieces(): unknown {
    const decoder = createResponseDecoder();
    for (let at = 0; at < document.length; at += PIECE) {
      decoder.push(document.subarray(at, at + PIECE));
    }
    return decoder.end();
  }

  const { whole, pieces } = await measureRounds({
    whole: timed(() => decodeResponse(document)),
    pieces: timed(decodeInPieces),
  }, rounds);
  report.add(
    "decode 4 MB of structs in 64 KiB pieces against one piece",
    ratioOf(pieces, whole),
    `${show("ours", pieces)}; ${show("one piece", whole)}`,
    0.95,
  );
}

await againstJson();
if (!isShort) {
  await againstOthers();
  await inPieces();
}
await report.write(json);
