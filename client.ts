/**
 * The client: calls the methods of a server, any XML-RPC server.
 *
 * ```ts
 * import { createClient } from "@xmlrpc/xmlrpc/client";
 * import { createServer } from "@xmlrpc/xmlrpc/server";
 * import { assertEquals } from "@std/assert";
 *
 * const server = createServer({ add: (x: number, y: number) => x + y });
 *
 * const client = createClient<typeof server.methods>("http://localhost:8888/", {
 *   fetch: server.fetch, // only here: a client without a socket
 * });
 * assertEquals(await client.methods.add(8, 8), 16);
 * assertEquals(await client.call("add", [8, 8]), 16);
 * ```
 *
 * @module
 */

// This module is browser compatible.

import { encodeBase64 } from "./_base64.ts";
import { isHtml, isXml, readBody } from "./_http.ts";
import { functionOf, limitOf } from "./_options.ts";
import { quote } from "./_message.ts";
import {
  createResponseDecoder,
  type DecodeValueOptions,
  encodeCall,
  type EncodeOptions,
} from "./codec.ts";
import { XmlRpcHttpError, XmlRpcSyntaxError } from "./errors.ts";

// ---------------------------------------------------------------- types

/**
 * Any server: it has every method, with any params. What `createClient` makes a
 * client of where it is told no type.
 */
export interface XmlRpcAnyMethods {
  /** A method, or an object of them. */
  // Whoever does not say what a server answers gets what it answers.
  // deno-lint-ignore no-explicit-any
  readonly [name: string]: any;
}

/**
 * The full names of an API's methods: `"get_string" | "math.add"`.
 *
 * @typeParam Api The methods: `typeof server.methods`, or an interface.
 */
export type XmlRpcMethodName<Api> = string extends keyof Api ? string : {
  [Name in keyof Api & string]: Api[Name] extends
    (...params: never[]) => unknown ? Name
    : `${Name}.${XmlRpcMethodName<Api[Name]>}`;
}[keyof Api & string];

/**
 * The method of that full name.
 *
 * @typeParam Api The methods.
 * @typeParam Name The method's full name.
 */
export type XmlRpcMethodOf<Api, Name extends string> = Name extends keyof Api
  ? Api[Name]
  : {
    [Group in keyof Api & string]: Name extends `${Group}.${infer Rest}`
      ? XmlRpcMethodOf<Api[Group], Rest>
      : never;
  }[keyof Api & string];

/**
 * The params of a method, as an array.
 *
 * @typeParam Method The method.
 */
export type XmlRpcParams<Method> = Method extends
  (...params: infer Params) => unknown ? Readonly<Params>
  : never;

/**
 * What a call of a method gives: what it returns, awaited, and null where that is
 * nothing.
 *
 * @typeParam Method The method.
 */
// `any` is the one type that `1 & Method` cannot narrow.
// deno-lint-ignore no-explicit-any
export type XmlRpcResult<Method> = 0 extends (1 & Method) ? any
  : Method extends (...params: never) => infer Result
    ? Awaited<Result> extends infer Value ? Value extends void ? null : Value
    : never
  : never;

/**
 * The methods of a server as functions. Each access makes them up: there is a
 * function for every name, and the server says whether it has such a method.
 *
 * The names `then` and `toJSON` are no methods, at any level, so that awaiting the
 * object or writing it as JSON calls nothing.
 *
 * @typeParam Api The methods: `typeof server.methods`, or an interface.
 */
export type XmlRpcMethodsProxy<Api> = {
  readonly [Name in Exclude<keyof Api & string, "then" | "toJSON">]:
    // deno-lint-ignore no-explicit-any
    0 extends (1 & Api[Name]) ? any
      : Api[Name] extends (...params: infer Params) => unknown
        ? (...params: Params) => Promise<XmlRpcResult<Api[Name]>>
      : XmlRpcMethodsProxy<Api[Name]>;
};

/**
 * What follows the name in {@linkcode XmlRpcClient.call}: the params, which may be
 * left out where the method needs none, and options.
 *
 * @typeParam Params The method's params.
 */
