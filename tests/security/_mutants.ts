// Documents made of others by small changes. What leads to something new is kept, and
// changed further.

import type { Random } from "../support/random.ts";

/** What is put into documents, beside parts of others. */
const BITS = [
  ...["<", ">", "/", "&", ";", "]]>", "<!--", "-->", "<![CDATA[", "<?p ", "?>"],
  ...[
    "&amp;",
    "&#65;",
    "&#x0;",
    "<value>",
    "</value>",
    "<int>",
    "</int>",
    "<nil/>",
  ],
  ...["<struct>", "</struct>", "<array><data>", "</data></array>", "<member>"],
  ...[
    "<name>",
    "</name>",
    "</member>",
    "<base64>",
    "</base64>",
    "<fault>",
    " ",
  ],
  ...[
    "\r\n",
    "\r",
    "\0",
    "\x80",
    "\xff",
    "\ufeff",
    "🎉",
    '"',
    "'",
    "=",
    "-",
    "1",
  ],
  ...["<param>", "</param>", "xmlns:ex='u'", "<ex:i8>", "__proto__", "1e999"],
].map((text) => new TextEncoder().encode(text));

/** More documents than this are not kept. */
const MOST = 4000;

/** Longer ones are slow, and show nothing new. */
const LONGEST = 3000;

/** One of many documents, which is never empty. */
type Change = (
  bytes: Uint8Array<ArrayBuffer>,
  random: Random,
  other: Uint8Array<ArrayBuffer>,
) => Uint8Array<ArrayBuffer>;

/** `bytes` with what stands from `start` to `end` replaced. */
function replace(
  bytes: Uint8Array<ArrayBuffer>,
  start: number,
  end: number,
  by: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(bytes.length - (end - start) + by.length);
  out.set(bytes.subarray(0, start));
  out.set(by, start);
  out.set(bytes.subarray(end), start + by.length);
  return out;
}

function stretch(length: number, random: Random): [start: number, end: number] {
  const start = random.below(length + 1);
  return [start, Math.min(length, start + random.below(1 + random.below(40)))];
}

const NOTHING = new Uint8Array(0);

const CHANGES: readonly Change[] = [
  // A bit flipped.
  (bytes, random) => {
    const out = bytes.slice();
    const at = random.below(bytes.length);
    out[at] = out[at]! ^ (1 << random.below(8));
    return out;
  },
  // A stretch taken out.
  (bytes, random) => replace(bytes, ...stretch(bytes.length, random), NOTHING),
  // A stretch doubled.
  (bytes, random) => {
    const [start, end] = stretch(bytes.length, random);
    return replace(bytes, end, end, bytes.slice(start, end));
  },
  // A bit of markup put in.
  (bytes, random) => {
    const at = random.below(bytes.length + 1);
    return replace(bytes, at, at, random.pick(BITS));
  },
  // A bit of markup in the place of something.
  (bytes, random) =>
    replace(bytes, ...stretch(bytes.length, random), random.pick(BITS)),
  // A part of another document put in.
  (bytes, random, other) => {
    const [start, end] = stretch(other.length, random);
    const at = random.below(bytes.length + 1);
    return replace(bytes, at, at, other.slice(start, end));
  },
  // The end cut off, and that of another document put there.
  (bytes, random, other) =>
    replace(
      bytes,
      random.below(bytes.length + 1),
      bytes.length,
      other.slice(random.below(other.length)),
    ),
];

/** Documents, and ever more of them. */
export class Mutants {
  readonly #documents: Uint8Array<ArrayBuffer>[];
  readonly #random: Random;
  readonly #seen = new Set<string>();

  constructor(seeds: readonly Uint8Array<ArrayBuffer>[], random: Random) {
    this.#documents = seeds.filter(({ length }) =>
      length > 0 && length <= LONGEST
    );
    this.#random = random;
  }

  /** How many documents changes start from. */
  get size(): number {
    return this.#documents.length;
  }

  /** The next document. */
  next(): Uint8Array<ArrayBuffer> {
    const random = this.#random;
    let document = random.pick(this.#documents);
    for (let count = 1 + random.below(4); count > 0; count--) {
      if (document.length === 0) break;
      const other = random.pick(this.#documents);
      document = random.pick(CHANGES)(document, random, other);
    }
    return document;
  }

  /** Keeps a document if what it led to is new. */
  note(document: Uint8Array<ArrayBuffer>, outcome: string): void {
    if (this.#seen.has(outcome) || this.#documents.length >= MOST) return;
    if (document.length === 0 || document.length > LONGEST) return;
    this.#seen.add(outcome);
    this.#documents.push(document);
  }
}
