// The codec: the whole corpus, and base64 without the platform's own.

import { type Case, encodeLine, plainFlaw } from "../corpus/adapter.ts";
import { documentFlaw, prototypes } from "../corpus/judge.ts";
import { documents } from "../corpus/loader.mjs";
import {
  createResponseDecoder,
  decodeResponse,
  encodeResponse,
  encodeResponseStream,
} from "../../mod.ts";
import { assert, assertEquals } from "./_assert.ts";
import type { Check, Corpus } from "./_check.ts";

/** What is wrong with how a case is decoded, in time enough for any machine. */
function decodingFlaw(c: Case): string | undefined {
  for (
    const [label, document] of documents(c) as Iterable<[string, Uint8Array]>
  ) {
    // Long ones in pieces take long, and show nothing that Deno has not shown.
    const isShort = document.length < 20_000;
    const flaw = documentFlaw(c, document, isShort ? 1 : 4096, 30_000) ??
      (isShort ? documentFlaw(c, document, Infinity, 30_000) : undefined) ??
      (isShort ? plainFlaw(c, document) : undefined);
    if (flaw !== undefined) return `${label} ${flaw}`;
  }
  return undefined;
}

/** What is wrong with a case here. */
function flawOf(c: Case, { written }: Corpus): string | undefined {
  if (c.op === undefined) return decodingFlaw(c);
  const line = JSON.stringify(encodeLine(c));
  const expected = JSON.stringify(written[c.id]);
  return line === expected ? undefined : `expected ${expected}, got ${line}`;
}

function runTopic(cases: readonly Case[], corpus: Corpus): void {
  const before = prototypes();
  const flaws = cases.flatMap((c) => {
    const flaw = flawOf(c, corpus);
    return flaw === undefined ? [] : [`${c.id}: ${flaw}`];
  });
  assert(flaws.length === 0, flaws.join("\n"));
  assertEquals(prototypes(), before);
}

/** What the platform may have for base64, and where. */
const NATIVE: readonly (readonly [owner: object, name: string])[] = [
  [Uint8Array, "fromBase64"],
  [Uint8Array.prototype, "toBase64"],
  [Uint8Array.prototype, "setFromBase64"],
];

/** Runs something while the platform has no base64 of its own. */
async function withoutNative(
  run: () => void | Promise<void>,
): Promise<void> {
  const kept = NATIVE.map(([owner, name]) =>
    Object.getOwnPropertyDescriptor(owner, name)
  );
  for (const [owner, name] of NATIVE) Reflect.deleteProperty(owner, name);
  try {
    await run();
  } finally {
    NATIVE.forEach(([owner, name], index) => {
      const descriptor = kept[index];
      if (descriptor !== undefined) {
        Object.defineProperty(owner, name, descriptor);
      }
    });
  }
}

async function bytesThereAndBack(): Promise<void> {
  const bytes = Uint8Array.from({ length: 100_003 }, (_, at) => at * 31);
  assertEquals(decodeResponse(encodeResponse(bytes)), bytes);
  const { body } = encodeResponseStream(new Blob([bytes]));
  const document = new Uint8Array(await new Response(body).arrayBuffer());
  assertEquals(document, encodeResponse(bytes));
  const decoder = createResponseDecoder();
  for (let at = 0; at < document.length; at += 1001) {
    decoder.push(document.subarray(at, at + 1001));
  }
  assertEquals(decoder.end(), bytes);
}

/** The checks of the codec: one for each topic of the corpus. */
export function codecChecks(corpus: Corpus): readonly Check[] {
  return [
    ...Object.entries(corpus.topics).map(([topic, cases]) => ({
      name: `corpus: ${topic}`,
      run: () => runTopic(cases, corpus),
    })),
    { name: "bytes go there and back", run: bytesThereAndBack },
    {
      name: "bytes go there and back without the platform's base64",
      run: () => withoutNative(bytesThereAndBack),
    },
    {
      name: "corpus: base64, without the platform's",
      run: () =>
        withoutNative(() => runTopic(corpus.topics["base64"]!, corpus)),
    },
  ];
}
