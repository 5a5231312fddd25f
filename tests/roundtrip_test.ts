// Random values of every type and nesting: what is decoded is what was encoded, by us
// and by Python.

import { assertEquals } from "@std/assert";
import {
  bigdecimal,
  createCallDecoder,
  createResponseDecoder,
  dateTime,
  decodeCall,
  decodeResponse,
  double,
  encodeCall,
  encodeResponse,
  i8,
  int,
  XmlRpcTyped,
} from "../mod.ts";
import { Random } from "./support/random.ts";

const SEED = Number(
  Deno.env.get("XMLRPC_SEED") ?? Math.trunc(Math.random() * 2 ** 32),
);

const INTS = [0, 1, -1, 127, -128, 65_535, 2 ** 31 - 1, -(2 ** 31)];
const DOUBLES = [
  0.5,
  -0.25,
  0.1 + 0.2,
  1e300,
  -1e-300,
  5e-324,
  2.2250738585072014e-308,
  Number.MAX_VALUE,
  2 ** 31,
  2 ** 53 + 2,
  1e21,
  123456789012345.67,
];
const BIGINTS = [
  0n,
  5n,
  -1n,
  2n ** 31n,
  2n ** 53n + 1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
];
const TEXTS = [
  "",
  " ",
  "a",
  "cloud",
  "\r",
  "\r\n",
  "a\rb\nc\td",
  "]]>",
  "<value>&amp;</value>",
  "<![CDATA[x]]>",
  "&#13;",
  "é",
  "世界",
  "🎉",
  "\u2028\u0085\u00a0\ufeff\ufffd",
  "0",
  "x".repeat(5000),
];
const NAMES = [
  ...[
    "",
    " ",
    "a",
    "b",
    "name",
    "value",
    "0",
    "-1",
    "__proto__",
    "constructor",
  ],
  ...[
    "toString",
    "then",
    "toJSON",
    "hasOwnProperty",
    "é",
    "🔑",
    "a<b",
    "a\rb",
    "a.b",
  ],
];

function randomText(random: Random): string {
  return Array.from({ length: random.below(4) }, () => random.pick(TEXTS)).join(
    "",
  );
}

function randomDouble(random: Random): number {
  if (random.below(2) === 0) return random.pick(DOUBLES);
  // Any bits that make a finite number but not an int.
  const view = new DataView(new ArrayBuffer(8));
  for (let at = 0; at < 8; at++) view.setUint8(at, random.below(256));
  const value = view.getFloat64(0);
  return Number.isFinite(value) && (value | 0) !== value ? value : 0.75;
}

function randomDate(random: Random): Date {
  // From year 1 to 9999, in whole seconds: more a plain Date does not carry.
  const first = Date.parse("0001-01-01T00:00:00Z");
  const last = Date.parse("9999-12-31T23:59:59Z");
  const date = new Date(first + Math.floor(random.next() * (last - first)));
  date.setUTCMilliseconds(0);
  return date;
}

function randomBytes(random: Random): Uint8Array {
  return Uint8Array.from(
    { length: random.below(100) },
    () => random.below(256),
  );
}

const SCALARS: readonly ((random: Random) => unknown)[] = [
  (random) => random.pick(INTS),
  (random) => (random.next() - 0.5) * 2 ** 32 | 0,
  randomDouble,
  (random) => random.pick(BIGINTS),
  (random) => random.below(2) === 0,
  randomText,
  randomDate,
  randomBytes,
  () => null,
];

const WRAPPERS: readonly ((random: Random) => unknown)[] = [
  (random) => int(random.pick(INTS)),
  (random) => i8(random.pick(BIGINTS)),
  (random) => double(random.pick([...INTS, -0, ...DOUBLES])),
  (random) =>
    dateTime(
      random.pick(["19980717T14:08:55", "2024-02-29T23:59:59.25+05:30"]),
    ),
  (random) => bigdecimal(random.pick(["1.50", "-0.000000000000000000001"])),
  (random) => new XmlRpcTyped("biginteger", 10n ** BigInt(random.below(60))),
];

function randomValue(
  random: Random,
  scalars: readonly ((random: Random) => unknown)[],
  depth = 0,
): unknown {
  const kind = random.below(depth > 5 ? 8 : 12);
  if (kind < 8) return random.pick(scalars)(random);
  const length = random.below(6);
  if (kind < 10) {
    return Array.from(
      { length },
      () => randomValue(random, scalars, depth + 1),
    );
  }
  return Object.fromEntries(
    Array.from({ length }, () => [
      random.below(3) === 0
        ? randomText(random).slice(0, 500)
        : random.pick(NAMES),
      randomValue(random, scalars, depth + 1),
    ]),
  );
}

