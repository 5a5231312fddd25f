// Callers that send all of a call before they read, as most do: what refuses the call
// in its middle must still be heard. Run from outside, over a bare socket.

import { assert } from "./_assert.ts";

/** How long a server may take for its answer. */
const PATIENCE_MS = 20_000;

/** How much is sent: more than the buffers of two sockets hold. */
const LENGTH = 16_000_000;

/** Reads a response that has a Content-Length. */
async function responseFrom(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<string> {
  let text = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    text += part;
    const [, length] = /\r\ncontent-length: *(\d+)/i.exec(text) ?? [];
    const head = text.indexOf("\r\n\r\n");
    if (head > 0 && text.length >= head + 4 + Number(length)) break;
  }
  return text;
}

/** Sends a call with that much in it, then reads the answer. */
async function answerTo(port: number, method: string): Promise<string> {
  const before = `<methodCall><methodName>${method}</methodName><params>` +
    `<param><value><base64>`;
  const after = `</base64></value></param></params></methodCall>`;
  const length = before.length + LENGTH + after.length;
  const socket = await Deno.connect({ hostname: "127.0.0.1", port });
  const tooLate = setTimeout(() => socket.close(), PATIENCE_MS);
  try {
    const writer = socket.writable.getWriter();
    const encoder = new TextEncoder();
    const head = `POST /RPC2 HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
      `Content-Type: text/xml\r\nContent-Length: ${length}\r\n\r\n`;
    await writer.write(encoder.encode(head + before));
    const chunk = encoder.encode("AAAA".repeat(10_000));
    for (let sent = 0; sent < LENGTH; sent += chunk.length) {
      await writer.write(chunk);
    }
    await writer.write(encoder.encode(after));
    return await responseFrom(socket.readable);
  } finally {
    clearTimeout(tooLate);
    try {
      socket.close();
    } catch {
      // Its streams have closed it.
    }
  }
}

/** A method that has thrown before all was sent: its fault arrives. */
export async function hearsFault(port: number): Promise<void> {
  const answer = await answerTo(port, "sip");
  assert(answer.includes("Enough"), `Got ${answer}`);
}

/** A call that is too long: the server says so. */
export async function hearsLimit(port: number): Promise<void> {
  const answer = await answerTo(port, "echo");
  assert(answer.startsWith("HTTP/1.1 413"), `Got ${answer}`);
}
