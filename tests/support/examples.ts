// Runs the examples as programs.

/** What a program has printed, and its exit code. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Creates a command that runs an example. */
export function createCommand(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Deno.Command {
  const file = new URL(`../../examples/${name}`, import.meta.url).pathname;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", file, ...args],
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Waits for the end of a program; gives what it has printed. */
export async function readOutput(
  output: Promise<Deno.CommandOutput>,
): Promise<Outcome> {
  const { code, stdout, stderr } = await output;
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

/** Runs an example to its end. */
export async function runExample(
  name: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  return await readOutput(createCommand(name, args, env).output());
}

/** Runs a server on a free port. Calls `use` with its first lines and its port. */
export async function withExample(
  name: string,
  use: (
    lines: string,
    port: string,
    process: Deno.ChildProcess,
  ) => Promise<void>,
  args: readonly string[] = [],
): Promise<void> {
  const local = ["--host", "127.0.0.1", "--port", "0"];
  const process = createCommand(name, [...local, ...args]).spawn();
  const reader = process.stdout.pipeThrough(new TextDecoderStream())
    .getReader();
  try {
    let lines = "";
    while (!/Call it: .*\n/.test(lines)) {
      const { done, value } = await reader.read();
      if (done) throw new Error(`${name} has ended after: ${lines}`);
      lines += value;
    }
    await use(lines, /:(\d+)\//.exec(lines)![1]!, process);
  } finally {
    await reader.cancel();
    try {
      process.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await process.stderr.cancel();
    await process.status;
  }
}
