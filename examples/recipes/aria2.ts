// Downloads a file with aria2, and shows the progress.
//
//     aria2c --enable-rpc --rpc-secret=s3cret
//     deno run -A examples/recipes/aria2.ts http://localhost:6800/rpc s3cret https://example.org/file
//
// aria2 sends all numbers as strings: `"completedLength"` is `"300000"`. A build of aria2
// without XML-RPC answers 404; Debian's build has XML-RPC.
//
// Tested with aria2 1.36.0.
// deno-lint-ignore-file no-console

import {
  createClient,
  type XmlRpcClient,
  type XmlRpcClientInterceptor,
} from "@xmlrpc/xmlrpc/client";
import { runRecipe } from "./_recipe.ts";

/** The state of a download. */
export type DownloadState =
  | "active"
  | "waiting"
  | "paused"
  | "error"
  | "complete"
  | "removed";

/** A download. Numbers are strings; only the requested keys are present. */
export interface Download {
  /** The id of the download: 16 hexadecimal digits. */
  readonly gid: string;
  /** Its state. */
  readonly status: DownloadState;
  /** Its size in bytes; 0 while that is unknown. */
  readonly totalLength: string;
  /** How many bytes have been downloaded. */
  readonly completedLength: string;
  /** Bytes per second. */
  readonly downloadSpeed: string;
  /** Why it failed, or "". */
  readonly errorMessage: string;
  /** Its files. */
  readonly files: {
    readonly path: string;
    readonly length: string;
    readonly completedLength: string;
  }[];
  /** Data of a torrent. */
  readonly bittorrent?: { readonly info?: { readonly name: string } };
}

/** Options, as on aria2's command line: `{ "max-download-limit": "1M", pause: "true" }`. */
export type Aria2Options = Readonly<Record<string, string>>;

/** The methods of aria2, without the token, which {@linkcode token} adds. */
export interface Aria2Methods {
  readonly aria2: {
    /** Downloads a file from any of the URLs; returns its gid. */
    addUri(uris: string[], options?: Aria2Options, position?: number): string;
    /** Downloads the contents of a torrent file; returns its gid. */
    addTorrent(
      torrent: Uint8Array,
      uris?: string[],
      options?: Aria2Options,
      position?: number,
    ): string;
    /** Returns the state of a download: the named keys, or all. */
    tellStatus(gid: string, keys?: (keyof Download)[]): Download;
    /** Returns the active downloads. */
    tellActive(keys?: (keyof Download)[]): Download[];
    /** Returns some of the waiting or paused downloads. */
    tellWaiting(
      offset: number,
      count: number,
      keys?: (keyof Download)[],
    ): Download[];
    /** Returns some of the downloads that have ended. */
    tellStopped(
      offset: number,
      count: number,
      keys?: (keyof Download)[],
    ): Download[];
    /** Pauses a download; returns its gid. */
    pause(gid: string): string;
    /** Resumes a download. */
    unpause(gid: string): string;
    /** Removes a download. */
    remove(gid: string): string;
    /** Removes a download that has ended from the list. */
    removeDownloadResult(gid: string): "OK";
    /** Returns the options of a download. */
    getOption(gid: string): Aria2Options;
    /** Changes options for all downloads. */
    changeGlobalOption(options: Aria2Options): "OK";
    /** Returns the total speed and the numbers of downloads. */
    getGlobalStat(): {
      readonly downloadSpeed: string;
      readonly uploadSpeed: string;
      readonly numActive: string;
      readonly numWaiting: string;
      readonly numStopped: string;
    };
    /** Returns the version and its features. */
    getVersion(): {
      readonly version: string;
      readonly enabledFeatures: string[];
    };
    /** Stops aria2. */
    shutdown(): "OK";
  };
  readonly system: {
    /** Returns the names of all methods; it needs no token. */
    listMethods(): string[];
  };
}

/** Adds aria2's token before the params of each call, also within a multicall. */
export function token(secret: string): XmlRpcClientInterceptor {
  const word = `token:${secret}`;
  return (call, next) => {
    const { methodName, params } = call;
    if (methodName === "system.multicall") {
      const calls = params[0] as { methodName: string; params: unknown[] }[];
      const entries = calls.map((entry) => ({
        ...entry,
        params: [word, ...entry.params],
      }));
      return next({ ...call, params: [entries] });
    }
    return next(
      methodName === "system.listMethods"
        ? call
        : { ...call, params: [word, ...params] },
    );
  };
}

/** Creates a client of aria2. */
export function connect(
  url: string,
  secret: string,
): XmlRpcClient<Aria2Methods> {
  return createClient<Aria2Methods>(url, { interceptors: [token(secret)] });
}

const POLL_MS = 250;

/** Downloads a file and shows the progress. */
export async function main(
  url: string,
  secret: string,
  address: string,
): Promise<void> {
  const { aria2 } = connect(url, secret).methods;
  const gid = await aria2.addUri([address]);
  for (;;) {
    const download = await aria2.tellStatus(gid);
    const { status, completedLength, totalLength, errorMessage } = download;
    console.log(`${status}: ${completedLength} of ${totalLength} bytes`);
    if (status === "complete") return console.log(download.files[0]?.path);
    if (status === "error") throw new Error(errorMessage);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

if (import.meta.main) await runRecipe(["URL", "SECRET", "ADDRESS"], main);
