// Reads the response to a call: its value, or the bytes or items of it as a stream. This
// module is browser compatible.

import type { Deadline } from "./deadline.ts";
import {
  type Answer,
  createHttpError,
  createNotXmlRpcError,
  createStatusError,
  Sample,
} from "./http_error.ts";
import type { Settings } from "./settings.ts";
import { SMALL_BYTES, WholeBody } from "../codec/body_reader.ts";
import { Decoder } from "../codec/decoder.ts";
import { unwrapResult } from "../codec/fault.ts";
import { DocumentReceiver, type ReceiverSettings } from "../codec/incoming.ts";
import type { XmlRpcByteSink } from "../codec/options.ts";
import { XmlRpcSyntaxError } from "../core/errors.ts";
import type { XmlRpcValue } from "../core/value.ts";
import { isHtml, isXml } from "../util/http.ts";

/** Whether a body that is not XML-RPC was probably meant to be. */
function isMeantAsXml(
  contentType: string | undefined,
  length: number,
): boolean {
  if (contentType === undefined) return length > 0;
  return isXml(contentType) && !isHtml(contentType);
}

// The length of a response of our server with empty base64; others are similar.
const LENGTH_AROUND_BASE64 = 136;

/** Reads the length of a body; undefined if the response does not say. */
function readLength({ headers }: Response): number | undefined {
  const length = Number(headers.get("content-length") ?? NaN);
  const isKnown = Number.isSafeInteger(length) &&
    !headers.has("content-encoding");
  return isKnown ? length : undefined;
}

/**
 * Waits one turn of the event loop. Deno reports the end of a chunked body before it
 * returns the connection to its pool: an immediate call would open a second one. A server
 * that serves one connection at a time (RPC::XML) would respond there only after the
 * first connection has been idle for long.
 */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Estimates the number of bytes in a base64 response from its length, if that is known. */
function estimateBytes(response: Response): number | undefined {
  const length = readLength(response);
  if (length === undefined) return undefined;
  return Math.max(0, Math.floor((length - LENGTH_AROUND_BASE64) / 4) * 3);
}

/** What is read of a response: the whole value, or a stream of its bytes or items. */
export type ReadingMode = "value" | "stream" | "items";

/** Reads a response. Its body is read to the end, or cancelled. */
export class ResponseReader {
  readonly #answer: Answer;
  readonly #settings: Settings;
  readonly #decoder: Decoder;
  readonly #receiver: DocumentReceiver<XmlRpcValue>;
  readonly #sample = new Sample();
  #received = 0;
  /** Whether bytes or items were handed out since the last wait for a chunk. */
  #hasHandedOut = false;
  #bytesDone = 0;
  #bytesTotal: number | undefined;
  /** The error in the document, while the sample for the message is being read. */
  #problem: unknown;