export type XmlRpcCallArguments<Params> = readonly [] extends Params
  ? [params?: Params, options?: XmlRpcClientOptions]
  : [params: Params, options?: XmlRpcClientOptions];

/** How a client works. */
export interface XmlRpcClientOptions extends DecodeValueOptions, EncodeOptions {
  /**
   * Headers of the requests, or a function that gives them for each call: a token
   * that is renewed, say. Names that are given win over the client's own.
   *
   * @default {{}}
   */
  readonly headers?:
    | HeadersInit
    | (() => HeadersInit | Promise<HeadersInit>)
    | undefined;
  /**
   * Aborts calls; they are then rejected with the signal's reason.
   *
   * @default {undefined}
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * How long a call may take, in milliseconds, to the last byte of the answer; it
   * is then rejected with a `TimeoutError`.
   *
   * @default {60_000}
   */
  readonly timeout?: number | undefined;
  /**
   * Sends the requests: a server's `fetch` for a client without a socket, or one
   * that goes through a proxy, retries, or logs.
   *
   * @default {globalThis.fetch}
   */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
  /**
   * Longest response body in bytes, after decompression.
   *
   * @default {268_435_456}
   */
  readonly maxResponseBytes?: number | undefined;
  /**
   * Most redirects (307 and 308, which keep the request as it is) that a call
   * follows.
   *
   * @default {5}
   */
  readonly maxRedirects?: number | undefined;
}

/**
 * A client of one server.
 *
 * @typeParam Api The server's methods: `typeof server.methods`, or an interface.
 */
export interface XmlRpcClient<Api> {
  /**
   * Calls a method.
   *
   * @typeParam Name The method's name.
   * @param methodName The method's full name: `"math.add"`.
   * @param rest The params, and options for this call alone.
   * @returns The result.
   * @throws {XmlRpcFault} If the server answers with a fault.
   * @throws {XmlRpcHttpError} If the server's answer is no XML-RPC.
   * @throws {XmlRpcSyntaxError} If the server's answer is broken.
   * @throws {TypeError} If a param cannot be sent; also the platform's own network error.
   * @throws {RangeError} If a number or date is out of range.
   * @throws {DOMException} If the call takes too long, or is aborted without a reason.
   */
  readonly call: <Name extends XmlRpcMethodName<Api>>(
    methodName: Name,
    ...rest: XmlRpcCallArguments<XmlRpcParams<XmlRpcMethodOf<Api, Name>>>
  ) => Promise<XmlRpcResult<XmlRpcMethodOf<Api, Name>>>;
  /**
   * The methods as functions: `client.methods.math.add(8, 8)`. Methods that are
   * called `then` or `toJSON` can only be had by `call`.
   */
  readonly methods: XmlRpcMethodsProxy<Api>;
  /**
   * The same client with other options. Headers are added to those it has, a
   * signal too; every other option takes the place of the one it had.
   *
   * @param options The options.
   * @returns The new client; this one stays as it is.
   */
  readonly with: (options: XmlRpcClientOptions) => XmlRpcClient<Api>;
}

// ---------------------------------------------------------------- the target

/** Where calls go. */
interface Target {
  /** The URL without user name and password. */
  readonly url: URL;
  /** What user name and password have become. */
  readonly authorization: string | undefined;
}

function isHttp(url: URL): boolean {
  return url.protocol === "http:" || url.protocol === "https:";
}

function parseUrl(text: string | URL): URL {
  // A page may name its own server by a path.
  const base = globalThis.location?.href;
  // Neither message shows the URL: there may be a password in it.
  if (!URL.canParse(text, base)) {
    throw new TypeError(
      "Cannot create a client: expected a URL such as http://localhost:8888/",
    );
  }
  const url = new URL(text, base);
  if (isHttp(url)) return url;
  throw new TypeError(
    `Cannot create a client: expected an http or https URL, got ${url.protocol}`,
  );
}

/** A URL without what is never sent in a request line. */
function bare(url: URL): URL {
  const copy = new URL(url);
  copy.username = "";
  copy.password = "";
  copy.hash = "";
  return copy;
}

