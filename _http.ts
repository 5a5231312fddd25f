// What server and client share of HTTP. This module is browser compatible.

/** The media type of a Content-Type, in lower case, without parameters. */
function mediaType(contentType: string): string {
  return contentType.split(";", 1)[0]!.trim().toLowerCase();
}

/** Whether a Content-Type says XML. */
export function isXml(contentType: string): boolean {
  // As nearly all say it.
  if (contentType === "text/xml") return true;
  // Sent twice, as Python's client does with one of its user's, it comes as a list.
  return contentType.split(",").map(mediaType).every((type) =>
    type === "text/xml" || type === "application/xml" || type.endsWith("+xml")
  );
}

/** Whether a Content-Type says HTML. */
export function isHtml(contentType: string): boolean {
  const type = mediaType(contentType);
  return type === "text/html" || type === "application/xhtml+xml";
}
