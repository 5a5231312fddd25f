// Runs the three servers and their clients in one process.
//
//     deno run -A examples/demo.ts
// deno-lint-ignore-file no-console

import { serve } from "./_program.ts";
import { main as callServer } from "./client.ts";
import { main as callFileServer } from "./file_client.ts";
import { createFileServer } from "./file_server.ts";
import { server } from "./server.ts";
import { main as callThreadedServer } from "./threaded_client.ts";
import { createThreadedServer, startThreads } from "./threaded_server.ts";

/** Serves on a free port, calls the server, and stops it. */
async function demonstrate(
  fetch: (request: Request) => Promise<Response>,
  call: (url: string) => Promise<unknown>,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<string>();
  await using _server = serve(
    { hostname: "localhost", port: 0 },
    fetch,
    resolve,
  );
  const url = await promise;
  console.log(`\nA server at ${url}`);
  await call(url);
}

const folder = await Deno.makeTempDir({ prefix: "xmlrpc-" });
try {
  await demonstrate(server.fetch, callServer);
  await using threads = await startThreads();
  await demonstrate(createThreadedServer(threads).fetch, callThreadedServer);
  await demonstrate(createFileServer(folder).fetch, callFileServer);
} finally {
  await Deno.remove(folder, { recursive: true });
}
