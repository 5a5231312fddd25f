// Sends a document by `fetch`: its headers, its body, and redirects. This module is
// browser compatible.

import { type Answer, createHttpError } from "./http_error.ts";
import type { Settings } from "./settings.ts";
import { isHttp, toBareUrl } from "./target.ts";
import type { XmlRpcDocument } from "../codec/options.ts";
import { shorten } from "../util/messages.ts";

/** The headers of every request, to any server. */
const OWN_HEADERS = {
  // Spec: "The Content-Type is text/xml." Some servers compare the exact text.
  "content-type": "text/xml",
} as const;

/** Builds the headers of a request to the own server; `more` are those of this call only. */
async function buildHeaders(
  { target, headers }: Settings,
  more: HeadersInit | undefined,
): Promise<HeadersInit> {
  const isPlain = target.authorization === undefined && headers.length === 0 &&
    more === undefined;
  if (isPlain) return OWN_HEADERS;
  const all = new Headers(OWN_HEADERS);
  if (target.authorization !== undefined) {
    all.set("authorization", target.authorization);
  }
  for (const source of [...headers, more]) {
    const added = new Headers(
      typeof source === "function" ? await source() : source,
    );
    for (const [name, value] of added) all.set(name, value);
  }
  return all;
}

// ---------------------------------------------------------------- redirects

/** Maximum length of a URL from the server in a message. */
const LONGEST_URL = 500;

/** Whether the headers for one URL may be sent to another, too. */
function isSameServer(from: URL, to: URL): boolean {
  if (from.origin === to.origin) return true;
  const isUpgrade = from.protocol === "http:" && to.protocol === "https:";
  return isUpgrade && from.hostname === to.hostname && from.port === "" &&
    to.port === "";
}

/** Whether an answer is a redirect to another URL. */
function isRedirect({ response, url }: Answer): boolean {
  if (response.type === "opaqueredirect") return true;
  const location = response.headers.get("location");
  return [301, 302, 303, 307, 308].includes(response.status) &&
    location !== null && URL.canParse(location, url);
}

/** Returns the URL that a redirect leads to; throws if it must not be followed. */
function resolveRedirect(answer: Answer): URL {
  const { response, url } = answer;
  if (response.type === "opaqueredirect") {
    throw createHttpError(
      answer,
      `${url.href} redirects, and a browser does not reveal where; use the URL that it redirects to`,
    );
  }
  const target = toBareUrl(new URL(response.headers.get("location")!, url));
  const place = shorten(target.href, LONGEST_URL);
  const moved =
    `${url.href} answered ${response.status}, a redirect to ${place}`;
  if (!isHttp(target)) {
    throw createHttpError(
      answer,
      `${moved}, which is not an http or https URL`,
    );
  }
  if (response.status < 307) {
    // `fetch` would send a GET request without a body.
    throw createHttpError(
      answer,
      `${moved}, which would lose the call; use that URL`,
    );
  }
  if (url.protocol === "https:" && target.protocol === "http:") {
    throw createHttpError(
      answer,
      `${moved}, which is not encrypted; use that URL if that is intended`,
    );
  }
  return target;
}

/** Builds a request whose document is a stream. */
async function buildStreamedRequest(
  url: URL,
  init: RequestInit,
  document: XmlRpcDocument,
  { peer }: Settings,
): Promise<Request> {
  const body = await peer.makeBody(document, url);
  const request = new Request(url, { ...init, ...body });
  // Browsers ignore it; they send a Blob with its length.
  if (document.length !== undefined) {
    request.headers.set("content-length", String(document.length));
  }
  return request;
}

/** Sends a document once; drops a response that arrives after the signal has aborted. */
async function fetchOnce(
  url: URL,
  headers: HeadersInit,
  document: XmlRpcDocument,
  settings: Settings,
  signal: AbortSignal,
): Promise<Response> {
  const { fetch } = settings.options;
  const { body } = document;
  const init: RequestInit = {
    method: "POST",
    headers,
    signal,
    redirect: "manual",
  };
  let response: Response;
  if (body instanceof ReadableStream) {
    const request = await buildStreamedRequest(url, init, document, settings);
    response = await (fetch ?? globalThis.fetch)(request);
  } else {
    init.body = body;
    // No `Request` is created here: `fetch` would copy it.
    response = await (fetch === undefined
      ? globalThis.fetch(url, init)
      : fetch(new Request(url, init)));
  }
  if (signal.aborted) {
    response.body?.cancel().catch(() => {});
    throw signal.reason;
  }
  return response;
}

/** Sends a document, and follows redirects; `more` are the headers of this call only. */
export async function sendFollowingRedirects(
  settings: Settings,
  document: XmlRpcDocument,
  more: HeadersInit | undefined,
  signal: AbortSignal,
): Promise<Answer> {
  const { maxRedirects } = settings;
  let { url } = settings.target;
  let headers = await buildHeaders(settings, more);
  signal.throwIfAborted();
  for (let redirects = 0;; redirects++) {
    const response = await fetchOnce(
      url,
      headers,
      document,
      settings,
      signal,
    );
    const answer = { response, url };
    if (!isRedirect(answer)) return answer;
    response.body?.cancel().catch(() => {});
    const target = resolveRedirect(answer);
    if (redirects === maxRedirects) {
      throw createHttpError(
        answer,
        `${url.href} redirects too often: the limit maxRedirects is ${maxRedirects}`,
      );
    }
    if (document.body instanceof ReadableStream) {
      throw createHttpError(
        answer,
        `${url.href} redirects to ${
          shorten(target.href, LONGEST_URL)
        }, but a stream cannot be sent twice; use that URL`,
      );
    }
    // Credentials for one server must not reach another.
    if (!isSameServer(url, target)) headers = OWN_HEADERS;
    url = target;
  }
}
