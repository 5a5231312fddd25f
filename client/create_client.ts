// Creates a client: the proxy of the methods of a server, and the functions that call
// them. This module is browser compatible.

import { callAll, callInMulticall, callTraced } from "./call.ts";
import { type Caller, createBatch, type PendingCall } from "./multicall.ts";
import type { XmlRpcClientOptions } from "./options.ts";
import type { ReadingMode } from "./response_reader.ts";
import { createSettings, extend, type Settings } from "./settings.ts";
import type {
  XmlRpcAnyMethods,
  XmlRpcClient,
  XmlRpcMethodsProxy,
} from "./types.ts";
import { MULTICALL } from "../core/calls.ts";
import { capture } from "../core/snapshot.ts";
import { hasSource } from "../core/sources.ts";
import { createDeferred, makeStoppable } from "../util/async.ts";
import { quote } from "../util/messages.ts";

/** Creates the proxy of the methods below a name, which is "" at the top. */
function createMethodsProxy(call: Caller, name: string): unknown {
  const handler: ProxyHandler<() => void> = {
    get(_target, key): unknown {
      if (key === Symbol.toPrimitive) {
        return () => `[XML-RPC method ${quote(name)}]`;
      }
      // `await` and `JSON.stringify` look for these: they must not become calls.
      if (typeof key === "symbol" || key === "then" || key === "toJSON") {
        return undefined;
      }
      return createMethodsProxy(call, name === "" ? key : `${name}.${key}`);
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

/** Drops undefined params at the end, which JavaScript treats as left out. */
function trimParams(params: readonly unknown[]): readonly unknown[] {
  // The encoder rejects anything else, with a better message.
  if (!Array.isArray(params)) return params;
  const last = params.findLastIndex((param) => param !== undefined);
  return last === params.length - 1 ? params : params.slice(0, last + 1);
}

/** Copies params that are sent later, so that changes by the caller have no effect. */
function captureParams<T>(params: T, { encoding }: Settings): T {
  const { maxDepth, maxValues } = encoding;
  // The array of the params is a value more, and around the others.
  const limits = { maxDepth: maxDepth + 1, maxValues: maxValues + 1 };
  return capture(params, limits) as T;
}

/** Makes one call now; if its params are encoded later, a copy of them is used. */
function callAlone(
  settings: Settings,
  methodName: string,
  params: readonly unknown[],
  mode?: ReadingMode,
): Promise<unknown> {
  const { interceptors, introspects } = settings;
  const isLater = interceptors.length > 0 || introspects;
  const stable = isLater ? captureParams(params, settings) : params;
  return callTraced(settings, { methodName, params: stable }, mode);
}

/** Makes several calls in a multicall; each settles on its own. */
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
      const captured = captureParams(trimParams(params), settings);
      pending.push({ methodName, params: captured, resolve, reject });
    } catch (error) {
      reject(error);
    }
  }
  const settled = Promise.allSettled(promises);
  await callInMulticall(settings, pending);
  return await settled;
}

/**
 * Yields the items of an array. `start` is called when the first item is requested; its
 * signal aborts if the reader stops early, even while it waits for an item.
 */
function streamItems(
  start: (signal: AbortSignal) => Promise<AsyncIterable<unknown>>,
): AsyncGenerator<unknown, void, void> {
  const stopped = new AbortController();
  function stop(): void {
    stopped.abort(new DOMException("The reader has stopped", "AbortError"));
  }
  async function* run(): AsyncGenerator<unknown, void, void> {
    try {
      yield* await start(stopped.signal);
    } catch (error) {
      // A reader that stopped while it waited for an item gets the end, not an error.
      if (!stopped.signal.aborted) throw error;
    } finally {
      stop();
    }
  }
  return makeStoppable(run(), stop);
}

/** Builds a client with settings. */
function buildClient<Api>(settings: Settings): XmlRpcClient<Api> {
  const gather = settings.options.batch === true
    ? createBatch((calls) => callAll(settings, calls))
    : undefined;

  // Async, so that wrong options reject and do not throw.
  // deno-lint-ignore require-await
  async function call(
    methodName: string,
    params: readonly unknown[] = [],
    options?: XmlRpcClientOptions,
  ): Promise<unknown> {
    const all = options === undefined ? settings : extend(settings, options);
    const trimmed = trimParams(params);
    const isAlone = gather === undefined || options !== undefined ||
      // A multicall refuses these.
      methodName === MULTICALL || hasSource(trimmed);
    return isAlone
      ? callAlone(all, methodName, trimmed)
      : gather(methodName, captureParams(trimmed, settings));
  }

  async function stream(
    methodName: string,
    params: readonly unknown[] = [],
    options: XmlRpcClientOptions = {},
  ): Promise<unknown> {
    const all = extend(settings, options);
    return await callAlone(all, methodName, trimParams(params), "stream");
  }

  function items(
    methodName: string,
    params: readonly unknown[] = [],
    options: XmlRpcClientOptions = {},
  ): AsyncGenerator<unknown, void, void> {
    return streamItems(async (signal) => {
      const all = extend(extend(settings, options), { signal });
      const result = callAlone(all, methodName, trimParams(params), "items");
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
    methods: createMethodsProxy(call, "") as XmlRpcMethodsProxy<Api>,
    stream: stream as XmlRpcClient<Api>["stream"],
    items: items as XmlRpcClient<Api>["items"],
    multicall: multicall as unknown as XmlRpcClient<Api>["multicall"],
    with: (options: XmlRpcClientOptions) =>
      buildClient<Api>(extend(settings, options)),
  });
}

/**
 * Creates a client. Nothing is sent before the first call.
 *
 * The type parameter says which methods the server has:
 * `createClient<typeof server.methods>(…)`, or `createClient<Api>(…)` with an interface
 * of your own. Without it, any method can be called with any params.
 *
 * @example A server of another implementation
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
 * // The same with automatic batching:
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
 *   signatures: "introspect", // asks, and sends 20 as a double
 * });
 * assertEquals(await client.methods.half(20), 10);
 * ```
 *
 * @typeParam Api The server's methods.
 * @param url The URL of the server, http or https; a user name and password in it become
 * an `Authorization` header.
 * @param options The options of the client.
 * @returns The client; its members can be destructured.
 * @throws {TypeError} If the URL is not an http or https URL, or an option is invalid.
 * @throws {RangeError} If an option is out of range.
 */
export function createClient<Api = XmlRpcAnyMethods>(
  url: string | URL,
  options: XmlRpcClientOptions = {},
): XmlRpcClient<Api> {
  return buildClient<Api>(createSettings(url, options));
}
