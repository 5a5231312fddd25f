// Runs the contract with every peer, both ways, and prints a table.
//
//     deno task interop [--all] [--write] [--verbose] [NAME...]
//
// `--all` makes it a failure that a peer is not installed, and that README.md has
// another table; `--write` puts the table there.
// deno-lint-ignore-file no-console

import { parseArgs } from "node:util";
import { judgeClient, judgeServer, type Verdicts } from "./_judge.ts";
import type { Lacks, Peer, Side } from "./_peer.ts";
import { PEERS } from "./peers.ts";

/** What one side of a peer has come to. */
export interface Score {
  readonly passed: number;
  readonly failures: readonly string[];
  /** Cases that fail as is known. */
  readonly lacking: number;
}

const NO_SCORE = "–";

/** What verdicts come to, where some cases are known to fail. */
export function scoreOf(verdicts: Verdicts, lacks: Lacks): Score {
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

/** What a side of a peer is known not to do, for README.md. */
function lacksOf({ name }: Peer, how: string, side: Side | undefined): string {
  const reasons = Object.entries(side?.lacks ?? {});
  if (reasons.length === 0) return "";
  const lines = reasons.map(([reason, cases]) =>
    `- ${reason}: ${cases.map((name) => `\`${name}\``).join(", ")}\n`
  );
  return `**${name}**, ${how}:\n\n${lines.join("")}\n`;
}

const README = new URL("README.md", import.meta.url).pathname;

/** A part of README.md that is generated, with the comments around it. */
function partOf(name: string): RegExp {
  return new RegExp(`(<!-- ${name} -->)[^]*?(<!-- end of ${name} -->)`);
}

/** Puts the table and what peers lack into README.md. */
async function writeReadme(table: string): Promise<void> {
  const lacks = PEERS.map((peer) =>
    lacksOf(peer, "as client", peer.client) +
    lacksOf(peer, "as server", peer.server)
  ).join("");
  const text = await Deno.readTextFile(README);
  await Deno.writeTextFile(
    README,
    text.replace(partOf("table"), `$1\n\n${table}\n$2`)
      .replace(partOf("lacks"), `$1\n\n${lacks}$2`),
  );
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "-q", README] })
    .output();
}

async function tableOfReadme(): Promise<string> {
  return partOf("table").exec(await Deno.readTextFile(README))?.[0] ?? "";
}

/** Whether README.md has the same numbers; versions may differ. */
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
  if (write) await writeReadme(table);
  return isFine;
}

if (import.meta.main) Deno.exit(await main() ? 0 : 1);
