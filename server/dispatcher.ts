// Runs decoded calls: interceptors, registry, signatures, faults.
// This module is browser compatible.

import { composeInterceptors, MULTICALL } from "../core/calls.ts";
import { Context } from "./context.ts";
import { ignoreErrors } from "../util/async.ts";
import { quote } from "../util/messages.ts";
import { findInvisibleCharacter } from "../codec/method_name.ts";
import type { InFlightCall } from "./in_flight.ts";
import type {
  XmlRpcErrorContext,
  XmlRpcServerCall,
  XmlRpcServerInterceptor,
} from "./options.ts";
import { type Method, toMethod } from "./registry.ts";
import { fitParams, type FittingParams } from "./signature.ts";
import {
  type Conversions,
  convertOutgoing,
  createIncomingConversions,
  type DateSettings,
  TypeMismatch,
} from "../core/conversion.ts";
import { createIntrospection } from "./introspection.ts";
import {
  createMulticall,
  type FaultStruct,
  type MulticallHost,
  type MulticallSettings,
  replaceUnsendableResults,
} from "./multicall.ts";
import { cancelSources } from "../core/sources.ts";
import { SpanKind, traced } from "../core/tracing.ts";
import { encodeFaultBytes } from "../codec/document.ts";
import { FaultCode, XmlRpcFault } from "../core/errors.ts";
import type { XmlRpcType } from "../core/types.ts";

/** The settings for running calls. */
export interface DispatchSettings extends DateSettings, MulticallSettings {
  readonly interceptors: readonly XmlRpcServerInterceptor[];
  readonly onError:
    | ((error: unknown, context: XmlRpcErrorContext) => void)
    | undefined;
  readonly introspection: boolean;
  readonly multicall: boolean;
  /** Whether null may be sent. */
  readonly nil: boolean;
}

const INTERNAL_ERROR: FaultStruct = {
  faultCode: FaultCode.internalError,
  faultString: "Internal error",
};

/** Opens bytes that have arrived whole as the stream that the method reads. */
function openLastParam(params: unknown[]): void {
  const last = params.length - 1;
  const bytes = params[last];
  if (bytes instanceof Uint8Array) {
    params[last] = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  }
}

function convertResult(
  result: unknown,
  type: XmlRpcType,
  maxValues: number,
): unknown {
  try {
    return convertOutgoing(result, type, "value", maxValues);
  } catch (error) {
    // The streams in the result are not read any more.
    cancelSources(result, error);
    throw error;
  }
}

/** Whether a value is a promise, or another thenable. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (typeof value === "object" || typeof value === "function") &&
    value !== null &&
    typeof (value as Partial<PromiseLike<unknown>>).then === "function";
}

/** Maps a result: at once, or as a promise if the result is one. */
function mapResult(
  result: unknown,
  map: (result: unknown) => unknown,
): unknown {
  return isThenable(result) ? (async () => map(await result))() : map(result);
}

/** Runs the calls of a server. */
export class Dispatcher implements MulticallHost {
  readonly registry: ReadonlyMap<string, Method>;
  readonly settings: DispatchSettings;
  /** Whether any method reads a stream. */
  readonly hasStreams: boolean;
  readonly #conversions: Conversions;

  /** Adds the server's own methods to those in the registry. */
  constructor(registry: Map<string, Method>, settings: DispatchSettings) {
    this.registry = registry;
    this.settings = settings;
    this.hasStreams = [...registry.values()].some(({ isStreamed }) =>
      isStreamed
    );
    this.#conversions = createIncomingConversions(settings);
    const { introspection, multicall } = settings;
    const own = {
      ...introspection ? createIntrospection(registry, settings) : {},
      ...multicall ? { [MULTICALL]: createMulticall(this) } : {},
    };
    for (const [name, handler] of Object.entries(own)) {
      registry.set(name, toMethod(name, handler as Method["handler"], true));
    }
  }