  constructor(
    answer: Answer,
    settings: Settings,
    mode: ReadingMode,
    deadline: Deadline,
  ) {
    const { response } = answer;
    this.#answer = answer;
    this.#settings = settings;
    const streams = mode === "stream";
    this.#decoder = new Decoder({
      ...settings.decoding,
      contentType: response.headers.get("content-type") ?? undefined,
      // This class counts the bytes, since its error can name the URL.
      maxBytes: Infinity,
      handsOut: mode !== "value",
      onBase64: streams ? () => this.#open() : undefined,
      onItems: mode === "items"
        ? (items) => {
          this.#hasHandedOut = true;
          this.#receiver.addItems(items);
        }
        : undefined,
      // If the response is not a success, its status says more than its type.
      onType: response.ok ? (type) => this.#checkType(type, mode) : undefined,
    });
    this.#receiver = new DocumentReceiver({
      ...this.#chooseBody(response, mode),
      push: (chunk) => this.#withHttpError(() => this.#push(chunk)),
      end: () => this.#withHttpError(() => this.#end()),
      // If the response is not a success, its status says more than the error of its body.
      wrap: (cause) =>
        response.ok
          ? undefined
          : createNotXmlRpcError(answer, this.#sample.toString(), cause),
      signal: deadline.signal,
      onOver: () => deadline.stop(),
      ...mode === "value" ? {} : {
        onWait: (isWaiting) => this.#onWait(isWaiting, deadline),
      },
    });
  }

  /**
   * The time of a slow reader does not count, nor that of a long stream. The deadline starts
   * again only after bytes or items: a response that hands out nothing is late.
   */
  #onWait(isWaiting: boolean, deadline: Deadline): void {
    if (!isWaiting) return deadline.pause();
    if (!this.#hasHandedOut) return deadline.resume();
    this.#hasHandedOut = false;
    deadline.start();
  }

  /** Throws a TypeError, before the value has arrived, if it is of another type. */
  #checkType(type: string, mode: ReadingMode): void {
    if (mode === "stream" && type !== "base64") throw this.#createNotStream();
    if (mode === "items" && type !== "array") throw this.#createNotItems();
  }

  #createNotStream(): TypeError {
    return new TypeError(
      `Cannot read a stream: ${this.#answer.url.href} did not return base64`,
    );
  }

  #createNotItems(): TypeError {
    return new TypeError(
      `Cannot read items: ${this.#answer.url.href} did not return an array`,
    );
  }

  /** Chooses how the body is read: a short one at once, others chunk by chunk. */
  #chooseBody(
    response: Response,
    mode: ReadingMode,
  ): Pick<ReceiverSettings<XmlRpcValue>, "body" | "length" | "onBodyEnd"> {
    const { options, maxResponseBytes } = this.#settings;
    const length = readLength(response);
    const isSmall = length !== undefined &&
      length <= Math.min(SMALL_BYTES, maxResponseBytes);
    // The length that another `fetch` function claims may be wrong.
    const isExact = options.fetch === undefined && response.ok;
    return isSmall && isExact && mode === "value"
      ? { body: new WholeBody(response), length }
      : {
        body: response.body,
        onBodyEnd: response.headers.has("transfer-encoding")
          ? async () => {
            // After a short body, the turn would take longer than the call.
            if (this.#received > SMALL_BYTES) await nextTurn();
          }
          : undefined,
      };
  }

  /** Reads the value. */
  async readValue(): Promise<XmlRpcValue> {
    const { response } = this.#answer;
    // If the response is not a success, the start of its body explains it.
    const length = response.ok ? readLength(response) : undefined;
    if (length !== undefined && length > this.#settings.maxResponseBytes) {
      this.#receiver.cancel(this.#createTooLong());
    }
    return await this.#receiver.result();
  }

  /** Returns the bytes of the value, which must be base64, as a stream. */
  async readStream(): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const stream = await this.#receiver.untilStream();
    if (stream !== undefined) return stream;
    await this.#receiver.result();
    throw this.#createNotStream();
  }

  /** Yields the items of the value, which must be an array. */
  readItems(): AsyncGenerator<unknown, void, void> {
    return this.#receiver.items((value) => {
      if (!Array.isArray(value)) throw this.#createNotItems();
    });
  }

  #open(): XmlRpcByteSink {
    const sink = this.#receiver.openByteStream((reason) =>
      this.#receiver.cancel(reason)
    );
    this.#bytesTotal = estimateBytes(this.#answer.response);
    return {
      write: (bytes): void => {
        this.#hasHandedOut = true;
        sink.write(bytes);
        this.#bytesDone += bytes.length;
        this.#report();
      },
      close: (): void => {
        sink.close();
        if (this.#bytesTotal === this.#bytesDone) return;
        this.#bytesTotal = this.#bytesDone;
        this.#report();
      },
    };
  }

  #report(): void {
    this.#settings.options.onProgress?.({
      direction: "down",
      bytesDone: this.#bytesDone,
      bytesTotal: this.#bytesTotal,
    });
  }

  #push(chunk: Uint8Array): void {
    const { maxResponseBytes } = this.#settings;
    this.#received += chunk.length;
    this.#sample.add(chunk);
    try {
      if (this.#problem === undefined) this.#decoder.push(chunk);
    } catch (error) {
      // More of the body only helps to explain an error of the document.
      if (!(error instanceof XmlRpcSyntaxError)) throw error;
      this.#problem = error;
    }
    if (this.#received - this.#decoder.handedOutBytes > maxResponseBytes) {
      throw this.#createTooLong();
    }
    if (this.#problem !== undefined && this.#sample.isFull) throw this.#problem;
  }

  #createTooLong(): Error {
    const { maxResponseBytes } = this.#settings;
    const message =
      `${this.#answer.url.href} answered with more than ${maxResponseBytes} bytes: the limit maxResponseBytes`;
    return createHttpError(this.#answer, message, this.#sample.toString());
  }

  #end(): XmlRpcValue {
    if (this.#problem !== undefined) throw this.#problem;
    const value = unwrapResult(this.#decoder.end()) as XmlRpcValue;
    if (this.#answer.response.ok) return value;
    throw createStatusError(this.#answer, this.#sample.toString());
  }

  /** Runs a step; a syntax error becomes an HTTP error if the body was not meant as XML-RPC. */
  #withHttpError<T>(step: () => T): T {
    try {
      return step();
    } catch (error) {
      // Not in the spec: davexmlrpc sends faults with status 500.
      if (!(error instanceof XmlRpcSyntaxError)) throw error;
      const { response } = this.#answer;
      const contentType = response.headers.get("content-type") ?? undefined;
      const isMeant = response.ok && isMeantAsXml(contentType, this.#received);
      if (isMeant || error.kind === "limit") throw error;
      throw createNotXmlRpcError(this.#answer, this.#sample.toString(), error);
    }
  }
}
