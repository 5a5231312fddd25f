// Protects a server on localhost from web pages (DNS rebinding).

type Fetch = (request: Request) => Promise<Response> | Response;

/** Host names that always mean this machine. They cannot be registered. */
const LOCAL = /^(?:localhost|[^/]+\.localhost|127\.[\d.]+|\[?::1\]?)$/i;

/**
 * If a server listens on this machine only, it accepts only requests to a local host name.
 *
 * A web page can let its own host name point to this machine after it has been loaded (DNS
 * rebinding). The browser then takes the server for the page's own, so CORS does not apply.
 * But the page's requests still carry the page's host name.
 */
export function forLocalNames(
  hostname: string,
  fetch: Fetch,
): (request: Request) => Promise<Response> {
  if (!LOCAL.test(hostname)) return async (request) => await fetch(request);
  return async (request) => {
    if (LOCAL.test(new URL(request.url).hostname)) return await fetch(request);
    await request.body?.cancel();
    return new Response(
      "This server answers to names of its own machine only, such as localhost\n",
      { status: 403, headers: { "content-type": "text/plain; charset=utf-8" } },
    );
  };
}
