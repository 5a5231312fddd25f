// The documents that decoding and encoding are measured with.

import { encodeResponse } from "@xmlrpc/xmlrpc/codec";

/** A value, and the document that is decoded to it. */
export interface Sample {
  readonly value: unknown;
  readonly document: Uint8Array<ArrayBuffer>;
}

/** So many structs of five members. */
export function structs(count: number): unknown[] {
  return Array.from({ length: count }, (_, id) => ({
    id,
    name: `Customer number ${id}`,
    price: id * 1.25 + 0.1,
    active: id % 2 === 0,
    created: new Date(1_700_000_000_000 + id * 1000),
  }));
}

function nested(count: number): unknown[] {
  return Array.from({ length: count }, (_, id) => {
    let value: unknown = id;
    for (let depth = 0; depth < 20; depth++) value = { inner: value, depth };
    return value;
  });
}

/** A document as Python's `dumps` lays it out. */
function asPython(document: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = new TextDecoder().decode(document);
  return new TextEncoder().encode(
    text.replace(
      /<(?:params|param|data|struct|member)>|<\/(?:name|value|member|param|params)>/g,
      "$&\n",
    ),
  );
}

/** A document as PHP's `xmlrpc_encode` lays it out: each tag in a line, indented. */
function asPhp(document: Uint8Array): Uint8Array<ArrayBuffer> {
  const [head, ...tags] = new TextDecoder().decode(document).split(/(?=<)/);
  let text = head!;
  let depth = 0;
  let isLeaf = false;
  for (const tag of tags) {
    const isEnd = tag.startsWith("</");
    if (isEnd) depth--;
    text += isEnd && isLeaf ? tag : `\n${" ".repeat(depth)}${tag}`;
    if (!isEnd) depth++;
    isLeaf = !isEnd;
  }
  return new TextEncoder().encode(text);
}

function sampleOf(value: unknown): Sample {
  return { value, document: encodeResponse(value) };
}

const rows = sampleOf(structs(1000));

/** Makes each sample, by what is in it. */
export const SAMPLES: Readonly<Record<string, () => Sample>> = {
  "1,000 structs of five members": () => rows,
  "500,000 ints": () =>
    sampleOf(Array.from({ length: 500_000 }, (_, at) => at * 7919 % 1_000_003)),
  "text beyond ASCII": () =>
    sampleOf(Array.from({ length: 5000 }, (_, at) => `Žluťoučký kůň 🐎 ${at}`)),
  "text heavy in references": () =>
    sampleOf(Array.from({ length: 5000 }, (_, at) => `<a href="${at}">&</a>`)),
  "doubles of 17 digits": () =>
    sampleOf(Array.from({ length: 20_000 }, (_, at) => Math.sin(at + 1))),
  "structs 20 deep": () => sampleOf(nested(200)),
  "10 MB of base64": () => sampleOf(new Uint8Array(7_500_000).fill(0x5a)),
  "structs as Python lays them out": () => ({
    value: rows.value,
    document: asPython(rows.document),
  }),
  "structs as PHP lays them out": () => ({
    value: rows.value,
    document: asPhp(rows.document),
  }),
};

/** A document with so many bytes, about, of copies of what a sample has in its array. */
export function repeated(
  sample: Sample,
  bytes: number,
): Uint8Array<ArrayBuffer> {
  const text = new TextDecoder().decode(sample.document);
  const start = text.indexOf("<data>") + "<data>".length;
  const end = text.lastIndexOf("</data>");
  const items = text.slice(start, end);
  // Whole items only: the first so many, or all of them so many times.
  const count = Math.floor(bytes / items.length);
  const whole = new TextEncoder();
  if (count > 0) {
    return whole.encode(
      text.slice(0, start) + items.repeat(count) + text.slice(end),
    );
  }
  const { value } = sample;
  const part = (value as unknown[]).slice(
    0,
    Math.max(1, Math.floor((value as unknown[]).length * bytes / items.length)),
  );
  return encodeResponse(part);
}
