// The URL of a server, and the credentials in it. This module is browser compatible.

import type { SpanAttributes } from "../core/tracing.ts";
import { encodeBase64 } from "../util/base64.ts";

/** Where calls go. */
export interface Target {
  /** The URL without user name and password. */
  readonly url: URL;
  /** What user name and password have become. */
  readonly authorization: string | undefined;
  /** Where it is, for spans. */
  readonly attributes: SpanAttributes;
}

export function isHttp(url: URL): boolean {
  return url.protocol === "http:" || url.protocol === "https:";
}

function parseUrl(text: string | URL): URL {
  // A page may name its own server by a path.
  const base = globalThis.location?.href;
  // Neither message shows the URL: there may be a password in it.
  if (!URL.canParse(text, base)) {
    throw new TypeError(
      "Cannot create a client: expected a URL such as http://localhost:8888/",
    );
  }
  const url = new URL(text, base);
  if (isHttp(url)) return url;
  throw new TypeError(
    `Cannot create a client: expected an http or https URL, got ${url.protocol}`,
  );
}

/** A URL without what is never sent in a request line. */
export function toBareUrl(url: URL): URL {
  const copy = new URL(url);
  copy.username = "";
  copy.password = "";
  copy.hash = "";
  return copy;
}

/** Text of which some characters are percent-encoded; a % that encodes nothing is itself. */
function decodePercent(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}

/** The header that user name and password of a URL become; undefined without any. */
function toAuthorization({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  const credentials = `${decodePercent(username)}:${decodePercent(password)}`;
  return `Basic ${encodeBase64(new TextEncoder().encode(credentials))}`;
}

/** Reads the URL that calls go to, and takes the credentials out of it. */
export function parseTarget(text: string | URL): Target {
  const url = parseUrl(text);
  const defaultPort = url.protocol === "https:" ? 443 : 80;
  return {
    url: toBareUrl(url),
    authorization: toAuthorization(url),
    attributes: {
      "server.address": url.hostname,
      "server.port": url.port === "" ? defaultPort : Number(url.port),
    },
  };
}
