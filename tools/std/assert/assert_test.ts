import {
  assert,
  assertEquals,
  AssertionError,
  assertIsError,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
  equal,
} from "./mod.ts";

class Point {
  readonly x: number;

  constructor(x: number) {
    this.x = x;
  }
}

class Position {
  readonly x: number;

  constructor(x: number) {
    this.x = x;
  }
}

/** Runs an assertion that must fail; gives its message. */
function failureOf(run: () => void): string {
  try {
    run();
  } catch (error) {
    if (error instanceof AssertionError) return error.message;
    throw error;
  }
  throw new Error("The assertion has not failed");
}

/** Awaits an assertion that must fail; gives its message. */
async function rejectionOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (error instanceof AssertionError) return error.message;
    throw error;
  }
  throw new Error("The assertion has not failed");
}

function buffer(...bytes: number[]): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}

function shared(...bytes: number[]): SharedArrayBuffer {
  const result = new SharedArrayBuffer(bytes.length);
  new Uint8Array(result).set(bytes);
  return result;
}

const BYTES = Uint8Array.of(0, 1, 2, 3);

const EQUAL: readonly (readonly [what: string, a: unknown, b: unknown])[] = [
  ["numbers", 1, 1],
  ["NaN", [NaN], [NaN]],
  ["bigints", 5n, 5n],
  ["arrays", [1, ["a"]], [1, ["a"]]],
  ["objects with other orders of members", { a: 1, b: 2 }, { b: 2, a: 1 }],
  ["objects of one class", new Point(1), new Point(1)],
  ["a hidden member", { a: 1 }, Object.defineProperty({ a: 1 }, "b", {})],
  ["dates", new Date(5), new Date(5)],
  ["invalid dates", new Date(NaN), new Date(NaN)],
  ["regular expressions", /a/g, /a/g],
  ["URLs", new URL("http://a/"), new URL("http://a")],
  ["errors", new Error("a"), new Error("a")],
  [
    "maps in another order",
    new Map([[1, 2], [3, 4]]),
    new Map([[3, 4], [1, 2]]),
  ],
  ["sets in another order", new Set([[1], [2]]), new Set([[2], [1]])],
  ["bytes", Uint8Array.of(1, 2), Uint8Array.of(1, 2)],
  ["bytes that are part of others", BYTES.subarray(1, 3), Uint8Array.of(1, 2)],
  ["no bytes", new Uint8Array(), new Uint8Array()],
  ["floats with NaN", Float64Array.of(1, NaN), Float64Array.of(1, NaN)],
  ["bigints in an array of them", BigInt64Array.of(1n), BigInt64Array.of(1n)],
  ["buffers", buffer(1, 2), buffer(1, 2)],
  ["shared buffers", shared(1, 2), shared(1, 2)],
  [
    "views of buffers",
    new DataView(BYTES.buffer, 1, 2),
    new DataView(buffer(1, 2)),
  ],
  ["bytes in an object", { a: [Uint8Array.of(1)] }, { a: [Uint8Array.of(1)] }],
];

for (const [what, a, b] of EQUAL) {
  Deno.test(`assertEquals() takes ${what}`, () => {
    assertEquals(a, b);
    assertEquals(b, a);
    assert(equal(a, b));
    failureOf(() => assertNotEquals(a, b));
  });
}

