/**
 * The server: makes of an object of functions an XML-RPC server, whose `fetch` answers
 * HTTP requests on Deno and everywhere else.
 *
 * ```ts
 * import { createClient } from "@xmlrpc/xmlrpc/client";
 * import { createServer, method, XmlRpcFault } from "@xmlrpc/xmlrpc/server";
 * import { assertEquals } from "@std/assert";
 *
 * const server = createServer({
 *   // A function is a method: "get_string".
 *   get_string: (text: string) => `get string:${text}`,
 *   // A nested object is a group: "math.divide". With a signature, calls are checked.
 *   math: {
 *     divide: method(
 *       { params: ["double", "double"], returns: "double", help: "Divides." },
 *       (dividend, divisor) => {
 *         if (divisor === 0) throw new XmlRpcFault(1, "Division by zero");
 *         return dividend / divisor;
 *       },
 *     ),
 *   },
 * }, { docs: true }); // a browser sees a page of the methods
 *
 * await using http = Deno.serve({ hostname: "localhost", port: 0 }, server.fetch);
 *
 * const client = createClient<typeof server.methods>(
 *   `http://localhost:${http.addr.port}/`,
 * );
 * assertEquals(await client.methods.get_string("cloud"), "get string:cloud");
 * assertEquals(await client.methods.math.divide(1, 4), 0.25);
 * ```
 *
 * @module
 */

// This module is browser compatible.

import {
  Dispatcher,
  type XmlRpcErrorContext,
  type XmlRpcServerInterceptor,
} from "./server/dispatcher.ts";
import { responseOf } from "./codec/document.ts";
import {
  DEFAULTS,
  readDecoderSettings,
  readEncoderSettings,
  readTimeZone,
} from "./codec/settings.ts";
import { RequestHandler } from "./server/request_handler.ts";
import type { XmlRpcContext } from "./core/method.ts";
import {
  checkFunction,
  checkFunctions,
  readBoolean,
  readLimit,
  readTimeout,
} from "./util/options.ts";
import { createRegistry } from "./server/registry.ts";
import type { DecodeValueOptions, EncodeOptions } from "./codec/options.ts";

export * from "./core/errors.ts";
export {
  bigdecimal,
  dateTime,
  double,
  i8,
  int,
  XmlRpcTyped,
  type XmlRpcTypedValues,
} from "./core/typed.ts";
export * from "./core/types.ts";
export * from "./core/value.ts";
export type { DecodeValueOptions, EncodeOptions } from "./codec/options.ts";
export type {
  XmlRpcErrorContext,
  XmlRpcServerCall,
  XmlRpcServerInterceptor,
} from "./server/dispatcher.ts";
export {
  method,
  methodsOf,
  type XmlRpcCallerParams,
  type XmlRpcContext,
  type XmlRpcHandlerParams,
  type XmlRpcHandlerResult,
  type XmlRpcItemsOf,
  type XmlRpcMethod,
  type XmlRpcMethodResult,
  type XmlRpcMethodSignature,
  type XmlRpcMethodsOf,
  type XmlRpcNamedParams,
  type XmlRpcParamInputs,
  type XmlRpcParamValues,
} from "./core/method.ts";

/**
 * What a server can be made of: functions by name, and objects of them, whose names
 * are then dotted. Any object type will do, an `interface` too.
 *
 * A method may be sync or async. What it returns is the result; nothing is sent as
 * nil. An {@linkcode XmlRpcFault} it throws is what the caller gets; of any other
 * error the caller learns only that there was one.
 *
 * @typeParam T The type of the methods.
 */
export type XmlRpcMethods<T> = {
  readonly [Name in keyof T]: T[Name] extends (...params: never) => unknown
    ? T[Name]
    : T[Name] extends object ? XmlRpcMethods<T[Name]>
    : never;
};

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

/**
 * A server, for whatever serves a `fetch` function: `Deno.serve(server.fetch)`, or a file
 * with `export default server` for `deno serve`.
 *
 * @typeParam T The type of its methods.
 */
