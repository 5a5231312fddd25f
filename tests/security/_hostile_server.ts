// Clients of hostile servers.

import {
  createClient,
  type XmlRpcAnyMethods,
  type XmlRpcClient,
  type XmlRpcClientOptions,
} from "../../client.ts";
import { encodeResponse } from "../../codec.ts";

/** A mebibyte. */
export const MIB = 2 ** 20;

/** The headers of a document. */
export const XML = { "content-type": "text/xml" };

/** The headers of a body in chunks. */
export const CHUNKED = { "transfer-encoding": "chunked" };

/** A document with the value "value". */
export const VALUE = new TextDecoder().decode(encodeResponse("value"));

/** The start of a document, up to its value. */
export const OPEN = "<methodResponse><params><param><value>";

/** What is sent beyond a limit may stand in the buffers of both ends. */
export const BUFFERS = 16 * MIB;

/** Long enough for anything that is not to be late. */
export const PATIENT: XmlRpcClientOptions = {
  timeout: 30_000,
  maxResponseBytes: MIB,
};

/** For calls that time out. */
export const IMPATIENT: XmlRpcClientOptions = { timeout: 500 };

/** The header with the length of a body. */
export function lengthOf(text: string): { readonly "content-length": number } {
  return { "content-length": text.length };
}

/** A client of a server that answers like this. */
export function clientOf(
  respond: (request: Request) => Response | Promise<Response>,
  options: XmlRpcClientOptions = {},
): XmlRpcClient<XmlRpcAnyMethods> {
  return createClient("http://localhost/RPC2", {
    ...PATIENT,
    ...options,
    // Async, so that whatever it throws is a rejection.
    // deno-lint-ignore require-await
    fetch: async (request) => respond(request),
  });
}

/** A response with a document. */
export function xml(document: BodyInit): Response {
  return new Response(document, { headers: XML });
}

/** A document with a fault of these members. */
export function fault(members: string): string {
  return `<methodResponse><fault><value><struct>${members}</struct></value></fault></methodResponse>`;
}

/** A member of a struct. */
export function member(name: string, value: string): string {
  return `<member><name>${name}</name><value>${value}</value></member>`;
}
