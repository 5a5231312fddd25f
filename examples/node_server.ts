// Serves a `fetch` handler on Node: `serve(server.fetch, 8888)`. Copy it into your project.
// Node runs it without a build from version 22.18 on.

import { createServer, type Server } from "node:http";
import { pipeline } from "node:stream";
type Fetch = (request: Request) => Promise<Response>;

/** Serves a `fetch` handler on a port of this machine. */
export function serve(fetch: Fetch, port: number): Server {
  return createServer((incoming, outgoing) => {
    async function* answer(): AsyncGenerator<Uint8Array> {
      const gone = new AbortController();
      outgoing.once("close", () => gone.abort());
      const { method, headers, url } = incoming;
      // A handler that stops reading must not cut off a caller that is still sending.
      const chunks = incoming.iterator({ destroyOnReturn: false });
      const body = method === "POST" ? chunks : null;
      const init: object = { method, headers, body, duplex: "half" };
      const request = new Request(`http://${headers.host}${url}`, init);
      const response = await fetch(new Request(request, gone));
      outgoing.writeHead(response.status, [...response.headers].flat());
      yield* response.body ?? [];
    }
    // The rest of the request, after the response, is read and discarded.
    pipeline(answer, outgoing, () => incoming.on("data", () => {}));
  }).listen(port, "127.0.0.1");
}
