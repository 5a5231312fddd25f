// Where the examples listen and call: `--host` and `--port`, or the environment's
// HOST and PORT, or localhost:8888.
// deno-lint-ignore-file no-console

import type { XmlRpcServer } from "@xmlrpc/xmlrpc/server";
import { parseArgs } from "node:util";
import { forLocalNames } from "./_local.ts";

/** What programs end with that have been stopped: 128, and the number of Ctrl-C's signal. */
const STOPPED = 130;

/** Where a server is. */
export interface Address {
  readonly hostname: string;
  readonly port: number;
}

/** What the command line says. */
export interface CommandLine {
  readonly address: Address;
  readonly flags: Readonly<Record<string, string | undefined>>;
  /** What is no flag. */
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

function read(more: readonly string[], allowWords: boolean): CommandLine {
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

/** The command line's flags, and nothing else: `--host` and `--port`, and those named. */
export function readFlags(...more: string[]): CommandLine {
  return read(more, false);
}

/** The command line's flags, and words between them. */
export function readCommand(...more: string[]): CommandLine {
  return read(more, true);
}

/** A signal that aborts when the program is to stop: by Ctrl-C, say. */
export function stopSignal(): AbortSignal {
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

function urlOf({ hostname, port }: Address): string {
  return `http://${
    hostname.includes(":") ? `[${hostname}]` : hostname
  }:${port}/`;
}

/** What has gone wrong, in words. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // The platform's "fetch failed" says less than why it has.
  const { message, cause } = error;
  const isVague = error instanceof TypeError && cause instanceof Error;
  return isVague ? cause.message : message;
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
    const { name, message } = error as Error;
    if (name === "AbortError") giveUp(message, STOPPED);
    // What is wrong with a file here is no matter of the server's.
    if (Object.hasOwn(Deno.errors, name)) giveUp(message);
    giveUp(`Cannot call ${url}: ${reasonOf(error)}`);
  }
}

/** Serves until the program is stopped, or the signal aborts; `announce` is told where. */
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
        announce(urlOf({ hostname: address.hostname, port })),
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

/** How long calls may go on once the program is to stop, in milliseconds. */
const DRAIN_MS = 10_000;

/**
 * Serves until the program is told to stop: by Ctrl-C, by `kill`, by whoever manages it.
 * Then the calls that run come to their end, and others are refused; only after that
 * does it stop. `start` serves until its signal aborts.
 */
export async function untilStopped(
  server: Pick<XmlRpcServer<unknown>, "drain">,
  start: (signal: AbortSignal) => Deno.HttpServer<Deno.Addr>,
): Promise<void> {
  const stop = stopSignal();
  const end = new AbortController();
  const http = start(end.signal);
  await new Promise((resolve) => stop.addEventListener("abort", resolve));
  // First, for `shutdown()` would cut off the bodies that are still arriving.
  if (await server.drain({ timeout: DRAIN_MS })) {
    Deno.exitCode = 0;
    // What has just come is still answered: that it is to be tried again.
    return await http.shutdown();
  }
  console.error("Not all calls have ended in time");
  end.abort();
  await http.finished;
}

/** {@linkcode untilStopped} at an address; `fetch` is what answers, if not the server alone. */
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
