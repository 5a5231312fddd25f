/**
 * The server: an object of functions becomes a handler of HTTP requests.
 *
 * ```ts
 * import { createServer } from "@xmlrpc/xmlrpc/server";
 * import { assertEquals } from "@std/assert";
 *
 * const server = createServer({
 *   get_string: (text: string) => `get string:${text}`,
 *   math: { add: (x: number, y: number) => x + y },
 * });
 * // Deno.serve({ port: 8888 }, server.fetch);
 *
 * const response = await server.fetch(
 *   new Request("http://localhost:8888/", {
 *     method: "POST",
 *     headers: { "content-type": "text/xml" },
 *     body: "<methodCall><methodName>math.add</methodName><params>" +
 *       "<param><value><int>8</int></value></param>" +
 *       "<param><value><int>8</int></value></param></params></methodCall>",
 *   }),
 * );
 * assertEquals(response.status, 200);
 * ```
 *
 * @module
 */

// This module is browser compatible.

import { isXml, readBody } from "./_http.ts";
import { functionOf, limitOf } from "./_options.ts";
import { createRegistry } from "./_registry.ts";
import { quote } from "./_message.ts";
import {
  createCallDecoder,
  type DecodeValueOptions,
  encodeFault,
  type EncodeOptions,
  encodeResponse,
  type XmlRpcCall,
} from "./codec.ts";
import { FaultCode, XmlRpcFault, XmlRpcSyntaxError } from "./errors.ts";

/**
 * What a method has as `this` while it runs. Methods that use it are written
 * `function () { … }` or `name() { … }`, for an arrow function has no `this`.
 */
export interface XmlRpcContext {
  /** The HTTP request. Its body has been read. */
  readonly request: Request;
  /** The name the method was called by. */
  readonly methodName: string;
  /**
   * Aborts when the caller has gone: there is nobody left to work for. Deno aborts it
   * after a response, too, unless run with `--unstable-no-legacy-abort`.
   */
  readonly signal: AbortSignal;
}

/**
 * What a server can be made of: functions by name, and objects of them, whose names
 * are then dotted. Any object type will do, an `interface` too.
 *
 * A method may be sync or async. What it returns is the result; nothing is sent as
 * nil. An {@linkcode XmlRpcFault} it throws is what the caller gets; of any other
 * error the caller learns only that there was one.
 *
 * @typeParam T The type of the methods.
 */
export type XmlRpcMethods<T> = {
  readonly [Name in keyof T]: T[Name] extends (...params: never[]) => unknown
    ? T[Name]
    : T[Name] extends object ? XmlRpcMethods<T[Name]>
    : never;
};

/** Where an error happened. */
export interface XmlRpcErrorContext {
  /** The HTTP request. */
  readonly request: Request;
  /** The name of the method; undefined if the request has not been read so far. */
  readonly methodName: string | undefined;
}

/** How a server works. */
export interface XmlRpcServerOptions extends DecodeValueOptions, EncodeOptions {
  /**
   * Longest request body in bytes, after decompression. A longer one is answered
   * with status 413.
   *
   * @default {16_777_216}
   */
  readonly maxBodyBytes?: number | undefined;
  /**
   * Whether a response of more than 4 KiB is compressed for clients that say they
   * can read it.
   *
   * @default {true}
   */
  readonly gzip?: boolean | undefined;
  /**
   * Told of every error that the caller does not get to see: what a method threw
   * that is no {@linkcode XmlRpcFault}, and results that cannot be sent. It may
   * log; whatever it throws is dropped, the answer stays the same.
   *
   * @default {undefined}
   */
  readonly onError?:
    | ((error: unknown, context: XmlRpcErrorContext) => void)
    | undefined;
}

/**
 * A server, to be served by whatever serves `fetch` handlers.
 *
 * @typeParam T The type of its methods.
 */
export interface XmlRpcServer<T> {
  /** The methods, as they were given; `typeof server.methods` is the client's type. */
  readonly methods: T;
  /**
   * Answers an HTTP request. It never rejects.
   *
   * @param request The request.
   * @returns The response.
   */
  readonly fetch: (request: Request) => Promise<Response>;
}

/** Smallest response that is compressed, in bytes: below, it is not worth it. */
const GZIP_FROM = 4096;

// One byte of gzip holds up to a thousand of the document: so little at a time goes
// into the decompressor that a bomb is seen before it has burst.
const INFLATE_BYTES = 1024;

const COMPRESSIONS: ReadonlyMap<string, CompressionFormat> = new Map([
  ["gzip", "gzip"],
  ["x-gzip", "gzip"],
  ["deflate", "deflate"],
]);

const INTERNAL_ERROR = encodeFault({
  code: FaultCode.internalError,
  message: "Internal error",
});

/** What becomes known of a request little by little. */
interface MutableContext extends XmlRpcErrorContext {
  methodName: string | undefined;
}

/** A request that is refused before XML-RPC comes into it. */
class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.headers = headers;
  }

  toResponse(): Response {
    return new Response(`${this.message}\n`, {
      status: this.status,
      headers: { "content-type": "text/plain; charset=utf-8", ...this.headers },
    });
  }
}

