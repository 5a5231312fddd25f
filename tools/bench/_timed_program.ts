// Programs of others that time themselves: a line in, the milliseconds of one run out.

/** A program in a process of its own, which stays. */
export class TimedProgram implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #answers: ReadableStreamDefaultReader<string>;
  readonly #requests: WritableStreamDefaultWriter<Uint8Array>;

  constructor(command: string, args: readonly string[]) {
    this.#process = new Deno.Command(command, {
      args: [...args],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#answers = this.#process.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    this.#requests = this.#process.stdin.getWriter();
  }

  /** Lets it run once; gives the milliseconds. */
  async time(): Promise<number> {
    await this.#requests.write(new TextEncoder().encode("\n"));
    let line = "";
    while (!line.endsWith("\n")) {
      const { value } = await this.#answers.read();
      if (value === undefined) throw new Error("The program has ended");
      line += value;
    }
    return Number(line);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#requests.close();
    await this.#answers.cancel();
    await this.#process.status;
  }
}
