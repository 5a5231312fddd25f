// Copies a text file to a page of a DokuWiki, and shows the versions of the page.
//
//     deno run -A examples/recipes/dokuwiki.ts \
//       http://user:secret@localhost/lib/exe/xmlrpc.php notes:today today.txt
//
// The administrator of the wiki enables the interface, in conf/local.php or on the settings
// page, and sets which users may call it ("" means all who may read):
//
//     $conf['remote'] = 1;
//     $conf['remoteuser'] = '@user';
//
// Release 2022-07-31 ("Igor") sends an empty struct instead of a fault: for an unknown
// method, an unknown page, or a file that it does not accept. {@linkcode rejectEmptyStructs}
// converts them to errors.
//
// Tested with release 2022-07-31b.
// deno-lint-ignore-file no-console

import {
  createClient,
  type XmlRpcClient,
  type XmlRpcClientCall,
} from "@xmlrpc/xmlrpc/client";
import { runRecipe } from "./_recipe.ts";

/** Data of a page. */
export interface PageInfo {
  /** Its name: `notes:today`. */
  readonly name: string;
  /** When it was last changed. */
  readonly lastModified: Date;
  /** The user who changed it. */
  readonly author: string;
  /** The version, in seconds since 1970. */
  readonly version: number;
}

/** A version of a page. */
export interface PageVersion {
  /** The user who changed it. */
  readonly user: string;
  /** The IP address of the user. */
  readonly ip: string;
  /** `C` for created, `E` for edited, `D` for deleted, `e` for a minor edit. */
  readonly type: string;
  /** The comment of the user. */
  readonly sum: string;
  /** When it was changed. */
  readonly modified: Date;
  /** The version, in seconds since 1970. */
  readonly version: number;
}

/** The methods of DokuWiki. */
export interface DokuWikiMethods {
  readonly dokuwiki: {
    /** Returns the release. */
    getVersion(): string;
    /** Returns the server's time, in seconds since 1970. */
    getTime(): number;
    /** Returns the wiki's name. */
    getTitle(): string;
    /** Searches pages. The snippets are HTML. */
    search(
      words: string,
    ): {
      readonly id: string;
      readonly title: string;
      readonly snippet: string;
    }[];
    /** Returns the pages of a namespace; with `{ depth: 0 }` also those of inner namespaces. */
    getPagelist(
      namespace: string,
      options: { readonly depth?: number },
    ): { readonly id: string; readonly rev: number; readonly size: number }[];
    /** Appends text to a page. */
    appendPage(
      page: string,
      text: string,
      options: { readonly sum?: string; readonly minor?: boolean },
    ): boolean;
  };
  readonly wiki: {
    /** Returns the text of a page; "" if there is no page. */
    getPage(page: string): string;
    /** Returns a page as HTML. */
    getPageHTML(page: string): string;
    /** Returns the data of a page. */
    getPageInfo(page: string): PageInfo;
    /** Returns the versions of a page, the newest first. */
    getPageVersions(page: string, offset: number): PageVersion[];
    /** Writes a page; "" deletes it. */
    putPage(
      page: string,
      text: string,
      options: { readonly sum?: string; readonly minor?: boolean },
    ): boolean;
    /** Returns all pages that the user may read. */
    getAllPages(): {
      readonly id: string;
      readonly perms: number;
      readonly size: number;
      readonly lastModified: Date;
    }[];
    /** Stores a file, whose content must match its extension; returns its name. */
    putAttachment(
      name: string,
      bytes: Uint8Array,
      options: { readonly ow?: boolean },
    ): string;
    /** Returns the bytes of a file. */
    getAttachment(name: string): Uint8Array;
    /** Returns the user's permission for a page: 1 read, 2 edit, 4 create, 8 upload, 16 delete. */
    aclCheck(page: string): number;
  };
}

/** Rejects calls whose result is an empty struct, which no method returns on success. */
export async function rejectEmptyStructs(
  call: XmlRpcClientCall,
  next: (call: XmlRpcClientCall) => Promise<unknown>,
): Promise<unknown> {
  const result = await next(call);
  const isEmpty = typeof result === "object" && result !== null &&
    Object.getPrototypeOf(result) === Object.prototype &&
    Object.keys(result).length === 0;
  if (!isEmpty) return result;
  throw new Error(`DokuWiki has refused ${call.methodName} without a reason`);
}

/** Creates a client of a DokuWiki. */
export function connect(url: string): XmlRpcClient<DokuWikiMethods> {
  return createClient<DokuWikiMethods>(url, {
    interceptors: [rejectEmptyStructs],
  });
}

/** Writes a page and shows its versions. */
export async function main(
  url: string,
  page: string,
  file: string,
): Promise<void> {
  const { wiki } = connect(url).methods;
  const text = await Deno.readTextFile(file);
  await wiki.putPage(page, text, { sum: `from ${file}` });
  for (const version of await wiki.getPageVersions(page, 0)) {
    const { modified, user, sum } = version;
    console.log(`${modified.toISOString()} ${user}: ${sum}`);
  }
}

if (import.meta.main) await runRecipe(["URL", "PAGE", "FILE"], main);
