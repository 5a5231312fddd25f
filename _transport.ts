// How a call travels: its headers, its time, and where it is redirected. This module
// is browser compatible.

import { type Answer, httpError } from "./_answer.ts";
import { bare, isHttp, type Settings } from "./_settings.ts";

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

/** Runs `work` until it ends or the signal aborts. */
export async function untilAborted<T>(
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  let onAbort = (): void => {};
  // Whoever works need not look at the signal: a `fetch` option, say.
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort);
  });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Runs `work` until it ends, the time is over, or a signal aborts. */
export async function withDeadline<T>(
  timeout: number,
  signals: readonly AbortSignal[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const clock = new AbortController();
  const signal = AbortSignal.any([clock.signal, ...signals]);
  // `AbortSignal.timeout()` would go on counting after the call.
  const timer = setTimeout(() => {
    const message =
      `The server has not answered within ${timeout} ms: the option timeout`;
    clock.abort(new DOMException(message, "TimeoutError"));
  }, timeout);
  try {
    return await untilAborted(signal, () => work(signal));
  } finally {
    clearTimeout(timer);
  }
}

// ---------------------------------------------------------------- redirects

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
  const moved =
    `${url.href} answered ${response.status}, a redirect to ${target.href}`;
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

/** Sends a call, to wherever it is redirected; `more` are the call's own headers. */
export async function send(
  settings: Settings,
  body: Uint8Array<ArrayBuffer>,
  more: HeadersInit,
  signal: AbortSignal,
): Promise<Answer> {
  const { maxRedirects, options } = settings;
  let { url } = settings.target;
  let headers = await headersOf(settings, more);
  signal.throwIfAborted();
  for (let redirects = 0;; redirects++) {
    const request = new Request(url, {
      method: "POST",
      headers,
      body,
      signal,
      redirect: "manual",
    });
    const response = await fetchAnswer(
      options.fetch ?? globalThis.fetch,
      request,
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
    // What authorizes at one server is nothing to show to another.
    if (!isSameServer(url, target)) headers = ownHeaders();
    url = target;
  }
}
