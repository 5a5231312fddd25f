// What must hold in every runtime. It uses nothing but the library and web standards;
// what only some runtimes have comes in the context.

import type { Check, Corpus } from "./_check.ts";
import { clientChecks } from "./_client_checks.ts";
import { codecChecks } from "./_codec_checks.ts";
import { serverChecks } from "./_server_checks.ts";
import { streamChecks } from "./_stream_checks.ts";
import { threadChecks } from "./_thread_checks.ts";

/** All checks; those of a browser are without the server on a socket. */
export function checks(corpus: Corpus): readonly Check[] {
  return [
    ...codecChecks(corpus),
    ...serverChecks,
    ...clientChecks,
    ...streamChecks,
    ...threadChecks,
  ];
}
