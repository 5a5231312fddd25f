/**
 * The client: calls the methods of a server, any XML-RPC server.
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

import { quote } from "./_message.ts";
import {
  extend,
  type Settings,
  targetOf,
  type XmlRpcClientOptions,
} from "./_settings.ts";
import { call } from "./_transport.ts";

export type { XmlRpcClientOptions } from "./_settings.ts";

// ---------------------------------------------------------------- types

/**
 * Any server: it has every method, with any params. What `createClient` makes a
 * client of where it is told no type.
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
  [Name in keyof Api & string]: Api[Name] extends
    (...params: never[]) => unknown ? Name
    : `${Name}.${XmlRpcMethodName<Api[Name]>}`;
}[keyof Api & string];

/**
 * The method of that full name.
 *
 * @typeParam Api The methods.
 * @typeParam Name The method's full name.
 */
export type XmlRpcMethodOf<Api, Name extends string> = Name extends keyof Api
  ? Api[Name]
  : {
    [Group in keyof Api & string]: Name extends `${Group}.${infer Rest}`
      ? XmlRpcMethodOf<Api[Group], Rest>
      : never;
  }[keyof Api & string];

/**
 * The params of a method, as an array.
 *
 * @typeParam Method The method.
 */
export type XmlRpcParams<Method> = Method extends
  (...params: infer Params) => unknown ? Readonly<Params>
  : never;

/**
 * What a call of a method gives: what it returns, awaited, and null where that is
 * nothing.
 *
 * @typeParam Method The method.
 */
// `any` is the one type that `1 & Method` cannot narrow.
// deno-lint-ignore no-explicit-any
export type XmlRpcResult<Method> = 0 extends (1 & Method) ? any
  : Method extends (...params: never[]) => infer Result
    ? Awaited<Result> extends infer Value ? Value extends void ? null : Value
    : never
  : never;

/**
 * The methods of a server as functions. Each access makes them up: there is a
 * function for every name, and the server says whether it has such a method.
 *
 * The names `then` and `toJSON` are no methods, at any level, so that awaiting the
 * object or writing it as JSON calls nothing.
 *
 * @typeParam Api The methods: `typeof server.methods`, or an interface.
 */
export type XmlRpcMethodsProxy<Api> = {
  readonly [Name in Exclude<keyof Api & string, "then" | "toJSON">]:
    // deno-lint-ignore no-explicit-any
    0 extends (1 & Api[Name]) ? any
      : Api[Name] extends (...params: infer Params) => unknown
        ? (...params: Params) => Promise<XmlRpcResult<Api[Name]>>
      : XmlRpcMethodsProxy<Api[Name]>;
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
   * The same client with other options. Headers are added to those it has, a
   * signal too; every other option takes the place of the one it had.
   *
   * @param options The options.
   * @returns The new client; this one stays as it is.
   */
  readonly with: (options: XmlRpcClientOptions) => XmlRpcClient<Api>;
}

// ---------------------------------------------------------------- the proxy

type Caller = (
  methodName: string,
  params: readonly unknown[],
) => Promise<unknown>;

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

function clientOf<Api>(settings: Settings): XmlRpcClient<Api> {
  // Async, so that wrong options reject, too.
  // deno-lint-ignore require-await
  async function callMethod(
    methodName: string,
    params: readonly unknown[] = [],
    options?: XmlRpcClientOptions,
  ): Promise<unknown> {
    return call(
      options === undefined ? settings : extend(settings, options),
      methodName,
      params,
    );
  }
  return Object.freeze({
    call: callMethod as XmlRpcClient<Api>["call"],
    methods: createMethods(callMethod, "") as XmlRpcMethodsProxy<Api>,
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
  const nothing = { options: {}, headers: [], signals: [] };
  return clientOf<Api>(extend({ ...nothing, target: targetOf(url) }, options));
}
