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
