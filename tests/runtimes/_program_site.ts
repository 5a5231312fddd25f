// A site that runs as a program: its checks, asked for one by one.

import { Program } from "../support/program.ts";
import { Unsupported } from "./_check.ts";
import { refusalChecks } from "./_refusal_checks.ts";
import { type Verdict, verdictOn } from "./_site.ts";

/** How long a check may take: machines are slow, and all the corpus is long. */
const PATIENCE_MS = 120_000;

async function ask<T>(url: string): Promise<T> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  return await (await fetch(url, { signal })).json();
}

/** Runs a check of a site. */
async function verdictAt(url: string, name: string): Promise<Verdict> {
  try {
    return await ask(`${url}/checks/${encodeURIComponent(name)}`);
  } catch (error) {
    return { name, outcome: "failed", why: String(error) };
  }
}

/** How a program differs. */
export interface SiteOptions {
  /** What it prints when it listens; the first group is its port. */
  readonly pattern?: RegExp;
  /** Why it cannot let callers finish whom the server has refused. */
  readonly cutsOff?: string;
}

/** Runs all checks of a program. */
export async function* verdictsOf(
  command: string,
  args: readonly string[],
  { pattern = /^Listening on (\d+)$/m, cutsOff }: SiteOptions = {},
): AsyncGenerator<Verdict> {
  await using program = new Program(command, args);
  const [, port] = await program.waitFor(pattern);
  const url = `http://127.0.0.1:${port}`;
  for (const name of await ask<string[]>(`${url}/checks`)) {
    yield await verdictAt(url, name);
  }
  for (const { name, run } of refusalChecks) {
    yield await verdictOn(name, async () => {
      if (cutsOff !== undefined) throw new Unsupported(cutsOff);
      await run(Number(port));
    });
  }
}
