/**
 * XML-RPC for TypeScript: server, client and codec, on web standards alone.
 *
 * ```ts
 * import { createClient, createServer } from "@xmlrpc/xmlrpc";
 * import { assertEquals } from "@std/assert";
 *
 * const server = createServer({
 *   get_string: (text: string) => `get string:${text}`,
 * });
 * // Deno.serve({ port: 8888 }, server.fetch);
 *
 * const client = createClient<typeof server.methods>("http://localhost:8888/", {
 *   fetch: server.fetch, // only here: a client without a socket
 * });
 * assertEquals(await client.methods.get_string("cloud"), "get string:cloud");
 * ```
 *
 * @module
 */

// This module is browser compatible.

export * from "./client.ts";
export * from "./codec.ts";
export * from "./core/errors.ts";
export * from "./server.ts";
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
