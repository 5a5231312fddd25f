// What many calls do to a server: first as many connections at once, each with a call in
// flight, then as many calls in a row. Each answer is checked against its call.
//
//     deno run -A tools/bench/load.ts [CONNECTIONS] [CALLS]
//
// The server is a process of its own; its memory is what the operating system says.
// deno-lint-ignore-file no-console

import { createClient } from "@xmlrpc/xmlrpc/client";
import { decodeResponse, encodeCall } from "@xmlrpc/xmlrpc/codec";
import { createServer } from "@xmlrpc/xmlrpc/server";
import { Program } from "../../tests/support/program.ts";
import { showSamples, Watch } from "./_watch.ts";

/** How many calls are in flight at once in the long run. */
const CALLERS = 64;
/** How many connections are opened at once. */
const OPENING = 200;

interface Methods {
  answer(number: number): number;
  meet(number: number, count: number): Promise<number>;
}

// ---------------------------------------------------------------- the server

function serve(): void {
  let arrived = 0;
  const all = Promise.withResolvers<void>();
  const server = createServer<Methods>({
    answer: (number) => number * 3 + 1,
    /** Answers once so many calls have come. */
    async meet(number, count) {
      if (++arrived === count) all.resolve();
      await all.promise;
      return number * 3 + 1;
    },
  }, { maxConcurrent: 100_000 });
  Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }) => console.log(port),
  }, server.fetch);
}

// ---------------------------------------------------------------- connections

/** Sends a call on a connection of its own. */
async function send(
  port: number,
  number: number,
  count: number,
): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const body = encodeCall("meet", [number, count]);
  const head =
    `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\n` +
    `Connection: close\r\nContent-Length: ${body.length}\r\n\r\n`;
  const request = new Blob([head, body]);
  await request.stream().pipeTo(connection.writable, { preventClose: true });
  return connection;
}

/** Reads the answer on a connection, to its end. */
async function receive(connection: Deno.TcpConn): Promise<unknown> {
  const text = await new Response(connection.readable).text();
  return decodeResponse(text.slice(text.indexOf("\r\n\r\n") + 4));
}

async function meetAll(port: number, count: number): Promise<void> {
  const connections: Deno.TcpConn[] = [];
  for (let start = 0; start < count; start += OPENING) {
    const length = Math.min(OPENING, count - start);
    connections.push(
      ...await Promise.all(
        Array.from({ length }, (_, index) => send(port, start + index, count)),
      ),
    );
  }
  const answers = await Promise.all(connections.map(receive));
  const wrong = answers.filter((answer, number) => answer !== number * 3 + 1);
  if (wrong.length > 0) throw new Error(`${wrong.length} wrong answers`);
}

// ---------------------------------------------------------------- calls

async function callAll(port: number, count: number): Promise<void> {
  const { methods } = createClient<Methods>(`http://127.0.0.1:${port}/`);
  const isAnswered = new Uint8Array(count);
  let next = 0;

  async function call(): Promise<void> {
    while (next < count) {
      const number = next++;
      const answer = await methods.answer(number);
      if (answer !== number * 3 + 1 || isAnswered[number]!++ > 0) {
        throw new Error(`The answer to ${number} was ${answer}`);
      }
    }
  }

  await Promise.all(Array.from({ length: CALLERS }, call));
  if (isAnswered.includes(0)) throw new Error("A call has no answer");
}

async function timed(name: string, run: () => Promise<void>): Promise<void> {
  const start = performance.now();
  await run();
  const seconds = (performance.now() - start) / 1000;
  console.log(`${name}: ${seconds.toFixed(1)} s, all answers right`);
}

if (Deno.args[0] === "--serve") serve();
else {
  const connections = Number(Deno.args[0] ?? 10_000);
  const calls = Number(Deno.args[1] ?? 1_000_000);
  await using server = new Program(Deno.execPath(), [
    "run",
    "-A",
    new URL(import.meta.url).pathname,
    "--serve",
  ]);
  const [, text] = await server.waitFor(/^(\d+)\n/);
  const port = Number(text);

  await timed(
    `${connections} connections, each with one call in flight`,
    () => meetAll(port, connections),
  );
  const watches = [new Watch(server.pid), new Watch(Deno.pid)];
  await timed(
    `${calls} calls, ${CALLERS} at a time`,
    () => callAll(port, calls),
  );
  for (const [index, watch] of watches.entries()) {
    const usage = await watch.stop();
    console.log(
      `  RSS of the ${["server", "client"][index]} in MB: ${
        showSamples(usage, 20)
      }`,
    );
  }
}
