// The commands: each calls the library and prints the result.

import { parseJson, type Signatures, toParams } from "./arguments.ts";
import {
  type AnyClient,
  describeMethods,
  listMethods,
  readSignatures,
  showSignature,
} from "./describe.ts";
import { explain } from "./explain.ts";
import { FileBlob, saveFile } from "./files.ts";
import type { CommandName } from "./help.ts";
import { ProgressBar } from "./progress.ts";
import { serve } from "./serve.ts";
import { showValue, toJson } from "./show.ts";
import {
  paint,
  printable,
  printableLine,
  type Terminal,
  UsageError,
} from "./terminal.ts";
import { isTypeName, toInterface } from "./typescript.ts";
import { createVerboseFetch } from "./verbose.ts";
import {
  createClient,
  FaultCode,
  type XmlRpcClientOptions,
  XmlRpcFault,
} from "../client.ts";

/** The exit codes. */
export const EXIT = {
  success: 0,
  fault: 1,
  usage: 2,
  network: 3,
  stopped: 130,
} as const;

/** The values of the flags. */
export interface Flags {
  readonly output?: string;
  readonly json?: boolean;
  readonly guess?: boolean;
  readonly timeout?: string;
  readonly long?: boolean;
  readonly name?: string;
  readonly host?: string;
  readonly port?: string;
  readonly docs: boolean;
  readonly verbose?: boolean;
  readonly help?: boolean;
  readonly version?: boolean;
}

/** Runs a command with its arguments; gives the exit code. */
type Runner = (
  args: readonly string[],
  flags: Flags,
  terminal: Terminal,
) => Promise<number>;

function parseNumber(flag: string, text: string, most: number): number {
  const value = Number(text);
  if (/^\d+(?:\.\d+)?$/.test(text) && value <= most) return value;
  throw new UsageError(`--${flag} must be a number up to ${most}: ${text}`);
}

function toUrl(text: string): string {
  const [scheme] = /^[a-z][a-z\d+.-]*:\/\//i.exec(text) ?? [];
  const url = scheme === undefined ? `http://${text}` : text;
  if (/^https?:/i.test(url) && URL.canParse(url)) return url;
  // The message does not quote the text, since it may contain a password.
  throw new UsageError("Expected a URL such as http://localhost:8888/");
}

function readCredentials({ env }: Terminal): Record<string, string> {
  const token = env("XMLRPC_TOKEN");
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  const user = env("XMLRPC_USER");
  const password = env("XMLRPC_PASSWORD");
  if (user === undefined && password === undefined) return {};
  const bytes = new TextEncoder().encode(`${user ?? ""}:${password ?? ""}`);
  return { authorization: `Basic ${bytes.toBase64()}` };
}

function createClientFor(
  url: string,
  { timeout, verbose }: Flags,
  terminal: Terminal,
): AnyClient {
  const options: XmlRpcClientOptions = {
    headers: readCredentials(terminal),
    signal: terminal.signal,
    fetch: verbose === true ? createVerboseFetch(terminal) : undefined,
    timeout: timeout === undefined
      ? undefined
      : 1000 * parseNumber("timeout", timeout, 2_000_000),
  };
  return createClient(toUrl(url), options);
}

