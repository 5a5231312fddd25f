// Serves what a module exports, or the files of a folder.

import { Folder } from "./folder.ts";
import { forLocalNames } from "./local_names.ts";
import { paint, printable, type Terminal, UsageError } from "./terminal.ts";
import {
  createServer,
  method,
  type XmlRpcErrorContext,
  type XmlRpcServer,
} from "../server.ts";

/** Where to listen, and what to show. */
export interface ServeOptions {
  readonly hostname: string;
  readonly port: number;
  readonly docs: boolean;
}

/** How long calls may go on once the program is to stop, in milliseconds. */
const DRAIN_MS = 10_000;

type Methods = Record<string, unknown>;

/** A server whose methods are known only now. */
interface AnyServer {
  readonly fetch: (request: Request) => Promise<Response> | Response;
  readonly drain?: XmlRpcServer<unknown>["drain"];
}

/** The methods that give, take and list the files of a folder. */
function folderMethods(path: string): Methods {
  const folder = new Folder(path);
  return {
    list: method({
      params: [],
      returns: [{ name: "string", size: "i8" }],
      help: "The files that there are, with their sizes in bytes.",
    }, async () => {
      const files = await Array.fromAsync(folder.list());
      return files.map(({ name, size }) => ({ name, size: BigInt(size) }));
    }),
    get: method(
      { params: ["string"], returns: "base64", help: "Gives a file." },
      (name) => folder.open(name),
    ),
    put: method({
      params: ["string", "base64"],
      returns: { size: "i8", sha256: "string" },
      stream: true,
      help: "Stores a file, in the place of one that has the name already.",
    }, async (name, bytes) => {
      const { size, sha256 } = await folder.save(name, bytes);
      return { size: BigInt(size), sha256 };
    }),
  };
}

function isServer(value: unknown): value is AnyServer {
  return typeof value === "object" && value !== null &&
    typeof (value as { fetch?: unknown }).fetch === "function";
}

/** The methods that a module exports, by name, and in its default export. */
function methodsIn({ default: main, ...named }: Methods): Methods {
  const more = typeof main === "object" && main !== null ? main : {};
  const functions = Object.entries(named).filter(([, value]) =>
    typeof value === "function"
  );
  return { ...more, ...Object.fromEntries(functions) };
}

async function importModule(path: string): Promise<Methods> {
  const url = new URL(path, `file://${Deno.cwd()}/`);
  return await import(url.href);
}

/** The server for a path: that which a module exports, or one of its functions. */
async function serverFor(
  path: string,
  docs: boolean,
  terminal: Terminal,
): Promise<AnyServer> {
  function onError(error: unknown, { methodName }: XmlRpcErrorContext): void {
    const text = error instanceof Error ? error.stack ?? error.message : error;
    terminal.tell(printable(`${methodName ?? "?"}: ${text}`));
  }
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(path);
  } catch {
    throw new UsageError(`There is no file or folder ${JSON.stringify(path)}`);
  }
  let methods: Methods;
  if (info.isDirectory) methods = folderMethods(path);
  else {
    const module = await importModule(path);
    if (isServer(module.default)) return module.default;
    methods = methodsIn(module);
  }
  if (Object.keys(methods).length === 0) {
    throw new UsageError(`${path} exports no function, and no server`);
  }
  // deno-lint-ignore no-explicit-any -- what they are, nobody knows before
  return createServer(methods as any, { docs, onError });
}

/** Serves until the program is to stop, and lets the calls that run then end. */
export async function serve(
  path: string,
  { hostname, port, docs }: ServeOptions,
  terminal: Terminal,
): Promise<void> {
  const server = await serverFor(path, docs, terminal);
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = (): void => resolve();
  terminal.signal.addEventListener("abort", stop, { once: true });
  await using http = Deno.serve({
    hostname,
    port,
    onListen: (address) => {
      const host = hostname.includes(":") ? `[${hostname}]` : hostname;
      const url = `http://${host}:${(address as Deno.NetAddr).port}/`;
      terminal.print(`Listening at ${paint(terminal, "bold", url)}`);
      if (docs) terminal.print("A browser shows the methods there");
    },
  }, forLocalNames(hostname, server.fetch));
  await promise;
  await server.drain?.({ timeout: DRAIN_MS });
  await http.shutdown();
}
