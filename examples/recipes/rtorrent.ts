// Lists the downloads of rTorrent, with size, progress and speed.
//
//     deno run -A examples/recipes/rtorrent.ts http://localhost:5000/RPC2
//
// rTorrent uses SCGI, at a socket that is set in its configuration:
//
//     network.scgi.open_local = /run/rtorrent/rpc.socket
//
// A web server such as nginx translates HTTP to SCGI:
//
//     server {
//       listen 127.0.0.1:5000;
//       location /RPC2 {
//         include scgi_params;
//         scgi_pass unix:/run/rtorrent/rpc.socket;
//       }
//     }
//
// A caller can run programs, so let nginx require a password.
//
// rTorrent refuses calls longer than 512 KiB, unless `network.xmlrpc.size_limit.set` allows
// more. It refuses characters beyond U+FFFF, such as emoji, in params, but sends them in
// results.
//
// Tested with rTorrent 0.9.8.
// deno-lint-ignore-file no-console camelcase -- the names are rTorrent's

import { createClient, type XmlRpcClient } from "@xmlrpc/xmlrpc/client";
import { runRecipe, withoutControls } from "./_recipe.ts";

/**
 * Some of the 700 methods of rTorrent. The first param is the target: the hash of a
 * download, or "". Integers are sent as `<i8>`, booleans as 1 or 0.
 */
export interface RTorrentMethods {
  readonly system: {
    /** Returns the version. */
    client_version(): string;
    /** Returns its process id. */
    pid(): number;
    /** Returns the names of all methods. */
    listMethods(): string[];
  };
  /** Returns the hashes of the downloads in a view; of all by default. */
  download_list(none: "", view?: string): string[];
  /** Adds downloads by the bytes, the path or the URL of a torrent file. */
  readonly load: {
    /** By bytes, and runs commands for it: `d.custom1.set=films`. */
    raw(none: "", torrent: Uint8Array, ...commands: string[]): number;
    /** By bytes, and starts it. */
    raw_start(none: "", torrent: Uint8Array, ...commands: string[]): number;
    /** By URL. */
    start(none: "", address: string, ...commands: string[]): number;
  };
  /** Methods for a download. */
  readonly d: {
    /**
     * Runs several commands for each download of a view. Returns a row of results for each
     * download. A command is the name of a method and `=`.
     */
    multicall2(
      none: "",
      view: string,
      ...commands: string[]
    ): (string | number)[][];
    /** Returns the name. */
    name(hash: string): string;
    /** Returns the size in bytes. */
    size_bytes(hash: string): number;
    /** Returns whether it is started. */
    state(hash: string): 0 | 1;
    /** Starts it. */
    start(hash: string): number;
    /** Stops it. */
    stop(hash: string): number;
    /** Removes it from the list; the files are kept. */
    erase(hash: string): number;
    /** Returns a custom text of the user; `d.custom1.set` sets it. */
    custom1(hash: string): string;
  };
  /** Sets the custom text. */
  "d.custom1.set"(hash: string, text: string): string;
  /** Returns the maximum download rate in bytes per second; 0 for no limit. */
  "throttle.global_down.max_rate"(none: ""): number;
  /** Sets the maximum download rate. */
  "throttle.global_down.max_rate.set"(none: "", rate: number): number;
}

/** Creates a client of an rTorrent behind a web server. */
export function connect(url: string): XmlRpcClient<RTorrentMethods> {
  return createClient<RTorrentMethods>(url, {
    // rTorrent sends every number as `<i8>`, and all of them are below 2^53.
    i8: "number",
    // File names may contain control characters.
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

/** Reads all downloads with one call. */
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
