// A server as a process of its own, watched from outside. Linux only.

/** More memory than this, and a server is ended: the machine has to live on. */
const CEILING = 2e9;
const SAMPLE_MS = 25;
const PAGE_BYTES = 4096;
/** In /proc, times are in hundredths of a second. */
const TICKS = 100;

/** The command line of a server that prints its port. */
export type CommandLine = readonly [command: string, ...args: string[]];

/** How a server came to its end. */
export type End = "crashed" | "ended beyond 2 GB";

/** A server that is attacked. */
export class Victim implements AsyncDisposable {
  readonly port: number;
  readonly #process: Deno.ChildProcess;
  readonly #output: ReadableStreamDefaultReader<string>;
  readonly #timer: ReturnType<typeof setInterval>;
  #peak = 0;
  #end: End | undefined;

  private constructor(
    process: Deno.ChildProcess,
    output: ReadableStreamDefaultReader<string>,
    port: number,
  ) {
    this.port = port;
    this.#process = process;
    this.#output = output;
    process.status.then(() => this.#end ??= "crashed");
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
  }

  /** Starts a server; it is there as soon as it has printed its port. */
  static async start([command, ...args]: CommandLine): Promise<Victim> {
    const process = new Deno.Command(command, {
      args,
      stdin: "null",
      stdout: "piped",
      // Their logs of attacks are not needed.
      stderr: "null",
    }).spawn();
    const output = process.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    const { value = "" } = await output.read();
    return new Victim(process, output, Number.parseInt(value, 10));
  }

  /** What the operating system knows it by. */
  get pid(): number {
    return this.#process.pid;
  }

  /** How it has ended; undefined if it has not. */
  get end(): End | undefined {
    return this.#end;
  }

  /** The most memory it was seen to have, in bytes. */
  get peak(): number {
    return this.#peak;
  }

  /** Its memory, in bytes; 0 if it has ended, or that is not to be known. */
  memory(): number {
    try {
      const statm = Deno.readTextFileSync(`/proc/${this.pid}/statm`);
      return Number(statm.split(" ")[1]) * PAGE_BYTES;
    } catch {
      return 0;
    }
  }

  /** The processor's time it has used, in seconds; 0 if that is not to be known. */
  cpu(): number {
    try {
      const stat = Deno.readTextFileSync(`/proc/${this.pid}/stat`);
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return (Number(fields[11]) + Number(fields[12])) / TICKS;
    } catch {
      return 0;
    }
  }

  /** How many files and sockets it has open; 0 if that is not to be known. */
  handles(): number {
    try {
      return [...Deno.readDirSync(`/proc/${this.pid}/fd`)].length;
    } catch {
      return 0;
    }
  }

  #sample(): void {
    const memory = this.memory();
    this.#peak = Math.max(this.#peak, memory);
    if (memory > CEILING && this.#end === undefined) {
      this.#end = "ended beyond 2 GB";
      this.#process.kill("SIGKILL");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    if (this.#end === undefined) this.#process.kill("SIGKILL");
    await this.#output.cancel();
    await this.#process.status;
  }
}

/** The path of a file in this folder. */
export function here(name: string): string {
  return new URL(name, import.meta.url).pathname;
}
