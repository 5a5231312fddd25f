/**
 * The codec: turns calls and responses into XML, and XML into what it holds, for whoever
 * has a transport or a use of their own. It knows no HTTP and no methods: those are in
 * `./client` and `./server`.
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

import { Decoder, type DecoderSettings, unwrap } from "./codec/decoder.ts";
import {
  decoderSettings,
  encoderSettings,
  encodeStream,
  responseOf,
  type StreamHooks,
  writeCall,
  writeResponse,
} from "./codec/document.ts";
import { Encoder } from "./codec/encoder.ts";
import { functionOf } from "./core/options.ts";
import type { XmlRpcByteSink } from "./codec/byte_stream.ts";
import { XmlRpcSyntaxError } from "./core/errors.ts";
import { checkTyped } from "./core/typed.ts";
import type { XmlRpcValue } from "./core/value.ts";

export * from "./core/errors.ts";
export * from "./core/value.ts";

export type { XmlRpcByteSink };

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

/** How a document that comes in pieces is decoded. */
export interface DecodeStreamOptions extends DecodeOptions {
  /**
   * Most bytes of a value that is handed out by `onBase64`, and longest array that is
   * handed out by `onItems`, in bytes of the document. What is handed out counts for
   * this limit alone: for `maxBytes` only the rest of the document does.
   *
   * @default {68_719_476_736}
   */
  readonly maxStreamBytes?: number | undefined;
  /**
   * Asked whenever a param of a call, or the value of a response, turns out to be a
   * `<base64>`: a sink takes its bytes while they arrive, and the value in the
   * document is null then; undefined has it decoded as ever. Not asked for base64
   * within arrays and structs, in a fault, and in a call whose name comes last.
   *
   * @default {undefined}
   */
  readonly onBase64?:
    | ((index: number, params: XmlRpcValue[]) => XmlRpcByteSink | undefined)
    | undefined;
}

/** How a response that comes in pieces is decoded. */
export interface DecodeResponseStreamOptions extends DecodeStreamOptions {
  /**
   * Takes the items of a response that is an array, a few at a time, as soon as they
   * are whole. The value of the response is an empty array then, and the limit
   * `maxValues` is for each item. Not called for any other value, nor for a fault.
   *
   * @default {undefined}
   */
  readonly onItems?: ((items: XmlRpcValue[]) => void) | undefined;
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

/** How a document with values that come bit by bit is encoded. */
export interface EncodeStreamOptions extends EncodeOptions {
  /**
   * Most bytes of one `Blob` or `ReadableStream`.
   *
   * @default {68_719_476_736}
   */
  readonly maxStreamBytes?: number | undefined;
  /**
   * Ends the document with an error, and cancels everything that it was to be made of.
   *
   * @default {undefined}
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Called as the document is read, with how many bytes of all Blobs and streams have
   * gone by, and how many there are; undefined unless all are Blobs. What it throws
   * ends the document.
   *
   * @default {undefined}
   */
  readonly onProgress?:
    | ((bytesDone: number, bytesTotal: number | undefined) => void)
    | undefined;
  /**
   * Told when the document begins to wait for its reader to ask for more, and when it
   * waits no longer.
   *
   * @default {undefined}
   */
  readonly onWait?: ((isWaiting: boolean) => void) | undefined;
  /**
   * Told of the error that ends the document, for whoever hands its stream to a
   * runtime. Not told that the reader of the stream has cancelled it.
   *
   * @default {undefined}
   */
  readonly onError?: ((error: unknown) => void) | undefined;
  /**
   * Told once that the stream of a document is over: read to its end, failed, or
   * cancelled. Not called for a document that is bytes.
   *
   * @default {undefined}
   */
  readonly onEnd?: (() => void) | undefined;
}

/** An encoded document, in UTF-8. */
export interface XmlRpcDocument {
  /**
   * All its bytes, if nothing in it comes bit by bit; else a stream of them, which
   * must be read or cancelled. It reads its sources only as it is read itself. It
   * fails if one of them does: a peer sees a document that breaks off, and never a
   * value that ends too early.
   */
  readonly body:
    | Uint8Array<ArrayBuffer>
    | ReadableStream<Uint8Array<ArrayBuffer>>;
  /** How many bytes it has; undefined if a stream or an async iterable is in it. */
  readonly length: number | undefined;
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
   * How many bytes of the document have been handed out by `onBase64` and `onItems`,
   * in UTF-8: the rest of it is what `maxBytes` limits.
   */
  readonly handedOutBytes: number;
  /**
   * Takes in the next bytes, any number of them, cut anywhere. The array may be
   * reused afterwards.
   *
   * @param chunk The bytes.
   * @throws {XmlRpcSyntaxError} If the document is malformed or over a limit.
   * @throws {TypeError} If the chunk is no Uint8Array, or the document has ended. What
   * the option `dateTime` throws is passed on.
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

/** What is to be told of a document; throws if an option is wrong. */
function hooksOf(options: EncodeStreamOptions): StreamHooks {
  functionOf(options, "onProgress");
  functionOf(options, "onWait");
  functionOf(options, "onError");
  functionOf(options, "onEnd");
  const { signal, onProgress, onWait, onError, onEnd } = options;
  return { signal, onProgress, onWait, onError, onEnd };
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
  options: DecodeResponseStreamOptions,
): XmlRpcDecoder<T> {
  const decoder = new Decoder(decoderSettings(root, options));
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
      return unwrap(decoder.end()) as T;
    },
  });
}