  /** Runs a call through all interceptors; returns its result, or a promise of it. */
  invoke(
    methodName: string,
    params: readonly unknown[],
    inFlight: InFlightCall,
  ): unknown {
    const problem = findInvisibleCharacter(methodName);
    if (problem !== undefined) {
      throw new XmlRpcFault(FaultCode.invalidRequest, problem);
    }
    const context = new Context(inFlight, methodName);
    return traced(
      SpanKind.server,
      methodName,
      {},
      () => this.#intercept({ methodName, params, context }, inFlight),
    );
  }

  /** The index of the param that a method reads as a stream; undefined if none. */
  findStreamedParam(methodName: string): number | undefined {
    const method = this.registry.get(methodName);
    if (method === undefined || !method.isStreamed) return undefined;
    return method.signatures[0]!.params.length - 1;
  }

  /** Runs a call through all interceptors; returns its result, or a promise of it. */
  #intercept(call: XmlRpcServerCall, inFlight: InFlightCall): unknown {
    const { interceptors } = this.settings;
    if (interceptors.length === 0) return this.#dispatch(call, inFlight);
    // The call in flight is not part of the context, which an interceptor may replace.
    const run = composeInterceptors(
      interceptors,
      async (call: XmlRpcServerCall) => await this.#dispatch(call, inFlight),
    );
    return run(call);
  }

  /** Runs the method of a call; returns its result, or a promise of it. */
  #dispatch(call: XmlRpcServerCall, inFlight: InFlightCall): unknown {
    const { methodName, params, context } = call;
    const method = this.registry.get(methodName);
    if (method === undefined) {
      throw new XmlRpcFault(
        FaultCode.methodNotFound,
        `No method ${quote(methodName)}`,
      );
    }
    if (method.signatures.length > 0) {
      const { maxValues } = this.settings.encoding;
      const { params: fitting, signature } = this.#fit(method, params);
      if (method.isStreamed) openLastParam(fitting);
      return mapResult(
        method.handler.apply(method.isOwn ? inFlight : context, fitting),
        (result) => convertResult(result, signature.returns, maxValues),
      );
    }
    return mapResult(
      method.handler.apply(context, [...params]),
      (result) => result === undefined ? null : result,
    );
  }

  #fit({ signatures }: Method, params: readonly unknown[]): FittingParams {
    try {
      const { maxValues } = this.settings.encoding;
      return fitParams(signatures, params, this.#conversions, maxValues);
    } catch (error) {
      if (!(error instanceof TypeMismatch)) throw error;
      throw new XmlRpcFault(FaultCode.invalidParams, error.message);
    }
  }

  /** The fault that the caller gets: an XmlRpcFault as it is, "Internal error" otherwise. */
  toFaultStruct(error: unknown, context: XmlRpcErrorContext): FaultStruct {
    let reported = error;
    try {
      // `instanceof` throws for some Proxies, `encodeFault` for faults that cannot be sent.
      if (error instanceof XmlRpcFault) {
        const { code, message } = error;
        encodeFaultBytes(code, message, this.settings.encoding);
        return { faultCode: code, faultString: message };
      }
    } catch (problem) {
      reported = new TypeError(String(problem), { cause: error });
    }
    this.report(reported, context);
    return INTERNAL_ERROR;
  }

  /** Calls `onError` with an error that is hidden from the caller. */
  report(error: unknown, context: XmlRpcErrorContext): void {
    // A hook that fails, even an async one, does not change the response.
    ignoreErrors(() => this.settings.onError?.(error, context));
  }

  /**
   * The results of a multicall, with faults for those that cannot be sent; undefined if an
   * interceptor has replaced the results as a whole.
   */
  replaceUnsendableResults(
    params: readonly unknown[],
    results: unknown,
    request: Request,
  ): unknown {
    const [entries] = params;
    const isWhole = Array.isArray(entries) && Array.isArray(results) &&
      results.length === entries.length;
    if (!isWhole) return undefined;
    return replaceUnsendableResults(results, entries, request, this);
  }
}
