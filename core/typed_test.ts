import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { bigdecimal, dateTime, double, i8, int, XmlRpcTyped } from "./typed.ts";
import { checkTyped } from "./typed.ts";

const MADE: readonly [
  what: string,
  made: XmlRpcTyped,
  type: string,
  value: unknown,
][] = [
  ["int() takes zero", int(0), "int", 0],
  ["int() takes the largest", int(2 ** 31 - 1), "int", 2 ** 31 - 1],
  ["int() takes the smallest", int(-(2 ** 31)), "int", -(2 ** 31)],
  ["i8() takes a bigint", i8(5n), "i8", 5n],
  ["i8() takes a safe integer", i8(-(2 ** 53 - 1)), "i8", -(2n ** 53n - 1n)],
  ["i8() takes the largest", i8(2n ** 63n - 1n), "i8", 2n ** 63n - 1n],
  ["i8() takes the smallest", i8(-(2n ** 63n)), "i8", -(2n ** 63n)],
  ["double() takes a whole number", double(20), "double", 20],
  ["double() keeps minus zero", double(-0), "double", -0],
  [
    "double() takes the largest",
    double(Number.MAX_VALUE),
    "double",
    Number.MAX_VALUE,
  ],
  [
    "dateTime() keeps its text",
    dateTime("1998-07-17T14:08:55.250+02:00"),
    "dateTime.iso8601",
    "1998-07-17T14:08:55.250+02:00",
  ],
  [
    "dateTime() takes the spec's form",
    dateTime("19980717T14:08:55"),
    "dateTime.iso8601",
    "19980717T14:08:55",
  ],
  [
    "bigdecimal() keeps its text",
    bigdecimal("+001.50E-3"),
    "bigdecimal",
    "+001.50E-3",
  ],
  [
    "bigdecimal() takes a number without a whole part",
    bigdecimal(".5"),
    "bigdecimal",
    ".5",
  ],
  [
    "bigdecimal() takes a number without a fraction",
    bigdecimal("-5."),
    "bigdecimal",
    "-5.",
  ],
];

for (const [what, made, type, value] of MADE) {
  Deno.test(what, () => {
    assertInstanceOf(made, XmlRpcTyped);
    assertEquals<unknown>([made.type, made.value], [type, value]);
  });
}

