// Recipe: a method that fetches a URL from an untrusted caller, as pingback.ping does,
// without giving the caller access to internal networks (SSRF).
//
//     deno serve -A examples/safe_fetch.ts
//
// It fetches only http and https, at their default ports and at public addresses. Each
// redirect is checked like the first URL. Time and bytes are limited, and nothing is
// decompressed. The caller does not learn what went wrong, since that would reveal the
// internal network.
//
// With DNS rebinding, a host name resolves to a public address when it is checked, and to a
// private one when it is fetched. So a name is resolved only once, and the connection is
// made to the address that was checked; HTTP and TLS still use the name. `fetch` cannot do
// that, but node:http can, on every runtime that has it. (A proxy would have to do the same.)

import { createServer, XmlRpcFault } from "@xmlrpc/xmlrpc/server";
import { lookup } from "node:dns/promises";
import { get as getHttp, type IncomingMessage } from "node:http";
import { get as getHttps } from "node:https";
import { isIP } from "node:net";
import { isPublic } from "./_public_address.ts";

/** How a URL is fetched. */
export interface SafeFetchOptions {
  readonly maxBytes?: number;
  /** The deadline for everything, in milliseconds. */
  readonly timeout?: number;
  readonly maxRedirects?: number;
  readonly ports?: readonly number[];
  readonly isAllowed?: (address: string) => boolean;
  /** Resolves a host name to addresses. */
  readonly resolve?: (name: string) => Promise<string[]>;
}

async function lookUp(name: string): Promise<string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

function toHostName({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}

/** Finds the address of a URL. Throws if it may not be fetched. */
async function resolveAddress(
  url: URL,
  options: SafeFetchOptions,
): Promise<string> {
  const { resolve = lookUp, isAllowed = isPublic, ports = [80, 443] } = options;
  const { protocol, username, password, port } = url;
  if (!/^https?:$/.test(protocol) || username + password !== "") {
    throw new TypeError(`This URL may not be fetched: ${protocol}`);
  }
  const name = toHostName(url);
  const all = isIP(name) > 0 ? [name] : await resolve(name);
  const at = Number(port || (protocol === "https:" ? 443 : 80));
  // A mix of public and private addresses is an attack, so all must be allowed.
  if (ports.includes(at) && all.length > 0 && all.every(isAllowed)) {
    return all[0]!;
  }
  throw new TypeError(`This address may not be called: ${name} is at [${all}]`);
}

/** Opens a URL at an address. HTTP and TLS use the host name of the URL. */
function open(
  url: URL,
  address: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const requestOptions = {
    host: address,
    hostname: address,
    headers: { host: url.host },
    servername: address === toHostName(url) ? "" : url.hostname,
    // An agent would reuse connections by host name.
    agent: false,
    signal,
  };
  const get = url.protocol === "https:" ? getHttps : getHttp;
  return new Promise((resolve, reject) => {
    get(url, requestOptions, resolve).on("error", reject);
  });
}

async function readText(
  answer: IncomingMessage,
  maxBytes: number,
): Promise<string> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let left = maxBytes;
  for await (const chunk of answer) {
    left -= chunk.length;
    if (left < 0) throw new RangeError(`More than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return await new Blob(chunks).text();
}

async function follow(
  start: string,
  options: SafeFetchOptions,
  signal: AbortSignal,
): Promise<string> {
  const { maxBytes = 2 ** 20, maxRedirects = 3 } = options;
  let url = new URL(start);
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const answer = await open(url, await resolveAddress(url, options), signal);
    try {
      const { statusCode, headers: { location } } = answer;
      if (statusCode === 200) return await readText(answer, maxBytes);
      if (location === undefined) throw new Error(`Status ${statusCode}`);
      url = new URL(location, url);
    } finally {
      answer.destroy();
    }
  }
  throw new Error("Too many redirects");
}

/** Fetches the text at a URL. Rejects if that is not allowed, or fails. */
export async function safeFetch(
  url: string,
  options: SafeFetchOptions = {},
): Promise<string> {
  const late = Promise.withResolvers<never>();
  const aborter = new AbortController();
  const timer = setTimeout(() => {
    late.reject(new Error("Too slow"));
    aborter.abort();
  }, options.timeout ?? 10_000);
  try {
    const text = follow(url, options, aborter.signal);
    return await Promise.race([text, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

// Pages that link to ours send this call. The fault codes are those of the Pingback 1.0 specification.
const server = createServer({
  "pingback.ping": async (source: string, target: string) => {
    const page = await safeFetch(source).catch((cause) => {
      throw new XmlRpcFault(16, "The source cannot be read", { cause });
    });
    if (page.includes(target)) return "Noted";
    throw new XmlRpcFault(17, "The source has no link to the target");
  },
});

export default server;
