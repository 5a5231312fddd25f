// What a method has as `this`, and interceptors as `call.context`. This module is browser
// compatible.

import type { XmlRpcContext } from "../core/method.ts";
import type { InFlightCall } from "./in_flight.ts";

/**
 * The context of a call. It shows what is documented and nothing else: a method must not
 * reach the call in flight, which could abort others or upset what the server counts.
 */
export class Context implements XmlRpcContext {
  readonly request: Request;
  readonly methodName: string;
  readonly #inFlight: InFlightCall;

  constructor(inFlight: InFlightCall, methodName: string) {
    this.request = inFlight.request;
    this.methodName = methodName;
    this.#inFlight = inFlight;
  }

  // Read late: the signal of a request costs time once it is looked at.
  get signal(): AbortSignal {
    if (#inFlight in this) return this.#inFlight.signal;
    // An interceptor may have handed on an object that inherits from this one.
    return Object.getPrototypeOf(this).signal;
  }
}

// Methods reach it from `this`, and all calls share it.
Object.freeze(Context.prototype);
