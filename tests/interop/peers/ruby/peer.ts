// Ruby's xmlrpc.

import { CASES, type Peer, programOf, REASONS } from "../../_peer.ts";

/** Ruby's xmlrpc. */
export const RUBY: Peer = {
  name: "ruby",
  install: "ruby ruby-xmlrpc",
  version: [
    "ruby",
    ...["-rxmlrpc", "-e", "puts XMLRPC::VERSION"],
  ],
  client: {
    command: () => ["ruby", programOf("ruby/client.rb")],
    lacks: {
      "sends integers beyond 32 bits as i4": CASES.i8,
      [REASONS.cr]: ["string.cr"],
    },
  },
  server: {
    command: () => ["ruby", programOf("ruby/server.rb")],
    lacks: {
      "sends integers beyond 32 bits as i4": CASES.i8,
      [REASONS.cr]: ["string.cr"],
      "reads base64 as a String, and sends it as a string": [
        "base64",
        "base64.empty",
      ],
    },
  },
};
