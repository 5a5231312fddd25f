// What server and client share of HTTP. This module is browser compatible.

const XML = /^\s*(?:(?:text|application)\/xml|[^;\s]+\+xml)\s*(?:;|$)/i;
const HTML = /^\s*(?:text\/html|application\/xhtml\+xml)\s*(?:;|$)/i;

/** Whether a Content-Type says XML. */
export function isXml(contentType: string): boolean {
  // Sent twice, as Python's client does with one of its user's, it comes as a list.
  return contentType.split(",").every((type) => XML.test(type));
}

/** Whether a Content-Type says HTML. */
export function isHtml(contentType: string): boolean {
  return HTML.test(contentType);
}

/** The constructor that workerd has: nothing else sends a stream with its length there. */
type FixedLengthStream = new (length: number) => TransformStream<
  Uint8Array,
  Uint8Array
>;

/** The class of workerd, or undefined in any other runtime. */
export function findFixedLengthStream(): FixedLengthStream | undefined {
  return (globalThis as { FixedLengthStream?: FixedLengthStream })
    .FixedLengthStream;
}

/**
 * A stream whose runtime knows its length, so that it goes out with a Content-Length
 * where there is a special way to say so; elsewhere the stream itself.
 */
export function withLength(
  stream: ReadableStream<Uint8Array>,
  length: number | undefined,
): ReadableStream<Uint8Array> {
  const Fixed = findFixedLengthStream();
  if (Fixed === undefined || length === undefined) return stream;
  return stream.pipeThrough(new Fixed(length));
}
