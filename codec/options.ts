// The public options and results of the codec. This module is browser compatible.

import type { XmlRpcValue } from "../core/value.ts";

/** How values are decoded: limits, and how some types are represented. */
export interface DecodeValueOptions {
  /**
   * Maximum number of arrays and structs around a value.
   *
   * @default {256}
   */
  readonly maxDepth?: number | undefined;
  /**
   * Maximum number of values in a document, including those in arrays and structs.
   *
   * @default {10_000_000}
   */
  readonly maxValues?: number | undefined;
  /**
   * Maximum length of a method name, a member name, and the text of a number, boolean or
   * date, in bytes. Strings and base64 may be as long as the document.
   *
   * @default {4096}
   */
  readonly maxNameBytes?: number | undefined;
  /**
   * Maximum length of a tag with its attributes, a reference, and the XML declaration, in
   * bytes.
   *
   * @default {16_384}
   */
  readonly maxTagBytes?: number | undefined;
  /**
   * What an `<i8>` becomes: always a bigint, so that the type never depends on the value;
   * or always a number, for peers that send every integer as `<i8>`. With `"number"`, an
   * integer beyond 2^53 is refused, as digits would be lost.
   *
   * @default {"bigint"}
   */
  readonly i8?: "bigint" | "number" | undefined;
  /**
   * The time zone of dates without one, by its `Intl` name: `"Europe/Berlin"`,
   * `"+02:00"`. Where clocks change, a time that comes twice is the earlier of the two,
   * and a time that is left out is moved forward by the gap, in every zone.
   *
   * @default {"UTC"}
   */
  readonly timeZone?: string | undefined;
  /**
   * Converts the text of a `<dateTime.iso8601>`, trimmed, to something other than a
   * `Date`: a Temporal object, the raw text, null for a date such as
   * `00000000T00:00:00Z`. The value is whatever it returns; what it throws is passed on.
   *
   * @default {undefined}
   */
  readonly dateTime?: ((text: string) => unknown) | undefined;
  /**
   * Whether numbers and dates become `XmlRpcTyped`, with their wire types: for proxies and
   * debuggers, which must not lose anything. `i1`, `i2` and `i4` become `int`, `float`
   * becomes `double`, a date becomes its text.
   *
   * @default {false}
   */
  readonly typed?: boolean | undefined;
}

/** How a document is decoded. */
export interface DecodeOptions extends DecodeValueOptions {
  /**
   * The `Content-Type` of the document: its `charset` takes precedence over the XML
   * declaration. A byte order mark takes precedence over both.
   *
   * @default {undefined}
   */
  readonly contentType?: string | undefined;
  /**
   * Maximum length of the document, in bytes.
   *
   * @default {268_435_456}
   */
  readonly maxBytes?: number | undefined;
}

/** Takes the bytes of a base64 value while its document arrives. */
export interface XmlRpcByteSink {
  /**
   * Takes the next bytes. If it throws, the decoder fails with that error.
   *
   * @param bytes The bytes, with a buffer that nothing else uses.
   */
  write(bytes: Uint8Array<ArrayBuffer>): void;
  /**
   * Called after the last bytes, if all of the base64 was valid. The rest of the document
   * may still be invalid.
   */
  close(): void;
}

/** How a document that arrives in chunks is decoded. */
export interface DecodeStreamOptions extends DecodeOptions {
  /**
   * Maximum length of a value that `onBase64` takes, in bytes, and of an array that
   * `onItems` takes, in bytes of the document. What they take counts towards this limit
   * only; the rest of the document counts towards `maxBytes`.
   *
   * @default {68_719_476_736}
   */
  readonly maxStreamBytes?: number | undefined;
  /**
   * Called for each param of a call, or the value of a response, that is a `<base64>`. If
   * it returns a sink, the sink takes the bytes as they arrive, and the decoded value is
   * null. If it returns undefined, the value is decoded as usual. Not called for base64
   * within arrays and structs, in a fault, or in a call whose name comes last.
   *
   * @default {undefined}
   */
  readonly onBase64?:
    | ((index: number, params: XmlRpcValue[]) => XmlRpcByteSink | undefined)
    | undefined;
}

/** How a response that arrives in chunks is decoded. */
export interface DecodeResponseStreamOptions extends DecodeStreamOptions {
  /**
   * Takes the items of a response that is an array, a few at a time, as soon as they are
   * complete. The value of the response is then an empty array, and the limit `maxValues`
   * applies to each item. Not called for any other value, or for a fault.
   *
   * @default {undefined}
   */
  readonly onItems?: ((items: XmlRpcValue[]) => void) | undefined;
}

