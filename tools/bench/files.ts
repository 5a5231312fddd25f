// Files of any size over loopback, server and client as processes of their own: how fast
// beside raw bytes in chunks of the same length, and how much memory, as the operating
// system counts it; the same with Python's xmlrpc and npm's; and arrays item by item.
// Linux only, for the memory.
//
//     deno run -A tools/bench/files.ts [--gib 1] [--rounds 3] [--only up,down,slow,peers,items]
//         [--json FILE]
// deno-lint-ignore-file no-console

import { createHash } from "node:crypto";
import { parseArgs } from "node:util";
import { installNpm } from "./_peers.ts";
import { Report } from "./_report.ts";
import {
  type CommandLine,
  showSamples,
  type Transfer,
  transfer,
  type Usage,
} from "./_watch.ts";

interface Result {
  readonly seconds: number;
  readonly value: unknown;
}

const { values: flags } = parseArgs({
  options: {
    gib: { type: "string", default: "1" },
    rounds: { type: "string", default: "3" },
    only: { type: "string", default: "up,down,slow,peers,items" },
    json: { type: "string" },
  },
});
const report = new Report();
const wanted = new Set(flags.only.split(","));
const bytes = Number(flags.gib) * 2 ** 30;
const PEER_BYTES = 64 * 2 ** 20;
const SLOW_BYTES = 256 * 2 ** 20;
const ITEMS = 10_000_000;

const folder = await Deno.makeTempDir();

function script(name: string): string {
  return new URL(name, import.meta.url).pathname;
}

function ours(...args: string[]): CommandLine {
  return [Deno.execPath(), "run", "-A", script("_files_peer.ts"), ...args];
}

function python(...args: string[]): CommandLine {
  return ["python3", script("files.py"), ...args];
}

function npm(...args: string[]): CommandLine {
  return ["node", script("files_npm.mjs"), folder, ...args];
}

/** A file of random bytes, and their SHA-256. */
async function createFile(
  size: number,
): Promise<{ path: string; sha256: string }> {
  const path = `${folder}/${size}`;
  const hash = createHash("sha256");
  using file = await Deno.create(path);
  for (let at = 0; at < size; at += 65_536) {
    const piece = crypto.getRandomValues(
      new Uint8Array(Math.min(65_536, size - at)),
    );
    hash.update(piece);
    await file.write(piece);
  }
  return { path, sha256: hash.digest("hex") };
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}

function peakOf(usages: readonly Usage[]): number {
  return Math.max(...usages.map(({ peak }) => peak));
}

/** Runs a command of our peer against a server of ours. */
async function run(
  command: string,
  path: string,
  expected: unknown,
): Promise<Transfer<Result>> {
  const done = await transfer<Result>(ours("serve", path), ours(command, path));
  if (done.result.value === expected) return done;
  throw new Error(`${command}: ${done.result.value} instead of ${expected}`);
}

function printSamples({ client, server }: Transfer<Result>): void {
  console.log(`    client RSS over time, MB: ${showSamples(client)}`);
  console.log(`    server RSS over time, MB: ${showSamples(server)}`);
}

// ---------------------------------------------------------------- beside raw bytes

/** Transfers a file by each command in turn, and compares with the first. */
async function compare(
  title: string,
  path: string,
  commands: readonly string[],
): Promise<void> {
  console.log(`\n${title}, ${flags.gib} GiB, ${flags.rounds} rounds`);
  const all = new Map(
    commands.map((command) => [command, [] as Transfer<Result>[]]),
  );
  for (let round = 0; round < Number(flags.rounds); round++) {
    for (const [command, done] of all) {
      done.push(await run(command, path, bytes));
    }
  }
  const raw = all.get(commands[0]!)!;
  for (const [command, done] of all) {
    const rates = done.map(({ result }) => bytes / 1e6 / result.seconds);
    // Of each round alone: what else the machine does meets both.
    const shares = done.map(({ result }, round) =>
      100 * raw[round]!.result.seconds / result.seconds
    );
    const clients = done.map(({ client }) => client);
    const servers = done.map(({ server }) => server);
    const cpu = (usages: readonly Usage[]) =>
      (median(usages.map(({ cpu }) => cpu)) / bytes * 1e9).toFixed(2);
    console.log(
      `  ${command}: ${median(rates).toFixed(0)} MB/s, ${
        median(shares).toFixed(0)
      } % of ${commands[0]} (${
        shares.map((share) => share.toFixed(0)).join(", ")
      }); CPU s/GB client ${cpu(clients)}, server ${
        cpu(servers)
      }; peak RSS client ${peakOf(clients).toFixed(0)} MB, server ${
        peakOf(servers).toFixed(0)
      } MB`,
    );
    printSamples(done.at(-1)!);
  }
  reportTransfers(all);
  const peaks = (command: string) =>
    peakOf(all.get(command)!.map(({ server }) => server));
  console.log(
    `  server RSS: ${
      (peaks(commands[1]!) - peaks(commands[0]!)).toFixed(0)
    } MB more than with raw bytes`,
  );
}

