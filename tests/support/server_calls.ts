// Requests to a server without a socket, and what it answers.

import { assertEquals, assertInstanceOf, assertNotMatch } from "@std/assert";
import { STATUS_CODE } from "@std/http/status";
import { decodeResponse, encodeCall } from "../../codec.ts";
import { XmlRpcFault } from "../../core/errors.ts";
import type { XmlRpcValue } from "../../core/value.ts";
import { createServer, type XmlRpcServerOptions } from "../../server.ts";

/** Where the requests go. */
export const ADDRESS = "http://localhost/RPC2";
export const XML = { "content-type": "text/xml" };

/** What answers the requests. */
export type Fetch = (request: Request) => Promise<Response>;

/** What a server answered: a value, or a fault. */
export interface Outcome {
  readonly value?: XmlRpcValue;
  readonly fault?: readonly [code: number, message: string];
}

/** A server of methods that may be anything. */
export function serverOf(
  methods: unknown,
  options: XmlRpcServerOptions = {},
): Fetch {
  return createServer(methods as Record<string, () => unknown>, options).fetch;
}

/** A POST request with any body. */
export function post(
  body: BodyInit | null,
  headers: Record<string, string> = XML,
): Request {
  // A string would bring a Content-Type of its own.
  const bytes = typeof body === "string"
    ? new TextEncoder().encode(body)
    : body;
  return new Request(ADDRESS, { method: "POST", headers, body: bytes });
}

/** A request with a call. */
export function request(
  methodName: string,
  params: readonly unknown[] = [],
  headers: Record<string, string> = {},
): Request {
  return post(encodeCall(methodName, params), { ...XML, ...headers });
}

/** Reads the value or the fault of a response. */
export async function outcomeOf(response: Response): Promise<Outcome> {
  assertEquals(response.status, STATUS_CODE.OK);
  const bytes = new Uint8Array(await response.arrayBuffer());
  try {
    return { value: decodeResponse(bytes) };
  } catch (error) {
    assertInstanceOf(error, XmlRpcFault);
    return { fault: [error.code, error.message] };
  }
}

/** Calls a method, and reads the response. */
export async function callOn(
  fetch: Fetch,
  methodName: string,
  ...params: unknown[]
): Promise<Outcome> {
  return await outcomeOf(await fetch(request(methodName, params)));
}

/** The UTF-8 of a text. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** A body that counts what is pulled of it. */
export class TrackedBody {
  pulledBytes = 0;
  isCancelled = false;
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;

  constructor(bytes: Uint8Array<ArrayBuffer>, chunkBytes: number) {
    let offset = 0;
    this.stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: (controller) => {
        if (offset >= bytes.length) return controller.close();
        const chunk = bytes.slice(offset, offset + chunkBytes);
        offset += chunk.length;
        this.pulledBytes += chunk.length;
        controller.enqueue(chunk);
      },
      cancel: () => {
        this.isCancelled = true;
      },
    }, { highWaterMark: 0 });
  }
}

/** A method that returns its param. */
export const echo = (value: unknown): unknown => value;

/** A class that has a method. */
export class Point {
  x(): number {
    return 1;
  }
}

/** A refused request: its headers and text, and that the next call still works. */
export async function assertRefused(
  fetch: Fetch,
  sent: Request,
  status: number,
  text: string,
): Promise<Response> {
  const response = await fetch(sent);
  assertEquals(response.status, status);
  assertEquals(
    response.headers.get("content-type"),
    "text/plain; charset=utf-8",
  );
  assertEquals(response.headers.get("x-content-type-options"), "nosniff");
  assertEquals(await response.text(), `${text}\n`);
  return response;
}

/** The message about a request over the limit `maxBodyBytes`. */
export function tooLong(limit: number): string {
  return `The request is longer than ${limit} bytes: the limit maxBodyBytes`;
}

/** Nothing of what a caller must not know is in an answer. */
export function assertNotLeaking(text: string): void {
  assertNotMatch(text, /secret/i);
  // A line of a stack. The path of a value, "at params[0]", is not a secret.
  assertNotMatch(text, /\bat (?!params\[)/);
  assertNotMatch(text, /\.ts\b|file:|node:|ext:/);
}
