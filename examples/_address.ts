// Where the examples listen and call: `--host` and `--port`, or the environment's
// HOST and PORT, or localhost:8888.
// deno-lint-ignore-file no-console

import { parseArgs } from "node:util";

/** Where a server is. */
export interface Address {
  readonly hostname: string;
  readonly port: number;
}

/** Prints one line and ends the program. */
export function giveUp(message: string): never {
  console.error(message);
  Deno.exit(1);
}

function parseFlags(
  names: readonly string[],
): Record<string, string | undefined> {
  const options = Object.fromEntries(
    names.map((name) => [name, { type: "string" } as const]),
  );
  const usage = `Flags: ${names.map((name) => `--${name} …`).join(" ")}`;
  if (Deno.args.includes("--help")) {
    console.log(usage);
    Deno.exit(0);
  }
  try {
    return parseArgs({ args: Deno.args, options }).values;
  } catch (error) {
    giveUp(`${(error as Error).message}. ${usage}`);
  }
}

/** The command line's flags: `--host` and `--port`, and those named. */
export function readFlags(
  ...more: string[]
): {
  readonly address: Address;
  readonly flags: Record<string, string | undefined>;
} {
  const flags = parseFlags(["host", "port", ...more]);
  const hostname = flags.host ?? Deno.env.get("HOST") ?? "localhost";
  const text = flags.port ?? Deno.env.get("PORT") ?? "8888";
  if (!/^\d+$/.test(text) || Number(text) > 65_535) {
    giveUp(`The port must be a number from 0 to 65535: ${text}`);
  }
  return { address: { hostname, port: Number(text) }, flags };
}

function urlOf({ hostname, port }: Address): string {
  return `http://${
    hostname.includes(":") ? `[${hostname}]` : hostname
  }:${port}/`;
}

/** Runs a client against the server at an address; what goes wrong is one line. */
export async function callAt<T>(
  address: Address,
  run: (url: string) => Promise<T>,
): Promise<T> {
  const url = urlOf(address);
  try {
    return await run(url);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) giveUp(error.message);
    const { message, cause } = error as Error;
    // The platform's "fetch failed" says less than why it has.
    const isVague = error instanceof TypeError && cause instanceof Error;
    giveUp(`Cannot call ${url}: ${isVague ? cause.message : message}`);
  }
}

/** Serves until the program is stopped; `announce` is told where. */
export function serve(
  address: Address,
  fetch: (request: Request) => Promise<Response>,
  announce: (url: string) => void,
): Deno.HttpServer {
  try {
    return Deno.serve({
      ...address,
      onListen: ({ port }) =>
        announce(urlOf({ hostname: address.hostname, port })),
    }, fetch);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      giveUp(
        `Port ${address.port} is in use: stop the program that listens there, or choose another port with --port`,
      );
    }
    giveUp(
      `Cannot listen on ${address.hostname}: ${(error as Error).message}`,
    );
  }
}
