// How long `add` takes through `Deno.serve` while four calls compute for about 2 s each:
// with these on threads, and without. And how long two such calls take beside each other.
//
//     deno run -A tools/bench/threads.ts [ROUNDS]
//
// The server is a process of its own, so that the caller's clock goes right while it is
// stuck. Who else uses the machine shows in the load that is printed.
// deno-lint-ignore-file no-console

import { createClient } from "@xmlrpc/xmlrpc/client";
import { createServer } from "@xmlrpc/xmlrpc/server";
import { createThreads } from "@xmlrpc/xmlrpc/threads";
import * as heavy from "../../examples/heavy.ts";

const MODULE = new URL("../../examples/heavy.ts", import.meta.url);
/** Milliseconds between two calls of `add`. */
const PAUSE = 5;

function add(x: number, y: number): number {
  return x + y;
}

type HeavyClient = {
  add: typeof add;
  heavy: Pick<typeof heavy, "hash_chain">;
};

// ---------------------------------------------------------------- the server

async function serve(how: string): Promise<void> {
  const methods = how === "threads"
    ? (await createThreads<typeof heavy>(MODULE)).methods
    : heavy;
  const server = createServer({ add, heavy: methods });
  Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }) => console.log(port),
  }, server.fetch);
}

/** Runs a server in a process of its own, and calls it. */
async function withServer<T>(
  how: "threads" | "plain",
  use: (url: string) => Promise<T>,
): Promise<T> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", import.meta.url, "--serve", how],
    stdout: "piped",
  }).spawn();
  const lines = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  try {
    const { value } = await lines.read();
    return await use(`http://127.0.0.1:${value!.trim()}/`);
  } finally {
    await lines.cancel();
    process.kill("SIGKILL");
    await process.status;
  }
}

// ---------------------------------------------------------------- measurements

/** How many hashes take about two seconds here. */
function calibrate(): number {
  const times = 10_000_000;
  heavy.hash_chain("warm up", times);
  const start = performance.now();
  heavy.hash_chain("cloud", times);
  return Math.round(times * 2000 / (performance.now() - start));
}

function percentile(times: readonly number[], part: number): string {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * part)]!.toFixed(1);
}

/** Times calls of `add`, made at a steady rate whatever becomes of those before. */
async function timeAdds(
  url: string,
  until: Promise<unknown>,
): Promise<number[]> {
  const { methods } = createClient<HeavyClient>(url);
  const calls: Promise<number>[] = [];
  let isOver = false;
  void until.finally(() => isOver = true);
  while (!isOver) {
    const start = performance.now();
    calls.push(
      Promise.resolve(methods.add(8, 8)).then(() => performance.now() - start),
    );
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  return await Promise.all(calls);
}

async function measureAdds(
  how: "threads" | "plain",
  hashes: number,
): Promise<void> {
  await withServer(how, async (url) => {
    const { methods } = createClient<HeavyClient>(url);
    await methods.heavy.hash_chain("warm up", 1_000_000);
    const idle = await timeAdds(
      url,
      new Promise((resolve) => setTimeout(resolve, 1000)),
    );
    const start = performance.now();
    const chains = ["a", "b", "c", "d"].map((text) =>
      methods.heavy.hash_chain(text, hashes)
    );
    const times = await timeAdds(url, Promise.all(chains));
    const seconds = (performance.now() - start) / 1000;
    console.log(
      `  ${how}: p50 ${percentile(times, 0.5)} ms, p99 ${
        percentile(times, 0.99)
      } ms, of ${times.length} calls of add in ${
        seconds.toFixed(1)
      } s; idle: p50 ${percentile(idle, 0.5)} ms, p99 ${
        percentile(idle, 0.99)
      } ms`,
    );
  });
}

/** How many times as long two calls take as one. */
async function measureTwo(hashes: number): Promise<number> {
  await using threads = await createThreads<typeof heavy>(MODULE, { size: 2 });
  const { hash_chain } = threads.methods;
  await Promise.all([hash_chain("a", 1_000_000), hash_chain("b", 1_000_000)]);

  async function time(count: number): Promise<number> {
    const start = performance.now();
    await Promise.all(
      Array.from({ length: count }, () => hash_chain("cloud", hashes)),
    );
    return performance.now() - start;
  }

  const [one, two] = [await time(1), await time(2)];
  console.log(
    `  two calls on two threads: ${(two / one).toFixed(2)} times one (${
      Math.round(two)
    } ms, ${Math.round(one)} ms)`,
  );
  return two / one;
}

async function main(rounds: number): Promise<void> {
  const hashes = calibrate();
  console.log(
    `${hashes} hashes a call, ${navigator.hardwareConcurrency} cores`,
  );
  const ratios: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    console.log(`round ${round}: load ${Deno.loadavg()[0]!.toFixed(1)}`);
    await measureAdds("threads", hashes);
    await measureAdds("plain", hashes);
    ratios.push(await measureTwo(hashes));
  }
  console.log(`two calls: at best ${Math.min(...ratios).toFixed(2)} times one`);
}

if (Deno.args[0] === "--serve") await serve(Deno.args[1]!);
else await main(Number(Deno.args[0] ?? 3));
