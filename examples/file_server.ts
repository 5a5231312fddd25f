// The tutorial's third server: a picture comes in, and goes out again.
//
//     deno run -A examples/file_server.ts [--host localhost] [--port 8888] [--folder FOLDER]
//
// What is uploaded is stored in the folder; without one, in a new temporary folder.
// deno-lint-ignore-file no-console camelcase -- the wire has names of its own

import { createServer, type XmlRpcServer } from "@xmlrpc/xmlrpc/server";
import { readFlags, serve } from "./_address.ts";

/** The methods of a file server. */
export interface FileMethods {
  /** Stores a picture. Gives nothing back, which goes out as nil. */
  image_put(picture: Uint8Array<ArrayBuffer>): Promise<void>;
  /** The picture that was stored; before that, one of our own. */
  image_get(): Promise<Uint8Array<ArrayBuffer>>;
}

/** Makes a server that stores its picture in a folder. */
export function createFileServer(folder: string): XmlRpcServer<FileMethods> {
  const stored = `${folder}/picture.png`;
  const own = new URL("picture.png", import.meta.url);

  async function readPicture(): Promise<Uint8Array<ArrayBuffer>> {
    try {
      return await Deno.readFile(stored);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) {
        return await Deno.readFile(own);
      }
      throw error;
    }
  }

  return createServer<FileMethods>({
    image_put: (picture) => Deno.writeFile(stored, picture),
    image_get: readPicture,
  }, {
    onError: (error, { methodName }) => console.error(methodName, error),
  });
}

if (import.meta.main) {
  const { address, flags } = readFlags("folder");
  const folder = flags.folder ?? await Deno.makeTempDir({ prefix: "xmlrpc-" });
  await Deno.mkdir(folder, { recursive: true });
  serve(address, createFileServer(folder).fetch, (url) => {
    console.log("Listening for Client");
    console.log(`At ${url}; pictures are stored in ${folder}`);
    console.log("Call it: deno run -A examples/file_client.ts");
  });
}
