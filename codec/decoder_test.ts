// Items that are written alike are taken by what was learned of the first ones. That
// must change nothing: every document is decoded once with that, and once without.

import { assertEquals } from "@std/assert";
import { Random } from "../tests/support/random.ts";
import {
  createResponseDecoder,
  decodeCall,
  type DecodeOptions,
  decodeResponse,
  XmlRpcSyntaxError,
} from "../codec.ts";

/** With tags so short, the decoder measures each, and so takes all step by step. */
const STEP_BY_STEP: DecodeOptions = { maxTagBytes: 18 };

/** A document's value, or all that its error says. */
function outcome(decode: () => unknown): unknown {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof XmlRpcSyntaxError)) throw error;
    const { message, kind, offset, line, column, path } = error;
    return { message, kind, offset, line, column, path };
  }
}

function decodeInPieces(
  document: string,
  size: number,
  options: DecodeOptions = {},
): unknown {
  const decoder = createResponseDecoder(options);
  const bytes = new TextEncoder().encode(document);
  for (let at = 0; at < bytes.length; at += size) {
    decoder.push(bytes.subarray(at, at + size));
  }
  return decoder.end();
}

function responseOf(...items: string[]): string {
  return `<methodResponse><params><param><value><array><data>${
    items.join("")
  }</data></array></value></param></params></methodResponse>`;
}

function checkAlike(document: string, options: DecodeOptions = {}): void {
  const slowly = { ...options, ...STEP_BY_STEP };
  assertEquals(
    outcome(() => decodeResponse(document, options)),
    outcome(() => decodeResponse(document, slowly)),
  );
  for (const size of [1, 13, 64]) {
    assertEquals(
      outcome(() => decodeInPieces(document, size, options)),
      outcome(() => decodeInPieces(document, size, slowly)),
      `in pieces of ${size}`,
    );
  }
}

const SCALARS = [
  ...["<int>5</int>", "<int>-0</int>", "<i4> 7 </i4>", "<int>1234567890</int>"],
  ...["<i8>12</i8>", "<i8>12345678901234567</i8>", "<boolean>1</boolean>"],
  ...["<double>1.5</double>", "<double>-0.0</double>", "<double>1e5</double>"],
  ...["<double>0.1234567890123456789</double>", "<double>1.5e3</double>"],
  ...["<string>plain</string>", "<string></string>", "<string>a&lt;b</string>"],
  ...["<string>häßlich</string>", "<string>a]b>c</string>", "untyped", ""],
  ...[`<string>&#${"0".repeat(10)}65;</string>`, "a&lt;b", "häßlich", "a]b>c"],
  ...["<string>a<!-- b -->c</string>", "<nil/>", "<base64>aGk=</base64>"],
  ...["<string>a\r\nb</string>", "<string>&#228;</string>", " "],
  ...["<string>\u{1f600} &amp;&quot;</string>", "<string>\ufffd</string>"],
];
const WRONG = [
  ...["<int>x</int>", "<int></int>", "<boolean>2</boolean>", "<int>1</i4>"],
  ...["<double>1.2.3</double>", "<base64>?</base64>", "<string>&x;</string>"],
  ...["<string>]]></string>", "<int>1</int>x", "<int>1</int><int>2</int>"],
  ...["<string>\u0001</string>", "<string>\uffff</string>", "<int>1.5</int>"],
];
const LAYOUTS = [
  (scalar: string) => scalar,
  (scalar: string) => `\n   ${scalar}\n  `,
  (scalar: string) => ` \t${scalar}`,
  (scalar: string) => `x${scalar}`,
  (scalar: string) => `${scalar} x`,
];
const NAMES = ["id", "name", "price", "length", "__proto__", "12345", "a b"];
const SPACES = ["", "", "", "\n", " \t", "\r\n  "];

/** Writes random values that are much like each other. */
function createWriter(source: Random) {
  const random = (bound: number) => source.below(bound);
  const pick = <T>(list: readonly T[]) => source.pick(list);

  function scalar(): string {
    const layout = pick(LAYOUTS.slice(0, random(60) === 0 ? 5 : 3));
    return layout(random(150) === 0 ? pick(WRONG) : pick(SCALARS));
  }

  function member(name: string, content: string): string {
    const space = pick(SPACES);
    return `<member>${space}<name>${name}</name>${space}<value>${content}</value>${
      pick(SPACES)
    }</member>${space}`;
  }

  /** Something that writes one value after the other, by one plan. */
  function plan(depth: number): () => string {
    const kind = random(depth > 2 ? 1 : 4);
    if (kind === 0) {
      const usual = scalar();
      return () => random(6) === 0 ? scalar() : usual;
    }
    if (kind === 1) {
      const item = plan(depth + 1);
      return () =>
        `<array>${pick(SPACES)}<data>${
          Array.from({ length: random(4) }, () => `<value>${item()}</value>`)
            .join(pick(SPACES))
        }</data></array>`;
    }
    const names = NAMES.filter(() => random(2) === 0);
    const parts = names.map((name) => [name, plan(depth + 1)] as const);
    return () =>
      `<struct>${pick(SPACES)}${
        parts.filter(() => random(12) > 0).map(([name, part]) =>
          member(random(60) === 0 ? pick(NAMES) : name, part())
        ).join("")
      }</struct>`;
  }

  return function write(): string {
    const item = plan(0);
    return responseOf(
      ...Array.from(
        { length: 2 + random(8) },
        () => `<value>${pick(SPACES)}${item()}</value>${pick(SPACES)}`,
      ),
    );
  };
}

