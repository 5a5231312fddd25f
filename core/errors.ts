/**
 * The errors of this package: a fault ({@linkcode XmlRpcFault}), a document that cannot be
 * decoded ({@linkcode XmlRpcSyntaxError}), and an HTTP response that is not XML-RPC
 * ({@linkcode XmlRpcHttpError}). All other errors are those of the platform (`TypeError`,
 * `RangeError`, `AbortError`), passed on unchanged.
 *
 * @module
 */

// This module is browser compatible.

/**
 * The fault codes that XML-RPC implementations agreed on ("Specification for Fault Code
 * Interoperability", version 20010516). It reserves the codes from -32768 to -32000; all
 * others are free for applications.
 *
 * @example Usage
 * ```ts
 * import { FaultCode } from "@xmlrpc/xmlrpc";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(FaultCode.methodNotFound, -32601);
 * ```
 */
export const FaultCode = {
  /** The request is not well-formed XML. */
  parseError: -32700,
  /** The request is XML, but not an XML-RPC call, or over a limit. */
  invalidRequest: -32600,
  /** The server has no method of that name. */
  methodNotFound: -32601,
  /** The method was called with the wrong number or types of params. */
  invalidParams: -32602,
  /** The method failed; the server does not reveal the reason. */
  internalError: -32603,
  /** An error of the application. */
  applicationError: -32500,
  /** An error of the system the server runs on. */
  systemError: -32400,
  /** An error of the transport. */
  transportError: -32300,
} as const;

/** Options of an {@linkcode XmlRpcFault} besides its code and message. */
export interface XmlRpcFaultOptions {
  /** The cause of the fault. It stays in this process and is never sent. */
  readonly cause?: unknown;
  /**
   * Members of a received fault besides `faultCode` and `faultString`. They are never
   * sent.
   *
   * Spec: "A <fault> struct may not contain members other than those shown
   * above."
   *
   * @default {undefined}
   */
  readonly members?: Readonly<Record<string, unknown>>;
}

/**
 * A fault: the error that is sent over the wire. A method throws one to give its caller
 * this code and message; a client throws one if the server responds with a fault.
 *
 * Spec: "Its <fault> contains a <value> which is a <struct> containing two
 * elements, one named <faultCode>, an <int> and one named <faultString>, a
 * <string>."
 *
 * @example Usage
 * ```ts
 * import { XmlRpcFault } from "@xmlrpc/xmlrpc";
 * import { assertEquals } from "@std/assert";
 *
 * const fault = new XmlRpcFault(4, "Too many parameters.");
 * assertEquals(fault.code, 4);
 * assertEquals(fault.message, "Too many parameters.");
 * ```
 */
export class XmlRpcFault extends Error {
  /** The class's name, `"XmlRpcFault"`, as logs show it. */
  override readonly name: string = "XmlRpcFault";
  /** The fault's `faultCode`: an integer. */
  readonly code: number;
  /** Further members of a received fault, by name; usually empty. */
  readonly members: Readonly<Record<string, unknown>>;

  /**
   * Creates a fault.
   *
   * @param code The `faultCode`: an integer within 32 bits, or it cannot be sent.
   * @param message The `faultString`, which the caller receives.
   * @param options The cause, and further members of a received fault.
   */
  constructor(
    code: number,
    message: string,
    options: XmlRpcFaultOptions = {},
  ) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.members = options.members ?? {};
  }
}

/** The kind and the position of an {@linkcode XmlRpcSyntaxError}. */
export interface XmlRpcSyntaxErrorOptions {
  /** What is wrong; see {@linkcode XmlRpcSyntaxError.kind}. */
  readonly kind: "malformed" | "invalid" | "limit";
  /** Offset of the position in the document, in bytes of UTF-8. */
  readonly offset: number;
  /** Line of the position, from 1. */
  readonly line: number;
  /** Column of the position in bytes, from 1. */
  readonly column: number;
  /** Path of the value at the position, such as `params[0].rows[3].price`; or "". */
  readonly path: string;
}

