// What serves a `fetch` handler on Node, to be copied: `serve(server.fetch, 8888)`.
// Node runs it as it is, from version 22.18 on.

import { createServer, type Server } from "node:http";
import { promises, Readable } from "node:stream";
type Fetch = (request: Request) => Promise<Response>;

/** Serves a `fetch` handler at a port of this machine. */
export function serve(fetch: Fetch, port: number): Server {
  return createServer(async (incoming, outgoing) => {
    const gone = new AbortController();
    outgoing.once("close", () => gone.abort());
    const { method, headers, url } = incoming;
    const body = method === "POST" ? Readable.toWeb(incoming) : null;
    const init: object = { method, headers, body, duplex: "half" };
    try {
      const request = new Request(`http://${headers.host}${url}`, init);
      const response = await fetch(new Request(request, gone));
      outgoing.writeHead(response.status, [...response.headers].flat());
      await promises.pipeline(response.body ?? [], outgoing);
    } catch {
      outgoing.destroy(); // a URL that is none, or a caller who has gone
    }
  }).listen(port, "127.0.0.1");
}
