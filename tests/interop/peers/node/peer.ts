// Packages of npm, run by node.

import {
  CASES,
  type Lacks,
  type Peer,
  programOf,
  REASONS,
} from "../../_peer.ts";

function npm(
  spec: string,
  lacks: { readonly client: Lacks; readonly server: Lacks },
): Peer {
  const [, name = "", version = ""] = /^@?(\w+).*@(.*)$/.exec(spec) ?? [];
  const command = (side: string) => [
    "node",
    programOf(`node/${name}_${side}.cjs`),
  ];
  return {
    name: `npm-${name}`,
    install: `node and npm, which fetches ${spec}`,
    version: ["node", "-p", "process.argv[1]", version],
    build: (built) => [
      ["npm", "install", "--prefix", built, "--no-audit", "--no-fund", spec],
    ],
    env: (built) => ({ NODE_PATH: `${built}/node_modules`, TZ: "UTC" }),
    client: { command: () => command("client"), lacks: lacks.client },
    server: { command: () => command("server"), lacks: lacks.server },
  };
}

const numbers = {
  [REASONS.whole]: ["wholeFloat"],
  "sends a large whole number as <int>1.25e+21</int>": ["double.large"],
};

const XMLRPC = npm("xmlrpc@1.3.2", {
  client: {
    ...numbers,
    "reads an i8 as a string, and sends a bigint as an empty value": CASES.i8,
  },
  server: {
    ...numbers,
    "reads an i8 as a string": CASES.i8,
    "answers status 404 for an unknown method": ["fault.unknownMethod"],
    "has no system methods": ["multicall", ...CASES.introspection],
  },
});

const DAVEXMLRPC = npm("davexmlrpc@0.4.26", {
  client: {
    ...numbers,
    "has no i8, and cannot send a bigint": CASES.i8,
    "has no nil, and sends an empty struct": CASES.nil,
    [REASONS.cr]: ["string.cr"],
    "reads base64 as UTF-8": [
      "manyTypesTest",
      "echoBase64",
      "image_get.1MB",
      "base64",
      "base64.empty",
    ],
  },
  server: {
    ...numbers,
    "has no i8, and reads a struct": CASES.i8,
    "has no nil, and reads a struct": CASES.nil,
    [REASONS.cr]: ["string.cr"],
    "reads base64 as UTF-8, and sends it as a string with any characters": [
      "manyTypesTest",
      "echoBase64",
      "image_get.1MB",
      "base64",
      "base64.empty",
    ],
    "counts characters instead of bytes, and cuts the end off": [
      "get_string.unicode",
      "string.unicode",
      "string.astral",
    ],
    "has only the fault code 1": ["fault", "fault.negative"],
    "has no system methods": ["multicall", ...CASES.introspection],
  },
});

const FOXGLOVE = npm("@foxglove/xmlrpc@1.3.0", {
  client: {
    ...numbers,
    "reads an i8 as a string, and sends a bigint as an empty value": CASES.i8,
    [REASONS.cr]: ["string.cr"],
    "cannot send ]]>": ["string.markup"],
  },
  server: {
    ...numbers,
    "reads an i8 as a string": CASES.i8,
    [REASONS.cr]: ["string.cr"],
    "cannot send ]]>": ["string.markup"],
    "reads nil as undefined, and sends it as an empty string": CASES.nil,
    "has no introspection": CASES.introspection,
  },
});

/** Packages of npm. */
export const NODE: readonly Peer[] = [XMLRPC, DAVEXMLRPC, FOXGLOVE];
