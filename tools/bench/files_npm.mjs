// npm's xmlrpc, on Node, as server and client for files.ts.
//
//     node tools/bench/files_npm.mjs FOLDER serve FILE
//     node tools/bench/files_npm.mjs FOLDER putDigest|getDigest FILE URL
//
// The package is installed in the folder. The server prints its port; the client prints
// its result, and waits to be ended.
// deno-lint-ignore-file no-console

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import process from "node:process";

const [folder, command, path, url] = process.argv.slice(2);
const xmlrpc = createRequire(`${folder}/`)("xmlrpc");

function digest(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

function serve() {
  const server = xmlrpc.createServer({ host: "127.0.0.1", port: 0 }, () => {
    console.log(server.httpServer.address().port);
  });
  server.on("putDigest", (_error, [bytes], answer) => {
    answer(null, digest(bytes));
  });
  server.on("get", async (_error, _params, answer) => {
    answer(null, await readFile(path));
  });
}

function call(method, params) {
  const client = xmlrpc.createClient(url);
  return new Promise((resolve, reject) => {
    client.methodCall(method, params, (error, value) => {
      if (error) reject(error);
      else resolve(value);
    });
  });
}

if (command === "serve") {
  serve();
} else {
  const start = performance.now();
  const value = command === "putDigest"
    ? await call("putDigest", [await readFile(path)])
    : digest(await call("get", []));
  const seconds = (performance.now() - start) / 1000;
  console.log(JSON.stringify({ seconds, value }));
  setInterval(() => {}, 60_000);
}
