// Three processes behind nginx, one of which is killed while calls come in.

import { assert, assertEquals } from "@std/assert";
import {
  createClient,
  type XmlRpcClient,
  XmlRpcHttpError,
} from "@xmlrpc/xmlrpc";
import { decodeResponse, encodeCall } from "@xmlrpc/xmlrpc/codec";
import { retrying } from "../../examples/client_interceptors.ts";
import type { ScaleMethods } from "../../examples/scale/server.ts";
import { findPort, startNginx } from "./_apps.ts";
import { Program, testWith } from "../support/program.ts";

const CALLS = 2000;
/** How many callers there are, each of which has one call under way. */
const CALLERS = 8;
/** After so many calls a process is killed; after so many it is there again. */
const [KILLED, RESTARTED] = [500, 1000];

/** A process of the server. Its successor has the same port. */
class Process implements AsyncDisposable {
  readonly #journal: string;
  #program: Program | undefined;
  port = "0";

  constructor(journal: string) {
    this.#journal = journal;
  }

  async start(): Promise<void> {
    this.#program = new Program(Deno.execPath(), [
      ...[
        "run",
        "-A",
        new URL("../../examples/scale/server.ts", import.meta.url).pathname,
      ],
      ...["--host", "127.0.0.1", "--port", this.port],
      ...["--journal", this.#journal],
    ]);
    const match = await this.#program.waitFor(/127\.0\.0\.1:(\d+)/);
    this.port = match[1]!;
  }

  /** Tells the process to end. */
  stop(): void {
    this.#program?.stop();
  }

  /** Waits for its end; gives its exit code. */
  async ended(): Promise<number | undefined> {
    return await this.#program?.ended();
  }

  /** Kills the process: no call that it is at will be answered. */
  async kill(): Promise<void> {
    await this.#program?.[Symbol.asyncDispose]();
    this.#program = undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}

/** Starts nginx with the configuration of the example, at other ports. */
async function startExample(
  folder: string,
  port: number,
  processes: readonly Process[],
): Promise<Program> {
  let site = await Deno.readTextFile(
    new URL("../../examples/scale/xmlrpc.conf", import.meta.url).pathname,
  );
  site = site.replace("127.0.0.1:8888", `127.0.0.1:${port}`);
  for (const [index, { port }] of processes.entries()) {
    site = site.replaceAll(`127.0.0.1:${8001 + index}`, `127.0.0.1:${port}`);
  }
  return await startNginx(folder, site);
}

/** What has become of calls. */
class Tally {
  readonly added: number[] = [];
  readonly ordered: number[] = [];
  readonly failedOrders: number[] = [];
  readonly errors: unknown[] = [];
  /** Answers to another call than the one that was made. */
  readonly wrong: number[] = [];

  async call(client: XmlRpcClient<ScaleMethods>, id: number): Promise<void> {
    if (id % 2 === 0) await this.#add(client, id);
    else await this.#order(client, id);
  }

  async #add(client: XmlRpcClient<ScaleMethods>, id: number): Promise<void> {
    try {
      if (await client.methods.add(id, 1) !== id + 1) this.wrong.push(id);
      this.added.push(id);
    } catch (error) {
      this.errors.push(error);
    }
  }

  async #order(client: XmlRpcClient<ScaleMethods>, id: number): Promise<void> {
    try {
      if (await client.methods.order(id) !== id) this.wrong.push(id);
      this.ordered.push(id);
    } catch (error) {
      if (!(error instanceof XmlRpcHttpError)) this.errors.push(error);
      this.failedOrders.push(id);
    }
  }
}

/** Makes all calls, a few at a time; `milestone` is told how many have been begun. */
async function callAll(
  client: XmlRpcClient<ScaleMethods>,
  milestone: (count: number) => Promise<void>,
): Promise<Tally> {
  const tally = new Tally();
  let count = 0;

  async function callInTurn(): Promise<void> {
    while (count < CALLS) {
      const id = count++;
      const reached = milestone(id);
      await tally.call(client, id);
      await reached;
    }
  }

  await Promise.all(Array.from({ length: CALLERS }, callInTurn));
  return tally;
}

/** The orders that have been carried out. */
async function readJournals(paths: readonly string[]): Promise<number[]> {
  const texts = await Promise.all(paths.map((path) => Deno.readTextFile(path)));
  return texts.join("").trim().split("\n").map(Number);
}

