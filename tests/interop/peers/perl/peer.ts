// Perl's RPC::XML and Frontier.

import {
  CASES,
  debianVersion,
  type Lacks,
  type Peer,
  programOf,
  REASONS,
} from "../../_peer.ts";

function perl(
  name: string,
  install: string,
  file: string,
  lacks: { readonly client: Lacks; readonly server: Lacks },
): Peer {
  const command = (side: string) => [
    "perl",
    programOf(`perl/${file}_${side}.pl`),
  ];
  return {
    name,
    install,
    version: debianVersion(install),
    client: { command: () => command("client"), lacks: lacks.client },
    server: { command: () => command("server"), lacks: lacks.server },
  };
}

const RPC_XML = perl(
  "perl-rpc-xml",
  "librpc-xml-perl",
  "rpc_xml",
  {
    client: {},
    server: {
      "sends a string that looks like a number as a number": ["string.number"],
      "reads a boolean as a number, and sends it as a number": [
        "true",
        "false",
        "array",
        "struct",
      ],
      "reads base64 as bytes, and sends them as a string with any characters": [
        "base64",
        "base64.empty",
      ],
      "sends a fault inside the result of a multicall": ["multicall"],
    },
  },
);

const FRONTIER = perl(
  "perl-frontier",
  "libfrontier-rpc-perl",
  "frontier",
  {
    client: {
      "has no i8, and sends an int": CASES.i8,
      "has no nil, and sends an empty string": CASES.nil,
      [REASONS.cr]: ["string.cr"],
      "does not escape names": ["struct.names"],
    },
    server: {
      "has no i8, and rejects it": CASES.i8,
      "has no nil, and rejects it": CASES.nil,
      [REASONS.cr]: ["string.cr"],
      "sends a string that looks like a number as a number": [
        "string.number",
        "string.long",
      ],
      "crashes on characters beyond U+FFFF": ["string.astral"],
      "does not escape names": ["struct.names"],
      "has only the fault code 4": ["fault", "fault.negative"],
      "has no system methods": ["multicall", ...CASES.introspection],
    },
  },
);

/** Packages of Perl. */
export const PERL: readonly Peer[] = [RPC_XML, FRONTIER];
