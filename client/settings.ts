// What a client is told once: where calls go, and how. This module is browser
// compatible.

import { encodeBase64 } from "../util/base64.ts";
import { createBodyMaker } from "./request_body.ts";
import type { DecoderSettings } from "../codec/decoder.ts";
import { decoderSettings, encoderSettings } from "../codec/document.ts";
import type { EncoderSettings } from "../codec/encoder.ts";
import type { SignatureCache } from "./declared_types.ts";
import {
  choiceOf,
  functionOf,
  functionsOf,
  limitOf,
  timeoutOf,
} from "../core/options.ts";
import type { SpanAttributes } from "../core/tracing.ts";
import type { DecodeValueOptions, EncodeOptions } from "../codec.ts";

/** A call on its way, as interceptors see it. */
export interface XmlRpcClientCall {
  /** The method's full name; `"system.multicall"` for several calls in one. */
  readonly methodName: string;
  /** The params. They are a copy: the caller may have changed its own since. */
  readonly params: readonly unknown[];
  /** The URL that is called, without user name and password; to be looked at only. */
  readonly url: string;
  /**
   * Headers of this call alone, none at first, to be changed at will. They are sent
   * on top of all others.
   */
  readonly headers: Headers;
  /** Aborts when the call is to end; what waits between attempts does well to look. */
  readonly signal: AbortSignal;
}

/**
 * Stands between a call and the server: sees each call, and what becomes of it.
 *
 * It answers with what `next` gives, or with something else; what it throws is what
 * the caller gets. `next` may be called with another call, more than once to try again,
 * or not at all. Each attempt has the option `timeout` for itself.
 *
 * @param call The call.
 * @param next Hands the call on: to the next interceptor, or to the server.
 * @returns The result.
 */
export type XmlRpcClientInterceptor = (
  call: XmlRpcClientCall,
  next: (call: XmlRpcClientCall) => Promise<unknown>,
) => Promise<unknown>;

/** How far the bytes of a call have come. */
export interface XmlRpcProgress {
  /** Whether they are sent, or received. */
  readonly direction: "up" | "down";
  /** The bytes of all Blobs and streams so far, before base64 or after it. */
  readonly bytesDone: number;
  /**
   * How many there will be; undefined where that is not known. What is received
   * may turn out a few bytes longer or shorter, for it is reckoned from the
   * response's `Content-Length`.
   */
  readonly bytesTotal: number | undefined;
}

/**
 * What a client sends with its calls, how long it waits, what it takes, and what its
 * calls go through.
 *
 * How values are read is said by the options of {@linkcode DecodeValueOptions}, such as
 * `i8`, `dateTime` and `maxDepth`; how they are written by those of
 * {@linkcode EncodeOptions}, such as `nil`. `timeZone` is for both.
 */
export interface XmlRpcClientOptions extends DecodeValueOptions, EncodeOptions {
  /**
   * Headers of the requests, or a function that gives them for each call: a token
   * that is renewed, say. Names that are given win over the client's own.
   *
   * @default {undefined}
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
   * is then rejected with a `TimeoutError`. Each attempt that an interceptor makes has
   * this time for itself; a question for signatures takes some of it.
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
   * Most bytes of a value that is streamed, in either direction; and longest array
   * that is read item by item, in bytes of the response.
   *
   * @default {68_719_476_736}
   */
  readonly maxStreamBytes?: number | undefined;
  /**
   * Told how far the streams of a call have come: the Blobs and streams in its params
   * as they are sent, what {@linkcode XmlRpcClient.stream} gives as it is received.
   * What it throws ends the call.
   *
   * @default {undefined}
   */
  readonly onProgress?: ((progress: XmlRpcProgress) => void) | undefined;
  /**
   * Most redirects (307 and 308, which keep the request as it is) that a call
   * follows. To another server goes the call with its params, but none of the headers
   * that were set: neither `Authorization` nor any other. With 0 it goes nowhere else.
   *
   * @default {5}
   */
  readonly maxRedirects?: number | undefined;
  /**
   * What calls go through, the first one outermost. Several calls that are sent as
   * one multicall go through them as one.
   *
   * @default {[]}
   */
  readonly interceptors?: readonly XmlRpcClientInterceptor[] | undefined;
  /**
   * Whether calls that are made in the same turn of the event loop, that is before a
   * timer of no time fires, are sent as one multicall. Each still settles alone; what
   * goes wrong with the request as a whole settles them all. One call alone is sent as
   * it is, and so is a call with options of its own. A server without
   * `system.multicall` gets the calls one after the other, in the order they were made.
   *
   * @default {false}
   */
  readonly batch?: boolean | undefined;
  /**
   * Most calls in one multicall. More are sent in several, one after the other.
   *
   * @default {1000}
   */
  readonly maxCalls?: number | undefined;
  /**
   * Where the types of params come from that JavaScript does not tell apart.
   * `"introspect"`: the server is asked for a method's signatures before its first
   * call with params, by `system.methodSignature`, and `20` is sent as a double where
   * it wants one. The first signature that fits the params counts; where none does, or
   * the server has none to tell, they are sent as ever. The answers are kept for this
   * client and those that `with` makes of it. A question that does not reach the server
   * is an error of the call, and asked again the next time.
   *
   * @default {"none"}
   */
  readonly signatures?: "none" | "introspect" | undefined;
}