Deno.test("items that are written alike are decoded as if each were the first", () => {
  const seed = 20261125;
  const write = createWriter(new Random(seed));
  for (let round = 0; round < 100; round++) {
    const document = write();
    try {
      checkAlike(document);
    } catch (error) {
      throw new Error(`seed ${seed}, round ${round}: ${document}`, {
        cause: error,
      });
    }
  }
});

const ROW =
  "<value><struct><member><name>a</name><value><int>1</int></value></member></struct></value>";

Deno.test("items that are written alike count for maxValues and maxDepth", () => {
  const deep = "<value><array><data>".repeat(5) +
    "</data></array></value>".repeat(5);
  for (let limit = 1; limit < 12; limit++) {
    checkAlike(responseOf(ROW, ROW, ROW, ROW), { maxValues: limit });
    checkAlike(responseOf(deep, deep, ROW, deep), { maxDepth: limit });
  }
});

Deno.test("a second member of a name is refused in whatever way the first was taken", () => {
  const member = (name: string, content: string) =>
    `<member><name>${name}</name><value>${content}</value></member>`;
  const parts = [
    member("a", "<int>1</int>"),
    member("b", "<int>1</int>"),
    member("a", "<string>x</string>"),
    member("a", "<string>&lt;</string>"),
    member("a", "<nil/>"),
    member("a", "<int>1</int><!-- -->"),
    member("a", "<struct></struct>"),
    member("a", "<array><data></data></array>"),
    member("b", "<array><data></data></array>"),
  ];
  for (const first of parts) {
    for (const second of parts) {
      for (const third of parts) {
        const rows = [[first], [second], [first, second], [second, third]];
        rows.push([first, second, third], [third, second]);
        checkAlike(responseOf(
          ...rows.map((row) =>
            `<value><struct>${row.join("")}</struct></value>`
          ),
        ));
      }
    }
  }
});

Deno.test("items with long names and much white space may be cut anywhere", () => {
  const name = "long".repeat(50);
  for (const space of ["", " ".repeat(60), " ".repeat(200)]) {
    const row = `<value><struct><member><name>${name}</name><value>` +
      `<int>1</int>${space}</value>${space}</member></struct></value>`;
    const text = `<value><string>a</string></value>`;
    for (let length = 0; length < 300; length += 7) {
      checkAlike(responseOf(row, row, text, " ".repeat(length), row, text));
    }
  }
});

Deno.test("numbers of every length are the same on the fast path and step by step", () => {
  const seed = 20261125;
  const random = new Random(seed);
  const digits = (count: number) =>
    Array.from({ length: count }, () => random.below(10)).join("");
  for (let whole = 0; whole < 20; whole++) {
    for (let decimals = 0; decimals < 20; decimals++) {
      const sign = random.pick(["", "-", "+"]);
      const text = `${sign}${digits(whole)}.${digits(decimals)}`;
      const item = (type: string, text: string) =>
        `<value><${type}>${text}</${type}></value>`;
      const number = item("double", text);
      const integer = item(random.pick(["int", "i8"]), digits(whole));
      checkAlike(responseOf(number, number, number));
      checkAlike(responseOf(integer, integer, integer));
    }
  }
});

Deno.test("each date is handed to the option dateTime once", () => {
  const date =
    "<value><dateTime.iso8601>20000101T00:00:00</dateTime.iso8601></value>";
  let count = 0;
  decodeResponse(responseOf(date, date, date, date), {
    dateTime: () => void count++,
  });
  assertEquals(count, 4);
});

Deno.test("each name is the one that is written, whatever names came before", () => {
  // More than are kept, and some that are too long for that.
  const lengths = [1, 2, 3, 63, 64, 65, 200];
  const names = Array.from(
    { length: 3000 },
    (_, at) => `${at}`.padStart(lengths[at % lengths.length]!, "abcdefg"),
  );
  for (let round = 0; round < 2; round++) {
    for (const name of names) {
      const struct = `<struct><member><name>${name}</name>` +
        `<value><i4>1</i4></value></member></struct>`;
      const response = `<methodResponse><params><param><value>${struct}` +
        `</value></param></params></methodResponse>`;
      assertEquals(Object.keys(decodeResponse(response) as object), [name]);
      const call = `<methodCall><methodName>${name}</methodName></methodCall>`;
      assertEquals(decodeCall(call).methodName, name);
    }
  }
});

Deno.test("a replacement character is a character like any other, and no flaw", () => {
  const texts = ["é", "\ufffd", "x\ufffdé🐎", "\ufeff", "ž&amp;\ufffd"];
  const items = Array.from(
    { length: 1000 },
    (_, index) => `<value>${texts[index % texts.length]}</value>`,
  );
  checkAlike(responseOf(...items));
  // Invalid UTF-8 remains invalid, wherever it stands.
  const bytes = new TextEncoder().encode(responseOf(...items));
  for (const at of [bytes.indexOf(0xef), bytes.lastIndexOf(0xef)]) {
    const wrong = bytes.slice();
    wrong[at] = 0xff;
    assertEquals(
      outcome(() => decodeResponse(wrong)),
      outcome(() => decodeResponse(wrong, STEP_BY_STEP)),
    );
  }
});
