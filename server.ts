/**
 * The server: an object of functions becomes a handler of HTTP requests.
 *
 * ```ts
 * import { createServer } from "@xmlrpc/xmlrpc/server";
 * import { assertEquals } from "@std/assert";
 *
 * const server = createServer({
 *   get_string: (text: string) => `get string:${text}`,
 *   math: { add: (x: number, y: number) => x + y },
 * });
 * // Deno.serve({ port: 8888 }, server.fetch);
 *
 * const response = await server.fetch(
 *   new Request("http://localhost:8888/", {
 *     method: "POST",
 *     headers: { "content-type": "text/xml" },
 *     body: "<methodCall><methodName>math.add</methodName><params>" +
 *       "<param><value><int>8</int></value></param>" +
 *       "<param><value><int>8</int></value></param></params></methodCall>",
 *   }),
 * );
 * assertEquals(response.status, 200);
 * ```
 *
 * @module
 */

// This module is browser compatible.

import {
  Dispatcher,
  type XmlRpcErrorContext,
  type XmlRpcServerInterceptor,
} from "./_dispatch.ts";
import { IncomingCall, type ReceivedCall } from "./_incoming.ts";
import type { XmlRpcContext } from "./_method.ts";
import {
  booleanOf,
  functionOf,
  functionsOf,
  limitOf,
  timeZoneOf,
} from "./_options.ts";
import { checkRequest, Refusal, respond } from "./_policy.ts";
import { createRegistry } from "./_registry.ts";
import { cancelSources } from "./_sources.ts";
import { MULTICALL } from "./_system.ts";
import {
  createCallDecoder,
  type DecodeValueOptions,
  encodeFault,
  type EncodeOptions,
  encodeResponse,
  encodeResponseStream,
  type XmlRpcDocument,
} from "./codec.ts";

export * from "./errors.ts";
export * from "./value.ts";
export type {
  XmlRpcErrorContext,
  XmlRpcServerCall,
  XmlRpcServerInterceptor,
} from "./_dispatch.ts";
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
} from "./_method.ts";

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

/** How a server works. */
export interface XmlRpcServerOptions extends DecodeValueOptions, EncodeOptions {
  /**
   * Longest request body in bytes, after decompression, without what a method reads
   * as a stream. A longer one is answered with status 413.
   *
   * @default {16_777_216}
   */
  readonly maxBodyBytes?: number | undefined;
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
 * A server, to be served by whatever serves `fetch` handlers.
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
}

function wholeDocument(body: Uint8Array<ArrayBuffer>): XmlRpcDocument {
  return { body, length: body.length };
}

/** Finds a wrong option now, and not when the first call comes. */
function checkOptions(options: XmlRpcServerOptions): void {
  createCallDecoder(options);
  encodeResponseStream("", { ...options, onError: undefined });
  functionOf(options, "onError");
  functionsOf(options, "interceptors");
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
 * | another HTTP method than POST | 405 |
 * | a body longer than `maxBodyBytes` | 413 |
 * | another Content-Type than XML, an unknown Content-Encoding | 415 |
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
  const maxBodyBytes = limitOf(options, "maxBodyBytes", 2 ** 24);
  const gzip = booleanOf(options, "gzip", true);
  checkOptions(options);
  const dispatcher = new Dispatcher(registry, {
    interceptors: options.interceptors ?? [],
    onError: options.onError,
    introspection: booleanOf(options, "introspection", true),
    multicall: booleanOf(options, "multicall", true),
    maxCalls: limitOf(options, "maxCalls", 1000),
    maxDepth: limitOf(options, "maxDepth", 256),
    maxNameBytes: limitOf(options, "maxNameBytes", 4096),
    nil: options.nil !== "error",
    timeZone: timeZoneOf(options),
    dateTime: options.dateTime,
    check: (value) => void encodeResponse(value, options),
  });

  const incoming = {
    options,
    maxBodyBytes,
    hasStreams: dispatcher.hasStreams,
    streamedParam: (name: string) => dispatcher.streamedParam(name),
  };

  function faultDocument(
    error: unknown,
    context: XmlRpcErrorContext,
  ): XmlRpcDocument {
    const { faultCode, faultString } = dispatcher.faultOf(error, context);
    return wholeDocument(
      encodeFault({ code: faultCode, message: faultString }),
    );
  }

  /** The document with a call's result. */
  function documentOf(
    { methodName, params }: ReceivedCall,
    result: unknown,
    request: Request,
  ): XmlRpcDocument {
    if (methodName !== MULTICALL) {
      return encodeResponseStream(result, {
        ...options,
        onError: (error) => dispatcher.report(error, { request, methodName }),
      });
    }
    try {
      return wholeDocument(encodeResponse(result, options));
    } catch (error) {
      const rest = dispatcher.salvage(params, result, request);
      if (rest === undefined) throw error;
      return wholeDocument(encodeResponse(rest, options));
    }
  }

  /** Runs a call to its end. */
  async function run(
    reading: IncomingCall,
    request: Request,
  ): Promise<XmlRpcDocument> {
    const call = await reading.begin();
    let result: unknown;
    try {
      const { methodName, params } = call;
      result = await dispatcher.invoke(methodName, params, request);
    } catch (error) {
      throw await reading.fail(error);
    }
    try {
      await reading.finish();
    } catch (error) {
      cancelSources(result, error);
      throw error;
    }
    return documentOf(call, result, request);
  }

  /** The document that answers a request. */
  async function answer(request: Request): Promise<XmlRpcDocument> {
    let reading: IncomingCall | undefined;
    try {
      reading = new IncomingCall(request, incoming);
      return await run(reading, request);
    } catch (error) {
      if (error instanceof Refusal) throw error;
      return faultDocument(error, { request, methodName: reading?.methodName });
    }
  }

  async function fetch(request: Request): Promise<Response> {
    try {
      checkRequest(request);
      return await respond(
        await answer(request),
        gzip ? request.headers : undefined,
      );
    } catch (error) {
      // What has not been read of the body nobody needs.
      request.body?.cancel().catch(() => {});
      if (error instanceof Refusal) return error.toResponse();
      // An error that cannot even be looked at, such as a Proxy that throws.
      const context = { request, methodName: undefined };
      return await respond(faultDocument(error, context), undefined);
    }
  }

  return Object.freeze({ methods, fetch });
}
