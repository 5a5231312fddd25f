// Answers HTTP requests. This module is browser compatible.

import { createDeferred, ignoreErrors } from "../util/async.ts";
import type { DecoderSettings } from "../codec/element_decoder.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { XmlRpcErrorContext } from "./options.ts";
import {
  encodeFaultBytes,
  encodeResponseBytes,
  encodeResult,
  type ResponseDocument,
  type StreamHooks,
} from "../codec/document.ts";
import type { EncoderSettings } from "../codec/encoder.ts";
import {
  type ReceivedCall,
  RequestReader,
  type RequestReaderSettings,
} from "./request_reader.ts";
import { InFlightCall, LoadLimiter } from "./in_flight.ts";
import { busy, Refusal } from "./refusal.ts";
import { checkRequest, wantsPage } from "./request_rules.ts";
import { respond, respondWithPage } from "./respond.ts";
import { cancelSources } from "../core/sources.ts";
import { MULTICALL } from "../core/calls.ts";
import { FaultCode, XmlRpcFault } from "../core/errors.ts";

/** The settings for handling requests. */
export interface HandlerSettings {
  readonly decoding: DecoderSettings;
  readonly encoding: EncoderSettings;
  readonly maxBodyBytes: number;
  readonly gzip: boolean;
  /** Whether browsers get a page. */
  readonly docs: boolean;
  readonly maxConcurrent: number;
  readonly maxPendingBytes: number;
  readonly bodyTimeout: number;
  readonly callTimeout: number;
}

function toDocument(body: Uint8Array<ArrayBuffer>): ResponseDocument {
  return { body, length: body.length };
}

function readTooSlowly(bodyTimeout: number): DOMException {
  return new DOMException(
    `The client has not read more of the response within ${bodyTimeout} ms: the option bodyTimeout`,
    "TimeoutError",
  );
}

/** Answers the requests of a server. */
export class RequestHandler {
  readonly #dispatcher: Dispatcher;
  readonly #settings: HandlerSettings;
  readonly #readerSettings: RequestReaderSettings;
  readonly #limiter: LoadLimiter;
  readonly #running = new Set<InFlightCall>();

