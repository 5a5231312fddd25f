// How much memory decoding takes: the peak while a long document of structs comes in
// pieces, over what its values take themselves; and what short strings keep alive that
// were in long documents. Linux only.
//
//     deno run -A tools/bench/memory.ts [--json FILE]
//
// Each is a process of its own, whose memory the operating system counts.
// deno-lint-ignore-file no-console

import {
  createResponseDecoder,
  decodeResponse,
  encodeResponse,
} from "@xmlrpc/xmlrpc/codec";
import { SAMPLES } from "./_documents.ts";
import { benchArguments, Report } from "./_report.ts";

const MB = 1e6;
const LONG_BYTES = 100 * MB;
const PIECE = 65_536;
const STRINGS = 60;

/** What a process has measured, in megabytes. */
type Measured = Record<string, number>;

declare const gc: () => void;

async function status(field: string): Promise<number> {
  const text = await Deno.readTextFile("/proc/self/status");
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(text)![1]) * 1024;
}

/** What is alive, in bytes. */
async function heap(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

/** Decodes 100 MB of structs, which are never there at once. */
async function decodeLong(): Promise<Measured> {
  const { document } = SAMPLES["1,000 structs of five members"]!();
  const text = new TextDecoder().decode(document);
  const start = text.indexOf("<data>") + "<data>".length;
  const end = text.lastIndexOf("</data>");
  const [head, items, tail] = [[0, start], [start, end], [end, text.length]]
    .map(([from, to]) => document.subarray(from, to));

  function decode(bytes: number): unknown {
    const decoder = createResponseDecoder();
    decoder.push(head!);
    for (let done = 0; done < bytes; done += items!.length) {
      for (let at = 0; at < items!.length; at += PIECE) {
        decoder.push(items!.subarray(at, at + PIECE));
      }
    }
    decoder.push(tail!);
    return decoder.end();
  }

  decode(MB);
  const heapBefore = await heap();
  const before = await status("VmRSS");
  const values = decode(LONG_BYTES);
  const peak = await status("VmHWM") - before;
  const own = await heap() - heapBefore;
  if (!Array.isArray(values)) throw new Error("No array");
  return { peak: peak / MB, values: own / MB };
}

/** Keeps a short string of each of so many long documents. */
async function keepStrings(): Promise<Measured> {
  const row = (at: number) => `A string that is no longer than this ${at}`;
  const document = encodeResponse(
    Array.from({ length: 120_000 }, (_, at) => row(at)),
  );
  decodeResponse(document);
  const before = await heap();
  const kept: unknown[] = [];
  for (let at = 0; at < STRINGS; at++) {
    kept.push((decodeResponse(document) as unknown[])[at * 2000]);
  }
  const alive = await heap() - before;
  if (kept.length !== STRINGS) throw new Error("No strings");
  return { alive: alive / MB };
}

const MEASURES: Readonly<Record<string, () => Promise<Measured>>> = {
  decodeLong,
  keepStrings,
};

async function measure(name: string): Promise<Measured> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--v8-flags=--expose-gc"],
      ...[new URL(import.meta.url).pathname, "--measure", name],
    ],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`${name} has failed`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

async function main(): Promise<void> {
  const { json } = benchArguments(1);
  const report = new Report();
  const { peak, values } = await measure("decodeLong");
  report.add(
    "memory to decode 100 MB of structs against the values alone",
    values! / peak!,
    `ours ${peak!.toFixed(0)} MB; values ${values!.toFixed(0)} MB`,
    1 / 1.3,
  );
  const { alive } = await measure("keepStrings");
  report.add(
    `memory of ${STRINGS} short strings of 10 MB documents against 8 MB`,
    8 / Math.max(alive!, 0.1),
    `ours ${alive!.toFixed(1)} MB; at most 8 MB`,
    1,
  );
  await report.write(json);
}

const [flag, name] = Deno.args;
if (flag === "--measure") console.log(JSON.stringify(await MEASURES[name!]!()));
else await main();
