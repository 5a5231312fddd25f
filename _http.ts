// What server and client share of HTTP. This module is browser compatible.

/** The media type of a Content-Type, in lower case, without parameters. */
function mediaType(contentType: string): string {
  return contentType.split(";", 1)[0]!.trim().toLowerCase();
}

/** Whether a Content-Type says XML. */
export function isXml(contentType: string): boolean {
  const type = mediaType(contentType);
  return type === "text/xml" || type === "application/xml" ||
    type.endsWith("+xml");
}

/** Whether a Content-Type says HTML. */
export function isHtml(contentType: string): boolean {
  const type = mediaType(contentType);
  return type === "text/html" || type === "application/xhtml+xml";
}

/** Reads the next chunk; what goes wrong with that is thrown as `wrap` makes it. */
async function readChunk(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  wrap: (cause: unknown) => unknown,
): Promise<Uint8Array | undefined> {
  try {
    return (await reader.read()).value;
  } catch (cause) {
    throw wrap(cause);
  }
}

/**
 * Hands on the chunks of a body, one by one. If that throws, or the signal aborts,
 * the body is cancelled; if the body itself fails, `wrap` says what is thrown.
 */
export async function readBody(
  body: ReadableStream<Uint8Array>,
  take: (chunk: Uint8Array) => void,
  wrap: (cause: unknown) => unknown,
  signal?: AbortSignal,
): Promise<void> {
  const reader = body.getReader();
  // Whoever sends it need not be waited for.
  const cancel = (): void => void reader.cancel(signal?.reason).catch(() => {});
  signal?.addEventListener("abort", cancel);
  try {
    for (;;) {
      const chunk = await readChunk(reader, wrap);
      if (chunk === undefined) return;
      take(chunk);
    }
  } catch (error) {
    cancel();
    throw error;
  } finally {
    signal?.removeEventListener("abort", cancel);
    reader.releaseLock();
  }
}
