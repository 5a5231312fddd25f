// Measures how much memory the values of a document take, for each byte of it: what a
// limit in bytes means.
//
//     deno run -A tests/security/memory.ts
//
// Prints, for each kind of value, how many times 16 MiB of it take on the heap, and how
// much the process has grown by.
// deno-lint-ignore-file no-console

import { createCallDecoder } from "../../codec.ts";

const MIB = 2 ** 20;
/** As long as a request may be. */
const BYTES = 16 * MIB;

const HEAD =
  "<methodCall><methodName>m</methodName><params><param><value><array><data>";

/** What a document is full of, whose items differ where they say so. */
const KINDS: Readonly<Record<string, (index: number) => string>> = {
  "integers": () => "<value><int>1</int></value>",
  "dates": () =>
    "<value><dateTime.iso8601>20240101T00:00:00</dateTime.iso8601></value>",
  "structs, all with the same member": () =>
    "<value><struct><member><name>a</name><value/></member></struct></value>",
  "empty strings": () => "<value/>",
  "empty arrays": () => "<value><array/></value>",
  "strings of two letters": (index) =>
    `<value>${String.fromCharCode(97 + index % 26)}b</value>`,
  "empty structs": () => "<value><struct/></value>",
  "arrays of one": () => "<value><array><data><value/></data></array></value>",
  "structs, each with a member of its own": (index) =>
    `<value><struct><member><name>${
      index.toString(36)
    }</name><value/></member></struct></value>`,
  "base64 of one byte": () => "<value><base64>AA==</base64></value>",
  "empty base64": () => "<value><base64/></value>",
};

function used(): Deno.MemoryUsage {
  const { gc } = globalThis as unknown as { readonly gc: () => void };
  gc();
  gc();
  return Deno.memoryUsage();
}

/** A document's values, which are all in memory. */
function decode(item: (index: number) => string): unknown {
  const decoder = createCallDecoder();
  const encoder = new TextEncoder();
  decoder.push(encoder.encode(HEAD));
  let bytes = HEAD.length;
  for (let index = 0; bytes < BYTES;) {
    let chunk = "";
    while (chunk.length < 65_536) chunk += item(index++);
    bytes += chunk.length;
    decoder.push(encoder.encode(chunk));
  }
  decoder.push(
    encoder.encode("</data></array></value></param></params></methodCall>"),
  );
  return decoder.end();
}

/** How many times its bytes a document's values take: on the heap, and in all. */
function measure(
  item: (index: number) => string,
): { readonly heap: number; readonly resident: number } {
  const before = used();
  const values = decode(item);
  const after = used();
  if (values === undefined) throw new Error("There is no call");
  return {
    heap: (after.heapUsed - before.heapUsed) / BYTES,
    resident: (after.rss - before.rss) / BYTES,
  };
}

const [only] = Deno.args;
if (only === undefined) {
  for (const kind of Object.keys(KINDS)) {
    // Each in a process of its own: memory that is freed is not given back.
    await new Deno.Command(Deno.execPath(), {
      args: ["run", "--v8-flags=--expose-gc", import.meta.filename!, kind],
      stdout: "inherit",
    }).output();
  }
} else {
  const { heap, resident } = measure(KINDS[only]!);
  console.log(
    `${only.padEnd(40)} ${heap.toFixed(1)} on the heap, ${
      resident.toFixed(1)
    } in all`,
  );
}
