// Documents as tests write them, and what is wrong with them.

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  createCallDecoder,
  createResponseDecoder,
  decodeCall,
  type DecodeOptions,
  decodeResponse,
  type EncodeOptions,
  encodeResponse,
  type XmlRpcDecoder,
} from "../../codec.ts";
import { XmlRpcFault, XmlRpcSyntaxError } from "../../core/errors.ts";
import type { XmlRpcValue } from "../../core/value.ts";
import { Random } from "./random.ts";

/** The XML declaration that the encoder writes. */
export const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** Apache's namespace, declared. */
export const APACHE =
  'xmlns:ex="http://ws.apache.org/xmlrpc/namespaces/extensions"' as const;

/** A response with a `<value>`. */
export function response(value: string): string {
  return `<methodResponse><params><param>${value}</param></params></methodResponse>`;
}

/** A call of the method m with these `<value>`s. */
export function call(...values: string[]): string {
  const params = values.map((value) => `<param>${value}</param>`).join("");
  return `<methodCall><methodName>m</methodName><params>${params}</params></methodCall>`;
}

/** A response with a fault of this content. */
export function fault(value: string): string {
  return `<methodResponse><fault><value>${value}</value></fault></methodResponse>`;
}

/** A member of a struct. */
export function member(name: string, value: string): string {
  return `<member><name>${name}</name><value>${value}</value></member>`;
}

/** A struct of these members. */
export function struct(...members: string[]): string {
  return `<struct>${members.join("")}</struct>`;
}

/** The UTF-8 of a text. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** The text of UTF-8. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** The wire form of a value, without what stands around it. */
export function wireOf(value: unknown, options?: EncodeOptions): string {
  const text = textOf(encodeResponse(value, options));
  const [before, after] = response("|").split("|") as [string, string];
  assert(text.startsWith(DECLARATION + before), text);
  assert(text.endsWith(after), text);
  return text.slice(DECLARATION.length + before.length, -after.length);
}

/** Decodes a response that comes in single bytes. */
export function bytewise(
  document: Uint8Array | string,
  options?: DecodeOptions,
): XmlRpcValue {
  const bytes = typeof document === "string" ? bytesOf(document) : document;
  const decoder = createResponseDecoder(options);
  for (const byte of bytes) decoder.push(Uint8Array.of(byte));
  return decoder.end();
}

/** Runs what must throw an `XmlRpcSyntaxError`, and gives that. */
export function syntaxError(run: () => unknown): XmlRpcSyntaxError {
  return assertThrows(run, XmlRpcSyntaxError);
}

/** Own members only, so that `__proto__` is one too. */
export function record(
  ...members: [string, unknown][]
): Record<string, unknown> {
  return Object.fromEntries(members);
}

/** Part of the message about dates out of range. */
export const YEARS = "a dateTime.iso8601 has a year from 1 to 9999";

/** Part of the message about characters that XML does not have. */
export const NO_CHARACTER =
  "XML has no such character; send the text as bytes (base64)";

/** Part of the message about method names. */
export const METHOD_NAME_FLAW =
  "White space or a control character in the method name";

/** A date by its ISO form. */
export function date(text: string): Date {
  return new Date(text);
}

/** The date of the specification's example. */
export const JULY = date("1998-07-17T14:08:55Z");

/** A date as it stands in a document. */
export function dated(text: string): string {
  return `<dateTime.iso8601>${text}</dateTime.iso8601>`;
}

/** Stands where the error is expected, and is not part of the document. */
export const PLACE = "‸";

/** A call with one value of this content. */
export function valueOf(inner: string): string {
  return call(`<value>${inner}</value>`);
}

/** The message about a scalar that cannot be read. */
export function unreadable(
  text: string,
  type: string,
  expected: string,
): string {
  return `Cannot read ${JSON.stringify(text)} as ${type}: expected ${expected}`;
}

/** What is expected of a date. */
export const EXPECTED_DATE =
  "a possible date such as 19980717T14:08:55; the option dateTime reads others";

/** The path of the first param. */
export const P0 = "params[0]";

/** A document that is refused, with the place marked, and how. */
export type Row = readonly [
  document: string,
  kind: "malformed" | "invalid",
  message: string,
  path?: string,
];

/** Tests that documents are refused, whole and in single bytes, with the right message. */
export function testRefusals(rows: readonly Row[]): void {
  for (const [marked, kind, message, path = ""] of rows) {
    const title = JSON.stringify(
      marked.length > 200 ? `${marked.slice(0, 200)}…` : marked,
    );
    const [before, after] = marked.split(PLACE) as [string, string];
    const document = before + after;

    Deno.test(`decodeCall() says what is wrong in ${title}`, () => {
      const error = syntaxError(() => decodeCall(document));
      const lines = before.split("\n");
      const expected = {
        name: "XmlRpcSyntaxError",
        kind,
        message: `${message}${
          path === "" ? "" : ` at ${path}`
        } (line ${lines.length}, column ${bytesOf(lines.at(-1)!).length + 1})`,
        offset: bytesOf(before).length,
        line: lines.length,
        column: bytesOf(lines.at(-1)!).length + 1,
        path,
      };
      const { name, offset, line, column } = error;
      assertEquals({
        name,
        kind: error.kind,
        message: error.message,
        offset,
        line,
        column,
        path: error.path,
      }, expected);
    });

    Deno.test(`createCallDecoder() finds the same in single bytes of ${title}`, () => {
      const decoder = createCallDecoder();
      const error = syntaxError(() => {
        for (const byte of bytesOf(document)) decoder.push(Uint8Array.of(byte));
        decoder.end();
      });
      assertEquals([error.kind, error.path], [kind, path]);
      if (kind === "malformed") {
        const { line, column } = syntaxError(() => decodeCall(document));
        assertEquals([error.line, error.column], [line, column]);
      }
      // Of what it quotes, only a part may have come.
      const [start] = message.split(/"|<\/|…/) as [string];
      assertEquals(error.message.slice(0, start.length), start);
    });
  }
}

/** The UTF-16LE of a text, without a mark. */
export function utf16le(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < text.length; at++) {
    view.setUint16(at * 2, text.charCodeAt(at), true);
  }
  return bytes;
}

/** Decodes a response with a fault, and gives the fault. */
export function received(
  document: string | Uint8Array,
  options?: DecodeOptions,
): XmlRpcFault {
  return assertThrows(() => decodeResponse(document, options), XmlRpcFault);
}

/** A response with a fault of this code, with further members. */
export function faultOf(code: string, ...more: string[]): string {
  return fault(
    struct(
      member("faultCode", code),
      member("faultString", "<string>No</string>"),
      ...more,
    ),
  );
}

/** A response with one value of this content. */
export function responseOf(inner: string): string {
  return response(`<value>${inner}</value>`);
}

/** Random bytes, the same for the same seed. */
export function someBytes(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const random = new Random(seed);
  return Uint8Array.from({ length }, () => random.below(256));
}

/** Hands a document to a decoder in chunks of a size. */
export function pushAll(
  decoder: XmlRpcDecoder<unknown>,
  document: Uint8Array,
  chunkBytes: number,
): void {
  for (let at = 0; at < document.length; at += chunkBytes) {
    decoder.push(document.subarray(at, at + chunkBytes));
  }
}
