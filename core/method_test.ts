import { assert, assertEquals } from "@std/assert";
import { encodeCall } from "../codec.ts";
import { createServer, method, type XmlRpcContext } from "../server.ts";
import { optional } from "./types.ts";

const XML = { "content-type": "text/xml" };

/** The document that answers a call. */
async function answerOf(
  methods: object,
  methodName: string,
  ...params: unknown[]
): Promise<string> {
  const server = createServer(methods as Record<string, () => unknown>);
  const response = await server.fetch(
    new Request("http://localhost/", {
      method: "POST",
      headers: XML,
      body: encodeCall(methodName, params),
    }),
  );
  return await response.text();
}

/** The `<value>` in an answer. */
async function valueOf(
  methods: object,
  methodName: string,
  ...params: unknown[]
): Promise<string> {
  const text = await answerOf(methods, methodName, ...params);
  return /<value>.*<\/value>/.exec(text)![0];
}

for (
  const [returns, result, value] of [
    ["double", 3, "<double>3.0</double>"],
    ["double", -0, "<double>-0.0</double>"],
    ["int", 3, "<int>3</int>"],
    ["i8", 3, "<i8>3</i8>"],
    ["i8", 3n, "<i8>3</i8>"],
    ["nil", undefined, "<nil/>"],
    [
      ["double"],
      [1, 2.5],
      "<array><data><value><double>1.0</double></value><value><double>2.5</double></value></data></array>",
    ],
    [
      { n: "i8" },
      { n: 1 },
      "<struct><member><name>n</name><value><i8>1</i8></value></member></struct>",
    ],
  ] as const
) {
  Deno.test(`a method that returns ${JSON.stringify(returns)} sends ${Deno.inspect(result)} as that`, async () => {
    const give = method(
      { params: [], returns: returns as "any" },
      () => result,
    );
    assertEquals(await valueOf({ give }, "give"), `<value>${value}</value>`);
  });
}

Deno.test("a method gets its params as its signature says", async () => {
  let got: unknown;
  const take = method(
    { params: ["i8", "double", optional("int")], returns: "nil" },
    (...params) => void (got = params),
  );
  await answerOf({ take }, "take", 5, 3n);
  assertEquals(got, [5n, 3]);
});

Deno.test("params that do not fit are a fault with their place", async () => {
  const take = method(
    { params: ["int", { rows: [{ price: "double" }] }], returns: "nil" },
    () => {},
  );
  const answer = await answerOf({ take }, "take", 1, {
    rows: [{ price: 1 }, { price: "x" }],
  });
  assert(answer.includes("<int>-32602</int>"));
  assert(
    answer.includes("params[1].rows[1].price: expected double, got string"),
  );
});

Deno.test("a result that does not fit is an internal error, told to onError", async () => {
  const errors: unknown[] = [];
  const server = createServer({
    give: method({ params: [], returns: "double" }, () => "x" as never),
  }, { onError: (error) => errors.push(error) });
  const response = await server.fetch(
    new Request("http://localhost/", {
      method: "POST",
      headers: XML,
      body: encodeCall("give"),
    }),
  );
  const text = await response.text();
  assert(text.includes("<int>-32603</int>"));
  assert(!text.includes("expected"));
  assertEquals(errors.map(String), [
    "TypeError: Cannot encode value: expected double, got string",
  ]);
});

Deno.test("the first of several signatures that fits says how the result is sent", async () => {
  const same = method([
    { params: ["int"], returns: "i8" },
    { params: ["string"], returns: "string" },
  ], (value) => value);
  assertEquals(await valueOf({ same }, "same", 5), "<value><i8>5</i8></value>");
  assertEquals(
    await valueOf({ same }, "same", "5"),
    "<value><string>5</string></value>",
  );
});

Deno.test("a method called directly is the bare handler, with this", () => {
  const whoami = method(
    { params: ["string"], returns: "string" },
    function (greeting) {
      return `${greeting} ${this.methodName}`;
    },
  );
  const context = { methodName: "me" } as XmlRpcContext;
  assertEquals(whoami.call(context, "hello"), "hello me");
});

Deno.test("a handler may have fewer params than its signature", async () => {
  const first = method({ params: ["int", "int"], returns: "int" }, (x) => x);
  assertEquals(
    await valueOf({ first }, "first", 1, 2),
    "<value><int>1</int></value>",
  );
});

Deno.test("a method that returns any may return nothing", async () => {
  const nothing = method({ params: [], returns: "any" }, () => {});
  assertEquals(await valueOf({ nothing }, "nothing"), "<value><nil/></value>");
});
