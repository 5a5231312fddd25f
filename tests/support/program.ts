// Programs of others, run for a test.

import { assertEquals } from "@std/assert";

/** Whether there is a program of that name. */
export async function isInstalled(command: string): Promise<boolean> {
  const { success } = await new Deno.Command("which", { args: [command] })
    .output();
  return success;
}

/** Registers a test that needs a program; says so where it is not there. */
export async function testWith(
  command: string,
  debianPackage: string,
  name: string,
  test: (context: Deno.TestContext) => Promise<void>,
): Promise<void> {
  const ignore = !await isInstalled(command);
  const reason = ignore ? ` (no ${command}: install ${debianPackage})` : "";
  Deno.test({ name: `${name}${reason}`, ignore, fn: test });
}

/** Runs a program to its end; gives what it printed. */
export async function run(command: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args,
    stdin: "null",
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** A program that serves until it is disposed of. */
export class Program implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  /** Reads on demand and not ahead, which would count as a leak of the test. */
  readonly #output: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = "";

  constructor(
    command: string,
    args: readonly string[],
    { env = {}, stderr = "inherit" }: Pick<
      Deno.CommandOptions,
      "env" | "stderr"
    > = {},
  ) {
    this.#process = new Deno.Command(command, {
      args: [...args],
      env,
      stdin: "null",
      stdout: "piped",
      stderr,
    }).spawn();
    this.#output = this.#process.stdout.getReader();
  }

  /** What the operating system knows it by. */
  get pid(): number {
    return this.#process.pid;
  }

  /** What the program prints, up to a match. */
  async waitFor(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#text);
      if (match !== null) return match;
      const { done, value } = await this.#output.read();
      if (done) throw new Error(`The program has ended after: ${this.#text}`);
      this.#text += this.#decoder.decode(value, { stream: true });
    }
  }

  /** Tells the program to end, as a process manager does. */
  stop(): void {
    this.#process.kill("SIGTERM");
  }

  /** Waits for the program's end, whatever it still prints; gives its exit code. */
  async ended(): Promise<number> {
    while (!(await this.#output.read()).done);
    const { code } = await this.#process.status;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await this.#output.cancel();
    await this.#process.status;
  }
}
