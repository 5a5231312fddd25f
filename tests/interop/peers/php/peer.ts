// PHP's xmlrpc extension, on the library xmlrpc-epi.

import {
  CASES,
  type Lacks,
  type Peer,
  programOf,
  REASONS,
} from "../../_peer.ts";

const both: Lacks = {
  "sends only 13 digits of a number, and only six decimals": [
    "double.digits",
    "double.small",
  ],
  [REASONS.cr]: ["string.cr"],
  "has no nil, and sends an empty string": CASES.nil,
  "has one type for arrays and structs, and so no empty struct": [
    "array.empties",
    "struct.empty",
  ],
  "turns an empty name into a number": ["struct.names"],
};

/** PHP's xmlrpc extension. */
export const PHP: Peer = {
  name: "php",
  install: "php-cli php-xmlrpc",
  version: [
    "php",
    "-r",
    "echo phpversion('xmlrpc') ?: exit(1);",
  ],
  client: {
    command: () => ["php", programOf("php/client.php")],
    lacks: {
      ...both,
      "sends only the lower 32 bits of an integer": CASES.i8,
      "sends a struct with numeric names as an array": ["nestedStructTest"],
    },
  },
  server: {
    command: () => ["php", programOf("php/server.php")],
    lacks: {
      ...both,
      "has no i8, and reads an empty string": CASES.i8,
      "has no multicall by that name": ["multicall"],
      "has help only for methods with descriptions": ["methodHelp"],
    },
  },
};
