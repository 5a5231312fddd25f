// Hostile values, as a method may give them that got them from another party.

import {
  encodeCallStream,
  encodeFault,
  encodeResponse,
  encodeResponseStream,
} from "../../codec.ts";
import { dateTime, XmlRpcTyped } from "../../core/typed.ts";
import { fill } from "./_documents.ts";
import type { Kind } from "./_growth.ts";

type Row = readonly [name: string, make: (bytes: number) => unknown];

/** An object with so many members. */
function wide(members: number, name: (at: number) => string): object {
  return Object.fromEntries(
    Array.from({ length: members }, (_, at) => [name(at), at]),
  );
}

/** A value in so many arrays or objects. */
function nest(depth: number, around: (value: unknown) => unknown): unknown {
  let value: unknown = 1;
  for (let at = 0; at < depth; at++) value = around(value);
  return value;
}

const VALUES: readonly Row[] = [
  ["a string", (n) => fill(n, "a")],
  ["a string of escapes", (n) => fill(n, "&<>\r")],
  ["a string of ]]>", (n) => fill(n, "]]>")],
  ["a string of pairs", (n) => fill(n, "🎉")],
  ["a lone surrogate at the end", (n) => `${fill(n, "🎉")}\ud800`],
  ["a lone surrogate at the start", (n) => `\udc00${fill(n, "🎉")}`],
  ["a control character at the end", (n) => `${fill(n, "&")}\0`],
  ["U+FFFF at the end", (n) => `${fill(n, "é")}\uffff`],
  ["a rope of strings", (n) => {
    let rope = "";
    for (let at = 0; at < n / 4; at++) rope += "<&é";
    return rope;
  }],
  ["strings", (n) => Array.from({ length: n / 16 }, () => "a<b")],
  ["ints", (n) => Array.from({ length: n / 8 }, (_, at) => at)],
  ["doubles", (n) => Array.from({ length: n / 16 }, (_, at) => 1 / (at + 1))],
  [
    "doubles of 300 digits",
    (n) => Array.from({ length: n / 300 }, () => 1e300),
  ],
  ["a typed array", (n) => new Uint8Array(n)],
  [
    "typed arrays",
    (n) => Array.from({ length: n / 16 }, () => new Uint8Array(3)),
  ],
  ["dates", (n) => Array.from({ length: n / 24 }, () => new Date(0))],
  [
    "arrays in arrays",
    (n) =>
      Array.from({ length: n / 2000 }, () => nest(250, (value) => [value])),
  ],
  [
    "objects in objects",
    (n) => Array.from({ length: n / 4000 }, () => nest(250, (a) => ({ a }))),
  ],
  ["arrays deeper than the limit", (n) => nest(n / 16, (value) => [value])],
  ["objects deeper than the limit", (n) => nest(n / 16, (a) => ({ a }))],
  [
    "long names deeper than the limit",
    (n) => nest(300, (value) => ({ [fill(n / 300, "name")]: value })),
  ],
  ["an array with an object many times", (n) => Array(n / 64).fill({ a: [1] })],
  ["members", (n) => wide(n / 16, (at) => `name${at}`)],
  ["members with indexes", (n) => wide(n / 16, String)],
  [
    "members that are undefined",
    (n) =>
      Object.fromEntries(
        Array.from({ length: n / 8 }, (_, at) => [`n${at}`, undefined]),
      ),
  ],
  ["a long name", (n) => ({ [fill(n, "a")]: 1 })],
  ["a long name with something wrong", (n) => ({ [fill(n, "a.")]: Symbol() })],
  [
    "long names with something wrong",
    (n) =>
      nest(
        200,
        (value) => ({ [fill(n / 200, "a.")]: value === 1 ? Symbol() : value }),
      ),
  ],
  ["a sparse array", (n) => {
    const items: unknown[] = Array(n);
    items[n - 1] = 1;
    return items;
  }],
  ["an array without items", (n) => Array(n * 200)],
  ["a bigint out of range", (n) => 1n << BigInt(n * 8)],
  [
    "bigintegers of 1,000 digits",
    (n) =>
      Array.from(
        { length: n / 1000 },
        () => new XmlRpcTyped("biginteger", 10n ** 1000n),
      ),
  ],
  [
    "a getter many times",
    (n) =>
      Array.from({ length: n / 16 }, () => ({
        get a() {
          return 1;
        },
      })),
  ],
  [
    "an object of a class with members",
    (n) =>
      Object.assign(new (class Odd {})(), wide(n / 16, (at) => `name${at}`)),
  ],
  ["an Error with a long message", (n) => new Error(fill(n, "a"))],
];

function allowed(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) {
      return undefined;
    }
    throw error;
  }
}

async function* itemsOf(value: unknown): AsyncGenerator<unknown> {
  yield await Promise.resolve(value);
}

/** Reads a document; returns how many bytes it has. */
async function drain(value: unknown): Promise<void> {
  try {
    const { body } = encodeResponseStream(value);
    await new Response(body).bytes();
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) {
      throw error;
    }
  }
}

/** What the platform takes to write a value. */
function json(make: Row[1]): Kind["prepare"] {
  return (bytes) => {
    const value = make(bytes);
    return () => allowed(() => JSON.stringify(value));
  };
}

const WHOLE: readonly Kind[] = VALUES.map(([name, make]) => ({
  name: `${name}; encoded`,
  reference: json(make),
  prepare: (bytes) => {
    const value = make(bytes);
    return () => allowed(() => encodeResponse(value));
  },
}));

const STREAMED: readonly Kind[] = VALUES.map(([name, make]) => ({
  name: `${name}; encoded as a stream`,
  reference: json(make),
  prepare: (bytes) => {
    const value = make(bytes);
    return () => drain(itemsOf(value));
  },
}));

/** A stream of chunks of so many bytes. */
function chunked(
  bytes: number,
  chunkBytes: number,
): ReadableStream<Uint8Array> {
  let left = bytes;
  return new ReadableStream({
    pull(controller): void {
      if (left <= 0) return controller.close();
      controller.enqueue(new Uint8Array(Math.min(chunkBytes, left)));
      left -= chunkBytes;
    },
  });
}

const MIB = 2 ** 20;

const OTHERS: readonly Kind[] = [
  {
    name: "a stream in chunks of 1; encoded",
    most: MIB,
    prepare: (bytes) => () => drain(chunked(bytes, 1)),
  },
  {
    name: "a stream in chunks of 65,536; encoded",
    prepare: (bytes) => () => drain(chunked(bytes, 65_536)),
  },
  {
    name: "a Blob; encoded",
    prepare: (bytes) => {
      const blob = new Blob([new Uint8Array(bytes)]);
      return () => drain(blob);
    },
  },
  {
    name: "a fault's message; encoded",
    prepare: (bytes) => {
      const message = fill(bytes, "&<");
      return () => encodeFault({ code: 1, message });
    },
  },
  {
    name: "a method name; encoded",
    prepare: (bytes) => {
      const name = fill(bytes, "name.");
      return () => allowed(() => encodeCallStream(name, []));
    },
  },
  {
    name: "a method name with a space at its end; encoded",
    prepare: (bytes) => {
      const name = `${fill(bytes, "name.")} `;
      return () => allowed(() => encodeCallStream(name, []));
    },
  },
  {
    name: "a date's text; wrapped",
    prepare: (bytes) => {
      const text = `19980717T14:08:55.${fill(bytes, "1")}`;
      return () => allowed(() => dateTime(`${text}x`));
    },
  },
];

/** Values through the encoder. */
export const ENCODING: readonly Kind[] = [...WHOLE, ...STREAMED, ...OTHERS];
