// A server with TLS. To try it, create your own certificate authority and a certificate:
//
//     openssl req -x509 -newkey rsa:2048 -nodes -subj "/CN=Try" -keyout ca.key -out ca.crt
//     openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" -keyout tls.key -out tls.csr
//     echo "subjectAltName=DNS:localhost,IP:127.0.0.1" > tls.ext
//     openssl x509 -req -in tls.csr -CA ca.crt -CAkey ca.key -extfile tls.ext -out tls.crt
//     deno run -A examples/tls_server.ts --cert tls.crt --key tls.key [--host …] [--port …]
//
// For a certificate of a well-known authority, a client needs no options. For your own
// authority see `callTrusting()`.
// deno-lint-ignore-file no-console

import { createClient } from "@xmlrpc/xmlrpc/client";
import { createServer } from "@xmlrpc/xmlrpc/server";
import { giveUp, readFlags, untilStopped } from "./_program.ts";

const server = createServer({
  get_string: (text: string) => `get string:${text}`,
});

/** Calls a server whose certificate was issued by a private authority. */
export async function callTrusting(
  authority: string,
  url: string,
): Promise<string> {
  using trusting = Deno.createHttpClient({ caCerts: [authority] });
  const client = createClient<typeof server.methods>(url, {
    fetch: (request) => fetch(request, { client: trusting }),
  });
  return await client.methods.get_string("cloud");
}

if (import.meta.main) {
  const { address, flags } = readFlags("cert", "key");
  if (flags.cert === undefined || flags.key === undefined) {
    giveUp("The flags --cert FILE and --key FILE are required");
  }
  const [cert, key] = [
    await Deno.readTextFile(flags.cert),
    await Deno.readTextFile(flags.key),
  ];
  await untilStopped(server, (signal) =>
    Deno.serve({
      ...address,
      cert,
      key,
      signal,
      onListen: ({ port }) =>
        console.log(`Listening at https://${address.hostname}:${port}/`),
    }, server.fetch));
}