  constructor(dispatcher: Dispatcher, settings: HandlerSettings) {
    this.#dispatcher = dispatcher;
    this.#settings = settings;
    this.#readerSettings = {
      ...settings,
      hasStreams: dispatcher.hasStreams,
      findStreamedParam: (name) => dispatcher.findStreamedParam(name),
    };
    this.#limiter = new LoadLimiter(
      settings.maxConcurrent,
      settings.maxPendingBytes,
    );
  }

  /** Answers a request. Never rejects. */
  async fetch(request: Request): Promise<Response> {
    try {
      const { docs } = this.#settings;
      if (docs && wantsPage(request)) return await respondWithPage(request);
      checkRequest(request, docs);
      return await this.#respond(this.#admit(request));
    } catch (error) {
      // Nothing reads the rest of the body.
      ignoreErrors(() => request.body?.cancel());
      if (error instanceof Refusal) return error.toResponse();
      // An error that throws when it is looked at, such as a Proxy.
      const context = { request, methodName: undefined };
      return await respond(this.#encodeFault(error, context), undefined);
    }
  }

  /** Shuts down gracefully, then aborts the calls that are left; false if there are any. */
  async drain(timeout: number): Promise<boolean> {
    const isIdle = await this.#limiter.drain(timeout);
    for (const inFlight of this.#running) {
      inFlight.abort(
        new DOMException("The server is shutting down", "AbortError"),
      );
    }
    return isIdle;
  }

  // ---------------------------------------------------------------- load

  /** Admits a request; throws a `Refusal` if there are too many. */
  #admit(request: Request): InFlightCall {
    if (!this.#limiter.enter()) {
      const state = this.#limiter.isClosed ? "shutting down" : "busy";
      throw busy(`The server is ${state}; retry later`);
    }
    const inFlight = new InFlightCall(request, this.#limiter, this.#onReleased);
    this.#running.add(inFlight);
    return inFlight;
  }

  readonly #onReleased = (inFlight: InFlightCall): void =>
    void this.#running.delete(inFlight);

  /** Runs a method within its timeout; returns its result, or a promise of it. */
  #invoke(
    { methodName, params }: ReceivedCall,
    inFlight: InFlightCall,
  ): unknown {
    const work = this.#dispatcher.invoke(methodName, params, inFlight);
    const isTimed = work instanceof Promise &&
      this.#dispatcher.findStreamedParam(methodName) === undefined;
    return isTimed ? this.#withinTimeout(work, methodName, inFlight) : work;
  }

  /** Waits for a method; after `callTimeout`, reports and throws instead. */
  async #withinTimeout(
    work: Promise<unknown>,
    methodName: string,
    inFlight: InFlightCall,
  ): Promise<unknown> {
    const { callTimeout } = this.#settings;
    const late = createDeferred<never>();
    inFlight.timer.set(callTimeout, () => {
      const reason = new DOMException(
        `The method has not ended within ${callTimeout} ms: the option callTimeout`,
        "TimeoutError",
      );
      const { request } = inFlight;
      this.#dispatcher.report(reason, { request, methodName });
      inFlight.abort(reason);
      // The method keeps running; streams in its result will not be read.
      inFlight.retain();
      work.then((result) => cancelSources(result, reason), () => {})
        .finally(() => inFlight.release());
      late.reject(
        new XmlRpcFault(FaultCode.systemError, "The call took too long"),
      );
    });
    try {
      return await Promise.race([work, late.promise]);
    } finally {
      inFlight.timer.clear();
    }
  }

  // ---------------------------------------------------------------- responses

  /** The response to an admitted request. */
  async #respond(inFlight: InFlightCall): Promise<Response> {
    const { gzip } = this.#settings;
    const { headers } = inFlight.request;
    inFlight.retain();
    try {
      const { document, methodName } = await this.#createDocument(inFlight);
      return await respond(
        document,
        gzip ? headers : undefined,
        (bytes) => {
          // Counted, but not refused: the method has run.
          inFlight.reserve(bytes);
          return this.#createHooks(inFlight, methodName);
        },
      );
    } finally {
      inFlight.release();
    }
  }

  /** The document for the response, and the name of the method if it is known. */
  async #createDocument(inFlight: InFlightCall): Promise<
    { document: ResponseDocument; methodName: string | undefined }
  > {
    const { request } = inFlight;
    let reader: RequestReader | undefined;
    try {
      reader = new RequestReader(inFlight, this.#readerSettings);
      const document = await this.#runCall(reader, inFlight);
      return { document, methodName: reader.methodName };
    } catch (error) {
      if (error instanceof Refusal) throw error;
      const methodName = reader?.methodName;
      const document = this.#encodeFault(error, { request, methodName });
      return { document, methodName };
    }
  }

  /** Reads a call, runs it, and encodes its result. */
  async #runCall(
    reader: RequestReader,
    inFlight: InFlightCall,
  ): Promise<ResponseDocument> {
    const call = await reader.readCall();
    let result: unknown;
    try {
      result = await this.#invoke(call, inFlight);
    } catch (error) {
      throw await reader.fail(error);
    }
    try {
      await reader.readRest();
    } catch (error) {
      cancelSources(result, error);
      throw error;
    }
    return this.#encodeResult(call, result, inFlight);
  }

  /** The document with a call's result. */
  #encodeResult(
    { methodName, params }: ReceivedCall,
    result: unknown,
    inFlight: InFlightCall,
  ): ResponseDocument {
    const { encoding } = this.#settings;
    if (methodName !== MULTICALL) {
      return encodeResult(
        result,
        encoding,
        () => this.#createHooks(inFlight, methodName),
      );
    }
    try {
      return toDocument(encodeResponseBytes(result, encoding));
    } catch (error) {
      const sendable = this.#dispatcher.replaceUnsendableResults(
        params,
        result,
        inFlight.request,
      );
      if (sendable === undefined) throw error;
      return toDocument(encodeResponseBytes(sendable, encoding));
    }
  }

  /**
   * The hooks of a streamed response: the call stays in flight until the client has read
   * it, and the stream is cut off if the client stops reading.
   */
  #createHooks(
    inFlight: InFlightCall,
    methodName: string | undefined,
  ): StreamHooks {
    const { bodyTimeout } = this.#settings;
    const { request, timer } = inFlight;
    const cutOff = new AbortController();
    const onTimeout = (): void => cutOff.abort(readTooSlowly(bodyTimeout));
    inFlight.retain();
    return {
      signal: cutOff.signal,
      onProgress: undefined,
      onWait: (isWaiting) =>
        isWaiting ? timer.set(bodyTimeout, onTimeout) : timer.clear(),
      onError: (error) =>
        this.#dispatcher.report(error, { request, methodName }),
      onEnd: () => inFlight.release(),
    };
  }

  #encodeFault(
    error: unknown,
    context: XmlRpcErrorContext,
  ): ResponseDocument {
    const { faultCode, faultString } = this.#dispatcher.toFaultStruct(
      error,
      context,
    );
    // The dispatcher has checked it: a fault is always sent.
    const unlimited = { ...this.#settings.encoding, maxBytes: Infinity };
    return toDocument(encodeFaultBytes(faultCode, faultString, unlimited));
  }
}