export interface XmlRpcServer<T> {
  /** The methods, as they were given; `typeof server.methods` is the client's type. */
  readonly methods: T;
  /**
   * Answers an HTTP request. It never rejects.
   *
   * @param request The request.
   * @returns The response.
   */
  readonly fetch: (request: Request) => Promise<Response>;
  /**
   * Ends the server without losing a call: those that run go on to their end, streams
   * in responses included, and new ones are refused with status 503, so that whoever
   * balances the load sends them elsewhere. What serves `fetch` is to be stopped after
   * that.
   *
   * @param options How long to wait.
   * @returns Whether all calls have ended. If not, those that are left have been
   * aborted by their signals.
   * @throws {RangeError} If an option is out of range.
   */
  readonly drain: (options?: XmlRpcDrainOptions) => Promise<boolean>;
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

/** Finds a wrong option now, and not when the first call comes. */
function checkOptions(options: XmlRpcServerOptions): void {
  checkFunction(options, "onError");
  checkFunctions(options, "interceptors");
}

/** The option `maxPendingBytes`, which must leave room for one request at least. */
function maxPendingBytesOf(
  options: XmlRpcServerOptions,
  maxBodyBytes: number,
): number {
  const fallback = Math.max(2 ** 27, maxBodyBytes);
  const maxPendingBytes = readLimit(options, "maxPendingBytes", fallback);
  if (maxPendingBytes >= maxBodyBytes) return maxPendingBytes;
  throw new RangeError(
    `The option maxPendingBytes must be at least maxBodyBytes, ${maxBodyBytes}: ${maxPendingBytes}`,
  );
}

/**
 * Makes a server of an object of functions. Sync or async, each call runs as soon as
 * it has come: a slow one holds up no other.
 *
 * The names are looked up once, when the server is made: own enumerable members
 * only, those of nested objects under dotted names.
 *
 * | Request | Answer |
 * | --- | --- |
 * | a call | 200 with the result |
 * | a call of an unknown method | 200 with fault -32601 |
 * | XML that is no call, or over a limit of the codec | 200 with fault -32600 |
 * | params that do not fit the method's signature | 200 with fault -32602 |
 * | no well-formed XML | 200 with fault -32700 |
 * | a method that throws an `XmlRpcFault` | 200 with that fault |
 * | a method that throws anything else | 200 with fault -32603 `Internal error` |
 * | a broken or incomplete body | 400 |
 * | another HTTP method than POST | 405; with `docs`, a page for browsers |
 * | a method that takes longer than `callTimeout` | 200 with fault -32400 |
 * | a body that does not come within `bodyTimeout` | 408 |
 * | a body longer than `maxBodyBytes` | 413 |
 * | another Content-Type than XML, an unknown Content-Encoding | 415 |
 * | more calls at once than `maxConcurrent`, or after `drain()` | 503 |
 * | more bytes at once than `maxPendingBytes` | 503 |
 *
 * @example A method that fails, and one that uses its context
 * ```ts
 * import { createClient, createServer, XmlRpcFault } from "@xmlrpc/xmlrpc";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const server = createServer({
 *   divide(x: number, y: number): number {
 *     if (y === 0) throw new XmlRpcFault(1, "Division by zero");
 *     return x / y;
 *   },
 *   path(): string {
 *     return new URL(this.request.url).pathname;
 *   },
 * });
 *
 * const client = createClient<typeof server.methods>("http://localhost/RPC2", {
 *   fetch: server.fetch,
 * });
 * assertEquals(await client.methods.path(), "/RPC2");
 * await assertRejects(() => client.methods.divide(1, 0), XmlRpcFault, "Division by zero");
 * ```
 *
 * @typeParam T The type of the methods.
 * @param methods The methods by name.
 * @param options How the server works.
 * @returns The server; its members can be taken out and passed on.
 * @throws {TypeError} If a name is impossible or comes twice, or a method is no function.
 * @throws {RangeError} If an option is out of range.
 */
export function createServer<T extends XmlRpcMethods<T>>(
  methods: T & ThisType<XmlRpcContext>,
  options: XmlRpcServerOptions = {},
): XmlRpcServer<T> {
  const registry = createRegistry(methods);
  const maxBodyBytes = readLimit(options, "maxBodyBytes", 2 ** 24);
  const gzip = readBoolean(options, "gzip", true);
  const decoding = readDecoderSettings("methodCall", options);
  const encoding = readEncoderSettings(options);
  checkOptions(options);
  const dispatcher = new Dispatcher(registry, {
    interceptors: options.interceptors ?? [],
    onError: options.onError,
    introspection: readBoolean(options, "introspection", true),
    multicall: readBoolean(options, "multicall", true),
    maxCalls: readLimit(options, "maxCalls", 1000),
    maxMulticallBytes: readLimit(options, "maxMulticallBytes", 2 ** 26),
    maxDepth: readLimit(options, "maxDepth", DEFAULTS.maxDepth),
    maxNameBytes: readLimit(options, "maxNameBytes", DEFAULTS.maxNameBytes),
    nil: options.nil !== "error",
    timeZone: readTimeZone(options),
    dateTime: options.dateTime,
    check: (value) => void responseOf(value, encoding),
  });

  const handler = new RequestHandler(dispatcher, {
    decoding,
    encoding,
    maxBodyBytes,
    gzip,
    docs: readBoolean(options, "docs", false),
    maxConcurrent: readLimit(options, "maxConcurrent", 1024),
    maxPendingBytes: maxPendingBytesOf(options, maxBodyBytes),
    bodyTimeout: readTimeout(options, "bodyTimeout", 60_000),
    callTimeout: readTimeout(options, "callTimeout", 3_600_000),
  });

  // Async, so that wrong options reject.
  // deno-lint-ignore require-await
  async function drain(
    drainOptions: XmlRpcDrainOptions = {},
  ): Promise<boolean> {
    return handler.drain(readTimeout(drainOptions, "timeout", 30_000));
  }

  return Object.freeze({
    methods,
    fetch: (request: Request) => handler.fetch(request),
    drain,
  });
}
