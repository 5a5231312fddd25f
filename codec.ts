/**
 * The codec: turns calls and responses into XML, and XML into what it holds, for whoever
 * has a transport or a use of their own. It knows no HTTP and no methods: those are in
 * `./client` and `./server`.
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
export type { XmlRpcByteSink } from "./codec/byte_stream.ts";
export * from "./codec/decode.ts";
export * from "./codec/encode.ts";
export type * from "./codec/options.ts";
