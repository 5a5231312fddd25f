// The site as a Worker, in workerd: all its modules are listed in a configuration that the
// runner writes.

import { createSite } from "./_site.ts";

// Made by the runner, so that no checker can find it.
const made = "./corpus.mjs";
const { default: corpus } = await import(made);

export default {
  fetch: createSite({ runtime: "workerd", corpus, threadsModule: "" }),
};