// ---------------------------------------------------------------- the target

/** Where calls go. */
export interface Target {
  /** The URL without user name and password. */
  readonly url: URL;
  /** What user name and password have become. */
  readonly authorization: string | undefined;
  /** Where it is, for spans. */
  readonly attributes: SpanAttributes;
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

/** The header that user name and password of a URL become; undefined without any. */
function authorizationOf({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  const credentials = `${decodePercent(username)}:${decodePercent(password)}`;
  return `Basic ${encodeBase64(new TextEncoder().encode(credentials))}`;
}

function targetOf(text: string | URL): Target {
  const url = parseUrl(text);
  const defaultPort = url.protocol === "https:" ? 443 : 80;
  return {
    url: bare(url),
    authorization: authorizationOf(url),
    attributes: {
      "server.address": url.hostname,
      "server.port": url.port === "" ? defaultPort : Number(url.port),
    },
  };
}

// ---------------------------------------------------------------- settings

type HeadersSource = NonNullable<XmlRpcClientOptions["headers"]>;

/** What clients of one URL know of its server, and share. */
export interface Peer {
  /** Whether it has `system.multicall`, as long as it has not said otherwise. */
  hasMulticall: boolean;
  /** The signatures it has told, by method name. */
  readonly signatures: SignatureCache;
  /** Gives documents the form in which the runtime sends them. */
  readonly makeBody: ReturnType<typeof createBodyMaker>;
}

/** What of the settings is not to be found in the options of the last one who set some. */
interface Inherited {
  readonly target: Target;
  readonly peer: Peer;
  readonly options: XmlRpcClientOptions;
  /** The headers options, the ones that win last. */
  readonly headers: readonly HeadersSource[];
  readonly signals: readonly AbortSignal[];
  /** The interceptors, the outermost first. */
  readonly interceptors: readonly XmlRpcClientInterceptor[];
}

/** All that a call needs to know beside its name and params. */
export interface Settings extends Inherited {
  readonly encoding: EncoderSettings;
  readonly decoding: DecoderSettings;
  readonly timeout: number;
  readonly maxResponseBytes: number;
  readonly maxRedirects: number;
  readonly maxCalls: number;
  readonly introspects: boolean;
}

function maxCallsOf(options: XmlRpcClientOptions): number {
  const maxCalls = limitOf(options, "maxCalls", 1000);
  if (maxCalls >= 1) return Math.floor(maxCalls);
  throw new RangeError(
    `The option maxCalls must be a number of 1 or more: ${maxCalls}`,
  );
}

/** Finds a wrong option before anything is sent. */
function checkOptions(options: XmlRpcClientOptions): void {
  functionOf(options, "fetch");
  functionOf(options, "onProgress");
  functionsOf(options, "interceptors");
  const { signal } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError("The option signal must be an AbortSignal");
  }
}

/** A list with one more item, if there is one. */
function append<T>(items: readonly T[], item: T | undefined): readonly T[] {
  return item === undefined ? items : [...items, item];
}

/** Settings with the options of `added`, over those of `settings`. */
export function extend(
  settings: Inherited,
  added: XmlRpcClientOptions,
): Settings {
  const options = { ...settings.options, ...added };
  checkOptions(options);
  const { interceptors = [] } = added;
  return {
    target: settings.target,
    peer: settings.peer,
    options,
    encoding: encoderSettings(options),
    decoding: decoderSettings("methodResponse", options),
    headers: append(settings.headers, added.headers),
    signals: append(settings.signals, added.signal),
    interceptors: [...settings.interceptors, ...interceptors],
    timeout: timeoutOf(options, "timeout", 60_000),
    maxResponseBytes: limitOf(options, "maxResponseBytes", 2 ** 28),
    maxRedirects: limitOf(options, "maxRedirects", 5),
    maxCalls: maxCallsOf(options),
    introspects:
      choiceOf(options, "signatures", ["none", "introspect"]) === "introspect",
  };
}

/** The settings of a new client. */
export function createSettings(
  url: string | URL,
  options: XmlRpcClientOptions,
): Settings {
  return extend({
    target: targetOf(url),
    peer: {
      hasMulticall: true,
      signatures: new Map(),
      makeBody: createBodyMaker(),
    },
    options: {},
    headers: [],
    signals: [],
    interceptors: [],
  }, options);
}
