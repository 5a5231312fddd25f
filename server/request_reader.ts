// Reads the call in a request: all of it, or up to the stream that its method reads.
// This module is browser compatible.

import { SMALL_BYTES, WholeBody } from "../codec/body_reader.ts";
import { DocumentReceiver, type ReceiverSettings } from "../codec/incoming.ts";
import type { InFlightCall } from "./in_flight.ts";
import { busy, tooLarge, tooSlow } from "./refusal.ts";
import { brokenBody, inflate, readCompression } from "./request_rules.ts";
import { Decoder } from "../codec/decoder.ts";
import type { DecoderSettings } from "../codec/element_decoder.ts";
import { unwrapResult } from "../codec/fault.ts";
import type { XmlRpcCall } from "../codec/options.ts";
import { FaultCode, XmlRpcFault, XmlRpcSyntaxError } from "../core/errors.ts";

/** How requests are read. */
export interface RequestReaderSettings {
  readonly decoding: DecoderSettings;
  readonly maxBodyBytes: number;
  readonly maxPendingBytes: number;
  readonly bodyTimeout: number;
  /** Whether any method reads a stream. */
  readonly hasStreams: boolean;
  /** The index of the param that a method reads as a stream; undefined if none. */
  readonly findStreamedParam: (methodName: string) => number | undefined;
}

/** How many bytes of a body must arrive within each `bodyTimeout`. */
const STEP_BYTES = 2 ** 20;

/** A call that can run; its last param may be a stream that is still arriving. */
export interface ReceivedCall {
  readonly methodName: string;
  readonly params: readonly unknown[];
}

/** The fault for an error in the document; any other error as it is. */
function toFault(error: unknown): unknown {
  if (!(error instanceof XmlRpcSyntaxError)) return error;
  const { invalidRequest, parseError } = FaultCode;
  const code = error.kind === "malformed" ? parseError : invalidRequest;
  return new XmlRpcFault(code, error.message, { cause: error });
}

/**
 * Where the reading of a request is:
 *
 * - "buffering" at first: all that arrives is kept in memory, and each MiB has the time
 *   `bodyTimeout`. A call without a stream never leaves this phase.
 * - "streaming" once the decoder has opened the stream that the method reads: now only the
 *   wait for more of the stream is timed, since the method may read as slowly as it likes.
 * - "draining" once the method is done: the rest is read and checked, timed as at first.
 */
type Phase = "buffering" | "streaming" | "draining";

/** Reads the call in a request. */
export class RequestReader {
  readonly #settings: RequestReaderSettings;
  readonly #length: number;
  readonly #decoder: Decoder;
  readonly #receiver: DocumentReceiver<XmlRpcCall>;
  readonly #inFlight: InFlightCall;
  #phase: Phase = "buffering";
  #received = 0;
  /** When so many bytes have arrived, the time for the body starts again. */
  #nextStep = STEP_BYTES;
  /** Whether the method may read a stream, which may be longer than `maxBodyBytes`. */
  #mayStream: boolean;
  /** Whether bytes of the stream were handed out since the last wait for a chunk. */
  #hasHandedOut = false;
  /** The params before the stream, once it is open. */
  #params: readonly unknown[] = [];

