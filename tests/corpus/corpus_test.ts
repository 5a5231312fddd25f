// The conformance cases of tests/corpus/, and documents made up by its fuzzer.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Case, decodeOutcome, handedOutOutcome } from "./adapter.ts";
import { fuzz } from "./fuzz.ts";
import { documents } from "./loader.mjs";
import {
  createCallDecoder,
  createResponseDecoder,
  XmlRpcSyntaxError,
} from "../../mod.ts";
import { decodeFlaw, prototypes } from "./judge.ts";
import { encodeFlaws, readTopics, runTopic } from "./run.ts";

const topics = await readTopics(new URL(".", import.meta.url).pathname);

for (const [topic, cases] of topics) {
  Deno.test(`the codec agrees with the corpus on ${topic}, whole and in chunks`, async () => {
    const before = prototypes();
    const results = await runTopic(topic, cases);
    assertEquals(results.filter(({ flaw }) => flaw !== undefined), []);
    assertEquals(results.length, cases.length);
    assertEquals(prototypes(), before);
  });
}

Deno.test("the corpus has 1,014 cases", () => {
  const sizes = Array.from(topics.values(), (cases) => cases.length);
  assertEquals(sizes.reduce((a, b) => a + b), 1014);
});

const captures = await readTopics(
  new URL("captures", import.meta.url).pathname,
);

for (const [group, cases] of captures) {
  Deno.test(`what ${group} have sent is read, whole and in chunks`, async () => {
    const results = await runTopic(group, cases);
    assertEquals(results.filter(({ flaw }) => flaw !== undefined), []);
  });
}

Deno.test("the captures are 2,868 documents", () => {
  const sizes = Array.from(captures.values(), (cases) => cases.length);
  assertEquals(sizes.reduce((a, b) => a + b), 2868);
});

// Limits are others then.
for (const [topic, cases] of topics) {
  if (topic === "limits") continue;
  Deno.test(`what is handed out while it arrives is what the corpus has on ${topic}`, () => {
    for (const c of cases.filter((c) => c.op === undefined)) {
      for (
        const [label, document] of documents(c) as Iterable<
          [string, Uint8Array]
        >
      ) {
        const expected = decodeOutcome(c, document);
        // Long ones by the byte take long, and show nothing more.
        const sizes = document.length > 100_000 ? [4096] : [1, 7, 4096];
        for (const chunkBytes of sizes) {
          const outcome = handedOutOutcome(c, document, chunkBytes);
          assertEquals(outcome, expected, `${c.id} ${label} by ${chunkBytes}`);
        }
      }
    }
  });
}

/** Decodes pieces; returns where the error is, or undefined if there is none. */
function findErrorPlace(
  { kind, limits, contentType }: Case,
  pieces: readonly Uint8Array[],
): string | undefined {
  const options = { ...limits, contentType };
  const decoder = kind === "call"
    ? createCallDecoder(options)
    : createResponseDecoder(options);
  try {
    for (const piece of pieces) decoder.push(piece);
    decoder.end();
    return undefined;
  } catch (error) {
    if (!(error instanceof XmlRpcSyntaxError)) return undefined;
    const { offset, line, column, path } = error;
    return `${offset} ${line}:${column} ${path}`;
  }
}

/** A document in two pieces, cut at each byte, and one byte at a time. */
function* cutEverywhere(document: Uint8Array): Generator<Uint8Array[]> {
  for (let at = 1; at < document.length; at++) {
    yield [document.subarray(0, at), document.subarray(at)];
  }
  yield Array.from(document, (byte) => Uint8Array.of(byte));
}

// For a document over maxBytes, or with bytes that its encoding does not have, an error
// is at the first byte of the chunk that has not been read.
const BY_CHUNK =
  /^(limits\/bytes|encoding\/(ascii-utf8|header-us-ascii|utf16be-lone))/;

for (const [topic, cases] of topics) {
  Deno.test(`errors are at the same place however a document is cut: ${topic}`, () => {
    for (const c of cases) {
      if (c.op !== undefined || BY_CHUNK.test(c.id)) continue;
      const all = documents(c) as Iterable<[string, Uint8Array]>;
      for (const [label, document] of all) {
        if (document.length > 600) continue;
        const whole = findErrorPlace(c, [document]);
        if (whole === undefined) continue;
        for (const pieces of cutEverywhere(document)) {
          const place = findErrorPlace(c, pieces);
          if (place === whole) continue;
          assertEquals(
            place,
            whole,
            `${c.id} ${label} at ${pieces[0]!.length}`,
          );
        }
      }
    }
  });
}

function findCase(id: string): Case {
  for (const cases of topics.values()) {
    const found = cases.find((c) => c.id === id);
    if (found !== undefined) return found;
  }
  throw new Error(`No case ${id}`);
}

Deno.test("the corpus runner sees a wrong value, a wrong kind of error, and a slow decoding", () => {
  const good = findCase("struct/array-in-struct");
  assertEquals(decodeFlaw(good), undefined);
  assertStringIncludes(
    decodeFlaw({ ...good, expect: { value: { string: "no" } } })!,
    'whole: expected {"value":{"string":"no"}}',
  );
  assertStringIncludes(
    decodeFlaw({ ...good, expect: { error: "malformed" } })!,
    'whole: expected {"error":"malformed"}',
  );
  assertStringIncludes(decodeFlaw({ ...good, budgetMs: -1 })!, "whole: took");
});

Deno.test("the corpus runner sees what is written wrong, and what is not refused", async () => {
  const good = findCase("encode/boolean-false");
  assertEquals(await encodeFlaws([good]), [undefined]);
  const [misread, unrefused] = await encodeFlaws([
    { ...good, expect: { reads: { value: { string: "no" } } } },
    { ...good, id: "other", expect: { refuse: true } },
  ]);
  assertStringIncludes(misread!, "reads");
  assertStringIncludes(unrefused!, "must be refused, but was written");
});

Deno.test("the codec agrees with the reference decoder on generated documents", async () => {
  const seed = Deno.env.get("XMLRPC_SEED") ??
    String(Math.trunc(Math.random() * 1e9));
  const found = await fuzz(seed, 3000);
  assert(
    found.length === 0,
    `deno task fuzz --seed ${seed} --count 3000 finds ${JSON.stringify(found)}`,
  );
});
