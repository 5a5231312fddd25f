import { assertEquals, assertThrows } from "@std/assert";
import {
  checkFunction,
  checkFunctions,
  readBoolean,
  readChoice,
  readLimit,
  readTimeout,
} from "./options.ts";

interface Options {
  readonly limit?: number | undefined;
  readonly timeout?: number | undefined;
  readonly mode?: "fast" | "slow" | undefined;
  readonly isLoud?: boolean | undefined;
  readonly onCall?: (() => void) | undefined;
  readonly hooks?: readonly (() => void)[] | undefined;
}

/** Options as JavaScript may give them. */
function wrong(options: { readonly [Name in keyof Options]?: unknown }) {
  return options as Options;
}

Deno.test("options that are not set have their defaults", () => {
  for (const options of [{}, { limit: undefined, mode: undefined }]) {
    const read: Options = options;
    assertEquals(readLimit(read, "limit", 5), 5);
    assertEquals(readTimeout(read, "timeout", 60), 60);
    assertEquals(readChoice(read, "mode", ["fast", "slow"]), "fast");
    assertEquals(readBoolean(read, "isLoud", true), true);
    checkFunction(read, "onCall");
    checkFunctions(read, "hooks");
  }
});

Deno.test("options that are set are read", () => {
  const options: Options = {
    limit: Infinity,
    timeout: 2 ** 31 - 1,
    mode: "slow",
    isLoud: false,
    onCall: () => {},
    hooks: [() => {}],
  };
  assertEquals(readLimit(options, "limit", 5), Infinity);
  assertEquals(readTimeout(options, "timeout", 60), 2 ** 31 - 1);
  assertEquals(readChoice(options, "mode", ["fast", "slow"]), "slow");
  assertEquals(readBoolean(options, "isLoud", true), false);
  checkFunction(options, "onCall");
  checkFunctions(options, "hooks");
});

const REFUSED: readonly [
  read: () => unknown,
  type: typeof RangeError | typeof TypeError,
  message: string,
][] = [
  [
    () => readLimit(wrong({ limit: -1 }), "limit", 5),
    RangeError,
    "The option limit must be a number of 0 or more: -1",
  ],
  [
    () => readLimit(wrong({ limit: NaN }), "limit", 5),
    RangeError,
    "The option limit must be a number of 0 or more: NaN",
  ],
  [
    () => readLimit(wrong({ limit: "5" }), "limit", 5),
    RangeError,
    "The option limit must be a number of 0 or more: 5",
  ],
  [
    () => readTimeout(wrong({ timeout: 2 ** 31 }), "timeout", 60),
    RangeError,
    "The option timeout must be at most 2147483647 ms: 2147483648",
  ],
  [
    () => readChoice(wrong({ mode: "quick" }), "mode", ["fast", "slow"]),
    TypeError,
    'The option mode must be "fast" or "slow": quick',
  ],
  [
    () => readBoolean(wrong({ isLoud: 1 }), "isLoud", true),
    TypeError,
    "The option isLoud must be true or false: 1",
  ],
  [
    () => checkFunction(wrong({ onCall: "f" }), "onCall"),
    TypeError,
    "The option onCall must be a function, not a string",
  ],
  [
    () => checkFunctions(wrong({ hooks: [1] }), "hooks"),
    TypeError,
    "The option hooks must be an array of functions",
  ],
];

for (const [read, type, message] of REFUSED) {
  Deno.test(`a wrong option is an error: ${message}`, () => {
    assertEquals(assertThrows(read, type).message, message);
  });
}

Deno.test("a misspelt option is not read: the types do not allow it", () => {
  const options: Options = { limit: 3 };
  // @ts-expect-error: the name is "limit".
  assertEquals(readLimit(options, "limits", 5), 5);
});