  /** Throws a `Refusal` if the body is too long, or its compression is not supported. */
  constructor(inFlight: InFlightCall, settings: RequestReaderSettings) {
    const { decoding, hasStreams } = settings;
    const { request, timer } = inFlight;
    const { headers } = request;
    this.#settings = settings;
    this.#inFlight = inFlight;
    this.#length = Number(headers.get("content-length") ?? NaN);
    this.#mayStream = hasStreams;
    if (!hasStreams) this.#checkLength(this.#length);
    this.#decoder = new Decoder({
      ...decoding,
      contentType: headers.get("content-type") ?? undefined,
      // The body is counted in this class, which answers a longer one with 413.
      maxBytes: Infinity,
      handsOut: hasStreams,
      onBase64: hasStreams
        ? (index, params) => this.#openStream(index, params)
        : undefined,
      onParam: hasStreams ? (index) => this.#checkParam(index) : undefined,
    });
    this.#receiver = new DocumentReceiver({
      ...this.#openBody(request),
      push: (chunk) => this.#push(chunk),
      end: () => this.#end(),
      wrap: (cause) => brokenBody(request, cause),
      onWait: hasStreams ? (isWaiting) => this.#onWait(isWaiting) : undefined,
      onOver: () => timer.clear(),
    });
  }

  /** The body, decompressed, and its length if that is known. */
  #openBody(
    request: Request,
  ): Pick<ReceiverSettings<XmlRpcCall>, "body" | "length"> {
    const format = readCompression(request.headers);
    const length = this.#length;
    // Without streams, `request.body` is not touched for a small one: that would take
    // longer than all else.
    if (format === undefined && !this.#settings.hasStreams) {
      const isSmall = length <= SMALL_BYTES;
      return { body: isSmall ? new WholeBody(request) : request.body, length };
    }
    const { body } = request;
    // No length: a method that reads a stream runs before the end is known.
    if (format === undefined || body === null) return { body };
    // The compressed bytes are limited too: gzip may hold any number of empty blocks.
    const check = (compressed: number): void =>
      this.#checkLength(compressed - this.#received);
    return { body: inflate(body, format, check) };
  }

  /** The name of the method, as soon as it is known. */
  get methodName(): string | undefined {
    return this.#decoder.methodName;
  }

  /** Throws a `Refusal` if so many bytes, without those of the stream, are too many. */
  #checkLength(bytes: number): void {
    const { maxBodyBytes } = this.#settings;
    if (bytes > maxBodyBytes) throw tooLarge(maxBodyBytes);
  }

  /**
   * Reserves memory for so many bytes in all, in every phase; throws a `Refusal` if they
   * are too many, alone or together with those of other calls.
   */
  #reserve(bytes: number): void {
    this.#checkLength(bytes);
    // Small calls do not count, so that they still run when others hold much:
    // `maxConcurrent` limits them.
    if (bytes <= SMALL_BYTES) return;
    const more = bytes - this.#inFlight.reservedBytes;
    // Nor does the short rest behind a stream, so that its method can end.
    if (more <= (this.#phase === "buffering" ? 0 : SMALL_BYTES)) return;
    const { maxPendingBytes } = this.#settings;
    if (!this.#inFlight.canReserve(more)) {
      throw busy(
        `The server is busy: with this request, calls would hold more than ${maxPendingBytes} bytes: the limit maxPendingBytes`,
      );
    }
    this.#inFlight.reserve(more);
  }

  readonly #timeOut = (): void =>
    this.#receiver.cancel(tooSlow(this.#settings.bodyTimeout));

  #startTimer(): void {
    this.#inFlight.timer.set(this.#settings.bodyTimeout, this.#timeOut);
  }

  #onWait(isWaiting: boolean): void {
    if (this.#phase !== "streaming") return;
    if (!isWaiting) return this.#inFlight.timer.pause();
    // Only bytes of the stream are progress: white space and markup are not.
    if (!this.#hasHandedOut) return this.#inFlight.timer.resume();
    this.#hasHandedOut = false;
    this.#startTimer();
  }

  #push(chunk: Uint8Array): void {
    this.#received += chunk.length;
    if (this.#received >= this.#nextStep) {
      this.#nextStep = this.#received + STEP_BYTES;
      if (this.#phase !== "streaming") this.#startTimer();
    }
    if (!this.#mayStream) this.#reserve(this.#received);
    this.#decoder.push(chunk);
    const { methodName, handedOutBytes } = this.#decoder;
    this.#reserve(this.#received - handedOutBytes);
    if (!this.#mayStream || methodName === undefined) return;
    this.#mayStream =
      this.#settings.findStreamedParam(methodName) !== undefined;
    if (!this.#mayStream) this.#checkLength(this.#length);
  }

  /** The call, once its document is complete. */
  #end(): XmlRpcCall {
    return unwrapResult(this.#decoder.end()) as XmlRpcCall;
  }

  /** Throws a fault, so that the stream fails, if a param follows it. */
  #checkParam(index: number): void {
    const expected = this.#params.length + 1;
    if (this.#phase === "buffering" || index < expected) return;
    throw new XmlRpcFault(
      FaultCode.invalidParams,
      `Expected ${expected} params, got more`,
    );
  }

  /** Opens the stream, if the method reads this param as one. */
  #openStream(
    index: number,
    params: readonly unknown[],
  ): ReturnType<DocumentReceiver<XmlRpcCall>["openByteStream"]> | undefined {
    if (index !== this.#settings.findStreamedParam(this.methodName!)) {
      return undefined;
    }
    this.#params = [...params];
    this.#phase = "streaming";
    // The stream has a time of its own.
    this.#inFlight.timer.clear();
    this.#hasHandedOut = true;
    const sink = this.#receiver.openByteStream();
    return {
      write: (bytes): void => {
        this.#hasHandedOut = true;
        sink.write(bytes);
      },
      close: () => sink.close(),
    };
  }

  /**
   * Reads until the call can run: to its end, or to the stream that its method reads.
   * Throws a fault if the document is not a call.
   */
  async readCall(): Promise<ReceivedCall> {
    this.#startTimer();
    try {
      const stream = await this.#receiver.untilStream();
      if (stream === undefined) return await this.#receiver.result();
      return {
        methodName: this.methodName!,
        params: [...this.#params, stream],
      };
    } catch (error) {
      throw toFault(error);
    }
  }

  /** Reads the rest, once the method is done; throws a fault if the document is wrong. */
  async readRest(): Promise<void> {
    if (this.#phase === "buffering") return;
    this.#phase = "draining";
    this.#startTimer();
    try {
      await this.#receiver.result();
    } catch (error) {
      throw toFault(error);
    }
  }

  /**
   * Stops reading because the method has failed. Returns the error for the caller: the
   * method's own, or that of the document if it came first.
   */
  async fail(error: unknown): Promise<unknown> {
    if (this.#phase === "buffering") return error;
    // From now on the receiver can only reject: with this error, or with an earlier one.
    this.#receiver.cancel(error);
    return await this.#receiver.result().then(() => error, toFault);
  }
}
