// A folder of files that strangers may name: what a name may be, and what is behind it.

import { join } from "node:path";
import { XmlRpcFault } from "../core/errors.ts";
import { FileBlob, type Measured, saveFile } from "./files.ts";

/** The fault codes of this folder: an application's own are its to choose. */
const BAD_NAME = 400;
const NO_FILE = 404;

/** The longest name that the usual file systems take. */
const MAX_NAME_BYTES = 255;

/** How many files one remembers the SHA-256 of. */
const MAX_REMEMBERED = 1000;

// No separators (":" is one on Windows), no control characters, nothing that a shell
// there would take for more than a name; no dot at the start, which hides files and
// climbs to the folder above; no dot or space at the end, which Windows drops.
// deno-lint-ignore no-control-regex -- they are what is refused
const NAME = /^(?![. ])[^/\\:*?"<>|\x00-\x1f\x7f-\x9f]+(?<![. ])$/;

/** What Windows takes for a device, whatever its extension. */
const DEVICE =
  /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[\d¹²³]) *(?:\.|$)/i;

/** Whether a name is one of a file in a folder, on any system, and nothing else. */
export function isFileName(name: string): boolean {
  const { length } = new TextEncoder().encode(name);
  return length <= MAX_NAME_BYTES && NAME.test(name) && !DEVICE.test(name);
}

/** What there is by a name, itself: where a link leads nobody looks. */
async function look(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The same for the same bytes: whoever writes a file changes it. */
function versionOf({ dev, ino, size, mtime }: Deno.FileInfo): string {
  return `${dev} ${ino} ${size} ${mtime?.getTime()}`;
}

/** The regular files in a folder. What else there is, such as links, it has not. */
export class Folder {
  readonly #path: string;
  /** The SHA-256 of what has gone by, by file and version. */
  readonly #known = new Map<string, string>();

  constructor(path: string) {
    this.#path = path;
  }

  #pathOf(name: string): string {
    if (isFileName(name)) return join(this.#path, name);
    throw new XmlRpcFault(
      BAD_NAME,
      `No name for a file here: ${JSON.stringify(name)}`,
    );
  }

  #remember(version: string, sha256: string): void {
    this.#known.set(version, sha256);
    if (this.#known.size <= MAX_REMEMBERED) return;
    this.#known.delete(this.#known.keys().next().value!);
  }

  async #find(name: string): Promise<Deno.FileInfo> {
    const info = await look(this.#pathOf(name));
    if (info?.isFile) return info;
    throw new XmlRpcFault(NO_FILE, `No file ${JSON.stringify(name)}`);
  }

  /** Whether there is a file by that name. */
  async has(name: string): Promise<boolean> {
    return (await look(this.#pathOf(name)))?.isFile ?? false;
  }

  /** Stores a file; one that was there by that name is no more. */
  async save(
    name: string,
    bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
  ): Promise<Measured> {
    const measured = await saveFile(this.#pathOf(name), bytes);
    const info = await this.#find(name);
    if (info.size === measured.size) {
      this.#remember(versionOf(info), measured.sha256);
    }
    return measured;
  }

  /** A file, to be read. */
  async open(name: string): Promise<Blob> {
    const info = await this.#find(name);
    return new FileBlob(
      this.#pathOf(name),
      info.size,
      ({ sha256 }) => this.#remember(versionOf(info), sha256),
    );
  }

  /** The size and the SHA-256 of a file, which is read only if it has not gone by. */
  async measure(name: string): Promise<Measured> {
    const info = await this.#find(name);
    const version = versionOf(info);
    if (!this.#known.has(version)) {
      for await (const _ of (await this.open(name)).stream());
    }
    return { size: info.size, sha256: this.#known.get(version)! };
  }

  /** What files there are. */
  async *list(): AsyncGenerator<{ name: string; size: number }, void, void> {
    for await (const { name, isFile } of Deno.readDir(this.#path)) {
      if (!isFile || !isFileName(name)) continue;
      const info = await look(join(this.#path, name));
      // It may be gone since.
      if (info?.isFile) yield { name, size: info.size };
    }
  }
}
