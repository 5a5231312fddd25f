// Times the decoder of npm's xmlrpc, on Node: a line in, the milliseconds of one decoding out.
//
//     node tools/bench/npm_decode.mjs FOLDER FILE
//
// The package is installed in the folder.
// deno-lint-ignore-file no-console

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import process from "node:process";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";

const [folder, path] = process.argv.slice(2);
const Deserializer = createRequire(`${folder}/`)("xmlrpc/lib/deserializer");
const document = await readFile(path);

function decode() {
  return new Promise((resolve, reject) => {
    new Deserializer("utf-8").deserializeMethodResponse(
      Readable.from([document]),
      (error, value) => error ? reject(error) : resolve(value),
    );
  });
}

for await (const _ of createInterface({ input: process.stdin })) {
  const start = performance.now();
  await decode();
  console.log(performance.now() - start);
}
