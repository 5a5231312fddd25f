// The types of a client: its methods, and the params and results of each. This module is
// browser compatible.

import type { XmlRpcReceived, XmlRpcSendable } from "../core/value.ts";
import type { XmlRpcClientOptions } from "./options.ts";

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
  readonly [
    // Over `keyof Api` itself, so that editors show the documentation of each method.

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
