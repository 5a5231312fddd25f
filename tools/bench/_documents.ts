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

/** A document of about so many bytes, of the same kind as a sample. */
export function repeated(
  { value, document }: Sample,
  bytes: number,
): Uint8Array<ArrayBuffer> {
  if (!Array.isArray(value)) {
    return encodeResponse(new Uint8Array(bytes * 3 / 4).fill(0x5a));
  }
  const text = new TextDecoder().decode(document);
  const start = text.indexOf("<data>") + "<data>".length;
  const end = text.lastIndexOf("</data>");
  const items = text.slice(start, end);
  const count = Math.round(bytes / items.length);
  if (count > 0) {
    const all = text.slice(0, start) + items.repeat(count) + text.slice(end);
    return new TextEncoder().encode(all);
  }
  const few = Math.ceil(value.length * bytes / items.length);
  return encodeResponse(value.slice(0, few));
}
