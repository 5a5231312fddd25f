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
import type { XmlRpcByteSink } from "../codec/byte_stream.ts";
import { Decoder, unwrap } from "../codec/decoder.ts";
import { SMALL_BYTES, WholeBody } from "../codec/body_reader.ts";
import { DocumentReceiver, type ReceiverSettings } from "../codec/incoming.ts";
import { XmlRpcSyntaxError } from "../core/errors.ts";
import type { XmlRpcValue } from "../core/value.ts";
import { isHtml, isXml } from "../util/http.ts";

/** Whether a body that is no XML-RPC was to be some, as far as one can tell. */
function isMeantAsXml(
  contentType: string | undefined,
  length: number,
): boolean {
  if (contentType === undefined) return length > 0;
  return isXml(contentType) && !isHtml(contentType);
}

// How long a response of our server is when its base64 is empty; others are about as long.
const LENGTH_AROUND_BASE64 = 136;

/** How long a body is, if its response tells. */
function readLength({ headers }: Response): number | undefined {
  const length = Number(headers.get("content-length") ?? NaN);
  const isKnown = Number.isSafeInteger(length) &&
    !headers.has("content-encoding");
  return isKnown ? length : undefined;
}

/**
 * One turn of the event loop. Deno tells of the end of a chunked body before it takes the
 * connection back: a call made at once would open another, which a server that serves
 * one connection at a time (RPC::XML) answers only when the first has been idle for long.
 */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** How many bytes a base64 response holds, by its length; undefined if it tells none. */
function estimateBytes(response: Response): number | undefined {
  const length = readLength(response);
  if (length === undefined) return undefined;
  return Math.max(0, Math.floor((length - LENGTH_AROUND_BASE64) / 4) * 3);
}

/** How an answer is read: its value at once, or bit by bit. */
export type ReadingMode = "value" | "stream" | "items";

/** Reads an answer. Its body is read to its end, or cancelled. */
export class ResponseReader {
  readonly #answer: Answer;
  readonly #settings: Settings;
  readonly #decoder: Decoder;
  readonly #receiver: DocumentReceiver<XmlRpcValue>;
  readonly #sample = new Sample();
  #received = 0;
  #bytesDone = 0;
  #bytesTotal: number | undefined;
  /** What is wrong with the document, while more of it is read for the message. */
  #flaw: unknown;

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
      // The body is counted here, where the URL can be named.
      maxBytes: Infinity,
      handsOut: mode !== "value",
      onBase64: streams ? () => this.#open() : undefined,
      onItems: mode === "items"
        ? (items) => this.#receiver.addItems(items)
        : undefined,
    });
    const waiting = (isWaiting: boolean): void =>
      isWaiting ? deadline.start() : deadline.pause();
    this.#receiver = new DocumentReceiver({
      ...this.#chooseBody(response, mode),
      push: (chunk) => this.#translate(() => this.#push(chunk)),
      end: () => this.#translate(() => this.#end()),
      // Of an answer that is no success, its status says more than how its body ended.
      wrap: (cause) =>
        response.ok
          ? undefined
          : createNotXmlRpcError(answer, this.#sample.toString(), cause),
      signal: deadline.signal,
      onOver: () => deadline.stop(),
      // Who reads slowly is not late, nor is a long stream.
      ...mode === "value" ? {} : { onWait: waiting },
    });
  }

  /** The body, its length where that is known, and what is done at its end. */
  #chooseBody(
    response: Response,
    mode: ReadingMode,
  ): Pick<ReceiverSettings<XmlRpcValue>, "body" | "length" | "onBodyEnd"> {
    const { options, maxResponseBytes } = this.#settings;
    const length = readLength(response);
    const isSmall = length !== undefined &&
      length <= Math.min(SMALL_BYTES, maxResponseBytes);
    // Of what other functions give, nobody knows whether it is as long as it says.
    const isExact = options.fetch === undefined && response.ok;
    return isSmall && isExact && mode === "value"
      ? { body: new WholeBody(response), length }
      : {
        body: response.body,
        onBodyEnd: response.headers.has("transfer-encoding")
          ? async () => {
            // After a short one, the turn would take longer than the call.
            if (this.#received > SMALL_BYTES) await nextTurn();
          }
          : undefined,
      };
  }

  /** The value. */
  async value(): Promise<XmlRpcValue> {
    return await this.#receiver.result();
  }

  /** The bytes of the value, which must be base64. */
  async stream(): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const stream = await this.#receiver.untilStream();
    if (stream !== undefined) return stream;
    await this.#receiver.result();
    throw new TypeError(
      `Cannot read a stream: ${this.#answer.url.href} answered with no base64`,
    );
  }

  /** The items of the value, which must be an array. */
  items(): AsyncGenerator<unknown, void, void> {
    return this.#receiver.items((value) => {
      if (Array.isArray(value)) return;
      throw new TypeError(
        `Cannot read items: ${this.#answer.url.href} answered with no array`,
      );
    });
  }

  #open(): XmlRpcByteSink {
    const sink = this.#receiver.openByteStream((reason) =>
      this.#receiver.cancel(reason)
    );
    this.#bytesTotal = estimateBytes(this.#answer.response);
    return {
      write: (bytes): void => {
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
      if (this.#flaw === undefined) this.#decoder.push(chunk);
    } catch (error) {
      this.#flaw = error;
    }
    if (this.#received - this.#decoder.handedOutBytes > maxResponseBytes) {
      const message =
        `${this.#answer.url.href} answered with more than ${maxResponseBytes} bytes: the limit maxResponseBytes`;
      throw createHttpError(this.#answer, message, this.#sample.toString());
    }
    if (this.#flaw !== undefined && this.#sample.isFull) throw this.#flaw;
  }

  #end(): XmlRpcValue {
    if (this.#flaw !== undefined) throw this.#flaw;
    const value = unwrap(this.#decoder.end()) as XmlRpcValue;
    if (this.#answer.response.ok) return value;
    throw createStatusError(this.#answer, this.#sample.toString());
  }

  /** Runs a step; an answer that is no XML-RPC at all becomes an error that says so. */
  #translate<T>(step: () => T): T {
    try {
      return step();
    } catch (error) {
      // Not in the spec: davexmlrpc sends its faults with status 500.
      if (!(error instanceof XmlRpcSyntaxError)) throw error;
      const { response } = this.#answer;
      const contentType = response.headers.get("content-type") ?? undefined;
      const isMeant = response.ok && isMeantAsXml(contentType, this.#received);
      if (isMeant || error.kind === "limit") throw error;
      throw createNotXmlRpcError(this.#answer, this.#sample.toString(), error);
    }
  }
}
