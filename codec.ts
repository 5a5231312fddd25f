/**
 * The codec: encodes calls and responses as XML and decodes them, for custom transports and
 * tools. It does not know HTTP or methods: see `./client` and `./server` for those.
 *
 * ```ts
 * import { decodeCall, encodeCall } from "@xmlrpc/xmlrpc/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const document = encodeCall("examples.getStateName", [41]);
 * assertEquals(decodeCall(document), {
 *   methodName: "examples.getStateName",
 *   params: [41],
 * });
 * ```
 *
 * @module
 */

// This module is browser compatible.

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
export * from "./codec/decode.ts";
export * from "./codec/encode.ts";
export type * from "./codec/options.ts";
