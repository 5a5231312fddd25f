/**
 * The wire: calls and responses as XML, to values and back. No HTTP here, and no
 * methods: for those see `./client` and `./server`.
 *
 * ```ts
 * import { decodeCall, encodeCall } from "@xmlrpc/xmlrpc/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const document = encodeCall("examples.getStateName", [41]);
 * assertEquals(decodeCall(document), {
 *   methodName: "examples.getStateName",
 *   params: [41],
 * });
 * ```
 *
 * @module
 */

// This module is browser compatible.

import { Decoder, type DecoderSettings, unwrap } from "./_decoder.ts";
import { Encoder, type EncoderSettings } from "./_encoder.ts";
import { methodNameFlaw } from "./_grammar.ts";
import { quote } from "./_message.ts";
import {
  booleanOf,
  choiceOf,
  functionOf,
  limitOf,
  timeZoneOf,
} from "./_options.ts";
import { XmlRpcSyntaxError } from "./errors.ts";
import { checkTyped, type XmlRpcValue } from "./value.ts";

/** How values are decoded: limits, and what becomes of some types. */
export interface DecodeValueOptions {
  /**
   * Most arrays and structs around a value.
   *
   * @default {256}
   */
  readonly maxDepth?: number | undefined;
  /**
   * Most values in a document, those in arrays and structs included.
   *
   * @default {10_000_000}
   */
  readonly maxValues?: number | undefined;
  /**
   * Longest method name, member name, and text of a number, boolean or date, in
   * bytes. Strings and base64 are as long as the document may be.
   *
   * @default {4096}
   */
  readonly maxNameBytes?: number | undefined;
  /**
   * Longest tag with its attributes, in bytes; also the longest reference and XML
   * declaration.
   *
   * @default {16_384}
   */
  readonly maxTagBytes?: number | undefined;
  /**
   * What an `<i8>` becomes: always a bigint, so that a type never depends on its
   * value; or always a number, for peers that send every integer so. A number
   * beyond 2^53 is then refused, as digits would be lost.
   *
   * @default {"bigint"}
   */
  readonly i8?: "bigint" | "number" | undefined;
  /**
   * The time zone of dates that name none, as `Intl` knows it: `"Europe/Berlin"`,
   * `"+02:00"`.
   *
   * @default {"UTC"}
   */
  readonly timeZone?: string | undefined;
  /**
   * Makes something else of the text of a `<dateTime.iso8601>`, white space around
   * it removed: a Temporal object, the raw text, null for a date such as
   * `00000000T00:00:00Z`. Whatever it returns is the value; what it throws is
   * passed on.
   *
   * @default {undefined}
   */
  readonly dateTime?: ((text: string) => unknown) | undefined;
  /**
   * Whether numbers and dates come as `XmlRpcTyped`, with their wire types: for
   * proxies and debuggers, which must lose nothing. `i1`, `i2` and `i4` come as
   * `int`, `float` as `double`, a date as its text.
   *
   * @default {false}
   */
  readonly typed?: boolean | undefined;
}

/** How a document is decoded. */
export interface DecodeOptions extends DecodeValueOptions {
  /**
   * The `Content-Type` the document came with: its `charset` decides over the XML
   * declaration. A byte order mark decides over both.
   *
   * @default {undefined}
   */
  readonly contentType?: string | undefined;
  /**
   * Longest document, in bytes.
   *
   * @default {268_435_456}
   */
  readonly maxBytes?: number | undefined;
}

/** How values are encoded. */
export interface EncodeOptions {
  /**
   * How null is sent: as `<nil/>`, as Apache's `<ex:nil/>`, or not at all.
   *
   * @default {"nil"}
   */
  readonly nil?: "nil" | "ex:nil" | "error" | undefined;
  /**
   * The time zone in which a `Date` is written, as `Intl` knows it.
   *
   * @default {"UTC"}
   */
  readonly timeZone?: string | undefined;
  /**
   * Most arrays and structs around a value; also what stops a cycle.
   *
   * @default {256}
   */
  readonly maxDepth?: number | undefined;
}

/** A decoded `<methodCall>`. */
export interface XmlRpcCall {
  /** The method's name, white space around it removed. */
  readonly methodName: string;
  /** The params, in order. */
  readonly params: XmlRpcValue[];
}

/**
 * Decodes a document that comes in pieces.
 *
 * @typeParam T What the document holds.
 */
