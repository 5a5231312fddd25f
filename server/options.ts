// The options of a server, and what its interceptors and its `onError` see. This module is
// browser compatible.

import type { DecodeValueOptions, EncodeOptions } from "../codec/options.ts";
import type { XmlRpcContext } from "../core/method.ts";

/** A call on its way to a method, as interceptors see it. */
export interface XmlRpcServerCall {
  /** The method's name. There need not be such a method. */
  readonly methodName: string;
  /** The params as they have come: not checked yet against any signature. */
  readonly params: readonly unknown[];
  /** What the method will have as `this`. */
  readonly context: XmlRpcContext;
}

/**
 * A function around every call: it may look at the call, refuse it by throwing an
 * {@linkcode XmlRpcFault}, change its params, look at the result or the error, and
 * whatever else is to be done for all methods.
 *
 * @param call The call.
 * @param next Runs the rest: the interceptors behind this one, then the method. Gives
 * what the method returns; rejects with what it throws, and with a fault if there is no
 * such method or the params do not fit.
 * @returns The result.
 */
export type XmlRpcServerInterceptor = (
  call: XmlRpcServerCall,
  next: (call: XmlRpcServerCall) => Promise<unknown>,
) => unknown;

/** Where an error happened. */
export interface XmlRpcErrorContext {
  /** The HTTP request. */
  readonly request: Request;
  /** The name of the method; undefined if it could not be read. */
  readonly methodName: string | undefined;
}

/**
 * What a server allows and how long it waits, what it tells of itself, what its calls go
 * through, and who learns of errors.
 *
 * How params are read is said by the options of {@linkcode DecodeValueOptions}, such as
 * `i8`, `dateTime` and `maxDepth`; how results are written by those of
 * {@linkcode EncodeOptions}, such as `nil`. `timeZone` is for both.
 */
export interface XmlRpcServerOptions extends DecodeValueOptions, EncodeOptions {
  /**
   * Longest request body in bytes, after decompression, without what a method reads
   * as a stream. A longer one is answered with status 413.
   *
   * @default {16_777_216}
   */
  readonly maxBodyBytes?: number | undefined;
  /**
   * Most calls that run at once; further ones are answered with status 503 and a
   * `Retry-After`. A call runs until its method is done and its response is read.
   *
   * @default {1024}
   */
  readonly maxConcurrent?: number | undefined;
  /**
   * Most bytes of documents that all calls together may hold in memory: requests, after
   * decompression, without what a method reads as a stream, and responses of more than
   * 256 KiB that are still read. A request with which they would be more is answered with
   * status 503 and a `Retry-After`. Requests of up to 64 KiB do not count, so that small
   * calls go on; nor is a response refused, for its method has run. It must be at least
   * `maxBodyBytes`, and by default is if that is more: a request that is alone is never
   * refused.
   *
   * @default {134_217_728}
   */
  readonly maxPendingBytes?: number | undefined;
  /**
   * How long the caller may let the server wait, in milliseconds: for the body of a
   * request, and again for each MiB of it; for more bytes of one that a method reads as
   * a stream; and to read on in a response that is streamed, or longer than 256 KiB.
   *
   * A request that does not come is answered with status 408, and a stream that its
   * method reads fails. A response that is not read is cut off, and `onError` is told.
   * The time that a method takes does not count, however slowly it reads or gives.
   *
   * @default {60_000}
   */
  readonly bodyTimeout?: number | undefined;
  /**
   * How long a method may take, in milliseconds. Then its caller gets fault -32400, its
   * `signal` aborts, and `onError` is told; whatever it does goes on, for a function
   * cannot be stopped. Methods that read a stream may take as long as that does.
   *
   * @default {3_600_000}
   */
  readonly callTimeout?: number | undefined;
  /**
   * Most bytes in a value that is streamed, in a request or in a response.
   *
   * @default {68_719_476_736}
   */
  readonly maxStreamBytes?: number | undefined;
  /**
   * Whether a response of more than 4 KiB is compressed for clients that say they
   * can read it.
   *
   * @default {true}
   */
  readonly gzip?: boolean | undefined;
  /**
   * Whether a browser that comes with a GET request gets a page: the methods with their
   * signatures and help, a form for each that makes real calls, and the same calls in
   * TypeScript, Python and for curl. The page learns of the methods by
   * `system.describeMethods`, through all interceptors, so it shows nobody more than
   * calls would.
   *
   * @default {false}
   */
  readonly docs?: boolean | undefined;
  /**
   * Functions around every call, the first one outermost. A `system.multicall` passes
   * through them, and then each of its calls does.
   *
   * @default {[]}
   */
  readonly interceptors?: readonly XmlRpcServerInterceptor[] | undefined;
  /**
   * Whether the server tells of its methods: `system.listMethods`, `methodSignature`,
   * `methodHelp`, `describeMethods` and `getCapabilities`.
   *
   * @default {true}
   */
  readonly introspection?: boolean | undefined;
  /**
   * Whether the server has `system.multicall`, which runs many calls of one request,
   * one after the other. It does not call itself.
   *
   * @default {true}
   */
  readonly multicall?: boolean | undefined;
  /**
   * Most calls in one `system.multicall`.
   *
   * @default {1000}
   */
  readonly maxCalls?: number | undefined;
  /**
   * About how many bytes the results in one `system.multicall` may have together, as
   * they are sent. A result that is too long beside those before it is a fault; the other
   * calls are made all the same.
   *
   * @default {67_108_864}
   */
  readonly maxMulticallBytes?: number | undefined;
  /**
   * Told of every error that the caller does not get to see: what a method threw
   * that is no {@linkcode XmlRpcFault}, and results that cannot be sent. It may
   * log; whatever it throws is dropped, the answer stays the same.
   *
   * @default {undefined}
   */
  readonly onError?:
    | ((error: unknown, context: XmlRpcErrorContext) => void)
    | undefined;
}

/** How a server is ended. */
export interface XmlRpcDrainOptions {
  /**
   * How long calls may go on, in milliseconds.
   *
   * @default {30_000}
   */
  readonly timeout?: number | undefined;
}
