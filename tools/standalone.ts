// Builds the library as single files, for those who copy instead of install:
//
//     deno task standalone [FOLDER]
//
// Writes xmlrpc.js, xmlrpc.min.js and xmlrpc.d.ts into the folder, `dist` by default. The
// same source makes the same bytes. Needs npm, the first time, and tar.

import { ESBUILD, install, run } from "../tests/runtimes/_install.ts";

const ROOT = new URL("../", import.meta.url).pathname;

/** The files, and what is in them. */
export type Standalone = Readonly<
  Record<"xmlrpc.js" | "xmlrpc.min.js" | "xmlrpc.d.ts", string>
>;

// ---------------------------------------------------------------- declarations

/** A statement that names another module, with the doc comment of its own module. */
const FROM_MODULE =
  /^(?:\/\*\*(?:(?!\*\/)[^])*\*\/ )?(?:import|export)(?: type)? (?:\*|\{[^}]*\}) from "([^"]+)";\n?/gm;

/** A declaration at the top of a module. */
const DECLARED =
  /^(?:export )?(?:declare )?(?:abstract )?(?:const|function|class|interface|type) (\w+)/gm;

/** A doc comment and the code behind it, on one line. */
const CODE_BEHIND_COMMENT = /^( *?)( \*\/|\/\*\* .*? \*\/) (?=\S)/gm;

/** Collects the declarations of a module, and of those that it names, dependencies first. */
async function collectDeclarations(
  path: string,
  found: Map<string, string>,
): Promise<void> {
  if (found.has(path)) return;
  found.set(path, "");
  const text = await Deno.readTextFile(path);
  for (const [, specifier] of text.matchAll(FROM_MODULE)) {
    const { pathname } = new URL(specifier!, `file://${path}`);
    await collectDeclarations(pathname.replace(/\.js$/, ".d.ts"), found);
  }
  // A Map keeps the order in which its keys come: this one comes now.
  found.delete(path);
  found.set(path, text.replace(FROM_MODULE, ""));
}

/** Puts the declarations of all modules into one. */
export function mergeDeclarations(modules: Iterable<string>): string {
  const texts = Array.from(modules, (module) => module.trim());
  const names = new Set<string>();
  for (const text of texts) {
    const left = /^(?:import .*|export .* from .*)$/m.exec(text);
    if (left !== null) throw new Error(`Cannot merge: ${left[0]}`);
    // Overloads declare a function several times in one module.
    const own = new Set(
      Array.from(text.matchAll(DECLARED), ([, name]) => name!),
    );
    for (const name of own) {
      if (names.has(name)) throw new Error(`Cannot merge: two of ${name}`);
      names.add(name);
    }
  }
  const merged = texts.filter((text) => text !== "").join("\n\n");
  return `${merged.replace(CODE_BEHIND_COMMENT, "$1$2\n$1")}\n`;
}

/** Builds the declarations from those of the npm package. */
async function buildDeclarations(): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const tarball = `${folder}/xmlrpc.tgz`;
    const flags = ["--allow-dirty", "--quiet", "--no-source-maps"];
    await run(Deno.execPath(), ["pack", ...flags, "-o", tarball], {
      cwd: ROOT,
    });
    await run("tar", ["-xzf", tarball, "-C", folder]);
    const found = new Map<string, string>();
    await collectDeclarations(`${folder}/package/mod.d.ts`, found);
    return mergeDeclarations(found.values());
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

// ---------------------------------------------------------------- files

/** Bundles `mod.ts` and all that it imports into one ES module. */
async function bundle(...flags: readonly string[]): Promise<string> {
  return await run(
    await install(ESBUILD),
    ["mod.ts", "--bundle", "--format=esm", "--log-level=error", ...flags],
    // The bundle names modules by their paths from here.
    { cwd: ROOT },
  );
}

/** The comment at the top of each file: what it is, where it is from, its licence. */
async function buildHead(): Promise<string> {
  const config = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  const { name, version, license } = config;
  const licence = await Deno.readTextFile(`${ROOT}LICENSE`);
  const lines = [
    `${name} ${version}, licence ${license}`,
    `Source: https://jsr.io/${name}@${version}`,
    "",
    "The server, the client and the codec in one ES module. Threads are not in it: a worker",
    `needs a file of its own. They are in the package, as ${name}/threads.`,
    "",
    ...licence.trim().split("\n"),
  ];
  const text = lines.map((line) => ` * ${line}`.trimEnd()).join("\n");
  return `/*!\n${text}\n */\n`;
}

/** Builds all files. */
export async function buildStandalone(): Promise<Standalone> {
  const head = await buildHead();
  const types = '// @ts-self-types="./xmlrpc.d.ts"\n';
  return {
    "xmlrpc.js": `${types}${head}\n${await bundle()}`,
    "xmlrpc.min.js": `${types}${head}${await bundle("--minify")}`,
    "xmlrpc.d.ts": `${head}\n${await buildDeclarations()}`,
  };
}

/** Builds all files into a folder. */
export async function writeStandalone(folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(await buildStandalone())) {
    await Deno.writeTextFile(`${folder}/${name}`, text);
  }
}

if (import.meta.main) await writeStandalone(Deno.args[0] ?? `${ROOT}dist`);
