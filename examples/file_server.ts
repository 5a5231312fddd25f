// The third server of the tutorial: it stores a picture and sends it back. It also stores
// and sends files of any size by name; they are streamed and never held in memory.
//
//     deno run -A examples/file_server.ts [--host localhost] [--port 8888] [--folder FOLDER]
//
// Uploads are stored in the folder, or without --folder in a new temporary folder.
// deno-lint-ignore-file no-console

import { createServer, method, type XmlRpcServer } from "@xmlrpc/xmlrpc/server";
import { readFlags, serveUntilStopped } from "./_program.ts";
import { FileBlob } from "./_files.ts";
import { Folder } from "./_folder.ts";

const PICTURE = "picture.png";

async function openOwnPicture(): Promise<Blob> {
  return await FileBlob.open(new URL(PICTURE, import.meta.url));
}

function createMethods(folder: Folder) {
  return {
    image_put: method({
      params: ["base64"],
      returns: "nil",
      stream: true,
      help: "Stores a picture.",
    }, async (picture) => {
      await folder.save(PICTURE, picture);
    }),
    image_get: method(
      {
        params: [],
        returns: "base64",
        help: "Sends the picture that was stored, or a default picture.",
      },
      async () =>
        await folder.has(PICTURE)
          ? await folder.open(PICTURE)
          : await openOwnPicture(),
    ),
    file_put: method({
      params: ["string", "base64"],
      returns: { size: "i8", sha256: "string" },
      stream: true,
      help: "Stores a file. Returns the size and SHA-256 of what was received.",
    }, (name, bytes) => folder.save(name, bytes)),
    file_get: method({
      params: ["string"],
      returns: "base64",
      help: "Sends the file of this name.",
    }, (name) => folder.open(name)),
    file_info: method({
      params: ["string"],
      returns: { size: "i8", sha256: "string" },
      help: "Returns the size and SHA-256 of the file of this name.",
    }, (name) => folder.measure(name)),
    file_list: method({
      params: [],
      returns: [{ name: "string", size: "i8" }],
      help: "Lists the files.",
    }, () => folder.list()),
  };
}

/** The methods of a file server. */
export type FileMethods = ReturnType<typeof createMethods>;

/** Creates a server that stores its files in a folder. */
export function createFileServer(path: string): XmlRpcServer<FileMethods> {
  return createServer(createMethods(new Folder(path)), {
    onError: (error, { methodName }) => console.error(methodName, error),
  });
}

if (import.meta.main) {
  const { address, flags } = readFlags("folder");
  const folder = flags.folder ?? await Deno.makeTempDir({ prefix: "xmlrpc-" });
  await Deno.mkdir(folder, { recursive: true });
  // An upload that is cut off removes its temporary file before the program ends.
  await serveUntilStopped(address, createFileServer(folder), (url) => {
    console.log("Listening for Client");
    console.log(`At ${url}; files are stored in ${folder}`);
    const { hostname, port } = new URL(url);
    console.log(
      `Call it: deno run -A examples/file_client.ts --host ${hostname} --port ${port}`,
    );
  });
}
