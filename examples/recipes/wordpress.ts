// Uploads a picture to a WordPress, and drafts a post that shows it.
//
//     deno run -A examples/recipes/wordpress.ts https://example.org/xmlrpc.php \
//       user 'an application password' picture.png
//
// Every WordPress has the interface switched on, though hosts and plugins that mean to
// protect it often answer in its stead: with a web page, which the error tells. Make an
// application password on the user's profile page rather than send the user's own.
//
// Ids come as text. A method that checks the password in a multicall checks it but once:
// after one that is wrong, all others in the same request are refused.
//
// Tested with WordPress 6.1.9.
// deno-lint-ignore-file no-console camelcase -- the wire has names of its own

import { createClient, type XmlRpcClient } from "@xmlrpc/xmlrpc/client";
import { basename } from "node:path";
import { runRecipe } from "./_recipe.ts";

/** What becomes of a post. */
export type PostStatus =
  | "draft"
  | "publish"
  | "pending"
  | "private"
  | "future"
  | "trash";

/** A post as it is written; what is left out has WordPress's own value. */
export interface NewPost {
  readonly post_title?: string;
  /** HTML. */
  readonly post_content?: string;
  /** `draft`, if left out. */
  readonly post_status?: PostStatus;
  /** When it is published, in UTC. */
  readonly post_date_gmt?: Date;
  /** The id of a picture that stands for it. */
  readonly post_thumbnail?: number;
  /** Names of categories (`category`) and tags (`post_tag`). */
  readonly terms_names?: Readonly<Record<string, string[]>>;
}

/** A post as it is read; fields that were not asked for are not there. */
export interface Post {
  readonly post_id: string;
  readonly post_title: string;
  readonly post_content: string;
  readonly post_status: PostStatus;
  /** When it was published, in UTC; null if it has no date. */
  readonly post_date_gmt: Date | null;
  /** When it was changed last, in UTC; null if it has no date. */
  readonly post_modified_gmt: Date | null;
  /** Its address. */
  readonly link: string;
}

/** A file that has been stored. */
export interface UploadedFile {
  readonly id: string;
  /** The name, which may be another one than was asked for. */
  readonly file: string;
  /** Its address. */
  readonly url: string;
  readonly type: string;
}

/** The methods of WordPress, those that posts need. The blog is 1, if there is but one. */
export interface WordPressMethods {
  readonly wp: {
    /** The user's blogs: also a way to try the password. */
    getUsersBlogs(user: string, password: string): {
      readonly blogid: string;
      readonly blogName: string;
      readonly url: string;
      readonly xmlrpc: string;
      readonly isAdmin: boolean;
    }[];
    /** The newest posts; the fields that are named, or most of them. */
    getPosts(
      blog: number,
      user: string,
      password: string,
      filter?: {
        readonly number?: number;
        readonly offset?: number;
        readonly post_status?: PostStatus;
      },
      fields?: (keyof Post)[],
    ): Post[];
    /** One post. */
    getPost(
      blog: number,
      user: string,
      password: string,
      post: string,
      fields?: (keyof Post)[],
    ): Post;
    /** Writes a post; gives its id. */
    newPost(
      blog: number,
      user: string,
      password: string,
      post: NewPost,
    ): string;
    /** Changes what is given of a post. */
    editPost(
      blog: number,
      user: string,
      password: string,
      post: string,
      change: NewPost,
    ): boolean;
    /** Puts a post into the trash; one that is there is gone. */
    deletePost(
      blog: number,
      user: string,
      password: string,
      post: string,
    ): boolean;
    /** Stores a file. */
    uploadFile(
      blog: number,
      user: string,
      password: string,
      file: {
        readonly name: string;
        readonly type: string;
        readonly bits: Uint8Array;
        readonly overwrite?: boolean;
      },
    ): UploadedFile;
  };
}

/** A date as WordPress sends it; null for the zeros of one that is not set. */
export function readDate(text: string): Date | null {
  if (text.startsWith("0000")) return null;
  const [, year, month, day, time] =
    /^(\d{4})-?(\d\d)-?(\d\d)T(\d\d:\d\d:\d\d)/.exec(text) ?? [];
  return new Date(`${year}-${month}-${day}T${time}Z`);
}

/** A client of a WordPress. */
export function connect(url: string): XmlRpcClient<WordPressMethods> {
  return createClient<WordPressMethods>(url, { dateTime: readDate });
}

const TYPES: Readonly<Record<string, string>> = {
  gif: "image/gif",
  jpg: "image/jpeg",
  png: "image/png",
};

/** Drafts a post that shows a picture. */
export async function main(
  url: string,
  user: string,
  password: string,
  path: string,
): Promise<void> {
  const client = connect(url);
  const name = basename(path);
  const type = TYPES[name.split(".").at(-1)!] ?? "application/octet-stream";
  // A Blob is sent while it is read: it may be a large one.
  const bits = new Blob([await Deno.readFile(path)]);
  const file = await client.call("wp.uploadFile", [
    ...[1, user, password] as const,
    { name, type, bits },
  ]);
  const post = await client.methods.wp.newPost(1, user, password, {
    post_title: name,
    post_content: `<img src="${file.url}" alt="">`,
    post_thumbnail: Number(file.id),
  });
  console.log(`Post ${post} shows ${file.url}`);
}

if (import.meta.main) {
  await runRecipe(["URL", "USER", "PASSWORD", "PICTURE"], main);
}
