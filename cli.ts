/**
 * The command line: calls XML-RPC servers, describes their methods, and serves methods.
 *
 * ```sh
 * deno run -A jsr:@xmlrpc/xmlrpc/cli call http://localhost:8888/ get_string cloud
 * deno run -A jsr:@xmlrpc/xmlrpc/cli --help
 * ```
 *
 * For Deno only; the library itself runs everywhere.
 *
 * @module
 */

import { main } from "./cli/main.ts";

export { main };

if (import.meta.main) Deno.exit(await main(Deno.args));
