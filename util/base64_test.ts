import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  Base64Decoder,
  decodeBase64,
  decodeGroupsPortably,
  decodePortably,
  encodeBase64,
  encodePortably,
} from "./base64.ts";
import { Random } from "../tests/support/random.ts";

// Spec (RFC 4648): the test vectors of section 10, and one of both special letters.
const VECTORS: readonly [text: string, base64: string][] = [
  ["", ""],
  ["f", "Zg=="],
  ["fo", "Zm8="],
  ["foo", "Zm9v"],
  ["foob", "Zm9vYg=="],
  ["fooba", "Zm9vYmE="],
  ["foobar", "Zm9vYmFy"],
  ["\xff\xef\xbe", "/+++"],
];

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

for (const encode of [encodeBase64, encodePortably]) {
  Deno.test(`${encode.name}() writes the standard alphabet, padded`, () => {
    for (const [text, base64] of VECTORS) {
      assertEquals(encode(bytes(text)), base64);
    }
  });

  Deno.test(`${encode.name}() writes a view's own bytes on one line`, () => {
    const long = new Uint8Array(100_001).fill(0xff);
    const text = encode(long.subarray(1));
    assertEquals(text.length, Math.ceil(100_000 / 3) * 4);
    assertEquals(text.slice(-8), "/////w==");
    assertStrictEquals(/^[A-Za-z0-9+/]+={0,2}$/.test(text), true);
  });
}

for (const decode of [decodeBase64, decodePortably]) {
  Deno.test(`${decode.name}() reads the standard alphabet`, () => {
    for (const [text, base64] of VECTORS) {
      assertEquals(decode(base64), bytes(text));
    }
  });

  Deno.test(`${decode.name}() skips white space, and needs no padding`, () => {
    assertEquals(decode(" Zm9v\r\n\tYmFy\n"), bytes("foobar"));
    assertEquals(decode("Zg"), bytes("f"));
    assertEquals(decode("Zm8"), bytes("fo"));
    assertEquals(decode("Zg =\n= "), bytes("f"));
    assertEquals(decode(" \n "), bytes(""));
  });

  Deno.test(`${decode.name}() refuses all else`, () => {
    const wrong = [
      "Z",
      "Zm9vY",
      "Zg=",
      "Zg===",
      "=",
      "====",
      "Zg==Zg==",
      "Zm9v=",
      "Zm-_",
      "Zm9v!",
      "Zm9v\u00a0",
      "Zm9v.",
      "é",
    ];
    for (const text of wrong) {
      assertThrows(() => decode(text), Error, undefined, text);
    }
  });

  Deno.test(`${decode.name}() gives bytes with a buffer of their own`, () => {
    const decoded = decode("Zm9vYmFy");
    assertEquals([decoded.byteOffset, decoded.buffer.byteLength], [0, 6]);
  });
}

Deno.test("encodePortably() and decodePortably() agree with encodeBase64() and decodeBase64()", () => {
  const seed = 20010516;
  const random = new Random(seed);
  for (let run = 0; run < 500; run++) {
    const length = run < 100 ? run : random.below(30_000);
    const some = Uint8Array.from({ length }, () => random.below(256));
    const where = `seed ${seed}, run ${run}, ${length} bytes`;
    const text = encodeBase64(some);
    assertStrictEquals(encodePortably(some), text, where);
    for (const decode of [decodeBase64, decodePortably]) {
      const read = decode(text);
      assertStrictEquals(
        read.length === length && read.every((byte, at) => byte === some[at]),
        true,
        `${decode.name}: ${where}`,
      );
    }
  }
});

Deno.test("decodePortably() agrees with decodeBase64() on what is not base64", () => {
  const seed = 19980717;
  const random = new Random(seed);
  const letters = "AQgz09+/== \n-é";
  const outcome = (decode: (text: string) => Uint8Array, text: string) => {
    try {
      return [...decode(text)].join();
    } catch {
      return "refused";
    }
  };
  for (let run = 0; run < 20_000; run++) {
    const text = Array.from(
      { length: random.below(9) },
      () => letters[random.below(letters.length)],
    ).join("");
    assertStrictEquals(
      outcome(decodePortably, text),
      outcome(decodeBase64, text),
      `seed ${seed}, run ${run}: ${JSON.stringify(text)}`,
    );
  }
});

/** What comes of a text that is decoded in the given pieces. */
function pieceByPiece(decoder: Base64Decoder, pieces: string[]): string {
  try {
    const parts = pieces.map((piece) => decoder.push(piece));
    return [...parts, decoder.end()].flatMap((part) => [...part]).join();
  } catch {
    return "refused";
  }
}

function whole(text: string): string {
  try {
    return [...decodeBase64(text)].join();
  } catch {
    return "refused";
  }
}

const decoders: [name: string, create: () => Base64Decoder][] = [
  ["Base64Decoder", () => new Base64Decoder()],
  ["Base64Decoder, portably", () => new Base64Decoder(decodeGroupsPortably)],
];

for (const [name, create] of decoders) {
  Deno.test(`${name}: a text in pieces gives what it gives as a whole`, () => {
    const seed = 20260114;
    const random = new Random(seed);
    const letters = "AQQgz09+/=== \n\r-é";
    for (let run = 0; run < 30_000; run++) {
      const pieces = Array.from({ length: random.below(5) }, () =>
        Array.from(
          { length: random.below(4) },
          () => letters[random.below(letters.length)],
        ).join(""));
      assertStrictEquals(
        pieceByPiece(create(), pieces),
        whole(pieces.join("")),
        `seed ${seed}, run ${run}: ${JSON.stringify(pieces)}`,
      );
    }
  });

  Deno.test(`${name}: long texts in pieces of any length`, () => {
    const seed = 19990615;
    const random = new Random(seed);
    const bytes = Uint8Array.from({ length: 20_000 }, () => random.below(256));
    const text = encodeBase64(bytes).replace(/.{76}/g, "$&\r\n");
    for (let run = 0; run < 50; run++) {
      const pieces: string[] = [];
      for (let at = 0; at < text.length;) {
        const length = 1 + random.below(run < 10 ? 5 : 3000);
        pieces.push(text.slice(at, at += length));
      }
      assertStrictEquals(
        pieceByPiece(create(), pieces),
        bytes.join(),
        `seed ${seed}, run ${run}`,
      );
    }
  });

  Deno.test(`${name}: keeps no white space`, () => {
    const decoder = create();
    decoder.push("Zm9");
    for (let at = 0; at < 1000; at++) decoder.push(" ".repeat(10_000));
    assertEquals(decoder.push("v"), bytes("foo"));
  });
}

Deno.test("encodeBase64() and decodeBase64() do without the platform's methods", () => {
  const holders: [object, string][] = [
    [Uint8Array.prototype, "toBase64"],
    [Uint8Array, "fromBase64"],
    [Uint8Array.prototype, "setFromBase64"],
  ];
  const kept = holders.map(([holder, name]) =>
    Object.getOwnPropertyDescriptor(holder, name)
  );
  try {
    for (const [holder, name] of holders) Reflect.deleteProperty(holder, name);
    assertEquals(encodeBase64(bytes("foob")), "Zm9vYg==");
    assertEquals(decodeBase64("Zm9vYg=="), bytes("foob"));
    assertEquals(new Base64Decoder().push("Zm9vY"), bytes("foo"));
  } finally {
    holders.forEach(([holder, name], at) => {
      const descriptor = kept[at];
      if (descriptor) Object.defineProperty(holder, name, descriptor);
    });
  }
});
