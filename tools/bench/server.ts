// A small call through `Deno.serve`, with all checks on, against a bare echo with one
// header in the same rounds: requests a second, and the processor's time for each. And
// against servers of others, as far as they are installed.
//
//     deno run -A tools/bench/server.ts [ROUNDS] [--json FILE] [--short]
//
// Each server is a process of its own; `wrk` sends the calls, on 16 connections.
// deno-lint-ignore-file no-console

import { encodeCall } from "@xmlrpc/xmlrpc/codec";
import { createServer } from "@xmlrpc/xmlrpc/server";
import { isInstalled, Program, run } from "../../tests/support/program.ts";
import { readCpu } from "./_cpu.ts";
import { median } from "./_measure.ts";
import { installedPeers } from "./_peers.ts";
import { benchArguments, Report } from "./_report.ts";

const CONNECTIONS = 16;
const SECONDS = 1;

// ---------------------------------------------------------------- servers of ours

const handlers: Readonly<
  Record<string, (request: Request) => Promise<Response>>
> = {
  ours: createServer({ add: (x: number, y: number) => x + y }).fetch,
  echo: async (request) =>
    new Response(await request.text(), {
      headers: { "content-type": "text/xml; charset=utf-8" },
    }),
};

function serve(name: string): void {
  Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }) => console.log(port),
  }, handlers[name]!);
}

// ---------------------------------------------------------------- load

/** What a server has done for a second. */
interface Sample {
  readonly perSecond: number;
  /** Microseconds of the processor's time for each request. */
  readonly cpu: number;
}

/** A server that is loaded again and again. */
class Loaded {
  readonly name: string;
  readonly #program: Program;
  readonly #port: string;
  readonly #samples: Sample[] = [];

  constructor(name: string, program: Program, port: string) {
    this.name = name;
    this.#program = program;
    this.#port = port;
  }

  /** Loads it for a while. */
  async load(script: string): Promise<Sample> {
    const before = await readCpu(this.#program.pid);
    const output = await run(
      "wrk",
      ...["-t1", `-c${CONNECTIONS}`, `-d${SECONDS}s`, "-s", script],
      `http://127.0.0.1:${this.#port}/RPC2`,
    );
    const cpu = await readCpu(this.#program.pid) - before;
    if (output.includes("Non-2xx")) throw new Error(`${this.name}: ${output}`);
    const [, requests] = /(\d+) requests in/.exec(output) ?? [];
    const [, perSecond] = /Requests\/sec:\s*([\d.]+)/.exec(output) ?? [];
    if (requests === undefined) throw new Error(`${this.name}: ${output}`);
    return {
      perSecond: Number(perSecond),
      cpu: cpu * 1e6 / Number(requests),
    };
  }

  async measure(script: string): Promise<void> {
    this.#samples.push(await this.load(script));
  }

  valuesOf(what: keyof Sample): number[] {
    return this.#samples.map((sample) => sample[what]);
  }

  /** How many requests it has answered in a second. */
  get speed(): string {
    return `${this.name} ${median(this.valuesOf("perSecond")).toFixed(0)}/s`;
  }

  /** The processor's time that a request has taken. */
  get cost(): string {
    return `${this.name} ${median(this.valuesOf("cpu")).toFixed(0)} µs`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }
}

async function start(
  name: string,
  command: string,
  args: readonly string[],
): Promise<Loaded> {
  const program = new Program(command, args);
  const [, port] = await program.waitFor(/^(\d+)\n/);
  return new Loaded(name, program, port!);
}

function startOwn(name: string): Promise<Loaded> {
  const path = new URL(import.meta.url).pathname;
  return start(name, Deno.execPath(), ["run", "-A", path, "--serve", name]);
}

/** What `wrk` is to send. */
async function writeScript(file: string): Promise<void> {
  const body = new TextDecoder().decode(encodeCall("add", [8, 8]));
  await Deno.writeTextFile(
    file,
    `wrk.method = "POST"
wrk.headers["Content-Type"] = "text/xml"
wrk.body = [[${body}]]
`,
  );
}

// ---------------------------------------------------------------- results

/** The median of the rounds' ratios, for something of which more is better. */
function ratio(ours: readonly number[], reference: readonly number[]): number {
  return median(ours.map((value, round) => value / reference[round]!));
}

/** Reports ours beside a server, which it should be so many times as fast as. */
function compare(
  report: Report,
  ours: Loaded,
  other: Loaded,
  target: number,
): void {
  report.add(
    `small call, requests/s against ${other.name}`,
    ratio(ours.valuesOf("perSecond"), other.valuesOf("perSecond")),
    `${ours.speed}; ${other.speed}`,
    target,
  );
  report.add(
    `small call, CPU against ${other.name}`,
    ratio(other.valuesOf("cpu"), ours.valuesOf("cpu")),
    `${ours.cost}; ${other.cost}`,
    target,
  );
}

async function main(): Promise<void> {
  const { rounds, json, isShort } = benchArguments(7);
  const report = new Report();
  if (!await isInstalled("wrk")) {
    console.log("small calls: not measured, there is no wrk");
    return await report.write(json);
  }
  const folder = await Deno.makeTempDir();
  await using loaded = new AsyncDisposableStack();
  loaded.defer(() => Deno.remove(folder, { recursive: true }));
  const script = `${folder}/call.lua`;
  await writeScript(script);
  const ours = loaded.use(await startOwn("ours"));
  const echo = loaded.use(await startOwn("echo"));
  const peers = isShort ? [] : await installedPeers(folder);
  const others: Loaded[] = [];
  for (const { name, command, args } of peers) {
    others.push(loaded.use(await start(name, command, args)));
  }
  // The first time is for the compilers.
  for (const server of [ours, echo]) await server.load(script);
  for (let round = 0; round < rounds; round++) {
    for (const server of [ours, echo, ...others]) await server.measure(script);
  }
  compare(report, ours, echo, 0.85);
  for (const [index, other] of others.entries()) {
    compare(report, ours, other, peers[index]!.target);
  }
  await report.write(json);
}

if (Deno.args[0] === "--serve") serve(Deno.args[1]!);
else await main();
