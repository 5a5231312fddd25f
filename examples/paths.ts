// Several servers on one port, each at its own path, and other routes.
//
//     deno run -A examples/paths.ts [--host localhost] [--port 8888]
// deno-lint-ignore-file no-console

import { createServer, type XmlRpcDrainOptions } from "@xmlrpc/xmlrpc/server";
import { readFlags, serveUntilStopped } from "./_program.ts";

type Route = (request: Request) => Response | Promise<Response>;

const texts = createServer({
  get_string: (text: string) => `get string:${text}`,
});
const numbers = createServer({ add: (x: number, y: number) => x + y });

// The `fetch` of a server is a route like any other, in every framework.
const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ["/texts", texts.fetch],
  ["/numbers", numbers.fetch],
  ["/", () => new Response("Servers: /texts /numbers\n")],
]);

/** Answers by path. The two servers do not share methods. */
export async function route(request: Request): Promise<Response> {
  const answer = ROUTES.get(new URL(request.url).pathname);
  return await answer?.(request) ??
    new Response("Not found\n", { status: 404 });
}

/** Waits until the calls of both servers have finished. */
async function drain(options?: XmlRpcDrainOptions): Promise<boolean> {
  const ends = [texts, numbers].map((server) => server.drain(options));
  return (await Promise.all(ends)).every((isIdle) => isIdle);
}

if (import.meta.main) {
  await serveUntilStopped(
    readFlags().address,
    { fetch: route, drain },
    (url) => {
      console.log(`Listening at ${url}texts and ${url}numbers`);
      console.log(`Call it: curl ${url}`);
    },
  );
}
