// Lists the downloads of rTorrent: how large they are, how far, how fast.
//
//     deno run -A examples/recipes/rtorrent.ts http://localhost:5000/RPC2
//
// rTorrent speaks SCGI, at a socket that its configuration names:
//
//     network.scgi.open_local = /run/rtorrent/rpc.socket
//
// A web server makes HTTP of it, such as nginx:
//
//     server {
//       listen 127.0.0.1:5000;
//       location /RPC2 {
//         include scgi_params;
//         scgi_pass unix:/run/rtorrent/rpc.socket;
//       }
//     }
//
// Who can call it can run programs: ask for a password there, too.
//
// Calls longer than 512 KiB are refused, unless `network.xmlrpc.size_limit.set` allows
// more; so are characters beyond U+FFFF, such as emoji, in params. Results have them.
//
// Tested with rTorrent 0.9.8.
// deno-lint-ignore-file no-console camelcase -- the wire has names of its own

import { createClient, type XmlRpcClient } from "@xmlrpc/xmlrpc/client";
import { runRecipe, withoutControls } from "./_recipe.ts";

/**
 * The methods of rTorrent, some of its 700. The first param says what a method is about:
 * a download by its hash, or "" for none. Whole numbers come as `<i8>`; truth is 1 or 0.
 */
export interface RTorrentMethods {
  readonly system: {
    /** The version. */
    client_version(): string;
    /** Its process. */
    pid(): number;
    /** The names of all methods. */
    listMethods(): string[];
  };
  /** The hashes of the downloads in a view; all by default. */
  download_list(none: "", view?: string): string[];
  /** Adds downloads, by the bytes of a torrent file, or by its path or address. */
  readonly load: {
    /** By bytes; the commands are run with it: `d.custom1.set=films`. */
    raw(none: "", torrent: Uint8Array, ...commands: string[]): number;
    /** By bytes, and starts it. */
    raw_start(none: "", torrent: Uint8Array, ...commands: string[]): number;
    /** By an address. */
    start(none: "", address: string, ...commands: string[]): number;
  };
  /** One download. */
  readonly d: {
    /**
     * Several commands for each download of a view: a row for each download, with what
     * each command gives. A command is a method's name and `=`.
     */
    multicall2(
      none: "",
      view: string,
      ...commands: string[]
    ): (string | number)[][];
    /** The name. */
    name(hash: string): string;
    /** How many bytes it has. */
    size_bytes(hash: string): number;
    /** Whether it is started. */
    state(hash: string): 0 | 1;
    /** Starts it. */
    start(hash: string): number;
    /** Stops it. */
    stop(hash: string): number;
    /** Forgets it; the files stay. */
    erase(hash: string): number;
    /** A text of the user's own; `d.custom1.set` is a method by that name. */
    custom1(hash: string): string;
  };
  /** Sets that text. */
  "d.custom1.set"(hash: string, text: string): string;
  /** The most bytes a second that are received; 0 for any. */
  "throttle.global_down.max_rate"(none: ""): number;
  /** Sets it. */
  "throttle.global_down.max_rate.set"(none: "", rate: number): number;
}

/** A client of an rTorrent behind HTTP. */
export function connect(url: string): XmlRpcClient<RTorrentMethods> {
  return createClient<RTorrentMethods>(url, {
    // It sends `<i8>` for every number, and all of them are below 2^53.
    i8: "number",
    // Names of files may have control characters.
    fetch: withoutControls(),
  });
}

/** A download. */
export interface Download {
  readonly hash: string;
  readonly name: string;
  readonly size: number;
  readonly done: number;
  readonly rate: number;
}

const COMMANDS = [
  "d.hash=",
  "d.name=",
  "d.size_bytes=",
  "d.completed_bytes=",
  "d.down.rate=",
];

/** All downloads, by one call. */
export async function downloads(
  client: XmlRpcClient<RTorrentMethods>,
): Promise<Download[]> {
  const rows = await client.methods.d.multicall2("", "main", ...COMMANDS);
  return rows.map(([hash, name, size, done, rate]) => ({
    hash: String(hash),
    name: String(name),
    size: Number(size),
    done: Number(done),
    rate: Number(rate),
  }));
}

/** Lists the downloads. */
export async function main(url: string): Promise<void> {
  for (const { name, size, done, rate } of await downloads(connect(url))) {
    const percent = size === 0 ? 0 : Math.floor(100 * done / size);
    console.log(`${percent} %  ${size} bytes  ${rate} bytes/s  ${name}`);
  }
}

if (import.meta.main) await runRecipe(["URL"], main);
