// Go's kolo/xmlrpc, which has but a client.

import { CASES, debianVersion, type Peer, programOf } from "../../_peer.ts";

const PACKAGE = "golang-github-kolo-xmlrpc-dev";

/** Go's kolo/xmlrpc. */
export const GO: Peer = {
  name: "go-kolo",
  install: `golang-go ${PACKAGE}`,
  version: debianVersion(PACKAGE),
  build: (built) => [
    ["go", "build", "-o", `${built}/client`]
      .concat(["client.go", "notation.go"].map((n) => programOf(`go/${n}`))),
  ],
  // Debian has the sources of packages, and no modules.
  env: () => ({ GO111MODULE: "off", GOPATH: "/usr/share/gocode" }),
  client: {
    command: (built) => [`${built}/client`],
    lacks: {
      "sends integers beyond 32 bits as int": CASES.i8,
      "reads an empty string as nil": [
        "echoStringArray",
        "string.empty",
        "base64.empty",
        "array.empties",
        "struct",
      ],
      "sends a nil as a param without a value, or as an empty value": CASES.nil,
      "does not escape names": ["struct.names"],
    },
  },
};
