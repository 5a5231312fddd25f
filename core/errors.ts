/**
 * The errors of this package: a fault ({@linkcode XmlRpcFault}), a document
 * that cannot be read ({@linkcode XmlRpcSyntaxError}), and an HTTP answer that
 * is not XML-RPC ({@linkcode XmlRpcHttpError}). Everything else that can go
 * wrong is a platform error (`TypeError`, `RangeError`, `AbortError`), passed
 * on untouched.
 *
 * @module
 */

// This module is browser compatible.

/**
 * The fault codes that XML-RPC peers agreed on ("Specification for Fault Code
 * Interoperability", version 20010516). Codes from -32768 to -32000 are
 * reserved by it; all others are the application's own.
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
  /** The method failed; the server keeps the reason to itself. */
  internalError: -32603,
  /** An error of the application. */
  applicationError: -32500,
  /** An error of the system the server runs on. */
  systemError: -32400,
  /** An error of the transport. */
  transportError: -32300,
} as const;

/** Settings of an {@linkcode XmlRpcFault} beside its code and message. */
export interface XmlRpcFaultOptions {
  /** What led to the fault. Stays in this process: it is never sent. */
  readonly cause?: unknown;
  /**
   * Members of a received fault beside `faultCode` and `faultString`. They are
   * kept for the reader and never sent.
   *
   * Spec: "A <fault> struct may not contain members other than those shown
   * above."
   *
   * @default {undefined}
   */
  readonly members?: Readonly<Record<string, unknown>>;
}

/**
 * A fault: the error that travels over the wire. A handler throws one to give
 * its caller this code and message; a client throws one when the server
 * answered with a fault.
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
  /** A received fault's further members, by name; empty for most. */
  readonly members: Readonly<Record<string, unknown>>;

  /**
   * Makes a fault.
   *
   * @param code The `faultCode`: an integer within 32 bits, or it cannot be sent.
   * @param message The `faultString`, which the caller will read.
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

/** Where in a document, and of what kind, an {@linkcode XmlRpcSyntaxError} is. */
export interface XmlRpcSyntaxErrorOptions {
  /** What is wrong; see {@linkcode XmlRpcSyntaxError.kind}. */
  readonly kind: "malformed" | "invalid" | "limit";
  /** Bytes of the document before the place, counted as UTF-8. */
  readonly offset: number;
  /** Line of the place, from 1. */
  readonly line: number;
  /** Bytes into the line, from 1. */
  readonly column: number;
  /** The value the place is in, such as `params[0].rows[3].price`; or "". */
  readonly path: string;
}

/**
 * A document that cannot be read, and where: it is no well-formed XML, it is
 * XML but not XML-RPC, or it goes over a limit.
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
   * `"malformed"`: not well-formed XML, or bytes that are no text in the
   * document's encoding. `"invalid"`: XML, but not XML-RPC. `"limit"`: refused
   * for its size; the message names the option.
   */
  readonly kind: "malformed" | "invalid" | "limit";
  /** Bytes of the document before the place, counted as UTF-8. */
  readonly offset: number;
  /** Line of the place, from 1. */
  readonly line: number;
  /** Bytes into the line, from 1. */
  readonly column: number;
  /**
   * The value the place is in, such as `params[0].rows[3].price`; or "". The decoders cut
   * it to 200 characters.
   */
  readonly path: string;

  /**
   * Makes a syntax error; the place becomes part of its message.
   *
   * @param message What is wrong, without the place.
   * @param options The kind and the place.
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

/** What is known of the answer that an {@linkcode XmlRpcHttpError} is about. */
export interface XmlRpcHttpErrorOptions {
  /** The HTTP status. */
  readonly status: number;
  /** The URL that was asked, without user name and password. */
  readonly url: string;
  /** The answer's headers. */
  readonly headers: Headers;
  /** The start of the answer's body, as text. */
  readonly body: string;
  /** What led to this error: the syntax error, if the body was read as XML. */
  readonly cause?: unknown;
}

/**
 * An HTTP answer that is no XML-RPC response: a status that is no success without
 * a fault in its body, a web page, a redirect.
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
  /** The URL that was asked, without user name and password. */
  readonly url: string;
  /** The answer's headers, such as `Retry-After` or `Location`. */
  readonly headers: Headers;
  /** The start of the answer's body (2 KiB at most), as text. */
  readonly body: string;

  /**
   * Makes an HTTP error.
   *
   * @param message What is wrong, and what to do about it.
   * @param options What is known of the answer.
   */
  constructor(message: string, options: XmlRpcHttpErrorOptions) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.status = options.status;
    this.url = options.url;
    this.headers = options.headers;
    this.body = options.body;
  }

  /** The answer's `Content-Type`, or "" if it had none. */
  get contentType(): string {
    return this.headers.get("content-type") ?? "";
  }
}
