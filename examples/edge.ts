// The file one deploys: its default export is what `deno serve`, Bun, Deno Deploy and
// Cloudflare's workerd take. It touches nothing of any runtime.
//
//     deno serve examples/edge.ts
//     deno serve --parallel --port 8888 examples/edge.ts
//     bun examples/edge.ts

import { createServer } from "@xmlrpc/xmlrpc/server";

/** The server; calls share nothing, so that any number of them can run anywhere. */
const server = createServer({
  get_string: (text: string) => `get string:${text}`,
  add: (x: number, y: number) => x + y,
});

/** What the methods are, for clients: `createClient<EdgeMethods>(…)`. */
export type EdgeMethods = typeof server.methods;

export default server;
