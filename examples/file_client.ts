// The file client of the tutorial: uploads a picture, downloads it, and compares the two. It
// also transfers files of any size from disk to disk. Start `file_server.ts` first. (The
// tutorial's server in Python always sends its own picture, so there the two differ.)
//
//     deno run -A examples/file_client.ts [--picture FILE]
//     deno run -A examples/file_client.ts put FILE [--name NAME]
//     deno run -A examples/file_client.ts get NAME [FILE]
//     deno run -A examples/file_client.ts list
//
// Each with [--host localhost] [--port 8888].
// deno-lint-ignore-file no-console

import { basename } from "node:path";
import {
  createClient,
  type XmlRpcClient,
  type XmlRpcClientOptions,
} from "@xmlrpc/xmlrpc/client";
import { callAt, createStopSignal, giveUp, readCommand } from "./_program.ts";
import { FileBlob, measure, type Measured, saveFile } from "./_files.ts";
import { isFileName } from "./_folder.ts";
import { ProgressLine } from "./_progress.ts";
import type { FileMethods } from "./file_server.ts";

type Client = XmlRpcClient<FileMethods>;

/** Opens a file. `sent` gives its size and SHA-256 after it has been sent. */
async function openFile(
  path: string | URL,
): Promise<{ blob: Blob; sent: () => Measured }> {
  // Opening a pipe would wait for its other end.
  if (!(await Deno.stat(path)).isFile) {
    throw new Deno.errors.NotFound(`Not a file: ${path}`);
  }
  let sent: Measured | undefined;
  const blob = await FileBlob.open(path, (measured) => sent = measured);
  return { blob, sent: () => sent! };
}

function report(done: string, { size, sha256 }: Measured): void {
  console.log(`${done.padEnd(10)} ${size} bytes  SHA-256 ${sha256}`);
}

/** Throws if the SHA-256 of the two sides differ. */
function compare(ours: Measured, theirs: { readonly sha256: string }): void {
  if (ours.sha256 === theirs.sha256) return;
  throw new Error(
    `The file has changed on its way: SHA-256 ${ours.sha256} here, ${theirs.sha256} there`,
  );
}

async function put(
  client: Client,
  path: string,
  name: string,
): Promise<Measured> {
  const { blob, sent } = await openFile(path);
  using line = new ProgressLine(name);
  const stored = await client.call("file_put", [name, blob], {
    onProgress: line.show,
  });
  compare(sent(), stored);
  return sent();
}

async function get(
  client: Client,
  name: string,
  path: string,
): Promise<Measured> {
  using line = new ProgressLine(name);
  const bytes = await client.stream("file_get", [name], {
    onProgress: line.show,
  });
  return await saveFile(path, bytes, async (received) => {
    compare(received, await client.call("file_info", [name]));
  });
}

async function list(client: Client): Promise<void> {
  for await (const { name, size } of client.items("file_list")) {
    console.log(`${String(size).padStart(14)}  ${name}`);
  }
}

/** Uploads a picture and downloads it. Gives whether the two are the same. */
export async function main(
  url: string,
  picture: string | URL = new URL("picture.png", import.meta.url),
  options: XmlRpcClientOptions = {},
): Promise<boolean> {
  const client = createClient<FileMethods>(url, options);
  const { blob, sent } = await openFile(picture);
  await client.methods.image_put(blob);
  report("uploaded", sent());
  let received: Measured | undefined;
  const bytes = await client.stream("image_get");
  for await (const _ of measure(bytes, (measured) => received = measured));
  report("downloaded", received!);
  return sent().sha256 === received!.sha256;
}

/** Finds the command that the arguments name; undefined if they are wrong. */
function findCommand(
  [command, ...words]: readonly string[],
  name: string | undefined,
): ((client: Client) => Promise<void>) | undefined {
  const [from, to = from] = words;
  if (command === "list" && words.length === 0) return list;
  if (from === undefined || words.length > 2) return undefined;
  switch (command) {
    case "put":
      if (words.length > 1) return undefined;
      return async (client) =>
        report("uploaded", await put(client, from, name ?? basename(from)));
    case "get":
      if (words.length === 1 && !isFileName(from)) return undefined;
      return async (client) =>
        report("downloaded", await get(client, from, to!));
    default:
      return undefined;
  }
}

const USAGE =
  "Commands: put FILE [--name NAME], get NAME [FILE], list, or none to exchange pictures";

if (import.meta.main) {
  const { address, flags, words } = readCommand("name", "picture");
  const options = { signal: createStopSignal() };
  if (words.length > 0) {
    const run = findCommand(words, flags.name) ?? giveUp(USAGE);
    await callAt(
      address,
      (url) => run(createClient<FileMethods>(url, options)),
    );
  } else {
    const isSame = await callAt(
      address,
      (url) => main(url, flags.picture, options),
    );
    if (!isSame) giveUp("The picture has changed on its way");
  }
}
