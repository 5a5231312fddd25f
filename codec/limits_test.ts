import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  createCallDecoder,
  createResponseDecoder,
  decodeCall,
  type DecodeOptions,
  decodeResponse,
  encodeResponse,
} from "../codec.ts";
import { XmlRpcSyntaxError } from "../core/errors.ts";
import {
  bytesOf,
  bytewise,
  dated,
  member,
  response,
  struct,
  syntaxError,
  utf16le,
} from "../tests/support/documents.ts";

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) {
    value = level % 2 === 0 ? [value] : { a: value };
  }
  return value;
}

// ---------------------------------------------------------------- options of the encoder

Deno.test("encodeResponse() nests as deeply as maxDepth says, 256 by default", () => {
  encodeResponse(nested(256));
  encodeResponse(nested(3), { maxDepth: 3 });
  encodeResponse(1, { maxDepth: 0 });
  encodeResponse(nested(1000), { maxDepth: 1000 });
});

Deno.test("encodeResponse() refuses to nest deeper than maxDepth", () => {
  const error = assertThrows(
    () => encodeResponse({ x: [[0], [[0]]] }, { maxDepth: 3 }),
    RangeError,
  );
  assertEquals(
    error.message,
    "Cannot encode a value that nests deeper than 3 at value.x[1][0]: it has a cycle, or the limit maxDepth is too low",
  );
  assertThrows(
    () => encodeResponse(nested(257)),
    RangeError,
    "deeper than 256",
  );
  assertThrows(
    () => encodeResponse([], { maxDepth: 0 }),
    RangeError,
    "deeper than 0 at value:",
  );
});

const WRONG_LIMITS: readonly unknown[] = [-1, NaN, "3", -Infinity];

for (const maxDepth of WRONG_LIMITS) {
  Deno.test(`encodeResponse() refuses ${Deno.inspect(maxDepth)} as maxDepth`, () => {
    const error = assertThrows(
      () => encodeResponse(1, { maxDepth: maxDepth as number }),
      RangeError,
    );
    assertEquals(
      error.message,
      `The option maxDepth must be a number of 0 or more: ${maxDepth}`,
    );
  });
}

interface Limit {
  readonly option:
    | "maxBytes"
    | "maxDepth"
    | "maxNameBytes"
    | "maxTagBytes"
    | "maxValues";
  readonly what: string;
  readonly message: string;
  /** A response that needs the limit to be so high. */
  readonly document: (limit: number) => string;
}

const NEST = "Arrays and structs nest too deeply";
const LONG_TAG = "A tag or reference is too long";

function longText(type: string): Omit<Limit, "what" | "document"> {
  return {
    option: "maxNameBytes",
    message: `The text of <${type}> is too long`,
  };
}

const LIMITS: readonly Limit[] = [
  {
    option: "maxBytes",
    what: "a document",
    message: "The document is too long",
    document: (limit) => response("<value/>").padEnd(limit, "\n"),
  },
  {
    option: "maxDepth",
    what: "arrays",
    message: NEST,
    document: (limit) =>
      response(
        `${"<value><array><data>".repeat(limit)}<value/>${
          "</data></array></value>".repeat(limit)
        }`,
      ),
  },
  {
    option: "maxDepth",
    what: "structs",
    message: NEST,
    document: (limit) =>
      response(
        `${"<value><struct><member><name>a</name>".repeat(limit)}<value/>${
          "</member></struct></value>".repeat(limit)
        }`,
      ),
  },
  {
    option: "maxValues",
    what: "values of an array",
    message: "Too many values",
    document: (limit) =>
      response(
        `<value><array><data>${
          "<value><int>1</int></value>".repeat(limit - 1)
        }</data></array></value>`,
      ),
  },
  {
    option: "maxValues",
    what: "untyped values",
    message: "Too many values",
    document: (limit) =>
      response(
        `<value><array><data>${
          "<value/><value></value>".repeat((limit - 1) / 2)
        }${limit % 2 === 0 ? "<value>x</value>" : ""}</data></array></value>`,
      ),
  },
  {
    option: "maxValues",
    what: "members",
    message: "Too many values",
    document: (limit) =>
      response(
        `<value>${
          struct(
            ...Array.from(
              { length: limit - 1 },
              (_, at) => member(`m${at}`, "<int>1</int>"),
            ),
          )
        }</value>`,
      ),
  },
  {
    ...longText("name"),
    what: "a member name",
    document: (limit) =>
      response(`<value>${struct(member("n".repeat(limit), "x"))}</value>`),
  },
  {
    ...longText("name"),
    what: "a member name of a scalar",
    document: (limit) =>
      response(
        `<value>${struct(member("n".repeat(limit), "<int>1</int>"))}</value>`,
      ),
  },
  {
    ...longText("name"),
    what: "a member name of a scalar, in characters of two bytes",
    document: (limit) =>
      response(`<value>${
        struct(
          member("é".repeat(limit / 2) + "n".repeat(limit % 2), "<int>1</int>"),
        )
      }</value>`),
  },
  {
    ...longText("int"),
    what: "an int",
    document: (limit) =>
      response(`<value><int>${"1".padStart(limit, "0")}</int></value>`),
  },
  {
    ...longText("double"),
    what: "a double with white space",
    document: (limit) =>
      response(`<value><double>${"1".padEnd(limit)}</double></value>`),
  },
  {
    ...longText("boolean"),
    what: "a boolean",
    document: (limit) =>
      response(`<value><boolean>${"1".padEnd(limit)}</boolean></value>`),
  },
  {
    ...longText("dateTime.iso8601"),
    what: "a date",
    document: (limit) =>
      response(`<value>${dated("19980717T14:08:55".padEnd(limit))}</value>`),
  },
  {
    ...longText("biginteger"),
    what: "a biginteger",
    document: (limit) =>
      response(
        `<value><ex:biginteger>${"7".repeat(limit)}</ex:biginteger></value>`,
      ),
  },
  {
    option: "maxTagBytes",
    what: "a tag with an attribute",
    message: LONG_TAG,
    document: (limit) =>
      response(`<value a="${"x".repeat(limit - '<value a="">'.length)}"/>`)
        .replace("/>", "></value>"),
  },
  {
    option: "maxTagBytes",
    what: "an empty-element tag",
    message: LONG_TAG,
    document: (limit) => response(`<value${" ".repeat(limit - 8)}/>`),
  },
  {
    option: "maxTagBytes",
    what: "an end tag",
    message: LONG_TAG,
    document: (limit) => response(`<value></value${" ".repeat(limit - 8)}>`),
  },
  {
    option: "maxTagBytes",
    what: "a reference",
    message: LONG_TAG,
    document: (limit) =>
      response(`<value>&#${"65".padStart(limit - 3, "0")};</value>`),
  },
  {
    option: "maxTagBytes",
    what: "an XML declaration",
    message: LONG_TAG,
    document: (limit) =>
      `<?xml version="1.0"${" ".repeat(limit - 21)}?>${response("<value/>")}`,
  },
];

