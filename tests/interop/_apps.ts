// What the tests of whole programs share: folders, ports, and how one sees that a
// program is there.

import { dirname } from "node:path";
import { Program, testWith } from "../support/program.ts";

/** A folder that goes when it is disposed of. */
export class Folder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<Folder> {
    return new Folder(await Deno.makeTempDir());
  }

  /** Makes folders in it. */
  async add(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      await Deno.mkdir(`${this.path}/${name}`, { recursive: true });
    }
  }

  /** Writes a file in it; gives its path. */
  async write(name: string, text: string): Promise<string> {
    const path = `${this.path}/${name}`;
    await Deno.writeTextFile(path, text);
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** A port of 127.0.0.1 without a listener. */
export function findPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Starts a program; what it prints as errors is read, too. */
export function start(command: string, ...args: readonly string[]): Program {
  return new Program("sh", ["-c", 'exec "$0" "$@" 2>&1', command, ...args]);
}

/** Starts an nginx with some blocks `server`; one process, so that nothing is left behind. */
export async function startNginx(
  folder: string,
  servers: string,
): Promise<Program> {
  const kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  await Deno.writeTextFile(
    `${folder}/nginx.conf`,
    `daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr notice;
events {}
http {
  access_log off;
${
      kinds.map((kind) => `  ${kind}_temp_path ${folder}/${kind};\n`).join("")
    }${servers}
}
`,
  );
  const configuration = ["-c", `${folder}/nginx.conf`, "-e", "stderr"];
  const nginx = start("nginx", "-p", folder, ...configuration);
  await nginx.waitFor(/getrlimit/);
  return nginx;
}

/** Waits until something comes of a look at a file, whose folder is there. */
export async function seen<T>(
  path: string,
  look: (path: string) => Promise<T | null | undefined>,
): Promise<T> {
  using watcher = Deno.watchFs(dirname(path));
  const quiet = (error: unknown) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return undefined;
  };
  const first = await look(path).catch(quiet);
  if (first) return first;
  for await (const _ of watcher) {
    const found = await look(path).catch(quiet);
    if (found) return found;
  }
  throw new Error(`Nobody watches ${path} any more`);
}

/** How often one may look before what is to come has not come. */
const MOST_LOOKS = 2000;

/** Asks again after each answer, until the answer is as expected. */
export async function until<T>(
  ask: () => Promise<T>,
  isSo: (answer: T) => boolean,
): Promise<T> {
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const answer = await ask();
    if (isSo(answer)) return answer;
  }
  throw new Error(`It has not come to it in ${MOST_LOOKS} answers`);
}

/** A torrent file of one file of five bytes, without a seeder. */
export function torrentOf(name: string): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const { length } = encoder.encode(name);
  return encoder.encode(
    `d4:infod6:lengthi5e4:name${length}:${name}12:piece lengthi16384e` +
      `6:pieces20:${"x".repeat(20)}ee`,
  );
}

/** What is to hold of a program, of which one serves all steps. */
export class Steps<App> {
  readonly #steps: (readonly [string, (app: App) => Promise<void>])[] = [];

  /** Adds one. */
  step(name: string, check: (app: App) => Promise<void>): void {
    this.#steps.push([name, check]);
  }

  /** Registers a test of them all; `serve` runs the program while `use` does. */
  async register(
    command: string,
    debianPackage: string,
    name: string,
    serve: (use: (app: App) => Promise<void>) => Promise<void>,
  ): Promise<void> {
    await testWith(command, debianPackage, name, async (context) => {
      await serve(async (app) => {
        for (const [step, check] of this.#steps) {
          await context.step(step, () => check(app));
        }
      });
    });
  }
}

/** What a recipe does that is run as a program. */
export interface RecipeRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a recipe of `examples/recipes/` to its end. */
export async function runRecipe(
  name: string,
  ...args: readonly string[]
): Promise<RecipeRun> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      new URL(`../../examples/recipes/${name}`, import.meta.url).pathname,
      ...args,
    ],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}
