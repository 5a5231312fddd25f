// What a benchmark has found: printed as it comes, and kept for a program if it asks.
// deno-lint-ignore-file no-console

/** What a benchmark is told by its command line. */
export interface BenchArguments {
  /** How often everything is measured. */
  readonly rounds: number;
  /** Where the findings go; undefined if nobody asked. */
  readonly json: string | undefined;
  /** Whether only what the guard looks at is measured. */
  readonly isShort: boolean;
}

/** Reads `[ROUNDS] [--json FILE] [--short]`. */
export function benchArguments(rounds: number): BenchArguments {
  const rest = [...Deno.args];
  const at = rest.indexOf("--json");
  const json = at < 0 ? undefined : rest.splice(at, 2)[1];
  const isShort = rest.includes("--short");
  const [given] = rest.filter((argument) => argument !== "--short");
  return { rounds: Number(given ?? rounds), json, isShort };
}

/** What a benchmark has found, as it stands in its file. */
export interface Findings {
  /** The ratios by name, `WHAT against WHAT`: the higher, the better. */
  readonly ratios: Record<string, number>;
  /** What they are made of, by the same names: `ours 5 ms; others 10 ms`. */
  readonly details: Record<string, string>;
}

/** The ratios of one benchmark. */
export class Report {
  readonly #findings: Findings = { ratios: {}, details: {} };

  /** Takes a ratio, and prints it beside what it should be at least. */
  add(name: string, ratio: number, details: string, target?: number): void {
    this.#findings.ratios[name] = Number(ratio.toPrecision(3));
    this.#findings.details[name] = details;
    const goal = target === undefined ? "" : ` (at least ${target})`;
    console.log(`${ratio.toFixed(2).padStart(8)}${goal}  ${name}: ${details}`);
  }

  /** Writes it all into a file, if one was asked for. */
  async write(file: string | undefined): Promise<void> {
    if (file === undefined) return;
    const text = JSON.stringify(this.#findings, undefined, 2);
    await Deno.writeTextFile(file, `${text}\n`);
  }
}

/** Runs a benchmark of this folder with these arguments; gives what it finds. */
export async function findingsOf(
  benchmark: string,
  ...args: string[]
): Promise<Findings> {
  const file = await Deno.makeTempFile({ suffix: ".json" });
  try {
    const path = new URL(benchmark, import.meta.url).pathname;
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", path, ...args, "--json", file],
      stdout: "inherit",
      stderr: "inherit",
    }).output();
    if (!success) throw new Error(`${benchmark} has failed`);
    return JSON.parse(await Deno.readTextFile(file));
  } finally {
    await Deno.remove(file);
  }
}
