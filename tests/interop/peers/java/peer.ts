// Java's aXMLRPC, which has but a client.

import { debianVersion, type Peer, programOf, REASONS } from "../../_peer.ts";

const JAR = "/usr/share/java/axmlrpc.jar";

/** Java's aXMLRPC. */
export const JAVA: Peer = {
  name: "java-axmlrpc",
  install: "default-jdk-headless libaxmlrpc-java",
  version: debianVersion("libaxmlrpc-java"),
  build: (built) => [
    ["javac", "-cp", JAR, "-d", built]
      .concat(["Client", "Notation"].map((n) => programOf(`java/${n}.java`))),
  ],
  env: () => ({ TZ: "UTC" }),
  client: {
    command: (built) => ["java", "-cp", `${JAR}:${built}`, "Client"],
    lacks: {
      [REASONS.cr]: ["string.cr"],
      "decodes references twice": ["string.markup"],
      "does not escape names": ["struct.names"],
    },
  },
};