const DEFAULTS = { maxDepth: 256, maxNameBytes: 4096, maxTagBytes: 16_384 };

// ---------------------------------------------------------------- limits

for (const { option, what, message, document } of LIMITS) {
  // Longer than the document's other tags, and than the document without filling.
  const given = option === "maxBytes" ? 200 : 60;

  Deno.test(`decodeResponse() takes ${what} at the limit ${option}`, () => {
    const text = document(given);
    decodeResponse(text, { [option]: given });
    bytewise(text, { [option]: given });
  });

  Deno.test(`decodeResponse() refuses ${what} beyond the limit ${option}`, () => {
    const text = document(given + 1);
    const expected = `${message}: the limit ${option} is ${given}`;
    for (const decode of [decodeResponse, bytewise]) {
      const error = syntaxError(() => decode(text, { [option]: given }));
      assertEquals(error.kind, "limit");
      assertEquals(error.message.slice(0, expected.length), expected);
    }
  });

  Deno.test(`decodeResponse() refuses ${what} far beyond the limit ${option}`, () => {
    const text = document(given + 1000);
    const expected = `${message}: the limit ${option} is ${given}`;
    for (const decode of [decodeResponse, bytewise]) {
      const error = syntaxError(() => decode(text, { [option]: given }));
      assertEquals(error.kind, "limit");
      assertEquals(error.message.slice(0, expected.length), expected);
    }
  });

  const preset = (DEFAULTS as Partial<Record<string, number>>)[option];
  if (preset === undefined) continue;

  Deno.test(`decodeResponse() limits ${what} to a ${option} of ${preset} by default`, () => {
    decodeResponse(document(preset));
    assertEquals(
      syntaxError(() => decodeResponse(document(preset + 1))).kind,
      "limit",
    );
  });
}

Deno.test("createResponseDecoder() limits a document to 256 MiB by default", () => {
  const decoder = createResponseDecoder();
  const piece = new Uint8Array(2 ** 24).fill(0x20);
  for (let count = 0; count < 16; count++) decoder.push(piece);
  const error = syntaxError(() => decoder.push(Uint8Array.of(0x20)));
  assertEquals(
    [error.kind, error.message.slice(0, 57)],
    ["limit", "The document is too long: the limit maxBytes is 268435456"],
  );
});

Deno.test("createResponseDecoder() limits values to ten million by default", () => {
  const million = bytesOf("<value><i4>1</i4></value>".repeat(1_000_000));
  const decoder = createResponseDecoder();
  decoder.push(bytesOf("<methodResponse><params><param><value><array><data>"));
  // The array is a value, too.
  decoder.push(million.subarray("<value><i4>1</i4></value>".length));
  for (let count = 1; count < 10; count++) decoder.push(million);
  const error = syntaxError(() => decoder.push(bytesOf("<value/>")));
  assertEquals(
    [error.kind, error.message.slice(0, 48)],
    ["limit", "Too many values: the limit maxValues is 10000000"],
  );
});