/** Calls until a process has answered, or there have been far too many calls. */
async function isHeardOf(
  client: XmlRpcClient<ScaleMethods>,
  { port }: Process,
): Promise<boolean> {
  const direct = createClient<ScaleMethods>(`http://127.0.0.1:${port}/`);
  const pid = await direct.methods.process();
  for (let call = 0; call < 10_000; call++) {
    if (await client.methods.process() === pid) return true;
  }
  return false;
}

/** Three processes, and nginx in front of them. */
interface Site extends AsyncDisposable {
  readonly url: string;
  readonly processes: readonly Process[];
  readonly journals: readonly string[];
}

async function startSite(): Promise<Site> {
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "xmlrpc-" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const journals = [1, 2, 3].map((number) => `${folder}/journal${number}`);
  const processes = journals.map((path) => stack.use(new Process(path)));
  await Promise.all(processes.map((process) => process.start()));
  const port = findPort();
  stack.use(await startExample(folder, port, processes));
  const rest = stack.move();
  return {
    url: `http://127.0.0.1:${port}/`,
    processes,
    journals,
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
}

/** A call that a process has begun to read; `finish` sends the rest, and reads the answer. */
async function beginCall(
  { port }: Process,
): Promise<{ finish(): Promise<unknown> }> {
  const connection = await Deno.connect({
    hostname: "127.0.0.1",
    port: Number(port),
  });
  const body = encodeCall("add", [8, 8]);
  const head = "POST / HTTP/1.1\r\nHost: localhost\r\n" +
    "Content-Type: text/xml\r\nConnection: close\r\n" +
    `Content-Length: ${body.length}\r\n\r\n`;
  const write = (...parts: BlobPart[]): Promise<void> =>
    new Blob(parts).stream().pipeTo(connection.writable, {
      preventClose: true,
    });
  await write(head, body.subarray(0, 50));
  return {
    async finish(): Promise<unknown> {
      await write(body.subarray(50));
      const text = await new Response(connection.readable).text();
      return decodeResponse(text.slice(text.indexOf("\r\n\r\n") + 4));
    },
  };
}

/** Waits until a process says that it takes no calls. */
async function untilUnwell({ port }: Process): Promise<void> {
  const url = `http://127.0.0.1:${port}/health`;
  let isWell = true;
  while (isWell) {
    const response = await fetch(url);
    isWell = response.ok;
    await response.body?.cancel();
  }
}

await testWith(
  "nginx",
  "nginx",
  "three processes behind nginx lose no call when one is killed, and answer none wrongly",
  async () => {
    await using site = await startSite();
    const { processes, journals } = site;
    const client = createClient<ScaleMethods>(site.url, {
      interceptors: [
        retrying({
          isIdempotent: (name) => name !== "order",
          attempts: 6,
          pause: 20,
        }),
      ],
    });
    const tally = await callAll(client, async (count) => {
      if (count === KILLED) await processes[1]!.kill();
      if (count === RESTARTED) await processes[1]!.start();
    });

    // deno-lint-ignore no-console -- the counts are what one wants to see
    console.log(
      `${CALLS} calls: ${tally.added.length} idempotent ones answered; of the others ${tally.ordered.length} answered, ${tally.failedOrders.length} reported as failed`,
    );
    assertEquals(tally.wrong, []);
    assertEquals(tally.errors, []);
    assertEquals(tally.added.length, CALLS / 2);
    assertEquals(tally.ordered.length + tally.failedOrders.length, CALLS / 2);
    // None was carried out twice, and each that was answered was carried out.
    const carriedOut = await readJournals(journals);
    const distinct = new Set(carriedOut);
    assertEquals(distinct.size, carriedOut.length);
    for (const id of tally.ordered) assert(distinct.has(id), `order ${id}`);
    assert(await isHeardOf(client, processes[1]!), "the process is back");
  },
);

await testWith(
  "nginx",
  "nginx",
  "nginx gives calls to others while a process ends that is at one",
  async () => {
    await using site = await startSite();
    const [, ending] = site.processes;
    const begun = await beginCall(ending!);
    const { methods } = createClient<ScaleMethods>(site.url);
    ending!.stop();
    await untilUnwell(ending!);
    for (let id = 0; id < 300; id++) {
      assertEquals(await methods.add(id, 1), id + 1);
    }
    assertEquals(await begun.finish(), 16);
    assertEquals(await ending!.ended(), 0);
  },
);
