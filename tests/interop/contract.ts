// The contract: calls that any client can make of any server, and what must come of
// them. The same list for both directions.

import {
  createServer,
  double,
  method,
  XmlRpcFault,
  type XmlRpcServer,
  type XmlRpcValue,
} from "@xmlrpc/xmlrpc";
import { validatorMethods } from "../../examples/validator.ts";
import { isSame, type Outcome, show, typedOf, Untyped } from "./_notation.ts";

/** A call, and what must come of it. */
export interface Case {
  readonly name: string;
  readonly method: string;
  readonly params: readonly XmlRpcValue[];
  /** Why an outcome is wrong; undefined if it is right. */
  readonly check: (outcome: Outcome) => string | undefined;
}

/** What a call must come to, if not a value. */
class Expectation {
  readonly check: (outcome: Outcome) => string | undefined;

  constructor(check: (outcome: Outcome) => string | undefined) {
    this.check = check;
  }
}

/** Exactly that result. */
function exactly(value: XmlRpcValue): Expectation {
  const expected = typedOf(value);
  return new Expectation((outcome) =>
    "result" in outcome && isSame(outcome.result, expected)
      ? undefined
      : `got ${describe(outcome)}, expected ${show(expected)}`
  );
}

/** A result of which something holds. */
function resultThat(
  what: string,
  holds: (result: XmlRpcValue) => boolean,
): Expectation {
  return new Expectation((outcome) =>
    "result" in outcome && holds(outcome.result)
      ? undefined
      : `got ${describe(outcome)}, expected ${what}`
  );
}

/** A fault: that one, or, without arguments, any. */
function fault(code?: number, text?: string): Expectation {
  const isRight = (outcome: Outcome) =>
    "fault" in outcome && (code === undefined ||
      (outcome.fault[0] === code && outcome.fault[1] === text));
  const expected = code === undefined ? "a fault" : `fault ${code} ${text}`;
  return new Expectation((outcome) =>
    isRight(outcome)
      ? undefined
      : `got ${describe(outcome)}, expected ${expected}`
  );
}

function describe(outcome: Outcome): string {
  if ("result" in outcome) return show(outcome.result);
  return "fault" in outcome
    ? `fault ${outcome.fault.join(" ")}`
    : `no answer: ${outcome.error}`;
}

/** A case: what is expected is a value, or says so. */
function test(
  name: string,
  method: string,
  params: readonly XmlRpcValue[],
  expected: XmlRpcValue | Expectation,
): Case {
  const { check } = expected instanceof Expectation
    ? expected
    : exactly(expected);
  return { name, method, params: params.map(typedOf), check };
}

/** A case of each value, sent and given back. */
function echoes(
  method: string,
  values: Readonly<Record<string, XmlRpcValue>>,
): Case[] {
  return Object.entries(values).map(([name, value]) =>
    test(name, method, [value], value)
  );
}

/** The bytes from 0 to 255, over and over. */
function bytes(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => index ^ (index >> 8));
}

function nested(depth: number): XmlRpcValue {
  return depth === 0 ? "core" : [{ within: nested(depth - 1) }];
}

const DATE = new Date("1998-07-17T14:08:55Z");
const stooges = (moe: number, larry: number, curly: number) => ({
  moe,
  larry,
  curly,
});
const calendar = {
  "1999": { "12": { "31": stooges(9, 9, 9) } },
  "2000": { "04": { "01": stooges(10, 20, 30), "02": stooges(1, 1, 1) } },
};
const person = { bob: 5, name: "A & B", sub: stooges(1, 2, -3) };
const many = [42, true, "many", 3.25, DATE, new Uint8Array([0, 1, 2, 254])];
const texts = Array.from({ length: 150 }, (_, index) => `s${index}`);
const entities = `a<b<c>d&e'f"g"h<&>'`;
const isText = (value: unknown) =>
  typeof value === "string" || value instanceof Untyped;

/** The eight methods that make a server compute with what it has understood. */
const VALIDATOR: readonly Case[] = [
  test("arrayOfStructsTest", "validator1.arrayOfStructsTest", [
    [stooges(1, 2, 3), stooges(2, 4, 6), stooges(3, 6, -10)],
  ], -1),
  test("countTheEntities", "validator1.countTheEntities", [entities], {
    ctLeftAngleBrackets: 3,
    ctRightAngleBrackets: 2,
    ctAmpersands: 2,
    ctApostrophes: 2,
    ctQuotes: 2,
  }),
  test("easyStructTest", "validator1.easyStructTest", [stooges(1, 2, -3)], 0),
  test("echoStructTest", "validator1.echoStructTest", [person], person),
  test("manyTypesTest", "validator1.manyTypesTest", many, many),
  test(
    "moderateSizeArrayCheck",
    "validator1.moderateSizeArrayCheck",
    [texts],
    "s0s149",
  ),
  test("nestedStructTest", "validator1.nestedStructTest", [calendar], 60),
  test("simpleStructReturnTest", "validator1.simpleStructReturnTest", [7], {
    times10: 70,
    times100: 700,
    times1000: 7000,
  }),
];