Deno.test("decodeCall() limits the length of the method name", () => {
  const document = (length: number) =>
    `<methodCall><methodName>${"m".repeat(length)}</methodName></methodCall>`;
  decodeCall(document(4096));
  const error = syntaxError(() => decodeCall(document(4097)));
  assertEquals(
    error.message,
    "The text of <methodName> is too long: the limit maxNameBytes is 4096 (line 1, column 25)",
  );
});

Deno.test("decodeResponse() names the place and the path of what is beyond a limit", () => {
  const document = response(
    `<value>${
      struct(
        member("rows", "<array><data><value><array/></value></data></array>"),
      )
    }</value>`,
  );
  const error = syntaxError(() => decodeResponse(document, { maxDepth: 2 }));
  const offset = document.indexOf("<array/>");
  assertEquals(
    { ...error },
    {
      name: "XmlRpcSyntaxError",
      kind: "limit",
      offset,
      line: 1,
      column: offset + 1,
      path: "value.rows[0]",
    },
  );
  assertEquals(
    error.message,
    `${NEST}: the limit maxDepth is 2 at value.rows[0] (line 1, column ${
      offset + 1
    })`,
  );
});

Deno.test("decodeResponse() limits neither strings nor base64 but by maxBytes", () => {
  const text = "AAAA".repeat(5000);
  const document = response(
    `<value><array><data><value>${text}</value><value><string>${text}</string></value><value><base64>${text}</base64></value></data></array></value>`,
  );
  assertEquals(
    decodeResponse(document),
    [text, text, new Uint8Array(15_000)],
  );
});

Deno.test("decodeResponse() does not count siblings as nesting", () => {
  const siblings =
    "<value><array><data/></array></value><value><struct/></value>".repeat(5);
  const document = response(
    `<value><array><data>${siblings}</data></array></value>`,
  );
  assertEquals(
    (decodeResponse(document, { maxDepth: 2 }) as unknown[]).length,
    10,
  );
});

Deno.test("decodeResponse() nests without limit if the option says so", () => {
  const depth = 200_000;
  const document = response(
    `${"<value><array><data>".repeat(depth)}<value>x</value>${
      "</data></array></value>".repeat(depth)
    }`,
  );
  let value: unknown = decodeResponse(document, { maxDepth: depth });
  let levels = 0;
  while (Array.isArray(value)) {
    value = value[0];
    levels++;
  }
  assertEquals([value, levels], ["x", depth]);
});

Deno.test("decodeResponse() counts the limit maxBytes in the document's own bytes", () => {
  const text = `\ufeff${response("<value>é</value>")}`;
  const utf16 = utf16le(text);
  assertEquals(decodeResponse(utf16, { maxBytes: utf16.length }), "é");
  assertEquals(
    syntaxError(() => decodeResponse(utf16, { maxBytes: utf16.length - 1 }))
      .kind,
    "limit",
  );
});

for (const option of ["maxBytes", ...Object.keys(DEFAULTS), "maxValues"]) {
  Deno.test(`decodeResponse() refuses a ${option} that is not a limit`, () => {
    for (const limit of WRONG_LIMITS) {
      const options = { [option]: limit } as DecodeOptions;
      for (const make of [createCallDecoder, createResponseDecoder]) {
        assertThrows(() => make(options), RangeError, `option ${option}`);
      }
      const error = assertThrows(
        () => decodeResponse("<methodResponse/>", options),
        RangeError,
      );
      assertEquals(
        error.message,
        `The option ${option} must be a number of 0 or more: ${limit}`,
      );
    }
  });
}

// ---------------------------------------------------------------- what costs

for (
  const [name, tag] of [["unknown", "<a>"], ["prefixed", "<a:b>"]] as const
) {
  Deno.test(`decodeCall() lets no ${name} elements nest deeper than arrays may`, () => {
    const error = assertThrows(
      () => decodeCall(tag.repeat(1_000_000)),
      XmlRpcSyntaxError,
      "Elements nest too deeply: the limit maxDepth is 256",
    );
    assertEquals(error.kind, "limit");
    assert(error.offset < 1000 * tag.length);
  });
}

Deno.test("decodeCall() accepts as many levels as maxDepth says, and no more", () => {
  const nested = (depth: number) =>
    `<methodCall><methodName>m</methodName><params><param>${
      "<value><struct><member><name>a</name>".repeat(depth)
    }<value><int>1</int></value>${
      "</member></struct></value>".repeat(depth)
    }</param></params></methodCall>`;
  for (const maxDepth of [0, 1, 7]) {
    decodeCall(nested(maxDepth), { maxDepth });
    assertThrows(
      () => decodeCall(nested(maxDepth + 1), { maxDepth }),
      XmlRpcSyntaxError,
      `Arrays and structs nest too deeply: the limit maxDepth is ${maxDepth}`,
    );
  }
});

Deno.test("encodeResponse() refuses what nests deeper than the stack, whatever maxDepth is", () => {
  let value: unknown = 1;
  for (let depth = 0; depth < 1_000_000; depth++) value = [value];
  const cycle: unknown[] = [];
  cycle.push(cycle);
  for (const deep of [value, cycle]) {
    assertThrows(
      () => encodeResponse(deep, { maxDepth: Infinity }),
      RangeError,
      "the limit maxDepth",
    );
  }
});
