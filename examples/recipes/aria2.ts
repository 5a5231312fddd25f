// Has aria2 download a file, and shows how far it has come.
//
//     aria2c --enable-rpc --rpc-secret=s3cret
//     deno run -A examples/recipes/aria2.ts http://localhost:6800/rpc s3cret https://example.org/file
//
// All numbers come as text: `"completedLength"` is `"300000"`. A version of aria2 that is
// built without XML-RPC answers 404; Debian's has it.
//
// Tested with aria2 1.36.0.
// deno-lint-ignore-file no-console

import {
  createClient,
  type XmlRpcClient,
  type XmlRpcClientInterceptor,
} from "@xmlrpc/xmlrpc/client";
import { runRecipe } from "./_recipe.ts";

/** What becomes of a download. */
export type DownloadState =
  | "active"
  | "waiting"
  | "paused"
  | "error"
  | "complete"
  | "removed";

/** A download. Numbers are text; keys that were not asked for are not there. */
export interface Download {
  /** What the download is called from now on: 16 hexadecimal digits. */
  readonly gid: string;
  /** What becomes of it. */
  readonly status: DownloadState;
  /** How many bytes it has; 0 as long as that is not known. */
  readonly totalLength: string;
  /** How many of them are there. */
  readonly completedLength: string;
  /** Bytes a second. */
  readonly downloadSpeed: string;
  /** Why it has failed, or "". */
  readonly errorMessage: string;
  /** Its files. */
  readonly files: {
    readonly path: string;
    readonly length: string;
    readonly completedLength: string;
  }[];
  /** What is known of a torrent. */
  readonly bittorrent?: { readonly info?: { readonly name: string } };
}

/** Options, as on aria2's command line: `{ "max-download-limit": "1M", pause: "true" }`. */
export type Aria2Options = Readonly<Record<string, string>>;

/** The methods of aria2, without the token: {@linkcode token} adds it. */
export interface Aria2Methods {
  readonly aria2: {
    /** Downloads a file, which all of the addresses have; gives its gid. */
    addUri(uris: string[], options?: Aria2Options, position?: number): string;
    /** Downloads what a torrent file names; gives its gid. */
    addTorrent(
      torrent: Uint8Array,
      uris?: string[],
      options?: Aria2Options,
      position?: number,
    ): string;
    /** How a download is doing; the keys that are named, or all. */
    tellStatus(gid: string, keys?: (keyof Download)[]): Download;
    /** The downloads that run. */
    tellActive(keys?: (keyof Download)[]): Download[];
    /** Some of those that wait or pause. */
    tellWaiting(
      offset: number,
      count: number,
      keys?: (keyof Download)[],
    ): Download[];
    /** Some of those that have ended. */
    tellStopped(
      offset: number,
      count: number,
      keys?: (keyof Download)[],
    ): Download[];
    /** Holds a download; gives its gid. */
    pause(gid: string): string;
    /** Goes on with it. */
    unpause(gid: string): string;
    /** Ends a download. */
    remove(gid: string): string;
    /** Forgets a download that has ended. */
    removeDownloadResult(gid: string): "OK";
    /** The options of a download. */
    getOption(gid: string): Aria2Options;
    /** Changes options for all downloads. */
    changeGlobalOption(options: Aria2Options): "OK";
    /** How much is going on. */
    getGlobalStat(): {
      readonly downloadSpeed: string;
      readonly uploadSpeed: string;
      readonly numActive: string;
      readonly numWaiting: string;
      readonly numStopped: string;
    };
    /** The version, and what it can do. */
    getVersion(): {
      readonly version: string;
      readonly enabledFeatures: string[];
    };
    /** Ends aria2. */
    shutdown(): "OK";
  };
  readonly system: {
    /** The names of all methods; this one wants no token. */
    listMethods(): string[];
  };
}

/** Sends aria2's token before the params of each call, those in a multicall too. */
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

/** A client of an aria2. */
export function connect(
  url: string,
  secret: string,
): XmlRpcClient<Aria2Methods> {
  return createClient<Aria2Methods>(url, { interceptors: [token(secret)] });
}

const POLL_MS = 250;

/** Downloads a file and shows how far it has come. */
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
