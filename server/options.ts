// The options of a server, and what its interceptors and its `onError` see. This module is
// browser compatible.

import type { DecodeValueOptions, EncodeOptions } from "../codec/options.ts";
import type { XmlRpcContext } from "../core/method.ts";

/** A call before its method runs, as interceptors see it. */
export interface XmlRpcServerCall {
  /** The name of the method, which may not exist. */
  readonly methodName: string;
  /** The params as received, not yet checked against a signature. */
  readonly params: readonly unknown[];
  /** The `this` of the method. */
  readonly context: XmlRpcContext;
}

/**
 * A function around every call. It may look at the call, reject it by throwing an
 * {@linkcode XmlRpcFault}, change its params, and look at or replace the result or the
 * error.
 *
 * @param call The call.
 * @param next Runs the next interceptors, then the method. Resolves with the result of
 * the method; rejects with its error, or with a fault if the method does not exist or the
 * params do not fit its signature.
 * @returns The result.
 */
export type XmlRpcServerInterceptor = (
  call: XmlRpcServerCall,
  next: (call: XmlRpcServerCall) => Promise<unknown>,
) => unknown;

/** The call in which an error happened. */
export interface XmlRpcErrorContext {
  /** The HTTP request. */
  readonly request: Request;
  /** The name of the method; undefined if the request was rejected before it was known. */
  readonly methodName: string | undefined;
}

/**
 * The options of a server: its limits and timeouts, interceptors, introspection and error
 * reporting.
 *
 * The options of {@linkcode DecodeValueOptions}, such as `i8`, `dateTime` and `maxDepth`,
 * control how params are read; those of {@linkcode EncodeOptions}, such as `nil`, how
 * results are written. `timeZone`, `maxDepth` and `maxValues` are for both.
 */
export interface XmlRpcServerOptions
  extends DecodeValueOptions, Omit<EncodeOptions, "maxBytes"> {
  /**
   * Maximum number of values in a request and in a response, including those in arrays and
   * structs. A value that is shared counts as often as it is sent. A result with more is
   * an internal error, and `onError` is called.
   *
   * @default {10_000_000}
   */
  readonly maxValues?: number | undefined;
  /**
   * Maximum length of a request body in bytes, after decompression, not counting what a
   * method reads as a stream. A longer one gets status 413.
   *
   * @default {16_777_216}
   */
  readonly maxBodyBytes?: number | undefined;
  /**
   * Maximum length of a response in bytes, before compression, without the content of
   * Blobs, streams and async iterables. A longer result is an internal error, and
   * `onError` is called.
   *
   * @default {134_217_728}
   */
  readonly maxResponseBytes?: number | undefined;
  /**
   * Maximum number of concurrent calls; more get status 503 with a `Retry-After` header. A
   * call counts until its method is done and its response has been read.
   *
   * @default {1024}
   */
  readonly maxConcurrent?: number | undefined;
  /**
   * Maximum number of bytes that the documents of all calls together may hold in memory:
   * requests, after decompression and not counting what a method reads as a stream, and
   * responses of more than 256 KiB until the client has read them. A request that would
   * exceed it gets status 503 with a `Retry-After` header. Requests of up to 64 KiB do not
   * count, so that small calls still run. Responses count but are never rejected, because
   * their methods have run. The limit must be at least `maxBodyBytes`, so that a single
   * request is never rejected; the default is raised to that.
   *
   * @default {134_217_728}
   */
  readonly maxPendingBytes?: number | undefined;
  /**
   * How long the server waits for the client, in milliseconds: for each MiB of a request
   * body, for the next chunk of a stream that a method reads, and for the client to read
   * more of a response that is streamed or longer than 256 KiB.
   *
   * A request that is too slow gets status 408, and the stream that its method reads
   * fails. A response that is not read is cut off, and `onError` is called. The time that
   * a method takes does not count, however slowly it reads or produces its stream.
   *
   * @default {60_000}
   */
  readonly bodyTimeout?: number | undefined;
  /**
   * How long a method may run, in milliseconds. After that its caller gets fault -32400,
   * its `signal` aborts, and `onError` is called. The function itself keeps running,
   * because JavaScript cannot stop it. Methods that read a stream have no such limit.
   *
   * @default {3_600_000}
   */
  readonly callTimeout?: number | undefined;
  /**
   * Maximum number of bytes in a streamed value, in a request or in a response.
   *
   * @default {68_719_476_736}
   */
  readonly maxStreamBytes?: number | undefined;
  /**
   * Whether responses of more than 4 KiB are compressed for clients that accept gzip.
   *
   * @default {true}
   */
  readonly gzip?: boolean | undefined;
  /**
   * Whether a GET request of a browser gets a page: the methods with their signatures and
   * help, a form for each that makes real calls, and the same calls in TypeScript, Python
   * and for curl. The page reads `system.describeMethods` through all interceptors, so it
   * shows no user more than calls would.
   *
   * @default {false}
   */
  readonly docs?: boolean | undefined;
  /**
   * Functions around every call, the first one outermost. A `system.multicall` passes
   * through them, and so does each of its calls.
   *
   * @default {[]}
   */
  readonly interceptors?: readonly XmlRpcServerInterceptor[] | undefined;
  /**
   * Whether the server describes its methods: `system.listMethods`, `methodSignature`,
   * `methodHelp`, `describeMethods` and `getCapabilities`.
   *
   * @default {true}
   */
  readonly introspection?: boolean | undefined;
  /**
   * Whether the server has `system.multicall`, which runs the calls in one request, one
   * after the other. It cannot call itself.
   *
   * @default {true}
   */
  readonly multicall?: boolean | undefined;
  /**
   * Maximum number of calls in one `system.multicall`.
   *
   * @default {1000}
   */
  readonly maxCalls?: number | undefined;
  /**
   * Maximum length of all results and faults of one `system.multicall` together, in bytes
   * of the response. A result or fault that exceeds it becomes a short fault; the other
   * calls still run.
   *
   * @default {67_108_864}
   */
  readonly maxMulticallBytes?: number | undefined;
  /**
   * Called with every error that is hidden from the caller: errors of methods that are
   * not an {@linkcode XmlRpcFault}, and results that cannot be sent. What it throws is
   * ignored and does not change the response.
   *
   * @default {undefined}
   */
  readonly onError?:
    | ((error: unknown, context: XmlRpcErrorContext) => void)
    | undefined;
}

/** The options of a graceful shutdown. */
export interface XmlRpcDrainOptions {
  /**
   * How long to wait for running calls, in milliseconds.
   *
   * @default {30_000}
   */
  readonly timeout?: number | undefined;
}
