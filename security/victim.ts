// Our server, to be attacked: it prints its port.
//
//     deno run -A [--v8-flags=--expose-gc] security/victim.ts
// deno-lint-ignore-file no-console

import { createServer, method, methodsOf } from "@xmlrpc/xmlrpc/server";
import { SECRET } from "./_secret.ts";

/** The bytes that `download` gives: everyone can tell what is at which place. */
export function byteAt(seed: number, at: number): number {
  return (seed + at * 31 + (at >>> 8) * 7) & 255;
}

/** Bytes that everyone can tell, in chunks. */
export async function* bytesOf(
  seed: number,
  length: number,
  chunkBytes = 16_384,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  for (let start = 0; start < length; start += chunkBytes) {
    const size = Math.min(chunkBytes, length - start);
    yield Uint8Array.from(
      { length: size },
      (_, at) => byteAt(seed, start + at),
    );
  }
}

async function digest(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  let size = 0;
  let sum = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    for (const byte of chunk) sum = (Math.imul(sum, 31) + byte) >>> 0;
  }
  return `${size} ${sum}`;
}

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
