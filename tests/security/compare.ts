// The attacks, against our server and two others: each server as it comes, and started
// anew for each attack. Linux only.
//
//     deno run -A tests/security/compare.ts [--write] [--only TEXT]
//
// `--write` puts the table into comparison.md.
// deno-lint-ignore-file no-console

import { parseArgs } from "node:util";
import { exchange, wireOf } from "./_exchange.ts";
import { type CommandLine, here, Victim } from "./_victim.ts";
import { type Answer, type Attack, attacks, judge } from "./attacks.ts";

const PATIENCE = { budget: 20_000, hold: 5_000 };
/** When another caller comes along. */
const MEANWHILE_MS = 250;
/** What is worth a word: a second, and these bytes. */
const WORTH_BYTES = 64e6;
const NPM_PACKAGE = "xmlrpc@1.3.2";

const GOOD: Attack = {
  name: "a good call",
  does: "adds",
  history: "none",
  body: () =>
    "<methodCall><methodName>add</methodName><params>" +
    "<param><value><int>20</int></value></param>" +
    "<param><value><int>22</int></value></param></params></methodCall>",
};
const goodWire = await wireOf(GOOD, 1);

interface Peer {
  readonly title: string;
  readonly command: CommandLine;
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}

/** How long a good call takes, in seconds; undefined if it is not answered in time. */
async function probe(
  port: number,
  budget: number,
): Promise<number | undefined> {
  const start = performance.now();
  try {
    const patience = { ...PATIENCE, budget };
    const { text } = await exchange(port, GOOD, goodWire, patience);
    return />42</.test(text) ? secondsSince(start) : undefined;
  } catch {
    return undefined;
  }
}

// ---------------------------------------------------------------- words

interface Observation {
  readonly attack: Attack;
  readonly answer: Answer;
  /** The processor's time it took, in seconds. */
  readonly cpu: number;
  readonly grown: number;
  /** How long another caller waited meanwhile; undefined if in vain. */
  readonly waited: number | undefined;
  /** Whether a call after all that is answered within a second. */
  readonly isWell: boolean;
  readonly end: Victim["end"];
}

function refusal({ status, text }: Answer): string {
  if (status === undefined) return "refused (closed)";
  if (status !== 200) return `refused (${status})`;
  const [, code] = />(-?\d+)<\/(?:int|i4)>/.exec(text) ?? [];
  return `refused (fault ${code ?? "without a code"})`;
}

function outcome({ attack, answer, end }: Observation): string {
  if (end !== undefined) return `**${end}**`;
  const words = {
    refused: refusal(answer),
    answered: "answered",
    silent: attack.manner === undefined ? "**no answer in 20 s**" : "waits",
    changed: "**data changed**",
    harmed: "**got through**",
    leaked: "**leaked**",
  };
  return words[judge(attack, answer)];
}

/** One cell of the table. */
function describe(observation: Observation): string {
  const { cpu, grown, waited, isWell, end } = observation;
  const words = [outcome(observation)];
  if (cpu >= 1) words.push(`${cpu.toFixed(1)} s`);
  if (grown >= WORTH_BYTES) words.push(`+${(grown / 1e6).toFixed(0)} MB`);
  if (end !== undefined) return words.join(", ");
  if (waited === undefined) words.push("**others not served**");
  else if (waited >= 1) words.push(`others waited ${waited.toFixed(1)} s`);
  if (!isWell) words.push("**dead after it**");
  return words.join(", ");
}

// ---------------------------------------------------------------- attacks

async function observe(
  victim: Victim,
  attack: Attack,
): Promise<Observation> {
  const { port } = victim;
  await probe(port, PATIENCE.budget);
  const wire = await wireOf(attack, 1);
  const [memory, cpu] = [victim.memory(), victim.cpu()];
  const attacking = exchange(port, attack, wire, PATIENCE);
  await Promise.race([attacking, delay(MEANWHILE_MS)]);
  const waiting = probe(port, PATIENCE.budget);
  const answer = await attacking;
  const waited = await waiting;
  const isWell = await probe(port, 1000) !== undefined;
  // The system reports the end of a process a little later than that of its sockets.
  if (!isWell) await delay(MEANWHILE_MS);
  return {
    attack,
    answer,
    cpu: victim.cpu() - cpu,
    grown: victim.peak - memory,
    waited,
    isWell,
    end: victim.end,
  };
}

