// Parses the command line, runs a command and reports errors.

import { parseArgs } from "node:util";
import { COMMAND_RUNNERS, EXIT, type Flags } from "./commands.ts";
import {
  type CommandName,
  COMMANDS,
  FLAGS,
  isCommand,
  showHelp,
  showOverview,
  showUsage,
  VERSION,
} from "./help.ts";
import { paint, printableLine, type Terminal, UsageError } from "./terminal.ts";
import { XmlRpcFault } from "../client.ts";

/**
 * Separates flags from other words. A word that begins with "-" and a digit is a number,
 * not a flag.
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

function findCommand(name: string): CommandName {
  if (isCommand(name)) return name;
  throw new UsageError(`There is no command ${JSON.stringify(name)}`);
}

/** Throws a {@linkcode UsageError} if a command does not take these arguments and flags. */
function checkUsage(
  name: CommandName,
  args: readonly string[],
  flags: Flags,
): void {
  const [min, max] = COMMANDS[name].argCount;
  if (args.length < min || args.length > max) {
    throw new UsageError(`Expected: ${showUsage(name)}`);
  }
  const known: readonly string[] = COMMANDS[name].flags;
  for (const flag of Object.keys(flags)) {
    const isDefault = flag === "docs" && flags.docs;
    if (!isDefault && !known.includes(flag)) {
      throw new UsageError(`${name} does not have the flag --${flag}`);
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
    terminal.print(
      name === undefined ? showOverview() : showHelp(findCommand(name)),
    );
    return EXIT.success;
  }
  if (flags.version === true) {
    terminal.print(VERSION);
    return EXIT.success;
  }
  if (name === undefined) throw new UsageError("No command is given");
  const command = findCommand(name);
  checkUsage(command, rest, flags);
  return await COMMAND_RUNNERS[command](rest, flags, terminal);
}

/** Converts an error to an exit code. */
function toExitCode(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof XmlRpcFault) return EXIT.fault;
  // A param that cannot be encoded or sent.
  const isParam = (error instanceof TypeError || error instanceof RangeError) &&
    /^Cannot (?:encode|call|send)/.test(error.message);
  return isParam ? EXIT.usage : EXIT.network;
}

function toMessage(error: unknown): string {
  if (error instanceof XmlRpcFault) {
    return `Fault ${error.code}: ${error.message}`;
  }
  const { message, cause } = error as Error;
  // The message of the cause says more than the platform's "fetch failed".
  const isVague = error instanceof TypeError && cause instanceof Error;
  return isVague ? cause.message : message;
}

/** Runs a command; gives the exit code. */
export async function run(
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  try {
    return await runCommand(args, terminal);
  } catch (error) {
    if (terminal.signal.aborted) return EXIT.stopped;
    // The program that reads the output, such as `head`, has ended.
    if (error instanceof Deno.errors.BrokenPipe) return EXIT.success;
    const code = toExitCode(error);
    terminal.tell(paint(terminal, "red", printableLine(toMessage(error))));
    if (code === EXIT.usage) terminal.tell("See --help");
    return code;
  }
}
