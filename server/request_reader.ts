// A call on its way in: read whole, or up to a stream in it that its method reads.
// This module is browser compatible.

import { SMALL_BYTES, WholeBody } from "../codec/body_reader.ts";
import { DocumentReceiver, type ReceiverSettings } from "../codec/incoming.ts";
import type { InFlightCall } from "./in_flight.ts";
import { busy, tooLarge, tooSlow } from "./refusal.ts";
import { brokenBody, compressionOf, inflate } from "./request_rules.ts";
import { Decoder, type DecoderSettings, unwrap } from "../codec/decoder.ts";
import type { XmlRpcCall } from "../codec/options.ts";
import { FaultCode, XmlRpcFault, XmlRpcSyntaxError } from "../core/errors.ts";

/** How calls are read. */
export interface IncomingSettings {
  readonly decoding: DecoderSettings;
  readonly maxBodyBytes: number;
  readonly maxPendingBytes: number;
  readonly bodyTimeout: number;
  /** Whether any method reads a stream. */
  readonly hasStreams: boolean;
  /** Which param a method reads as a stream; undefined if none. */
  readonly streamedParam: (methodName: string) => number | undefined;
}

/** So much of a body at least must come in each `bodyTimeout`. */
const STEP_BYTES = 2 ** 20;

/** A call to be run; its last param may be a stream that is still arriving. */
export interface ReceivedCall {
  readonly methodName: string;
  readonly params: readonly unknown[];
}

/** An error as the caller gets to see it, if it is about the document. */
function toFault(error: unknown): unknown {
  if (!(error instanceof XmlRpcSyntaxError)) return error;
  const { invalidRequest, parseError } = FaultCode;
  const code = error.kind === "malformed" ? parseError : invalidRequest;
  return new XmlRpcFault(code, error.message, { cause: error });
}

/** Reads the call in a request. */
export class IncomingCall {
  readonly #settings: IncomingSettings;
  readonly #length: number;
  readonly #decoder: Decoder;
  readonly #receiver: DocumentReceiver<XmlRpcCall>;
  readonly #inFlight: InFlightCall;
  #received = 0;
  /** With so many bytes, the time for the body begins anew. */
  #nextStep = STEP_BYTES;
  /** Whether somebody reads a stream, as slowly as it likes. */
  #isOpen = false;
  /** Whether there may be a stream, which may be longer than all else. */
  #mayStream: boolean;
  /** The params before the stream, once there is one. */
  #params: readonly unknown[] | undefined;

