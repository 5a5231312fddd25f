// Runs the command line in a test, alone or with a server.

import { run } from "../../cli/run.ts";
import type { Terminal } from "../../cli/terminal.ts";
import {
  createServer,
  method,
  optional,
  XmlRpcFault,
  type XmlRpcServerOptions,
} from "../../server.ts";

/** The methods of {@linkcode runWithServer}, and of other servers in tests. */
export const METHODS = {
  add: method(
    { params: ["int", "int"], returns: "int", help: "Adds." },
    (a, b) => a + b,
  ),
  divide: method(
    {
      params: ["double", "double"],
      returns: "double",
      help: "Divides.\nNever by zero: */ is no end.",
    },
    (a, b) => {
      if (b === 0) throw new XmlRpcFault(1, "Division\u202e by zero");
      return a / b;
    },
  ),
  orders: {
    add: method(
      {
        params: [[{ sku: "string", price: "double" }], optional("string")],
        returns: { id: "i8", total: "double" },
      },
      (items, note = "") => ({
        id: note.length,
        total: items.reduce((sum, { price }) => sum + price, 0),
      }),
    ),
  },
  mixed: () => 1,
  "mixed.more": () => 2,
  pair: method([
    { params: ["int"], returns: "int" },
    { params: ["string"], returns: "string" },
  ], (value: number | string) => value),
  text: method({ params: ["string"], returns: "string" }, (text) => text),
  echo: (value: unknown) => value,
  kindOf: (value: unknown) =>
    value instanceof Date ? "Date" : value === null ? "null" : typeof value,
  bytes: () => new Uint8Array([1, 2, 3]),
  size: method(
    { params: ["base64"], returns: "int", stream: true },
    async (bytes) => {
      let size = 0;
      for await (const chunk of bytes) size += chunk.length;
      return size;
    },
  ),
  who(): string {
    const { request } = this as unknown as { request: Request };
    return request.headers.get("authorization") ?? "nobody";
  },
};

/** What a command has printed, and its exit code. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line with a terminal that records its output. */
export async function cli(
  args: readonly string[],
  { env = {}, input = "", signal = new AbortController().signal, print }: {
    env?: Record<string, string>;
    input?: string;
    signal?: AbortSignal;
    print?: Terminal["print"];
  } = {},
): Promise<Outcome> {
  const out: string[] = [];
  const err: string[] = [];
  const terminal: Terminal = {
    print: print ?? ((line) => void out.push(`${line}\n`)),
    tell: (line) => void err.push(`${line}\n`),
    write: async (bytes) => void out.push(await new Response(bytes).text()),
    input: () => new Blob([input]).stream(),
    env: (name) => env[name],
    hasColors: false,
    signal,
  };
  const code = await run(args, terminal);
  return { code, out: out.join(""), err: err.join("") };
}

/** Runs the command line with a server; `URL` in the arguments is its address. */
export async function runWithServer(
  args: readonly string[],
  options: XmlRpcServerOptions & { env?: Record<string, string> } = {},
): Promise<Outcome> {
  const { env = {}, ...serverOptions } = options;
  const server = createServer(METHODS, serverOptions);
  await using http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    server.fetch,
  );
  const url = `http://127.0.0.1:${http.addr.port}/`;
  return await cli(args.map((arg) => arg === "URL" ? url : arg), { env });
}

/** The outcome of a command that succeeds. */
export function success(out: string): Outcome {
  return { code: 0, out, err: "" };
}
