// The errors for responses that are not XML-RPC: what the server sent instead, and what
// the user should check. This module is browser compatible.

import { XmlRpcHttpError } from "../core/errors.ts";
import { isHtml } from "../util/http.ts";
import { escapeUnsafe, quote, shorten } from "../util/messages.ts";

/** A response, and the URL that sent it. */
export interface Answer {
  readonly response: Response;
  readonly url: URL;
}

/** Maximum number of bytes of a body in an error. */
const SAMPLE_BYTES = 2048;

const HINTS: ReadonlyMap<number, string> = new Map([
  [401, "check user name and password"],
  [403, "the credentials are missing or not sufficient"],
  [
    404,
    "check the path: many servers have theirs at /RPC2, /xmlrpc or /xmlrpc.php",
  ],
  [405, "check the path: it does not accept POST requests"],
  [413, "the call is longer than the server allows"],
  [429, "the server limits the rate of calls"],
  [500, "the server has failed: its log may say why"],
  [503, "the server is busy or not available for now"],
]);
const PAGE_HINT = "check the path: it leads to a web page";

/** Builds the error for a response, with the start of its body. */
export function createHttpError(
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

/** Adds a hint to a message. */
function addHint(message: string, hint: string | undefined): string {
  return hint === undefined ? message : `${message}; ${hint}`;
}

/** Builds the error for a response that is not XML-RPC. */
export function createNotXmlRpcError(
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
  return createHttpError(answer, addHint(message, hint), body, cause);
}

/** Builds the error for a response with a value, but without the status of a success. */
export function createStatusError(
  answer: Answer,
  body: string,
): XmlRpcHttpError {
  const { status } = answer.response;
  const message =
    `${answer.url.href} answered ${status} with a value; only a fault may come with such a status`;
  return createHttpError(answer, addHint(message, HINTS.get(status)), body);
}

/** Collects the start of a body for an error. */
export class Sample {
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
