// One of several identical processes behind nginx: see README.md in this folder.
//
//     deno run -A examples/scale/server.ts [--host localhost] [--port 8001] [--journal FILE]
// deno-lint-ignore-file no-console

import { encodeCall } from "@xmlrpc/xmlrpc/codec";
import { createServer } from "@xmlrpc/xmlrpc/server";
import { readFlags, serveUntilStopped } from "../_program.ts";

/** The methods of the server. State that outlives a call is kept outside the process. */
export interface ScaleMethods {
  /** Returns the sum. It can be called twice without harm. */
  add(x: number, y: number): number;
  /** Records an order. Calling it twice would order twice. */
  order(id: number): Promise<number>;
  /** Returns the number of the process. */
  process(): number;
}

if (import.meta.main) {
  const { address, flags } = readFlags("journal");
  const server = createServer<ScaleMethods>({
    add: (x, y) => x + y,
    async order(id) {
      if (flags.journal !== undefined) {
        await Deno.writeTextFile(flags.journal, `${id}\n`, { append: true });
      }
      return id;
    },
    process: () => Deno.pid,
  }, {
    onError: (error, { methodName }) => console.error(methodName, error),
  });

  /** Whether this process accepts calls: not during shutdown, nor with too many calls. */
  const isHealthy = async ({ url }: Request): Promise<boolean> => {
    const response = await server.fetch(
      new Request(url, {
        method: "POST",
        headers: { "content-type": "text/xml" },
        body: encodeCall("system.getCapabilities", []),
      }),
    );
    return response.ok;
  };

  /** Answers health checks; every other request is a call. */
  const route = async (request: Request): Promise<Response> => {
    if (new URL(request.url).pathname !== "/health") {
      return await server.fetch(request);
    }
    return await isHealthy(request)
      ? new Response("ok\n")
      : new Response("no calls now\n", { status: 503 });
  };

  await serveUntilStopped(
    address,
    server,
    (url) => console.log(`Listening at ${url}`),
    route,
  );
}
