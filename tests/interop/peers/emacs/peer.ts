// Emacs's xml-rpc.el, which has but a client.

import {
  CASES,
  debianVersion,
  type Peer,
  programOf,
  REASONS,
} from "../../_peer.ts";

/** Emacs's xml-rpc.el. */
export const EMACS: Peer = {
  name: "emacs",
  install: "emacs-nox elpa-xml-rpc",
  version: debianVersion("elpa-xml-rpc"),
  env: () => ({ TZ: "UTC" }),
  client: {
    command: () => ["emacs", "--batch", "--load", programOf("emacs/client.el")],
    lacks: {
      "sends integers beyond 32 bits as int": CASES.i8,
      "reads empty or blank values as false": [
        "echoStringArray",
        "string.empty",
        "string.blank",
        "array.empty",
        "array.empties",
        "struct.empty",
        "struct",
      ],
      "does not read empty base64": ["base64.empty"],
      "has false instead of nil": CASES.nil,
      [REASONS.cr]: ["string.cr"],
      "does not read an empty name": ["struct.names"],
    },
  },
};
