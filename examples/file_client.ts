// The tutorial's file client: uploads a picture, downloads it, and compares. Start
// `file_server.ts` first. (The tutorial's own in Python gives another picture than it
// was given: there the two are not the same.)
//
//     deno run -A examples/file_client.ts [--host localhost] [--port 8888] [--picture FILE]
// deno-lint-ignore-file no-console

import { encodeHex } from "@std/encoding/hex";
import { createClient } from "@xmlrpc/xmlrpc/client";
import { callAt, giveUp, readFlags } from "./_address.ts";
import type { FileMethods } from "./file_server.ts";

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return encodeHex(await crypto.subtle.digest("SHA-256", bytes));
}

/** Sends a picture to the server at a URL and back; whether it is still the same. */
export async function main(
  url: string,
  picture: string | URL = new URL("picture.png", import.meta.url),
): Promise<boolean> {
  const client = createClient<FileMethods>(url);
  const sent = await Deno.readFile(picture);
  await client.methods.image_put(sent);
  const received = await client.methods.image_get();
  const [before, after] = [await sha256(sent), await sha256(received)];
  console.log(`uploaded   ${sent.length} bytes  SHA-256 ${before}`);
  console.log(`downloaded ${received.length} bytes  SHA-256 ${after}`);
  return before === after;
}

if (import.meta.main) {
  const { address, flags } = readFlags("picture");
  const isSame = await callAt(address, (url) => main(url, flags.picture));
  if (!isSame) giveUp("The picture has changed on its way");
}
