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
      "sends what looks like a number as one": ["string.number"],
      "reads a boolean as a number, and sends that": [
        "true",
        "false",
        "array",
        "struct",
      ],
      "reads base64 as bytes, and sends these as a text of any characters": [
        "base64",
        "base64.empty",
      ],
      "sends a fault within the result of a multicall": ["multicall"],
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
      "has no nil, and sends an empty text": CASES.nil,
      [REASONS.cr]: ["string.cr"],
      "escapes nothing in names": ["struct.names"],
    },
    server: {
      "has no i8, and refuses it": CASES.i8,
      "has no nil, and refuses it": CASES.nil,
      [REASONS.cr]: ["string.cr"],
      "sends what looks like a number as one": ["string.number", "string.long"],
      "dies of characters beyond U+FFFF": ["string.astral"],
      "escapes nothing in names": ["struct.names"],
      "knows no fault code but 4": ["fault", "fault.negative"],
      "has no system methods": ["multicall", ...CASES.introspection],
    },
  },
);

/** Packages of Perl. */
export const PERL: readonly Peer[] = [RPC_XML, FRONTIER];
