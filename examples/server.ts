// The first two servers of the tutorial: `get_string`, and `add` while other calls run.
//
//     deno run -A examples/server.ts [--host localhost] [--port 8888]
// deno-lint-ignore-file no-console

import { createServer } from "@xmlrpc/xmlrpc/server";
import { readFlags, serveUntilStopped } from "./_program.ts";

/** The server. The names of its functions are the names of its methods. */
export const server = createServer({
  get_string: (text: string) => `get string:${text}`,
  add: (x: number, y: number) => x + y,
}, {
  // Called with errors that are hidden from the caller.
  onError: (error, { methodName }) => console.error(methodName, error),
});

if (import.meta.main) {
  await serveUntilStopped(readFlags().address, server, (url) => {
    console.log("Listening for Client");
    console.log(
      `Call it: python3 -c "from xmlrpc.client import ServerProxy; print(ServerProxy('${url}').get_string('cloud'))"`,
    );
  });
}