/**
 * Makes a decoder for a `<methodCall>` that comes in pieces.
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
 * @param options Limits, and what becomes of some types.
 * @returns The decoder.
 */
export function createCallDecoder(
  options: DecodeStreamOptions = {},
): XmlRpcDecoder<XmlRpcCall> {
  return createDecoder("methodCall", options);
}

/**
 * Makes a decoder for a `<methodResponse>` that comes in pieces.
 *
 * @example Rows that are never in memory all at once
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
 * @param options Limits, and what becomes of some types.
 * @returns The decoder; its `end` throws an `XmlRpcFault` if the response is one.
 */
export function createResponseDecoder(
  options: DecodeResponseStreamOptions = {},
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
 * Values that come bit by bit are for {@linkcode encodeCallStream}.
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
  const encoder = new Encoder(encoderSettings(options, "encodeCallStream"));
  writeCall(encoder, methodName, params);
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
  return responseOf(value, encoderSettings(options));
}

/**
 * Encodes a `<methodCall>` with params that come bit by bit, or without. Everything
 * that {@linkcode encodeCall} takes, and at any depth:
 *
 * | JavaScript | Wire |
 * | --- | --- |
 * | Blob, ReadableStream of Uint8Arrays | `<base64>` |
 * | other async iterable | `<array>` of what it gives |
 *
 * They belong to the document from now on: it cancels what it does not read. If
 * nothing can be encoded, all are cancelled at once.
 *
 * @example Usage
 * ```ts
 * import { decodeCall, encodeCallStream } from "@xmlrpc/xmlrpc/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const photo = new Blob(["not really a photo"]);
 * const { body, length } = encodeCallStream("image_put", ["boy.jpg", photo]);
 * const bytes = new Uint8Array(await new Response(body).arrayBuffer());
 * assertEquals(bytes.length, length);
 * assertEquals(decodeCall(bytes).params[1], await photo.bytes());
 * ```
 *
 * @param methodName The method's name: no white space, no control characters.
 * @param params The params.
 * @param options How some values are encoded, limits, and progress.
 * @returns The document; its stream fails with what {@linkcode encodeCall} throws.
 * @throws {TypeError} If the name or a value cannot be sent; the message has its path.
 * @throws {RangeError} If a number or date is out of range, a Blob is too long, or
 * values nest too deeply.
 */
export function encodeCallStream(
  methodName: string,
  params: readonly unknown[] = [],
  options: EncodeStreamOptions = {},
): XmlRpcDocument {
  const hooks = hooksOf(options);
  return encodeStream(
    params,
    encoderSettings(options),
    () => hooks,
    (encoder) => writeCall(encoder, methodName, params),
  );
}

/**
 * Encodes a `<methodResponse>` with a value that comes bit by bit, has such values in
 * it, or does not. What is encoded how: see {@linkcode encodeCallStream}.
 *
 * @example Rows as they come
 * ```ts
 * import { decodeResponse, encodeResponseStream } from "@xmlrpc/xmlrpc/codec";
 * import { assertEquals } from "@std/assert";
 *
 * async function* rows() {
 *   yield { id: 1 };
 *   yield { id: 2 };
 * }
 *
 * const { body, length } = encodeResponseStream(rows());
 * const text = await new Response(body).text();
 * assertEquals(length, undefined);
 * assertEquals(decodeResponse(text), [{ id: 1 }, { id: 2 }]);
 * ```
 *
 * @param value The value.
 * @param options How some values are encoded, limits, and progress.
 * @returns The document; its stream fails with what {@linkcode encodeResponse} throws.
 * @throws {TypeError} If a value cannot be sent; the message has its path.
 * @throws {RangeError} If a number or date is out of range, a Blob is too long, or
 * values nest too deeply.
 */
export function encodeResponseStream(
  value: unknown,
  options: EncodeStreamOptions = {},
): XmlRpcDocument {
  const hooks = hooksOf(options);
  return encodeStream(
    value,
    encoderSettings(options),
    () => hooks,
    (encoder) => writeResponse(encoder, value),
  );
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
