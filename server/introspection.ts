// The server's own methods that describe the others: `system.listMethods` to
// `system.getCapabilities`. This module is browser compatible.

import { MULTICALL } from "../core/calls.ts";
import { FaultCode, XmlRpcFault } from "../core/errors.ts";
import { method } from "../core/method.ts";
import {
  optional,
  XmlRpcOptional,
  type XmlRpcSignature,
  type XmlRpcType,
} from "../core/types.ts";
import { quote } from "../util/messages.ts";
import type { Method } from "./registry.ts";
import { listTypeNames, toShortName } from "./signature.ts";

/** What `system.getCapabilities` needs to know about the server. */
export interface Features {
  /** Whether null may be sent. */
  readonly nil: boolean;
  readonly multicall: boolean;
}

/** The methods that describe the methods in `registry`, by name. */
export function createIntrospection(
  registry: ReadonlyMap<string, Method>,
  features: Features,
): Record<string, unknown> {
  return {
    "system.listMethods": method([
      { params: [], returns: ["string"], help: "The names of all methods." },
      // Not in the convention: a HomeMatic CCU sends the name under which it knows us.
      { params: ["string"], returns: ["string"] },
    ], () => [...registry.keys()]),
    "system.methodSignature": method(
      {
        params: ["string"],
        returns: "any",
        help:
          "The signatures of a method: for each, the type of the result and then those of the params. " +
          '"undef" if the method has none.',
      },
      (name) => {
        const { signatures } = findMethod(registry, name);
        // By the convention, a result that is not an array means that there is none.
        return signatures.length === 0
          ? "undef"
          : signatures.flatMap(listTypeNames);
      },
    ),
    "system.methodHelp": method({
      params: ["string"],
      returns: "string",
      help: "What a method does.",
    }, (name) => findMethod(registry, name).help),
    "system.describeMethods": method([
      {
        params: [optional(["string"])],
        returns: "struct",
        help:
          "Methods with the types of their params and results, members of structs included: " +
          "those named, or all.",
        batchable: false,
      },
      { params: ["string"], returns: "struct" },
    ], (names = [...registry.keys()]) => {
      // Each once: a name takes few bytes, and a description many. By method and not by
      // name, for unknown names may be long, and chosen to make a set slow.
      const methods = new Map(
        [names].flat().map((name) => [findMethod(registry, name), name]),
      );
      return {
        methodList: Array.from(
          methods,
          ([found, name]) => describeMethod(name, found),
        ),
        // All types are described where they are used.
        typeList: [],
      };
    }),
    "system.getCapabilities": method({
      params: [],
      returns: "struct",
      help:
        "The specifications that this server supports, with their versions.",
    }, () => listCapabilities(features)),
  };
}

function findMethod(
  registry: ReadonlyMap<string, Method>,
  name: string,
): Method {
  const found = registry.get(name);
  if (found !== undefined) return found;
  throw new XmlRpcFault(FaultCode.methodNotFound, `No method ${quote(name)}`);
}

/** A type as `system.describeMethods` gives it (xmlrpc-epi, version 20010516). */
interface ValueDescription {
  readonly name?: string;
  readonly type: string;
  readonly optional?: boolean;
  readonly member?: readonly ValueDescription[];
}

function describeType(
  type: XmlRpcType | XmlRpcOptional,
  name?: string,
): ValueDescription {
  const bare = type instanceof XmlRpcOptional ? type.type : type;
  const member = describeMembers(bare);
  return {
    ...name === undefined ? {} : { name },
    type: toShortName(bare),
    ...type instanceof XmlRpcOptional ? { optional: true } : {},
    ...member === undefined ? {} : { member },
  };
}

function describeMembers(type: XmlRpcType): ValueDescription[] | undefined {
  if (typeof type === "string") return undefined;
  if (Array.isArray(type)) return [describeType(type[0])];
  return Object.entries(type).map(([name, member]) =>
    describeType(member, name)
  );
}

function describeSignature({ params, returns }: XmlRpcSignature): unknown {
  return {
    params: params.map((type) => describeType(type)),
    returns: [describeType(returns)],
  };
}

function describeMethod(name: string, { help, signatures }: Method): unknown {
  return {
    name,
    purpose: help,
    signatures: signatures.map(describeSignature),
  };
}

/** The specifications that the server follows: their addresses and versions. */
const SPECIFICATIONS: Readonly<Record<string, readonly [string, number]>> = {
  xmlrpc: ["http://www.xmlrpc.com/spec", 1],
  "faults_interop": [
    "http://xmlrpc-epi.sourceforge.net/specs/rfc.fault_codes.php",
    20010516,
  ],
  // Two names for the same three methods: xmlrpc-c knows the one, PHP the other.
  introspect: [
    "http://xmlrpc-c.sourceforge.net/xmlrpc-c/introspection.html",
    1,
  ],
  introspection: ["http://phpxmlrpc.sourceforge.net/doc-2/ch10.html", 2],
  nil: ["http://www.ontosys.com/xml-rpc/extensions.php", 20010518],
  [MULTICALL]: ["http://www.xmlrpc.com/discuss/msgReader$1208", 1],
};

function listCapabilities(
  { nil, multicall }: Features,
): Record<string, { readonly specUrl: string; readonly specVersion: number }> {
  const absent = new Set([
    ...nil ? [] : ["nil"],
    ...multicall ? [] : [MULTICALL],
  ]);
  return Object.fromEntries(
    Object.entries(SPECIFICATIONS)
      .filter(([name]) => !absent.has(name))
      .map((
        [name, [specUrl, specVersion]],
      ) => [name, { specUrl, specVersion }]),
  );
}
