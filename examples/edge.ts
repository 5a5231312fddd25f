// A server to deploy: `deno serve`, Bun, Deno Deploy and Cloudflare Workers all accept its
// default export. It uses no API of a particular runtime.
//
//     deno serve examples/edge.ts
//     deno serve --parallel --port 8888 examples/edge.ts
//     bun examples/edge.ts

import { createServer } from "@xmlrpc/xmlrpc/server";

/** The server. Calls share no state, so any number of instances can run. */
const server = createServer({
  get_string: (text: string) => `get string:${text}`,
  add: (x: number, y: number) => x + y,
});

/** The methods, for clients: `createClient<EdgeMethods>(…)`. */
export type EdgeMethods = typeof server.methods;

export default server;
