// Shows what goes over the wire.

import { paint, printable, type Terminal } from "./terminal.ts";

type Fetch = (request: Request) => Promise<Response>;

/** How much of a body is shown. */
const SHOWN_BYTES = 4096;

/** Headers whose values are nobody else's to see. */
const SECRET = /^(?:authorization|cookie|set-cookie|proxy-authorization)$/;

function headerLines(headers: Headers): string[] {
  return Array.from(
    headers,
    ([name, value]) => `${name}: ${SECRET.test(name) ? "…" : value}`,
  );
}

/** The start of a body, which goes on beside it. */
async function sampleOf(body: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > SHOWN_BYTES) return `${text.slice(0, SHOWN_BYTES)}…`;
  }
  return text;
}

function show(terminal: Terminal, mark: string, text: string): void {
  for (const line of printable(text.trimEnd()).split("\n")) {
    terminal.tell(`${paint(terminal, "cyan", mark)} ${line}`);
  }
}

/** Sends requests, and tells of each and of its answer. */
export function logged(terminal: Terminal): Fetch {
  return async (request) => {
    const url = new URL(request.url);
    const line =
      `${request.method} ${url.pathname}${url.search} at ${url.host}`;
    show(terminal, ">", [line, ...headerLines(request.headers)].join("\n"));
    // A body whose length is known goes out with it only if nobody has looked at it.
    const isSmall = Number(request.headers.get("content-length")) < SHOWN_BYTES;
    if (request.body !== null && isSmall) {
      show(terminal, ">", await request.clone().text());
    }
    const response = await fetch(request);
    const { status, statusText, headers } = response;
    show(
      terminal,
      "<",
      [`${status} ${statusText}`, ...headerLines(headers)].join("\n"),
    );
    if (response.body === null) return response;
    const [shown, kept] = response.body.tee();
    sampleOf(shown).then((text) => show(terminal, "<", text), () => {});
    return new Response(kept, { status, statusText, headers });
  };
}
