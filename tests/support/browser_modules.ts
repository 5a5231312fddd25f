// The library's modules as browsers load them: nothing is bundled, only the types go.

import { stripTypeScriptTypes } from "node:module";

const ROOT = new URL("../../", import.meta.url);

const INDEX = `<!DOCTYPE html>
<title>XML-RPC</title>
<script type="module">
  import * as client from "/client.ts";
  import * as codec from "/codec.ts";
  globalThis.xmlrpc = { ...client, ...codec };
</script>
`;

/** What pages find at `globalThis.xmlrpc`. */
export type XmlRpcGlobal =
  & typeof import("../../client.ts")
  & typeof import("../../codec.ts");

/** Answers with a page at `/` that has loaded the library, and with its modules. */
export async function serveLibrary(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === "/") {
    return new Response(INDEX, { headers: { "content-type": "text/html" } });
  }
  if (!/^(\/\w+)+\.ts$/.test(pathname)) {
    return new Response(null, { status: 404 });
  }
  const source = await Deno.readTextFile(new URL(`.${pathname}`, ROOT));
  return new Response(stripTypeScriptTypes(source), {
    headers: { "content-type": "text/javascript" },
  });
}
