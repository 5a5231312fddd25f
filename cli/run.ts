// The commands of the command line.

import { parseArgs } from "node:util";
import { explain } from "./explain.ts";
import { FileBlob, saveFile } from "./files.ts";
import {
  type CommandName,
  COMMANDS,
  FLAGS,
  helpOf,
  helpOfAll,
  isCommand,
  usageOf,
  VERSION,
} from "./help.ts";
import {
  type AnyClient,
  askForMethods,
  interfaceOf,
  listMethods,
  showSignature,
  signaturesOf,
} from "./methods.ts";
import { ProgressBar } from "./progress.ts";
import { serve } from "./serve.ts";
import { jsonOf, showValue } from "./show.ts";
import { paint, printable, type Terminal, UsageError } from "./terminal.ts";
import { logged } from "./verbose.ts";
import { readJson, readParams, type Signatures } from "./arguments.ts";
import { createClient, type XmlRpcClientOptions } from "../client.ts";
import { XmlRpcFault } from "../core/errors.ts";

/** What programs end with. */
const EXIT = { fine: 0, fault: 1, usage: 2, network: 3, stopped: 130 } as const;

/** What the flags say. */
interface Flags {
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

/** Does what a command is for; gives the code to end with. */
type Runner = (
  words: readonly string[],
  flags: Flags,
  terminal: Terminal,
) => Promise<number>;

// ---------------------------------------------------------------- clients

function numberOf(flag: string, text: string, most: number): number {
  const value = Number(text);
  if (/^\d+(?:\.\d+)?$/.test(text) && value <= most) return value;
  throw new UsageError(`--${flag} must be a number up to ${most}: ${text}`);
}

function urlOf(text: string): string {
  const [scheme] = /^[a-z][a-z\d+.-]*:\/\//i.exec(text) ?? [];
  const url = scheme === undefined ? `http://${text}` : text;
  if (/^https?:/i.test(url) && URL.canParse(url)) return url;
  // There may be a password in it.
  throw new UsageError("Expected a URL such as http://localhost:8888/");
}

function authorizationOf({ env }: Terminal): Record<string, string> {
  const token = env("XMLRPC_TOKEN");
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  const user = env("XMLRPC_USER");
  const password = env("XMLRPC_PASSWORD");
  if (user === undefined && password === undefined) return {};
  const bytes = new TextEncoder().encode(`${user ?? ""}:${password ?? ""}`);
  return { authorization: `Basic ${bytes.toBase64()}` };
}

function clientFor(
  url: string,
  { timeout, verbose }: Flags,
  terminal: Terminal,
): AnyClient {
  const options: XmlRpcClientOptions = {
    headers: authorizationOf(terminal),
    signal: terminal.signal,
    fetch: verbose === true ? logged(terminal) : undefined,
    timeout: timeout === undefined
      ? undefined
      : 1000 * numberOf("timeout", timeout, 2_000_000),
  };
  return createClient(urlOf(url), options);
}

// ---------------------------------------------------------------- commands

async function openFile(path: string): Promise<Blob> {
  try {
    const { size, isFile } = await Deno.stat(path);
    if (isFile) return new FileBlob(path, size);
    // A pipe has no length.
    return new Blob([await Deno.readFile(path)]);
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${(error as Error).message}`);
  }
}

/** The signatures of a method; none if there are no params, or nobody tells. */
async function askForSignatures(
  client: AnyClient,
  methodName: string,
): Promise<Signatures> {
  try {
    const answer = await client.call("system.methodSignature", [methodName]);
    return signaturesOf(answer);
  } catch (error) {
    if (error instanceof XmlRpcFault) return [];
    throw error;
  }
}

async function paramsOf(
  client: AnyClient,
  methodName: string,
  words: readonly string[],
  { json, guess }: Flags,
): Promise<unknown[]> {
  if (json === true) return words.map(readJson);
  const asks = guess !== true && words.length > 0 &&
    !methodName.startsWith("system.");
  const signatures = asks ? await askForSignatures(client, methodName) : [];
  return await readParams(words, signatures, openFile);
}

const BYTES_HINT = "-o FILE stores them, --json shows them in base64";

async function call(
  [url, methodName, ...words]: readonly string[],
  flags: Flags,
  terminal: Terminal,
): Promise<number> {
  const { json, output } = flags;
  const client = clientFor(url!, flags, terminal);
  const params = await paramsOf(client, methodName!, words, flags);
  using bar = new ProgressBar(methodName!);
  const options = { onProgress: bar.show };
  if (output !== undefined) {
    const bytes = await client.stream(methodName!, params, options);
    if (output === "-") await terminal.write(bytes);
    else await saveFile(output, bytes);
    return EXIT.fine;
  }
  const result: unknown = await client.call(methodName!, params, options);
  bar[Symbol.dispose]();
  if (json === true) terminal.print(jsonOf(result));
  else {
    const isText = typeof result === "string";
    terminal.print(printable(isText ? result : showValue(result)));
    if (result instanceof Uint8Array) terminal.tell(BYTES_HINT);
  }
  return EXIT.fine;
}

async function list(
  [url]: readonly string[],
  flags: Flags,
  terminal: Terminal,
): Promise<number> {
  const client = clientFor(url!, flags, terminal);
  if (flags.long !== true) {
    for (const name of await listMethods(client)) {
      terminal.print(printable(name));
    }
    return EXIT.fine;
  }
  const methods = [...await askForMethods(client)];
  methods.sort((a, b) => a.name < b.name ? -1 : 1);
  for (const { name, signatures } of methods) {
    const lines = signatures.map((signature) => showSignature(name, signature));
    for (const line of lines.length === 0 ? [name] : lines) {
      terminal.print(printable(line));
    }
  }
  return EXIT.fine;
}

async function describe(
  [url, methodName]: readonly string[],
  flags: Flags,
  terminal: Terminal,
): Promise<number> {
  const client = clientFor(url!, flags, terminal);
  const names = await listMethods(client);
  if (!names.includes(methodName!)) {
    throw new XmlRpcFault(-32601, `There is no method ${methodName}`);
  }
  const [found] = await askForMethods(client, [methodName!]);
  const { signatures, help } = found!;
  if (signatures.length === 0) {
    terminal.print(paint(terminal, "bold", printable(methodName!)));
    terminal.print("The server does not tell its signature.");
  }
  for (const signature of signatures) {
    const line = printable(showSignature(methodName!, signature));
    terminal.print(paint(terminal, "bold", line));
  }
  if (help !== "") terminal.print(`\n${printable(help)}`);
  return EXIT.fine;
}

async function types(
  [url]: readonly string[],
  flags: Flags,
  terminal: Terminal,
): Promise<number> {
  const { name = "Api" } = flags;
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) {
    throw new UsageError(`--name must be a name of TypeScript: ${name}`);
  }
  const methods = await askForMethods(clientFor(url!, flags, terminal));
  const own = methods.filter(({ name }) => !name.startsWith("system."));
  const bare = new URL(urlOf(url!));
  bare.username = bare.password = "";
  terminal.print(printable(interfaceOf(name, bare.href, own)));
  return EXIT.fine;
}

async function explainFile(
  [path]: readonly string[],
  _flags: Flags,
  terminal: Terminal,
): Promise<number> {
  const source = path === "-"
    ? terminal.input()
    : (await openFile(path!)).stream();
  const bytes = await new Response(source).bytes();
  return explain(bytes, terminal) ? EXIT.fine : EXIT.fault;
}

async function serveFile(
  [path]: readonly string[],
  { host = "localhost", port = "8888", docs }: Flags,
  terminal: Terminal,
): Promise<number> {
  await serve(path!, {
    hostname: host,
    port: numberOf("port", port, 65_535),
    docs,
  }, terminal);
  return EXIT.fine;
}

const RUNNERS: Readonly<Record<CommandName, Runner>> = {
  call,
  list,
  describe,
  types,
  explain: explainFile,
  serve: serveFile,
};

// ---------------------------------------------------------------- all of them

/**
 * Words that begin with "-" and a digit are numbers, and no flags. Everything behind
 * the method's name is for the method, but for flags that are known.
 */
function parse(args: readonly string[]): { flags: Flags; words: string[] } {
  const marked = args.map((arg) => /^-[\d.]/.test(arg) ? `\0${arg}` : arg);
  try {
    const { values, positionals } = parseArgs({
      args: marked,
      options: FLAGS,
      allowPositionals: true,
      allowNegative: true,
    });
    return {
      flags: values as Flags,
      words: positionals.map((word) => word.replace(/^\0/, "")),
    };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function commandOf(name: string): CommandName {
  if (isCommand(name)) return name;
  throw new UsageError(`There is no command ${JSON.stringify(name)}`);
}

/** Throws a {@linkcode UsageError} if a command does not take that. */
function check(
  name: CommandName,
  words: readonly string[],
  flags: Flags,
): void {
  const [least, most] = COMMANDS[name].words;
  if (words.length < least || words.length > most) {
    throw new UsageError(`Expected: ${usageOf(name)}`);
  }
  const known: readonly string[] = COMMANDS[name].flags;
  for (const flag of Object.keys(flags)) {
    const isDefault = flag === "docs" && flags.docs;
    if (!isDefault && !known.includes(flag)) {
      throw new UsageError(`${name} knows no flag --${flag}`);
    }
  }
}

async function runCommand(
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const { flags, words } = parse(args);
  const asksHelp = flags.help === true || words[0] === "help";
  const [name, ...rest] = words[0] === "help" ? words.slice(1) : words;
  if (asksHelp) {
    terminal.print(name === undefined ? helpOfAll() : helpOf(commandOf(name)));
    return EXIT.fine;
  }
  if (flags.version === true) {
    terminal.print(VERSION);
    return EXIT.fine;
  }
  if (name === undefined) throw new UsageError("No command is given");
  const command = commandOf(name);
  check(command, rest, flags);
  return await RUNNERS[command](rest, flags, terminal);
}

/** What an error means for whoever has called the program. */
function codeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof XmlRpcFault) return EXIT.fault;
  // A param that cannot be sent.
  const isParam = (error instanceof TypeError || error instanceof RangeError) &&
    /^Cannot (?:encode|call|send)/.test(error.message);
  return isParam ? EXIT.usage : EXIT.network;
}

function messageOf(error: unknown): string {
  if (error instanceof XmlRpcFault) {
    return `Fault ${error.code}: ${error.message}`;
  }
  const { message, cause } = error as Error;
  // The platform's "fetch failed" says less than why it has.
  const isVague = error instanceof TypeError && cause instanceof Error;
  return isVague ? cause.message : message;
}

/** Runs a command; gives the code to end with. */
export async function run(
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  try {
    return await runCommand(args, terminal);
  } catch (error) {
    if (terminal.signal.aborted) return EXIT.stopped;
    // Whoever reads, such as `head`, has had enough.
    if (error instanceof Deno.errors.BrokenPipe) return EXIT.fine;
    const code = codeOf(error);
    terminal.tell(paint(terminal, "red", printable(messageOf(error))));
    if (code === EXIT.usage) terminal.tell("See --help");
    return code;
  }
}
