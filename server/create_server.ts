// A server of an object of functions: its options checked, its parts put together. This
// module is browser compatible.

import { readDecoderSettings, readEncoderSettings } from "../codec/settings.ts";
import type { XmlRpcContext } from "../core/method.ts";
import {
  checkFunction,
  checkFunctions,
  readBoolean,
  readLimit,
  readTimeout,
} from "../util/options.ts";
import { Dispatcher } from "./dispatcher.ts";
import type { XmlRpcDrainOptions, XmlRpcServerOptions } from "./options.ts";
import { createRegistry } from "./registry.ts";
import { RequestHandler } from "./request_handler.ts";

/**
 * The methods of a server: functions by name, and objects of them, whose names are joined
 * by dots. Any object type is accepted, also an `interface`.
 *
 * A method may be sync or async. What it returns is the result; undefined is sent as nil.
 * The caller gets an {@linkcode XmlRpcFault} that the method throws; any other error it
 * sees as "Internal error".
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
 * A server, for any runtime that serves a `fetch` function: `Deno.serve(server.fetch)`, or
 * a file with `export default server` for `deno serve`.
 *
 * @typeParam T The type of its methods.
 */
export interface XmlRpcServer<T> {
  /** The methods as passed to `createServer`; `typeof server.methods` types a client. */
  readonly methods: T;
  /**
   * Answers an HTTP request. It never rejects.
   *
   * @param request The request.
   * @returns The response.
   */
  readonly fetch: (request: Request) => Promise<Response>;
  /**
   * Shuts the server down gracefully: running calls finish, streamed responses included,
   * and new calls get status 503, so that a load balancer sends them elsewhere. Stop the
   * HTTP server after that.
   *
   * @param options How long to wait.
   * @returns Whether all calls have ended. If not, the signals of the others have been
   * aborted.
   * @throws {RangeError} If an option is out of range.
   */
  readonly drain: (options?: XmlRpcDrainOptions) => Promise<boolean>;
}

/** The option `maxPendingBytes`, which must have room for at least one request. */
function readMaxPendingBytes(
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
 * Creates a server of an object of functions. Each call runs as soon as it has arrived; a
 * slow one does not delay the others.
 *
 * The methods are collected once, when the server is created: own enumerable members only,
 * those of nested objects under dotted names.
 *
 * | Request | Response |
 * | --- | --- |
 * | a call | 200 with the result |
 * | a call of an unknown method | 200 with fault -32601 |
 * | XML that is not a call, or exceeds a limit of the codec | 200 with fault -32600 |
 * | params that do not fit the method's signature | 200 with fault -32602 |
 * | malformed XML | 200 with fault -32700 |
 * | a method that throws an `XmlRpcFault` | 200 with that fault |
 * | a method that throws anything else | 200 with fault -32603 `Internal error` |
 * | a broken or incomplete body | 400 |
 * | an HTTP method other than POST | 405; with `docs`, a page for browsers |
 * | a method that takes longer than `callTimeout` | 200 with fault -32400 |
 * | a body that does not arrive within `bodyTimeout` | 408 |
 * | a body longer than `maxBodyBytes` | 413 |
 * | a Content-Type other than XML, an unknown Content-Encoding | 415 |
 * | more concurrent calls than `maxConcurrent`, or a call after `drain()` | 503 |
 * | more bytes in memory than `maxPendingBytes` | 503 |
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
 * @param options The options of the server.
 * @returns The server; its members can be destructured.
 * @throws {TypeError} If a name is invalid or occurs twice, or a method is not a function.
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
  const { maxNameBytes, timeZone, dateTime } = decoding;
  const encoding = readEncoderSettings(options, "maxResponseBytes");
  checkFunction(options, "onError");
  checkFunctions(options, "interceptors");
  const dispatcher = new Dispatcher(registry, {
    // A copy: later changes of the array do not count.
    interceptors: [...options.interceptors ?? []],
    onError: options.onError,
    introspection: readBoolean(options, "introspection", true),
    multicall: readBoolean(options, "multicall", true),
    maxCalls: readLimit(options, "maxCalls", 1000),
    maxMulticallBytes: readLimit(options, "maxMulticallBytes", 2 ** 26),
    maxNameBytes,
    nil: encoding.nil !== "error",
    timeZone,
    dateTime,
    encoding,
  });

  const handler = new RequestHandler(dispatcher, {
    decoding,
    encoding,
    maxBodyBytes,
    gzip,
    docs: readBoolean(options, "docs", false),
    maxConcurrent: readLimit(options, "maxConcurrent", 1024),
    maxPendingBytes: readMaxPendingBytes(options, maxBodyBytes),
    bodyTimeout: readTimeout(options, "bodyTimeout", 60_000),
    callTimeout: readTimeout(options, "callTimeout", 3_600_000),
  });

  // Async, so that invalid options reject.
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