/**
 * An error at a position in a document: it is not well-formed XML, it is XML but not
 * XML-RPC, or it exceeds a limit.
 *
 * @example Usage
 * ```ts
 * import { decodeCall, XmlRpcSyntaxError } from "@xmlrpc/xmlrpc";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const error = assertThrows(
 *   () => decodeCall("<methodCall><methodName>m</methodCall>"),
 *   XmlRpcSyntaxError,
 * );
 * assertEquals(error.kind, "malformed");
 * assertEquals(error.line, 1);
 * ```
 */
export class XmlRpcSyntaxError extends SyntaxError {
  /** The class's name, `"XmlRpcSyntaxError"`, as logs show it. */
  override readonly name: string = "XmlRpcSyntaxError";
  /**
   * `"malformed"`: not well-formed XML, or bytes that are not valid in the encoding of the
   * document. `"invalid"`: XML, but not XML-RPC. `"limit"`: refused for its size; the
   * message names the option.
   */
  readonly kind: "malformed" | "invalid" | "limit";
  /** Offset of the position in the document, in bytes of UTF-8. */
  readonly offset: number;
  /** Line of the position, from 1. */
  readonly line: number;
  /** Column of the position in bytes, from 1. */
  readonly column: number;
  /**
   * Path of the value at the position, such as `params[0].rows[3].price`; or "". The
   * decoders shorten it to 200 characters.
   */
  readonly path: string;

  /**
   * Creates a syntax error; the position becomes part of its message.
   *
   * @param message What is wrong, without the position.
   * @param options The kind and the position.
   */
  constructor(message: string, options: XmlRpcSyntaxErrorOptions) {
    const { kind, offset, line, column, path } = options;
    const shown = path.length > 100 ? `${path.slice(0, 100)}…` : path;
    const where = path === "" ? "" : ` at ${shown}`;
    super(`${message}${where} (line ${line}, column ${column})`);
    this.kind = kind;
    this.offset = offset;
    this.line = line;
    this.column = column;
    this.path = path;
  }
}

/** The response that an {@linkcode XmlRpcHttpError} is about. */
export interface XmlRpcHttpErrorOptions {
  /** The HTTP status. */
  readonly status: number;
  /** The requested URL, without user name and password. */
  readonly url: string;
  /** The headers of the response. */
  readonly headers: Headers;
  /** The start of the body, as text. */
  readonly body: string;
  /** The cause of the error: the syntax error, if the body was parsed as XML. */
  readonly cause?: unknown;
}

/**
 * An HTTP response that is not XML-RPC: an unsuccessful status without a fault in its body,
 * a web page, a redirect.
 *
 * @example Usage
 * ```ts
 * import { createClient, XmlRpcHttpError } from "@xmlrpc/xmlrpc";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const client = createClient("http://localhost/", {
 *   fetch: () => Promise.resolve(new Response("gone", { status: 410 })),
 * });
 * const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);
 * assertEquals(error.status, 410);
 * assertEquals(error.body, "gone");
 * ```
 */
export class XmlRpcHttpError extends Error {
  /** The class's name, `"XmlRpcHttpError"`, as logs show it. */
  override readonly name: string = "XmlRpcHttpError";
  /** The HTTP status. */
  readonly status: number;
  /** The requested URL, without user name and password. */
  readonly url: string;
  /** The headers of the response, such as `Retry-After` or `Location`. */
  readonly headers: Headers;
  /** The start of the body (2 KiB at most), as text. */
  readonly body: string;

  /**
   * Creates an HTTP error.
   *
   * @param message What is wrong, and what to do about it.
   * @param options The response.
   */
  constructor(message: string, options: XmlRpcHttpErrorOptions) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.status = options.status;
    this.url = options.url;
    this.headers = options.headers;
    this.body = options.body;
  }

  /** The `Content-Type` of the response; "" if it has none. */
  get contentType(): string {
    return this.headers.get("content-type") ?? "";
  }
}
