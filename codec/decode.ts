// The functions that decode documents. This module is browser compatible.

import { Decoder } from "./decoder.ts";
import type { DecoderSettings } from "./element_decoder.ts";
import { unwrapResult } from "./fault.ts";
import type {
  DecodeOptions,
  DecodeResponseStreamOptions,
  DecodeStreamOptions,
  XmlRpcCall,
  XmlRpcDecoder,
} from "./options.ts";
import { readDecoderSettings } from "./settings.ts";
import { XmlRpcSyntaxError } from "../core/errors.ts";
import type { XmlRpcValue } from "../core/value.ts";

/** Encodes a text as UTF-8; throws an XmlRpcSyntaxError if it has a lone surrogate. */
function encodeText(text: string): Uint8Array {
  const encoder = new TextEncoder();
  const at = text.isWellFormed() ? -1 : text.search(/\p{Surrogate}/u);
  if (at < 0) return encoder.encode(text);
  const before = encoder.encode(text.slice(0, at));
  const lineStart = before.lastIndexOf(0x0a) + 1;
  throw new XmlRpcSyntaxError("A lone surrogate in the document's text", {
    kind: "malformed",
    offset: before.length,
    line: text.slice(0, at).split("\n").length,
    column: before.length - lineStart + 1,
    path: "",
  });
}

function checkBytes(bytes: unknown, what: string): void {
  if (bytes instanceof Uint8Array) return;
  throw new TypeError(`Cannot decode: expected ${what}`);
}

function decode(
  root: DecoderSettings["root"],
  document: string | Uint8Array,
  options: DecodeOptions,
): unknown {
  if (typeof document === "string") {
    // It is UTF-8 now, whatever its declaration says.
    const settings = { ...options, contentType: "text/xml; charset=utf-8" };
    return decode(root, encodeText(document), settings);
  }
  checkBytes(document, "the document as a string or a Uint8Array");
  const decoder = new Decoder(readDecoderSettings(root, options));
  decoder.push(document);
  return decoder.end();
}

/**
 * Decodes a `<methodCall>`.
 *
 * It is liberal if a document is unambiguous, and strict if data would be lost: unknown
 * elements, text beside elements, duplicate members and impossible dates are refused. A
 * document type declaration is always refused.
 *
 * @example Usage
 * ```ts
 * import { decodeCall } from "@xmlrpc/xmlrpc/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const call = decodeCall(`<?xml version="1.0"?>
 *   <methodCall>
 *     <methodName>add</methodName>
 *     <params>
 *       <param><value><int>8</int></value></param>
 *       <param><value><int>8</int></value></param>
 *     </params>
 *   </methodCall>`);
 * assertEquals(call, { methodName: "add", params: [8, 8] });
 * ```
 *
 * @param document The document: bytes in any of the usual encodings, or text.
 * @param options Limits, and how some types are represented.
 * @returns The name of the method and the params.
 * @throws {XmlRpcSyntaxError} If the document is not a call, or over a limit.
 */
export function decodeCall(
  document: string | Uint8Array,
  options: DecodeOptions = {},
): XmlRpcCall {
  return decode("methodCall", document, options) as XmlRpcCall;
}

/**
 * Decodes a `<methodResponse>`. A response without a value, as PHP's void methods send
 * it, is null.
 *
 * @example Usage
 * ```ts
 * import { decodeResponse } from "@xmlrpc/xmlrpc/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const value = decodeResponse(
 *   `<methodResponse><params><param>
 *      <value>South Dakota</value>
 *    </param></params></methodResponse>`,
 * );
 * assertEquals(value, "South Dakota");
 * ```
 *
 * @param document The document: bytes in any of the usual encodings, or text.
 * @param options Limits, and how some types are represented.
 * @returns The value.
 * @throws {XmlRpcFault} If the response is a fault.
 * @throws {XmlRpcSyntaxError} If the document is not a response, or over a limit.
 */
export function decodeResponse(
  document: string | Uint8Array,
  options: DecodeOptions = {},
): XmlRpcValue {
  return unwrapResult(
    decode("methodResponse", document, options),
  ) as XmlRpcValue;
}

function createDecoder<T>(
  root: DecoderSettings["root"],
  options: DecodeResponseStreamOptions,
): XmlRpcDecoder<T> {
  const decoder = new Decoder(readDecoderSettings(root, options));
  return Object.freeze({
    get methodName(): string | undefined {
      return decoder.methodName;
    },
    get handedOutBytes(): number {
      return decoder.handedOutBytes;
    },
    push(chunk: Uint8Array): void {
      checkBytes(chunk, "each chunk as a Uint8Array");
      decoder.push(chunk);
    },
    end(): T {
      return unwrapResult(decoder.end()) as T;
    },
  });
}

/**
 * Creates a decoder for a `<methodCall>` that arrives in chunks.
 *
 * @example A file that is never in memory as a whole
 * ```ts
 * import { createCallDecoder, encodeCall } from "@xmlrpc/xmlrpc/codec";
 * import { assertEquals } from "@std/assert";
 *
 * let size = 0;
 * const decoder = createCallDecoder({
 *   onBase64(index, params) {
 *     if (index !== 1 || params[0] !== "boy.jpg") return undefined;
 *     return {
 *       write(bytes) {
 *         size += bytes.length;
 *       },
 *       close() {},
 *     };
 *   },
 * });
 * decoder.push(encodeCall("image_put", ["boy.jpg", new Uint8Array(1000)]));
 * assertEquals(decoder.end().params, ["boy.jpg", null]);
 * assertEquals(size, 1000);
 * ```
 *
 * @example Usage
 * ```ts
 * import { createCallDecoder, encodeCall } from "@xmlrpc/xmlrpc/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const decoder = createCallDecoder();
 * for (const byte of encodeCall("add", [8, 8])) {
 *   decoder.push(Uint8Array.of(byte));
 * }
 * assertEquals(decoder.end(), { methodName: "add", params: [8, 8] });
 * ```
 *
 * @param options Limits, and how some types are represented.
 * @returns The decoder.
 */
export function createCallDecoder(
  options: DecodeStreamOptions = {},
): XmlRpcDecoder<XmlRpcCall> {
  return createDecoder("methodCall", options);
}

/**
 * Creates a decoder for a `<methodResponse>` that arrives in chunks.
 *
 * @example Process rows that do not fit into memory
 * ```ts
 * import { createResponseDecoder, encodeResponse } from "@xmlrpc/xmlrpc/codec";
 * import { assertEquals } from "@std/assert";
 *
 * let sum = 0;
 * const decoder = createResponseDecoder({
 *   onItems(items) {
 *     for (const item of items) sum += Number(item);
 *   },
 * });
 * decoder.push(encodeResponse([1, 2, 3]));
 * assertEquals(decoder.end(), []);
 * assertEquals(sum, 6);
 * ```
 *
 * @example Usage
 * ```ts
 * import { createResponseDecoder, encodeResponse } from "@xmlrpc/xmlrpc/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const decoder = createResponseDecoder();
 * decoder.push(encodeResponse(["a", "b"]));
 * assertEquals(decoder.end(), ["a", "b"]);
 * ```
 *
 * @param options Limits, and how some types are represented.
 * @returns The decoder; its `end` throws an `XmlRpcFault` if the response is a fault.
 */
export function createResponseDecoder(
  options: DecodeResponseStreamOptions = {},
): XmlRpcDecoder<XmlRpcValue> {
  return createDecoder("methodResponse", options);
}
