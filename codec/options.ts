// The public options and results of the codec. This module is browser compatible.

import type { XmlRpcValue } from "../core/value.ts";
import type { XmlRpcByteSink } from "./byte_stream.ts";

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
