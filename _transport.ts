// How a call travels: its headers, its body, and where it is redirected. This module
// is browser compatible.

import { type Answer, httpError } from "./_answer.ts";
import { shorten } from "./_message.ts";
import { bare, isHttp, type Settings } from "./_settings.ts";
import type { XmlRpcDocument } from "./codec.ts";

/** The headers that every request has, wherever it goes. */
function ownHeaders(): Headers {
  // Spec: "The Content-Type is text/xml." Some servers compare it as it stands here.
  return new Headers({ "content-type": "text/xml" });
}

async function headersOf(
  { target, headers }: Settings,
  more: HeadersInit,
): Promise<Headers> {
  const all = ownHeaders();
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

/** How much of a URL that a server names is shown. */
const LONGEST_URL = 500;

/** Whether what the first server may see may be shown to the second, too. */
function isSameServer(from: URL, to: URL): boolean {
  if (from.origin === to.origin) return true;
  const isUpgrade = from.protocol === "http:" && to.protocol === "https:";
  return isUpgrade && from.hostname === to.hostname && from.port === "" &&
    to.port === "";
}

function isRedirect({ response, url }: Answer): boolean {
  if (response.type === "opaqueredirect") return true;
  const location = response.headers.get("location");
  return [301, 302, 303, 307, 308].includes(response.status) &&
    location !== null && URL.canParse(location, url);
}

/** Where a redirect leads; throws if it cannot be followed. */
function redirectOf(answer: Answer): URL {
  const { response, url } = answer;
  if (response.type === "opaqueredirect") {
    throw httpError(
      answer,
      `${url.href} redirects, and a browser does not say where; use the URL it leads to`,
    );
  }
  const target = bare(new URL(response.headers.get("location")!, url));
  const place = shorten(target.href, LONGEST_URL);
  const moved =
    `${url.href} answered ${response.status}, a redirect to ${place}`;
  if (!isHttp(target)) {
    throw httpError(answer, `${moved}, which is no URL of a server`);
  }
  if (response.status < 307) {
    // Fetch would go there with a GET, and without the call.
    throw httpError(
      answer,
      `${moved}, which would lose the call; use that URL`,
    );
  }
  if (url.protocol === "https:" && target.protocol === "http:") {
    throw httpError(
      answer,
      `${moved}, which is not as safe; use that URL if it is meant`,
    );
  }
  return target;
}

/** Sends a request; an answer that comes after the signal has aborted is dropped. */
async function fetchAnswer(
  fetch: (request: Request) => Promise<Response>,
  request: Request,
  signal: AbortSignal,
): Promise<Response> {
  const response = await fetch(request);
  if (signal.aborted) {
    response.body?.cancel().catch(() => {});
    throw signal.reason;
  }
  return response;
}

/** A request with a document. */
async function requestOf(
  url: URL,
  headers: Headers,
  document: XmlRpcDocument,
  { peer }: Settings,
  signal: AbortSignal,
): Promise<Request> {
  const init = { method: "POST", headers, signal, redirect: "manual" } as const;
  if (document.body instanceof Uint8Array) {
    return new Request(url, { ...init, body: document.body });
  }
  const request = new Request(url, {
    ...init,
    ...await peer.makeBody(document, url),
  });
  // Browsers do not let us, and need it not.
  if (document.length !== undefined) {
    request.headers.set("content-length", String(document.length));
  }
  return request;
}

/** Sends a call, to wherever it is redirected; `more` are the call's own headers. */
export async function send(
  settings: Settings,
  document: XmlRpcDocument,
  more: HeadersInit,
  signal: AbortSignal,
): Promise<Answer> {
  const { maxRedirects, options } = settings;
  let { url } = settings.target;
  let headers = await headersOf(settings, more);
  signal.throwIfAborted();
  for (let redirects = 0;; redirects++) {
    const response = await fetchAnswer(
      options.fetch ?? globalThis.fetch,
      await requestOf(url, headers, document, settings, signal),
      signal,
    );
    const answer = { response, url };
    if (!isRedirect(answer)) return answer;
    response.body?.cancel().catch(() => {});
    const target = redirectOf(answer);
    if (redirects === maxRedirects) {
      throw httpError(
        answer,
        `${url.href} redirects once more: the limit maxRedirects is ${maxRedirects}`,
      );
    }
    if (document.body instanceof ReadableStream) {
      throw httpError(
        answer,
        `${url.href} redirects to ${
          shorten(target.href, LONGEST_URL)
        }, where a stream cannot be sent again; use that URL`,
      );
    }
    // What authorizes at one server is nothing to show to another.
    if (!isSameServer(url, target)) headers = ownHeaders();
    url = target;
  }
}
