// Recipe: a method that fetches what a stranger names, as pingback.ping does, without
// lending the stranger this machine's place in the network.
//
//     deno serve -A examples/safe_fetch.ts
//
// Only http and https, at their usual ports, at addresses that everybody can reach; each
// redirect is checked like the first URL; little time, few bytes, nothing inflated; and the
// caller does not learn what went wrong, for that would map the network behind this machine.
//
// DNS rebinding is a name that stands for a public address while it is checked, and for a
// private one when it is fetched. So a name is looked up once, here, and the connection
// goes to the address that was checked; HTTP and TLS still see the name. `fetch` cannot do
// that, node:http can, on every runtime that has it. (A proxy would have to do all this.)

import { createServer, XmlRpcFault } from "@xmlrpc/xmlrpc/server";
import { lookup } from "node:dns/promises";
import { get as getHttp, type IncomingMessage } from "node:http";
import { get as getHttps } from "node:https";
import { isIP } from "node:net";
import { isPublic } from "./_public_address.ts";

/** How a stranger's URL is fetched. */
export interface SafeFetchOptions {
  readonly maxBytes?: number;
  /** For all of it, in milliseconds. */
  readonly timeout?: number;
  readonly maxRedirects?: number;
  readonly ports?: readonly number[];
  readonly isAllowed?: (address: string) => boolean;
  /** The addresses of a name. */
  readonly resolve?: (name: string) => Promise<string[]>;
}

async function lookUp(name: string): Promise<string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

function nameOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}

/** The address to connect to for a URL; throws if no stranger may send us there. */
async function addressOf(url: URL, options: SafeFetchOptions): Promise<string> {
  const { resolve = lookUp, isAllowed = isPublic, ports = [80, 443] } = options;
  const { protocol, username, password, port } = url;
  if (!/^https?:$/.test(protocol) || username + password !== "") {
    throw new TypeError(`No URL to be fetched: ${protocol}`);
  }
  const name = nameOf(url);
  const all = isIP(name) > 0 ? [name] : await resolve(name);
  const at = Number(port || (protocol === "https:" ? 443 : 80));
  // One that is not allowed is one too many: who mixes them means no good.
  if (ports.includes(at) && all.length > 0 && all.every(isAllowed)) {
    return all[0]!;
  }
  throw new TypeError(`No address to be called: ${name} is at [${all}]`);
}

/** Opens a URL at an address: HTTP and TLS are told the URL's own name. */
function open(
  url: URL,
  address: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const how = {
    host: address,
    hostname: address,
    headers: { host: url.host },
    servername: address === nameOf(url) ? "" : url.hostname,
    // An agent would keep connections by name.
    agent: false,
    signal,
  };
  const get = url.protocol === "https:" ? getHttps : getHttp;
  return new Promise((resolve, reject) => {
    get(url, how, resolve).on("error", reject);
  });
}

async function textOf(
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
    const answer = await open(url, await addressOf(url, options), signal);
    try {
      const { statusCode, headers: { location } } = answer;
      if (statusCode === 200) return await textOf(answer, maxBytes);
      if (location === undefined) throw new Error(`Status ${statusCode}`);
      url = new URL(location, url);
    } finally {
      answer.destroy();
    }
  }
  throw new Error("Too many redirects");
}

/** The text at a stranger's URL; rejects if there is none, or none that is to be had. */
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

// Told of pages that link to ours; the codes are those of pingback.
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
