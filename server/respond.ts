// HTTP responses with documents: whole, compressed or streamed. This module is browser
// compatible.

import { LONGEST_TEXT, type ResponseDocument } from "../codec/document.ts";
import { withLength } from "../util/http.ts";

/**
 * Longest response that is handed over whole, in bytes. Of a longer one it must show
 * whether anybody reads it: the memory it takes is let go only then.
 */
const LONGEST_WHOLE = 2 ** 18;

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