const REFUSED: readonly [
  what: string,
  make: () => unknown,
  type: typeof RangeError | typeof TypeError,
  message: string,
][] = [
  [
    "int() refuses a fraction",
    () => int(1.5),
    RangeError,
    "Cannot encode 1.5 as int: it is not an integer",
  ],
  [
    "int() refuses NaN",
    () => int(NaN),
    RangeError,
    "Cannot encode NaN as int: it is not an integer",
  ],
  [
    "int() refuses Infinity",
    () => int(Infinity),
    RangeError,
    "Cannot encode Infinity as int: it is not an integer",
  ],
  [
    "int() refuses 33 bits",
    () => int(2 ** 31),
    RangeError,
    "Cannot encode 2147483648 as int: it does not fit into 32 bits; send 2147483648n (i8) or double(2147483648)",
  ],
  [
    "int() refuses 33 bits below zero",
    () => int(-(2 ** 31) - 1),
    RangeError,
    "Cannot encode -2147483649 as int: it does not fit into 32 bits; send -2147483649n (i8) or double(-2147483649)",
  ],
  [
    "int() refuses five thousand million and names the ways out",
    () => int(5_000_000_000),
    RangeError,
    "Cannot encode 5000000000 as int: it does not fit into 32 bits; send 5000000000n (i8) or double(5000000000)",
  ],
  [
    "int() refuses a string",
    () => int("5" as never),
    TypeError,
    "Cannot encode string as int: expected a number",
  ],
  [
    "int() refuses a bigint",
    () => int(5n as never),
    TypeError,
    "Cannot encode bigint as int: expected a number",
  ],
  [
    "int() refuses null",
    () => int(null as never),
    TypeError,
    "Cannot encode null as int: expected a number",
  ],
  [
    "int() refuses undefined",
    () => int(undefined as never),
    TypeError,
    "Cannot encode undefined as int: expected a number",
  ],
  [
    "i8() refuses a fraction",
    () => i8(1.5),
    RangeError,
    "Cannot encode 1.5 as i8: it is not a safe integer; pass a bigint",
  ],
  [
    "i8() refuses a number beyond 2^53",
    () => i8(2 ** 53),
    RangeError,
    "Cannot encode 9007199254740992 as i8: it is not a safe integer; pass a bigint",
  ],
  [
    "i8() refuses 65 bits",
    () => i8(2n ** 63n),
    RangeError,
    "Cannot encode 9223372036854775808n as i8: it does not fit into 64 bits; send it as a string",
  ],
  [
    "i8() refuses 65 bits below zero",
    () => i8(-(2n ** 63n) - 1n),
    RangeError,
    "Cannot encode -9223372036854775809n as i8: it does not fit into 64 bits; send it as a string",
  ],
  [
    "i8() refuses a string",
    () => i8("5" as never),
    TypeError,
    "Cannot encode string as i8: expected a bigint",
  ],
  [
    "double() refuses NaN",
    () => double(NaN),
    RangeError,
    "Cannot encode NaN as double: XML-RPC has no such value",
  ],
  [
    "double() refuses Infinity",
    () => double(Infinity),
    RangeError,
    "Cannot encode Infinity as double: XML-RPC has no such value",
  ],
  [
    "double() refuses -Infinity",
    () => double(-Infinity),
    RangeError,
    "Cannot encode -Infinity as double: XML-RPC has no such value",
  ],
  [
    "double() refuses a string",
    () => double("5" as never),
    TypeError,
    "Cannot encode string as double: expected a number",
  ],
  [
    "dateTime() refuses an impossible date",
    () => dateTime("19980230T00:00:00"),
    RangeError,
    'Cannot encode "19980230T00:00:00" as dateTime.iso8601: expected a text such as 19980717T14:08:55',
  ],
  [
    "dateTime() refuses white space around it",
    () => dateTime(" 19980717T14:08:55"),
    RangeError,
    'Cannot encode " 19980717T14:08:55" as dateTime.iso8601: expected a text such as 19980717T14:08:55',
  ],
  [
    "dateTime() refuses markup",
    () => dateTime("</x>"),
    RangeError,
    'Cannot encode "</x>" as dateTime.iso8601: expected a text such as 19980717T14:08:55',
  ],
  [
    "dateTime() refuses a Date",
    () => dateTime(new Date(0) as never),
    TypeError,
    "Cannot encode object as dateTime.iso8601: expected a string",
  ],
  [
    "bigdecimal() refuses an empty text",
    () => bigdecimal(""),
    RangeError,
    'Cannot encode "" as bigdecimal: expected a decimal number such as "1.50"',
  ],
  [
    "bigdecimal() refuses a point alone",
    () => bigdecimal("."),
    RangeError,
    'Cannot encode "." as bigdecimal: expected a decimal number such as "1.50"',
  ],
  [
    "bigdecimal() refuses NaN",
    () => bigdecimal("NaN"),
    RangeError,
    'Cannot encode "NaN" as bigdecimal: expected a decimal number such as "1.50"',
  ],
  [
    "bigdecimal() refuses a line end behind the number",
    () => bigdecimal("1\n"),
    RangeError,
    'Cannot encode "1\\n" as bigdecimal: expected a decimal number such as "1.50"',
  ],
  [
    "bigdecimal() refuses a number",
    () => bigdecimal(1.5 as never),
    TypeError,
    "Cannot encode number as bigdecimal: expected a string",
  ],
  [
    "bigdecimal() shows the start of a long text only",
    () => bigdecimal("x".repeat(100)),
    RangeError,
    `Cannot encode "${
      "x".repeat(40)
    }…" as bigdecimal: expected a decimal number such as "1.50"`,
  ],
  [
    "checkTyped() refuses a number as biginteger",
    () => checkTyped("biginteger", 5),
    TypeError,
    "Cannot encode number as biginteger: expected a bigint",
  ],
  [
    "checkTyped() refuses an unknown wire type",
    () => checkTyped("long" as never, 5),
    TypeError,
    'Cannot encode 5: unknown wire type "long"',
  ],
  [
    "checkTyped() refuses names of Object.prototype",
    () => checkTyped("constructor" as never, -0),
    TypeError,
    'Cannot encode -0: unknown wire type "constructor"',
  ],
  [
    "checkTyped() refuses __proto__",
    () => checkTyped("__proto__" as never, 5n),
    TypeError,
    'Cannot encode 5n: unknown wire type "__proto__"',
  ],
];

for (const [what, make, type, message] of REFUSED) {
  Deno.test(what, () => {
    const error = assertThrows(make, type);
    assertEquals(error.message, message);
  });
}

Deno.test("checkTyped() takes a biginteger of any size", () => {
  checkTyped("biginteger", -(2n ** 200n));
});

Deno.test("XmlRpcTyped is checked only when it is encoded", () => {
  const typed = new XmlRpcTyped("int", 1.5);
  assertEquals([typed.type, typed.value], ["int", 1.5]);
});

Deno.test("int() names no way out that does not work", () => {
  const error = assertThrows(() => int(1e21), RangeError);
  assertEquals(
    error.message,
    "Cannot encode 1e+21 as int: it does not fit into 32 bits; send double(1e+21)",
  );
});
