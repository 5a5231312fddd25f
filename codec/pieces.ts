// What the encoder takes and gives besides values and bytes: pieces of a document, places
// in it, and values that are encoded already. This module is browser compatible.

import type { Source } from "../core/sources.ts";
import { LONGEST_PATH, shorten, writeStep } from "../util/messages.ts";

/** The place of a value: the name of its root, then names and indexes. */
export type Path = readonly (string | number)[];

/** The place of a stream in a document: its content is encoded when it is read. */
export interface Gap {
  readonly source: Source;
  readonly path: Path;
}

/** A part of a document: text, bytes, or a stream that has not been read yet. */
export type Piece = string | Uint8Array<ArrayBuffer> | Gap;

/** The place of a value for messages, such as " at params[0].rows[3].price". */
export function describePlace(path: Path): string {
  let place = "";
  for (const step of path) {
    place += place === "" ? ` at ${step}` : writeStep(step);
    if (place.length > LONGEST_PATH) return shorten(place, LONGEST_PATH);
  }
  return place;
}

/** A value that has been encoded already: its element, in ASCII or as bytes. */
export class EncodedValue {
  readonly content: string | Uint8Array<ArrayBuffer>;

  constructor(content: string | Uint8Array<ArrayBuffer>) {
    this.content = content;
  }
}

/** What is encoded has more values or bytes than a limit allows. */
export class TooMuch extends RangeError {}

/** What is encoded has more bytes than `maxBytes`. */
export class TooManyBytes extends TooMuch {}