class Context implements XmlRpcContext {
  readonly request: Request;
  readonly methodName: string;

  constructor(request: Request, methodName: string) {
    this.request = request;
    this.methodName = methodName;
  }

  // A request's signal costs time once it has been looked at.
  get signal(): AbortSignal {
    return this.request.signal;
  }
}

// ---------------------------------------------------------------- requests

function checkRequest({ method, headers }: Request): void {
  if (method !== "POST") {
    throw new Refusal(
      405,
      "This is an XML-RPC server: it answers POST requests",
      {
        "allow": "POST",
      },
    );
  }
  checkContentType(headers);
}

function checkContentType(headers: Headers): void {
  const contentType = headers.get("content-type");
  if (contentType === null) {
    // Not in the spec: davexmlrpc sends none. A browser page that sends none has
    // been written to get around the check below.
    if (headers.has("origin") || headers.has("sec-fetch-site")) {
      throw new Refusal(
        415,
        "A request from a web page needs the Content-Type text/xml",
      );
    }
  } else if (!isXml(contentType)) {
    // Spec: "The Content-Type is text/xml." A web page may send it only to servers
    // that agree, so this also keeps strangers' pages out.
    throw new Refusal(
      415,
      "The Content-Type of an XML-RPC request is text/xml",
    );
  }
}

/** The compression of a request's body; undefined if there is none. */
function compressionOf(headers: Headers): CompressionFormat | undefined {
  const encoding = headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  if (encoding === "" || encoding === "identity") return undefined;
  const format = COMPRESSIONS.get(encoding);
  if (format !== undefined) return format;
  throw new Refusal(415, "The Content-Encoding is neither gzip nor deflate", {
    "accept-encoding": "gzip, deflate",
  });
}

function tooLarge(maxBodyBytes: number): Refusal {
  return new Refusal(
    413,
    `The request is longer than ${maxBodyBytes} bytes: the limit maxBodyBytes`,
  );
}

/** A compressed body, decompressed little by little. */
function inflate(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  format: CompressionFormat,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let rest = new Uint8Array(0);
  const pieces = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller): Promise<void> {
      while (rest.length === 0) {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        rest = value;
      }
      controller.enqueue(rest.subarray(0, INFLATE_BYTES));
      rest = rest.subarray(INFLATE_BYTES);
    },
    cancel(reason): Promise<void> {
      return reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
  return pieces.pipeThrough(new DecompressionStream(format));
}

/** Reads a request's body, the whole of it or as much as is allowed. */
async function readRequest(
  request: Request,
  maxBodyBytes: number,
  take: (chunk: Uint8Array) => void,
): Promise<void> {
  const { headers, body } = request;
  const format = compressionOf(headers);
  const length = headers.get("content-length");
  if (Number(length) > maxBodyBytes) throw tooLarge(maxBodyBytes);
  if (body === null) return;
  let received = 0;
  await readBody(
    format === undefined ? body : inflate(body, format),
    (chunk) => {
      received += chunk.length;
      if (received > maxBodyBytes) throw tooLarge(maxBodyBytes);
      take(chunk);
    },
    () => new Refusal(400, `The body is no whole ${format ?? "HTTP"} data`),
  );
}

// ---------------------------------------------------------------- responses

/** Whether an Accept-Encoding allows gzip. */
function acceptsGzip(header: string | null): boolean {
  const weights = new Map<string, number>();
  for (const item of header?.toLowerCase().split(",") ?? []) {
    const [coding, ...parameters] = item.split(";").map((part) => part.trim());
    const weight = parameters.find((parameter) => parameter.startsWith("q="));
    weights.set(coding!, weight === undefined ? 1 : Number(weight.slice(2)));
  }
  const weight = weights.get("gzip") ?? weights.get("x-gzip") ??
    weights.get("*") ?? 0;
  return weight > 0;
}

