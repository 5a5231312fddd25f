// A server that sends the bytes that a test wants, HTTP or not, to each client.

import { within } from "./ends.ts";

/** What is sent, piece by piece. */
export type Pieces =
  | Iterable<string | Uint8Array>
  | AsyncIterable<string | Uint8Array>;

/** More than any client may take: what would be sent without end stops here. */
const MOST_BYTES = 2 ** 28;

const CRLF = new TextEncoder().encode("\r\n");

function toBytes(piece: string | Uint8Array): Uint8Array {
  return typeof piece === "string" ? new TextEncoder().encode(piece) : piece;
}

/** A piece of a chunked body. */
export function chunk(piece: string | Uint8Array): Uint8Array {
  const bytes = toBytes(piece);
  const size = toBytes(`${bytes.length.toString(16)}\r\n`);
  const whole = new Uint8Array(size.length + bytes.length + 2);
  whole.set(size);
  whole.set(bytes, size.length);
  whole.set(CRLF, size.length + bytes.length);
  return whole;
}

/** The same piece again and again. */
export function* endlessly(
  piece: string | Uint8Array,
): Generator<Uint8Array, void, void> {
  const bytes = toBytes(piece);
  for (;;) yield bytes;
}

/** Pieces with a pause before each. */
export async function* slowly(
  pieces: Iterable<string | Uint8Array>,
  milliseconds: number,
): AsyncGenerator<string | Uint8Array, void, void> {
  for (const piece of pieces) {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    yield piece;
  }
}

/** The head of a response, and all of its body that has a length. */
export function answer(
  headers: Readonly<Record<string, string | number>>,
  body: string | Uint8Array = "",
  status = "200 OK",
): Uint8Array {
  const lines = Object.entries({ "content-type": "text/xml", ...headers })
    .map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const head = toBytes(`HTTP/1.1 ${status}\r\n${lines}\r\n`);
  const bytes = toBytes(body);
  const whole = new Uint8Array(head.length + bytes.length);
  whole.set(head);
  whole.set(bytes, head.length);
  return whole;
}

/** A server of raw bytes. */
export class RawServer implements AsyncDisposable {
  readonly url: string;
  /** The texts of the requests. */
  readonly requests: string[] = [];
  sentBytes = 0;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #pieces: (request: string, index: number) => Pieces;
  readonly #hungUp = Promise.withResolvers<void>();
  readonly #connections = new Set<Deno.TcpConn>();
  readonly #running: Promise<void>[] = [];

  /** Each request is answered with the pieces that `pieces` gives. */
  constructor(pieces: (request: string, index: number) => Pieces) {
    this.#pieces = pieces;
    this.url = `http://127.0.0.1:${this.#listener.addr.port}/RPC2`;
    this.#running.push(this.#listen());
  }

  /** Resolves once a client has closed its connection. */
  get hungUp(): Promise<void> {
    return within(this.#hungUp.promise, 10_000);
  }

  async #listen(): Promise<void> {
    for await (const connection of this.#listener) {
      this.#connections.add(connection);
      this.#running.push(this.#serve(connection));
    }
  }

  async #serve(connection: Deno.TcpConn): Promise<void> {
    try {
      for (;;) {
        const request = await this.#read(connection);
        this.requests.push(request);
        await this.#write(connection, request);
      }
    } catch {
      this.#hungUp.resolve();
    } finally {
      this.#connections.delete(connection);
      try {
        connection.close();
      } catch {
        // By the test's end.
      }
    }
  }

  /** Reads a request; throws if there is none. */
  async #read(connection: Deno.TcpConn): Promise<string> {
    const buffer = new Uint8Array(65_536);
    let text = "";
    for (;;) {
      const [, head, length = "0"] =
        /^([^]*?\r\n(?:content-length: (\d+)\r\n[^]*?)?\r\n)/i.exec(text) ?? [];
      if (head !== undefined && text.length >= head.length + Number(length)) {
        return text;
      }
      const count = await connection.read(buffer);
      if (count === null) throw new Error("The client has hung up");
      text += new TextDecoder("latin1").decode(buffer.subarray(0, count));
    }
  }

  async #write(connection: Deno.TcpConn, request: string): Promise<void> {
    // A client that hangs up while nothing is sent must be seen, too.
    const pieces = this.#pieces(request, this.requests.length - 1);
    for await (const piece of pieces) {
      const bytes = toBytes(piece);
      let at = 0;
      while (at < bytes.length) {
        at += await connection.write(bytes.subarray(at));
      }
      this.sentBytes += bytes.length;
      if (this.sentBytes > MOST_BYTES) return;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#connections) connection.close();
    await Promise.all(this.#running);
  }
}
