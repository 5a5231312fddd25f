// Runs the contract with one side of a peer.

import {
  createClient,
  decodeCall,
  decodeResponse,
  XmlRpcFault,
  type XmlRpcValue,
} from "@xmlrpc/xmlrpc";
import { assertEquals } from "@std/assert";
import { type Outcome, readOutcomes, show, writeCalls } from "./_notation.ts";
import type { Command, Side } from "./_peer.ts";
import { Program } from "../support/program.ts";
import { type Case, CONTRACT, createContractServer } from "./contract.ts";

/** How long a peer's client may take for all calls, and for us one call, at most. */
const CLIENT_MS = 120_000;
const CALL_MS = 20_000;
/** And of which it is known that it fails. */
const LACKING_MS = 1_000;

/** What has become of a case: undefined if all is right, or why it is not. */
export type Verdicts = ReadonlyMap<string, string | undefined>;

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
export async function judgeClient(
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
      // Some log each call.
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

export async function judgeServer(
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
