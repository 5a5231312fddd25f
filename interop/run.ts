// Runs the contract with every peer, both ways, and prints a table.
//
//     deno task interop [--all] [--write] [--verbose] [NAME...]
//
// `--all` makes it a failure that a peer is not installed, and that README.md has
// another table; `--write` puts the table there.
// deno-lint-ignore-file no-console

import {
  createClient,
  decodeCall,
  decodeResponse,
  XmlRpcFault,
  type XmlRpcValue,
} from "@xmlrpc/xmlrpc";
import { assertEquals } from "@std/assert";
import { parseArgs } from "node:util";
import { readOutcomes, show, writeCalls } from "./_notation.ts";
import type { Outcome } from "./_notation.ts";
import { here, Program } from "./_program.ts";
import { type Case, CONTRACT, createContractServer } from "./contract.ts";
import type { Command, Lacks, Peer, Side } from "./_peer.ts";
import { PEERS } from "./peers.ts";

/** How long a peer's client may take for all calls, and for us one call, at most. */
const CLIENT_MS = 120_000;
const CALL_MS = 20_000;
/** And of which it is known that it fails. */
const LACKING_MS = 2_000;

/** What has become of a case: undefined if all is right, or why it is not. */
type Verdicts = ReadonlyMap<string, string | undefined>;

// ------------------------------------------------------- the peer is the client

/** Our server, and the calls that have reached it, with their wire types. */
class Recorder implements AsyncDisposable {
  readonly #arrived = new Set<string>();
  readonly #http: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    const { fetch } = createContractServer();
    this.#http = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      async ({ url, method, headers, body }) => {
        const bytes = await new Response(body).bytes();
        this.#record(bytes, headers.get("content-type") ?? undefined);
        return await fetch(new Request(url, { method, headers, body: bytes }));
      },
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#http.addr.port}/RPC2`;
  }

  #record(body: Uint8Array, contentType: string | undefined): void {
    try {
      const options = { typed: true, contentType };
      const { methodName, params } = decodeCall(body, options);
      this.#arrived.add(keyOf(methodName, params));
    } catch {
      // The server answers with what is wrong.
    }
  }

  /** Whether the call has come as it was meant. */
  hasSeen({ method, params }: Case): boolean {
    return this.#arrived.has(keyOf(method, params));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http.shutdown();
  }
}

function keyOf(method: string, params: readonly XmlRpcValue[]): string {
  return [method, ...params.map(show)].join("\n");
}

/** Runs a client's program; gives what it has printed, and how it ended. */
async function runClient(
  command: Command,
  env: Readonly<Record<string, string>>,
): Promise<{ text: string; end: string }> {
  const [program = "", ...args] = command;
  const { code, signal, stdout, stderr } = await new Deno.Command(program, {
    args,
    env,
    stdin: "null",
    signal: AbortSignal.timeout(CLIENT_MS),
  }).output();
  const decoder = new TextDecoder();
  const end = `ended with ${signal ?? `code ${code}`}: ${
    decoder.decode(stderr)
  }`;
  return { text: decoder.decode(stdout), end };
}

/** Calls our server by a peer; once more from behind the call at which it died. */
async function judgeClient(
  side: Side,
  built: string,
  env: Readonly<Record<string, string>>,
): Promise<Verdicts> {
  await using recorder = new Recorder();
  const verdicts = new Map<string, string | undefined>();
  const file = `${built}/calls`;
  for (let left = CONTRACT; left.length > 0;) {
    await Deno.writeTextFile(file, writeCalls(left));
    const command = [...side.command(built), recorder.url, file];
    const { text, end } = await runClient(command, env);
    const outcomes = readOutcomes(text);
    for (const one of left) {
      const outcome = outcomes.get(one.name);
      if (outcome === undefined) break;
      verdicts.set(one.name, judge(one, outcome, recorder));
    }
    left = CONTRACT.slice(verdicts.size);
    const [victim] = left;
    if (victim === undefined) break;
    verdicts.set(victim.name, end);
    left = left.slice(1);
  }
  return verdicts;
}

function judge(
  one: Case,
  outcome: Outcome,
  recorder: Recorder,
): string | undefined {
  const why = one.check(outcome);
  if (why !== undefined || recorder.hasSeen(one)) return why;
  return "the params have not come as they were meant";
}

// ------------------------------------------------------- the peer is the server

