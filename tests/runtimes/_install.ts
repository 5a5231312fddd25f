// Runtimes and tools from npm, in a folder of the user's cache: pinned, once for all runs.

const { os, arch } = Deno.build;
const PLATFORM = `${os}-${arch === "aarch64" ? "arm64" : "x64"}`;

/** What is installed: a package, or a name for one, and what of it is wanted. */
export interface Tool {
  readonly name: string;
  readonly version: string;
  /** The packages, as `npm install` takes them. */
  readonly packages: readonly string[];
  /** The file in `node_modules`. */
  readonly file: string;
}

// The packages with the programs themselves: their friendlier ones have install scripts,
// which npm no longer runs unasked.
function nodeTool(version: string): Tool {
  const name = `node-${PLATFORM}`;
  return {
    name: "node",
    version,
    packages: [`${name}@${version}`],
    file: `${name}/bin/node`,
  };
}

/** Node, by major version. */
export const NODE = {
  20: nodeTool("20.20.2"),
  22: nodeTool("22.23.3"),
  24: nodeTool("24.21.0"),
  26: nodeTool("26.10.0"),
};

/** Bun. */
export const BUN: Tool = {
  name: "bun",
  version: "1.4.5",
  packages: [`@oven/bun-${PLATFORM}@1.4.5`],
  file: `@oven/bun-${PLATFORM}/bin/bun`,
};

const WORKERD_PLATFORM = PLATFORM.replace("x64", "64");
/** Cloudflare's runtime. */
export const WORKERD: Tool = {
  name: "workerd",
  version: "1.20261117.1",
  packages: [`@cloudflare/workerd-${WORKERD_PLATFORM}@1.20261117.1`],
  file: `@cloudflare/workerd-${WORKERD_PLATFORM}/bin/workerd`,
};

/** What deploys to that. */
export const WRANGLER: Tool = {
  name: "wrangler",
  version: "4.164.0",
  packages: ["wrangler@4.164.0"],
  file: "wrangler/bin/wrangler.js",
};

/** Those of TypeScript's compilers that a package must satisfy. */
export const TYPESCRIPT: readonly Tool[] = ["5.9.3", "7.0.2"].map((
  version,
) => ({
  name: "typescript",
  version,
  packages: [`typescript@${version}`],
  file: "typescript/bin/tsc",
}));

/** What makes files small. */
export const ESBUILD: Tool = {
  name: "esbuild",
  version: "0.28.2",
  packages: ["esbuild@0.28.2"],
  file: `@esbuild/${PLATFORM}/bin/esbuild`,
};

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

/** Runs a program to its end; gives what it printed, or throws with all of it. */
export async function run(
  command: string,
  args: readonly string[],
  options: Omit<Deno.CommandOptions, "args"> = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    stdin: "null",
    ...options,
    args: [...args],
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) =>
    new TextDecoder().decode(bytes)
  );
  if (success) return out!;
  throw new Error(`${command} ${args.join(" ")} failed:\n${out}${err}`);
}

/** Installs packages from npm into a folder. */
export async function npmInstall(
  folder: string,
  packages: readonly string[],
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(
    `${folder}/package.json`,
    '{ "private": true, "type": "module" }\n',
  );
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  await run("npm", ["install", ...quiet, "--prefix", folder, ...packages]);
}

/** The path of a tool's file, which is installed if it is not there. */
export async function install(tool: Tool): Promise<string> {
  const { name, version, packages, file } = tool;
  const cache = Deno.env.get("XDG_CACHE_HOME") ??
    `${Deno.env.get("HOME")}/.cache`;
  const folder = `${cache}/xmlrpc-runtimes/${name}-${version}`;
  const path = `${folder}/node_modules/${file}`;
  if (!await isFile(path)) await npmInstall(folder, packages);
  return path;
}
