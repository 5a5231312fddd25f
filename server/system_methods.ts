// The server's own methods, `system.*`: introspection and multicall.
// This module is browser compatible.

import { capture } from "../core/snapshot.ts";
import { quote } from "../util/messages.ts";
import { findNameProblem } from "../codec/method_name.ts";
import { MULTICALL } from "../core/calls.ts";
import { method } from "../core/method.ts";
import type { InFlightCall } from "./in_flight.ts";
import { type Method, toMethod } from "./registry.ts";
import { nameOf, namesOf } from "../core/conversion.ts";
import { cancelSources, hasSource } from "../core/sources.ts";
import { isStruct } from "../core/struct.ts";
import { FaultCode, XmlRpcFault } from "../core/errors.ts";
import {
  optional,
  XmlRpcOptional,
  type XmlRpcSignature,
  type XmlRpcType,
} from "../core/types.ts";

/** A fault as the struct that stands for it. */
export interface FaultStruct {
  readonly faultCode: number;
  readonly faultString: string;
}

/** What the server's own methods need of the server. */
export interface SystemHost {
  readonly registry: ReadonlyMap<string, Method>;
  readonly settings: {
    readonly introspection: boolean;
    readonly multicall: boolean;
    readonly maxCalls: number;
    readonly maxMulticallBytes: number;
    readonly maxDepth: number;
    readonly maxNameBytes: number;
    /** Whether null may be sent. */
    readonly nil: boolean;
    /** Throws if a value cannot be sent. */
    readonly check: (value: unknown) => void;
  };
  /** Runs a call, through all interceptors; gives its result, or a promise of it. */
  invoke(
    methodName: string,
    params: readonly unknown[],
    inFlight: InFlightCall,
  ): unknown;
  /** What a caller gets to see of an error. */
  faultOf(
    error: unknown,
    context: { readonly request: Request; readonly methodName: string },
  ): FaultStruct;
}

/** The server's own methods by name. */
export function systemMethods(host: SystemHost): [string, Method][] {
  const { introspection, multicall } = host.settings;
  const methods = {
    ...introspection ? introspectionMethods(host) : {},
    ...multicall ? { [MULTICALL]: multicallMethod(host) } : {},
  };
  return Object.entries(methods).map((
    [name, handler],
  ) => [name, toMethod(name, handler as Method["handler"], true)]);
}

// ---------------------------------------------------------------- introspection

function introspectionMethods(host: SystemHost): Record<string, unknown> {
  const { registry } = host;
  return {
    "system.listMethods": method([
      { params: [], returns: ["string"], help: "The names of all methods." },
      // Not in the convention: a HomeMatic CCU sends the name it was given for us.
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
        const { signatures } = find(registry, name);
        // By the convention, what is no array says that there is none.
        return signatures.length === 0 ? "undef" : signatures.flatMap(namesOf);
      },
    ),
    "system.methodHelp": method({
      params: ["string"],
      returns: "string",
      help: "What a method does.",
    }, (name) => find(registry, name).help),
    "system.describeMethods": method([
      {
        params: [optional(["string"])],
        returns: "struct",
        help:
          "Methods with the types of all they take and give, members of structs included: " +
          "those named, or all.",
        batchable: false,
      },
      { params: ["string"], returns: "struct" },
    ], (names = [...registry.keys()]) => {
      // Each once: a name takes few bytes, and a description many. Those that are
      // no method's may be long, and made for a set to be slow.
      const methods = new Map(
        [names].flat().map((name) => [find(registry, name), name]),
      );
      return {
        methodList: Array.from(
          methods,
          ([found, name]) => describe(name, found),
        ),
        // All types are described where they are used.
        typeList: [],
      };
    }),
    "system.getCapabilities": method({
      params: [],
      returns: "struct",
      help:
        "The specifications that this server keeps to, with their versions.",
    }, () => capabilities(host)),
  };
}

function find(registry: ReadonlyMap<string, Method>, name: string): Method {
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
  const member = membersOf(bare);
  return {
    ...name === undefined ? {} : { name },
    type: nameOf(bare),
    ...type instanceof XmlRpcOptional ? { optional: true } : {},
    ...member === undefined ? {} : { member },
  };
}

