// From an HTTP request to its response. This module is browser compatible.

import { createDeferred } from "../util/async.ts";
import type { DecoderSettings } from "../codec/decoder.ts";
import type { Dispatcher, XmlRpcErrorContext } from "./dispatcher.ts";
import {
  encodeResult,
  type ResponseDocument,
  responseOf,
  type StreamHooks,
} from "../codec/document.ts";
import type { EncoderSettings } from "../codec/encoder.ts";
import {
  IncomingCall,
  type IncomingSettings,
  type ReceivedCall,
} from "./request_reader.ts";
import { Load } from "./load.ts";
import { Origin } from "./in_flight.ts";
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
  readonly #incoming: IncomingSettings;
  readonly #load: Load;
  readonly #running = new Set<Origin>();

  constructor(dispatcher: Dispatcher, settings: HandlerSettings) {
    this.#dispatcher = dispatcher;
    this.#settings = settings;
    this.#incoming = {
      ...settings,
      hasStreams: dispatcher.hasStreams,
      streamedParam: (name) => dispatcher.streamedParam(name),
    };
    this.#load = new Load(settings.maxConcurrent, settings.maxPendingBytes);
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
    const isIdle = await this.#load.drain(timeout);
    for (const origin of this.#running) {
      origin.abort(new DOMException("The server ends", "AbortError"));
    }
    return isIdle;
  }

  // ---------------------------------------------------------------- load

  /** Lets a request in, unless there are too many. */
  #enter(request: Request): Origin {
    if (!this.#load.enter()) {
      const why = this.#load.isClosed ? "ends" : "is busy";
      throw busy(`The server ${why}: try again`);
    }
    const origin = new Origin(request, this.#load, this.#forget);
    this.#running.add(origin);
    return origin;
  }

  readonly #forget = (origin: Origin): void =>
    void this.#running.delete(origin);

  /** Runs a method for as long as it may take; gives its result, or a promise of it. */
  #invoke({ methodName, params }: ReceivedCall, origin: Origin): unknown {
    const work = this.#dispatcher.invoke(methodName, params, origin);
    const isTimed = work instanceof Promise &&
      this.#dispatcher.streamedParam(methodName) === undefined;
    return isTimed ? this.#inTime(work, methodName, origin) : work;
  }

  /** Waits for a method no longer than it may take. */
  async #inTime(
    work: Promise<unknown>,
    methodName: string,
    origin: Origin,
  ): Promise<unknown> {
    const { callTimeout } = this.#settings;
    const late = createDeferred<never>();
    origin.timer.set(callTimeout, () => {
      const reason = new DOMException(
        `The method has not ended within ${callTimeout} ms: the option callTimeout`,
        "TimeoutError",
      );
      const { request } = origin;
      this.#dispatcher.report(reason, { request, methodName });
      origin.abort(reason);
      // It goes on, and nobody is going to read what it may give.
      origin.hold();
      work.then((result) => cancelSources(result, reason), () => {})
        .finally(() => origin.release());
      late.reject(
        new XmlRpcFault(FaultCode.systemError, "The call took too long"),
      );
    });
    try {
      return await Promise.race([work, late.promise]);
    } finally {
      origin.timer.clear();
    }
  }

  // ---------------------------------------------------------------- answers

  /** The response to a request that has been let in. */
  async #answer(origin: Origin): Promise<Response> {
    const { gzip } = this.#settings;
    const { headers } = origin.request;
    origin.hold();
    try {
      const { document, methodName } = await this.#handle(origin);
      return await respond(
        document,
        gzip ? headers : undefined,
        (bytes, piece) => this.#watch(bytes, piece, origin, methodName),
      );
    } finally {
      origin.release();
    }
  }

  /** The document that answers a request, and the name of the method, if it is known. */
  async #handle(origin: Origin): Promise<
    { document: ResponseDocument; methodName: string | undefined }
  > {
    const { request } = origin;
    let reading: IncomingCall | undefined;
    try {
      reading = new IncomingCall(origin, this.#incoming);
      const document = await this.#run(reading, origin);
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
    origin: Origin,
    methodName: string | undefined,
  ): ReadableStream<Uint8Array<ArrayBuffer>> {
    const { bodyTimeout } = this.#settings;
    const { request, timer } = origin;
    let at = 0;
    const wait = (controller: ReadableStreamDefaultController): void =>
      timer.set(bodyTimeout, () => {
        const reason = readTooSlowly(bodyTimeout);
        controller.error(reason);
        origin.release();
        this.#dispatcher.report(reason, { request, methodName });
      });
    origin.hold();
    // They count, but are not refused: the method has run.
    origin.keep(bytes.length);
    return new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: wait,
      pull: (controller): void => {
        wait(controller);
        controller.enqueue(bytes.subarray(at, at + pieceBytes));
        at += pieceBytes;
        if (at < bytes.length) return;
        controller.close();
        origin.release();
      },
      cancel: () => origin.release(),
    }, { highWaterMark: 0 });
  }

  /** Runs a call to its end. */
  async #run(
    reading: IncomingCall,
    origin: Origin,
  ): Promise<ResponseDocument> {
    const call = await reading.begin();
    let result: unknown;
    try {
      result = await this.#invoke(call, origin);
    } catch (error) {
      throw await reading.fail(error);
    }
    try {
      await reading.finish();
    } catch (error) {
      cancelSources(result, error);
      throw error;
    }
    return this.#documentOf(call, result, origin);
  }

  /** The document with a call's result. */
  #documentOf(
    { methodName, params }: ReceivedCall,
    result: unknown,
    origin: Origin,
  ): ResponseDocument {
    const { encoding } = this.#settings;
    const { request } = origin;
    if (methodName !== MULTICALL) {
      return this.#streamOf(result, origin, methodName);
    }
    try {
      return wholeDocument(responseOf(result, encoding));
    } catch (error) {
      const rest = this.#dispatcher.salvage(params, result, request);
      if (rest === undefined) throw error;
      return wholeDocument(responseOf(rest, encoding));
    }
  }

  /** The document with a result that may come bit by bit. */
  #streamOf(
    result: unknown,
    origin: Origin,
    methodName: string,
  ): ResponseDocument {
    return encodeResult(
      result,
      this.#settings.encoding,
      () => this.#streamHooks(origin, methodName),
    );
  }

  /** What becomes of a result that comes bit by bit: its call is not over before it is. */
  #streamHooks(origin: Origin, methodName: string): StreamHooks {
    const { bodyTimeout } = this.#settings;
    const { request, timer } = origin;
    const unread = new AbortController();
    const giveUp = (): void => unread.abort(readTooSlowly(bodyTimeout));
    origin.hold();
    return {
      signal: unread.signal,
      onProgress: undefined,
      onWait: (isWaiting) =>
        isWaiting ? timer.set(bodyTimeout, giveUp) : timer.clear(),
      onError: (error) =>
        this.#dispatcher.report(error, { request, methodName }),
      onEnd: () => origin.release(),
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