/** A peer's server; it is started anew when it has died. */
class PeerServer implements AsyncDisposable {
  readonly #command: Command;
  readonly #env: Readonly<Record<string, string>>;
  #program: Program | undefined;

  constructor(command: Command, env: Readonly<Record<string, string>>) {
    this.#command = command;
    this.#env = env;
  }

  async start(): Promise<string> {
    const [program = "", ...args] = this.#command;
    this.#program = new Program(program, args, {
      env: this.#env,
      // Some tell of each call.
      stderr: "null",
    });
    const [, port] = await this.#program.waitFor(/^(\d+)\s/m);
    return `http://127.0.0.1:${port}/RPC2`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program?.[Symbol.asyncDispose]();
    this.#program = undefined;
  }
}

/** Makes a call with our client; the outcome has the types that were on the wire. */
async function callOnce(
  url: string,
  { method, params }: Case,
  timeout: number,
): Promise<{ outcome: Outcome; isAlive: boolean }> {
  let body: Uint8Array<ArrayBuffer> | undefined;
  const { call } = createClient(url, {
    timeout,
    fetch: async (request) => {
      const response = await fetch(request);
      body = await response.clone().bytes();
      return response;
    },
  });
  try {
    const value = await call(method, [...params]);
    const document = body!;
    assertEquals(value, decodeResponse(document));
    return {
      outcome: { result: decodeResponse(document, { typed: true }) },
      isAlive: true,
    };
  } catch (error) {
    if (error instanceof XmlRpcFault) {
      return {
        outcome: { fault: [error.code, error.message] },
        isAlive: true,
      };
    }
    return { outcome: { error: String(error) }, isAlive: body !== undefined };
  }
}

async function judgeServer(
  side: Side,
  built: string,
  env: Readonly<Record<string, string>>,
): Promise<Verdicts> {
  const verdicts = new Map<string, string | undefined>();
  await using server = new PeerServer(side.command(built), env);
  let url = await server.start();
  const known = new Set(Object.values(side.lacks).flat());
  for (const one of CONTRACT) {
    const timeout = known.has(one.name) ? LACKING_MS : CALL_MS;
    const { outcome, isAlive } = await callOnce(url, one, timeout);
    verdicts.set(one.name, one.check(outcome));
    if (isAlive) continue;
    await server[Symbol.asyncDispose]();
    url = await server.start();
  }
  return verdicts;
}

// ------------------------------------------------------------------- the table

/** What one side of a peer has come to. */
interface Score {
  readonly passed: number;
  readonly failures: readonly string[];
  /** Cases that fail as is known. */
  readonly lacking: number;
}

const NO_SCORE = "–";

function scoreOf(verdicts: Verdicts, lacks: Lacks): Score {
  const known = new Set(Object.values(lacks).flat());
  const failures: string[] = [];
  let passed = 0;
  let lacking = 0;
  for (const [name, why] of verdicts) {
    if (why === undefined && known.has(name)) {
      failures.push(`${name}: passes, though it is listed as lacking`);
    } else if (why === undefined) passed++;
    else if (known.has(name)) lacking++;
    else failures.push(`${name}: ${shorten(why)}`);
  }
  for (const name of known) {
    if (!verdicts.has(name)) failures.push(`${name}: there is no such case`);
  }
  return { passed, failures, lacking };
}

function shorten(text: string): string {
  const line = text.trim().replaceAll("\n", " | ");
  return line.length > 400 ? `${line.slice(0, 400)}…` : line;
}

interface Row {
  readonly peer: Peer;
  /** Undefined if it is not installed. */
  readonly version: string | undefined;
  readonly client?: Score;
  readonly server?: Score;
}