/** Text of which some characters are percent-encoded; a % that encodes nothing is itself. */
function decodePercent(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}

function targetOf(text: string | URL): Target {
  const url = parseUrl(text);
  const { username, password } = url;
  if (username === "" && password === "") {
    return { url: bare(url), authorization: undefined };
  }
  const credentials = `${decodePercent(username)}:${decodePercent(password)}`;
  const encoded = encodeBase64(new TextEncoder().encode(credentials));
  return { url: bare(url), authorization: `Basic ${encoded}` };
}

// ---------------------------------------------------------------- requests

type HeadersSource = NonNullable<XmlRpcClientOptions["headers"]>;

/** All that a call needs to know beside its name and params. */
interface Settings {
  readonly target: Target;
  readonly options: XmlRpcClientOptions;
  /** The headers options, the ones that win last. */
  readonly headers: readonly HeadersSource[];
  readonly signals: readonly AbortSignal[];
  readonly timeout: number;
  readonly maxResponseBytes: number;
  readonly maxRedirects: number;
}

// The longest time `setTimeout` can wait: 25 days.
const MAX_TIMEOUT = 2 ** 31 - 1;

function timeoutOf(options: XmlRpcClientOptions): number {
  const timeout = limitOf(options, "timeout", 60_000);
  if (timeout <= MAX_TIMEOUT) return timeout;
  throw new RangeError(
    `The option timeout must be at most ${MAX_TIMEOUT} ms: ${timeout}`,
  );
}

/** Finds a wrong option before anything is sent. */
function checkOptions(options: XmlRpcClientOptions): void {
  createResponseDecoder(options);
  encodeCall("m", [], options);
  functionOf(options, "fetch");
  const { signal } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError("The option signal must be an AbortSignal");
  }
}

/** Settings with the options of `added`, over those of `settings`. */
function extend(
  settings: Pick<Settings, "target" | "options" | "headers" | "signals">,
  added: XmlRpcClientOptions,
): Settings {
  const options = { ...settings.options, ...added };
  checkOptions(options);
  const { headers, signal } = added;
  return {
    target: settings.target,
    options,
    headers: headers === undefined
      ? settings.headers
      : [...settings.headers, headers],
    signals: signal === undefined
      ? settings.signals
      : [...settings.signals, signal],
    timeout: timeoutOf(options),
    maxResponseBytes: limitOf(options, "maxResponseBytes", 2 ** 28),
    maxRedirects: limitOf(options, "maxRedirects", 5),
  };
}

/** The headers that every request has, wherever it goes. */
function ownHeaders(): Headers {
  // Spec: "The Content-Type is text/xml." Some servers compare it as it stands here.
  return new Headers({ "content-type": "text/xml" });
}

async function headersOf({ target, headers }: Settings): Promise<Headers> {
  const all = ownHeaders();
  if (target.authorization !== undefined) {
    all.set("authorization", target.authorization);
  }
  for (const source of headers) {
    const added = new Headers(
      typeof source === "function" ? await source() : source,
    );
    for (const [name, value] of added) all.set(name, value);
  }
  return all;
}

