// What the command line says of itself, and the flags that it knows.

/** The version of deno.json: a test keeps them in step. */
export const VERSION = "0.1.0";

/** A flag, as the platform's parser wants it and as the help shows it. */
interface FlagInfo {
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly default?: boolean;
  /** What stands for its value. */
  readonly value?: string;
  readonly help: string;
}

/** The flags, in the order of the help. */
export const FLAGS = {
  output: {
    type: "string",
    short: "o",
    value: "FILE",
    help: "stores the bytes that the method gives; - writes them out",
  },
  json: {
    type: "boolean",
    help: "each ARG is JSON, and so is what is printed",
  },
  guess: {
    type: "boolean",
    help: "does not ask the server for the signature",
  },
  long: { type: "boolean", short: "l", help: "with signatures" },
  name: {
    type: "string",
    value: "NAME",
    help: "the name of the interface: Api",
  },
  host: {
    type: "string",
    value: "HOST",
    help: "where to listen: localhost",
  },
  port: { type: "string", value: "PORT", help: "where to listen: 8888" },
  docs: { type: "boolean", default: true, help: "no page for browsers" },
  timeout: {
    type: "string",
    value: "S",
    help: "how many seconds a call may take: 60",
  },
  verbose: {
    type: "boolean",
    short: "v",
    help: "shows what goes over the wire, without secrets",
  },
  help: {
    type: "boolean",
    short: "h",
    help: "this text; behind a command, what that takes",
  },
  version: { type: "boolean", help: "the version" },
} as const satisfies Readonly<Record<string, FlagInfo>>;

/** The name of a flag. */
export type FlagName = keyof typeof FLAGS;

/** What a command takes, and what the help says of it. */
interface CommandInfo {
  readonly args: string;
  /** How many words it takes, at least and at most. */
  readonly words: readonly [number, number];
  readonly flags: readonly FlagName[];
  readonly summary: string;
  /** What else one must know of it, in lines. */
  readonly more?: string;
  readonly example: string;
}

const WIRE = ["timeout", "verbose"] as const;

const ARG_HELP =
  `An ARG is taken for what the server's signature says, or else for what it looks like:
5, 2.5, true, nil, 2026-11-25T12:30:00Z, [1, 2], {"a": 1}, and all else is text. What
it is can also be said: string:5, double:5, i8:5. @FILE sends a file.`;

/** The commands, in the order of the help. */
export const COMMANDS = {
  call: {
    args: "URL METHOD [ARG ...]",
    words: [2, Infinity],
    flags: ["output", "json", "guess", ...WIRE],
    summary: "calls a method and prints the result",
    more: ARG_HELP,
    example: "call http://localhost:8888/ add 8 8",
  },
  list: {
    args: "URL",
    words: [1, 1],
    flags: ["long", ...WIRE],
    summary: "the names of the methods; --long: with signatures",
    example: "list --long http://localhost:8888/",
  },
  describe: {
    args: "URL METHOD",
    words: [2, 2],
    flags: WIRE,
    summary: "what a method takes, gives and does",
    example: "describe http://localhost:8888/ add",
  },
  types: {
    args: "URL",
    words: [1, 1],
    flags: ["name", ...WIRE],
    summary: "an interface for TypeScript, from what the server tells",
    more: "It is for createClient: createClient<Api>(url) has these methods.",
    example: "types http://localhost:8888/ > api.ts",
  },
  explain: {
    args: "FILE",
    words: [1, 1],
    flags: [],
    summary: "what is in a document, or what is wrong with it; - reads input",
    more:
      `A document is a call or a response, with or without the head of its HTTP message. What
is wrong is malformed (no XML), invalid (no XML-RPC), or over a limit.`,
    example: "explain broken.xml",
  },
  serve: {
    args: "FILE | FOLDER",
    words: [1, 1],
    flags: ["host", "port", "docs"],
    summary: "serves the functions that a module exports, or files",
    more:
      `The functions that a module exports are the methods; its default export may have more
of them, or be the server. Of a folder, they list, give and store its files.`,
    example: "serve --port 8000 api.ts",
  },
} as const satisfies Readonly<Record<string, CommandInfo>>;

/** The name of a command. */
export type CommandName = keyof typeof COMMANDS;

/** Whether there is such a command. */
export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

/** A command with what it takes: `list URL`. */
export function usageOf(name: CommandName): string {
  return `${name} ${COMMANDS[name].args}`;
}

/** Pairs as lines of two columns. */
function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}   ${right}`)
    .join("\n");
}

/** A flag as one writes it: `-o, --output FILE`. */
function flagText(name: FlagName): string {
  const flag: FlagInfo = FLAGS[name];
  const short = flag.short === undefined ? "   " : `-${flag.short},`;
  const long = flag.default === true ? `no-${name}` : name;
  return `${short} --${long}${
    flag.value === undefined ? "" : ` ${flag.value}`
  }`;
}

/** The only command that knows a flag; undefined if several do, or none. */
function onlyCommandOf(flag: FlagName): string | undefined {
  const knowing = Object.entries<CommandInfo>(COMMANDS).filter((
    [, { flags }],
  ) => flags.includes(flag));
  return knowing.length === 1 ? knowing[0]![0] : undefined;
}

const CREDENTIALS =
  "Credentials: XMLRPC_USER and XMLRPC_PASSWORD, or XMLRPC_TOKEN, in the environment.";

/** All that there is, at a glance. */
export function helpOfAll(): string {
  const commands = (Object.keys(COMMANDS) as CommandName[]).map((name) =>
    [usageOf(name), COMMANDS[name].summary] as const
  );
  const flags = (Object.keys(FLAGS) as FlagName[]).map((name) => {
    const command = onlyCommandOf(name);
    const before = command === undefined ? "" : `${command}: `;
    return [flagText(name), before + FLAGS[name].help] as const;
  });
  return [
    "Calls XML-RPC servers, looks at them, and is one.",
    columns(commands),
    ARG_HELP,
    columns(flags),
    `${CREDENTIALS}
Exit codes: 0 fine, 1 a fault or a wrong document, 2 wrong usage, 3 no answer.`,
  ].join("\n\n");
}

/** What one command takes and does. */
export function helpOf(name: CommandName): string {
  const { summary, flags, more, example }: CommandInfo = COMMANDS[name];
  const parts = [usageOf(name), `  ${summary}`];
  if (more !== undefined) parts.push(more);
  if (flags.length > 0) {
    parts.push(
      columns(flags.map((flag) => [flagText(flag), FLAGS[flag].help])),
    );
  }
  parts.push(`Example: ${example}`);
  if (flags.includes("timeout")) parts.push(CREDENTIALS);
  return parts.join("\n\n");
}
