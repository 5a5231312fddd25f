// xmlrpc-c, with its client on libcurl and its own web server, Abyss.

import { type Command, type Lacks, type Peer, programOf } from "../../_peer.ts";

function compile(built: string, name: string, ...libraries: string[]): Command {
  return [
    ...["cc", programOf(`c/${name}.c`), programOf("c/notation.c")],
    ...[...libraries, "xmlrpc", "xmlrpc_util"].map((name) => `-l${name}`),
    ...["-o", `${built}/${name}`],
  ];
}

const both: Lacks = {
  "reads carriage returns as line feeds": ["string.cr"],
  "does not support characters beyond U+FFFF": ["string.astral"],
};
const inexact = "reads doubles with an error in the 16th digit";

/** What xmlrpc-c does not do, in whichever language. */
export const LACKS: { readonly client: Lacks; readonly server: Lacks } = {
  client: {
    ...both,
    [inexact]: [
      "echoFloat",
      "echoFloatArray",
      "add.doubles",
      "double.digits",
      "double.small",
    ],
  },
  server: { ...both, [inexact]: ["double.digits", "double.small"] },
};

/** xmlrpc-c. */
export const C: Peer = {
  name: "c-xmlrpc-c",
  install: "gcc libc6-dev libxmlrpc-core-c3-dev",
  version: ["xmlrpc-c-config", "--version"],
  build: (built) => [
    compile(built, "client", "xmlrpc_client"),
    compile(built, "server", "xmlrpc_server_abyss", "xmlrpc_server"),
  ],
  client: { command: (built) => [`${built}/client`], lacks: LACKS.client },
  server: { command: (built) => [`${built}/server`], lacks: LACKS.server },
};
