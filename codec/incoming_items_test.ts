// Items of an array that the decoder hands out while their document arrives.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  createResponseDecoder,
  type DecodeResponseStreamOptions,
  encodeResponse,
} from "../codec.ts";
import { XmlRpcFault, XmlRpcSyntaxError } from "../core/errors.ts";
import type { XmlRpcValue } from "../core/value.ts";
import { bytesOf, pushAll, responseOf } from "../tests/support/documents.ts";

/** What comes of a response in chunks: its items, and what was left or thrown. */
function itemsOf(
  document: Uint8Array,
  chunkBytes: number,
  options: DecodeResponseStreamOptions = {},
): { items: XmlRpcValue[]; value?: unknown; error?: unknown } {
  const items: XmlRpcValue[] = [];
  const decoder = createResponseDecoder({
    ...options,
    onItems(some) {
      assert(some.length > 0);
      items.push(...some);
    },
  });
  try {
    pushAll(decoder, document, chunkBytes);
    return { items, value: decoder.end() };
  } catch (error) {
    return { items, error };
  }
}

Deno.test("createResponseDecoder() hands out the items of an array as they come", () => {
  const items: XmlRpcValue[] = [];
  const decoder = createResponseDecoder({
    onItems: (some) => void items.push(...some),
  });
  decoder.push(bytesOf(
    "<methodResponse><params><param><value><array><data><value><int>1</int></value><value><array><data><value>a</val",
  ));
  assertEquals(items, [1]);
  decoder.push(bytesOf("ue></data></array></value><value>b</value"));
  assertEquals(items, [1, ["a"]]);
  decoder.push(bytesOf("></data></array></value></param></params>"));
  assertEquals(items, [1, ["a"], "b"]);
  decoder.push(bytesOf("</methodResponse>"));
  assertEquals(decoder.end(), []);
});

Deno.test("the items handed out are the same in every chunking", () => {
  const value = [1, "a", null, [[1, 2], []], { rows: [1, { b: [] }] }, 2.5];
  const document = encodeResponse(value);
  for (let chunkBytes = 1; chunkBytes < document.length; chunkBytes += 3) {
    const { items, value: left } = itemsOf(document, chunkBytes);
    assertEquals(items, value);
    assertEquals(left, []);
  }
});

Deno.test("onItems is not called for an empty array or another value", () => {
  for (const value of [5, { a: [1, 2] }, "", []]) {
    const expected = { items: [], value };
    assertEquals(itemsOf(encodeResponse(value), 7), expected);
  }
  assertEquals(itemsOf(bytesOf(responseOf("<array/>")), 7).value, []);
  const { items, error } = itemsOf(
    bytesOf(
      "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>1</int></value></member><member><name>faultString</name><value>no</value></member><member><name>rows</name><value><array><data><value>1</value></data></array></value></member></struct></value></fault></methodResponse>",
    ),
    7,
  );
  assertEquals(items, []);
  assertInstanceOf(error, XmlRpcFault);
});

Deno.test("the path of an error counts the items that were handed out", () => {
  const items = "<value><int>1</int></value>".repeat(1000);
  const document = bytesOf(responseOf(
    `<array><data>${items}<value><struct><member><name>n</name><value><int>x</int></value></member></struct></value><value>2</value></data></array>`,
  ));
  for (const chunkBytes of [1, 100, 4096, Infinity]) {
    const { items, error } = itemsOf(document, chunkBytes);
    assertInstanceOf(error, XmlRpcSyntaxError);
    assertEquals(error.path, "value[1000].n");
    assertEquals(items.length, 1000);
  }
});

Deno.test("the items before an error are handed out", () => {
  const broken = bytesOf(
    "<methodResponse><params><param><value><array><data><value>1</value><value>2</value><oops",
  );
  for (const chunkBytes of [1, Infinity]) {
    const { items, error } = itemsOf(broken, chunkBytes);
    assertEquals(items, ["1", "2"]);
    assertInstanceOf(error, XmlRpcSyntaxError);
  }
});

