// What the server asks of HTTP requests, how it reads them, and how it answers.
// This module is browser compatible.

import { isXml, withLength } from "../util/http.ts";
import { LONGEST_TEXT, type ResponseDocument } from "../codec/document.ts";

/**
 * Longest response that is handed over whole, in bytes. Of a longer one it must show
 * whether anybody reads it: the memory it takes is let go only then.
 */
const LONGEST_WHOLE = 2 ** 18;

// One byte of gzip holds up to a thousand of the document: so little at a time goes
// into the decompressor that a bomb is seen before it has burst.
const INFLATE_BYTES = 1024;

const COMPRESSIONS: ReadonlyMap<string, CompressionFormat> = new Map([
  ["gzip", "gzip"],
  ["x-gzip", "gzip"],
  ["deflate", "deflate"],
]);

/** A request that is refused before XML-RPC comes into it. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.headers = headers;
  }

  toResponse(): Response {
    return new Response(`${this.message}\n`, {
      status: this.status,
      headers: {
        "content-type": "text/plain; charset=utf-8",
        // A browser is not to look for anything else in it.
        "x-content-type-options": "nosniff",
        ...this.headers,
      },
    });
  }
}

// ---------------------------------------------------------------- requests

/**
 * Throws a {@linkcode Refusal} unless it is a POST request that says XML; `docs` is
 * whether browsers may get a page instead.
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
    // Not in the spec: davexmlrpc sends none. A browser page that sends none has
    // been written to get around the check below.
    if (headers.has("origin") || headers.has("sec-fetch-site")) {
      throw new Refusal(
        415,
        "A request from a web page needs the Content-Type text/xml",
      );
    }
  } else if (!isXml(contentType)) {
    // Spec: "The Content-Type is text/xml." A web page may send it only to servers
    // that agree, so this also keeps strangers' pages out.
    throw new Refusal(
      415,
      "The Content-Type of an XML-RPC request is text/xml",
    );
  }
}

/**
 * The compression of a request's body; undefined if there is none. Throws a
 * {@linkcode Refusal} if it is one that is not known here.
 */
export function compressionOf(headers: Headers): CompressionFormat | undefined {
  const encoding = headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  if (encoding === "" || encoding === "identity") return undefined;
  const format = COMPRESSIONS.get(encoding);
  if (format !== undefined) return format;
  throw new Refusal(415, "The Content-Encoding is neither gzip nor deflate", {
    "accept-encoding": "gzip, deflate",
  });
}

/** The answer to a body that is too long. */
export function tooLarge(maxBodyBytes: number): Refusal {
  return new Refusal(
    413,
    `The request is longer than ${maxBodyBytes} bytes: the limit maxBodyBytes`,
  );
}

/** The answer to a request that cannot be taken now. */
export function busy(message: string): Refusal {
  return new Refusal(503, message, { "retry-after": "1" });
}

/** The answer to a body that does not come. */
export function tooSlow(bodyTimeout: number): Refusal {
  return new Refusal(
    408,
    `The request has not come within ${bodyTimeout} ms: the option bodyTimeout`,
    // What may still come of it is no request.
    { "connection": "close" },
  );
}

/**
 * A compressed body, decompressed little by little; `check` is told how many compressed
 * bytes have come, and may throw a {@linkcode Refusal}.
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

/** The answer to a body that breaks off, or is not compressed as it says. */
export function brokenBody({ headers }: Request, cause: unknown): Refusal {
  if (cause instanceof Refusal) return cause;
  const format = compressionOf(headers) ?? "HTTP";
  return new Refusal(400, `The body is no whole ${format} data`);
}

// ---------------------------------------------------------------- responses

/** Whether an Accept-Encoding allows gzip. */
function acceptsGzip(header: string | null): boolean {
  const weights = new Map<string, number>();
  for (const item of header?.toLowerCase().split(",") ?? []) {
    const [coding, ...parameters] = item.split(";").map((part) => part.trim());
    const weight = parameters.find((parameter) => parameter.startsWith("q="));
    weights.set(coding!, weight === undefined ? 1 : Number(weight.slice(2)));
  }
  const weight = weights.get("gzip") ?? weights.get("x-gzip") ??
    weights.get("*") ?? 0;
  return weight > 0;
}

async function compress(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(
    new CompressionStream("gzip"),
  );
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const XML = { "content-type": "text/xml; charset=utf-8" } as const;

/** Bytes as a stream, a piece whenever somebody wants one. */
export type Watch = (
  bytes: Uint8Array<ArrayBuffer>,
  pieceBytes: number,
) => ReadableStream<Uint8Array<ArrayBuffer>>;

/** The response with all of a document: its bytes, or its text in ASCII if it is short. */
function respondWith(
  document: string | Uint8Array<ArrayBuffer>,
  watch: Watch,
  headers: Readonly<Record<string, string>> = XML,
): Response {
  const { length } = document;
  const body = typeof document === "string" || length <= LONGEST_WHOLE
    ? document
    : withLength(watch(document, LONGEST_WHOLE), length);
  const response = new Response(body, { headers });
  // Spec: "The Content-Length must be specified and must be correct." Not set above: with
  // one header Deno makes a response in a third of the time.
  response.headers.set("content-length", String(length));
  return response;
}

/** The response with a long document: compressed, if the request allows it. */
async function respondToGzip(
  bytes: Uint8Array<ArrayBuffer>,
  request: Headers,
  watch: Watch,
): Promise<Response> {
  const headers = { ...XML, "vary": "accept-encoding" };
  if (!acceptsGzip(request.get("accept-encoding"))) {
    return respondWith(bytes, watch, headers);
  }
  return respondWith(await compress(bytes), watch, {
    ...headers,
    "content-encoding": "gzip",
  });
}

/**
 * The response with a document, compressed if it is long and the request allows it;
 * `watch` sees how what is long is read.
 */
export function respond(
  { body, length }: ResponseDocument,
  request: Headers | undefined,
  watch: Watch,
): Response | Promise<Response> {
  if (typeof body === "string") return respondWith(body, watch);
  if (body instanceof Uint8Array) {
    // What is shorter is not worth it.
    return request !== undefined && body.length > LONGEST_TEXT
      ? respondToGzip(body, request, watch)
      : respondWith(body, watch);
  }
  const headers = length === undefined
    ? XML
    : { ...XML, "content-length": String(length) };
  return new Response(withLength(body, length), { headers });
}
