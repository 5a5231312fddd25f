// One of several equal processes behind nginx: see README.md in this folder.
//
//     deno run -A examples/scale/server.ts [--host localhost] [--port 8001] [--journal FILE]
// deno-lint-ignore-file no-console

import { encodeCall } from "@xmlrpc/xmlrpc/codec";
import { createServer } from "@xmlrpc/xmlrpc/server";
import { readFlags, serveUntilStopped } from "../_address.ts";

/** What the server can do. Whatever outlives a call lies outside of the process. */
export interface ScaleMethods {
  /** The sum. To call it twice does no harm. */
  add(x: number, y: number): number;
  /** Takes an order down. To call it twice would order twice. */
  order(id: number): Promise<number>;
  /** Which process has answered. */
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

  /** Whether this process takes calls: not so while it ends, or has too many. */
  const isWell = async ({ url }: Request): Promise<boolean> => {
    const response = await server.fetch(
      new Request(url, {
        method: "POST",
        headers: { "content-type": "text/xml" },
        body: encodeCall("system.getCapabilities", []),
      }),
    );
    return response.ok;
  };

  /** Tells who asks how this process is; all else is a call. */
  const answer = async (request: Request): Promise<Response> => {
    if (new URL(request.url).pathname !== "/health") {
      return await server.fetch(request);
    }
    return await isWell(request)
      ? new Response("ok\n")
      : new Response("no calls now\n", { status: 503 });
  };

  await serveUntilStopped(
    address,
    server,
    (url) => console.log(`Listening at ${url}`),
    answer,
  );
}