  /** Throws a `Refusal` if the body is too long, or in a form that is not accepted. */
  constructor(inFlight: InFlightCall, settings: IncomingSettings) {
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
      // The body is counted here, where a longer one can be answered with 413.
      maxBytes: Infinity,
      handsOut: hasStreams,
      onBase64: hasStreams
        ? (index, params) => this.#open(index, params)
        : undefined,
    });
    this.#receiver = new DocumentReceiver({
      ...this.#bodyOf(request),
      push: (chunk) => this.#push(chunk),
      end: () => this.#end(),
      wrap: (cause) => brokenBody(request, cause),
      onWait: hasStreams ? (isWaiting) => this.#onWait(isWaiting) : undefined,
      onOver: () => timer.clear(),
    });
  }

  /** The body, decompressed, and its length where that is known. */
  #bodyOf(
    request: Request,
  ): Pick<ReceiverSettings<XmlRpcCall>, "body" | "length"> {
    const format = compressionOf(request.headers);
    const length = this.#length;
    // Touched only if it is needed: that takes longer than all else.
    if (format === undefined && !this.#settings.hasStreams) {
      const isSmall = length <= SMALL_BYTES;
      return { body: isSmall ? new WholeBody(request) : request.body, length };
    }
    const { body } = request;
    // A method that reads a stream runs before the end is looked at.
    if (format === undefined || body === null) return { body };
    // Compressed, nothing at all can be as long as one likes.
    const check = (compressed: number): void =>
      this.#checkLength(compressed - this.#received);
    return { body: inflate(body, format, check) };
  }

  /** The name of the method, as soon as it is known. */
  get methodName(): string | undefined {
    return this.#decoder.methodName;
  }

  /** Throws if so many bytes, beside those of the stream, are too many. */
  #checkLength(bytes: number): void {
    const { maxBodyBytes } = this.#settings;
    if (bytes > maxBodyBytes) throw tooLarge(maxBodyBytes);
  }

  /** Takes so many bytes into memory; throws if they are too many, alone or beside others'. */
  #keep(bytes: number): void {
    this.#checkLength(bytes);
    // Of what comes with the stream and behind it, nothing is kept. And small calls go on
    // however much others hold: `maxConcurrent` bounds them.
    if (bytes <= SMALL_BYTES || this.#params !== undefined) return;
    const more = bytes - this.#inFlight.reservedBytes;
    if (more <= 0) return;
    const { maxPendingBytes } = this.#settings;
    if (!this.#inFlight.canReserve(more)) {
      throw busy(
        `The server is busy: with this request, calls would hold more than ${maxPendingBytes} bytes: the limit maxPendingBytes`,
      );
    }
    this.#inFlight.reserve(more);
  }

  readonly #giveUp = (): void =>
    this.#receiver.cancel(tooSlow(this.#settings.bodyTimeout));

  #startTime(): void {
    this.#inFlight.timer.set(this.#settings.bodyTimeout, this.#giveUp);
  }

  #onWait(isWaiting: boolean): void {
    if (!this.#isOpen) return;
    if (isWaiting) this.#startTime();
    else this.#inFlight.timer.clear();
  }

  #push(chunk: Uint8Array): void {
    this.#received += chunk.length;
    if (this.#received >= this.#nextStep) {
      this.#nextStep = this.#received + STEP_BYTES;
      if (!this.#isOpen) this.#startTime();
    }
    if (!this.#mayStream) this.#keep(this.#received);
    this.#decoder.push(chunk);
    const { methodName, handedOutBytes } = this.#decoder;
    this.#keep(this.#received - handedOutBytes);
    if (!this.#mayStream || methodName === undefined) return;
    this.#mayStream = this.#settings.streamedParam(methodName) !== undefined;
    if (!this.#mayStream) this.#checkLength(this.#length);
  }

  /** The call; whoever reads the stream must get to know if more came behind it. */
  #end(): XmlRpcCall {
    const call = unwrap(this.#decoder.end()) as XmlRpcCall;
    if (this.#params === undefined) return call;
    const expected = this.#params.length + 1;
    if (call.params.length === expected) return call;
    throw new XmlRpcFault(
      FaultCode.invalidParams,
      `Expected ${expected} params, got ${call.params.length}`,
    );
  }

  /** Opens the stream if the method reads one here. */
  #open(
    index: number,
    params: readonly unknown[],
  ): ReturnType<DocumentReceiver<XmlRpcCall>["openByteStream"]> | undefined {
    if (index !== this.#settings.streamedParam(this.methodName!)) {
      return undefined;
    }
    this.#params = [...params];
    this.#isOpen = true;
    this.#inFlight.timer.clear();
    return this.#receiver.openByteStream();
  }

  /**
   * Reads the call as far as it is needed to run it: to its end, or to the stream that
   * its method reads. Throws a fault if there is no call.
   */
  async begin(): Promise<ReceivedCall> {
    this.#startTime();
    try {
      const stream = await this.#receiver.untilStream();
      if (stream === undefined) return await this.#receiver.result();
      return {
        methodName: this.methodName!,
        params: [...this.#params!, stream],
      };
    } catch (error) {
      throw toFault(error);
    }
  }

  /** Reads what is left, once the method is done, and throws a fault if it is wrong. */
  async finish(): Promise<void> {
    if (this.#params === undefined) return;
    this.#isOpen = false;
    this.#startTime();
    try {
      await this.#receiver.result();
    } catch (error) {
      throw toFault(error);
    }
  }

  /**
   * Ends the reading because the method has failed. Gives what is wrong with the
   * document, if that is why it has.
   */
  async fail(error: unknown): Promise<unknown> {
    if (this.#params === undefined) return error;
    // From here on the receiver can only fail: with this, or with what came before it.
    this.#receiver.cancel(error);
    return await this.#receiver.result().then(() => error, toFault);
  }
}
