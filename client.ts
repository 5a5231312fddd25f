/**
 * The client: calls the methods of an XML-RPC server, one of this package or any other.
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

import { createBatch } from "./client/batch.ts";
import { performAll, performCall, performTogether } from "./client/call.ts";
import type { ReadingMode } from "./client/response_reader.ts";
import { capture } from "./core/snapshot.ts";
import { createDeferred } from "./util/async.ts";
import { quote } from "./util/messages.ts";
import { MULTICALL } from "./codec/method_name.ts";
import type { Caller, PendingCall } from "./client/multicall.ts";
import {
  createSettings,
  extend,
  type Settings,
  type XmlRpcClientOptions,
} from "./client/settings.ts";
import { hasSource } from "./core/sources.ts";
import type { XmlRpcReceived, XmlRpcSendable } from "./core/value.ts";

export * from "./core/errors.ts";
export * from "./core/value.ts";
export type { DecodeValueOptions, EncodeOptions } from "./codec.ts";
export type {
  XmlRpcClientCall,
  XmlRpcClientInterceptor,
  XmlRpcClientOptions,
  XmlRpcProgress,
} from "./client/settings.ts";

// ---------------------------------------------------------------- types

/**
 * The methods of a server of which nothing is known: whatever name, with any params.
 * `createClient` takes this where it is told no type.
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
  [Name in keyof Api & string]-?: NonNullable<Api[Name]> extends
    (...params: never) => unknown ? Name
    : NonNullable<Api[Name]> extends object
      ? `${Name}.${XmlRpcMethodName<NonNullable<Api[Name]>>}`
    : never;
}[keyof Api & string];

/**
 * The method of that full name.
 *
 * @typeParam Api The methods.
 * @typeParam Name The method's full name.
 */
export type XmlRpcMethodOf<Api, Name extends string> = Name extends keyof Api
  ? NonNullable<Api[Name]>
  : {
    [Group in keyof Api & string]-?: Name extends `${Group}.${infer Rest}`
      ? XmlRpcMethodOf<NonNullable<Api[Group]>, Rest>
      : never;
  }[keyof Api & string];

/**
 * The params that can be sent to a method, as an array.
 *
 * @typeParam Method The method.
 */
export type XmlRpcParams<Method> = Method extends
  (...params: infer Params) => unknown
  ? { readonly [Index in keyof Params]: XmlRpcSendable<Params[Index]> }
  : never;

/**
 * What a call of a method gives: what it returns, awaited, as it is received; null
 * where that is nothing.
 *
 * @typeParam Method The method.
 */
// `any` is the one type that `1 & Method` cannot narrow.
// deno-lint-ignore no-explicit-any
export type XmlRpcResult<Method> = 0 extends (1 & Method) ? any
  : Method extends (...params: never) => infer Result ? XmlRpcKept<
      Awaited<Result>,
      Awaited<Result> extends infer Value
        ? Value extends void ? null : XmlRpcReceived<Value>
        : never
    >
  : never;

/**
 * A type itself, if another says just the same: its name is shorter to read.
 *
 * @typeParam T The type.
 * @typeParam Same The type that may say the same.
 */
export type XmlRpcKept<T, Same> = [T] extends [Same]
  ? [Same] extends [T] ? T : Same
  : Same;

/**
 * The items of what a call of a method gives, if that is an array.
 *
 * @typeParam Method The method.
 */
export type XmlRpcItem<Method> = XmlRpcResult<Method> extends
  readonly (infer Item)[] ? Item : never;

/**
 * The methods of a server as functions. Each access makes them up: there is a
 * function for every name, and the server says whether it has such a method.
 *
 * What is optional in the type, because older servers lack it, is there to be called
 * all the same.
 *
 * The names `then` and `toJSON` are no methods, at any level, so that awaiting the
 * object or writing it as JSON calls nothing.
 *
 * @typeParam Api The methods: `typeof server.methods`, or an interface.
 */
