// Servers and encoders of others, built from source where they are installed.

import { isInstalled, run } from "../../tests/support/program.ts";

/** A server of somebody else, which prints its port. */
export interface Peer {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** How many times as fast ours should be. */
  readonly target: number;
}

function here(path: string): string {
  return new URL(`peers/${path}`, import.meta.url).pathname;
}

/** Builds a program of xmlrpc-c's; undefined where that cannot be done. */
async function buildC(
  name: string,
  folder: string,
  ...features: string[]
): Promise<string | undefined> {
  for (const command of ["cc", "xmlrpc-c-config"]) {
    if (!await isInstalled(command)) return undefined;
  }
  const flags = await run("xmlrpc-c-config", ...features, "--libs");
  const program = `${folder}/${name}`;
  const source = here(`${name}.c`);
  await run("cc", "-O2", source, "-o", program, ...flags.trim().split(/\s+/));
  return program;
}

/** The path of a program that times xmlrpc-c's encoder; undefined where it is not. */
export function buildEncoder(folder: string): Promise<string | undefined> {
  return buildC("encode", folder);
}

async function pythonServer(): Promise<Peer | undefined> {
  if (!await isInstalled("python3")) return undefined;
  return {
    name: "Python's, threaded",
    command: "python3",
    args: [here("server.py")],
    target: 9,
  };
}

async function abyssServer(folder: string): Promise<Peer | undefined> {
  const command = await buildC("server", folder, "abyss-server");
  if (command === undefined) return undefined;
  return { name: "xmlrpc-c's Abyss", command, args: [], target: 6 };
}

/** Where Debian puts packages of Go. */
const GO_PATH = "/usr/share/gocode";

async function goServer(folder: string): Promise<Peer | undefined> {
  const source = `${GO_PATH}/src/github.com/kolo/xmlrpc/client.go`;
  const isThere = await Deno.stat(source).then(() => true, () => false);
  if (!isThere || !await isInstalled("go")) return undefined;
  const command = `${folder}/go_server`;
  const { success } = await new Deno.Command("go", {
    args: ["build", "-o", command, here("server.go")],
    env: { GO111MODULE: "off", GOPATH: GO_PATH, GOCACHE: `${folder}/go` },
  }).output();
  if (!success) throw new Error("Go cannot build server.go");
  return { name: "Go with kolo's codec", command, args: [], target: 2 };
}

/** Installs npm's xmlrpc in a folder; says why if that cannot be done. */
export async function installNpm(
  folder: string,
): Promise<string | undefined> {
  try {
    const { success, stderr } = await new Deno.Command("npm", {
      args: ["install", "--no-audit", "--no-fund", "xmlrpc@1.3.2"],
      cwd: folder,
    }).output();
    if (success) return undefined;
    return new TextDecoder().decode(stderr).split("\n")[0];
  } catch (error) {
    return (error as Error).message;
  }
}

/** The servers that are installed here; what must be built is built in `folder`. */
export async function installedPeers(folder: string): Promise<Peer[]> {
  const peers = await Promise.all([
    pythonServer(),
    abyssServer(folder),
    goServer(folder),
  ]);
  return peers.filter((peer) => peer !== undefined);
}
