import { assert, assertEquals, assertThrows } from "@std/assert";
import { Utf8Writer } from "./utf8_writer.ts";
import { escapeText } from "./characters.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** What a writer has after `write`. */
function written(write: (writer: Utf8Writer) => void): string {
  const writer = new Utf8Writer();
  write(writer);
  return decoder.decode(writer.take());
}

const TEXTS: Readonly<Record<string, string>> = {
  "nothing": "",
  "ASCII of many chunks": "Customer number 7, ".repeat(20_000),
  "what is escaped, and nothing else": "&<>\r".repeat(40_000),
  "characters of two and three bytes": "Grüße, 東京! ".repeat(20_000),
  "pairs of surrogates": "🌩".repeat(50_000),
  "line ends, quotes and the last of Unicode": `"'\t\n\u{10fffd}`.repeat(9000),
};

for (const [name, text] of Object.entries(TEXTS)) {
  Deno.test(`Utf8Writer writes ${name} as it is`, () => {
    assertEquals(written((writer) => writer.write(text)), text);
  });

  Deno.test(`Utf8Writer escapes ${name} as escapeText() does`, () => {
    const escaped = written((writer) => writer.writeEscaped(text));
    assertEquals(escaped, escapeText(text));
  });
}

Deno.test("Utf8Writer cuts no pair of surrogates, wherever it stands", () => {
  for (let before = 4090; before < 4100; before++) {
    const text = `${"a".repeat(before)}🌩<🌩`;
    const escaped = written((writer) => writer.writeEscaped(text));
    assertEquals(escaped, escapeText(text));
  }
});

Deno.test("Utf8Writer writes one text behind the other, and begins anew when taken", () => {
  const writer = new Utf8Writer();
  assert(writer.isEmpty);
  writer.write("a");
  writer.writeEscaped("<");
  writer.write("é".repeat(65_535));
  assert(!writer.isEmpty);
  assertEquals(decoder.decode(writer.take()), `a&lt;${"é".repeat(65_535)}`);
  assert(writer.isEmpty);
  writer.write("b");
  assertEquals(decoder.decode(writer.take()), "b");
});

Deno.test("Utf8Writer gives bytes that are written over by nothing that follows", () => {
  const writer = new Utf8Writer();
  writer.write("first");
  const first = writer.take();
  writer.write("other");
  assertEquals(decoder.decode(first), "first");
});

Deno.test("Utf8Writer writes bytes of any length among text, and counts them all", () => {
  const writer = new Utf8Writer();
  const parts = ["a", "b".repeat(70_000), "c", "d".repeat(65_536), "e"];
  for (const part of parts) {
    writer.writeBytes(new TextEncoder().encode(part));
    writer.write("-");
  }

  assertEquals(writer.length, parts.join("-").length + 1);
  assertEquals(decoder.decode(writer.take()), `${parts.join("-")}-`);
  assertEquals([writer.length, writer.isEmpty], [0, true]);
});

Deno.test("Utf8Writer asks before it takes more memory", () => {
  const lengths: number[] = [];
  const writer = new Utf8Writer(() => {
    lengths.push(writer.length);
    if (writer.length > 100_000) throw new RangeError("Too long");
  });

  assertThrows(() => writer.write("x".repeat(10_000_000)), RangeError);

  assertEquals(lengths, [0, 65_536, 131_072]);
});