export type XmlRpcMethodsProxy<Api> = {
  readonly [Name in Exclude<keyof Api & string, "then" | "toJSON">]-?:
    // deno-lint-ignore no-explicit-any
    0 extends (1 & Api[Name]) ? any
      : NonNullable<Api[Name]> extends (...params: infer Params) => unknown ? (
          ...params: {
            [Index in keyof Params]: XmlRpcSendable<Params[Index]>;
          }
        ) => Promise<XmlRpcResult<NonNullable<Api[Name]>>>
      : NonNullable<Api[Name]> extends object
        ? XmlRpcMethodsProxy<NonNullable<Api[Name]>>
      : never;
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

/**
 * One of the calls in {@linkcode XmlRpcClient.multicall}: the method's name and its
 * params, which may be left out where the method needs none.
 *
 * @typeParam Api The server's methods: `typeof server.methods`, or an interface.
 * @typeParam Name The method's full name; by default any of them.
 */
export type XmlRpcMulticallCall<
  Api,
  Name extends XmlRpcMethodName<Api> = XmlRpcMethodName<Api>,
> = Name extends unknown
  ? readonly [] extends XmlRpcParams<XmlRpcMethodOf<Api, Name>> ? readonly [
      methodName: Name,
      params?: XmlRpcParams<XmlRpcMethodOf<Api, Name>>,
    ]
  : readonly [
    methodName: Name,
    params: XmlRpcParams<XmlRpcMethodOf<Api, Name>>,
  ]
  : never;

/**
 * What {@linkcode XmlRpcClient.multicall} gives: for each call its result or why it has
 * none, in the order of the calls.
 *
 * @typeParam Api The server's methods: `typeof server.methods`, or an interface.
 * @typeParam Names The names of the methods that are called.
 */
export type XmlRpcMulticallResults<Api, Names extends readonly string[]> = {
  -readonly [Index in keyof Names]: PromiseSettledResult<
    XmlRpcResult<XmlRpcMethodOf<Api, Names[Index]>>
  >;
};

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
   * Calls a method whose result is base64, and gives its bytes as they arrive: a file
   * of any size, in constant memory. The stream is read as fast as it is used; if it is
   * cancelled, so is the request. It fails if the response breaks off or is wrong behind
   * it: only the end of the stream says that it is whole.
   *
   * @typeParam Name The method's name.
   * @param methodName The method's full name.
   * @param rest The params, and options for this call alone.
   * @returns The bytes, once the first ones are there.
   * @throws {TypeError} If the result is no base64; else as {@linkcode XmlRpcClient.call}.
   */
  readonly stream: <Name extends XmlRpcMethodName<Api>>(
    methodName: Name,
    ...rest: XmlRpcCallArguments<XmlRpcParams<XmlRpcMethodOf<Api, Name>>>
  ) => Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
  /**
   * Calls a method whose result is an array, and gives its items as they arrive: an
   * array of any length, in constant memory. The call begins with the first item that is
   * asked for. Whoever stops early, by `break` say, cancels the request.
   *
   * @typeParam Name The method's name.
   * @param methodName The method's full name.
   * @param rest The params, and options for this call alone.
   * @returns The items. Their iteration rejects with a `TypeError` if the result is no
   * array, else as {@linkcode XmlRpcClient.call} does.
   */
  readonly items: <Name extends XmlRpcMethodName<Api>>(
    methodName: Name,
    ...rest: XmlRpcCallArguments<XmlRpcParams<XmlRpcMethodOf<Api, Name>>>
  ) => AsyncGenerator<XmlRpcItem<XmlRpcMethodOf<Api, Name>>, void, void>;
  /**
   * Makes several calls in one request, by `system.multicall`. Each settles alone, as
   * with `Promise.allSettled`: a fault of one, or a param that cannot be sent, is no
   * matter to the others.
   *
   * More than `maxCalls` are sent in several requests, one after the other; once one of
   * these has failed, its calls and those after it are rejected with its error, and no
   * more is sent. A server without `system.multicall` gets the calls one by one, in
   * order; the client asks only once.
   *
   * @typeParam Names The names of the methods that are called.
   * @param calls The calls, each as `[methodName, params]`. Without any, nothing is sent.
   * @param options Options for these calls alone.
   * @returns For each call its result, or what went wrong with it: an `XmlRpcFault`; the
   * `TypeError` or `RangeError` for a param that cannot be sent; a `TypeError` for an
   * answer that is neither a result nor a fault.
   * @throws {XmlRpcFault} If the server answers to all of it with a fault.
   * @throws {XmlRpcHttpError} If the server's answer is no XML-RPC.
   * @throws {XmlRpcSyntaxError} If the server's answer is broken.
   * @throws {TypeError} If the server answers with too few results or too many; also the
   * platform's own network error.
   * @throws {DOMException} If it takes too long, or is aborted without a reason.
   */
  readonly multicall: <const Names extends readonly XmlRpcMethodName<Api>[]>(
    calls: {
      readonly [Index in keyof Names]: XmlRpcMulticallCall<Api, Names[Index]>;
    },
    options?: XmlRpcClientOptions,
  ) => Promise<XmlRpcMulticallResults<Api, Names>>;
  /**
   * The same client with other options. Headers are added to those it has, a signal
   * and interceptors too, which go inside of those it has; every other option takes
   * the place of the one it had.
   *
   * @param options The options.
   * @returns The new client; this one stays as it is.
   */
  readonly with: (options: XmlRpcClientOptions) => XmlRpcClient<Api>;
}

