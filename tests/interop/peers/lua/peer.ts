// Lua's xmlrpc.

import {
  CASES,
  type Lacks,
  type Peer,
  programOf,
  REASONS,
} from "../../_peer.ts";

const both: Lacks = {
  "does not escape anything": [
    "echoStructTest",
    "string.markup",
    "fault.negative",
  ],
  "has strings instead of dates and base64": [
    "manyTypesTest",
    "echoDate",
    "echoBase64",
    "image_get.1MB",
    "dateTime",
    "dateTime.leapDay",
    "base64",
    "base64.empty",
  ],
  "has no i8": CASES.i8,
  "has no nil": CASES.nil,
  "sends only 15 digits of a number": ["double.digits"],
  "sends a large whole number as <int>1.25e+21</int>": ["double.large"],
  [REASONS.cr]: ["string.cr"],
};

/** Lua's xmlrpc. */
export const LUA: Peer = {
  name: "lua",
  install: "lua5.1 lua-xmlrpc lua-socket",
  version: ["lua5.1", "-e", "print(require('xmlrpc')._VERSION)"],
  client: {
    command: () => ["lua5.1", programOf("lua/client.lua")],
    lacks: {
      ...both,
      "does not escape anything": [
        "countTheEntities",
        "echoStructTest",
        "string.markup",
        "struct.names",
        "fault.negative",
      ],
      "has strings instead of base64": ["image_put.1MB"],
      [REASONS.whole]: ["wholeFloat"],
      "has one type of table, and so no empty struct": [
        "array.empties",
        "struct.empty",
      ],
    },
  },
  server: {
    command: () => ["lua5.1", programOf("lua/server.lua")],
    lacks: {
      ...both,
      "has one type of table, and sends it as a struct": [
        "array",
        "array.empty",
        "array.empties",
        "array.long",
        "struct",
        "deep",
      ],
      "cannot read an empty name": ["struct.names"],
      "has no system methods": ["multicall", ...CASES.introspection],
    },
  },
};
