// What comes back for a call: the value in it, or an error that says what came
// instead. This module is browser compatible.

import { isHtml, isXml, readBody } from "./_http.ts";
import { quote } from "./_message.ts";
import type { Settings } from "./_settings.ts";
import { createResponseDecoder } from "./codec.ts";
import { XmlRpcHttpError, XmlRpcSyntaxError } from "./errors.ts";

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
  const line = statusText === "" ? `${status}` : `${status} ${statusText}`;
  const message = `${url.href} answered ${line} with ${what}, not with XML-RPC`;
  return httpError(
    answer,
    hint === undefined ? message : `${message}; ${hint}`,
    body,
    cause,
  );
}

/** The start of a body, for messages. */
class Sample {
  readonly #bytes = new Uint8Array(SAMPLE_BYTES);
  #length = 0;

  get isFull(): boolean {
    return this.#length === SAMPLE_BYTES;
  }

  add(chunk: Uint8Array): void {
    const part = chunk.subarray(0, SAMPLE_BYTES - this.#length);
    this.#bytes.set(part, this.#length);
    this.#length += part.length;
  }

  toString(): string {
    return new TextDecoder().decode(this.#bytes.subarray(0, this.#length));
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

/** Reads the value in an answer; the body is read to its end or cancelled. */
export async function readAnswer(
  answer: Answer,
  settings: Settings,
  signal: AbortSignal,
): Promise<unknown> {
  const { response } = answer;
  const { maxResponseBytes } = settings;
  const contentType = response.headers.get("content-type") ?? undefined;
  // The body is counted here, where the URL can be named.
  const decoder = createResponseDecoder({
    ...settings.options,
    contentType,
    maxBytes: Infinity,
  });
  const sample = new Sample();
  let received = 0;
  let failure: unknown;

  function take(chunk: Uint8Array): void {
    received += chunk.length;
    if (received > maxResponseBytes) {
      const message =
        `${answer.url.href} answered with more than ${maxResponseBytes} bytes: the limit maxResponseBytes`;
      throw httpError(answer, message, sample.toString());
    }
    sample.add(chunk);
    try {
      if (failure === undefined) decoder.push(chunk);
    } catch (error) {
      failure = error;
    }
    if (failure !== undefined && sample.isFull) throw failure;
  }

  try {
    if (response.body !== null) {
      await readBody(response.body, take, (cause) => cause, signal);
    }
    if (failure !== undefined) throw failure;
    const value = decoder.end();
    if (response.ok) return value;
    const message =
      `${answer.url.href} answered ${response.status}, and yet with a value; only a fault may come with an error`;
    throw httpError(answer, message, sample.toString());
  } catch (error) {
    // Not in the spec: davexmlrpc sends its faults with status 500.
    if (!(error instanceof XmlRpcSyntaxError)) throw error;
    const isMeant = response.ok && isMeantAsXml(contentType, received);
    if (isMeant || error.kind === "limit") throw error;
    throw unexpected(answer, sample.toString(), error);
  }
}