/** Runs a check on many values; one that fails says how to have it again. */
async function forAll(
  count: number,
  scalars: readonly ((random: Random) => unknown)[],
  check: (value: unknown, random: Random) => void | Promise<void>,
): Promise<void> {
  for (let index = 0; index < count; index++) {
    const seed = SEED + index;
    const random = new Random(seed);
    const value = randomValue(random, scalars);
    try {
      await check(value, random);
    } catch (cause) {
      throw new Error(
        `XMLRPC_SEED=${seed} fails with ${Deno.inspect(value, { depth: 20 })}`,
        {
          cause,
        },
      );
    }
  }
}

Deno.test(`decodeResponse() gives what encodeResponse() was given (XMLRPC_SEED=${SEED})`, async () => {
  await forAll(2000, SCALARS, (value) => {
    assertEquals(decodeResponse(encodeResponse(value)), value);
  });
});

Deno.test(`decodeCall() gives what encodeCall() was given (XMLRPC_SEED=${SEED})`, async () => {
  await forAll(500, SCALARS, (value, random) => {
    const params = [
      value,
      ...Array.from({ length: random.below(4) }, () => random.pick(INTS)),
    ];
    assertEquals(decodeCall(encodeCall("a.b:c/d_9", params)), {
      methodName: "a.b:c/d_9",
      params,
    });
  });
});

Deno.test(`the option typed gives back every wrapper (XMLRPC_SEED=${SEED})`, async () => {
  const plain = [SCALARS[4]!, SCALARS[5]!, SCALARS[7]!, SCALARS[8]!];
  await forAll(1000, [...plain, ...WRAPPERS], (value) => {
    assertEquals(decodeResponse(encodeResponse(value), { typed: true }), value);
  });
});

Deno.test(`chunks of any length decode to the same (XMLRPC_SEED=${SEED})`, async () => {
  await forAll(500, SCALARS, (value, random) => {
    const response = createResponseDecoder();
    const call = createCallDecoder();
    for (
      const [decoder, document] of [
        [response, encodeResponse(value)],
        [call, encodeCall("m", [value])],
      ] as const
    ) {
      for (let at = 0; at < document.length;) {
        const length = 1 + random.below(40);
        decoder.push(document.subarray(at, at + length));
        at += length;
      }
    }
    assertEquals(response.end(), value);
    assertEquals(call.end(), { methodName: "m", params: [value] });
  });
});

// ---------------------------------------------------------------- Python

/** A value as the Python program below prints it. */
function canonical(value: unknown): unknown {
  if (value === null) return ["nil"];
  if (typeof value === "string") return ["string", value];
  if (typeof value === "boolean") return ["boolean", value];
  if (typeof value === "bigint") return ["int", String(value)];
  if (typeof value === "number") {
    return (value | 0) === value
      ? ["int", String(value)]
      : ["double", bitsOf(value)];
  }
  if (value instanceof Date) {
    return ["date", value.toISOString().slice(0, 19).replaceAll("-", "")];
  }
  if (value instanceof Uint8Array) return ["base64", value.toBase64()];
  if (Array.isArray(value)) return ["array", value.map(canonical)];
  const members = Object.entries(value as object).map((
    [name, member],
  ) => [name, canonical(member)]);
  return ["struct", members];
}

function bitsOf(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, "0");
}

const PYTHON = `
import base64, json, struct, sys
from xmlrpc.client import Binary, DateTime, loads

def canonical(value):
    if value is None:
        return ["nil"]
    if isinstance(value, bool):
        return ["boolean", value]
    if isinstance(value, int):
        return ["int", str(value)]
    if isinstance(value, float):
        return ["double", struct.pack(">d", value).hex()]
    if isinstance(value, str):
        return ["string", value]
    if isinstance(value, DateTime):
        return ["date", value.value]
    if isinstance(value, Binary):
        return ["base64", base64.b64encode(value.data).decode()]
    if isinstance(value, list):
        return ["array", [canonical(item) for item in value]]
    return ["struct", [[name, canonical(member)] for name, member in value.items()]]

for line in sys.stdin:
    (value,), _ = loads(base64.b64decode(line))
    print(json.dumps(canonical(value)))
`;

Deno.test(`Python's loads() reads what encodeResponse() was given (XMLRPC_SEED=${SEED})`, async () => {
  const values: unknown[] = [];
  await forAll(1000, SCALARS, (value) => void values.push(value));
  const python = new Deno.Command("python3", {
    args: ["-c", PYTHON],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const documents = values.map((value) => encodeResponse(value).toBase64());

  const [{ stdout, stderr }] = await Promise.all([
    python.output(),
    new Blob([documents.join("\n")]).stream().pipeTo(python.stdin),
  ]);

  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  assertEquals(lines.length, values.length, new TextDecoder().decode(stderr));
  for (const [index, line] of lines.entries()) {
    assertEquals(
      JSON.parse(line),
      canonical(values[index]),
      `XMLRPC_SEED=${SEED + index}`,
    );
  }
});
