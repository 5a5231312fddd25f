// Copies a file of text into a page of a DokuWiki, and shows what has changed there.
//
//     deno run -A examples/recipes/dokuwiki.ts \
//       http://user:secret@localhost/lib/exe/xmlrpc.php notes:today today.txt
//
// The wiki's administrator switches the interface on, in conf/local.php or on the page
// of settings, and says who may call it ("" is everybody who may read):
//
//     $conf['remote'] = 1;
//     $conf['remoteuser'] = '@user';
//
// Release 2022-07-31 ("Igor") answers what ought to be a fault with an empty struct:
// `{}` for a method it does not have, for a page it does not have, for a file it does not
// take. {@linkcode refusing} makes errors of them.
//
// Tested with release 2022-07-31b.
// deno-lint-ignore-file no-console

import {
  createClient,
  type XmlRpcClient,
  type XmlRpcClientCall,
} from "@xmlrpc/xmlrpc/client";
import { runRecipe } from "./_recipe.ts";

/** What is known of a page. */
export interface PageInfo {
  /** Its name: `notes:today`. */
  readonly name: string;
  /** When it was changed last. */
  readonly lastModified: Date;
  /** Who has changed it. */
  readonly author: string;
  /** The version: seconds since 1970. */
  readonly version: number;
}

/** What has become of a page at some time. */
export interface PageVersion {
  /** Who has changed it. */
  readonly user: string;
  /** From where. */
  readonly ip: string;
  /** `C` for created, `E` for edited, `D` for deleted, `e` for a minor edit. */
  readonly type: string;
  /** What they said of it. */
  readonly sum: string;
  /** When. */
  readonly modified: Date;
  /** The version: seconds since 1970. */
  readonly version: number;
}

/** The methods of a DokuWiki. */
export interface DokuWikiMethods {
  readonly dokuwiki: {
    /** The release. */
    getVersion(): string;
    /** What time it is there: seconds since 1970. */
    getTime(): number;
    /** The wiki's name. */
    getTitle(): string;
    /** Pages with words in them. The snippets are HTML. */
    search(
      words: string,
    ): {
      readonly id: string;
      readonly title: string;
      readonly snippet: string;
    }[];
    /** Pages below a namespace; `{ depth: 0 }` for all below those. */
    getPagelist(
      namespace: string,
      options: { readonly depth?: number },
    ): { readonly id: string; readonly rev: number; readonly size: number }[];
    /** Adds text to the end of a page. */
    appendPage(
      page: string,
      text: string,
      options: { readonly sum?: string; readonly minor?: boolean },
    ): boolean;
  };
  readonly wiki: {
    /** The text of a page; "" if there is none. */
    getPage(page: string): string;
    /** A page as HTML. */
    getPageHTML(page: string): string;
    /** What is known of a page. */
    getPageInfo(page: string): PageInfo;
    /** The versions of a page, the newest first. */
    getPageVersions(page: string, offset: number): PageVersion[];
    /** Writes a page; with "" it is deleted. */
    putPage(
      page: string,
      text: string,
      options: { readonly sum?: string; readonly minor?: boolean },
    ): boolean;
    /** All pages that the user may read. */
    getAllPages(): {
      readonly id: string;
      readonly perms: number;
      readonly size: number;
      readonly lastModified: Date;
    }[];
    /** Stores a file, which must be what its name says; gives its name. */
    putAttachment(
      name: string,
      bytes: Uint8Array,
      options: { readonly ow?: boolean },
    ): string;
    /** The bytes of a file. */
    getAttachment(name: string): Uint8Array;
    /** What the user may do with a page: 1 read, 2 edit, 4 create, 8 upload, 16 delete. */
    aclCheck(page: string): number;
  };
}

/** Rejects calls that are answered with an empty struct: no method gives one. */
export async function refusing(
  call: XmlRpcClientCall,
  next: (call: XmlRpcClientCall) => Promise<unknown>,
): Promise<unknown> {
  const result = await next(call);
  const isEmpty = typeof result === "object" && result !== null &&
    Object.getPrototypeOf(result) === Object.prototype &&
    Object.keys(result).length === 0;
  if (!isEmpty) return result;
  throw new Error(`DokuWiki has refused ${call.methodName}, and not said why`);
}

/** A client of a DokuWiki. */
export function connect(url: string): XmlRpcClient<DokuWikiMethods> {
  return createClient<DokuWikiMethods>(url, { interceptors: [refusing] });
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
