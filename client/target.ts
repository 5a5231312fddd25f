// The URL of a server, and the credentials in it. This module is browser compatible.

import type { SpanAttributes } from "../core/tracing.ts";
import { encodeBase64 } from "../util/base64.ts";

/** The server that is called. */
export interface Target {
  /** The URL without user name and password. */
  readonly url: URL;
  /** The header `Authorization` for the user name and password in the URL. */
  readonly authorization: string | undefined;
  /** Host and port, for spans of OpenTelemetry. */
  readonly attributes: SpanAttributes;
}

/** Whether a URL is an http or https URL. */
export function isHttp(url: URL): boolean {
  return url.protocol === "http:" || url.protocol === "https:";
}

/** Parses the URL of a server; throws a TypeError if it is not an http or https URL. */
function parseUrl(text: string | URL): URL {
  // A web page may call its own server by a path.
  const base = globalThis.location?.href;
  // The messages do not show the URL, which may contain a password.
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

/** Copies a URL without user name, password and fragment. */
export function toBareUrl(url: URL): URL {
  const copy = new URL(url);
  copy.username = "";
  copy.password = "";
  copy.hash = "";
  return copy;
}

/** Decodes percent-encoded characters; a % that encodes nothing stays as it is. */
function decodePercent(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}

/** Converts user name and password of a URL to a header; undefined if there are none. */
function toAuthorization({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  const credentials = `${decodePercent(username)}:${decodePercent(password)}`;
  return `Basic ${encodeBase64(new TextEncoder().encode(credentials))}`;
}

/** Reads the URL of a server, and takes the credentials out of it. */
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
