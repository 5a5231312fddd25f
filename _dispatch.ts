// From a decoded call to its result: interceptors, registry, signatures, faults.
// This module is browser compatible.

import { composeInterceptors } from "./_interceptors.ts";
import { quote } from "./_message.ts";
import type { XmlRpcContext } from "./_method.ts";
import type { Method } from "./_registry.ts";
import {
  conform,
  type DateSettings,
  fitParams,
  type FittingParams,
  Misfit,
  receiving,
} from "./_signature.ts";
import {
  type FaultStruct,
  MULTICALL,
  salvage,
  type SystemHost,
  systemMethods,
} from "./_system.ts";
import { SpanKind, traced } from "./_telemetry.ts";
import { encodeFault } from "./codec.ts";
import { FaultCode, XmlRpcFault } from "./errors.ts";

/** A call on its way to a method, as interceptors see it. */
export interface XmlRpcServerCall {
  /** The method's name. There need not be such a method. */
  readonly methodName: string;
  /** The params as they have come: not checked yet against any signature. */
  readonly params: readonly unknown[];
  /** What the method will have as `this`. */
  readonly context: XmlRpcContext;
}

/**
 * A function around every call: it may look at the call, refuse it by throwing an
 * {@linkcode XmlRpcFault}, change its params, look at the result or the error, and
 * whatever else is to be done for all methods.
 *
 * @param call The call.
 * @param next Runs the rest: the interceptors behind this one, then the method. Gives
 * what the method returns; rejects with what it throws, and with a fault if there is no
 * such method or the params do not fit.
 * @returns The result.
 */
export type XmlRpcServerInterceptor = (
  call: XmlRpcServerCall,
  next: (call: XmlRpcServerCall) => Promise<unknown>,
) => unknown;

/** Where an error happened. */
export interface XmlRpcErrorContext {
  /** The HTTP request. */
  readonly request: Request;
  /** The name of the method; undefined if the request has not been read so far. */
  readonly methodName: string | undefined;
}

/** Everything that can be set for the running of calls. */
export interface DispatchSettings extends DateSettings {
  readonly interceptors: readonly XmlRpcServerInterceptor[];
  readonly onError:
    | ((error: unknown, context: XmlRpcErrorContext) => void)
    | undefined;
  readonly introspection: boolean;
  readonly multicall: boolean;
  readonly maxCalls: number;
  readonly nil: boolean;
  readonly check: (value: unknown) => void;
}

const INTERNAL_ERROR: FaultStruct = {
  faultCode: FaultCode.internalError,
  faultString: "Internal error",
};

class Context implements XmlRpcContext {
  readonly request: Request;
  readonly methodName: string;

  constructor(request: Request, methodName: string) {
    this.request = request;
    this.methodName = methodName;
  }

  // A request's signal costs time once it has been looked at.
  get signal(): AbortSignal {
    return this.request.signal;
  }
}

/** Runs the calls of a server. */
export class Dispatcher implements SystemHost {
  readonly registry: ReadonlyMap<string, Method>;
  readonly settings: DispatchSettings;
  readonly #conversions: ReturnType<typeof receiving>;
  readonly #run: (call: XmlRpcServerCall) => Promise<unknown>;

  /** Adds the server's own methods to those in the registry. */
  constructor(registry: Map<string, Method>, settings: DispatchSettings) {
    this.registry = registry;
    this.settings = settings;
    this.#conversions = receiving(settings);
    this.#run = composeInterceptors<XmlRpcServerCall>(
      settings.interceptors,
      (call) => this.#dispatch(call),
    );
    for (const [name, method] of systemMethods(this)) {
      registry.set(name, method);
    }
  }

  /** Runs a call, through all interceptors. */
  invoke(
    methodName: string,
    params: readonly unknown[],
    request: Request,
  ): Promise<unknown> {
    const context = new Context(request, methodName);
    return traced(
      SpanKind.server,
      methodName,
      {},
      () => this.#run({ methodName, params, context }),
    );
  }

  /** Runs a call, behind all interceptors. */
  async #dispatch(call: XmlRpcServerCall): Promise<unknown> {
    const { methodName, params, context } = call;
    const method = this.registry.get(methodName);
    if (method === undefined) {
      throw new XmlRpcFault(
        FaultCode.methodNotFound,
        `No method ${quote(methodName)}`,
      );
    }
    if (method.signatures.length > 0) {
      const fitting = this.#fit(method, params);
      const result = await method.handler.apply(context, fitting.params);
      return conform(result, fitting.signature.returns, "value");
    }
    const result = await method.handler.apply(context, [...params]);
    return result === undefined ? null : result;
  }

  #fit({ signatures }: Method, params: readonly unknown[]): FittingParams {
    try {
      return fitParams(signatures, params, this.#conversions);
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      throw new XmlRpcFault(FaultCode.invalidParams, error.message);
    }
  }

  /** What the caller gets of an error: a fault as it is, of all else only that it happened. */
  faultOf(error: unknown, context: XmlRpcErrorContext): FaultStruct {
    if (error instanceof XmlRpcFault) {
      try {
        encodeFault(error);
        return { faultCode: error.code, faultString: error.message };
      } catch (refusal) {
        const { message } = new Error(String(refusal));
        error = new TypeError(message, { cause: error });
      }
    }
    this.#report(error, context);
    return INTERNAL_ERROR;
  }

  #report(error: unknown, context: XmlRpcErrorContext): void {
    try {
      // An async function fits the type too; its rejection is dropped like a throw.
      const returned: unknown = this.settings.onError?.(error, context);
      Promise.resolve(returned).catch(() => {});
    } catch {
      // The hook is the application's; the answer is the caller's.
    }
  }

  /** What can be sent of a result that cannot; undefined if nothing can. */
  salvage(
    methodName: string,
    params: readonly unknown[],
    result: unknown,
    request: Request,
  ): unknown {
    const [entries] = params;
    // Whatever interceptors may have made of them.
    const isMulticall = methodName === MULTICALL && Array.isArray(entries) &&
      Array.isArray(result) && result.length === entries.length;
    return isMulticall ? salvage(result, entries, request, this) : undefined;
  }
}