export interface XmlRpcDecoder<T> {
  /**
   * The method's name, as soon as it has come; the params may still be on their
   * way. Undefined before, and always for a response.
   */
  readonly methodName: string | undefined;
  /**
   * Takes in the next bytes, any number of them, cut anywhere. The array may be
   * reused afterwards.
   *
   * @param chunk The bytes.
   * @throws {XmlRpcSyntaxError} If the document is malformed or over a limit.
   */
  push(chunk: Uint8Array): void;
  /**
   * Says that the document is whole.
   *
   * @returns What the document holds.
   * @throws {XmlRpcSyntaxError} If it is malformed, invalid or not whole.
   * @throws {XmlRpcFault} If it is a response with a fault.
   */
  end(): T;
}

function decoderSettings(
  root: DecoderSettings["root"],
  options: DecodeOptions,
): DecoderSettings {
  functionOf(options, "dateTime");
  return {
    root,
    contentType: options.contentType,
    maxBytes: limitOf(options, "maxBytes", 2 ** 28),
    maxDepth: limitOf(options, "maxDepth", 256),
    maxValues: limitOf(options, "maxValues", 10_000_000),
    maxNameBytes: limitOf(options, "maxNameBytes", 4096),
    maxTagBytes: limitOf(options, "maxTagBytes", 16_384),
    i8: choiceOf(options, "i8", ["bigint", "number"]),
    timeZone: timeZoneOf(options),
    dateTime: options.dateTime,
    typed: booleanOf(options, "typed", false),
  };
}

function encoderSettings(options: EncodeOptions): EncoderSettings {
  return {
    nil: choiceOf(options, "nil", ["nil", "ex:nil", "error"]),
    timeZone: timeZoneOf(options),
    maxDepth: limitOf(options, "maxDepth", 256),
  };
}

/** A text's bytes: it has been decoded already, whatever its declaration says. */
function bytesOfText(text: string): Uint8Array {
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
    const settings = { ...options, contentType: "text/xml; charset=utf-8" };
    return decode(root, bytesOfText(document), settings);
  }
  checkBytes(document, "the document as a string or a Uint8Array");
  const decoder = new Decoder(decoderSettings(root, options));
  decoder.push(document);
  return decoder.end();
}

/**
 * Decodes a `<methodCall>`.
 *
 * Liberal where a document is unambiguous, strict where something would be lost:
 * unknown elements, text beside elements, duplicate members and impossible dates
 * are refused. A document type declaration is always refused.
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
 * @param options Limits, and what becomes of some types.
 * @returns The method's name and the params.
 * @throws {XmlRpcSyntaxError} If the document is no call, or over a limit.
 */
export function decodeCall(
  document: string | Uint8Array,
  options: DecodeOptions = {},
): XmlRpcCall {
  return decode("methodCall", document, options) as XmlRpcCall;
}

/**
 * Decodes a `<methodResponse>`. One without a value, as PHP's void methods send,
 * is null.
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
 * @param options Limits, and what becomes of some types.
 * @returns The value.
 * @throws {XmlRpcFault} If the response is a fault.
 * @throws {XmlRpcSyntaxError} If the document is no response, or over a limit.
 */
export function decodeResponse(
  document: string | Uint8Array,
  options: DecodeOptions = {},
): XmlRpcValue {
  return unwrap(decode("methodResponse", document, options)) as XmlRpcValue;
}

function createDecoder<T>(
  root: DecoderSettings["root"],
  options: DecodeOptions,
): XmlRpcDecoder<T> {
  const decoder = new Decoder(decoderSettings(root, options));
  return Object.freeze({
    get methodName(): string | undefined {
      return decoder.methodName;
    },
    push(chunk: Uint8Array): void {
      checkBytes(chunk, "each chunk as a Uint8Array");
      decoder.push(chunk);
    },
    end(): T {
      return unwrap(decoder.end()) as T;
    },
  });
}

/**
 * Makes a decoder for a `<methodCall>` that comes in pieces.
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
 * @param options Limits, and what becomes of some types.
 * @returns The decoder.
 */
export function createCallDecoder(
  options: DecodeOptions = {},
): XmlRpcDecoder<XmlRpcCall> {
  return createDecoder("methodCall", options);
}

/**
 * Makes a decoder for a `<methodResponse>` that comes in pieces.
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
 * @param options Limits, and what becomes of some types.
 * @returns The decoder; its `end` throws an `XmlRpcFault` if the response is one.
 */
export function createResponseDecoder(
  options: DecodeOptions = {},
): XmlRpcDecoder<XmlRpcValue> {
  return createDecoder("methodResponse", options);
}

