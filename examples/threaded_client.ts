// The client of the tutorial. It also measures how long calls take while other calls
// compute. Start `threaded_server.ts` first.
//
//     deno run -A examples/threaded_client.ts [--host localhost] [--port 8888]
// deno-lint-ignore-file no-console

import { createClient } from "@xmlrpc/xmlrpc/client";
import { callAt, readFlags } from "./_program.ts";
import type { ThreadedMethods } from "./threaded_server.ts";

/** Runs a function. Gives its result and its duration in milliseconds. */
async function measureTime<T>(run: () => Promise<T>): Promise<[T, number]> {
  const start = performance.now();
  const result = await run();
  return [result, performance.now() - start];
}

/** Runs a function again and again until `busy` settles. Gives the durations, sorted. */
async function measureTimesWhile(
  busy: Promise<unknown>,
  run: () => Promise<unknown>,
): Promise<number[]> {
  const times: number[] = [];
  let isOver = false;
  const end = busy.finally(() => isOver = true);
  // A rejection is handled below; this avoids an unhandled rejection before that.
  end.catch(() => {});
  while (!isOver) times.push((await measureTime(run))[1]);
  await end;
  return times.sort((a, b) => a - b);
}

/** Calls the server at a URL. */
export async function main(url: string): Promise<void> {
  const { methods } = createClient<ThreadedMethods>(url);
  console.log(await methods.get_string("cloud"));
  console.log(await methods.add(8, 8));

  const heavy = Promise.all([
    measureTime(() => methods.heavy.mandelbrot(800, 600)),
    measureTime(() => methods.heavy.mandelbrot(600, 800)),
    measureTime(() => methods.heavy.hash_chain("cloud", 50_000_000)),
    measureTime(() => methods.heavy.hash_chain("rain", 50_000_000)),
  ]);
  const times = await measureTimesWhile(heavy, () => methods.add(8, 8));
  for (const [result, time] of await heavy) {
    const shown = typeof result === "string"
      ? `hash ${result}`
      : `picture of ${result.length} bytes`;
    console.log(`${shown}: ${Math.round(time)} ms`);
  }
  const [median, slowest] = [times[times.length >> 1]!, times.at(-1)!];
  console.log(
    `${times.length} calls of add meanwhile: ${median.toFixed(1)} ms each, ${
      slowest.toFixed(1)
    } ms the slowest`,
  );
}

if (import.meta.main) await callAt(readFlags().address, main);
