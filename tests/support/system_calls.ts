// Methods of all kinds, and calls of the server's own methods beside them.

import { assertRejects } from "@std/assert";
import { decodeResponse, encodeCall } from "../../codec.ts";
import { XmlRpcFault } from "../../core/errors.ts";
import { optional } from "../../core/types.ts";
import type { XmlRpcValue } from "../../core/value.ts";
import {
  createServer,
  method,
  type XmlRpcServerOptions,
} from "../../server.ts";

/** Methods of all kinds. */
export const METHODS = {
  plain: (value: unknown) => value,
  divide: method(
    {
      params: ["double", optional("double")],
      returns: "double",
      help: "Divides.",
    },
    (x, y = 1) => x / y,
  ),
  rows: method([
    { params: [], returns: [{ id: "int", note: optional("string") }] },
    { params: ["string"], returns: "nil", help: "Of two signatures." },
  ], () => []),
  lonely: method(
    { params: [], returns: "int", batchable: false },
    () => 1,
  ),
  fail(): never {
    throw new Error("secret");
  },
  refuse(): never {
    throw new XmlRpcFault(7, "No");
  },
  unsendable: () => new Map(),
  name: function (
    this: { readonly methodName: string; readonly request: Request },
  ) {
    return [this.methodName, this.request.headers.get("x-user")];
  },
};

/** Calls a method; gives its result, or throws its fault. */
export type Call = (
  methodName: string,
  ...params: unknown[]
) => Promise<XmlRpcValue>;

/** Calls the methods of a server that it makes. */
export function createCaller(
  options: XmlRpcServerOptions = {},
  served: object = METHODS,
): Call {
  const server = createServer(
    served as Record<string, () => unknown>,
    options,
  );
  return async (methodName, ...params) => {
    const response = await server.fetch(
      new Request("http://localhost/", {
        method: "POST",
        headers: { "content-type": "text/xml", "x-user": "ada" },
        body: encodeCall(methodName, params),
      }),
    );
    return decodeResponse(new Uint8Array(await response.arrayBuffer()));
  };
}

/** The code and the message of the fault that a call is answered with. */
export async function catchFault(
  answer: Promise<unknown>,
): Promise<[number, string]> {
  const { code, message } = await assertRejects(() => answer, XmlRpcFault);
  return [code, message];
}

/** Calls {@linkcode METHODS}. */
export const call: Call = createCaller();

/** A fault in the results of a multicall. */
export function fault(faultCode: number, faultString: string): XmlRpcValue {
  return { faultCode, faultString };
}
