// What comes back for a call: the value in it, or an error that says what came
// instead. This module is browser compatible.

import { Decoder, unwrap } from "../codec/decoder.ts";
import type { Deadline } from "./deadline.ts";
import { isHtml, isXml } from "../util/http.ts";
import {
  Intake,
  type IntakeSettings,
  SMALL_BYTES,
  WholeBody,
} from "../codec/incoming.ts";
import { escapeUnsafe, quote, shorten } from "../util/messages.ts";
import type { Settings } from "./settings.ts";
import { encodeResponse, type XmlRpcByteSink } from "../codec.ts";
import { XmlRpcHttpError, XmlRpcSyntaxError } from "../core/errors.ts";
import type { XmlRpcValue } from "../core/value.ts";

/** A response, and the URL it came from. */
export interface Answer {
  readonly response: Response;
  readonly url: URL;
}

/** How much of a body an error shows, in bytes. */
const SAMPLE_BYTES = 2048;

const HINTS: ReadonlyMap<number, string> = new Map([
  [401, "check user name and password"],
  [403, "the credentials, if any, are not enough"],
  [
    404,
    "check the path: many servers have theirs at /RPC2, /xmlrpc or /xmlrpc.php",
  ],
  [405, "check the path: this one takes no POST requests"],
  [413, "the call is longer than the server allows"],
  [429, "the server asks for fewer calls"],
  [500, "the server has failed: its log may say why"],
  [503, "the server is busy or down for now"],
]);
const PAGE_HINT = "check the path: this one belongs to a web site";

export function httpError(
  { response, url }: Answer,
  message: string,
  body = "",
  cause?: unknown,
): XmlRpcHttpError {
  return new XmlRpcHttpError(message, {
    status: response.status,
    url: url.href,
    headers: response.headers,
    body,
    ...(cause === undefined ? {} : { cause }),
  });
}

function withHint(message: string, hint: string | undefined): string {
  return hint === undefined ? message : `${message}; ${hint}`;
}

/** The error for an answer that is no XML-RPC. */
function unexpected(
  answer: Answer,
  body: string,
  cause: unknown,
): XmlRpcHttpError {
  const { response, url } = answer;
  const { status, statusText } = response;
  const contentType = response.headers.get("content-type") ?? "";
  const isPage = isHtml(contentType) ||
    /^\s*<(?:!doctype\s+html|html)\b/i.test(body);
  const what = isPage
    ? "a web page"
    : body === ""
    ? "no body"
    : contentType === ""
    ? "no Content-Type"
    : quote(contentType);
  const hint = HINTS.get(status) ?? (isPage ? PAGE_HINT : undefined);
  const line = `${status} ${escapeUnsafe(shorten(statusText))}`.trimEnd();
  const message = `${url.href} answered ${line} with ${what}, not with XML-RPC`;
  return httpError(answer, withHint(message, hint), body, cause);
}

/** The start of a body, for messages. */
class Sample {
  readonly #parts: Uint8Array<ArrayBuffer>[] = [];
  #length = 0;

  get isFull(): boolean {
    return this.#length === SAMPLE_BYTES;
  }

  add(chunk: Uint8Array): void {
    if (this.isFull) return;
    const part = new Uint8Array(chunk.subarray(0, SAMPLE_BYTES - this.#length));
    this.#parts.push(part);
    this.#length += part.length;
  }

  toString(): string {
    const decoder = new TextDecoder();
    let text = "";
    for (const part of this.#parts) {
      text += decoder.decode(part, { stream: true });
    }
    return text + decoder.decode();
  }
}

/** Whether a body that is no XML-RPC was to be some, as far as one can tell. */
function isMeantAsXml(
  contentType: string | undefined,
  length: number,
): boolean {
  if (contentType === undefined) return length > 0;
  return isXml(contentType) && !isHtml(contentType);
}

// What a response of ours with empty base64 has around it; others have about as much.
const LENGTH_AROUND_BASE64 = encodeResponse(new Uint8Array(0)).length;

/** How long a body is, if its response tells. */
function lengthOf({ headers }: Response): number | undefined {
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
function untilTakenBack(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** How many bytes a base64 response holds, by its length; undefined if it tells none. */
function bytesIn(response: Response): number | undefined {
  const length = lengthOf(response);
  if (length === undefined) return undefined;
  return Math.max(0, Math.floor((length - LENGTH_AROUND_BASE64) / 4) * 3);
}

/** How an answer is read: its value at once, or bit by bit. */
export type ReadingMode = "value" | "stream" | "items";

/** Reads an answer. Its body is read to its end, or cancelled. */
export class AnswerReader {
  readonly #answer: Answer;
  readonly #settings: Settings;
  readonly #decoder: Decoder;
  readonly #intake: Intake<XmlRpcValue>;
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
        ? (items) => this.#intake.add(items)
        : undefined,
    });
    const waiting = (isWaiting: boolean): void =>
      isWaiting ? deadline.start() : deadline.pause();
    this.#intake = new Intake({
      ...this.#bodyOf(response, mode),
      push: (chunk) => this.#translate(() => this.#push(chunk)),
      end: () => this.#translate(() => this.#end()),
      // Of an answer that is no success, its status says more than how its body ended.
      wrap: (cause) =>
        response.ok
          ? undefined
          : unexpected(answer, this.#sample.toString(), cause),
      signal: deadline.signal,
      onOver: () => deadline.stop(),
      // Who reads slowly is not late, nor is a long stream.
      ...mode === "value" ? {} : { onWait: waiting },
    });
  }

  /** The body, its length where that is known, and what is done at its end. */
  #bodyOf(
    response: Response,
    mode: ReadingMode,
  ): Pick<IntakeSettings<XmlRpcValue>, "body" | "length" | "onBodyEnd"> {
    const { options, maxResponseBytes } = this.#settings;
    const length = lengthOf(response);
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
            if (this.#received > SMALL_BYTES) await untilTakenBack();
          }
          : undefined,
      };
  }

  /** The value. */
  async value(): Promise<XmlRpcValue> {
    return await this.#intake.finish();
  }

  /** The bytes of the value, which must be base64. */
  async stream(): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const stream = await this.#intake.begin();
    if (stream !== undefined) return stream;
    await this.#intake.finish();
    throw new TypeError(
      `Cannot read a stream: ${this.#answer.url.href} answered with no base64`,
    );
  }

  /** The items of the value, which must be an array. */
  items(): AsyncGenerator<unknown, void, void> {
    return this.#intake.items((value) => {
      if (Array.isArray(value)) return;
      throw new TypeError(
        `Cannot read items: ${this.#answer.url.href} answered with no array`,
      );
    });
  }

  #open(): XmlRpcByteSink {
    const sink = this.#intake.open((reason) => this.#intake.cancel(reason));
    this.#bytesTotal = bytesIn(this.#answer.response);
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
      throw httpError(this.#answer, message, this.#sample.toString());
    }
    if (this.#flaw !== undefined && this.#sample.isFull) throw this.#flaw;
  }

  #end(): XmlRpcValue {
    if (this.#flaw !== undefined) throw this.#flaw;
    const value = unwrap(this.#decoder.end()) as XmlRpcValue;
    const { response, url } = this.#answer;
    if (response.ok) return value;
    const message =
      `${url.href} answered ${response.status}, and yet with a value; only a fault may come with an error`;
    throw httpError(
      this.#answer,
      withHint(message, HINTS.get(response.status)),
      this.#sample.toString(),
    );
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
      throw unexpected(this.#answer, this.#sample.toString(), error);
    }
  }
}