// ---------------------------------------------------------------- the proxy

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

// ---------------------------------------------------------------- the client

/** Params without those at the end that are undefined, as JavaScript leaves them out. */
function trim(params: readonly unknown[]): readonly unknown[] {
  // What is no array is refused with better words.
  if (!Array.isArray(params)) return params;
  const last = params.findLastIndex((param) => param !== undefined);
  return last === params.length - 1 ? params : params.slice(0, last + 1);
}

/** Params for a call that is sent later: later changes by the caller do not count. */
function captureParams<T>(params: T, { options }: Settings): T {
  return capture(params, (options.maxDepth ?? 256) + 1) as T;
}

/** Calls a method now. */
function callNow(
  settings: Settings,
  methodName: string,
  params: readonly unknown[],
  mode?: ReadingMode,
): Promise<unknown> {
  const { interceptors, introspects } = settings;
  const isLater = interceptors.length > 0 || introspects;
  return performCall(
    settings,
    methodName,
    isLater ? captureParams(params, settings) : params,
    mode,
  );
}

/** How a client calls when no options are given for the call. */
function callerOf(settings: Settings): Caller {
  if (settings.options.batch !== true) {
    return (methodName, params) => callNow(settings, methodName, params);
  }
  const gather = createBatch((calls) => performAll(settings, calls));
  return (methodName, params) =>
    // In another multicall they would be refused.
    methodName === MULTICALL || hasSource(params)
      ? callNow(settings, methodName, params)
      : gather(methodName, captureParams(params, settings));
}

async function callSeveral(
  settings: Settings,
  calls: readonly (readonly [string, (readonly unknown[])?])[],
): Promise<PromiseSettledResult<unknown>[]> {
  if (!Array.isArray(calls) || !calls.every(Array.isArray)) {
    throw new TypeError(
      "Cannot make a multicall: expected an array of calls, each as [methodName, params]",
    );
  }
  const promises: Promise<unknown>[] = [];
  const pending: PendingCall[] = [];
  for (const [methodName, params = []] of calls) {
    const { promise, resolve, reject } = createDeferred<unknown>();
    promises.push(promise);
    try {
      const captured = captureParams(trim(params), settings);
      pending.push({ methodName, params: captured, resolve, reject });
    } catch (error) {
      reject(error);
    }
  }
  const settled = Promise.allSettled(promises);
  await performTogether(settings, pending);
  return await settled;
}

/**
 * The items of an array that `start` asks for once somebody wants the first of them.
 * Whoever stops early aborts its signal, even while an item is awaited.
 */
function itemsOf(
  start: (signal: AbortSignal) => Promise<AsyncIterable<unknown>>,
): AsyncGenerator<unknown, void, void> {
  const stopped = new AbortController();
  function stop(): void {
    stopped.abort(new DOMException("Nobody reads on", "AbortError"));
  }
  async function* run(): AsyncGenerator<unknown, void, void> {
    try {
      yield* await start(stopped.signal);
    } catch (error) {
      // Whoever awaits an item meanwhile learns that there is none.
      if (!stopped.signal.aborted) throw error;
    } finally {
      stop();
    }
  }
  const items = run();
  const leave = items.return.bind(items);
  return Object.assign(items, {
    return: (): Promise<IteratorResult<unknown, void>> => {
      stop();
      return leave();
    },
  });
}

