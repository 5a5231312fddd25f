// Runs the command line in the terminal of this process.

import { run } from "./run.ts";
import type { Terminal } from "./terminal.ts";

/** Writes a whole line. A pipe may accept only a part of it at once. */
function writeLine(
  to: { writeSync(bytes: Uint8Array): number },
  line: string,
): void {
  let rest = new TextEncoder().encode(`${line}\n`);
  while (rest.length > 0) rest = rest.subarray(to.writeSync(rest));
}

/** The terminal in which the program was started. */
function createTerminal(signal: AbortSignal): Terminal {
  return {
    print: (line) => writeLine(Deno.stdout, line),
    tell: (line) => writeLine(Deno.stderr, line),
    write: (bytes) => bytes.pipeTo(Deno.stdout.writable),
    input: () => Deno.stdin.readable,
    env: (name) => Deno.env.get(name),
    hasColors: Deno.stdout.isTerminal() && !Deno.noColor,
    signal,
  };
}

/**
 * Runs a command of the command line in this process. It prints results to standard output
 * and errors to standard error.
 *
 * @param args The command and its arguments: `["list", "http://localhost:8888/"]`.
 * @returns The exit code: 0 success, 1 a fault or an invalid document, 2 wrong usage,
 * 3 no response, 130 stopped.
 */
export async function main(args: readonly string[]): Promise<number> {
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  const signals = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"] as const
    : ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) Deno.addSignalListener(signal, stop);
  try {
    return await run(args, createTerminal(stopped.signal));
  } finally {
    for (const signal of signals) Deno.removeSignalListener(signal, stop);
  }
}
