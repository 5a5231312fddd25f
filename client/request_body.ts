// The body of a request: how to send a stream with a Content-Length in each runtime. This module is browser compatible.

import type { XmlRpcDocument } from "../codec/options.ts";
import { findFixedLengthStream, withLength } from "../util/http.ts";

type Body = Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array>;

/** The options of a `Request` for its body. */
export interface RequestBody {
  readonly body: Body;
  /** `fetch` requires it for streams. */
  readonly duplex: "half";
}

/** A Blob without content of its own: its bytes come from a stream, once. */
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
  /** As a Blob, by its `size` and `stream()`: Deno and Node. */
  | "blob"
  /** As a stream, with the header that the program sets: Bun. */
  | "header"
  /** Not at all: browsers. */
  | "none";

async function detectSupport(): Promise<LengthSupport> {
  if (findFixedLengthStream() !== undefined) return "fixed";
  // A runtime that does not use these members would send an empty body.
  const probe = new StreamBlob(new Blob(["1"]).stream(), 1);
  const { byteLength } = await new Response(probe).arrayBuffer();
  if (byteLength === 1) return "blob";
  const headers = { "content-length": "1" };
  const request = new Request("http://localhost/", { headers });
  return request.headers.has("content-length") ? "header" : "none";
}

/** Whether a browser can send streams; others would send "[object ReadableStream]". */
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
 * Creates a function that converts documents to bodies for `fetch`. The caller sets the
 * header Content-Length if the length is known.
 *
 * Browsers do not accept a length, and send streams by HTTP/2 only, or not at all. There
 * a document is collected in a Blob, unless its length is unknown and it can be sent as
 * a stream. Browsers keep large Blobs on disk.
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
