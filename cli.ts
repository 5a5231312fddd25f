/**
 * The command line: calls XML-RPC servers, looks at them, and is one.
 *
 * ```sh
 * deno run -A jsr:@xmlrpc/xmlrpc/cli call http://localhost:8888/ get_string cloud
 * deno run -A jsr:@xmlrpc/xmlrpc/cli --help
 * ```
 *
 * For Deno only; the library itself runs everywhere.
 *
 * @module
 */

import { run } from "./cli/run.ts";
import type { Terminal } from "./cli/terminal.ts";

/** Writes all of a line: a pipe may take but part of it at once. */
function writeLine(
  to: { writeSync(bytes: Uint8Array): number },
  line: string,
): void {
  let rest = new TextEncoder().encode(`${line}\n`);
  while (rest.length > 0) rest = rest.subarray(to.writeSync(rest));
}

/** The terminal that the program has been started in. */
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
 * Runs a command of the command line in this process: what it prints goes to standard
 * output, what is wrong to standard error.
 *
 * @param args The command and what follows it: `["list", "http://localhost:8888/"]`.
 * @returns The code to end with: 0 fine, 1 a fault or a wrong document, 2 wrong usage,
 * 3 no answer, 130 stopped.
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

if (import.meta.main) Deno.exit(await main(Deno.args));