async function versionOf({ version }: Peer): Promise<string | undefined> {
  const [program = "", ...args] = version;
  try {
    const { success, stdout } = await new Deno.Command(program, {
      args,
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function build(peer: Peer, built: string): Promise<void> {
  for (const [program = "", ...args] of peer.build?.(built) ?? []) {
    const { success, stderr } = await new Deno.Command(program, {
      args,
      env: { ...peer.env?.(built) },
      stdout: "null",
    }).output();
    if (!success) {
      throw new Error(`${program}: ${new TextDecoder().decode(stderr)}`);
    }
  }
}

async function judgePeer(peer: Peer): Promise<Row> {
  const version = await versionOf(peer);
  if (version === undefined) return { peer, version };
  const built = await Deno.makeTempDir({ prefix: "interop-" });
  try {
    await build(peer, built);
    const env = peer.env?.(built) ?? {};
    const { client, server } = peer;
    return {
      peer,
      version,
      ...client &&
        {
          client: scoreOf(await judgeClient(client, built, env), client.lacks),
        },
      ...server &&
        {
          server: scoreOf(await judgeServer(server, built, env), server.lacks),
        },
    };
  } finally {
    await Deno.remove(built, { recursive: true });
  }
}

function cellOf(score: Score | undefined): string {
  if (score === undefined) return NO_SCORE;
  const { passed, lacking, failures } = score;
  const notes = [
    lacking > 0 ? `${lacking} not supported` : "",
    failures.length > 0 ? `${failures.length} FAILED` : "",
  ].filter((note) => note !== "");
  return [`${passed} passed`, ...notes].join(", ");
}

function lineOf({ peer, version, client, server }: Row): string[] {
  return version === undefined
    ? [peer.name, `missing: install ${peer.install}`, NO_SCORE, NO_SCORE]
    : [peer.name, version, cellOf(client), cellOf(server)];
}

function tableOf(lines: readonly (readonly string[])[]): string {
  const head = ["Peer", "Version", "As client", "As server"];
  const widths = head.map((title, column) =>
    Math.max(
      ...[head, ...lines].map((line) => line[column]!.length),
      title.length,
    )
  );
  const text = (cells: readonly string[], filler = " ") =>
    `| ${
      cells.map((cell, i) => cell.padEnd(widths[i]!, filler)).join(" | ")
    } |\n`;
  return [text(head), text(["", "", "", ""], "-"), ...lines.map((l) => text(l))]
    .join("");
}

const README = here("README.md");
const TABLE = /(<!-- table -->)[^]*?(<!-- end of the table -->)/;

/** The table in README.md; `replacement` is put there, if given. */
async function tableOfReadme(replacement?: string): Promise<string> {
  const text = await Deno.readTextFile(README);
  if (replacement !== undefined) {
    const table = `$1\n\n${replacement}\n$2`;
    await Deno.writeTextFile(README, text.replace(TABLE, table));
  }
  return TABLE.exec(text)?.[0] ?? "";
}

/** Whether README.md tells of the same numbers; versions may be others. */
async function isTold({ peer, client, server }: Row): Promise<boolean> {
  const line = (await tableOfReadme()).split("\n")
    .find((line) => line.startsWith(`| ${peer.name} `)) ?? "";
  const [, , , asClient, asServer] = line.split("|").map((s) => s.trim());
  return asClient === cellOf(client) && asServer === cellOf(server);
}

/** What is wrong with a row, in lines. */
async function complaintsOf(row: Row, all: boolean): Promise<string[]> {
  if (row.version === undefined) return all ? ["is missing"] : [];
  const complaints = [
    ...row.client?.failures.map((text) => `as client  ${text}`) ?? [],
    ...row.server?.failures.map((text) => `as server  ${text}`) ?? [],
  ];
  if (all && complaints.length === 0 && !await isTold(row)) {
    complaints.push("README.md has other numbers: run with --write");
  }
  return complaints;
}

async function main(): Promise<boolean> {
  const { values: { all = false, write = false }, positionals } = parseArgs({
    args: Deno.args,
    options: { all: { type: "boolean" }, write: { type: "boolean" } },
    allowPositionals: true,
  });
  const unknown = positionals.filter((name) =>
    !PEERS.some((peer) => peer.name === name)
  );
  const chosen = positionals.length === 0
    ? PEERS
    : PEERS.filter(({ name }) => positionals.includes(name));
  const rows: Row[] = [];
  let isFine = unknown.length === 0;
  for (const peer of chosen) {
    const begin = performance.now();
    const row = await judgePeer(peer);
    rows.push(row);
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    console.error(`${lineOf(row).join(" | ")} (${seconds} s)`);
    const complaints = await complaintsOf(row, all && !write);
    for (const complaint of complaints) console.error(`  ${complaint}`);
    isFine &&= complaints.length === 0;
  }
  for (const name of unknown) console.error(`There is no peer ${name}`);
  const table = tableOf(rows.map(lineOf));
  console.log(`\n${table}`);
  if (write) await tableOfReadme(table);
  return isFine;
}

if (import.meta.main) Deno.exit(await main() ? 0 : 1);
