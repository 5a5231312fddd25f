// The rows of the table: what the checks run on, and how they get there.

import { chromiumVerdicts, chromiumVersion } from "./_chromium_site.ts";
import { corpusModule } from "./_corpus.ts";
import { edgeVerdicts } from "./_edge.ts";
import {
  BUN,
  install,
  NODE,
  type Tool,
  WORKERD,
  WRANGLER,
} from "./_install.ts";
import { createProject } from "./_package.ts";
import { packageVerdicts } from "./_package_checks.ts";
import { verdictsOf } from "./_program_site.ts";
import type { Verdict } from "./_site.ts";
import { configOf, modulesOf } from "./_workerd_config.ts";

/** One line of the table. */
export interface Row {
  /** What one names it by. */
  readonly name: string;
  readonly title: string;
  readonly version: string;
  /** What docs/runtimes.md says for the version, where that is not pinned. */
  readonly anyVersion?: string;
  /** What runs there: our modules as they are, or the npm package. */
  readonly runs: string;
  readonly verdicts: () => AsyncIterable<Verdict>;
}

const HERE = new URL(".", import.meta.url);
const MODULES = "our `.ts` files";
const PACKAGE = "the npm package";

function here(name: string): string {
  return new URL(name, HERE).pathname;
}

/** All rows; what they need to have made is in a folder, or is put there. */
export async function rowsIn(folder: string): Promise<readonly Row[]> {
  let project: Promise<string> | undefined;
  const theProject = () => project ??= createProject(folder);
  let corpus: Promise<string> | undefined;
  const theCorpus = () => corpus ??= writeCorpus(folder);

  function program(
    name: string,
    title: string,
    tool: Tool,
    file: string,
  ): Row {
    return {
      name,
      title,
      version: tool.version,
      runs: MODULES,
      verdicts: async function* () {
        const module = new URL("_heavy.ts", HERE).href;
        const args = [here(file), `file://${await theCorpus()}`, module];
        yield* verdictsOf(await install(tool), args);
      },
    };
  }

  function fromPackage(major: 20 | 24): Row {
    const tool = NODE[major];
    return {
      name: `node${major}-npm`,
      title: "Node",
      version: tool.version,
      runs: PACKAGE,
      verdicts: async function* () {
        const at = await theProject();
        const args = [
          `${at}/site.js`,
          `file://${await theCorpus()}`,
          `file://${at}/heavy.js`,
        ];
        yield* verdictsOf(await install(tool), args);
      },
    };
  }

  return [
    {
      name: "deno",
      title: "Deno",
      version: Deno.version.deno,
      runs: MODULES,
      verdicts: async function* () {
        const args = [here("_deno.ts"), `file://${await theCorpus()}`];
        const module = new URL("_heavy.ts", HERE).href;
        const flags = ["run", "-A", "--no-check"];
        yield* verdictsOf(Deno.execPath(), [...flags, ...args, module]);
      },
    },
    program("node22", "Node", NODE[22], "_node.ts"),
    program("node24", "Node", NODE[24], "_node.ts"),
    program("node26", "Node", NODE[26], "_node.ts"),
    program("bun", "Bun", BUN, "_bun.ts"),
    {
      name: "workerd",
      title: "workerd",
      version: WORKERD.version,
      runs: MODULES,
      verdicts: async function* () {
        const config = await writeConfig(folder, await theCorpus());
        const args = ["serve", "--experimental", "-I/", "--control-fd=1"];
        const command = await install(WORKERD);
        yield* verdictsOf(command, [...args, config], {
          pattern: /"port":(\d+)/,
          cutsOff: "closes the connection if a call is not read to its end",
        });
      },
    },
    {
      name: "chromium",
      title: "Chromium",
      version: await chromiumVersion(),
      anyVersion: "Debian's",
      runs: MODULES,
      verdicts: async function* () {
        yield* chromiumVerdicts(await theCorpus());
      },
    },
    fromPackage(20),
    fromPackage(24),
    {
      name: "package",
      title: "TypeScript",
      version: "5.9, 7.0",
      runs: PACKAGE,
      verdicts: async function* () {
        yield* packageVerdicts(await theProject());
      },
    },
    {
      name: "edge",
      title: "wrangler",
      version: WRANGLER.version,
      runs: "`examples/edge.ts`",
      verdicts: async function* () {
        yield* edgeVerdicts(await theProject());
      },
    },
  ];
}

async function writeCorpus(folder: string): Promise<string> {
  const path = `${folder}/corpus.mjs`;
  await Deno.writeTextFile(path, await corpusModule());
  return path;
}

async function writeConfig(folder: string, corpus: string): Promise<string> {
  const entry = here("_workerd.ts");
  const modules = await modulesOf(entry);
  const isEntry = ([, path]: readonly [string, string]) => path === entry;
  const path = `${folder}/workerd.capnp`;
  await Deno.writeTextFile(
    path,
    configOf([
      ...modules.filter(isEntry),
      ...modules.filter((module) => !isEntry(module)),
      ["tests/runtimes/corpus.mjs", corpus],
    ]),
  );
  return path;
}
