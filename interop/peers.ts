// Who is on the other side: how each peer's programs are run, and what it is known not
// to do.

import { here } from "./_program.ts";

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

const I8 = ["i8", "i8.digits"];

/** All peers, in the order of the table. */
export const PEERS: readonly Peer[] = [
  {
    name: "python",
    install: "python3",
    version: [
      "python3",
      "-c",
      "import platform; print(platform.python_version())",
    ],
    client: {
      command: () => ["python3", here("peers/python/client.py")],
      lacks: {
        "refuses to send integers beyond 32 bits": I8,
        "sends a carriage return as it is, which XML makes a line feed": [
          "string.cr",
        ],
      },
    },
    server: {
      command: () => ["python3", here("peers/python/server.py")],
      lacks: {
        "refuses to send integers beyond 32 bits": I8,
        "sends a carriage return as it is, which XML makes a line feed": [
          "string.cr",
        ],
      },
    },
  },
];