async function cell(peer: Peer, attack: Attack): Promise<string> {
  await using victim = await Victim.start(peer.command);
  return describe(await observe(victim, attack));
}

async function table(
  peers: readonly Peer[],
  chosen: readonly Attack[],
): Promise<string> {
  const titles = peers.map(({ title }) => title);
  const lines = [
    `| Attack | ${titles.join(" | ")} |`,
    `| --- |${" --- |".repeat(peers.length)}`,
  ];
  for (const attack of chosen) {
    const cells = [attack.name];
    for (const peer of peers) cells.push(await cell(peer, attack));
    const line = `| ${cells.join(" | ")} |`;
    console.error(line);
    lines.push(line);
  }
  return lines.join("\n");
}

// ---------------------------------------------------------------- peers

async function output(
  cwd: string,
  command: string,
  ...args: string[]
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args,
    cwd,
  }).output();
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout).trim();
  throw new Error(`${command} failed: ${decoder.decode(stderr)}`);
}

function python(...args: string[]): CommandLine {
  return ["python3", here("victim.py"), ...args];
}

async function peersIn(folder: string): Promise<readonly Peer[]> {
  await output(
    folder,
    "npm",
    "install",
    "--no-audit",
    "--no-fund",
    NPM_PACKAGE,
  );
  return [
    {
      title: "ours",
      command: [Deno.execPath(), "run", "-A", here("victim.ts")],
    },
    { title: "SimpleXMLRPCServer", command: python() },
    { title: "npm xmlrpc", command: ["node", here("victim.mjs"), folder] },
  ];
}

async function versions(): Promise<string> {
  const expat = "import pyexpat; print(pyexpat.EXPAT_VERSION)";
  const [pythonVersion, expatVersion, nodeVersion] = await Promise.all([
    output(".", "python3", "--version"),
    output(".", "python3", "-c", expat),
    output(".", "node", "--version"),
  ]);
  return `Deno ${Deno.version.deno}; ${pythonVersion} with ${expatVersion}; ` +
    `${NPM_PACKAGE} on Node ${nodeVersion}`;
}

// ---------------------------------------------------------------- the page

async function page(only: string): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const peers = await peersIn(folder);
    const chosen = attacks.filter(({ name }) => name.includes(only));
    const dotted: Peer = {
      title: "SimpleXMLRPCServer with allow_dotted_names",
      command: python("--dotted"),
    };
    const walking = chosen.filter(({ name }) =>
      name.startsWith("method name `")
    );
    return `# The attacks, and three servers

[\`attacks.ts\`](attacks.ts) says what each attack does, and who was affected. This page
was written by \`deno run -A tests/security/compare.ts --write\` on ${
      new Date().toISOString().slice(0, 10)
    }, on a machine with ${navigator.hardwareConcurrency} cores:
${await versions()}.

Each server has its default settings, with \`system.multicall\` where it exists, and is
restarted for each attack. An attack has 20 s, and a server 2 GB of memory. "N s" is the CPU
time, from 1 s on. "+N MB" is the peak memory, from ${
      WORTH_BYTES / 1e6
    } MB on. "Others waited" is the delay
of another caller that connects a quarter of a second later, from 1 s on. Requests that
are held open or trickle are stopped after 5 s. "Waits" is not a defect if other callers
are served, because a slow caller may be an honest one. "Data changed" means that the result differs from what was sent,
without an error. Bold marks what should not happen.

${await table(peers, chosen)}

Dotted names, with Python's option to resolve them:

${await table([dotted], walking)}
`;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  const { values: flags } = parseArgs({
    options: {
      write: { type: "boolean", default: false },
      only: { type: "string", default: "" },
    },
  });
  const text = await page(flags.only);
  if (flags.write) {
    const path = here("comparison.md");
    await Deno.writeTextFile(path, text);
    await output(".", Deno.execPath(), "fmt", "--quiet", path);
  } else console.log(text);
}
