// Calls servers at unix sockets.

import { type IncomingMessage, request as httpRequest } from "node:http";
import { Readable } from "node:stream";

/**
 * A `fetch` that sends requests to a socket; the URL's host goes nowhere. (Deno's own
 * way, a proxy of `Deno.createHttpClient`, asks for `http://localhost/RPC2` where
 * supervisord and others take but `/RPC2`.)
 */
export function fetchAt(
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
    const answer = await promise;
    return new Response(
      Readable.toWeb(answer) as ReadableStream<Uint8Array<ArrayBuffer>>,
      {
        status: answer.statusCode ?? 200,
        headers: Object.entries(answer.headers) as [string, string][],
      },
    );
  };
}
