// Methods with signatures: their types, and the function that makes them. This module is
// browser compatible.

import type {
  XmlRpcInputOf,
  XmlRpcOptional,
  XmlRpcSignature,
  XmlRpcValueOf,
} from "./types.ts";

/**
 * What a method has as `this` while it runs. Methods that use it are written
 * `function () { … }` or `name() { … }`, for an arrow function has no `this`.
 */
export interface XmlRpcContext {
  /** The HTTP request. Its body has been read. */
  readonly request: Request;
  /** The name the method was called by. */
  readonly methodName: string;
  /**
   * Aborts when the caller has gone: there is nobody left to work for. Deno aborts it
   * after a response, too, unless run with `--unstable-no-legacy-abort`; but it does
   * not notice who goes while a method runs, if the request had more than some 500
   * bytes (as of 2.9).
   */
  readonly signal: AbortSignal;
}

/** A signature, and what else a server may know of a method. */
export interface XmlRpcMethodSignature extends XmlRpcSignature {
  /**
   * What the method does, for `system.methodHelp`. Of several signatures, the first
   * that has a text gives it.
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
   * `ReadableStream` while the request is still arriving. It may be up to
   * `maxStreamBytes` long, and is read no faster than the handler reads it. The stream
   * fails if the request breaks off or is wrong behind it: what was read of it must
   * not be kept then. Once the handler is done, what it has left is read and checked.
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
 * The items of an array that is sent bit by bit, by the array's type.
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
 * What can be sent as params, under the names that the handler has for them. The names live
 * in the tuple of the handler's own params, and survive only in slices of it.
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
 * A method with a signature, as its callers see it: with the params' names of the
 * handler and the types of the signature.
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

/** What the server knows of a method beside its handler. */
export interface MethodInfo {
  readonly signatures: readonly XmlRpcMethodSignature[];
  /** The handler itself, whose `length` tells how many params it takes. */
  readonly handler: Handler;
}

// Registered, so that a method made by one copy of this module is known to another.
const INFO = Symbol.for("@xmlrpc/xmlrpc/method");

/**
 * A method with a signature: one line that gives the handler its types, checks each
 * call at run time, sends the result as exactly the type declared, and tells of it by
 * `system.methodSignature`.
 *
 * Params that do not fit are answered with fault -32602 and their place:
 * `params[1].rows[3].price: expected double, got string`. An `int` is taken for a
 * `double`, and an `i8` for an `int` (and the other way round) where no digit is lost;
 * a double that is whole is taken for an `int`. Dates are not checked where the server
 * has an option `dateTime`, for nobody else knows what that makes of them.
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
 * @example Several signatures: the first that fits a call is its own
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
 * @param signature What the method takes and gives, or an array of such signatures.
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

/** Attaches to a function what {@linkcode method} was told of another; the function. */
export function attachMethodInfo(
  handler: Handler,
  info: MethodInfo | undefined,
): Handler {
  if (info !== undefined) Object.defineProperty(handler, INFO, { value: info });
  return handler;
}

/** What {@linkcode method} was told of a function; undefined if that did not make it. */
export function readMethodInfo(method: Handler): MethodInfo | undefined {
  return (method as { readonly [INFO]?: MethodInfo })[INFO];
}
