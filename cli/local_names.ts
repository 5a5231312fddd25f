// Who may call a server that listens for its own machine alone.

type Fetch = (request: Request) => Promise<Response> | Response;

/** Names of the machine itself, which no stranger can have. */
const LOCAL = /^(?:localhost|[^/]+\.localhost|127\.[\d.]+|\[?::1\]?)$/i;

/**
 * Answers only requests that name this machine, if it listens for that alone.
 *
 * A page of a stranger can have its own name stand for this machine once it has been
 * loaded (DNS rebinding). To the browser it then calls where it came from, and needs to
 * ask nobody; but its requests still name the stranger.
 */
export function forLocalNames(
  hostname: string,
  fetch: Fetch,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const { hostname: called } = new URL(request.url);
    if (!LOCAL.test(hostname) || LOCAL.test(called)) {
      return await fetch(request);
    }
    await request.body?.cancel();
    return new Response(
      "This server answers to names of its own machine only, such as localhost\n",
      { status: 403, headers: { "content-type": "text/plain; charset=utf-8" } },
    );
  };
}
