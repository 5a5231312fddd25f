// PHP's xmlrpc extension, on the library xmlrpc-epi.

import {
  CASES,
  type Lacks,
  type Peer,
  programOf,
  REASONS,
} from "../../_peer.ts";

const both: Lacks = {
  "sends 13 digits of a number, and six behind the point": [
    "double.digits",
    "double.small",
  ],
  [REASONS.cr]: ["string.cr"],
  "has no nil, and sends an empty text": CASES.nil,
  "has one type for arrays and structs: no empty struct": [
    "array.empties",
    "struct.empty",
  ],
  "has no empty name, and makes a number of it": ["struct.names"],
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
      "sends the lower 32 bits of an integer": CASES.i8,
      "sends a struct with numbers for names as an array": ["nestedStructTest"],
    },
  },
  server: {
    command: () => ["php", programOf("php/server.php")],
    lacks: {
      ...both,
      "has no i8, and reads an empty text": CASES.i8,
      "has no multicall by that name": ["multicall"],
      "has no help but for methods with descriptions": ["methodHelp"],
    },
  },
};
