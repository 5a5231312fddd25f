// Python's xmlrpc, of its standard library.

import { CASES, type Peer, programOf, REASONS } from "../../_peer.ts";

const lacks = {
  "rejects integers beyond 32 bits": CASES.i8,
  [REASONS.cr]: ["string.cr"],
};

/** Python's xmlrpc. */
export const PYTHON: Peer = {
  name: "python",
  install: "python3",
  version: [
    "python3",
    "-c",
    "import platform; print(platform.python_version())",
  ],
  client: { command: () => ["python3", programOf("python/client.py")], lacks },
  server: { command: () => ["python3", programOf("python/server.py")], lacks },
};