/** How values are encoded. */
export interface EncodeOptions {
  /**
   * Maximum number of values in a document, including those in arrays and structs. A value
   * that is shared counts as often as it is written. It holds for each item of an async
   * iterable on its own.
   *
   * @default {10_000_000}
   */
  readonly maxValues?: number | undefined;
  /**
   * Maximum length of the document that is held in memory, in bytes. Each Blob, stream and
   * async iterable counts 1024, whatever its content. It holds for each item of an async
   * iterable on its own.
   *
   * @default {134_217_728}
   */
  readonly maxBytes?: number | undefined;
  /**
   * How null is sent: as `<nil/>`, as Apache's `<ex:nil/>`, or refused with an error.
   *
   * @default {"nil"}
   */
  readonly nil?: "nil" | "ex:nil" | "error" | undefined;
  /**
   * The time zone in which a `Date` is written, by its `Intl` name. In the hour that comes
   * twice when clocks change, two dates are written alike; the earlier one is read.
   *
   * @default {"UTC"}
   */
  readonly timeZone?: string | undefined;
  /**
   * Maximum number of arrays and structs around a value. It also stops cycles.
   *
   * @default {256}
   */
  readonly maxDepth?: number | undefined;
}

/** How a document with Blobs, streams and async iterables is encoded. */
export interface EncodeStreamOptions extends EncodeOptions {
  /**
   * Maximum length of one `Blob` or `ReadableStream`, in bytes.
   *
   * @default {68_719_476_736}
   */
  readonly maxStreamBytes?: number | undefined;
  /**
   * Fails the document with the reason, and cancels all its sources.
   *
   * @default {undefined}
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Called while the document is read, with the number of bytes of all Blobs and streams
   * so far, and their total; undefined unless all are Blobs. If it throws, the document
   * fails.
   *
   * @default {undefined}
   */
  readonly onProgress?:
    | ((bytesDone: number, bytesTotal: number | undefined) => void)
    | undefined;
  /**
   * Called with true when the document begins to wait for its reader, and with false when
   * the reader requests more.
   *
   * @default {undefined}
   */
  readonly onWait?: ((isWaiting: boolean) => void) | undefined;
  /**
   * Called with the error that ends the document, for streams that are handed to a
   * runtime. Not called when the reader of the stream cancels it.
   *
   * @default {undefined}
   */
  readonly onError?: ((error: unknown) => void) | undefined;
  /**
   * Called once when the stream of the document has ended: read completely, failed, or
   * cancelled. Not called for a document that is bytes.
   *
   * @default {undefined}
   */
  readonly onEnd?: (() => void) | undefined;
}

/** An encoded document, in UTF-8. */
export interface XmlRpcDocument {
  /**
   * The bytes, if there are no Blobs, streams or async iterables in the document; else a
   * stream of them, which must be read or cancelled. The stream reads its sources only as
   * it is read itself. It fails if a source fails: the peer sees a document that breaks
   * off, and never a truncated value.
   */
  readonly body:
    | Uint8Array<ArrayBuffer>
    | ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Its length in bytes; undefined if it contains a stream or an async iterable. */
  readonly length: number | undefined;
}

/** A decoded `<methodCall>`. */
export interface XmlRpcCall {
  /** The name of the method, trimmed. */
  readonly methodName: string;
  /** The params, in order. */
  readonly params: XmlRpcValue[];
}

/**
 * Decodes a document that arrives in chunks.
 *
 * @typeParam T The content of the document.
 */
export interface XmlRpcDecoder<T> {
  /**
   * The name of the method, as soon as it has arrived; the params may follow later.
   * Undefined before, and always for a response.
   */
  readonly methodName: string | undefined;
  /**
   * How many bytes of the document, in UTF-8, `onBase64` and `onItems` have taken:
   * `maxBytes` limits the rest.
   */
  readonly handedOutBytes: number;
  /**
   * Decodes the next bytes: any number of them, cut anywhere. The array may be reused
   * afterwards.
   *
   * @param chunk The bytes.
   * @throws {XmlRpcSyntaxError} If the document is malformed or over a limit.
   * @throws {TypeError} If the chunk is not a Uint8Array, or the document has ended. What
   * the option `dateTime` throws is passed on.
   */
  push(chunk: Uint8Array): void;
  /**
   * Ends the document.
   *
   * @returns The content of the document.
   * @throws {XmlRpcSyntaxError} If it is malformed, invalid or incomplete.
   * @throws {XmlRpcFault} If it is a response with a fault.
   */
  end(): T;
}
