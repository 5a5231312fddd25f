// The site on Bun: `bun tests/runtimes/_bun.ts CORPUS MODULE`.
// deno-lint-ignore-file no-console

import process from "node:process";
import { Worker } from "node:worker_threads";
import { createSite } from "./_site.ts";

declare const Bun: {
  serve(options: {
    readonly hostname: string;
    readonly port: number;
    readonly fetch: (request: Request) => Promise<Response>;
  }): { readonly port: number };
};

const { default: corpus } = await import(process.argv[2]!);
const { port } = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: createSite({
    runtime: "bun",
    corpus,
    createWorker: (program) => new Worker(program),
    threadsModule: process.argv[3]!,
  }),
});
console.log(`Listening on ${port}`);
