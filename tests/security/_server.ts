// A server of ours on a socket, as tests need it.

import { assert } from "@std/assert";
import { within } from "./_raw.ts";
import {
  createServer,
  type XmlRpcMethods,
  type XmlRpcServer,
  type XmlRpcServerOptions,
} from "../../server.ts";

/** A server on a socket, which must be idle in the end. */
export async function withServer<T extends XmlRpcMethods<T>>(
  methods: T,
  options: XmlRpcServerOptions,
  use: (port: number, server: XmlRpcServer<T>) => Promise<void>,
): Promise<void> {
  const server = createServer(methods, options);
  const aborter = new AbortController();
  const http = Deno.serve(
    {
      hostname: "127.0.0.1",
      port: 0,
      signal: aborter.signal,
      onListen() {},
    },
    server.fetch,
  );
  try {
    await use(http.addr.port, server);
    assert(await server.drain({ timeout: 5_000 }));
    await within(http.shutdown());
  } catch (error) {
    // There may be connections that are still open.
    aborter.abort();
    throw error;
  }
}
