// A base64 value whose bytes are handed out while its document arrives.
// This module is browser compatible.

import { Base64Decoder } from "../util/base64.ts";
import type { XmlRpcByteSink } from "./options.ts";
import { unreadableBase64 } from "./scalars.ts";
import { exceeded } from "./xml/problem.ts";

/** How much of a text an error message may need. */
const SHOWN = 41;

/** Decodes one base64 value, piece by piece. */
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
   * How many bytes of the document are paid for by the bytes that came out. White
   * space in usual amounts is among them; who sends nothing else gets not far.
   */
  get textBytes(): number {
    return Math.min(this.#textBytes, 2 * this.#bytes + 64);
  }

  /** Takes text that is so many bytes long in the document; false if it is no base64. */
  push(text: string, textBytes: number): boolean {
    const bytes = this.#decode((decoder) => decoder.push(text));
    if (bytes === undefined) return false;
    this.#show(text);
    this.#textBytes += textBytes;
    this.#handOn(bytes);
    return true;
  }

  /** Takes notice of text that is no base64: an error only once its end is known. */
  refuse(text: string): void {
    this.#show(text);
    this.#isBroken = true;
  }

  /** Ends the text; throws a `DocumentProblem` if it was no base64. Gives what stands for the value. */
  end(): null {
    const bytes = this.#decode((decoder) => decoder.end());
    if (bytes === undefined) throw unreadableBase64(this.#start);
    this.#handOn(bytes);
    this.#sink.close();
    return null;
  }

  #show(text: string): void {
    if (this.#start.length >= SHOWN) return;
    this.#start += text.slice(0, SHOWN - this.#start.length);
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

  #handOn(bytes: Uint8Array<ArrayBuffer>): void {
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
