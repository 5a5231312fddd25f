// The site on Deno: `deno run tests/runtimes/_deno.ts CORPUS MODULE`.
// deno-lint-ignore-file no-console

import { Worker } from "node:worker_threads";
import { createSite } from "./_site.ts";

const { default: corpus } = await import(Deno.args[0]!);
Deno.serve(
  {
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }) => console.log(`Listening on ${port}`),
  },
  createSite({
    runtime: "deno",
    corpus,
    createWorker: (program) => new Worker(program),
    threadsModule: Deno.args[1]!,
  }),
);
