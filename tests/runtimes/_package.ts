// The npm package that `deno pack` makes, installed in a project of its own, with the
// checks beside it: all that is not the library is bundled there.

import { ESBUILD, install, npmInstall, run } from "./_install.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** What the checks import of the library, and what that is called in the package. */
const ENTRIES = ["client", "codec", "server", "threads"];

/** Makes the tarball; gives its path. */
export async function pack(folder: string): Promise<string> {
  const path = `${folder}/xmlrpc.tgz`;
  await run(
    Deno.execPath(),
    ["pack", "--allow-dirty", "--quiet", "-o", path],
    { cwd: ROOT },
  );
  return path;
}

/** Bundles a file of this folder without the library. */
async function bundle(file: string, target: string): Promise<void> {
  const external = ["mod", ...ENTRIES].map((name) =>
    `--external:../../${name}.ts`
  );
  const text = await run(await install(ESBUILD), [
    `${ROOT}tests/runtimes/${file}`,
    "--bundle",
    "--format=esm",
    "--platform=node",
    "--log-level=error",
    ...external,
  ]);
  const renamed = text.replace(
    /"\.\.\/\.\.\/(mod|client|codec|server|threads)\.ts"/g,
    (_, name) => `"@xmlrpc/xmlrpc${name === "mod" ? "" : `/${name}`}"`,
  );
  await Deno.writeTextFile(target, renamed);
}

/** A project with the package in it, and the checks as JavaScript. */
export async function createProject(folder: string): Promise<string> {
  const project = `${folder}/project`;
  await npmInstall(project, [await pack(folder), "@types/node@24"]);
  await bundle("_node.ts", `${project}/site.js`);
  await bundle("_heavy.ts", `${project}/heavy.js`);
  return project;
}
