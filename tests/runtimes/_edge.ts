// `examples/edge.ts` as it is deployed: by `deno serve`, by Bun, and by wrangler into
// workerd, where the output of its dry run is served.

import { Program } from "../support/program.ts";
import { createClient } from "../../mod.ts";
import type { EdgeMethods } from "../../examples/edge.ts";
import { assertEquals } from "./_assert.ts";
import { BUN, install, NODE, run, WORKERD, WRANGLER } from "./_install.ts";
import { type Verdict, verdictOn } from "./_site.ts";
import { configOf } from "./_workerd_config.ts";

const EDGE = new URL("../../examples/edge.ts", import.meta.url).pathname;

/** Calls the example where a program serves it. */
async function callOn(
  command: string,
  args: readonly string[],
  pattern: RegExp,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  await using program = new Program(command, args, { env });
  const [, port] = await program.waitFor(pattern);
  const { methods } = createClient<EdgeMethods>(`http://127.0.0.1:${port}/`);
  assertEquals(await methods.get_string("cloud"), "get string:cloud");
  assertEquals(await methods.add(8, 8), 16);
}

async function onDeno(): Promise<void> {
  const args = ["serve", "--host", "127.0.0.1", "--port", "0", EDGE];
  // It says where it listens on stderr: the shell makes one of both.
  const shell = ["-c", 'exec "$0" "$@" 2>&1', Deno.execPath(), ...args];
  await callOn("sh", shell, /http:\/\/127\.0\.0\.1:(\d+)\//, { NO_COLOR: "1" });
}

/** In a project that has the npm package, as a user's has. */
async function onBun(project: string): Promise<void> {
  await Deno.copyFile(EDGE, `${project}/edge.ts`);
  await callOn(
    await install(BUN),
    [`${project}/edge.ts`],
    /http:\/\/\S+:(\d+)/,
    { NO_COLOR: "1", PORT: "0", BUN_PORT: "0" },
  );
}

async function onWorkerd(project: string): Promise<void> {
  await Deno.copyFile(EDGE, `${project}/edge.ts`);
  const out = `${project}/deployed`;
  await run(await install(NODE[24]), [
    ...[await install(WRANGLER), "deploy", "edge.ts", "--dry-run"],
    ...["--outdir", out, "--name", "edge"],
    ...["--compatibility-date", "2026-10-01"],
  ], {
    cwd: project,
    env: {
      WRANGLER_SEND_METRICS: "false",
      CLOUDFLARE_CF_FETCH_ENABLED: "false",
      WRANGLER_LOG_PATH: `${project}/logs`,
      CI: "true",
    },
  });
  const config = `${project}/edge.capnp`;
  await Deno.writeTextFile(config, configOf([["edge.js", `${out}/edge.js`]]));
  await callOn(
    await install(WORKERD),
    ["serve", "--experimental", "-I/", "--control-fd=1", config],
    /"port":(\d+)/,
  );
}

/** Deploys the example in each way; the project has the npm package in it. */
export async function* edgeVerdicts(project: string): AsyncGenerator<Verdict> {
  yield await verdictOn("edge.ts under deno serve", onDeno);
  yield await verdictOn("edge.ts under bun", () => onBun(project));
  yield await verdictOn(
    "edge.ts through wrangler in workerd",
    () => onWorkerd(project),
  );
}
