// Runs an example as a program: reads the command line, serves or calls, and stops. The
// address is --host and --port, or the environment variables HOST and PORT, or
// localhost:8888.
// deno-lint-ignore-file no-console

import type { XmlRpcServer } from "@xmlrpc/xmlrpc/server";
import { parseArgs } from "node:util";
import { forLocalNames } from "./_local.ts";

/** The exit code after Ctrl-C: 128 and the number of the signal. */
const STOPPED = 130;

/** Where a server listens. */
export interface Address {
  readonly hostname: string;
  readonly port: number;
}

/** The parsed command line. */
export interface CommandLine {
  readonly address: Address;
  readonly flags: Readonly<Record<string, string | undefined>>;
  /** The arguments that are not flags. */
  readonly words: readonly string[];
}

/** Prints one line and ends the program. */
export function giveUp(message: string, code = 1): never {
  console.error(message);
  Deno.exit(code);
}

function parse(names: readonly string[], allowPositionals: boolean) {
  const options = Object.fromEntries(
    names.map((name) => [name, { type: "string" } as const]),
  );
  const usage = `Flags: ${names.map((name) => `--${name} …`).join(" ")}`;
  if (Deno.args.includes("--help")) {
    console.log(usage);
    Deno.exit(0);
  }
  try {
    return parseArgs({ args: Deno.args, options, allowPositionals });
  } catch (error) {
    giveUp(`${(error as Error).message}. ${usage}`);
  }
}

function readArguments(
  more: readonly string[],
  allowWords: boolean,
): CommandLine {
  const { values, positionals } = parse(["host", "port", ...more], allowWords);
  const hostname = values.host ?? Deno.env.get("HOST") ?? "localhost";
  const text = values.port ?? Deno.env.get("PORT") ?? "8888";
  if (!/^\d+$/.test(text) || Number(text) > 65_535) {
    giveUp(`The port must be a number from 0 to 65535: ${text}`);
  }
  return {
    address: { hostname, port: Number(text) },
    flags: values,
    words: positionals,
  };
}

/** Reads `--host`, `--port` and the named flags. Other arguments are an error. */
export function readFlags(...more: string[]): CommandLine {
  return readArguments(more, false);
}

/** Reads `--host`, `--port`, the named flags, and further arguments. */
export function readCommand(...more: string[]): CommandLine {
  return readArguments(more, true);
}

/** Creates a signal that aborts when the program is stopped, for example by Ctrl-C. */
export function createStopSignal(): AbortSignal {
  const controller = new AbortController();
  const signals = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"] as const
    : ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) {
    Deno.addSignalListener(signal, () => {
      Deno.exitCode = STOPPED;
      controller.abort(new DOMException("Stopped", "AbortError"));
    });
  }
  return controller.signal;
}

function toUrl({ hostname, port }: Address): string {
  return `http://${
    hostname.includes(":") ? `[${hostname}]` : hostname
  }:${port}/`;
}

/** Gives the message of an error. */
export function toReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // The message of the cause says more than the platform's "fetch failed".
  const { message, cause } = error;
  const isVague = error instanceof TypeError && cause instanceof Error;
  return isVague ? cause.message : message;
}

/** Runs a client with the server at an address. Prints an error as one line. */
export async function callAt<T>(
  address: Address,
  run: (url: string) => Promise<T>,
): Promise<T> {
  const url = toUrl(address);
  try {
    return await run(url);
  } catch (error) {
    const { name, message } = error as Error;
    if (name === "AbortError") giveUp(message, STOPPED);
    // An error about a local file has nothing to do with the server.
    if (Object.hasOwn(Deno.errors, name)) giveUp(message);
    giveUp(`Cannot call ${url}: ${toReason(error)}`);
  }
}

/** Serves until the signal aborts. Calls `announce` with the URL of the server. */
export function serve(
  address: Address,
  fetch: (request: Request) => Promise<Response>,
  announce: (url: string) => void,
  signal?: AbortSignal,
): Deno.HttpServer {
  try {
    return Deno.serve({
      ...address,
      ...signal && { signal },
      onListen: ({ port }) =>
        announce(toUrl({ hostname: address.hostname, port })),
    }, forLocalNames(address.hostname, fetch));
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

/** How long running calls may take after the program is stopped, in milliseconds. */
const DRAIN_MS = 10_000;

/**
 * Serves until the program is stopped by Ctrl-C, `kill` or a service manager. Shutdown is
 * graceful: running calls finish, and new calls are refused. `start` serves until its
 * signal aborts.
 */
export async function untilStopped(
  server: Pick<XmlRpcServer<unknown>, "drain">,
  start: (signal: AbortSignal) => Deno.HttpServer<Deno.Addr>,
): Promise<void> {
  const stop = createStopSignal();
  const end = new AbortController();
  const http = start(end.signal);
  await new Promise((resolve) => stop.addEventListener("abort", resolve));
  // Before `shutdown()`, which would cut off request bodies that are still arriving.
  if (await server.drain({ timeout: DRAIN_MS })) {
    Deno.exitCode = 0;
    // A call that has just arrived still gets its 503 response.
    return await http.shutdown();
  }
  console.error("Not all calls have finished in time");
  end.abort();
  await http.finished;
}

/** {@linkcode untilStopped} at an address. `fetch` may add routes to those of the server. */
export async function serveUntilStopped(
  address: Address,
  server: Pick<XmlRpcServer<unknown>, "fetch" | "drain">,
  announce: (url: string) => void,
  fetch = server.fetch,
): Promise<void> {
  await untilStopped(
    server,
    (signal) => serve(address, fetch, announce, signal),
  );
}
