// npm's xmlrpc on Node, to be attacked: as it comes. It prints its port.
//
//     node tests/security/victim.mjs FOLDER
//
// The package is installed in the folder.
// deno-lint-ignore-file no-console

import { createRequire } from "node:module";
import process from "node:process";

const [folder] = process.argv.slice(2);
const { createServer } = createRequire(`${folder}/`)("xmlrpc");

const server = createServer({ host: "127.0.0.1", port: 0 }, () => {
  console.log(server.httpServer.address().port);
});
server.on("echo", (_error, [value], answer) => answer(null, value));
server.on("add", (_error, [x, y], answer) => answer(null, x + y));
server.on("fail", () => {
  throw new Error("The password is hunter2");
});
