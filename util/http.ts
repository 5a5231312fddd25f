// HTTP for client and server: media types, and streams with a length. This
// module is browser compatible.

const XML = /^\s*(?:(?:text|application)\/xml|[^;\s]+\+xml)\s*(?:;|$)/i;
const HTML = /^\s*(?:text\/html|application\/xhtml\+xml)\s*(?:;|$)/i;

/** Whether a Content-Type is one of XML. */
export function isXml(contentType: string): boolean {
  // A header that was sent twice arrives as a list: Python's client adds its own to the
  // one of its user.
  return contentType.split(",").every((type) => XML.test(type));
}

/** Whether a Content-Type is one of HTML. */
export function isHtml(contentType: string): boolean {
  return HTML.test(contentType);
}

/** The class in workerd that is the only way to send a stream with its length there. */
type FixedLengthStream = new (length: number) => TransformStream<
  Uint8Array,
  Uint8Array
>;

/** Finds the class of workerd; undefined in other runtimes. */
export function findFixedLengthStream(): FixedLengthStream | undefined {
  return (globalThis as { FixedLengthStream?: FixedLengthStream })
    .FixedLengthStream;
}

/**
 * Gives a stream a known length, so that workerd sends it with a Content-Length. Returns
 * the stream itself in other runtimes, and if the length is unknown.
 */
export function withLength(
  stream: ReadableStream<Uint8Array>,
  length: number | undefined,
): ReadableStream<Uint8Array> {
  const Fixed = findFixedLengthStream();
  if (Fixed === undefined || length === undefined) return stream;
  return stream.pipeThrough(new Fixed(length));
}