const UNEQUAL: readonly (readonly [what: string, a: unknown, b: unknown])[] = [
  ["numbers", 1, 2],
  ["0 and -0", 0, -0],
  ["0 and -0 in an array", [0], [-0]],
  ["a number and a bigint", 1, 1n],
  ["null and undefined", null, undefined],
  ["null and an object", null, {}],
  ["an array and an object", [1], { 0: 1 }],
  ["a missing and an undefined member", {}, { a: undefined }],
  ["arrays of other lengths", [1], [1, undefined]],
  ["an array with a hole", [undefined], Array(1)],
  ["objects of two classes", new Point(1), new Position(1)],
  ["members under symbols", { [Symbol.iterator]: 1 }, {}],
  ["dates", new Date(5), new Date(6)],
  ["regular expressions", /a/g, /a/i],
  ["errors", new Error("a"), new Error("b")],
  ["errors of two classes", new Error("a"), new TypeError("a")],
  ["maps", new Map([[1, 2]]), new Map([[1, 3]])],
  ["sets with one element twice", new Set([[1], [1]]), new Set([[1], [2]])],
  ["bytes", Uint8Array.of(1, 2), Uint8Array.of(1, 3)],
  ["bytes of other lengths", Uint8Array.of(1), Uint8Array.of(1, 0)],
  ["bytes and numbers", Uint8Array.of(1), [1]],
  ["bytes of two classes", Uint8Array.of(1), Int8Array.of(1)],
  ["bytes and a buffer", Uint8Array.of(1), buffer(1)],
  ["floats 0 and -0", Float64Array.of(0), Float64Array.of(-0)],
  ["buffers", buffer(1, 2), buffer(1, 3)],
  ["buffers of other lengths", buffer(1), buffer(1, 2)],
  ["shared buffers", shared(1), shared(2)],
  ["a buffer and a shared one", buffer(1), shared(1)],
  ["views of buffers", new DataView(buffer(1)), new DataView(buffer(2))],
  ["bytes in an object", { a: [Uint8Array.of(1)] }, { a: [Uint8Array.of(2)] }],
];

for (const [what, a, b] of UNEQUAL) {
  Deno.test(`assertEquals() tells apart ${what}`, () => {
    assertNotEquals(a, b);
    assertNotEquals(b, a);
    failureOf(() => assertEquals(a, b));
    failureOf(() => assertEquals(b, a));
  });
}

Deno.test("assertEquals() compares megabytes in no time", () => {
  const a = new Uint8Array(5_000_000).fill(7);
  const b = a.slice();
  const start = performance.now();

  assertEquals(a, b);
  b[b.length - 1] = 8;
  assert(!equal({ a }, { a: b }));

  // With a key for each byte it takes seconds.
  const elapsed = performance.now() - start;
  assert(elapsed < 1000, `${elapsed} ms`);
});

Deno.test("assertEquals() shows both values and the message", () => {
  assertEquals(
    failureOf(() => assertEquals<unknown>([1], ["a"], "in the table")),
    'Values are not equal\n  actual:   [ 1 ]\n  expected: [ "a" ]: in the table',
  );
});

Deno.test("assertStrictEquals() tells equal objects apart", () => {
  const value = { a: 1 };
  assertStrictEquals(value, value);
  assertStrictEquals(NaN, NaN);
  failureOf(() => assertStrictEquals({ a: 1 }, value));
  failureOf(() => assertStrictEquals(0, -0));
});

Deno.test("assertIsError() checks class and message", () => {
  const error = new TypeError("no luck");
  assertIsError(error);
  assertIsError(error, TypeError, "luck");
  assertIsError(error, Error, /^no/);
  failureOf(() => assertIsError("no luck"));
  failureOf(() => assertIsError(error, RangeError));
  failureOf(() => assertIsError(error, TypeError, "much luck"));
  failureOf(() => assertIsError(error, TypeError, /^luck/));
});

Deno.test("assertThrows() gives the error, and fails without one", () => {
  const error = new TypeError("no luck");
  const thrown = assertThrows(() => {
    throw error;
  }, TypeError);

  assertStrictEquals(thrown, error);
  failureOf(() => assertThrows(() => {}));
  failureOf(() => assertThrows(() => Promise.resolve(1)));
});

Deno.test("assertRejects() gives the error, and fails without one", async () => {
  const error = new TypeError("no luck");

  assertStrictEquals(
    await assertRejects(() => Promise.reject(error), TypeError, "luck"),
    error,
  );
  await rejectionOf(() => assertRejects(() => Promise.resolve(1)));
  await rejectionOf(() =>
    assertRejects(() => Promise.reject(error), RangeError)
  );
});

Deno.test("assertRejects() fails where the function throws instead of rejecting", async () => {
  const message = await rejectionOf(() =>
    assertRejects(() => {
      throw new TypeError("no luck");
    }, TypeError)
  );

  assert(message.startsWith("Expected function to return a promise"), message);
});

Deno.test("assertRejects() fails where the function returns no promise", async () => {
  for (const value of [undefined, null, 1, {}]) {
    const message = await rejectionOf(() =>
      assertRejects(() => value as never)
    );

    assert(message.startsWith("Expected a promise, got "), message);
  }
});