function membersOf(type: XmlRpcType): ValueDescription[] | undefined {
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

function describe(name: string, { help, signatures }: Method): unknown {
  return {
    name,
    purpose: help,
    signatures: signatures.map(describeSignature),
  };
}

/** What the server keeps to: the address of each specification, and its version. */
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

function capabilities(
  { settings: { nil, multicall } }: SystemHost,
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

// ---------------------------------------------------------------- multicall

function invalidRequest(message: string): XmlRpcFault {
  return new XmlRpcFault(FaultCode.invalidRequest, message);
}

/** The call in an entry of a multicall; throws a fault if there is none. */
function readEntry(
  entry: unknown,
  { registry, settings }: SystemHost,
): { readonly methodName: string; readonly params: readonly unknown[] } {
  if (!isStruct(entry)) throw invalidRequest("Expected a struct for each call");
  const { methodName, params = [] } = entry;
  if (typeof methodName !== "string") {
    throw invalidRequest("A call must have a methodName, a string");
  }
  const flaw = findNameProblem(methodName);
  if (flaw !== undefined) throw invalidRequest(flaw);
  if (methodName.length > settings.maxNameBytes) {
    throw invalidRequest(
      `The methodName is too long: the limit maxNameBytes is ${settings.maxNameBytes}`,
    );
  }
  if (!Array.isArray(params)) {
    throw invalidRequest("The params of a call must be an array");
  }
  // A few bytes would become any number of calls.
  if (methodName === MULTICALL) {
    throw invalidRequest(`${MULTICALL} must not call itself`);
  }
  if (registry.get(methodName)?.batchable === false) {
    throw invalidRequest(
      `${quote(methodName)} cannot be called through ${MULTICALL}`,
    );
  }
  return { methodName, params };
}

// The caller may still be there to read it: when the server ends, say.
const NOT_BEGUN: FaultStruct = {
  faultCode: FaultCode.systemError,
  faultString: "Not begun: the call has been given up",
};

/** How long a multicall runs before it looks whether anybody still waits for it. */
const PATIENCE_MS = 1000;

/** Whether the caller of a multicall that began then has gone, or has been given up. */
function isAbandoned(inFlight: InFlightCall, start: number): boolean {
  if (inFlight.isAborted) return true;
  // A request's signal costs time once it has been looked at.
  return performance.now() - start > PATIENCE_MS && inFlight.signal.aborted;
}

/**
 * Copies results, for a later call may change what an earlier one gave; throws a fault
 * for one that is too long beside those before it.
 */
function createKeeper(
  { maxDepth, maxMulticallBytes }: SystemHost["settings"],
): (result: unknown) => unknown {
  let left = maxMulticallBytes;
  return (result) => {
    let rest = left;
    const copy = capture(result, maxDepth, (bytes) => {
      rest -= bytes;
      if (rest >= 0) return;
      throw invalidRequest(
        `The result is too long for one ${MULTICALL}: the limit maxMulticallBytes is ${maxMulticallBytes}`,
      );
    });
    left = rest;
    return copy;
  };
}

function multicallMethod(host: SystemHost): unknown {
  const { maxCalls } = host.settings;

  async function run(
    entry: unknown,
    inFlight: InFlightCall,
    keep: (result: unknown) => unknown,
  ): Promise<unknown> {
    let methodName = MULTICALL;
    try {
      const call = readEntry(entry, host);
      ({ methodName } = call);
      const result = await host.invoke(methodName, call.params, inFlight);
      try {
        // An array of one, so that no result is taken for a fault.
        return [keep(result)];
      } catch (error) {
        // Nobody is going to read what streams there may be in it.
        cancelSources(result, error);
        throw error;
      }
    } catch (error) {
      const { request } = inFlight;
      return host.faultOf(error, { methodName, request });
    }
  }

  async function multicall(
    this: InFlightCall,
    entries: readonly unknown[],
  ): Promise<unknown[]> {
    if (entries.length > maxCalls) {
      throw invalidRequest(
        `Too many calls in one ${MULTICALL}: the limit maxCalls is ${maxCalls}`,
      );
    }
    const keep = createKeeper(host.settings);
    const results: unknown[] = [];
    const start = performance.now();
    for (const entry of entries) {
      results.push(
        isAbandoned(this, start) ? NOT_BEGUN : await run(entry, this, keep),
      );
    }
    return results;
  }

  return method(
    {
      params: ["array"],
      returns: "array",
      help:
        "Runs calls one after the other: of each { methodName, params }, gives the result in an array of one, or a struct with its fault.",
    },
    multicall as (entries: readonly unknown[]) => Promise<unknown[]>,
  );
}

/**
 * The results of a multicall, each one that cannot be sent a fault of its own: it must
 * not take the others down with it.
 */
export function salvage(
  results: readonly unknown[],
  entries: readonly unknown[],
  request: Request,
  host: SystemHost,
): unknown {
  return results.map((result, index) => {
    try {
      if (hasSource(result)) {
        throw new TypeError(
          "Cannot send a stream in a multicall: batchable: false has the method called alone",
        );
      }
      host.settings.check([result]);
      return result;
    } catch (error) {
      cancelSources(result, error);
      const entry = entries[index] as { readonly methodName: string };
      return host.faultOf(error, { methodName: entry.methodName, request });
    }
  });
}
