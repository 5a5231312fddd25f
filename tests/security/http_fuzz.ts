// Sends requests made up at random, over TCP, to a server of ours.
//
//     deno run -A tests/security/http_fuzz.ts [--seed S] [--count N]
//
// Several connections at the same time, each with some requests, pipelined and cut in
// pieces anywhere. Every answer must be well-formed HTTP, with a status that fits, and
// with a document that can be decoded; where there is but one right answer, that one.
// Prints the seed, what went wrong with the bytes that were sent, and how many answers
// there were of each kind; ends with code 1 if anything went wrong.
// deno-lint-ignore-file no-console

import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { decodeResponse } from "../../codec.ts";
import { XmlRpcFault } from "../../core/errors.ts";
import { createServer, method } from "../../server.ts";
import { concat, RawConnection, type RawResponse, within } from "./_raw.ts";
import {
  type FuzzRequest,
  goodRequest,
  Random,
  requestsOf,
} from "./_requests.ts";

/** More than any connection takes on a machine that is busy, in milliseconds. */
const BUDGET_MS = 20_000;

const CONNECTIONS = 16;

/** After so many connections a good call is made on one of its own. */
const CHECK_EVERY = 50;

/** After so many requests the memory is looked at. */
const SAMPLE_EVERY = 10_000;

/** How much more memory there may be in the end than after a quarter of the requests. */
const GROWTH_BYTES = 100 * 2 ** 20;

const SENT_STATUSES = new Set([
  100,
  200,
  400,
  405,
  408,
  413,
  414,
  415,
  431,
  505,
]);

/** What has come of a run. */
export interface FuzzReport {
  readonly requests: number;
  /** How many answers of each kind. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly flaws: readonly string[];
  readonly seconds: number;
  /** Memory in bytes, every so many requests. */
  readonly rss: readonly number[];
}

/** What methods throw that are to fail. */
class Planned extends Error {}

async function* rows(): AsyncGenerator<number> {
  for (let id = 0; id < 3; id++) yield await Promise.resolve(id);
}

const METHODS = {
  echo: (value: unknown) => value,
  fail(): never {
    throw new XmlRpcFault(7, "seven");
  },
  crash(): never {
    throw new Planned("secret");
  },
  rows: () => rows(),
  file: () => new Blob([new Uint8Array(100)]),
  size: method(
    { params: ["base64"], returns: "int", stream: true },
    async (bytes) => (await new Response(bytes).bytes()).length,
  ),
  long: () => "long".repeat(3_000),
  typed: method(
    { params: ["int", ["string"]], returns: { sum: "double" } },
    (number, texts) => ({ sum: number + texts.length }),
  ),
};

