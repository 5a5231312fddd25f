// A server that accepts calls from web pages of one other origin (CORS).
//
//     deno run -A examples/cors.ts [--host localhost] [--port 8888] [--origin https://app.example]
// deno-lint-ignore-file no-console

import { createServer } from "@xmlrpc/xmlrpc/server";
import { readFlags, serveUntilStopped } from "./_program.ts";

type Fetch = (request: Request) => Promise<Response>;

/**
 * Accepts requests from pages of one origin. Requests without an `Origin` come from
 * programs and are accepted, too: CORS does not replace authorization.
 */
export function allowOrigin(origin: string, fetch: Fetch): Fetch {
  return async (request) => {
    const from = request.headers.get("origin");
    if (from !== null && from !== origin) {
      return new Response(null, { status: 403, headers: { vary: "origin" } });
    }
    // A browser sends a preflight request before it posts XML.
    const response = request.method === "OPTIONS"
      ? new Response(null, {
        status: 204,
        headers: {
          "access-control-allow-methods": "POST",
          "access-control-allow-headers": "content-type, authorization",
          "access-control-max-age": "86400",
        },
      })
      : await fetch(request);
    response.headers.set("access-control-allow-origin", origin);
    response.headers.append("vary", "origin");
    return response;
  };
}

if (import.meta.main) {
  const { address, flags } = readFlags("origin");
  const origin = flags.origin ?? "http://localhost:3000";
  const server = createServer({
    get_string: (text: string) => `get string:${text}`,
  });
  await serveUntilStopped(address, server, (url) => {
    console.log(`Listening at ${url} for pages of ${origin}`);
    console.log(
      `Call it: fetch("${url}", { method: "POST", headers: { "content-type": "text/xml" }, body: "…" })`,
    );
  }, allowOrigin(origin, server.fetch));
}
