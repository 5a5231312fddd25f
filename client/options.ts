// The options of a client, and what its interceptors see. This module is browser
// compatible.

import type { DecodeValueOptions, EncodeOptions } from "../codec/options.ts";

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
