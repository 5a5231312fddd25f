// The functions that encode documents. This module is browser compatible.

import {
  encodeDocument,
  encodeFaultBytes,
  encodeResponseBytes,
  type StreamHooks,
  writeCall,
  writeResponse,
} from "./document.ts";
import { Encoder } from "./encoder.ts";
import type {
  EncodeOptions,
  EncodeStreamOptions,
  XmlRpcDocument,
} from "./options.ts";
import { readEncoderSettings } from "./settings.ts";
import { checkFunction } from "../util/options.ts";

/** The hooks among the options; throws a TypeError if one is not a function. */
function readHooks(options: EncodeStreamOptions): StreamHooks {
  checkFunction(options, "onProgress");
  checkFunction(options, "onWait");
  checkFunction(options, "onError");
  checkFunction(options, "onEnd");
  const { signal, onProgress, onWait, onError, onEnd } = options;
  return { signal, onProgress, onWait, onError, onEnd };
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
 * Any other value is refused, so that nothing arrives as something different. For Blobs,
 * streams and async iterables see {@linkcode encodeCallStream}.
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
 * @param methodName The name of the method, without white space and control characters.
 * @param params The params.
 * @param options How some values are encoded.
 * @returns The document in UTF-8.
 * @throws {TypeError} If the name or a value cannot be sent; the message has its path.
 * @throws {RangeError} If a number or date is out of range, values nest too deeply, or
 * there are too many values or bytes.
 */
export function encodeCall(
  methodName: string,
  params: readonly unknown[] = [],
  options: EncodeOptions = {},
): Uint8Array<ArrayBuffer> {
  const encoder = new Encoder(
    readEncoderSettings(options, "maxBytes", "encodeCallStream"),
  );
  writeCall(encoder, methodName, params);
  return encoder.finish();
}

/**
 * Encodes a `<methodResponse>` with a value. {@linkcode encodeCall} shows how values are
 * encoded.
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
 * @throws {RangeError} If a number or date is out of range, values nest too deeply, or
 * there are too many values or bytes.
 */
export function encodeResponse(
  value: unknown,
  options: EncodeOptions = {},
): Uint8Array<ArrayBuffer> {
  return encodeResponseBytes(value, readEncoderSettings(options, "maxBytes"));
}

/**
 * Encodes a `<methodCall>` whose params may contain Blobs, streams and async iterables. It
 * takes everything that {@linkcode encodeCall} takes, and at any depth:
 *
 * | JavaScript | Wire |
 * | --- | --- |
 * | Blob, ReadableStream of Uint8Arrays | `<base64>` |
 * | other async iterable | `<array>` of its items |
 *
 * The document owns them: it cancels those that it does not read. If the call cannot be
 * encoded, all of them are cancelled at once.
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
 * @param methodName The name of the method, without white space and control characters.
 * @param params The params.
 * @param options How some values are encoded, limits, and progress.
 * @returns The document; its stream fails with what {@linkcode encodeCall} throws.
 * @throws {TypeError} If the name or a value cannot be sent; the message has its path.
 * @throws {RangeError} If a number or date is out of range, a Blob is too long, values
 * nest too deeply, or there are too many values or bytes.
 */
export function encodeCallStream(
  methodName: string,
  params: readonly unknown[] = [],
  options: EncodeStreamOptions = {},
): XmlRpcDocument {
  const hooks = readHooks(options);
  return encodeDocument(
    params,
    readEncoderSettings(options, "maxBytes"),
    () => hooks,
    (encoder) => writeCall(encoder, methodName, params),
  );
}

/**
 * Encodes a `<methodResponse>` whose value may be or contain Blobs, streams and async
 * iterables. {@linkcode encodeCallStream} shows how values are encoded.
 *
 * @example Send rows as they are produced
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
 * @throws {RangeError} If a number or date is out of range, a Blob is too long, values
 * nest too deeply, or there are too many values or bytes.
 */
export function encodeResponseStream(
  value: unknown,
  options: EncodeStreamOptions = {},
): XmlRpcDocument {
  const hooks = readHooks(options);
  return encodeDocument(
    value,
    readEncoderSettings(options, "maxBytes"),
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
 * @throws {TypeError} If the code or the message has a wrong type, or cannot be sent.
 * @throws {RangeError} If the code is not an integer within 32 bits, or the message is
 * longer than 128 MiB.
 */
export function encodeFault(
  fault: { readonly code: number; readonly message: string },
): Uint8Array<ArrayBuffer> {
  const { code, message } = fault;
  return encodeFaultBytes(code, message, readEncoderSettings({}, "maxBytes"));
}
