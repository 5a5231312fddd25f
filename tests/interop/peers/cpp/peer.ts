// xmlrpc-c's classes for C++.

import {
  type Command,
  debianVersion,
  type Peer,
  programOf,
} from "../../_peer.ts";
import { LACKS } from "../c/peer.ts";

function compile(
  built: string,
  name: string,
  sources: readonly string[],
  libraries: readonly string[],
): Command {
  return [
    ...["g++", "-std=c++17"],
    ...sources.map((source) => programOf(`cpp/${source}.cpp`)),
    ...[...libraries, "++", ""].map((library) => `-lxmlrpc${library}`),
    ...["-o", `${built}/${name}`],
  ];
}

/** xmlrpc-c's classes for C++. */
export const CPP: Peer = {
  name: "c++-xmlrpc-c",
  install: "g++ libxmlrpc-c++8-dev",
  version: debianVersion("libxmlrpc-c++8-dev"),
  build: (built) => [
    compile(built, "client", ["client", "notation"], ["_client++"]),
    compile(built, "server", ["server"], ["_server_abyss++", "_server++"]),
  ],
  client: { command: (built) => [`${built}/client`], lacks: LACKS.client },
  server: { command: (built) => [`${built}/server`], lacks: LACKS.server },
};
