// Small calls by the client against bare `fetch` of the same bytes in the same rounds: one
// after the other on one connection, and 32 in flight.
//
//     deno run -A tools/bench/client.ts [ROUNDS] [--json FILE] [--short]
//
// The server, a process of its own, gives everybody the same bytes.
// deno-lint-ignore-file no-console

import { createClient } from "@xmlrpc/xmlrpc/client";
import { encodeCall, encodeResponse } from "@xmlrpc/xmlrpc/codec";
import { Program } from "../../tests/support/program.ts";
import { measureRounds, median, ratioOf, timed } from "./_measure.ts";
import { benchArguments, Report } from "./_report.ts";

const CALLS = 1000;
const IN_FLIGHT = 32;

function serve(): void {
  const answer = encodeResponse(16);
  Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }) => console.log(port),
  }, async (request) => {
    await request.bytes();
    return new Response(answer, { headers: { "content-type": "text/xml" } });
  });
}

/** Makes calls, so many at a time. */
async function callAll(
  call: () => Promise<unknown>,
  atOnce: number,
): Promise<void> {
  let left = CALLS;
  async function callOn(): Promise<void> {
    while (left-- > 0) await call();
  }
  await Promise.all(Array.from({ length: atOnce }, callOn));
}

async function main(): Promise<void> {
  const { rounds, json } = benchArguments(15);
  const report = new Report();
  const path = new URL(import.meta.url).pathname;
  await using server = new Program(Deno.execPath(), [
    ...["run", "-A", path, "--serve"],
  ]);
  const [, port] = await server.waitFor(/^(\d+)\n/);
  const url = `http://127.0.0.1:${port}/`;
  const { call } = createClient(url);
  const body = encodeCall("add", [8, 8]);
  const headers = { "content-type": "text/xml" };

  async function callOurs(): Promise<void> {
    if (await call("add", [8, 8]) !== 16) throw new Error("A wrong answer");
  }

  async function callBare(): Promise<void> {
    const response = await fetch(url, { method: "POST", headers, body });
    const { length } = await response.bytes();
    if (length < 100) throw new Error("A wrong answer");
  }

  const times = await measureRounds({
    ours: timed(() => callAll(callOurs, 1)),
    bare: timed(() => callAll(callBare, 1)),
    oursAtOnce: timed(() => callAll(callOurs, IN_FLIGHT)),
    bareAtOnce: timed(() => callAll(callBare, IN_FLIGHT)),
  }, rounds);

  const show = (all: readonly number[]): string =>
    `${(median(all) / CALLS * 1000).toFixed(0)} µs`;
  report.add(
    "calls one after the other against bare fetch",
    ratioOf(times.ours, times.bare),
    `ours ${show(times.ours)}; fetch ${show(times.bare)}`,
    0.9,
  );
  report.add(
    `${IN_FLIGHT} calls in flight against bare fetch`,
    ratioOf(times.oursAtOnce, times.bareAtOnce),
    `ours ${show(times.oursAtOnce)}; fetch ${show(times.bareAtOnce)}`,
    0.9,
  );
  await report.write(json);
}

if (Deno.args[0] === "--serve") serve();
else await main();