/** What the ratios are called, by the command that they are for. */
const NAMES: Readonly<Record<string, string>> = {
  put: "upload a file",
  get: "download a file",
};

/** Adds to the report how fast our server was beside raw bytes, the first of all. */
function reportTransfers(
  all: ReadonlyMap<string, readonly Transfer<Result>[]>,
): void {
  const [raw] = all.values();
  const rateOf = (done: readonly Transfer<Result>[]): string =>
    `${
      median(done.map(({ result }) => bytes / 1e6 / result.seconds)).toFixed(0)
    } MB/s`;
  for (const [command, done] of all) {
    if (NAMES[command] === undefined) continue;
    const shares = done.map(({ result }, round) =>
      raw![round]!.result.seconds / result.seconds
    );
    const memory = peakOf(done.map(({ server }) => server)).toFixed(0);
    report.add(
      `${NAMES[command]} against raw bytes`,
      median(shares),
      `ours ${rateOf(done)}, ${memory} MB of memory; raw bytes ${rateOf(raw!)}`,
    );
  }
}

/** Transfers with one side that is slow: the other one must not run ahead. */
async function throttle(): Promise<void> {
  const { path } = await createFile(SLOW_BYTES);
  const titles = {
    putSlowly: "up, a slow writer",
    putToSlow: "up, a slow reader",
    getFromSlow: "down, a slow writer",
    getSlowly: "down, a slow reader",
  };
  console.log(`\n${SLOW_BYTES / 2 ** 20} MiB at 25 MB/s`);
  for (const [command, title] of Object.entries(titles)) {
    const done = await run(command, path, SLOW_BYTES);
    const rate = SLOW_BYTES / 1e6 / done.result.seconds;
    console.log(
      `  ${title}: ${rate.toFixed(0)} MB/s; peak RSS client ${
        done.client.peak.toFixed(0)
      } MB, server ${done.server.peak.toFixed(0)} MB`,
    );
    printSamples(done);
  }
}

// ---------------------------------------------------------------- beside others

/** One row of the table: a file up, and another down. */
async function row(
  title: string,
  server: (...args: string[]) => CommandLine,
  client: (...args: string[]) => CommandLine,
  { path, sha256 }: { path: string; sha256: string },
): Promise<void> {
  const cells: string[] = [];
  for (const command of ["putDigest", "getDigest"]) {
    const done = await transfer<Result>(
      server("serve", path),
      client(command, path),
    );
    const isSame = done.result.value === sha256;
    cells.push(
      `${done.result.seconds.toFixed(2)} s`,
      `${done.client.peak.toFixed(0)} MB`,
      `${done.server.peak.toFixed(0)} MB`,
      isSame ? "same" : "ANOTHER",
    );
  }
  console.log(`| ${title} | ${cells.join(" | ")} |`);
}

async function comparePeers(): Promise<void> {
  const file = await createFile(PEER_BYTES);
  console.log(
    `\n64 MiB to and from others: seconds, peak RSS of client and server, SHA-256

| client to server | up | client | server | SHA-256 | down | client | server | SHA-256 |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |`,
  );
  await row("ours to ours", ours, ours, file);
  await row("ours to Python", python, ours, file);
  await row("Python to ours", ours, python, file);
  await row("Python to Python", python, python, file);
  const reason = await installNpm(folder);
  if (reason !== undefined) {
    console.log(`\nnpm's xmlrpc is left out: ${reason}`);
    return;
  }
  await row("ours to npm xmlrpc", npm, ours, file);
  await row("npm xmlrpc to ours", ours, npm, file);
  await row("npm xmlrpc to npm xmlrpc", npm, npm, file);
}

// ---------------------------------------------------------------- item by item

async function countItems(): Promise<void> {
  const done = await run("items", String(ITEMS), ITEMS * (ITEMS - 1) / 2);
  console.log(
    `\n${ITEMS} ints through items(): ${done.result.seconds.toFixed(1)} s, ${
      (done.result.seconds / ITEMS * 1e9).toFixed(0)
    } ns each; peak RSS client ${done.client.peak.toFixed(0)} MB, server ${
      done.server.peak.toFixed(0)
    } MB`,
  );
  printSamples(done);
}

try {
  if (wanted.has("up") || wanted.has("down")) {
    const { path } = await createFile(bytes);
    if (wanted.has("up")) {
      await compare("Up", path, ["rawPut", "put", "putStream"]);
    }
    if (wanted.has("down")) await compare("Down", path, ["rawGet", "get"]);
    await Deno.remove(path);
  }
  if (wanted.has("slow")) await throttle();
  if (wanted.has("peers")) await comparePeers();
  if (wanted.has("items")) await countItems();
  await report.write(flags.json);
} finally {
  await Deno.remove(folder, { recursive: true });
}
