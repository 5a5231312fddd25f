// Methods with signatures: their types, and the function that makes them. This module is
// browser compatible.

import type {
  XmlRpcInputOf,
  XmlRpcOptional,
  XmlRpcSignature,
  XmlRpcValueOf,
} from "./types.ts";

/**
 * The `this` of a running method. Methods that use it are written `function () { … }` or
 * `name() { … }`, because an arrow function has no `this`.
 */
export interface XmlRpcContext {
  /** The HTTP request. Its body has been read. */
  readonly request: Request;
  /** The name the method was called by. */
  readonly methodName: string;
  /**
   * Aborts when the client has disconnected, or the server has given the call up. Deno
   * also aborts it after a response, unless it runs with `--unstable-no-legacy-abort`; but
   * it does not notice a client that disconnects while a method runs if the request had
   * more than about 500 bytes (as of 2.9).
   */
  readonly signal: AbortSignal;
}

/** A signature, and what else a server may know about a method. */
export interface XmlRpcMethodSignature extends XmlRpcSignature {
  /**
   * What the method does, for `system.methodHelp`. Of several signatures, the first one
   * with a text counts.
   *
   * @default {""}
   */
  readonly help?: string | undefined;
  /**
   * Whether the method may be called through `system.multicall`. Of several
   * signatures, all must allow it.
   *
   * @default {true}
   */
  readonly batchable?: boolean | undefined;
  /**
   * Whether the handler gets its last param, which must be `"base64"`, as a
   * `ReadableStream` while the request is still arriving. The stream may be up to
   * `maxStreamBytes` long, and back-pressure applies: the server reads no faster than the
   * handler. The stream fails if the request breaks off or is invalid after it; the
   * handler must then discard what it has read. When the handler is done, the server reads
   * and checks the rest.
   *
   * @default {false}
   */
  readonly stream?: boolean | undefined;
}

/**
 * The values of params, by their types.
 *
 * @typeParam Types The types, in order.
 */
export type XmlRpcParamValues<Types> = Types extends
  readonly [infer Head, ...infer Rest]
  ? Head extends XmlRpcOptional<infer Type>
    ? [_?: XmlRpcValueOf<Type>, ...XmlRpcParamValues<Rest>]
  : [XmlRpcValueOf<Head>, ...XmlRpcParamValues<Rest>]
  : [];

/**
 * What can be sent as params, by their types.
 *
 * @typeParam Types The types, in order.
 */
export type XmlRpcParamInputs<Types> = Types extends
  readonly [infer Head, ...infer Rest]
  ? Head extends XmlRpcOptional<infer Type>
    ? [_?: XmlRpcInputOf<Type>, ...XmlRpcParamInputs<Rest>]
  : [XmlRpcInputOf<Head>, ...XmlRpcParamInputs<Rest>]
  : [];

/**
 * What can be sent as the params of a method, by its signature.
 *
 * @typeParam S The signature, or an array of them.
 */
export type XmlRpcCallerParams<S> = S extends readonly XmlRpcSignature[]
  ? XmlRpcCallerParams<S[number]>
  : S extends XmlRpcSignature ? XmlRpcParamInputs<S["params"]>
  : never;

/**
 * The params that a handler gets, by its signature; of several signatures, those of
 * any of them.
 *
 * @typeParam S The signature, or an array of them.
 */
export type XmlRpcHandlerParams<S> = S extends readonly XmlRpcSignature[]
  ? XmlRpcHandlerParams<S[number]>
  : S extends {
    readonly stream: true;
    readonly params: readonly [...infer Head, unknown];
  } ? [...XmlRpcParamValues<Head>, ReadableStream<Uint8Array<ArrayBuffer>>]
  : S extends XmlRpcSignature ? XmlRpcParamValues<S["params"]>
  : never;

/**
 * What a handler may return, by its signature, at once or as a promise.
 *
 * @typeParam S The signature, or an array of them.
 */
export type XmlRpcHandlerResult<S> = S extends readonly XmlRpcSignature[]
  ? XmlRpcHandlerResult<S[number]>
  : S extends XmlRpcSignature ?
      | XmlRpcInputOf<S["returns"]>
      | XmlRpcItemsOf<S["returns"]>
      | Promise<XmlRpcInputOf<S["returns"]> | XmlRpcItemsOf<S["returns"]>>
  : never;

/**
 * The items of an array that is streamed, by the array's type.
 *
 * @typeParam T The type.
 */
export type XmlRpcItemsOf<T> = T extends "array" ? AsyncIterable<unknown>
  : T extends readonly [infer Item] ? AsyncIterable<XmlRpcInputOf<Item>>
  : never;

/**
 * What a caller gets, by the signature of the method.
 *
 * @typeParam S The signature, or an array of them.
 */
export type XmlRpcMethodResult<S> = S extends readonly XmlRpcSignature[]
  ? XmlRpcMethodResult<S[number]>
  : S extends XmlRpcSignature ? XmlRpcValueOf<S["returns"]>
  : never;

