// Calls a server at a unix socket.

import { type IncomingMessage, request as httpRequest } from "node:http";
import { Readable } from "node:stream";

/**
 * Creates a `fetch` that sends requests to a socket. The host of the URL is not used.
 * (A proxy of `Deno.createHttpClient` would send `POST http://localhost/RPC2`, but
 * supervisord and others accept only `POST /RPC2`.)
 */
export function createSocketFetch(
  socketPath: string,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const body = await request.bytes();
    const { promise, resolve, reject } = Promise.withResolvers<
      IncomingMessage
    >();
    const { pathname, search } = new URL(request.url);
    const sent = httpRequest({
      socketPath,
      path: pathname + search,
      method: request.method,
      headers: Object.fromEntries(request.headers),
      signal: request.signal,
      agent: false,
    }, resolve);
    sent.on("error", reject);
    sent.end(body);
    const response = await promise;
    return new Response(
      Readable.toWeb(response) as ReadableStream<Uint8Array<ArrayBuffer>>,
      {
        status: response.statusCode ?? 200,
        headers: Object.entries(response.headers) as [string, string][],
      },
    );
  };
}
