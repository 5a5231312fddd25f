// Servers for tests in a browser: one whose calls are counted, and one of strangers.

import { createServer } from "@xmlrpc/xmlrpc/server";
import { serveLibrary } from "../support/browser_modules.ts";

type Fetch = (request: Request) => Response | Promise<Response>;

/** Serves at a free port. */
export function serve(fetch: Fetch): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    fetch,
  );
}

/** What a server did with a request, without what is random: `POST text/plain 415`. */
function describe({ method, headers }: Request, { status }: Response): string {
  const type = headers.get("content-type") ?? "-";
  return `${method} ${type.replace(/boundary=.*/, "boundary=…")} ${status}`;
}

/** A server that strangers would like to call. */
export class Victim implements AsyncDisposable {
  readonly #http: Deno.HttpServer<Deno.NetAddr>;
  /** How often its method was called. */
  calls = 0;
  /** The requests that have come to `/RPC2`, and what was answered. */
  readonly arrivals: string[] = [];
  #arrival = Promise.withResolvers<void>();

  /** `guard` stands before the server, which also has the pages of the library. */
  constructor(guard: (fetch: Fetch) => Fetch = (fetch) => fetch) {
    const server = createServer({ transfer: () => ++this.calls });
    const guarded = guard(server.fetch);
    this.#http = serve(async (request) => {
      if (new URL(request.url).pathname !== "/RPC2") {
        return await serveLibrary(request);
      }
      const response = await guarded(request);
      this.arrivals.push(describe(request, response));
      this.#arrival.resolve();
      return response;
    });
  }

  get port(): number {
    return this.#http.addr.port;
  }

  /** Waits until a number of requests have come. */
  async arrived(count: number): Promise<void> {
    while (this.arrivals.length < count) {
      await this.#arrival.promise;
      this.#arrival = Promise.withResolvers();
    }
  }

  /** Forgets the requests. */
  forget(): void {
    this.arrivals.length = 0;
    this.#arrival = Promise.withResolvers();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http.shutdown();
  }
}

const WORKER = `
  onmessage = async ({ data: { target, xml }, ports }) => {
    const init = { method: "POST", mode: "no-cors", body: xml };
    await fetch(target, init).catch(() => {});
    ports[0].postMessage("done");
  };
`;

/** A page without an origin: what it sends has `Origin: null`. */
const SANDBOX = "sandbox allow-scripts allow-forms";

/** Sends whatever it gets on to where the query says. */
function bounce(url: URL): Response {
  const headers = new Headers({
    "location": url.searchParams.get("to")!,
    "access-control-allow-origin": "*",
    "access-control-allow-headers": "content-type",
  });
  return new Response(null, { status: 307, headers });
}

/** Serves the pages of strangers, with all they need. */
export async function serveStrangers(request: Request): Promise<Response> {
  const url = new URL(request.url);
  const html = { "content-type": "text/html" };
  if (url.pathname === "/page") {
    return new Response("<!DOCTYPE html><body>", { headers: html });
  }
  if (url.pathname === "/sandboxed") {
    return new Response("<!DOCTYPE html><body>", {
      headers: { ...html, "content-security-policy": SANDBOX },
    });
  }
  if (url.pathname === "/worker.js") {
    return new Response(WORKER, {
      headers: { "content-type": "text/javascript" },
    });
  }
  if (url.pathname !== "/bounce") return await serveLibrary(request);
  if (request.method !== "OPTIONS") return bounce(url);
  const { headers } = bounce(url);
  headers.delete("location");
  return new Response(null, { status: 204, headers });
}
