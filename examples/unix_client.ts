// A client of a server at a unix socket. Start `unix_server.ts` first, or call another
// server with a socket, such as supervisord.
//
//     deno run -A examples/unix_client.ts [--path xmlrpc.sock]
// deno-lint-ignore-file no-console

import { createClient } from "@xmlrpc/xmlrpc/client";
import { readFlags } from "./_program.ts";
import { createSocketFetch } from "./_socket.ts";
import type { server } from "./unix_server.ts";

/** Calls the server at a socket. */
export async function main(path: string): Promise<void> {
  // The host of the URL is not used, but its path is (supervisord's is /RPC2).
  const client = createClient<typeof server.methods>("http://localhost/RPC2", {
    fetch: createSocketFetch(path),
  });
  console.log(await client.methods.get_string("cloud"));
}

if (import.meta.main) await main(readFlags("path").flags.path ?? "xmlrpc.sock");
