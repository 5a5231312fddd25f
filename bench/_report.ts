// What a benchmark has found: printed as it comes, and kept for a program if it asks.
// deno-lint-ignore-file no-console

/** What a benchmark is told by its command line. */
export interface BenchArguments {
  /** How often everything is measured. */
  readonly rounds: number;
  /** Where the ratios go; undefined if nobody asked. */
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

/** The ratios of one benchmark, by name: the higher, the better. */
export class Report {
  readonly #ratios: Record<string, number> = {};

  /** Takes a ratio, and prints it beside what it should be at least. */
  add(name: string, ratio: number, details: string, target?: number): void {
    this.#ratios[name] = Number(ratio.toPrecision(3));
    const goal = target === undefined ? "" : ` (at least ${target})`;
    console.log(`${ratio.toFixed(2).padStart(8)}${goal}  ${name}: ${details}`);
  }

  /** Writes the ratios into a file, if one was asked for. */
  async write(file: string | undefined): Promise<void> {
    if (file === undefined) return;
    const text = JSON.stringify({ ratios: this.#ratios }, undefined, 2);
    await Deno.writeTextFile(file, `${text}\n`);
  }
}
