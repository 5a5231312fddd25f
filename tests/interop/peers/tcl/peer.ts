// Tcl's xmlrpc.

import { CONTRACT } from "../../contract.ts";
import {
  CASES,
  debianVersion,
  type Peer,
  programOf,
  REASONS,
} from "../../_peer.ts";

/** Tcl's xmlrpc. */
export const TCL: Peer = {
  name: "tcl",
  install: "tcl tcl-xmlrpc",
  version: debianVersion("tcl-xmlrpc"),
  client: {
    command: () => ["tclsh", programOf("tcl/client.tcl")],
    lacks: {
      "has no i8, and sends an int": CASES.i8,
      "has no nil": CASES.nil,
      [REASONS.characters]: [
        "get_string.unicode",
        "string.unicode",
        "string.astral",
        "struct.names",
        "fault.negative",
      ],
      "sends half a line end as a whole one": ["string.cr"],
    },
  },
  server: {
    command: () => ["tclsh", programOf("tcl/server.tcl")],
    lacks: {
      "does not pass the types of params to methods": [
        "echoStructTest",
        "echoStruct",
        "echoStructArray",
        ...CONTRACT.filter(({ method }) => method === "echo")
          .map(({ name }) => name),
      ],
      [REASONS.characters]: ["get_string.unicode"],
      "sends a fault with a length that is one byte too long": [
        "fault",
        "fault.negative",
        "fault.unknownMethod",
      ],
      "has no system methods": ["multicall", ...CASES.introspection],
    },
  },
};
