import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { createIncomingConversions } from "../core/conversion.ts";
import { UTC } from "../core/date_time.ts";
import { optional, type XmlRpcSignature } from "../core/types.ts";
import { findSignatureProblem, fitParams, listTypeNames } from "./signature.ts";

const CONVERSIONS = createIncomingConversions({
  timeZone: UTC,
  dateTime: undefined,
});

// ---------------------------------------------------------------- params

const ONE: XmlRpcSignature = { params: ["int", "string"], returns: "nil" };
const LOOSE: XmlRpcSignature = {
  params: ["int", optional("string"), optional("int")],
  returns: "nil",
};

for (
  const [signature, params, message] of [
    [ONE, [], "Expected 2 params, got 0"],
    [ONE, [1], "Expected 2 params, got 1"],
    [ONE, [1, "a", null], "Expected 2 params, got 3"],
    [LOOSE, [], "Expected 1 to 3 params, got 0"],
    [LOOSE, [1, "a", 2, 3], "Expected 1 to 3 params, got 4"],
    [{ params: ["int"], returns: "nil" }, [], "Expected 1 param, got 0"],
    [{ params: [], returns: "nil" }, [1], "Expected 0 params, got 1"],
  ] as const
) {
  Deno.test(`${params.length} params for ${JSON.stringify(signature.params)} are refused`, () => {
    assertThrows(
      () => fitParams([signature], params, CONVERSIONS, 1000),
      TypeError,
      message,
    );
  });
}

Deno.test("optional params may be left out from the end", () => {
  assertEquals(fitParams([LOOSE], [1], CONVERSIONS, 1000).params, [1]);
  assertEquals(fitParams([LOOSE], [1, "a"], CONVERSIONS, 1000).params, [
    1,
    "a",
  ]);
  assertEquals(fitParams([LOOSE], [1, "a", 2n], CONVERSIONS, 1000).params, [
    1,
    "a",
    2,
  ]);
});

Deno.test("of several signatures the first that fits is taken", () => {
  const first = { params: ["int"], returns: "nil" } as const;
  const second = { params: ["string"], returns: "int" } as const;
  assertStrictEquals(
    fitParams([first, second], ["a"], CONVERSIONS, 1000).signature,
    second,
  );
  assertStrictEquals(
    fitParams([first, second], [1], CONVERSIONS, 1000).signature,
    first,
  );
});

Deno.test("of several signatures the only one with that many params says what is wrong", () => {
  assertThrows(
    () =>
      fitParams(
        [ONE, { params: ["int"], returns: "nil" }],
        ["a"],
        CONVERSIONS,
        1000,
      ),
    TypeError,
    "params[0]: expected int, got string",
  );
});

Deno.test("where no signature fits, the message names them all", () => {
  const other = { params: [["int"], optional({})], returns: "nil" } as const;
  assertThrows(
    () => fitParams([ONE, other], [1, 2], CONVERSIONS, 1000),
    TypeError,
    "No signature takes (int, int): expected (int, string) or (array, struct?)",
  );
});

// ---------------------------------------------------------------- names and problems

Deno.test("listTypeNames() gives a list for each number of params", () => {
  assertEquals(
    listTypeNames({
      params: ["int", [["int"]], optional({ a: "int" })],
      returns: ["string"],
    }),
    [["array", "int", "array", "struct"], ["array", "int", "array"]],
  );
  assertEquals(listTypeNames({ params: [], returns: "nil" }), [["nil"]]);
});

const FLAWS: readonly [signature: unknown, flaw: RegExp][] = [
  [
    { params: ["dubble"], returns: "int" },
    /^params\[0\] is "dubble", which is not a type: expected one of .*double/,
  ],
  [
    { params: [], returns: "toString" },
    /^returns is "toString", which is not a type/,
  ],
  [{ params: "int", returns: "int" }, /^params must be an array of types$/],
  [{ returns: "int" }, /^params must be an array of types$/],
  [{ params: [] }, /^returns must be the name of a type/],
  [
    { params: [null], returns: "int" },
    /^params\[0\] must be the name of a type/,
  ],
  [
    { params: [["int", "int"]], returns: "int" },
    /^params\[0\] must name the one type/,
  ],
  [{ params: [[]], returns: "int" }, /^params\[0\] must name the one type/],
  [
    { params: [{ a: { b: "x" } }], returns: "int" },
    /^params\[0\]\.a\.b is "x"/,
  ],
  [
    { params: [optional("int"), "int"], returns: "int" },
    /^params\[1\] must be optional, as one before it is$/,
  ],
  [{ params: [], returns: optional("int") }, /^returns must not be optional/],
  [
    { params: [[optional("int")]], returns: "int" },
    /^params\[0\]\[0\] must not be optional/,
  ],
];

for (const [signature, flaw] of FLAWS) {
  Deno.test(`findSignatureProblem() finds what is wrong with ${Deno.inspect(signature)}`, () => {
    const found = findSignatureProblem(signature as XmlRpcSignature);
    assert(found !== undefined && flaw.test(found), found);
  });
}

Deno.test("findSignatureProblem() finds nothing wrong with a good signature", () => {
  assertEquals(findSignatureProblem(LOOSE), undefined);
  assertEquals(
    findSignatureProblem({ params: [{ a: optional(["any"]) }], returns: {} }),
    undefined,
  );
});
