// From an HTTP request to its response. This module is browser compatible.

import { createDeferred } from "../util/async.ts";
import type { DecoderSettings } from "../codec/decoder.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { XmlRpcErrorContext } from "./options.ts";
import {
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
import { pageFor, wantsPage } from "./docs_page.ts";
import { busy, Refusal } from "./refusal.ts";
import { checkRequest } from "./request_rules.ts";
import { respond } from "./respond.ts";
import { cancelSources } from "../core/sources.ts";
import { MULTICALL } from "../core/calls.ts";
import { encodeFault } from "../codec/encode.ts";
import { FaultCode, XmlRpcFault } from "../core/errors.ts";

/** Everything that can be set for the handling of requests. */
export interface HandlerSettings {
  readonly decoding: DecoderSettings;
  readonly encoding: EncoderSettings;
  readonly maxBodyBytes: number;
  readonly gzip: boolean;
  /** Whether browsers get to see a page. */
  readonly docs: boolean;
  readonly maxConcurrent: number;
  readonly maxPendingBytes: number;
  readonly bodyTimeout: number;
  readonly callTimeout: number;
}

function wholeDocument(body: Uint8Array<ArrayBuffer>): ResponseDocument {
  return { body, length: body.length };
}

function readTooSlowly(bodyTimeout: number): DOMException {
  return new DOMException(
    `The response has not been read on within ${bodyTimeout} ms: the option bodyTimeout`,
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
      streamedParam: (name) => dispatcher.streamedParam(name),
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
      if (docs && wantsPage(request)) return await pageFor(request);
      checkRequest(request, docs);
      return await this.#answer(this.#enter(request));
    } catch (error) {
      // What has not been read of the body nobody needs.
      request.body?.cancel().catch(() => {});
      if (error instanceof Refusal) return error.toResponse();
      // An error that cannot even be looked at, such as a Proxy that throws.
      const context = { request, methodName: undefined };
      const document = this.#faultDocument(error, context);
      // It is short.
      return await respond(
        document,
        undefined,
        (bytes) => new Blob([bytes]).stream(),
      );
    }
  }

  /** Ends the calls that run, and refuses others; false if not all end in time. */
  async drain(timeout: number): Promise<boolean> {
    const isIdle = await this.#limiter.drain(timeout);
    for (const inFlight of this.#running) {
      inFlight.abort(new DOMException("The server ends", "AbortError"));
    }
    return isIdle;
  }

  // ---------------------------------------------------------------- load

  /** Lets a request in, unless there are too many. */
  #enter(request: Request): InFlightCall {
    if (!this.#limiter.enter()) {
      const why = this.#limiter.isClosed ? "ends" : "is busy";
      throw busy(`The server ${why}: try again`);
    }
    const inFlight = new InFlightCall(request, this.#limiter, this.#forget);
    this.#running.add(inFlight);
    return inFlight;
  }

  readonly #forget = (inFlight: InFlightCall): void =>
    void this.#running.delete(inFlight);

  /** Runs a method for as long as it may take; gives its result, or a promise of it. */
  #invoke(
    { methodName, params }: ReceivedCall,
    inFlight: InFlightCall,
  ): unknown {
    const work = this.#dispatcher.invoke(methodName, params, inFlight);
    const isTimed = work instanceof Promise &&
      this.#dispatcher.streamedParam(methodName) === undefined;
    return isTimed ? this.#inTime(work, methodName, inFlight) : work;
  }

  /** Waits for a method no longer than it may take. */
  async #inTime(
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
      // It goes on, and nobody is going to read what it may give.
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

  // ---------------------------------------------------------------- answers

  /** The response to a request that has been let in. */
  async #answer(inFlight: InFlightCall): Promise<Response> {
    const { gzip } = this.#settings;
    const { headers } = inFlight.request;
    inFlight.retain();
    try {
      const { document, methodName } = await this.#handle(inFlight);
      return await respond(
        document,
        gzip ? headers : undefined,
        (bytes, piece) => this.#watch(bytes, piece, inFlight, methodName),
      );
    } finally {
      inFlight.release();
    }
  }

  /** The document that answers a request, and the name of the method, if it is known. */
  async #handle(inFlight: InFlightCall): Promise<
    { document: ResponseDocument; methodName: string | undefined }
  > {
    const { request } = inFlight;
    let reading: RequestReader | undefined;
    try {
      reading = new RequestReader(inFlight, this.#readerSettings);
      const document = await this.#run(reading, inFlight);
      return { document, methodName: reading.methodName };
    } catch (error) {
      if (error instanceof Refusal) throw error;
      const methodName = reading?.methodName;
      const document = this.#faultDocument(error, { request, methodName });
      return { document, methodName };
    }
  }

  /** Bytes as a stream that fails if nobody reads on; the call is not over before it is. */
  #watch(
    bytes: Uint8Array<ArrayBuffer>,
    pieceBytes: number,
    inFlight: InFlightCall,
    methodName: string | undefined,
  ): ReadableStream<Uint8Array<ArrayBuffer>> {
    const { bodyTimeout } = this.#settings;
    const { request, timer } = inFlight;
    let at = 0;
    const wait = (controller: ReadableStreamDefaultController): void =>
      timer.set(bodyTimeout, () => {
        const reason = readTooSlowly(bodyTimeout);
        controller.error(reason);
        inFlight.release();
        this.#dispatcher.report(reason, { request, methodName });
      });
    inFlight.retain();
    // They count, but are not refused: the method has run.
    inFlight.reserve(bytes.length);
    return new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: wait,
      pull: (controller): void => {
        wait(controller);
        controller.enqueue(bytes.subarray(at, at + pieceBytes));
        at += pieceBytes;
        if (at < bytes.length) return;
        controller.close();
        inFlight.release();
      },
      cancel: () => inFlight.release(),
    }, { highWaterMark: 0 });
  }

  /** Runs a call to its end. */
  async #run(
    reading: RequestReader,
    inFlight: InFlightCall,
  ): Promise<ResponseDocument> {
    const call = await reading.readCall();
    let result: unknown;
    try {
      result = await this.#invoke(call, inFlight);
    } catch (error) {
      throw await reading.fail(error);
    }
    try {
      await reading.readRest();
    } catch (error) {
      cancelSources(result, error);
      throw error;
    }
    return this.#documentOf(call, result, inFlight);
  }

  /** The document with a call's result. */
  #documentOf(
    { methodName, params }: ReceivedCall,
    result: unknown,
    inFlight: InFlightCall,
  ): ResponseDocument {
    const { encoding } = this.#settings;
    const { request } = inFlight;
    if (methodName !== MULTICALL) {
      return this.#streamOf(result, inFlight, methodName);
    }
    try {
      return wholeDocument(encodeResponseBytes(result, encoding));
    } catch (error) {
      const sendable = this.#dispatcher.replaceUnsendableResults(
        params,
        result,
        request,
      );
      if (sendable === undefined) throw error;
      return wholeDocument(encodeResponseBytes(sendable, encoding));
    }
  }

  /** The document with a result that may come bit by bit. */
  #streamOf(
    result: unknown,
    inFlight: InFlightCall,
    methodName: string,
  ): ResponseDocument {
    return encodeResult(
      result,
      this.#settings.encoding,
      () => this.#streamHooks(inFlight, methodName),
    );
  }

  /** What becomes of a result that comes bit by bit: its call is not over before it is. */
  #streamHooks(inFlight: InFlightCall, methodName: string): StreamHooks {
    const { bodyTimeout } = this.#settings;
    const { request, timer } = inFlight;
    const unread = new AbortController();
    const giveUp = (): void => unread.abort(readTooSlowly(bodyTimeout));
    inFlight.retain();
    return {
      signal: unread.signal,
      onProgress: undefined,
      onWait: (isWaiting) =>
        isWaiting ? timer.set(bodyTimeout, giveUp) : timer.clear(),
      onError: (error) =>
        this.#dispatcher.report(error, { request, methodName }),
      onEnd: () => inFlight.release(),
    };
  }

  #faultDocument(
    error: unknown,
    context: XmlRpcErrorContext,
  ): ResponseDocument {
    const { faultCode, faultString } = this.#dispatcher.faultOf(error, context);
    return wholeDocument(
      encodeFault({ code: faultCode, message: faultString }),
    );
  }
}
