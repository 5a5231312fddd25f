// What the runner makes of what peers print. The peers themselves run by
// `deno task interop`.

import { assertEquals } from "@std/assert";
import { double, i8 } from "@xmlrpc/xmlrpc";
import {
  isSame,
  readOutcomes,
  show,
  typedOf,
  writeCalls,
} from "./_notation.ts";
import { CONTRACT } from "./contract.ts";
import { scoreOf } from "./run.ts";

const VALUE = typedOf({
  "a b": [1, i8(5), double(20), true, "é\n", null],
  bytes: new Uint8Array([0, 255]),
  date: new Date("1998-07-17T14:08:55Z"),
  empty: {},
});

function resultOf(text: string) {
  const outcome = readOutcomes(text).get("x");
  if (outcome === undefined || !("result" in outcome)) {
    throw new Error(`no result: ${JSON.stringify(outcome)}`);
  }
  return outcome.result;
}

Deno.test("a value in the notation reads as the same value", () => {
  const call = writeCalls([{ name: "x", method: "echo", params: [VALUE] }]);
  const [first, ...lines] = call.split("\n");
  assertEquals(first, "call x echo 1");
  assertEquals(resultOf(`result x\n${lines.join("\n")}`), VALUE);
});

Deno.test("a value without a type is the same as one whose text it is", () => {
  for (
    const [text, value] of [["5", 5], ["0.5", 0.5], ["1", true], ["é", "é"]]
  ) {
    const got = resultOf(
      `result x\ntext ${encodeURIComponent(text as string)}\n`,
    );
    assertEquals(isSame(got, typedOf(value!)), true, show(got));
    assertEquals(isSame(got, typedOf("other")), false);
  }
});

Deno.test("a struct with another member is not the same", () => {
  const got = typedOf({ a: [1, { b: 2 }] });
  assertEquals(isSame(got, typedOf({ a: [1, { b: 2 }] })), true);
  assertEquals(isSame(got, typedOf({ a: [1, { b: 2, c: 3 }] })), false);
  assertEquals(isSame(got, typedOf({ a: [double(1), { b: 2 }] })), false);
});

Deno.test("what a peer has printed before it died is read up to the last whole line", () => {
  const outcomes = readOutcomes(
    "result a\nint 5\nfault b -1 no%20luck\nresult c",
  );
  assertEquals([...outcomes.keys()], ["a", "b"]);
  assertEquals(outcomes.get("b"), { fault: [-1, "no luck"] });
});

Deno.test("a case that is listed as lacking must fail", () => {
  const verdicts = new Map([["nil", undefined], ["i8", "wrong"]]);
  const score = scoreOf(verdicts, { "has neither": ["nil", "i8"] });
  assertEquals(score, {
    passed: 0,
    lacking: 1,
    failures: ["nil: passes, though it is listed as lacking"],
  });
});

Deno.test("the contract's cases have names of their own", () => {
  const names = new Set(CONTRACT.map(({ name }) => name));
  assertEquals(names.size, CONTRACT.length);
});
