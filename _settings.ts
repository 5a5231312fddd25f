// What a client is told once: where calls go, and how. This module is browser
// compatible.

import { encodeBase64 } from "./_base64.ts";
import { functionOf, limitOf } from "./_options.ts";
import {
  createResponseDecoder,
  type DecodeValueOptions,
  encodeCall,
  type EncodeOptions,
} from "./codec.ts";

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

// ---------------------------------------------------------------- the target

/** Where calls go. */
export interface Target {
  /** The URL without user name and password. */
  readonly url: URL;
  /** What user name and password have become. */
  readonly authorization: string | undefined;
}

export function isHttp(url: URL): boolean {
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
export function bare(url: URL): URL {
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

export function targetOf(text: string | URL): Target {
  const url = parseUrl(text);
  const { username, password } = url;
  if (username === "" && password === "") {
    return { url: bare(url), authorization: undefined };
  }
  const credentials = `${decodePercent(username)}:${decodePercent(password)}`;
  const encoded = encodeBase64(new TextEncoder().encode(credentials));
  return { url: bare(url), authorization: `Basic ${encoded}` };
}

// ---------------------------------------------------------------- settings

type HeadersSource = NonNullable<XmlRpcClientOptions["headers"]>;

/** All that a call needs to know beside its name and params. */
export interface Settings {
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
export function extend(
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
