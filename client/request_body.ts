// The body of a request: how a document is sent so that its length goes ahead of it
// wherever the runtime lets it. This module is browser compatible.

import type { XmlRpcDocument } from "../codec/options.ts";
import { findFixedLengthStream, withLength } from "../util/http.ts";

type Body = Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array>;

/** What a `Request` needs to know of its body. */
export interface RequestBody {
  readonly body: Body;
  /** What `fetch` wants to be told of a stream. */
  readonly duplex: "half";
}

/** A Blob that holds nothing: its bytes come out of a stream, once. */
class StreamBlob extends Blob {
  readonly #stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #size: number;

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>, size: number) {
    super();
    this.#stream = stream;
    this.#size = size;
  }

  override get size(): number {
    return this.#size;
  }

  override stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#stream;
  }
}

/** How a runtime sends a stream with its length. */
type LengthSupport =
  /** As a FixedLengthStream: workerd. */
  | "fixed"
  /** As a Blob, whose members it asks: Deno and Node. */
  | "blob"
  /** As a stream, with the header that the caller sets: Bun. */
  | "header"
  /** Not at all: browsers. */
  | "none";

async function detectSupport(): Promise<LengthSupport> {
  if (findFixedLengthStream() !== undefined) return "fixed";
  // Where a Blob is more than its members, this one would go out empty.
  const probe = new StreamBlob(new Blob(["1"]).stream(), 1);
  const { byteLength } = await new Response(probe).arrayBuffer();
  if (byteLength === 1) return "blob";
  const headers = { "content-length": "1" };
  const request = new Request("http://localhost/", { headers });
  return request.headers.has("content-length") ? "header" : "none";
}

/** Whether a browser sends streams: others would send "[object ReadableStream]". */
function sendsStreams(): boolean {
  let asksForDuplex = false;
  const { headers } = new Request("http://localhost/", {
    method: "POST",
    body: new ReadableStream(),
    get duplex(): string {
      asksForDuplex = true;
      return "half";
    },
  } as RequestInit);
  return asksForDuplex && !headers.has("content-type");
}

/**
 * Makes what gives documents the form in which `fetch` sends them. Whoever calls
 * `fetch` sets the header Content-Length if the length is known.
 *
 * Browsers can be told no length, and send streams by HTTP/2 only, or not at all: there
 * a document becomes a Blob first, unless its length is unknown and it may be sent as a
 * stream. They keep large Blobs on disk.
 */
export function createBodyMaker(): (
  document: XmlRpcDocument,
  url: URL,
) => Promise<RequestBody> {
  let support: Promise<LengthSupport> | undefined;

  async function toBody(
    { body, length }: XmlRpcDocument,
    url: URL,
  ): Promise<Body> {
    if (body instanceof Uint8Array) return body;
    const found = await (support ??= detectSupport());
    if (found === "none") {
      const isSent = url.protocol === "https:" && sendsStreams();
      return length === undefined && isSent
        ? body
        : await new Response(body).blob();
    }
    if (length === undefined) return body;
    return found === "blob"
      ? new StreamBlob(body, length)
      : withLength(body, length);
  }

  return async (document, url) => ({
    body: await toBody(document, url),
    duplex: "half",
  });
}
