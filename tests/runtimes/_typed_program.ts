// A program that a TypeScript compiler must take with the package's types alone: it is
// checked, in a project of its own, and never run.

import {
  createClient,
  createServer,
  method,
  optional,
  type XmlRpcFault,
} from "@xmlrpc/xmlrpc";
import type { XmlRpcClient } from "@xmlrpc/xmlrpc/client";
import { decodeCall, encodeCall } from "@xmlrpc/xmlrpc/codec";
import type { XmlRpcServer } from "@xmlrpc/xmlrpc/server";
import { createThreads, type XmlRpcThreads } from "@xmlrpc/xmlrpc/threads";

const methods = {
  greet: (name: string) => `Hello, ${name}`,
  orders: {
    add: method(
      { params: [[{ sku: "string" }], optional("int")], returns: "i8" },
      (items, count = 1) => items.length * count,
    ),
  },
};
export const server: XmlRpcServer<typeof methods> = createServer(methods);
export const client: XmlRpcClient<typeof methods> = createClient<
  typeof methods
>("http://localhost/", { fetch: server.fetch });

export async function use(): Promise<[string, bigint]> {
  const greeting: string = await client.methods.greet("Ada");
  const id: bigint = await client.call("orders.add", [[{ sku: "a" }], 2]);
  // @ts-expect-error: a name is a string
  await client.methods.greet(5).catch((error) => error as XmlRpcFault);
  // @ts-expect-error: there is no such method
  await client.call("orders.remove", []);
  return [greeting, id];
}

export const { methodName } = decodeCall(encodeCall("greet", ["Ada"]));

interface Heavy {
  square(x: number): number;
}
export const threads: Promise<XmlRpcThreads<Heavy>> = createThreads<Heavy>(
  "file:///heavy.js",
);
