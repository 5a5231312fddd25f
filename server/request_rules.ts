// What the server demands of HTTP requests, and how it decompresses them. This module is
// browser compatible.

import { isXml } from "../util/http.ts";
import { Refusal } from "./refusal.ts";

// One byte of gzip may hold a thousand bytes of the document. The decompressor gets small
// chunks, so that a gzip bomb exceeds its limit before it has filled the memory.
const INFLATE_BYTES = 1024;

const COMPRESSIONS: ReadonlyMap<string, CompressionFormat> = new Map([
  ["gzip", "gzip"],
  ["x-gzip", "gzip"],
  ["deflate", "deflate"],
]);

/** Whether a browser asks for a page. */
export function wantsPage({ method, headers }: Request): boolean {
  return (method === "GET" || method === "HEAD") &&
    /\btext\/html\b/.test(headers.get("accept") ?? "");
}

/**
 * Throws a {@linkcode Refusal} unless it is a POST request with XML; `docs` tells whether
 * GET is allowed, too.
 */
export function checkRequest(
  { method, headers }: Request,
  docs: boolean,
): void {
  if (method !== "POST") {
    throw new Refusal(
      405,
      "This is an XML-RPC server: it answers POST requests",
      { "allow": docs ? "GET, HEAD, POST" : "POST" },
    );
  }
  checkContentType(headers);
}

function checkContentType(headers: Headers): void {
  const contentType = headers.get("content-type");
  if (contentType === null) {
    // Not in the spec: davexmlrpc sends none. A web page that sends none tries to get
    // around the check below.
    if (headers.has("origin") || headers.has("sec-fetch-site")) {
      throw new Refusal(
        415,
        "A request from a web page needs the Content-Type text/xml",
      );
    }
  } else if (!isXml(contentType)) {
    // Spec: "The Content-Type is text/xml." Web pages of other origins may not send it
    // without CORS, so this also rejects their calls.
    throw new Refusal(
      415,
      "The Content-Type of an XML-RPC request is text/xml",
    );
  }
}

/**
 * The compression of a request's body; undefined if there is none. Throws a
 * {@linkcode Refusal} if it is not supported.
 */
export function readCompression(
  headers: Headers,
): CompressionFormat | undefined {
  const encoding = headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  if (encoding === "" || encoding === "identity") return undefined;
  const format = COMPRESSIONS.get(encoding);
  if (format !== undefined) return format;
  throw new Refusal(415, "The Content-Encoding is neither gzip nor deflate", {
    "accept-encoding": "gzip, deflate",
  });
}

/**
 * A compressed body as a stream of its content. `check` is called with the number of
 * compressed bytes received so far, and may throw a {@linkcode Refusal}.
 */
export function inflate(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  format: CompressionFormat,
  check: (compressed: number) => void,
): ReadableStream<Uint8Array> {
  let compressed = 0;
  const reader = body.getReader();
  let rest = new Uint8Array(0);
  const pieces = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller): Promise<void> {
      while (rest.length === 0) {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        rest = value;
        compressed += value.length;
        check(compressed);
      }
      controller.enqueue(rest.subarray(0, INFLATE_BYTES));
      rest = rest.subarray(INFLATE_BYTES);
    },
    cancel(reason): Promise<void> {
      return reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
  return pieces.pipeThrough(new DecompressionStream(format));
}

/** The refusal for a body that breaks off or cannot be decompressed. */
export function brokenBody({ headers }: Request, cause: unknown): Refusal {
  if (cause instanceof Refusal) return cause;
  const format = readCompression(headers);
  const problem = format === undefined ? "" : ` or not valid ${format} data`;
  return new Refusal(400, `The body is incomplete${problem}`);
}
