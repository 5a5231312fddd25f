// Documents as the codec, the client and the server make them: what is written around
// values. This module is browser compatible.

import { Encoder, type EncoderSettings } from "./encoder.ts";
import {
  documentLength,
  type EncoderStreamSettings,
  streamDocument,
} from "./outgoing.ts";
import { checkMethodName } from "./method_name.ts";
import { quote } from "../util/messages.ts";
import { cancelSources } from "../core/sources.ts";

/** An encoded document: bytes, or a stream of them if it is made bit by bit. */
interface EncodedDocument {
  readonly body:
    | Uint8Array<ArrayBuffer>
    | ReadableStream<Uint8Array<ArrayBuffer>>;
  /** How many bytes it has; undefined if that is not known beforehand. */
  readonly length: number | undefined;
}

/** What is to be told of a document that is made bit by bit. */
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

/** The bytes of a `<methodResponse>` with a value, in which nothing may come bit by bit. */
export function responseOf(
  value: unknown,
  settings: EncoderSettings,
): Uint8Array<ArrayBuffer> {
  const encoder = new Encoder({ ...settings, instead: "encodeResponseStream" });
  writeResponse(encoder, value);
  return encoder.finish();
}

/** An encoder that has written what `write` writes; `value` is all that is in it. */
function written(
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

function documentOf(
  encoder: Encoder,
  settings: EncoderSettings,
  hooksOf: () => StreamHooks,
): EncodedDocument {
  if (!encoder.hasGaps) {
    const body = encoder.finish();
    return { body, length: body.length };
  }
  const pieces = encoder.take();
  const length = documentLength(pieces);
  const all = { ...settings, ...hooksOf() };
  return { body: streamDocument(pieces, all), length };
}

/**
 * The document that `write` writes; `value` is all that is in it. `hooksOf` is asked only
 * if something in it comes bit by bit.
 */
export function encodeStream(
  value: unknown,
  settings: EncoderSettings,
  hooksOf: () => StreamHooks,
  write: (encoder: Encoder) => void,
): EncodedDocument {
  return documentOf(written(value, settings, write), settings, hooksOf);
}

/** Longest document of a response that goes out as text, in bytes: none is compressed. */
export const LONGEST_TEXT = 4096;

const BEYOND_ASCII = /[\u0080-\uffff]/;

/**
 * A document for a response: text if it is short and ASCII, for a runtime takes that
 * faster than bytes.
 */
export interface ResponseDocument {
  readonly body: string | EncodedDocument["body"];
  /** How many bytes it has; undefined if that is not known beforehand. */
  readonly length: number | undefined;
}

/** The document with a result; `hooksOf` is asked only if that comes bit by bit. */
export function encodeResult(
  result: unknown,
  settings: EncoderSettings,
  hooksOf: () => StreamHooks,
): ResponseDocument {
  const encoder = written(
    result,
    settings,
    (encoder) => writeResponse(encoder, result),
  );
  const body = encoder.short(LONGEST_TEXT);
  return body === undefined || BEYOND_ASCII.test(body)
    ? documentOf(encoder, settings, hooksOf)
    : { body, length: body.length };
}
