// The page that shows a server's methods to browsers. This module is browser compatible.

/** Whether a request is that of somebody who wants to look at the server. */
export function wantsPage({ method, headers }: Request): boolean {
  return (method === "GET" || method === "HEAD") &&
    /\btext\/html\b/.test(headers.get("accept") ?? "");
}

/** The page. It asks for the methods by itself, so that all guards of theirs hold. */
export async function pageFor({ method }: Request): Promise<Response> {
  // Only servers that show the page take it into memory.
  const { DOCS_PAGE, DOCS_POLICY } = await import("../page/page.ts");
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