async function openFile(path: string): Promise<Blob> {
  try {
    const { isFile } = await Deno.stat(path);
    if (isFile) return await FileBlob.open(path);
    // The length of a pipe is unknown.
    return new Blob([await Deno.readFile(path)]);
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${(error as Error).message}`);
  }
}

/** Asks for the signatures of a method. Gives none if the server has none. */
async function askForSignatures(
  client: AnyClient,
  methodName: string,
): Promise<Signatures> {
  try {
    const answer = await client.call("system.methodSignature", [methodName]);
    return readSignatures(answer);
  } catch (error) {
    if (error instanceof XmlRpcFault) return [];
    throw error;
  }
}

async function readParams(
  client: AnyClient,
  methodName: string,
  args: readonly string[],
  { json, guess }: Flags,
): Promise<unknown[]> {
  if (json === true) return args.map(parseJson);
  const asks = guess !== true && args.length > 0 &&
    !methodName.startsWith("system.");
  const signatures = asks ? await askForSignatures(client, methodName) : [];
  return await toParams(args, signatures, openFile);
}

const BYTES_HINT = "-o FILE stores them, --json shows them in base64";

async function call(
  [url, methodName, ...args]: readonly string[],
  flags: Flags,
  terminal: Terminal,
): Promise<number> {
  const { json, output } = flags;
  const client = createClientFor(url!, flags, terminal);
  const params = await readParams(client, methodName!, args, flags);
  using bar = new ProgressBar(methodName!);
  const options = { onProgress: bar.show };
  if (output !== undefined) {
    const bytes = await client.stream(methodName!, params, options);
    if (output === "-") await terminal.write(bytes);
    else await saveFile(output, bytes);
    return EXIT.success;
  }
  const result: unknown = await client.call(methodName!, params, options);
  bar[Symbol.dispose]();
  if (json === true) terminal.print(toJson(result));
  else {
    const isText = typeof result === "string";
    terminal.print(printable(isText ? result : showValue(result)));
    if (result instanceof Uint8Array) terminal.tell(BYTES_HINT);
  }
  return EXIT.success;
}

async function list(
  [url]: readonly string[],
  flags: Flags,
  terminal: Terminal,
): Promise<number> {
  const client = createClientFor(url!, flags, terminal);
  if (flags.long !== true) {
    for (const name of await listMethods(client)) {
      terminal.print(printableLine(name));
    }
    return EXIT.success;
  }
  const methods = [...await describeMethods(client)];
  methods.sort((a, b) => a.name < b.name ? -1 : 1);
  for (const { name, signatures } of methods) {
    const lines = signatures.map((signature) => showSignature(name, signature));
    for (const line of lines.length === 0 ? [name] : lines) {
      terminal.print(printableLine(line));
    }
  }
  return EXIT.success;
}

async function describe(
  [url, methodName]: readonly string[],
  flags: Flags,
  terminal: Terminal,
): Promise<number> {
  const client = createClientFor(url!, flags, terminal);
  const names = await listMethods(client);
  if (!names.includes(methodName!)) {
    throw new XmlRpcFault(
      FaultCode.methodNotFound,
      `There is no method ${methodName}`,
    );
  }
  const [found] = await describeMethods(client, [methodName!]);
  const { signatures, help } = found!;
  if (signatures.length === 0) {
    terminal.print(paint(terminal, "bold", printableLine(methodName!)));
    terminal.print("The server does not describe its signature.");
  }
  for (const signature of signatures) {
    const line = printableLine(showSignature(methodName!, signature));
    terminal.print(paint(terminal, "bold", line));
  }
  if (help !== "") terminal.print(`\n${printable(help)}`);
  return EXIT.success;
}

async function types(
  [url]: readonly string[],
  flags: Flags,
  terminal: Terminal,
): Promise<number> {
  const { name = "Api" } = flags;
  if (!isTypeName(name)) {
    throw new UsageError(
      `--name must be a TypeScript identifier for a type: ${name}`,
    );
  }
  const methods = await describeMethods(createClientFor(url!, flags, terminal));
  const own = methods.filter(({ name }) => !name.startsWith("system."));
  const bare = new URL(toUrl(url!));
  bare.username = bare.password = "";
  terminal.print(printable(toInterface(name, bare.href, own)));
  return EXIT.success;
}

async function explainDocument(
  [path]: readonly string[],
  _flags: Flags,
  terminal: Terminal,
): Promise<number> {
  const source = path === "-"
    ? terminal.input()
    : (await openFile(path!)).stream();
  const bytes = await new Response(source).bytes();
  return explain(bytes, terminal) ? EXIT.success : EXIT.fault;
}

async function serveMethods(
  [path]: readonly string[],
  { host = "localhost", port = "8888", docs }: Flags,
  terminal: Terminal,
): Promise<number> {
  await serve(path!, {
    hostname: host,
    port: parseNumber("port", port, 65_535),
    docs,
  }, terminal);
  return EXIT.success;
}

/** The commands by name. */
export const COMMAND_RUNNERS: Readonly<Record<CommandName, Runner>> = {
  call,
  list,
  describe,
  types,
  explain: explainDocument,
  serve: serveMethods,
};
