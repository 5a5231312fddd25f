// A folder of files whose names come from the network, and the check of these names.

import { XmlRpcFault } from "@xmlrpc/xmlrpc/server";
import { join } from "node:path";
import { FileBlob, type Measured, saveFile } from "./_files.ts";

/** Fault codes of this example. An application chooses its own. */
const BAD_NAME = 400;
const NO_FILE = 404;

/** The longest file name that common file systems accept. */
const MAX_NAME_BYTES = 255;

/** How often a file is opened anew if it is replaced at that moment. */
const MAX_TRIES = 100;

/** How many SHA-256 values a folder remembers. */
const MAX_REMEMBERED = 1000;

// No path separators (":" is one on Windows), no control characters and no wildcards. No
// dot at the start, since it hides a file or leads to the folder above. No dot or space at
// the end, since Windows removes it.
// deno-lint-ignore no-control-regex -- it excludes them
const NAME = /^(?![. ])[^/\\:*?"<>|\x00-\x1f\x7f-\x9f]+(?<![. ])$/;

/** Device names on Windows, with any extension. */
const DEVICE =
  /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[\d¹²³]) *(?:\.|$)/i;

/** Whether a text is a plain file name on every system: no path and no device. */
export function isFileName(name: string): boolean {
  const { length } = new TextEncoder().encode(name);
  return length <= MAX_NAME_BYTES && NAME.test(name) && !DEVICE.test(name);
}

/** Reads what stands at a path. A symbolic link is not followed. */
async function readInfo(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Builds a key that changes whenever the file is written. */
function toVersion({ dev, ino, size, mtime }: Deno.FileInfo): string {
  return `${dev} ${ino} ${size} ${mtime?.getTime()}`;
}

/**
 * Opens a regular file. Its name may mean another file a moment later: what is opened must
 * be what was looked at, so that no link is followed.
 */
async function openRegular(
  path: string,
  onEnd: (measured: Measured, blob: FileBlob) => void,
): Promise<FileBlob | undefined> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const info = await readInfo(path);
    if (!info?.isFile) return undefined;
    let blob: FileBlob;
    try {
      blob = await FileBlob.open(path, (measured) => onEnd(measured, blob));
    } catch (error) {
      // It has been removed in the meantime.
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
    if (blob.info.dev === info.dev && blob.info.ino === info.ino) return blob;
    blob.close();
  }
  throw new Error("The file is replaced too often");
}

/** The regular files in a folder. Links and other entries are ignored. */
export class Folder {
  readonly #path: string;
  /** The SHA-256 of files that have been read or stored, by version. */
  readonly #known = new Map<string, string>();

  constructor(path: string) {
    this.#path = path;
  }

  #toPath(name: string): string {
    if (isFileName(name)) return join(this.#path, name);
    throw new XmlRpcFault(
      BAD_NAME,
      `Not a file name: ${JSON.stringify(name)}`,
    );
  }

  #remember(version: string, sha256: string): void {
    this.#known.set(version, sha256);
    if (this.#known.size <= MAX_REMEMBERED) return;
    this.#known.delete(this.#known.keys().next().value!);
  }

  /** Whether there is a file of this name. */
  async has(name: string): Promise<boolean> {
    return (await readInfo(this.#toPath(name)))?.isFile ?? false;
  }

  /** Stores a file. It replaces an older one of the same name. */
  async save(
    name: string,
    bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
  ): Promise<Measured> {
    return await saveFile(
      this.#toPath(name),
      bytes,
      ({ sha256 }, info) => this.#remember(toVersion(info), sha256),
    );
  }

  async #open(
    name: string,
    onEnd: (measured: Measured) => void,
  ): Promise<FileBlob> {
    const blob = await openRegular(this.#toPath(name), (measured, { info }) => {
      this.#remember(toVersion(info), measured.sha256);
      onEnd(measured);
    });
    if (blob !== undefined) return blob;
    throw new XmlRpcFault(NO_FILE, `No file ${JSON.stringify(name)}`);
  }

  /** Opens a file for reading. */
  async open(name: string): Promise<Blob> {
    return await this.#open(name, () => {});
  }

  /** Gives the size and SHA-256 of a file. Reads the file only if the SHA-256 is unknown. */
  async measure(name: string): Promise<Measured> {
    let measured: Measured | undefined;
    const blob = await this.#open(name, (result) => measured = result);
    const sha256 = this.#known.get(toVersion(blob.info));
    if (sha256 !== undefined) {
      blob.close();
      return { size: blob.size, sha256 };
    }
    for await (const _ of blob.stream());
    return measured!;
  }

  /** Lists the files. */
  async *list(): AsyncGenerator<{ name: string; size: number }, void, void> {
    for await (const { name, isFile } of Deno.readDir(this.#path)) {
      if (!isFile || !isFileName(name)) continue;
      const info = await readInfo(join(this.#path, name));
      // The file may have been removed in the meantime.
      if (info?.isFile) yield { name, size: info.size };
    }
  }
}
