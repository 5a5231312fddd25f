// HTTP responses: documents, whole, compressed or streamed, and the page for browsers.
// This module is browser compatible.

import {
  LONGEST_TEXT,
  type ResponseDocument,
  type StreamHooks,
} from "../codec/document.ts";
import { withLength } from "../util/http.ts";

/**
 * Longest response that is handed to the runtime whole, in bytes. A longer one is streamed
 * in chunks of that length, so that the server sees whether the client reads it.
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

/**
 * Makes the hooks of a response that is streamed; `bytes` is how many it holds in memory
 * until it is read.
 */
export type CreateHooks = (bytes: number) => StreamHooks;

/** Bytes as a stream that fails when the signal of its hooks aborts. */
function streamBytes(
  bytes: Uint8Array<ArrayBuffer>,
  { signal, onWait, onError, onEnd }: StreamHooks,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let offset = 0;
  const end = (): void => {
    onWait?.(false);
    onEnd?.();
  };
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller): void {
      signal?.addEventListener("abort", () => {
        controller.error(signal.reason);
        end();
        onError?.(signal.reason);
      });
      onWait?.(true);
    },
    pull(controller): void {
      onWait?.(true);
      controller.enqueue(bytes.subarray(offset, offset + LONGEST_WHOLE));
      offset += LONGEST_WHOLE;
      if (offset < bytes.length) return;
      controller.close();
      end();
    },
    cancel: end,
  }, { highWaterMark: 0 });
}

/** The response with a document that is complete: its bytes, or short ASCII text. */
function respondWith(
  document: string | Uint8Array<ArrayBuffer>,
  createHooks: CreateHooks | undefined,
  headers: Readonly<Record<string, string>> = XML,
): Response {
  const { length } = document;
  const isWhole = typeof document === "string" || length <= LONGEST_WHOLE ||
    createHooks === undefined;
  const body = isWhole
    ? document
    : withLength(streamBytes(document, createHooks(length)), length);
  const response = new Response(body, { headers });
  // Spec: "The Content-Length must be specified and must be correct." Set afterwards:
  // with one header Deno creates a response in a third of the time.
  response.headers.set("content-length", String(length));
  return response;
}

/** The response with a long document, compressed if the client accepts gzip. */
async function respondToGzip(
  bytes: Uint8Array<ArrayBuffer>,
  request: Headers,
  createHooks: CreateHooks | undefined,
): Promise<Response> {
  const headers = { ...XML, "vary": "accept-encoding" };
  if (!acceptsGzip(request.get("accept-encoding"))) {
    return respondWith(bytes, createHooks, headers);
  }
  return respondWith(await compress(bytes), createHooks, {
    ...headers,
    "content-encoding": "gzip",
  });
}

/**
 * The response with a document. It is compressed if `request`, the headers of the request,
 * are given and accept gzip, and the document is long enough. `createHooks` is called if
 * bytes are streamed; without it they are handed over whole.
 */
export function respond(
  { body, length }: ResponseDocument,
  request: Headers | undefined,
  createHooks?: CreateHooks,
): Response | Promise<Response> {
  if (typeof body === "string") return respondWith(body, createHooks);
  if (body instanceof Uint8Array) {
    // Compressing shorter documents does not pay.
    return request !== undefined && body.length > LONGEST_TEXT
      ? respondToGzip(body, request, createHooks)
      : respondWith(body, createHooks);
  }
  const headers = length === undefined
    ? XML
    : { ...XML, "content-length": String(length) };
  return new Response(withLength(body, length), { headers });
}

/** The page of `docs: true`. It asks for the methods itself, so that interceptors see it. */
export async function respondWithPage({ method }: Request): Promise<Response> {
  // Loaded late: only servers that show the page take it into memory.
  const { DOCS_PAGE, DOCS_POLICY } = await import("../page/generated.ts");
  return new Response(method === "HEAD" ? null : DOCS_PAGE, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": DOCS_POLICY,
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "cache-control": "no-cache",
      "vary": "accept",
    },
  });
}
