// A base64 value whose bytes are handed out while its document arrives.
// This module is browser compatible.

import { Base64Decoder } from "../util/base64.ts";
import type { XmlRpcByteSink } from "./options.ts";
import { unreadableBase64 } from "./scalars.ts";
import { exceeded } from "./xml/problem.ts";

/** How many characters of a text an error message may need. */
const SHOWN_CHARACTERS = 41;

/** Decodes one base64 value as a stream. */
export class StreamedBytes {
  readonly #sink: XmlRpcByteSink;
  readonly #maxStreamBytes: number;
  readonly #decoder = new Base64Decoder();
  /** The start of the text, for a message. */
  #start = "";
  #isBroken = false;
  #textBytes = 0;
  #bytes = 0;

  constructor(sink: XmlRpcByteSink, maxStreamBytes: number) {
    this.#sink = sink;
    this.#maxStreamBytes = maxStreamBytes;
  }

  /**
   * How many bytes of the document do not count for `maxBytes`. They are at most about
   * twice the decoded bytes, so that usual white space does not count, but a document of
   * white space alone cannot bypass the limit.
   */
  get textBytes(): number {
    return Math.min(this.#textBytes, 2 * this.#bytes + 64);
  }

  /** Takes text that has `textBytes` bytes in the document; false if it is not base64. */
  push(text: string, textBytes: number): boolean {
    const bytes = this.#decode((decoder) => decoder.push(text));
    if (bytes === undefined) return false;
    this.#show(text);
    this.#textBytes += textBytes;
    this.#write(bytes);
    return true;
  }

  /** Takes text that is not base64, which is an error only once the end is known. */
  refuse(text: string): void {
    this.#show(text);
    this.#isBroken = true;
  }

  /**
   * Ends the text; throws a `DocumentProblem` if it was not base64. Returns what takes
   * the place of the value.
   */
  end(): null {
    const bytes = this.#decode((decoder) => decoder.end());
    if (bytes === undefined) throw unreadableBase64(this.#start);
    this.#write(bytes);
    this.#sink.close();
    return null;
  }

  #show(text: string): void {
    if (this.#start.length >= SHOWN_CHARACTERS) return;
    this.#start += text.slice(0, SHOWN_CHARACTERS - this.#start.length);
  }

  #decode(
    decode: (decoder: Base64Decoder) => Uint8Array<ArrayBuffer>,
  ): Uint8Array<ArrayBuffer> | undefined {
    if (this.#isBroken) return undefined;
    try {
      return decode(this.#decoder);
    } catch {
      return undefined;
    }
  }

  #write(bytes: Uint8Array<ArrayBuffer>): void {
    const maxStreamBytes = this.#maxStreamBytes;
    this.#bytes += bytes.length;
    if (this.#bytes > maxStreamBytes) {
      throw exceeded(
        "The base64 is too long",
        "maxStreamBytes",
        maxStreamBytes,
      );
    }
    if (bytes.length > 0) this.#sink.write(bytes);
  }
}
