// Methods that take and give streams.

import { method } from "../../server.ts";
import { bytesOf, readAll } from "./ends.ts";

/** A file. */
export const PHOTO = bytesOf(300_000);

/** Takes a file, and gives it back. */
export const mirror = method(
  { params: ["base64"], returns: "base64", stream: true },
  async (file) => await readAll(file),
);

/** Takes a file, and tells how long it is. */
export const measure = method(
  { params: ["base64"], returns: "int", stream: true },
  async (file) => {
    let length = 0;
    for await (const chunk of file) length += chunk.length;
    return length;
  },
);

/** The numbers below another. */
export async function* count(end: number): AsyncGenerator<number, void, void> {
  for (let number = 0; number < end; number++) yield number;
}

/** All items of an iterable. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Sends a document as it is. */
export function post(
  url: string,
  body: BodyInit,
  headers: HeadersInit = {},
): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "text/xml", ...headers },
    body,
  });
}

/** More bytes than the buffers of a socket take. */
export const LONG = new Uint8Array(48 * 2 ** 20);
