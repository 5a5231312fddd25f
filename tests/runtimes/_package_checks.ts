// What must hold of the npm package beside the checks that run on it.

import { assert, assertEquals } from "./_assert.ts";
import { install, run, type Tool, TYPESCRIPT } from "./_install.ts";
import { type Verdict, verdictOn } from "./_site.ts";

/** What the package is to export. */
const ENTRIES = [".", "./cli", "./client", "./codec", "./server", "./threads"];

async function exportsAll(folder: string): Promise<void> {
  const root = `${folder}/node_modules/@xmlrpc/xmlrpc`;
  const text = await Deno.readTextFile(`${root}/package.json`);
  const { exports, type, dependencies } = JSON.parse(text);
  assertEquals(Object.keys(exports), ENTRIES);
  assertEquals([type, dependencies], ["module", undefined]);
  for (const entry of ENTRIES) {
    for (const path of Object.values(exports[entry]) as string[]) {
      assert((await Deno.stat(`${root}/${path}`)).isFile, path);
    }
  }
}

/** The files in a folder and in all folders below it, as paths. */
async function* filesBelow(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* filesBelow(path);
    else yield path;
  }
}

/**
 * No module may have stayed TypeScript: no runtime strips types in node_modules. Examples
 * may: they are there to be copied.
 */
async function isJavaScript(folder: string): Promise<void> {
  const root = `${folder}/node_modules/@xmlrpc/xmlrpc`;
  for await (const path of filesBelow(root)) {
    const isExample = path.startsWith(`${root}/examples/`);
    assert(isExample || !/(?<!\.d)\.ts$/.test(path), `${path} is TypeScript`);
  }
}

async function typeChecks(folder: string, tool: Tool): Promise<void> {
  const program = new URL("_typed_program.ts", import.meta.url);
  await Deno.copyFile(program, `${folder}/program.ts`);
  const tsc = await install(tool);
  const flags = [
    ...["--noEmit", "--strict", "--exactOptionalPropertyTypes"],
    ...["--module", "nodenext", "--target", "es2024", "--types", "node"],
  ];
  const lib = ["--lib", "esnext,dom,dom.iterable,dom.asynciterable"];
  await run("node", [tsc, ...flags, ...lib, "program.ts"], { cwd: folder });
  // As it is copied into a project that says nothing of libraries.
  const adapter = new URL("../../examples/node_server.ts", import.meta.url);
  await Deno.copyFile(adapter, `${folder}/adapter.ts`);
  await run("node", [tsc, ...flags, "adapter.ts"], { cwd: folder });
}

/** Looks at a project with the package in it. */
export async function* packageVerdicts(
  folder: string,
): AsyncGenerator<Verdict> {
  yield await verdictOn("exports: all, with types", () => exportsAll(folder));
  yield await verdictOn("all of it is JavaScript", () => isJavaScript(folder));
  for (const tool of TYPESCRIPT) {
    yield await verdictOn(
      `types: TypeScript ${tool.version}`,
      () => typeChecks(folder, tool),
    );
  }
}
