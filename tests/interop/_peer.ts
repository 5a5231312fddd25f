// What a foreign implementation is to the runner: how its programs are run, and what it
// is known not to do.

/** A command and its arguments. */
export type Command = readonly string[];

/**
 * Cases that are known to fail, by the reason: that a type is not known, or a defect of
 * the peer, which `README.md` tells of. Such a case must fail, so that no entry stays
 * that has no reason any more.
 */
export type Lacks = Readonly<Record<string, readonly string[]>>;

/** One of the two programs of a peer. */
export interface Side {
  /** A client is given the URL and the file of calls; a server prints its port. */
  readonly command: (built: string) => Command;
  readonly lacks: Lacks;
}

/** A foreign implementation. */
export interface Peer {
  readonly name: string;
  /** What to install: Debian packages, or an npm package. */
  readonly install: string;
  /** Prints the version, and fails where the peer is not installed. */
  readonly version: Command;
  /** Makes programs in the folder `built`. */
  readonly build?: (built: string) => readonly Command[];
  readonly client?: Side;
  readonly server?: Side;
  readonly env?: (built: string) => Readonly<Record<string, string>>;
}

/** The path of a program of a peer. */
export function programOf(path: string): string {
  return new URL(`peers/${path}`, import.meta.url).pathname;
}

/** Prints the version of an installed Debian package. */
export function debianVersion(name: string): Command {
  return ["dpkg-query", "-W", "-f", "${Version}", name];
}

/** Cases of types and methods that many peers do not know. */
export const CASES = {
  i8: ["i8", "i8.digits"],
  nil: ["nil", "nil.inArray"],
  introspection: ["listMethods", "methodHelp", "methodSignature"],
} as const;

/** Reasons that many peers share. */
export const REASONS = {
  cr: "sends a carriage return unescaped, which XML turns into a line feed",
  characters: "counts characters instead of bytes",
  whole: "has one type of number, and sends a whole number as int",
} as const;
