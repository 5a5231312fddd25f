// A TCP client that says whatever it wants, and reads what comes back as HTTP.

import { encodeCall, type EncodeOptions } from "../../codec.ts";

/** A response as it came. */
export interface RawResponse {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

/** More than any of the responses here needs, in milliseconds. */
const SOON = 10_000;

const HEAD_END = [13, 10, 13, 10];

/** The most bytes that a head, or a body, of ours can have here. */
const MAX_BYTES = 2 ** 20;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** Pieces one after the other. */
export function concat(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** What `promise` gives; rejects if that takes too long. */
export async function within<T>(
  promise: Promise<T>,
  milliseconds: number = SOON,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(new Error(`Nothing within ${milliseconds} ms`)),
          milliseconds,
        );
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}

/** A request with a document; `headers` are lines without their ends. */
export function requestOf(
  document: Uint8Array | string,
  headers: readonly string[] = [],
  path = "/",
): Uint8Array<ArrayBuffer> {
  const body = typeof document === "string" ? bytesOf(document) : document;
  const lines = [
    `POST ${path} HTTP/1.1`,
    "host: localhost",
    "content-type: text/xml",
    ...headers,
  ];
  if (!headers.some((line) => /^(content-length|transfer-enc)/i.test(line))) {
    lines.push(`content-length: ${body.length}`);
  }
  return concat([bytesOf(`${lines.join("\r\n")}\r\n\r\n`), body]);
}

/** A request with a call. */
export function callOf(
  methodName: string,
  params: readonly unknown[] = [],
  options: EncodeOptions = {},
): Uint8Array<ArrayBuffer> {
  return requestOf(encodeCall(methodName, params, options));
}

/** Bytes in one chunk of HTTP, and the end of all chunks. */
export function chunked(body: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat([
    bytesOf(`${body.length.toString(16)}\r\n`),
    body,
    bytesOf("\r\n0\r\n\r\n"),
  ]);
}

/** Bytes as gzip or deflate. */
export async function compress(
  bytes: Uint8Array<ArrayBuffer>,
  format: CompressionFormat = "gzip",
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream()
    .pipeThrough(new CompressionStream(format));
  return await new Response(stream).bytes();
}

/** What was no HTTP. */
export class NotHttp extends Error {}

/** A connection to a port of this machine. */
export class RawConnection {
  readonly #connection: Deno.TcpConn;
  #buffer = new Uint8Array(0);

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  static async open(port: number): Promise<RawConnection> {
    return new RawConnection(
      await Deno.connect({ hostname: "127.0.0.1", port }),
    );
  }

  /** Closes it; what has come and is not read makes that a reset. */
  close(): void {
    this.#connection.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Says that no more will be written. */
  async closeWrite(): Promise<void> {
    await this.#connection.closeWrite();
  }

  async write(bytes: Uint8Array | string): Promise<void> {
    let rest = typeof bytes === "string" ? bytesOf(bytes) : bytes;
    while (rest.length > 0) {
      rest = rest.subarray(await this.#connection.write(rest));
    }
  }

  /** Reads so many bytes, or fewer at the end. */
  async read(length: number): Promise<Uint8Array> {
    while (this.#buffer.length < length && await this.#more()) {
      // There may be enough now.
    }
    return this.#take(Math.min(length, this.#buffer.length));
  }

  /** Reads all that still comes. */
  async readToEnd(): Promise<Uint8Array> {
    return await this.read(MAX_BYTES);
  }

  /** Reads a response; undefined if the connection ends before one begins. */
  async response(isHead = false): Promise<RawResponse | undefined> {
    const head = await this.#until(HEAD_END);
    if (head === undefined) return undefined;
    const [line, ...lines] = decoder.decode(head).split("\r\n");
    const match = /^HTTP\/1\.[01] (\d{3})(?: [ -~]*)?$/.exec(line!);
    if (match === null) throw new NotHttp(`The status line ${line}`);
    const headers = headersOf(lines);
    const status = Number(match[1]);
    const body = isHead ? new Uint8Array(0) : await this.#body(status, headers);
    return { status, headers, body };
  }

  async #body(
    status: number,
    headers: ReadonlyMap<string, string>,
  ): Promise<Uint8Array> {
    if (status < 200 || status === 204 || status === 304) {
      return new Uint8Array(0);
    }
    if (headers.get("transfer-encoding") === "chunked") {
      return await this.#chunks();
    }
    const length = headers.get("content-length");
    if (length === undefined) return await this.readToEnd();
    if (!/^\d+$/.test(length)) throw new NotHttp(`The length ${length}`);
    return await this.#exactly(Number(length));
  }

  async #chunks(): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for (;;) {
      const line = await this.#until([13, 10]);
      const size = line === undefined ? "" : decoder.decode(line);
      if (!/^[0-9a-f]+$/i.test(size)) throw new NotHttp(`The chunk ${size}`);
      const chunk = await this.#exactly(parseInt(size, 16));
      const end = decoder.decode(await this.#exactly(2));
      if (end !== "\r\n") throw new NotHttp("The end of a chunk");
      if (chunk.length === 0) return concat(chunks);
      chunks.push(chunk);
    }
  }

  async #exactly(length: number): Promise<Uint8Array> {
    const bytes = await this.read(length);
    if (bytes.length === length) return bytes;
    throw new NotHttp(`The end after ${bytes.length} bytes of ${length}`);
  }

  /** Reads up to a mark; undefined if the connection ends first with nothing at all. */
  async #until(mark: readonly number[]): Promise<Uint8Array | undefined> {
    for (let from = 0;;) {
      const at = indexOf(this.#buffer, mark, from);
      if (at !== -1) {
        const bytes = this.#take(at);
        this.#take(mark.length);
        return bytes;
      }
      from = Math.max(0, this.#buffer.length - mark.length + 1);
      if (await this.#more()) continue;
      if (this.#buffer.length === 0) return undefined;
      throw new NotHttp("The end in a head");
    }
  }

  #take(length: number): Uint8Array {
    const bytes = this.#buffer.subarray(0, length);
    this.#buffer = this.#buffer.subarray(length);
    return bytes;
  }

  async #more(): Promise<boolean> {
    const chunk = new Uint8Array(65_536);
    const length = await this.#connection.read(chunk);
    if (length === null) return false;
    const fresh = chunk.subarray(0, length);
    this.#buffer = this.#buffer.length === 0
      ? fresh
      : concat([this.#buffer, fresh]);
    if (this.#buffer.length > MAX_BYTES) throw new NotHttp("Too long");
    return true;
  }
}

function indexOf(
  bytes: Uint8Array,
  mark: readonly number[],
  from: number,
): number {
  for (let at = bytes.indexOf(mark[0]!, from); at !== -1;) {
    if (mark.every((byte, index) => bytes[at + index] === byte)) return at;
    at = bytes.indexOf(mark[0]!, at + 1);
  }
  return -1;
}

function headersOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(
      line,
    );
    if (match === null) throw new NotHttp(`The header ${line}`);
    const name = match[1]!.toLowerCase();
    const known = headers.get(name);
    if (known === undefined) headers.set(name, match[2]!);
    // A list, which may stand in two lines: what a server says, and its runtime.
    else if (name === "connection") headers.set(name, `${known}, ${match[2]!}`);
    else throw new NotHttp(`A second ${name}`);
  }
  return headers;
}