/**
 * Encodes a `<methodCall>`.
 *
 * | JavaScript | Wire |
 * | --- | --- |
 * | integer within 32 bits | `<int>` |
 * | other finite number | `<double>` |
 * | bigint within 64 bits | `<i8>` |
 * | boolean, string | `<boolean>`, `<string>` |
 * | Date | `<dateTime.iso8601>`, whole seconds |
 * | Uint8Array, ArrayBuffer, view of bytes | `<base64>` |
 * | null | `<nil/>` |
 * | array | `<array>` |
 * | object | `<struct>` of its own enumerable members; undefined ones left out |
 * | `int(x)`, `double(x)`, … | that type |
 *
 * All else is refused: nothing is sent that would arrive as something different.
 *
 * @example Usage
 * ```ts
 * import { encodeCall } from "@xmlrpc/xmlrpc/codec";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const xml = new TextDecoder().decode(encodeCall("get_string", ["cloud"]));
 * assertStringIncludes(xml, "<methodName>get_string</methodName>");
 * ```
 *
 * @param methodName The method's name: no white space, no control characters.
 * @param params The params.
 * @param options How some values are encoded.
 * @returns The document in UTF-8.
 * @throws {TypeError} If the name or a value cannot be sent; the message has its path.
 * @throws {RangeError} If a number or date is out of range, or values nest too deeply.
 */
export function encodeCall(
  methodName: string,
  params: readonly unknown[] = [],
  options: EncodeOptions = {},
): Uint8Array<ArrayBuffer> {
  if (typeof methodName !== "string") {
    throw new TypeError(
      `Cannot encode a call: expected its method name as a string`,
    );
  }
  if (!Array.isArray(params)) {
    throw new TypeError(
      `Cannot encode a call of ${
        quote(methodName)
      }: expected its params as an array`,
    );
  }
  const flaw = methodNameFlaw(methodName);
  if (flaw !== undefined) throw new TypeError(flaw);
  const encoder = new Encoder(encoderSettings(options));
  encoder.markup("<methodCall><methodName>");
  encoder.text(methodName);
  // Always with <params>: some servers cannot do without.
  encoder.markup("</methodName><params>");
  for (let index = 0; index < params.length; index++) {
    encoder.markup("<param>");
    encoder.value(params[index], `params[${index}]`);
    encoder.markup("</param>");
  }
  encoder.markup("</params></methodCall>");
  return encoder.finish();
}

/**
 * Encodes a `<methodResponse>` with a value. What is encoded how: see
 * {@linkcode encodeCall}.
 *
 * @example Usage
 * ```ts
 * import { decodeResponse, encodeResponse } from "@xmlrpc/xmlrpc/codec";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(decodeResponse(encodeResponse({ ok: true })), { ok: true });
 * ```
 *
 * @param value The value.
 * @param options How some values are encoded.
 * @returns The document in UTF-8.
 * @throws {TypeError} If a value cannot be sent; the message has its path.
 * @throws {RangeError} If a number or date is out of range, or values nest too deeply.
 */
export function encodeResponse(
  value: unknown,
  options: EncodeOptions = {},
): Uint8Array<ArrayBuffer> {
  const encoder = new Encoder(encoderSettings(options));
  // Spec: "a single <params> which contains a single <param> which contains a
  // single <value>".
  encoder.markup("<methodResponse><params><param>");
  encoder.value(value, "value");
  encoder.markup("</param></params></methodResponse>");
  return encoder.finish();
}

/**
 * Encodes a `<methodResponse>` with a fault.
 *
 * @example Usage
 * ```ts
 * import { encodeFault, XmlRpcFault } from "@xmlrpc/xmlrpc";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const document = encodeFault(new XmlRpcFault(4, "Too many parameters."));
 * const xml = new TextDecoder().decode(document);
 * assertStringIncludes(xml, "<value><int>4</int></value>");
 * ```
 *
 * @param fault The fault, or any object with its code and message.
 * @returns The document in UTF-8.
 * @throws {TypeError} If code or message are not of their types, or cannot be sent.
 * @throws {RangeError} If the code is no integer within 32 bits.
 */
export function encodeFault(
  fault: { readonly code: number; readonly message: string },
): Uint8Array<ArrayBuffer> {
  const { code, message } = fault;
  checkTyped("int", code);
  if (typeof message !== "string") {
    throw new TypeError(
      "Cannot encode a fault: expected its message as a string",
    );
  }
  const encoder = new Encoder(encoderSettings({}));
  encoder.markup("<methodResponse><fault>");
  encoder.value({ faultCode: code, faultString: message }, "fault");
  encoder.markup("</fault></methodResponse>");
  return encoder.finish();
}
