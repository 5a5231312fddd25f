import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { capture } from "./snapshot.ts";
import { double } from "./typed.ts";
import {
  createShrunkViews,
  createTransferred,
} from "../tests/support/lost_bytes.ts";

const LIMITS = { maxDepth: 256, maxValues: 1000 };

Deno.test("capture() copies arrays, structs, dates and bytes, however deep", () => {
  const original = {
    rows: [{ id: 1, tags: ["a"] }],
    date: new Date(0),
    bytes: new Uint8Array([1, 2, 3]).subarray(1),
    buffer: new Uint8Array([1]).buffer,
    view: new DataView(new Uint8Array([1, 2, 3]).buffer, 1, 1),
  };

  const copy = capture(original, LIMITS);
  original.rows[0]!.tags[0] = "b";
  original.rows.push({ id: 2, tags: [] });
  original.date.setTime(1);
  original.bytes[0] = 9;
  new Uint8Array(original.buffer)[0] = 9;
  original.view.setUint8(0, 9);

  assertEquals(copy, {
    rows: [{ id: 1, tags: ["a"] }],
    date: new Date(0),
    bytes: new Uint8Array([2, 3]),
    buffer: new Uint8Array([1]).buffer,
    view: new Uint8Array([2]),
  });
});

Deno.test("capture() keeps members named __proto__ and leaves out inherited ones", () => {
  const original: unknown = JSON.parse('{"__proto__": {"a": 1}, "then": 2}');
  class Point {
    x = 1;
    get y(): number {
      return 2;
    }
  }

  assertEquals(
    JSON.stringify(capture([original, new Point()], LIMITS)),
    '[{"__proto__":{"a":1},"then":2},{"x":1}]',
  );
});

Deno.test("capture() leaves what cannot change or cannot be sent as it is", () => {
  const values = [
    1,
    "x",
    null,
    undefined,
    5n,
    double(3),
    new Map(),
    new Blob(),
    new ReadableStream(),
    new Float64Array(1),
    Symbol("x"),
    () => {},
  ];

  for (const value of values) {
    assertStrictEquals(capture(value, LIMITS), value);
  }
});

Deno.test("capture() makes an undefined of a hole, for the encoder to refuse", () => {
  // deno-lint-ignore no-sparse-arrays
  assertEquals(capture([1, , 2], LIMITS), [1, undefined, 2]);
});

Deno.test("capture() ends at a cycle", () => {
  const cycle: unknown[] = [];
  cycle.push(cycle);

  assert(Array.isArray(capture(cycle, LIMITS)));
});

Deno.test("capture() leaves a cycle as it is, however many ways lead around it", () => {
  const parent: { children: unknown[] } = { children: [] };
  parent.children.push({ parent }, { parent });

  const copy = capture(parent, LIMITS) as typeof parent;

  const [first] = copy.children as [{ parent: unknown }];
  assertStrictEquals(first.parent, parent);
});

Deno.test("capture() copies what is shared once", () => {
  let tree: unknown = [new Uint8Array(1)];
  for (let depth = 0; depth < 60; depth++) tree = [tree, { tree }];

  const copy = capture(tree, LIMITS) as [unknown, { tree: unknown }];

  assert(copy !== tree);
  assertStrictEquals(copy[0], copy[1].tree);
});

Deno.test("capture() visits no more than maxValues", () => {
  const items = Array(10).fill(1);
  capture([items, items], { maxDepth: 256, maxValues: 13 });

  assertThrows(
    () => capture([items, [items, []]], { maxDepth: 256, maxValues: 13 }),
    RangeError,
    "Too many values: the limit maxValues is 13",
  );
});

Deno.test("capture() leaves bytes that are lost as they are", () => {
  for (const bytes of [...createShrunkViews(), ...createTransferred()]) {
    assertStrictEquals(capture(bytes, LIMITS), bytes);
  }
});
