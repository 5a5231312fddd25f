// A server at a unix socket, like supervisord: only users who may open the file can call it.
//
//     deno run -A examples/unix_server.ts [--path xmlrpc.sock]
// deno-lint-ignore-file no-console

import { createServer } from "@xmlrpc/xmlrpc/server";
import { giveUp, readFlags, untilStopped } from "./_program.ts";

/** The server. */
export const server = createServer({
  get_string: (text: string) => `get string:${text}`,
});

/** Removes the socket of a server that has ended. Gives up if one still listens there. */
async function removeOldSocket(path: string): Promise<void> {
  try {
    using _connection = await Deno.connect({ transport: "unix", path });
    giveUp(`A server listens at ${path} already: choose another --path`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    if ((await Deno.lstat(path)).isSocket) await Deno.remove(path);
  }
}

if (import.meta.main) {
  const { flags } = readFlags("path");
  const path = flags.path ?? "xmlrpc.sock";
  await removeOldSocket(path);
  await untilStopped(server, (signal) =>
    Deno.serve({
      path,
      signal,
      onListen: () => {
        console.log(`Listening at ${path}`);
        console.log(
          `Call it: deno run -A examples/unix_client.ts --path ${path}`,
        );
      },
    }, server.fetch));
}
