/**
 * The client: calls the methods of an XML-RPC server, of this package or any other
 * implementation.
 *
 * ```ts
 * import { createClient } from "@xmlrpc/xmlrpc/client";
 * import { createServer } from "@xmlrpc/xmlrpc/server";
 * import { assertEquals } from "@std/assert";
 *
 * const server = createServer({ add: (x: number, y: number) => x + y });
 *
 * const client = createClient<typeof server.methods>("http://localhost:8888/", {
 *   fetch: server.fetch, // only for this example: no socket is needed
 * });
 * assertEquals(await client.methods.add(8, 8), 16);
 * assertEquals(await client.call("add", [8, 8]), 16);
 * ```
 *
 * @module
 */

// This module is browser compatible.

export { createClient } from "./client/create_client.ts";
export * from "./client/options.ts";
export * from "./client/types.ts";
export type { DecodeValueOptions, EncodeOptions } from "./codec/options.ts";
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