async function compress(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(
    new CompressionStream("gzip"),
  );
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The response with a document, compressed if it is long and the request allows it. */
async function respond(
  document: Uint8Array<ArrayBuffer>,
  request: Headers | undefined,
): Promise<Response> {
  const headers = new Headers({ "content-type": "text/xml; charset=utf-8" });
  let body = document;
  if (request !== undefined && document.length > GZIP_FROM) {
    headers.set("vary", "accept-encoding");
    if (acceptsGzip(request.get("accept-encoding"))) {
      headers.set("content-encoding", "gzip");
      body = await compress(document);
    }
  }
  // Spec: "The Content-Length must be specified and must be correct."
  headers.set("content-length", String(body.length));
  return new Response(body, { headers });
}

// ---------------------------------------------------------------- the server

/** Finds a wrong option now, and not when the first call comes. */
function checkOptions(options: XmlRpcServerOptions): void {
  createCallDecoder(options);
  encodeResponse("", options);
  functionOf(options, "onError");
}

/**
 * Makes a server of an object of functions. Sync or async, each call runs as soon as
 * it has come: a slow one holds up no other.
 *
 * The names are looked up once, when the server is made: own enumerable members
 * only, those of nested objects under dotted names.
 *
 * | Request | Answer |
 * | --- | --- |
 * | a call | 200 with the result |
 * | a call of an unknown method | 200 with fault -32601 |
 * | XML that is no call | 200 with fault -32600 |
 * | no well-formed XML | 200 with fault -32700 |
 * | a method that throws an `XmlRpcFault` | 200 with that fault |
 * | a method that throws anything else | 200 with fault -32603 `Internal error` |
 * | a broken or incomplete body | 400 |
 * | another HTTP method than POST | 405 |
 * | a body longer than `maxBodyBytes` | 413 |
 * | another Content-Type than XML, an unknown Content-Encoding | 415 |
 *
 * @example A method that fails, and one that uses its context
 * ```ts
 * import { createClient, createServer, XmlRpcFault } from "@xmlrpc/xmlrpc";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const server = createServer({
 *   divide(x: number, y: number): number {
 *     if (y === 0) throw new XmlRpcFault(1, "Division by zero");
 *     return x / y;
 *   },
 *   path(): string {
 *     return new URL(this.request.url).pathname;
 *   },
 * });
 *
 * const client = createClient<typeof server.methods>("http://localhost/RPC2", {
 *   fetch: server.fetch,
 * });
 * assertEquals(await client.methods.path(), "/RPC2");
 * await assertRejects(() => client.methods.divide(1, 0), XmlRpcFault, "Division by zero");
 * ```
 *
 * @typeParam T The type of the methods.
 * @param methods The methods by name.
 * @param options How the server works.
 * @returns The server; its members can be taken out and passed on.
 * @throws {TypeError} If a name is impossible or comes twice, or a method is no function.
 * @throws {RangeError} If an option is out of range.
 */
export function createServer<T extends XmlRpcMethods<T>>(
  methods: T & ThisType<XmlRpcContext>,
  options: XmlRpcServerOptions = {},
): XmlRpcServer<T> {
  const registry = createRegistry(methods);
  const maxBodyBytes = limitOf(options, "maxBodyBytes", 2 ** 24);
  const gzip = options.gzip ?? true;
  checkOptions(options);

  function report(error: unknown, context: XmlRpcErrorContext): void {
    try {
      // An async function fits the type too; its rejection is dropped like a throw.
      const returned: unknown = options.onError?.(error, context);
      Promise.resolve(returned).catch(() => {});
    } catch {
      // The hook is the application's; the answer is the caller's.
    }
  }

  /** The answer to an error: a fault as it is, of all else only that it happened. */
  function fail(
    error: unknown,
    context: XmlRpcErrorContext,
  ): Uint8Array<ArrayBuffer> {
    if (error instanceof XmlRpcFault) {
      try {
        return encodeFault(error);
      } catch (refusal) {
        error = new TypeError((refusal as Error).message, { cause: error });
      }
    }
    report(error, context);
    return INTERNAL_ERROR;
  }

  /** Reads the call in a request; throws a fault if there is none. */
  async function readCall(context: MutableContext): Promise<XmlRpcCall> {
    const { request } = context;
    const contentType = request.headers.get("content-type") ?? undefined;
    // The body is counted where a longer one can be answered with 413.
    const decoder = createCallDecoder({
      ...options,
      contentType,
      maxBytes: Infinity,
    });
    try {
      await readRequest(request, maxBodyBytes, decoder.push);
      return decoder.end();
    } catch (error) {
      if (!(error instanceof XmlRpcSyntaxError)) throw error;
      const { invalidRequest, parseError } = FaultCode;
      const code = error.kind === "malformed" ? parseError : invalidRequest;
      throw new XmlRpcFault(code, error.message, { cause: error });
    } finally {
      context.methodName = decoder.methodName;
    }
  }

  async function invoke(request: Request, call: XmlRpcCall): Promise<unknown> {
    const { methodName, params } = call;
    const method = registry.get(methodName);
    if (method === undefined) {
      throw new XmlRpcFault(
        FaultCode.methodNotFound,
        `No method ${quote(methodName)}`,
      );
    }
    const result = await method.apply(new Context(request, methodName), params);
    return result === undefined ? null : result;
  }

  /** The document that answers a request. */
  async function answer(request: Request): Promise<Uint8Array<ArrayBuffer>> {
    const context: MutableContext = { request, methodName: undefined };
    try {
      const call = await readCall(context);
      return encodeResponse(await invoke(request, call), options);
    } catch (error) {
      if (error instanceof Refusal) throw error;
      return fail(error, context);
    }
  }

  async function fetch(request: Request): Promise<Response> {
    try {
      checkRequest(request);
      return await respond(
        await answer(request),
        gzip ? request.headers : undefined,
      );
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // What has not been read of the body nobody needs.
      request.body?.cancel().catch(() => {});
      return error.toResponse();
    }
  }

  return Object.freeze({ methods, fetch });
}
