// Uploads a picture to WordPress, and drafts a post that shows it.
//
//     deno run -A examples/recipes/wordpress.ts https://example.org/xmlrpc.php \
//       user 'an application password' picture.png
//
// The interface is enabled in every WordPress, but some hosts and plugins block it and send
// a web page instead; the error says so. Create an application password on the profile page
// of the user, instead of sending the user's own password.
//
// Ids are strings. In a multicall, WordPress checks the password only once: after a wrong
// one, it refuses all other calls in the same request.
//
// Tested with WordPress 6.1.9.
// deno-lint-ignore-file no-console camelcase -- the names are WordPress's

import { createClient, type XmlRpcClient } from "@xmlrpc/xmlrpc/client";
import { basename } from "node:path";
import { runRecipe } from "./_recipe.ts";

/** The state of a post. */
export type PostStatus =
  | "draft"
  | "publish"
  | "pending"
  | "private"
  | "future"
  | "trash";

/** A post to write. Fields that are left out get the default of WordPress. */
export interface NewPost {
  readonly post_title?: string;
  /** HTML. */
  readonly post_content?: string;
  /** The default is `draft`. */
  readonly post_status?: PostStatus;
  /** When it is published, in UTC. */
  readonly post_date_gmt?: Date;
  /** The id of its featured picture. */
  readonly post_thumbnail?: number;
  /** Names of categories (`category`) and tags (`post_tag`). */
  readonly terms_names?: Readonly<Record<string, string[]>>;
}

/** A post that was read. Only the requested fields are present. */
export interface Post {
  readonly post_id: string;
  readonly post_title: string;
  readonly post_content: string;
  readonly post_status: PostStatus;
  /** When it was published, in UTC; null if it has no date. */
  readonly post_date_gmt: Date | null;
  /** When it was last changed, in UTC; null if it has no date. */
  readonly post_modified_gmt: Date | null;
  /** Its URL. */
  readonly link: string;
}

/** A file that has been stored. */
export interface UploadedFile {
  readonly id: string;
  /** The name, which may differ from the requested one. */
  readonly file: string;
  /** Its URL. */
  readonly url: string;
  readonly type: string;
}

/** The methods of WordPress for posts. The id of the blog is 1 if there is only one. */
export interface WordPressMethods {
  readonly wp: {
    /** Returns the blogs of the user. It is also a way to test the password. */
    getUsersBlogs(user: string, password: string): {
      readonly blogid: string;
      readonly blogName: string;
      readonly url: string;
      readonly xmlrpc: string;
      readonly isAdmin: boolean;
    }[];
    /** Returns the newest posts, with the named fields or most fields. */
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
    /** Returns a post. */
    getPost(
      blog: number,
      user: string,
      password: string,
      post: string,
      fields?: (keyof Post)[],
    ): Post;
    /** Writes a post; returns its id. */
    newPost(
      blog: number,
      user: string,
      password: string,
      post: NewPost,
    ): string;
    /** Changes the given fields of a post. */
    editPost(
      blog: number,
      user: string,
      password: string,
      post: string,
      change: NewPost,
    ): boolean;
    /** Moves a post to the trash, or deletes it if it is in the trash. */
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

/** Reads a date from WordPress, which sends zeros if there is no date: null. */
export function readDate(text: string): Date | null {
  if (text.startsWith("0000")) return null;
  const [, year, month, day, time] =
    /^(\d{4})-?(\d\d)-?(\d\d)T(\d\d:\d\d:\d\d)/.exec(text) ?? [];
  return new Date(`${year}-${month}-${day}T${time}Z`);
}

/** Creates a client of WordPress. */
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
  // A Blob is sent while it is read, so it may be large.
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