/** Runs `work` until it ends, the time is over, or a signal aborts. */
async function withDeadline<T>(
  { timeout, signals }: Settings,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const clock = new AbortController();
  const signal = AbortSignal.any([clock.signal, ...signals]);
  signal.throwIfAborted();
  // `AbortSignal.timeout()` would go on counting after the call.
  const timer = setTimeout(() => {
    const message =
      `The server has not answered within ${timeout} ms: the option timeout`;
    clock.abort(new DOMException(message, "TimeoutError"));
  }, timeout);
  let onAbort = (): void => {};
  // A `fetch` option need not look at the signal.
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort);
  });
  try {
    return await Promise.race([work(signal), aborted]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

// ---------------------------------------------------------------- answers

/** A response, and the URL it came from. */
interface Answer {
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

function httpError(
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
async function readAnswer(
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

/** Sends a call, to wherever it is redirected. */
async function send(
  settings: Settings,
  body: Uint8Array<ArrayBuffer>,
  signal: AbortSignal,
): Promise<Answer> {
  const { maxRedirects, options } = settings;
  let { url } = settings.target;
  let headers = await headersOf(settings);
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

async function call(
  settings: Settings,
  methodName: string,
  params: readonly unknown[],
): Promise<unknown> {
  const body = encodeCall(methodName, params, settings.options);
  return await withDeadline(settings, async (signal) => {
    const answer = await send(settings, body, signal);
    return await readAnswer(answer, settings, signal);
  });
}

// ---------------------------------------------------------------- the proxy

type Caller = (
  methodName: string,
  params: readonly unknown[],
) => Promise<unknown>;

/** The functions below a name; `name` is "" at the top. */
function createMethods(call: Caller, name: string): unknown {
  const handler: ProxyHandler<() => void> = {
    get(_target, key): unknown {
      if (key === Symbol.toPrimitive) {
        return () => `[XML-RPC method ${quote(name)}]`;
      }
      // A promise or JSON.stringify asks for these; they must not become calls.
      if (typeof key === "symbol" || key === "then" || key === "toJSON") {
        return undefined;
      }
      return createMethods(call, name === "" ? key : `${name}.${key}`);
    },
    apply(_target, _this, params: unknown[]): Promise<unknown> {
      return call(name, params);
    },
    set: () => false,
    defineProperty: () => false,
    deleteProperty: () => false,
  };
  return new Proxy(() => {}, handler);
}

function clientOf<Api>(settings: Settings): XmlRpcClient<Api> {
  // Async, so that wrong options reject, too.
  // deno-lint-ignore require-await
  async function callMethod(
    methodName: string,
    params: readonly unknown[] = [],
    options?: XmlRpcClientOptions,
  ): Promise<unknown> {
    return call(
      options === undefined ? settings : extend(settings, options),
      methodName,
      params,
    );
  }
  return Object.freeze({
    call: callMethod as XmlRpcClient<Api>["call"],
    methods: createMethods(callMethod, "") as XmlRpcMethodsProxy<Api>,
    with: (options: XmlRpcClientOptions) =>
      clientOf<Api>(extend(settings, options)),
  });
}

/**
 * Makes a client. Nothing is sent before the first call.
 *
 * The type says what the server has: `createClient<typeof server.methods>(…)`, or
 * `createClient<Api>(…)` with an interface of your own. Without one, every method
 * can be called with anything.
 *
 * @example A server that is not ours
 * ```ts
 * import { createClient } from "@xmlrpc/xmlrpc/client";
 *
 * interface Supervisor {
 *   supervisor: {
 *     getState(): { statecode: number; statename: string };
 *     stopProcess(name: string, wait?: boolean): boolean;
 *   };
 * }
 *
 * const client = createClient<Supervisor>("http://user:secret@localhost:9001/RPC2");
 * const stop = () => client.methods.supervisor.stopProcess("web");
 * ```
 *
 * @example Options for one call
 * ```ts
 * import { createClient } from "@xmlrpc/xmlrpc/client";
 * import { assertRejects } from "@std/assert";
 *
 * const client = createClient("http://localhost:8888/", {
 *   fetch: () => new Promise(() => {}), // a server that never answers
 * });
 * await assertRejects(() => client.call("slow", [], { timeout: 10 }), DOMException);
 * ```
 *
 * @typeParam Api The server's methods.
 * @param url The server's URL, http or https; user name and password in it become an
 * `Authorization` header.
 * @param options How the client works.
 * @returns The client; its members can be taken out and passed on.
 * @throws {TypeError} If the URL is none of http or https.
 * @throws {RangeError} If an option is out of range.
 */
export function createClient<Api = XmlRpcAnyMethods>(
  url: string | URL,
  options: XmlRpcClientOptions = {},
): XmlRpcClient<Api> {
  const nothing = { options: {}, headers: [], signals: [] };
  return clientOf<Api>(extend({ ...nothing, target: targetOf(url) }, options));
}