/** Whether an error is one of those that `onError` must get. */
function isPlanned(error: unknown): boolean {
  if (error instanceof Planned) return true;
  const message = String(error);
  return message.startsWith("TypeError: Cannot send a stream in a multicall");
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** Bytes as a message shows them. */
function show(bytes: Uint8Array): string {
  const text = Array.from(
    bytes.subarray(0, 3_000),
    (byte) => String.fromCharCode(byte),
  );
  return JSON.stringify(text.join(""));
}

class Fuzzer {
  readonly #seed: string;
  readonly #count: number;
  readonly #port: number;
  readonly outcomes = new Map<string, number>();
  readonly flaws: string[] = [];
  readonly rss: number[] = [];
  requests = 0;
  #connections = 0;

  constructor(seed: string, count: number, port: number) {
    this.#seed = seed;
    this.#count = count;
    this.#port = port;
  }

  async run(): Promise<void> {
    await Promise.all(Array.from({ length: CONNECTIONS }, () => this.#work()));
    await this.#checkGood();
    this.#sample();
    const warm = this.rss[Math.ceil(this.rss.length / 4)] ?? Infinity;
    const resets = this.outcomes.get("reset") ?? 0;
    if (resets > this.#connections / 20) this.flaws.push(`${resets} resets`);
    const grown = this.rss.at(-1)! - warm;
    if (grown > GROWTH_BYTES) this.flaws.push(`${grown} bytes more in the end`);
  }

  async #work(): Promise<void> {
    while (this.requests < this.#count && this.flaws.length < 20) {
      const number = this.#connections++;
      const random = new Random(`${this.#seed}.${number}`);
      const requests = requestsOf(random);
      const before = Math.floor(this.requests / SAMPLE_EVERY);
      this.requests += requests.length;
      if (Math.floor(this.requests / SAMPLE_EVERY) > before) this.#sample();
      await this.#connect(random, requests, number);
      if (number % CHECK_EVERY === 0) await this.#checkGood();
    }
  }

  #sample(): void {
    this.rss.push(Deno.memoryUsage().rss);
  }

  #note(outcome: string): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
  }

  /** Makes a good call on a connection of its own. */
  async #checkGood(): Promise<void> {
    const random = new Random(`${this.#seed}.good.${this.requests}`);
    await this.#connect(random, [goodRequest(random)], -1);
  }

  /** One connection. */
  async #connect(
    random: Random,
    requests: readonly FuzzRequest[],
    number: number,
  ): Promise<void> {
    const bytes = concat(requests.map(({ bytes }) => bytes));
    try {
      using connection = await RawConnection.open(this.#port);
      const sending = this.#send(random, connection, bytes);
      await within(this.#receive(connection, requests, sending), BUDGET_MS);
    } catch (error) {
      // A server that closes before it has read all takes back what it has answered.
      const isReset = error instanceof Deno.errors.ConnectionReset;
      if (isReset && number >= 0) return this.#note("reset");
      this.flaws.push(
        `${error}\n  in connection ${number}: ${
          requests.map(({ kind }) => kind).join(", ")
        }\n  ${show(bytes)}`,
      );
    }
  }

  /** Sends everything, whole or in pieces. */
  async #send(
    random: Random,
    connection: RawConnection,
    bytes: Uint8Array,
  ): Promise<void> {
    try {
      if (random.once(2)) {
        for (let at = 0; at < bytes.length;) {
          const end = at + 1 + random.below(2 * bytes.length / 5 + 1);
          await connection.write(bytes.subarray(at, end));
          at = end;
        }
      } else {
        await connection.write(bytes);
      }
    } catch {
      // The server need not read what is broken to its end; it must read all else.
      this.#note("not read to its end");
    }
  }

  /** Reads all answers. */
  async #receive(
    connection: RawConnection,
    requests: readonly FuzzRequest[],
    sending: Promise<void>,
  ): Promise<void> {
    for (const request of requests) {
      if (request.statuses.length === 0) {
        await sending;
        return await this.#receiveAny(connection);
      }
      let response: RawResponse | undefined;
      do {
        response = await connection.response(request.isHead);
      } while (response?.status === 100);
      if (response === undefined) throw new Error(`No answer: ${request.kind}`);
      this.#check(response, request);
    }
    await sending;
  }

  /** Reads what comes after broken HTTP: answers, or the end. */
  async #receiveAny(connection: RawConnection): Promise<void> {
    // Nobody knows whether more is waited for. Not before: a server may take this for a
    // caller that has gone.
    await connection.closeWrite().catch(() => {});
    for (;;) {
      const response = await connection.response().catch((error) => {
        if (error instanceof Deno.errors.ConnectionReset) return undefined;
        throw error;
      });
      if (response === undefined) return this.#note("broken: end");
      this.#check(response, { kind: "broken" });
    }
  }

  /** Throws if a response is not as it must be. */
  #check(
    response: RawResponse,
    { kind, statuses, answer, isHead }: Partial<FuzzRequest>,
  ): void {
    const { status, headers } = response;
    if (!SENT_STATUSES.has(status) || statuses?.includes(status) === false) {
      throw new Error(`${status} for ${kind}: ${show(response.body)}`);
    }
    if (status !== 200 || isHead) return this.#note(`${kind}: ${status}`);
    if (headers.get("content-type") !== "text/xml; charset=utf-8") {
      throw new Error(`The type ${headers.get("content-type")}`);
    }
    const isZipped = headers.get("content-encoding") === "gzip";
    const body = isZipped ? gunzipSync(response.body) : response.body;
    if (answer !== undefined && !isSame(body, answer)) {
      throw new Error(`A wrong answer: ${show(body)}`);
    }
    try {
      decodeResponse(body);
      this.#note(`${kind}: value`);
    } catch (error) {
      if (!(error instanceof XmlRpcFault)) throw error;
      this.#note(`${kind}: fault ${error.code}`);
    }
  }
}

/** Sends at least `count` requests of a seed. */
export async function fuzzHttp(
  seed: string,
  count: number,
): Promise<FuzzReport> {
  const unplanned: string[] = [];
  const server = createServer(METHODS, {
    maxBodyBytes: 65_536,
    maxDepth: 100,
    bodyTimeout: BUDGET_MS,
    onError: (error) => {
      if (!isPlanned(error)) unplanned.push(`onError: ${error}`);
    },
  });
  const http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    server.fetch,
  );
  const fuzzer = new Fuzzer(seed, count, http.addr.port);
  const start = performance.now();
  await fuzzer.run();
  const seconds = (performance.now() - start) / 1000;
  const { requests, outcomes, rss, flaws } = fuzzer;
  if (!await server.drain({ timeout: BUDGET_MS })) flaws.push("A call is left");
  await within(http.shutdown()).catch((error) => flaws.push(`${error}`));
  return { requests, outcomes, flaws: [...flaws, ...unplanned], seconds, rss };
}

/** What a report comes to, in lines. */
export function* linesOf(report: FuzzReport): Generator<string> {
  const { requests, outcomes, flaws, seconds, rss } = report;
  for (const [outcome, count] of [...outcomes].sort()) {
    yield `${String(count).padStart(8)} ${outcome}`;
  }
  for (const flaw of flaws) yield `FAILED ${flaw}`;
  const mib = rss.map((bytes) => Math.round(bytes / 2 ** 20));
  yield `RSS in MiB: ${mib.join(" ")}`;
  const rate = Math.round(requests / seconds);
  yield `${requests} requests, ${rate} a second, ${flaws.length} flaws`;
}

if (import.meta.main) {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      seed: {
        type: "string",
        default: String(Math.trunc(Math.random() * 1e9)),
      },
      count: { type: "string", default: "10000" },
    },
  });
  const count = Number(values.count);
  if (!Number.isSafeInteger(count) || count < 1) {
    console.error(`--count must be a number of requests: ${values.count}`);
    Deno.exit(2);
  }
  console.log(`seed ${values.seed}, ${count} requests`);
  const report = await fuzzHttp(values.seed, count);
  for (const line of linesOf(report)) console.log(line);
  if (report.flaws.length > 0) Deno.exit(1);
}