function clientOf<Api>(settings: Settings): XmlRpcClient<Api> {
  const callPlainly = callerOf(settings);

  // Async, so that wrong options reject, too.
  // deno-lint-ignore require-await
  async function call(
    methodName: string,
    params: readonly unknown[] = [],
    options?: XmlRpcClientOptions,
  ): Promise<unknown> {
    return options === undefined
      ? callPlainly(methodName, trim(params))
      : callNow(extend(settings, options), methodName, trim(params));
  }

  async function stream(
    methodName: string,
    params: readonly unknown[] = [],
    options: XmlRpcClientOptions = {},
  ): Promise<unknown> {
    const all = extend(settings, options);
    return await callNow(all, methodName, trim(params), "stream");
  }

  function items(
    methodName: string,
    params: readonly unknown[] = [],
    options: XmlRpcClientOptions = {},
  ): AsyncGenerator<unknown, void, void> {
    return itemsOf(async (signal) => {
      const all = extend(extend(settings, options), { signal });
      const result = callNow(all, methodName, trim(params), "items");
      return await result as AsyncIterable<unknown>;
    });
  }

  async function multicall(
    calls: readonly (readonly [string, (readonly unknown[])?])[],
    options: XmlRpcClientOptions = {},
  ): Promise<PromiseSettledResult<unknown>[]> {
    return await callSeveral(extend(settings, options), calls);
  }

  return Object.freeze({
    call: call as XmlRpcClient<Api>["call"],
    methods: createMethods(call, "") as XmlRpcMethodsProxy<Api>,
    stream: stream as XmlRpcClient<Api>["stream"],
    items: items as XmlRpcClient<Api>["items"],
    multicall: multicall as unknown as XmlRpcClient<Api>["multicall"],
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
 * @example Several calls in one request
 * ```ts
 * import { createClient, createServer, XmlRpcFault } from "@xmlrpc/xmlrpc";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const server = createServer({
 *   divide(x: number, y: number): number {
 *     if (y === 0) throw new XmlRpcFault(1, "Division by zero");
 *     return x / y;
 *   },
 * });
 * const client = createClient<typeof server.methods>("http://localhost/", {
 *   fetch: server.fetch,
 * });
 *
 * const [ok, bad] = await client.multicall([["divide", [1, 4]], ["divide", [1, 0]]]);
 * assertEquals(ok, { status: "fulfilled", value: 0.25 });
 * assert(bad.status === "rejected" && bad.reason instanceof XmlRpcFault);
 *
 * // The same with plain calls, and without a thought:
 * const { methods } = client.with({ batch: true });
 * const results = await Promise.all([methods.divide(1, 4), methods.divide(1, 2)]);
 * assertEquals(results, [0.25, 0.5]);
 * ```
 *
 * @example A header for every call, and a log
 * ```ts
 * import { createClient, createServer } from "@xmlrpc/xmlrpc";
 * import { assertEquals } from "@std/assert";
 *
 * const server = createServer({
 *   whoami(): string {
 *     return this.request.headers.get("x-user") ?? "nobody";
 *   },
 * });
 * const log: string[] = [];
 * const client = createClient<typeof server.methods>("http://localhost/", {
 *   fetch: server.fetch,
 *   interceptors: [async (call, next) => {
 *     call.headers.set("x-user", "ada");
 *     const result = await next(call);
 *     log.push(call.methodName);
 *     return result;
 *   }],
 * });
 * assertEquals(await client.methods.whoami(), "ada");
 * assertEquals(log, ["whoami"]);
 * ```
 *
 * @example A server that is strict about types
 * ```ts
 * import { createClient, createServer, method } from "@xmlrpc/xmlrpc";
 * import { assertEquals } from "@std/assert";
 *
 * const server = createServer({
 *   half: method({ params: ["double"], returns: "double" }, (x) => x / 2),
 * });
 * const client = createClient<typeof server.methods>("http://localhost/", {
 *   fetch: server.fetch,
 *   signatures: "introspect", // asks, and sends 20 as the double that is wanted
 * });
 * assertEquals(await client.methods.half(20), 10);
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
  return clientOf<Api>(createSettings(url, options));
}
