// The server's own method `system.multicall`: many calls in one request. This module is
// browser compatible.

import { findNameProblem } from "../codec/method_name.ts";
import { MULTICALL } from "../core/calls.ts";
import { FaultCode, XmlRpcFault } from "../core/errors.ts";
import { method } from "../core/method.ts";
import { capture } from "../core/snapshot.ts";
import { cancelSources, hasSource } from "../core/sources.ts";
import { isStruct } from "../core/struct.ts";
import { quote } from "../util/messages.ts";
import type { InFlightCall } from "./in_flight.ts";
import type { Method } from "./registry.ts";

/** A fault as a struct, as it stands in the results of a multicall. */
export interface FaultStruct {
  readonly faultCode: number;
  readonly faultString: string;
}

/** The limits of a multicall. */
export interface MulticallSettings {
  readonly maxCalls: number;
  readonly maxMulticallBytes: number;
  readonly maxDepth: number;
  readonly maxNameBytes: number;
  /** Throws if a value cannot be sent. */
  readonly check: (value: unknown) => void;
}

/** What a multicall needs from the server. */
export interface MulticallHost {
  readonly registry: ReadonlyMap<string, Method>;
  readonly settings: MulticallSettings;
  /** Runs a call through all interceptors; returns its result, or a promise of it. */
  invoke(
    methodName: string,
    params: readonly unknown[],
    inFlight: InFlightCall,
  ): unknown;
  /** The fault that the caller gets for an error. */
  toFaultStruct(
    error: unknown,
    context: { readonly request: Request; readonly methodName: string },
  ): FaultStruct;
}

function invalidRequest(message: string): XmlRpcFault {
  return new XmlRpcFault(FaultCode.invalidRequest, message);
}

/** The call in an entry of a multicall; throws a fault if it is not a call. */
function readEntry(
  entry: unknown,
  { registry, settings }: MulticallHost,
): { readonly methodName: string; readonly params: readonly unknown[] } {
  if (!isStruct(entry)) throw invalidRequest("Expected a struct for each call");
  const { methodName, params = [] } = entry;
  if (typeof methodName !== "string") {
    throw invalidRequest("A call must have a methodName, a string");
  }
  const problem = findNameProblem(methodName);
  if (problem !== undefined) throw invalidRequest(problem);
  if (methodName.length > settings.maxNameBytes) {
    throw invalidRequest(
      `The methodName is too long: the limit maxNameBytes is ${settings.maxNameBytes}`,
    );
  }
  if (!Array.isArray(params)) {
    throw invalidRequest("The params of a call must be an array");
  }
  // Otherwise nested multicalls of a few bytes would become millions of calls.
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

// A caller that is still connected reads it, for example when the server shuts down.
const NOT_BEGUN: FaultStruct = {
  faultCode: FaultCode.systemError,
  faultString: "Not run: the multicall has been aborted",
};

/** How long a multicall runs before it checks whether its client has disconnected. */
const UNCHECKED_MS = 1000;

/** Whether the client has disconnected, or the server has aborted the call. */
function isAbandoned(inFlight: InFlightCall, start: number): boolean {
  if (inFlight.isAborted) return true;
  // Read late: the signal of a request costs time once it is looked at.
  return performance.now() - start > UNCHECKED_MS && inFlight.signal.aborted;
}

/**
 * Creates a function that copies a result, because a later call may change the original.
 * It throws a fault if all results together exceed `maxMulticallBytes`.
 */
function createResultBudget(
  { maxDepth, maxMulticallBytes }: MulticallSettings,
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

/** The method `system.multicall`; its `this` is the call in flight. */
export function createMulticall(host: MulticallHost): unknown {
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
        // An array of one, so that a result cannot be mistaken for a fault.
        return [keep(result)];
      } catch (error) {
        // The streams in the result are not read any more.
        cancelSources(result, error);
        throw error;
      }
    } catch (error) {
      const { request } = inFlight;
      return host.toFaultStruct(error, { methodName, request });
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
    const keep = createResultBudget(host.settings);
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
 * The results of a multicall, with a fault in place of each one that cannot be sent, so
 * that the others still are.
 */
export function replaceUnsendableResults(
  results: readonly unknown[],
  entries: readonly unknown[],
  request: Request,
  host: MulticallHost,
): unknown {
  return results.map((result, index) => {
    try {
      if (hasSource(result)) {
        throw new TypeError(
          "Cannot send a stream in a multicall: set batchable: false on the method",
        );
      }
      host.settings.check([result]);
      return result;
    } catch (error) {
      cancelSources(result, error);
      const entry = entries[index] as { readonly methodName: string };
      return host.toFaultStruct(error, {
        methodName: entry.methodName,
        request,
      });
    }
  });
}