Deno.test("the items of a second <data> are not handed out", () => {
  const document = bytesOf(responseOf(
    "<array><data><value>1</value></data><data><value>2</value></data></array>",
  ));
  const { items, error } = itemsOf(document, 1);
  assertEquals(items, ["1"]);
  assertInstanceOf(error, XmlRpcSyntaxError);
});

Deno.test("maxValues is for each item that is handed out", () => {
  const value = Array.from({ length: 50 }, (_, id) => ({ id, tags: [1, 2] }));
  const flat = Array.from({ length: 50 }, (_, id) => id);
  for (const chunkBytes of [1, 64, Infinity]) {
    for (const rows of [value, flat, [...flat, ...value, ...flat]]) {
      const { items } = itemsOf(encodeResponse(rows), chunkBytes, {
        maxValues: 5,
      });
      assertEquals(items, rows);
    }
    const { items, error } = itemsOf(
      encodeResponse([1, [1, 2, 3, 4], [1, 2, 3, 4, 5], 2]),
      chunkBytes,
      { maxValues: 5 },
    );
    assertEquals(items, [1, [1, 2, 3, 4]]);
    assertInstanceOf(error, XmlRpcSyntaxError);
    assertEquals(error.message.includes("maxValues"), true);
  }
});

Deno.test("maxBytes is for what is not handed out, maxStreamBytes for the array that is", () => {
  const rows = Array.from({ length: 10_000 }, (_, id) => id);
  const document = encodeResponse(rows);
  for (const chunkBytes of [100, 65_536, Infinity]) {
    const passed = itemsOf(document, chunkBytes, { maxBytes: 1000 });
    assertEquals(passed.items, rows);

    const { items, error } = itemsOf(document, chunkBytes, {
      maxStreamBytes: 100_000,
    });
    assert(items.length < rows.length);
    assertInstanceOf(error, XmlRpcSyntaxError);
    assertEquals(error.kind, "limit");
    assert(error.message.includes("maxStreamBytes is 100000"));

    const long = itemsOf(
      encodeResponse(["x".repeat(200_000)]),
      chunkBytes,
      { maxBytes: 100_000 },
    );
    assertEquals(long.items, []);
    assert(String(long.error).includes("maxBytes is 100000"));
  }
});

Deno.test("a truncated document is refused, whatever was expected next", () => {
  const whole = "\n" + new TextDecoder().decode(encodeResponse([1])).replace(
    /^.*\n/,
    "",
  );
  // What has been handed out is moved out of the way. With the line end in front, the
  // ">" of the first tag stands where that of the last one is missing.
  const decoder = createResponseDecoder({ onItems() {} });
  decoder.push(bytesOf(whole.slice(0, -1)));
  assertThrows(
    () => decoder.end(),
    XmlRpcSyntaxError,
    "The document ends inside <methodResponse>",
  );
});

Deno.test("a document truncated at any byte is refused, when parts are handed out", () => {
  const whole = new TextDecoder().decode(
    encodeResponse([1, "a", [2], { b: 3 }]),
  )
    .replace(/^.*\n/, "");
  for (let spaces = 0; spaces < 40; spaces++) {
    const document = bytesOf(" ".repeat(spaces) + whole);
    for (let end = document.length - 40; end < document.length; end++) {
      const decoder = createResponseDecoder({ onItems() {} });
      decoder.push(document.subarray(0, end));
      const error = assertThrows(() => decoder.end(), XmlRpcSyntaxError);
      assertStrictEquals(error.kind, "malformed");
      assert(error.offset <= end);
    }
  }
});

Deno.test("what onItems throws ends the decoding", () => {
  const failure = new Error("full");
  const decoder = createResponseDecoder({
    onItems() {
      throw failure;
    },
  });
  assertStrictEquals(
    assertThrows(() => decoder.push(encodeResponse([1]))),
    failure,
  );
});
