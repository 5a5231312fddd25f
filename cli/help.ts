// The commands and flags of the command line, and its help.

/** The version in deno.json. A test compares them. */
export const VERSION = "0.1.0";

/** A flag, for the parser and for the help. */
interface FlagInfo {
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly default?: boolean;
  /** The placeholder of its value. */
  readonly value?: string;
  readonly help: string;
}

/** The flags, in the order of the help. */
export const FLAGS = {
  output: {
    type: "string",
    short: "o",
    value: "FILE",
    help: "stores the bytes of the result; - writes them to standard output",
  },
  json: {
    type: "boolean",
    help: "reads each ARG as JSON, and prints the result as JSON",
  },
  guess: {
    type: "boolean",
    help: "guesses types instead of asking the server for the signature",
  },
  long: { type: "boolean", short: "l", help: "shows signatures, too" },
  name: {
    type: "string",
    value: "NAME",
    help: "the name of the interface (default: Api)",
  },
  host: {
    type: "string",
    value: "HOST",
    help: "the host name to listen on (default: localhost)",
  },
  port: {
    type: "string",
    value: "PORT",
    help: "the port to listen on (default: 8888)",
  },
  docs: {
    type: "boolean",
    default: true,
    help: "serves no documentation page",
  },
  timeout: {
    type: "string",
    value: "S",
    help: "the time limit of a call in seconds (default: 60)",
  },
  verbose: {
    type: "boolean",
    short: "v",
    help: "shows requests and responses, without secrets",
  },
  help: {
    type: "boolean",
    short: "h",
    help: "this text, or the help of a command",
  },
  version: { type: "boolean", help: "the version" },
} as const satisfies Readonly<Record<string, FlagInfo>>;

/** The name of a flag. */
export type FlagName = keyof typeof FLAGS;

/** A command: its arguments, its flags and its help. */
interface CommandInfo {
  readonly args: string;
  /** The smallest and the largest number of arguments. */
  readonly argCount: readonly [number, number];
  readonly flags: readonly FlagName[];
  readonly summary: string;
  /** Further lines of help. */
  readonly more?: string;
  readonly example: string;
}

const CLIENT_FLAGS = ["timeout", "verbose"] as const;

const ARG_HELP =
  `Arguments are converted according to the server's signature. If the server gives none,
the type is guessed: 5, 2.5, true, nil, 2026-11-25T12:30:00Z, [1, 2], {"a": 1}; all else
is a string. A prefix sets the type: string:5, double:5, i8:5. @FILE sends a file.`;

/** The commands, in the order of the help. */
export const COMMANDS = {
  call: {
    args: "URL METHOD [ARG ...]",
    argCount: [2, Infinity],
    flags: ["output", "json", "guess", ...CLIENT_FLAGS],
    summary: "calls a method and prints the result",
    more: ARG_HELP,
    example: "call http://localhost:8888/ add 8 8",
  },
  list: {
    args: "URL",
    argCount: [1, 1],
    flags: ["long", ...CLIENT_FLAGS],
    summary: "lists the methods; --long: with signatures",
    example: "list --long http://localhost:8888/",
  },
  describe: {
    args: "URL METHOD",
    argCount: [2, 2],
    flags: CLIENT_FLAGS,
    summary: "shows the signatures and the help of a method",
    example: "describe http://localhost:8888/ add",
  },
  types: {
    args: "URL",
    argCount: [1, 1],
    flags: ["name", ...CLIENT_FLAGS],
    summary: "prints a TypeScript interface of the server's methods",
    more: "Use it with createClient<Api>(url).",
    example: "types http://localhost:8888/ > api.ts",
  },
  explain: {
    args: "FILE",
    argCount: [1, 1],
    flags: [],
    summary: "shows what a document contains, or why it is invalid",
    more:
      `A document is a call or a response, with or without the head of its HTTP message; - reads
it from standard input. An error is malformed (not XML), invalid (not XML-RPC), or a limit.`,
    example: "explain broken.xml",
  },
  serve: {
    args: "FILE | FOLDER",
    argCount: [1, 1],
    flags: ["host", "port", "docs"],
    summary:
      "serves the functions that a module exports, or the files of a folder",
    more:
      `The functions that a module exports are the methods. Its default export may be an object
of more methods, or a server. For a folder, the methods list, send and store its files.`,
    example: "serve --port 8000 api.ts",
  },
} as const satisfies Readonly<Record<string, CommandInfo>>;

/** The name of a command. */
export type CommandName = keyof typeof COMMANDS;

/** Whether there is a command of this name. */
export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

/** Shows a command with its arguments: `list URL`. */
export function showUsage(name: CommandName): string {
  return `${name} ${COMMANDS[name].args}`;
}

/** Shows pairs as lines of two columns. */
function showColumns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}   ${right}`)
    .join("\n");
}

/** Shows a flag: `-o, --output FILE`. */
function showFlag(name: FlagName): string {
  const flag: FlagInfo = FLAGS[name];
  const short = flag.short === undefined ? "   " : `-${flag.short},`;
  const long = flag.default === true ? `no-${name}` : name;
  return `${short} --${long}${
    flag.value === undefined ? "" : ` ${flag.value}`
  }`;
}

/** Finds the command that a flag belongs to; undefined if it is not exactly one. */
function findOnlyCommand(flag: FlagName): string | undefined {
  const knowing = Object.entries<CommandInfo>(COMMANDS).filter((
    [, { flags }],
  ) => flags.includes(flag));
  return knowing.length === 1 ? knowing[0]![0] : undefined;
}

const CREDENTIALS =
  "Credentials: XMLRPC_USER and XMLRPC_PASSWORD, or XMLRPC_TOKEN, in the environment.";

/** Shows all commands and flags. */
export function showOverview(): string {
  const commands = (Object.keys(COMMANDS) as CommandName[]).map((name) =>
    [showUsage(name), COMMANDS[name].summary] as const
  );
  const flags = (Object.keys(FLAGS) as FlagName[]).map((name) => {
    const command = findOnlyCommand(name);
    const before = command === undefined ? "" : `${command}: `;
    return [showFlag(name), before + FLAGS[name].help] as const;
  });
  return [
    "Calls XML-RPC servers, describes their methods, and serves methods.",
    showColumns(commands),
    ARG_HELP,
    showColumns(flags),
    `${CREDENTIALS}
Exit codes: 0 success, 1 a fault or an invalid document, 2 wrong usage, 3 no response.`,
  ].join("\n\n");
}

/** Shows the help of one command. */
export function showHelp(name: CommandName): string {
  const { summary, flags, more, example }: CommandInfo = COMMANDS[name];
  const parts = [showUsage(name), `  ${summary}`];
  if (more !== undefined) parts.push(more);
  if (flags.length > 0) {
    parts.push(
      showColumns(flags.map((flag) => [showFlag(flag), FLAGS[flag].help])),
    );
  }
  parts.push(`Example: ${example}`);
  if (flags.includes("timeout")) parts.push(CREDENTIALS);
  return parts.join("\n\n");
}
