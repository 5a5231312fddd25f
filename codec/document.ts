// Writes the documents of the codec, the client and the server: the markup around values,
// and the result as text, bytes or a stream. This module is browser compatible.

import { Encoder, type EncoderSettings } from "./encoder.ts";
import { checkMethodName } from "./method_name.ts";
import type { XmlRpcDocument } from "./options.ts";
import {
  type EncoderStreamSettings,
  measureDocument,
  streamDocument,
} from "./outgoing.ts";
import { cancelSources } from "../core/sources.ts";
import { checkTyped } from "../core/typed.ts";
import { quote } from "../util/messages.ts";

/** The callbacks and the signal of a document that becomes a stream. */
export type StreamHooks = Omit<EncoderStreamSettings, keyof EncoderSettings>;

/** Writes a `<methodCall>`. */
export function writeCall(
  encoder: Encoder,
  methodName: string,
  params: readonly unknown[],
): void {
  checkMethodName(methodName);
  if (!Array.isArray(params)) {
    throw new TypeError(
      `Cannot encode a call of ${
        quote(methodName)
      }: expected its params as an array`,
    );
  }
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
}

/** Writes a `<methodResponse>` with a value. */
export function writeResponse(encoder: Encoder, value: unknown): void {
  // Spec: "a single <params> which contains a single <param> which contains a
  // single <value>".
  encoder.markup("<methodResponse><params><param>");
  encoder.value(value, "value");
  encoder.markup("</param></params></methodResponse>");
}

/** Writes a `<methodResponse>` with a fault. */
function writeFault(
  encoder: Encoder,
  code: number,
  message: string,
): void {
  // Spec: "a <value> which is a <struct> containing two elements, one named
  // <faultCode>, an <int> and one named <faultString>, a <string>".
  encoder.markup("<methodResponse><fault>");
  encoder.value({ faultCode: code, faultString: message }, "fault");
  encoder.markup("</fault></methodResponse>");
}

/** A `<methodResponse>` with a value, as bytes; throws a TypeError if it has a stream. */
export function encodeResponseBytes(
  value: unknown,
  settings: EncoderSettings,
): Uint8Array<ArrayBuffer> {
  const encoder = new Encoder({ ...settings, instead: "encodeResponseStream" });
  writeResponse(encoder, value);
  return encoder.finish();
}

/**
 * A `<methodResponse>` with a fault, as bytes; throws a TypeError or a RangeError if the
 * code or the message is not one that can be sent.
 */
export function encodeFaultBytes(
  code: number,
  message: string,
  settings: EncoderSettings,
): Uint8Array<ArrayBuffer> {
  checkTyped("int", code);
  if (typeof message !== "string") {
    throw new TypeError(
      "Cannot encode a fault: expected its message as a string",
    );
  }
  // The struct and its two members are always sent, whatever the limits for results.
  const always = { maxDepth: 1, maxValues: Infinity };
  const encoder = new Encoder({ ...settings, ...always });
  writeFault(encoder, code, message);
  return encoder.finish();
}

/** An encoder after `write`; if that throws, the sources in `value` are cancelled. */
function runEncoder(
  value: unknown,
  settings: EncoderSettings,
  write: (encoder: Encoder) => void,
): Encoder {
  const encoder = new Encoder(settings);
  try {
    write(encoder);
  } catch (error) {
    cancelSources(value, error);
    throw error;
  }
  return encoder;
}

function finishDocument(
  encoder: Encoder,
  settings: EncoderSettings,
  createHooks: () => StreamHooks,
): XmlRpcDocument {
  if (!encoder.hasGaps) {
    const body = encoder.finish();
    return { body, length: body.length };
  }
  const pieces = encoder.take();
  const length = measureDocument(pieces);
  const all = { ...settings, ...createHooks() };
  return { body: streamDocument(pieces, all), length };
}

/**
 * The document that `write` writes; `value` holds everything that is in it.
 * `createHooks` is called only if the document becomes a stream.
 */
export function encodeDocument(
  value: unknown,
  settings: EncoderSettings,
  createHooks: () => StreamHooks,
  write: (encoder: Encoder) => void,
): XmlRpcDocument {
  const encoder = runEncoder(value, settings, write);
  return finishDocument(encoder, settings, createHooks);
}

/** Longest response that is sent as text, in bytes: none of them is compressed. */
export const LONGEST_TEXT = 4096;

const BEYOND_ASCII = /[\u0080-\uffff]/;

/**
 * The document of a response: text if it is short and ASCII, which runtimes send faster
 * than bytes.
 */
export interface ResponseDocument {
  readonly body: string | XmlRpcDocument["body"];
  /** How many bytes it has; undefined if that is not known beforehand. */
  readonly length: number | undefined;
}

/** The document with a result; `createHooks` is called only if it becomes a stream. */
export function encodeResult(
  result: unknown,
  settings: EncoderSettings,
  createHooks: () => StreamHooks,
): ResponseDocument {
  const encoder = runEncoder(
    result,
    settings,
    (encoder) => writeResponse(encoder, result),
  );
  const body = encoder.shortText(LONGEST_TEXT);
  return body === undefined || BEYOND_ASCII.test(body)
    ? finishDocument(encoder, settings, createHooks)
    : { body, length: body.length };
}