/**
 * What can be sent as params, under the names that the handler has for them. TypeScript
 * keeps these names only in the tuple of the handler's params, and in slices of it.
 *
 * @typeParam Types The types, in order.
 * @typeParam Params The handler's own params.
 */
export type XmlRpcNamedParams<Types, Params> = Types extends
  readonly [infer Head, ...infer Rest]
  ? Params extends [unknown, ...infer Others]
    ? Params extends [...infer One, ...Others] ? [
        ...Head extends XmlRpcOptional<infer Type>
          ? { [Index in keyof One]?: XmlRpcInputOf<Type> }
          : { [Index in keyof One]: XmlRpcInputOf<Head> },
        ...XmlRpcNamedParams<Rest, Others>,
      ]
    : never
  : XmlRpcParamInputs<Types>
  : [];

/**
 * A method with a signature, as its callers see it: with the names of the handler's params
 * and the types of the signature.
 *
 * @typeParam S The signature, or an array of them.
 * @typeParam F The handler.
 */
export type XmlRpcMethod<S, F extends (...params: never) => unknown> = (
  ...params: S extends XmlRpcSignature
    ? XmlRpcNamedParams<S["params"], Required<Parameters<F>>>
    : XmlRpcCallerParams<S>
) => XmlRpcMethodResult<S> | Promise<XmlRpcMethodResult<S>>;

/** Any method, as the server calls it. */
export type Handler = (this: unknown, ...params: unknown[]) => unknown;

/** What {@linkcode method} attaches to a function. */
export interface MethodInfo {
  readonly signatures: readonly XmlRpcMethodSignature[];
  /** The handler itself, whose `length` tells how many params it takes. */
  readonly handler: Handler;
}

// In the global registry, so that several copies of this module know each other's methods.
const INFO = Symbol.for("@xmlrpc/xmlrpc/method");

/**
 * A method with a signature: one line that gives the handler its types, checks each call
 * at run time, sends the result as exactly the declared type, and describes the method in
 * `system.methodSignature`.
 *
 * Params that do not fit get fault -32602 with their path:
 * `params[1].rows[3].price: expected double, got string`. An `int` is accepted as a
 * `double`, an `i8` as an `int` and vice versa, and a double without a fraction as an
 * `int`, if no digit is lost. Dates are not checked if the server has the option
 * `dateTime`, which may return anything.
 *
 * @example One signature
 * ```ts
 * import { createClient, createServer, method, XmlRpcFault } from "@xmlrpc/xmlrpc";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const server = createServer({
 *   divide: method(
 *     { params: ["double", "double"], returns: "double", help: "Divides." },
 *     (x, y) => x / y, // x and y are numbers
 *   ),
 * });
 * const client = createClient<typeof server.methods>("http://localhost/", {
 *   fetch: server.fetch,
 * });
 * assertEquals(await client.methods.divide(6, 2), 3); // sent as <double>3.0</double>
 * await assertRejects(
 *   () => client.call("divide", ["6", 2] as never),
 *   XmlRpcFault,
 *   "params[0]: expected double, got string",
 * );
 * ```
 *
 * @example Several signatures: the first that fits a call counts
 * ```ts
 * import { method } from "@xmlrpc/xmlrpc/server";
 * import { assertEquals } from "@std/assert";
 *
 * const repeat = method([
 *   { params: ["string"], returns: "string" },
 *   { params: ["string", "int"], returns: ["string"] },
 * ], (text, times?) => times === undefined ? text : Array(times).fill(text));
 * assertEquals(await repeat("a", 2), ["a", "a"]);
 * ```
 *
 * @typeParam S The signature, or an array of them.
 * @typeParam F The handler.
 * @param signature The types of params and result, or an array of such signatures.
 * @param handler The function; its `this` is an {@linkcode XmlRpcContext}.
 * @returns The method, for `createServer`. Called directly, it is the bare handler.
 */
export function method<
  const S extends
    | XmlRpcMethodSignature
    | readonly XmlRpcMethodSignature[],
  F extends (
    this: XmlRpcContext,
    ...params: XmlRpcHandlerParams<S>
  ) => XmlRpcHandlerResult<S>,
>(signature: S, handler: F): XmlRpcMethod<S, F> {
  const info: MethodInfo = {
    signatures:
      (Array.isArray(signature)
        ? signature
        : [signature]) as readonly XmlRpcMethodSignature[],
    handler: handler as unknown as Handler,
  };
  return attachMethodInfo(
    function (this: unknown, ...params: unknown[]): unknown {
      return info.handler.apply(this, params);
    },
    info,
  ) as unknown as XmlRpcMethod<S, F>;
}

/** Attaches info to a function, and returns that function. */
export function attachMethodInfo(
  handler: Handler,
  info: MethodInfo | undefined,
): Handler {
  if (info !== undefined) Object.defineProperty(handler, INFO, { value: info });
  return handler;
}

/** What {@linkcode method} has attached to a function; undefined for any other function. */
export function readMethodInfo(method: Handler): MethodInfo | undefined {
  return (method as { readonly [INFO]?: MethodInfo })[INFO];
}
