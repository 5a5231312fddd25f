// The server's own method `system.multicall`: many calls in one request. This module is
// browser compatible.

import { encodeResponseBytes } from "../codec/document.ts";
import { Encoder, type EncoderSettings } from "../codec/encoder.ts";
import { findNameProblem } from "../codec/method_name.ts";
import { TooManyBytes } from "../codec/pieces.ts";
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
  readonly maxNameBytes: number;
  /** How results are encoded. */
  readonly encoding: EncoderSettings;
  /** The interceptors of the server, which see the results of a multicall. */
  readonly interceptors: readonly unknown[];
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

/** How many bytes a fault has that stands for a result that is too long, at most. */
const FAULT_BYTES = 300;

/** Keeps the results and faults of a multicall, of which all together have a limit. */
class ResultKeeper {
  /** How results are encoded; its `maxBytes` is what is left for them. */
  readonly #encoding: EncoderSettings & { maxBytes: number };
  #encoder: Encoder | undefined;
  /** Whether interceptors see the results. */
  readonly #isSeen: boolean;
  /** The fault in place of what is too long. */
  readonly #tooLong: XmlRpcFault;

  constructor(
    { maxMulticallBytes, encoding, interceptors }: MulticallSettings,
    calls: number,
  ) {
    // The document must have room for a fault for each call, and for what is around them.
    const room = encoding.maxBytes - FAULT_BYTES * (calls + 1);
    this.#encoding = {
      ...encoding,
      maxBytes: Math.min(maxMulticallBytes, room),
      // A result is in an array of one, and a fault has three values.
      maxValues: Math.max(3, encoding.maxValues + 1),
      instead: "encodeResponseStream",
    };
    this.#isSeen = interceptors.length > 0;
    const limit = maxMulticallBytes <= room
      ? `maxMulticallBytes is ${maxMulticallBytes}`
      : `${encoding.bytesOption} is ${encoding.maxBytes}`;
    this.#tooLong = invalidRequest(
      `The result is too long for one ${MULTICALL}: the limit ${limit}`,
    );
  }

  /**
   * Encodes a result at once, because a later call may change the original; for
   * interceptors, copies it. Throws an error if it cannot be sent, and a fault if all
   * results together are too long.
   */
  keepResult(result: unknown): unknown {
    try {
      // An array of one, so that a result cannot be mistaken for a fault.
      return this.#keep([result]);
    } catch (error) {
      // Streams are looked for only now, because that takes as long as encoding.
      const reason = this.#explain(error, result);
      // They are not read any more.
      cancelSources(result, reason);
      throw reason;
    }
  }

  #explain(error: unknown, result: unknown): unknown {
    if (error instanceof TooManyBytes) return this.#tooLong;
    return hasSource(result) ? refuseStream() : error;
  }

  /** Keeps a fault, or a short one in its place if all results together are too long. */
  keepFault(fault: FaultStruct): unknown {
    try {
      return this.#keep(fault);
    } catch (error) {
      if (!(error instanceof TooManyBytes)) throw error;
      const { code, message } = this.#tooLong;
      return { faultCode: code, faultString: message };
    }
  }

  #keep(slot: unknown): unknown {
    // After an error, an encoder is not used any more.
    const encoder = this.#encoder ?? new Encoder(this.#encoding, ["value"]);
    this.#encoder = undefined;
    encoder.item(slot, 0);
    const encoded = encoder.takeValue();
    this.#encoder = encoder;
    this.#encoding.maxBytes -= encoded.content.length;
    return this.#isSeen ? capture(slot, this.#encoding) : encoded;
  }
}

function refuseStream(): TypeError {
  return new TypeError(
    "Cannot send a stream in a multicall: set batchable: false on the method",
  );
}

/** The method `system.multicall`; its `this` is the call in flight. */
export function createMulticall(host: MulticallHost): unknown {
  const { maxCalls } = host.settings;

  async function run(
    entry: unknown,
    inFlight: InFlightCall,
    keeper: ResultKeeper,
  ): Promise<unknown> {
    let methodName = MULTICALL;
    try {
      const call = readEntry(entry, host);
      ({ methodName } = call);
      const result = await host.invoke(methodName, call.params, inFlight);
      return keeper.keepResult(result);
    } catch (error) {
      const { request } = inFlight;
      return keeper.keepFault(
        host.toFaultStruct(error, { methodName, request }),
      );
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
    const keeper = new ResultKeeper(host.settings, entries.length);
    const results: unknown[] = [];
    const start = performance.now();
    for (const entry of entries) {
      results.push(
        isAbandoned(this, start) ? NOT_BEGUN : await run(entry, this, keeper),
      );
    }
    return results;
  }

  return method(
    {
      params: ["array"],
      returns: "array",
      help:
        "Runs calls in order, each { methodName, params }. Returns an array with an entry for each: [result], or a struct with its fault.",
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
        throw refuseStream();
      }
      encodeResponseBytes([result], host.settings.encoding);
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
