// Shows requests and responses: the flag --verbose.

import { paint, printable, type Terminal } from "./terminal.ts";

type Fetch = (request: Request) => Promise<Response>;

/** How much of a body is shown at most. */
const SHOWN_BYTES = 4096;

/** Headers whose values are secret. */
const SECRET = /^(?:authorization|cookie|set-cookie|proxy-authorization)$/;

function showHeaders(headers: Headers): string[] {
  return Array.from(
    headers,
    ([name, value]) => `${name}: ${SECRET.test(name) ? "…" : value}`,
  );
}

/** Reads the start of a body. */
async function readStart(body: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body) {
    // A character has 4 bytes at most.
    const start = chunk.subarray(0, 4 * SHOWN_BYTES + 4);
    text += decoder.decode(start, { stream: true });
    if (text.length > SHOWN_BYTES) return `${text.slice(0, SHOWN_BYTES)}…`;
  }
  return text;
}

function show(terminal: Terminal, mark: string, text: string): void {
  for (const line of printable(text.trimEnd()).split("\n")) {
    terminal.tell(`${paint(terminal, "cyan", mark)} ${line}`);
  }
}

/** Creates a `fetch` that shows each request and its response. */
export function createVerboseFetch(terminal: Terminal): Fetch {
  return async (request) => {
    const url = new URL(request.url);
    const line =
      `${request.method} ${url.pathname}${url.search} at ${url.host}`;
    show(terminal, ">", [line, ...showHeaders(request.headers)].join("\n"));
    // A large body is a stream, which would lose its Content-Length if it were cloned.
    const length = request.headers.get("content-length");
    const isLarge = length !== null && Number(length) > SHOWN_BYTES;
    const copy = isLarge ? null : request.clone().body;
    if (copy !== null) {
      // It is sent meanwhile: a stream may wait for the response.
      readStart(copy).then((text) => show(terminal, ">", text), () => {});
    }
    const response = await fetch(request);
    const { status, statusText, headers } = response;
    show(
      terminal,
      "<",
      [`${status} ${statusText}`, ...showHeaders(headers)].join("\n"),
    );
    if (response.body === null) return response;
    const [shown, kept] = response.body.tee();
    readStart(shown).then((text) => show(terminal, "<", text), () => {});
    return new Response(kept, { status, statusText, headers });
  };
}
