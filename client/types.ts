// The types of a client: its methods, and the params and results of each. This module is
// browser compatible.

import type { XmlRpcClientOptions } from "./options.ts";
import type { XmlRpcReceived, XmlRpcSendable } from "../core/value.ts";

/**
 * The methods of a server whose types are not known: any name, with any params.
 * The default of `createClient`.
 */
export interface XmlRpcAnyMethods {
  /** A method, or a group of methods. */
  // Without type information, results are `any`.
  // deno-lint-ignore no-explicit-any
  readonly [name: string]: any;
}

/**
 * The full names of the methods of an API: `"get_string" | "math.add"`.
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
 * The method with a full name.
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
 * The result of a call of a method: what the method returns, awaited, as the client
 * receives it. It is null if the method returns nothing.
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
 * A type as it was declared if an equal type is computed from it, so that editors show
 * the short name and not the whole structure. A helper of {@linkcode XmlRpcResult}.
 *
 * @typeParam T The declared type.
 * @typeParam Same The computed type.
 */
export type XmlRpcKept<T, Same> = [T] extends [Same]
  ? [Same] extends [T] ? T : Same
  : Same;

/**
 * The type of the items in the result of a method, if the result is an array.
 *
 * @typeParam Method The method.
 */
export type XmlRpcItem<Method> = XmlRpcResult<Method> extends
  readonly (infer Item)[] ? Item : never;

/**
 * The methods of a server as functions. They are created on access: there is a
 * function for every name, and the server decides whether the method exists.
 *
 * A method that is optional in the type, because older servers lack it, can be called
 * without a check.
 *
 * The names `then` and `toJSON` are not methods, at any level, so that neither `await`
 * nor `JSON.stringify` makes a call.
 *
 * @typeParam Api The methods: `typeof server.methods`, or an interface.
 */
// `keyof Api` makes the type homomorphic: editors show the documentation of a method.
export type XmlRpcMethodsProxy<Api> = {
  readonly [
    Name in keyof Api as Exclude<Name & string, "then" | "toJSON">
  ]-?:
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
 * The arguments after the name in {@linkcode XmlRpcClient.call}: the params, which may
 * be left out if the method needs none, and options.
 *
 * @typeParam Params The method's params.
 */
export type XmlRpcCallArguments<Params> = readonly [] extends Params
  ? [params?: Params, options?: XmlRpcClientOptions]
  : [params: Params, options?: XmlRpcClientOptions];

/**
 * One of the calls in {@linkcode XmlRpcClient.multicall}: the method's name and its
 * params, which may be left out if the method needs none.
 *
 * @typeParam Api The server's methods: `typeof server.methods`, or an interface.
 * @typeParam Name The method's full name; by default the name of any method.
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
 * The results of {@linkcode XmlRpcClient.multicall}: for each call its result or its
 * error, in the order of the calls.
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
   * @param rest The params, and options for this call only.
   * @returns The result.
   * @throws {XmlRpcFault} If the server responds with a fault.
   * @throws {XmlRpcHttpError} If the response is not XML-RPC.
   * @throws {XmlRpcSyntaxError} If the response is malformed.
   * @throws {TypeError} If a param cannot be sent; also the network error of the platform.
   * @throws {RangeError} If a number or date is out of range.
   * @throws {DOMException} If the call times out, or is aborted without a reason.
   */
  readonly call: <Name extends XmlRpcMethodName<Api>>(
    methodName: Name,
    ...rest: XmlRpcCallArguments<XmlRpcParams<XmlRpcMethodOf<Api, Name>>>
  ) => Promise<XmlRpcResult<XmlRpcMethodOf<Api, Name>>>;
  /**
   * The methods as functions: `client.methods.math.add(8, 8)`. Methods with the names
   * `then` and `toJSON` can only be called by `call`.
   */
  readonly methods: XmlRpcMethodsProxy<Api>;
  /**
   * Calls a method whose result is base64, and returns a stream of its bytes: a file of
   * any size, in constant memory. The stream has back-pressure; cancelling it cancels
   * the request. It fails if the response ends early, or is malformed after the bytes:
   * only a stream that has closed is complete.
   *
   * @typeParam Name The method's name.
   * @param methodName The method's full name.
   * @param rest The params, and options for this call only.
   * @returns The bytes, as soon as the first of them have arrived.
   * @throws {TypeError} If the result is not base64; otherwise as {@linkcode XmlRpcClient.call}.
   */
  readonly stream: <Name extends XmlRpcMethodName<Api>>(
    methodName: Name,
    ...rest: XmlRpcCallArguments<XmlRpcParams<XmlRpcMethodOf<Api, Name>>>
  ) => Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
  /**
   * Calls a method whose result is an array, and yields its items as they arrive: an
   * array of any length, in constant memory. The call begins when the first item is
   * requested. Leaving the loop early, by `break` for example, cancels the request.
   *
   * @typeParam Name The method's name.
   * @param methodName The method's full name.
   * @param rest The params, and options for this call only.
   * @returns The items. The iteration rejects with a `TypeError` if the result is not an
   * array, otherwise as {@linkcode XmlRpcClient.call} does.
   */
  readonly items: <Name extends XmlRpcMethodName<Api>>(
    methodName: Name,
    ...rest: XmlRpcCallArguments<XmlRpcParams<XmlRpcMethodOf<Api, Name>>>
  ) => AsyncGenerator<XmlRpcItem<XmlRpcMethodOf<Api, Name>>, void, void>;
  /**
   * Makes several calls in one request, by `system.multicall`. Each settles on its own,
   * as with `Promise.allSettled`: a fault of one call, or a param that cannot be sent,
   * does not affect the others.
   *
   * More calls than `maxCalls` are sent in several requests, one after the other. If one
   * of these requests fails, its calls and all later ones are rejected with its error,
   * and nothing more is sent. A server without `system.multicall` receives the calls one
   * by one, in order; the client tries `system.multicall` only once.
   *
   * @typeParam Names The names of the methods that are called.
   * @param calls The calls, each as `[methodName, params]`. If there are none, nothing is sent.
   * @param options Options for these calls only.
   * @returns For each call its result or its error: an `XmlRpcFault`; the `TypeError` or
   * `RangeError` for a param that cannot be sent; a `TypeError` if the response to it is
   * neither a result nor a fault.
   * @throws {XmlRpcFault} If the server responds to the whole request with a fault.
   * @throws {XmlRpcHttpError} If the response is not XML-RPC.
   * @throws {XmlRpcSyntaxError} If the response is malformed.
   * @throws {TypeError} If the number of results is wrong; also the network error of the
   * platform.
   * @throws {DOMException} If the request times out, or is aborted without a reason.
   */
  readonly multicall: <const Names extends readonly XmlRpcMethodName<Api>[]>(
    calls: {
      readonly [Index in keyof Names]: XmlRpcMulticallCall<Api, Names[Index]>;
    },
    options?: XmlRpcClientOptions,
  ) => Promise<XmlRpcMulticallResults<Api, Names>>;
  /**
   * Returns a client of the same server with further options. Headers, the signal and
   * interceptors are added to those of this client, interceptors inside of them; every
   * other option replaces that of this client.
   *
   * @param options The options.
   * @returns The new client; this one does not change.
   */
  readonly with: (options: XmlRpcClientOptions) => XmlRpcClient<Api>;
}
