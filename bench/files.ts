// Files of any size, up and down over loopback, beside the same bytes raw: how fast, and
// how much memory each side takes. Then slow readers and writers, long arrays, and
// Python on the other side.
//
//     deno run -A bench/files.ts [--gib 1] [--rounds 3] [--items 10000000]
//
// Each side is a process of its own; what it takes is what the operating system says.
// deno-lint-ignore-file no-console

import { parseArgs } from "node:util";
import { showSamples, type Transfer, transfer, type Usage } from "./_watch.ts";

/** What a client prints. */
interface Result {
  readonly seconds: number;
  readonly value: unknown;
}

const { values } = parseArgs({
  args: Deno.args,
  options: {
    gib: { type: "string", default: "1" },
    rounds: { type: "string", default: "3" },
    items: { type: "string", default: "10000000" },
  },
});
const bytes = Math.round(Number(values.gib) * 2 ** 30);
const rounds = Number(values.rounds);

const PEER = new URL("_files_peer.ts", import.meta.url).pathname;
const PYTHON = new URL("files.py", import.meta.url).pathname;
const SLOW_BYTES = 200_000_000;
const PYTHON_BYTES = 64 * 2 ** 20;

const ours = (...args: string[]) =>
  [Deno.execPath(), "run", "-A", PEER, ...args] as const;
const python = (...args: string[]) => ["python3", PYTHON, ...args] as const;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function most(usages: readonly Usage[]): number {
  return Math.max(...usages.map(({ peak }) => peak));
}

/** A file of so many bytes, while `use` runs. */
async function withFile(
  size: number,
  use: (path: string) => Promise<void>,
): Promise<void> {
  const path = await Deno.makeTempFile();
  try {
    using file = await Deno.open(path, { write: true });
    const chunk = new Uint8Array(1 << 20);
    for (let at = 0; at < chunk.length; at += 65_536) {
      crypto.getRandomValues(chunk.subarray(at, at + 65_536));
    }
    for (let left = size; left > 0; left -= chunk.length) {
      let part = chunk.subarray(0, left);
      while (part.length > 0) part = part.subarray(await file.write(part));
    }
    await use(path);
  } finally {
    await Deno.remove(path);
  }
}

// ---------------------------------------------------------------- against raw bytes

async function compare(
  path: string,
  size: number,
  command: string,
  raw: string,
): Promise<void> {
  const all: Record<string, Transfer<Result>[]> = { [command]: [], [raw]: [] };
  for (let round = 0; round < rounds; round++) {
    for (const name of [command, raw]) {
      const done = await transfer<Result>(
        ours("serve", path),
        ours(name, path),
      );
      if (done.result.value !== size) {
        throw new Error(`${name}: ${done.result.value} bytes of ${size}`);
      }
      all[name]!.push(done);
    }
  }
  const speed = (name: string) =>
    size / 1e6 / median(all[name]!.map(({ result }) => result.seconds));
  const ratios = all[command]!.map(({ result }, round) =>
    all[raw]![round]!.result.seconds / result.seconds
  );
  console.log(
    `${command} ${(size / 2 ** 30).toFixed(1)} GiB: ${
      speed(command).toFixed(0)
    } MB/s, ${median(ratios).toFixed(2)} times the speed of ${raw} (${
      speed(raw).toFixed(0)
    } MB/s); by round ${ratios.map((ratio) => ratio.toFixed(2)).join(" ")}`,
  );
  for (const side of ["server", "client"] as const) {
    const [own, other] = [command, raw].map((name) =>
      most(all[name]!.map((done) => done[side]))
    );
    console.log(
      `  ${side}: peak ${own!.toFixed(0)} MB, with raw bytes ${
        other!.toFixed(0)
      } MB; over time ${showSamples(all[command]!.at(-1)![side])}`,
    );
  }
}

async function showMemory(path: string, command: string): Promise<void> {
  const done = await transfer<Result>(ours("serve", path), ours(command, path));
  console.log(
    `${command}: ${done.result.value} in ${done.result.seconds.toFixed(1)} s`,
  );
  for (const side of ["server", "client"] as const) {
    const usage = done[side];
    console.log(
      `  ${side}: peak ${usage.peak.toFixed(0)} MB; over time ${
        showSamples(usage)
      }`,
    );
  }
}

// ---------------------------------------------------------------- against Python

async function tabulate(path: string): Promise<void> {
  const file = await Deno.readFile(path);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", file))
    .toHex();
  const sides = {
    "ours to ours": [ours("serve", path), ours],
    "ours to Python": [python("serve", path), ours],
    "Python to ours": [ours("serve", path), python],
    "Python to Python": [python("serve", path), python],
  } as const;
  console.log(
    "64 MiB                     seconds  client MB  server MB  SHA-256",
  );
  for (const [name, [server, client]] of Object.entries(sides)) {
    for (const command of ["putDigest", "getDigest"]) {
      const done = await transfer<Result>(server, client(command, path));
      const { result, client: one, server: other } = done;
      console.log(
        `${name.padEnd(17)}${command === "putDigest" ? "up  " : "down"}` +
          `${result.seconds.toFixed(2).padStart(13)}` +
          `${one.peak.toFixed(0).padStart(11)}${
            other.peak.toFixed(0).padStart(11)
          }  ${result.value === digest ? "the same" : "ANOTHER"}`,
      );
    }
  }
}

await withFile(bytes, async (path) => {
  await compare(path, bytes, "put", "rawPut");
  await compare(path, bytes, "get", "rawGet");
});
await withFile(SLOW_BYTES, async (path) => {
  for (
    const command of ["putSlowly", "putToSlow", "getSlowly", "getFromSlow"]
  ) await showMemory(path, command);
});
await showMemory(values.items, "items");
await withFile(PYTHON_BYTES, tabulate);
