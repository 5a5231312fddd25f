// Our server, to be attacked: it prints its port.
//
//     deno run -A [--v8-flags=--expose-gc] tests/security/victim.ts
// deno-lint-ignore-file no-console

import { createServer, method, methodsOf } from "@xmlrpc/xmlrpc/server";
import { bytesOf, digest } from "./_bytes.ts";
import { SECRET } from "./_secret.ts";

/** Has something to be reached for. */
class Application {
  readonly vault = { open: (): string => SECRET };

  echo(value: unknown): unknown {
    return value;
  }

  add(x: number, y: number): number {
    return x + y;
  }

  fail(): never {
    throw new Error(`The password is ${SECRET}`);
  }
}

/** What the victim serves. */
export const server = createServer({
  ...methodsOf(new Application()),
  half: method(
    { params: ["double"], returns: "double" },
    (number) => number / 2,
  ),
  upload: method(
    { params: ["base64"], returns: "string", stream: true },
    digest,
  ),
  download: method(
    { params: ["int", "int"], returns: "base64" },
    (seed, length) => ReadableStream.from(bytesOf(seed, length)),
  ),
  rows: method(
    { params: ["int"], returns: [{ id: "int" }] },
    async function* (count) {
      for (let id = 0; id < count; id++) yield { id };
    },
  ),
  /** What the program holds, in bytes, once all that can go has gone. */
  memory(): { heap: number; external: number } {
    const { gc } = globalThis as { gc?: () => void };
    gc?.();
    const { heapUsed, external } = Deno.memoryUsage();
    return { heap: heapUsed, external };
  },
});

if (import.meta.main) {
  Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }) => console.log(port),
  }, server.fetch);
}