const INTEROP: readonly Case[] = [
  ...echoes("interopEchoTests.echoString", { echoString: "Hello, world" }),
  ...echoes("interopEchoTests.echoInteger", { echoInteger: -42 }),
  ...echoes("interopEchoTests.echoFloat", {
    echoFloat: -12.214,
    wholeFloat: double(20),
  }),
  ...echoes("interopEchoTests.echoBoolean", { echoBoolean: true }),
  ...echoes("interopEchoTests.echoDate", { echoDate: DATE }),
  ...echoes("interopEchoTests.echoBase64", { echoBase64: bytes(20) }),
  ...echoes("interopEchoTests.echoStruct", {
    echoStruct: { varString: "str", varInt: 2, varFloat: 0.5 },
  }),
  ...echoes("interopEchoTests.echoStringArray", {
    echoStringArray: ["a", "", "c"],
  }),
  ...echoes("interopEchoTests.echoIntegerArray", {
    echoIntegerArray: [1, -2, 3],
  }),
  ...echoes("interopEchoTests.echoFloatArray", {
    echoFloatArray: [0.5, -2.25, 100.125],
  }),
  ...echoes("interopEchoTests.echoStructArray", {
    echoStructArray: [{ n: 1 }, { n: 2, s: "two" }],
  }),
  test("noInParams", "interopEchoTests.noInParams", [], 1),
  test(
    "whichToolkit",
    "interopEchoTests.whichToolkit",
    [],
    resultThat("a struct of texts", (result) => {
      const members = Object.entries(result as object);
      return members.length === 4 &&
        members.every(([name, value]) =>
          name.startsWith("toolkit") && isText(value)
        );
    }),
  ),
];

/** The methods of the tutorial that begins with `get_string`. */
const TUTORIAL: readonly Case[] = [
  test("get_string", "get_string", ["cloud"], "get string:cloud"),
  test("get_string.unicode", "get_string", ["云"], "get string:云"),
  test("add", "add", [8, 8], 16),
  test("add.doubles", "add", [0.25, 0.5], 0.75),
  test("image_put.1MB", "image_put", [bytes(1_000_000)], true),
  test("image_get.1MB", "image_get", [], bytes(1_000_000)),
];

/** Every wire type, and what is easily lost of it. */
const VALUES: readonly Case[] = echoes("echo", {
  zero: 0,
  intMax: 2147483647,
  intMin: -2147483648,
  i8: 1099511627776n,
  "i8.digits": -9007199254740993n,
  double: -1234567.890625,
  "double.digits": 0.1 + 0.2,
  "double.small": 1.5e-7,
  "double.large": double(1.25e21),
  true: true,
  false: false,
  string: "Hello, world",
  "string.empty": "",
  "string.spaces": "  lead\ttab\nline  trail ",
  "string.blank": " ",
  "string.cr": "a\r\nb\rc",
  "string.markup": `<a href="x">&amp; ]]> 'q'</a><!-- -->`,
  "string.number": "007",
  "string.unicode": "Ünïcödé € – 漢字",
  "string.astral": "beyond the BMP: 😀",
  "string.long": "0123456789".repeat(20_000),
  dateTime: DATE,
  "dateTime.leapDay": new Date("2000-02-29T23:59:59Z"),
  base64: bytes(256),
  "base64.empty": bytes(0),
  nil: null,
  "nil.inArray": [1, null, "x"],
  "array.empty": [],
  array: [1, "two", 2.5, true, [3, [4]], { five: 5 }],
  "array.empties": [[], [[]], "", {}],
  "array.long": Array.from({ length: 2_000 }, (_, index) => index),
  "struct.empty": {},
  struct: { s: "x", i: 7, b: true, d: 2.5, a: [1, "two"], n: { d: { e: "" } } },
  "struct.names": { clé: "v", "a b": 1, "<&>": 2, "": 3, "1": 4 },
  deep: nested(12),
});

const FAULTS: readonly Case[] = [
  test("fault", "fault", [4, "Too many."], fault(4, "Too many.")),
  test(
    "fault.negative",
    "fault",
    [-32500, "a <b> & 'c' é"],
    fault(-32500, "a <b> & 'c' é"),
  ),
  test("fault.unknownMethod", "no.such.method", [], fault()),
];

const SYSTEM: readonly Case[] = [
  test("multicall", "system.multicall", [[
    { methodName: "add", params: [1, 2] },
    { methodName: "fault", params: [7, "seven"] },
    { methodName: "get_string", params: ["x"] },
  ]], [[3], { faultCode: 7, faultString: "seven" }, ["get string:x"]]),
  test(
    "listMethods",
    "system.listMethods",
    [],
    resultThat(
      "an array with echo and validator1.easyStructTest",
      (result) =>
        Array.isArray(result) &&
        ["echo", "validator1.easyStructTest"].every((name) =>
          result.some((item) => isSame(item, name))
        ),
    ),
  ),
  test(
    "methodHelp",
    "system.methodHelp",
    ["validator1.easyStructTest"],
    resultThat("a text", isText),
  ),
  test(
    "methodSignature",
    "system.methodSignature",
    ["validator1.easyStructTest"],
    // A server without signatures says so by a value that is not an array.
    resultThat(
      "signatures or no array",
      (result) => !Array.isArray(result) || result.every(Array.isArray),
    ),
  ),
];

/** All cases, in order: `image_get` gives what `image_put` has put. */
export const CONTRACT: readonly Case[] = [
  ...VALIDATOR,
  ...INTEROP,
  ...TUTORIAL,
  ...VALUES,
  ...FAULTS,
  ...SYSTEM,
];

/** Our server of the contract. */
export function createContractServer(): XmlRpcServer<unknown> {
  let image: Uint8Array<ArrayBuffer> = bytes(0);
  return createServer({
    ...validatorMethods,
    get_string: (text: string) => `get string:${text}`,
    add: (x: number, y: number) => x + y,
    image_put: method(
      { params: ["base64"], returns: "boolean", stream: true },
      async (stream) => {
        image = await new Response(stream).bytes();
        return true;
      },
    ),
    image_get: () => new Blob([image]),
    echo: (value: unknown) => value,
    fault(code: number, text: string): never {
      throw new XmlRpcFault(code, text);
    },
  });
}
