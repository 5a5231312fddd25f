// The client of the tutorial. Start `server.ts` first, or the tutorial's server with threads
// in Python (its simple server does not have `add`).
//
//     deno run -A examples/client.ts [--host localhost] [--port 8888]
// deno-lint-ignore-file no-console

import { createClient } from "@xmlrpc/xmlrpc/client";
import { callAt, readFlags } from "./_program.ts";
import type { server } from "./server.ts";

/** Calls the server at a URL. */
export async function main(url: string): Promise<void> {
  const client = createClient<typeof server.methods>(url);
  console.log(await client.methods.get_string("cloud"));
  console.log(await client.methods.add(8, 8));
}

if (import.meta.main) await callAt(readFlags().address, main);
