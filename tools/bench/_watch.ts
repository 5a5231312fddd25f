// Programs whose memory and time are watched, as the operating system counts them.

import { Program } from "../../tests/support/program.ts";
import { readCpu } from "./_cpu.ts";

const SAMPLE_MS = 50;

/** What a program has used. */
export interface Usage {
  /** The most memory it had at once, in MB. */
  readonly peak: number;
  /** Its memory over time, in MB. */
  readonly samples: readonly number[];
  /** The processor's time, in seconds. */
  readonly cpu: number;
}

async function readMegabytes(pid: number, field: string): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const [, kilobytes] = new RegExp(`^${field}:\\s*(\\d+) kB`, "m").exec(
    status,
  )!;
  return Number(kilobytes) * 1024 / 1e6;
}

/** Watches a program until `stop` is called. */
export class Watch {
  readonly #pid: number;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #samples: number[] = [];

  constructor(pid: number) {
    this.#pid = pid;
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
  }

  #sample(): void {
    readMegabytes(this.#pid, "VmRSS").then(
      (megabytes) => this.#samples.push(megabytes),
      // It has ended.
      () => {},
    );
  }

  /** What it has used; the program must still be there. */
  async stop(): Promise<Usage> {
    clearInterval(this.#timer);
    return {
      peak: await readMegabytes(this.#pid, "VmHWM"),
      samples: this.#samples,
      cpu: await readCpu(this.#pid),
    };
  }
}

/** What came of one transfer: what the client printed, and what it took. */
export interface Transfer<T> {
  readonly result: T;
  readonly client: Usage;
  readonly server: Usage;
}

/** A program, and its arguments. */
export type CommandLine = readonly [command: string, ...args: string[]];

/**
 * Starts a server, which prints its port, and then a client, which gets its URL as last
 * argument, prints its result as a line of JSON, and waits to be ended.
 */
export async function transfer<T>(
  [server, ...serverArgs]: CommandLine,
  [client, ...clientArgs]: CommandLine,
): Promise<Transfer<T>> {
  await using serving = new Program(server, serverArgs);
  const [, port] = await serving.waitFor(/^(\d+)\n/);
  const url = `http://127.0.0.1:${port}/`;
  await using calling = new Program(client, [...clientArgs, url]);
  const watches = [new Watch(calling.pid), new Watch(serving.pid)];
  try {
    const [line] = await calling.waitFor(/^\{.*\}\n/);
    const [clientUsage, serverUsage] = await Promise.all(
      watches.map((watch) => watch.stop()),
    );
    return {
      result: JSON.parse(line) as T,
      client: clientUsage!,
      server: serverUsage!,
    };
  } catch (error) {
    await Promise.allSettled(watches.map((watch) => watch.stop()));
    throw error;
  }
}

/** Some of the samples, evenly spaced. */
export function showSamples({ samples }: Usage, count = 12): string {
  const step = Math.max(1, samples.length / count);
  const shown: string[] = [];
  for (let at = 0; at < samples.length; at += step) {
    shown.push(samples[Math.floor(at)]!.toFixed(0));
  }
  return shown.join(" ");
}
