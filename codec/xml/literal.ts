// Byte sequences that the decoder looks for, compared four bytes at a time.
// This module is browser compatible.

/** A byte sequence to look for, at least four bytes long. */
export class Literal {
  readonly length: number;
  // Four bytes each; the last four may overlap with those before.
  readonly #words: readonly number[];

  constructor(view: DataView, start: number, end: number) {
    const words: number[] = [];
    for (let at = start; at < end - 4; at += 4) words.push(view.getInt32(at));
    words.push(view.getInt32(end - 4));
    this.length = end - start;
    this.#words = words;
  }

  /** Whether the view has these bytes at `start`; it must reach as far. */
  isAt(view: DataView, start: number): boolean {
    const words = this.#words;
    const last = words.length - 1;
    for (let index = 0; index < last; index++) {
      if (view.getInt32(start + index * 4) !== words[index]) return false;
    }
    return view.getInt32(start + this.length - 4) === words[last];
  }
}

/** The literal for a text of at least four ASCII characters. */
export function literal(text: string): Literal {
  const { buffer, length } = new TextEncoder().encode(text);
  return new Literal(new DataView(buffer), 0, length);
}
