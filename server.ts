/**
 * The server: turns an object of functions into an XML-RPC server, whose `fetch` answers
 * HTTP requests on Deno and every other runtime.
 *
 * ```ts
 * import { createClient } from "@xmlrpc/xmlrpc/client";
 * import { createServer, method, XmlRpcFault } from "@xmlrpc/xmlrpc/server";
 * import { assertEquals } from "@std/assert";
 *
 * const server = createServer({
 *   // A function is a method: "get_string".
 *   get_string: (text: string) => `get string:${text}`,
 *   // A nested object is a group: "math.divide". With a signature, calls are checked.
 *   math: {
 *     divide: method(
 *       { params: ["double", "double"], returns: "double", help: "Divides." },
 *       (dividend, divisor) => {
 *         if (divisor === 0) throw new XmlRpcFault(1, "Division by zero");
 *         return dividend / divisor;
 *       },
 *     ),
 *   },
 * }, { docs: true }); // browsers get a page of the methods
 *
 * await using http = Deno.serve({ hostname: "localhost", port: 0 }, server.fetch);
 *
 * const client = createClient<typeof server.methods>(
 *   `http://localhost:${http.addr.port}/`,
 * );
 * assertEquals(await client.methods.get_string("cloud"), "get string:cloud");
 * assertEquals(await client.methods.math.divide(1, 4), 0.25);
 * ```
 *
 * @module
 */

// This module is browser compatible.

export {
  createServer,
  type XmlRpcMethods,
  type XmlRpcServer,
} from "./server/create_server.ts";
export { methodsOf, type XmlRpcMethodsOf } from "./server/methods_of.ts";
export * from "./server/options.ts";
export type { DecodeValueOptions, EncodeOptions } from "./codec/options.ts";
export * from "./core/errors.ts";
export {
  method,
  type XmlRpcCallerParams,
  type XmlRpcContext,
  type XmlRpcHandlerParams,
  type XmlRpcHandlerResult,
  type XmlRpcItemsOf,
  type XmlRpcMethod,
  type XmlRpcMethodResult,
  type XmlRpcMethodSignature,
  type XmlRpcNamedParams,
  type XmlRpcParamInputs,
  type XmlRpcParamValues,
} from "./core/method.ts";
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
