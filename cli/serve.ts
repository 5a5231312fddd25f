// Serves the functions that a module exports, or the files of a folder.

import { Folder } from "./folder.ts";
import {
  paint,
  printable,
  printableLine,
  type Terminal,
  UsageError,
} from "./terminal.ts";
import {
  createServer,
  method,
  type XmlRpcErrorContext,
  type XmlRpcServer,
} from "../server.ts";

/** Where to listen, and whether to serve a documentation page. */
export interface ServeOptions {
  readonly hostname: string;
  readonly port: number;
  readonly docs: boolean;
}

/** How long running calls may take after the program is stopped, in milliseconds. */
const DRAIN_MS = 10_000;

type Methods = Record<string, unknown>;

/** A server whose methods are known only at run time. */
interface AnyServer {
  readonly fetch: (request: Request) => Promise<Response> | Response;
  readonly drain?: XmlRpcServer<unknown>["drain"];
}

/** Builds methods that list, send and store the files of a folder. */
function createFolderMethods(path: string): Methods {
  const folder = new Folder(path);
  return {
    list: method({
      params: [],
      returns: [{ name: "string", size: "i8" }],
      help: "Lists the files, with their sizes in bytes.",
    }, async () => {
      const files = await Array.fromAsync(folder.list());
      return files.map(({ name, size }) => ({ name, size: BigInt(size) }));
    }),
    get: method(
      { params: ["string"], returns: "base64", help: "Sends a file." },
      (name) => folder.open(name),
    ),
    put: method({
      params: ["string", "base64"],
      returns: { size: "i8", sha256: "string" },
      stream: true,
      help: "Stores a file. It replaces an older one of the same name.",
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

/** Collects the methods that a module exports, by name and in its default export. */
function collectMethods({ default: main, ...named }: Methods): Methods {
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

/** Creates a server for a module or a folder, or takes the one that the module exports. */
async function createServerFor(
  path: string,
  docs: boolean,
  terminal: Terminal,
): Promise<AnyServer> {
  function onError(error: unknown, { methodName }: XmlRpcErrorContext): void {
    const text = error instanceof Error ? error.stack ?? error.message : error;
    const name = printableLine(methodName ?? "?");
    terminal.tell(`${name}: ${printable(String(text))}`);
  }
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(path);
  } catch {
    throw new UsageError(`There is no file or folder ${JSON.stringify(path)}`);
  }
  let methods: Methods;
  if (info.isDirectory) methods = createFolderMethods(path);
  else {
    const module = await importModule(path);
    if (isServer(module.default)) return module.default;
    methods = collectMethods(module);
  }
  if (Object.keys(methods).length === 0) {
    throw new UsageError(`${path} exports neither functions nor a server`);
  }
  // deno-lint-ignore no-explicit-any -- the methods are known only at run time
  return createServer(methods as any, { docs, onError });
}

/** Host names that always mean this machine. They cannot be registered. */
const LOCAL = /^(?:localhost|[^/]+\.localhost|127\.[\d.]+|\[?::1\]?)$/i;

/**
 * If a server listens on this machine only, it accepts only requests to a local host name.
 *
 * A web page can let its own host name point to this machine after it has been loaded (DNS
 * rebinding). The browser then takes the server for the page's own, so CORS does not apply.
 * But the page's requests still carry the page's host name.
 */
function forLocalNames(
  hostname: string,
  fetch: AnyServer["fetch"],
): (request: Request) => Promise<Response> {
  return async (request) => {
    const { hostname: called } = new URL(request.url);
    if (!LOCAL.test(hostname) || LOCAL.test(called)) {
      return await fetch(request);
    }
    await request.body?.cancel();
    return new Response(
      "This server answers to names of its own machine only, such as localhost\n",
      { status: 403, headers: { "content-type": "text/plain; charset=utf-8" } },
    );
  };
}

/** Serves until the program is stopped; then running calls finish. */
export async function serve(
  path: string,
  { hostname, port, docs }: ServeOptions,
  terminal: Terminal,
): Promise<void> {
  const server = await createServerFor(path, docs, terminal);
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
      if (docs) terminal.print("Open it in a browser to see the methods");
    },
  }, forLocalNames(hostname, server.fetch));
  await promise;
  await server.drain?.({ timeout: DRAIN_MS });
  await http.shutdown();
}
