// The options of a client, and what its interceptors see. This module is browser
// compatible.

import type { DecodeValueOptions, EncodeOptions } from "../codec/options.ts";

/** A call, as interceptors see it. */
export interface XmlRpcClientCall {
  /** The method's full name; `"system.multicall"` for several calls in one. */
  readonly methodName: string;
  /** The params: a copy, which later changes by the caller do not affect. */
  readonly params: readonly unknown[];
  /** The URL of the server, without user name and password; for information only. */
  readonly url: string;
  /**
   * The headers of this call only, at first none. An interceptor may change them. They
   * override all other headers.
   */
  readonly headers: Headers;
  /** Aborts when the call must end: an interceptor that waits between attempts should listen. */
  readonly signal: AbortSignal;
}

/**
 * A function around each call: it sees the call, and its result or error.
 *
 * It returns the result of `next`, or another one; the caller gets what it returns or
 * throws. It may call `next` with another call, several times to retry, or not at all.
 * The option `timeout` holds for each attempt.
 *
 * @param call The call.
 * @param next Passes the call to the next interceptor, or to the server.
 * @returns The result.
 */
export type XmlRpcClientInterceptor = (
  call: XmlRpcClientCall,
  next: (call: XmlRpcClientCall) => Promise<unknown>,
) => Promise<unknown>;

/** The progress of the streams of a call. */
export interface XmlRpcProgress {
  /** Whether the bytes are sent ("up") or received ("down"). */
  readonly direction: "up" | "down";
  /** The number of bytes of all Blobs and streams so far, not counted as base64. */
  readonly bytesDone: number;
  /**
   * The total number of bytes; undefined if it is not known. For a response it is
   * estimated from `Content-Length`, and may differ by a few bytes from the final number.
   */
  readonly bytesTotal: number | undefined;
}

/**
 * The options of a client: headers, deadlines, limits, and interceptors.
 *
 * The options of {@linkcode DecodeValueOptions}, such as `i8`, `dateTime` and `maxDepth`,
 * say how values are decoded; those of {@linkcode EncodeOptions}, such as `nil`, how they
 * are encoded. `timeZone`, `maxDepth` and `maxValues` are for both.
 */
export interface XmlRpcClientOptions
  extends DecodeValueOptions, Omit<EncodeOptions, "maxBytes"> {
  /**
   * Maximum number of values in a request and in a response, including those in arrays and
   * structs. A value that is shared counts as often as it is sent.
   *
   * @default {10_000_000}
   */
  readonly maxValues?: number | undefined;
  /**
   * Headers of the requests, or a function that returns them for each call: for a token
   * that is renewed, for example. They override the headers that the client sets.
   *
   * @default {undefined}
   */
  readonly headers?:
    | HeadersInit
    | (() => HeadersInit | Promise<HeadersInit>)
    | undefined;
  /**
   * Aborts the calls: they are then rejected with the reason of the signal.
   *
   * @default {undefined}
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Maximum duration of a call, in milliseconds, until the last byte of the response has
   * arrived. After that, the call is rejected with a `TimeoutError`. Of a response that is
   * read with `stream` or `items`, it is the time until the next bytes or items are handed
   * out; the time of a slow reader does not count. It holds for each attempt that an interceptor makes, and includes a request for signatures.
   *
   * @default {60_000}
   */
  readonly timeout?: number | undefined;
  /**
   * Sends the requests: the `fetch` of a server for a client without a socket, or a
   * function that uses a proxy, retries, or logs.
   *
   * @default {globalThis.fetch}
   */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
  /**
   * Maximum length of a request in bytes, without the content of Blobs, streams and async
   * iterables. A longer one is rejected with a `RangeError` before anything is sent.
   *
   * @default {134_217_728}
   */
  readonly maxRequestBytes?: number | undefined;
  /**
   * Maximum length of a response body in bytes, after decompression.
   *
   * @default {268_435_456}
   */
  readonly maxResponseBytes?: number | undefined;
  /**
   * Maximum number of bytes of a streamed value, in either direction; for an array that
   * is read item by item, in bytes of the response.
   *
   * @default {68_719_476_736}
   */
  readonly maxStreamBytes?: number | undefined;
  /**
   * Called with the progress of a call: of the Blobs and streams in its params as they
   * are sent, and of {@linkcode XmlRpcClient.stream} as it is received. If it throws, the
   * call fails with that error.
   *
   * @default {undefined}
   */
  readonly onProgress?: ((progress: XmlRpcProgress) => void) | undefined;
  /**
   * Maximum number of redirects (307 and 308, which keep the request as it is) that a
   * call follows. Another server receives the call with its params, but none of the
   * headers that were set: neither `Authorization` nor any other. With 0, no redirect is
   * followed.
   *
   * @default {5}
   */
  readonly maxRedirects?: number | undefined;
  /**
   * Functions around each call, the first one outermost. Several calls that are sent as
   * one multicall pass through them as one call.
   *
   * @default {[]}
   */
  readonly interceptors?: readonly XmlRpcClientInterceptor[] | undefined;
  /**
   * Whether calls that are made in the same turn of the event loop, that is before a
   * timeout of 0 ms fires, are sent as one multicall. Each still settles on its own; an
   * error of the whole request rejects them all. A single call is sent as it is, and so
   * is a call with options of its own. A server without `system.multicall` receives the
   * calls one after the other, in the order in which they were made.
   *
   * @default {false}
   */
  readonly batch?: boolean | undefined;
  /**
   * Maximum number of calls in a multicall; larger batches are split, and sent one after
   * the other.
   *
   * @default {1000}
   */
  readonly maxCalls?: number | undefined;
  /**
   * Where the wire types of params come from if JavaScript does not distinguish them.
   * With `"introspect"`, the client asks the server for the signatures of a method before
   * its first call with params, by `system.methodSignature`, and sends `20` as a double
   * if the method expects one. The first signature that fits the params is used; if none
   * fits, or the server has none, the params are sent as without this option. The
   * answers are cached for this client and those that `with` creates. A request for
   * signatures that does not reach the server fails the call; the next call asks again.
   *
   * @default {"none"}
   */
  readonly signatures?: "none" | "introspect" | undefined;
}
