// The site on Node: `node tests/runtimes/_node.ts CORPUS`.

import type { AddressInfo } from "node:net";
import process from "node:process";
import { Worker } from "node:worker_threads";
import { serve } from "../../examples/node_server.ts";
import { createSite } from "./_site.ts";

const { default: corpus } = await import(process.argv[2]!);
const site = createSite({
  runtime: "node",
  corpus,
  createWorker: (program) => new Worker(program),
  threadsModule: process.argv[3]!,
});
const listener = serve(site, 0);
listener.once("listening", () => {
  const { port } = listener.address() as AddressInfo;
  process.stdout.write(`Listening on ${port}\n`);
});
