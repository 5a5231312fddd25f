import {
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  fail,
} from "@std/assert";
import { createClient, type XmlRpcClientOptions } from "../client.ts";
import { int } from "../core/typed.ts";
import {
  ADDRESS,
  clientWith,
  echo,
  xml,
} from "../tests/support/client_calls.ts";

const HEADERS: readonly (readonly [
  what: string,
  headers: XmlRpcClientOptions["headers"],
])[] = [
  ["a record", { "X-Token": "t" }],
  ["Headers", new Headers({ "x-token": "t" })],
  ["an array", [["X-TOKEN", "t"]]],
  ["a function that gives a record", () => ({ "x-token": "t" })],
  ["a function that gives Headers", () => new Headers({ "x-token": "t" })],
  [
    "an async function",
    async () => {
      await Promise.resolve();
      return [["x-token", "t"]];
    },
  ],
];

// ---------------------------------------------------------------- headers

for (const [what, headers] of HEADERS) {
  Deno.test(`call() sends headers given as ${what}`, async () => {
    const { client, requests } = clientWith(echo, { headers });

    await client.call("m");

    assertEquals([...requests[0]!.headers], [
      ["content-type", "text/xml"],
      ["x-token", "t"],
    ]);
  });
}

Deno.test("call() asks for the headers before each call", async () => {
  let count = 0;
  const { client, requests } = clientWith(echo, {
    headers: () => ({ "x-count": String(++count) }),
  });

  await client.call("m");
  await client.call("m");

  assertEquals(requests.map(({ headers }) => headers.get("x-count")), [
    "1",
    "2",
  ]);
});

Deno.test("call() rejects with what the headers function throws, and sends nothing", async () => {
  const thrown = new Error("no token");
  const throwing = clientWith(echo, {
    headers: () => {
      throw thrown;
    },
  });
  const rejecting = clientWith(echo, { headers: () => Promise.reject(thrown) });

  for (const { client, requests } of [throwing, rejecting]) {
    const error = await assertRejects(() => client.call("m"), Error);
    assertStrictEquals(error, thrown);
    assertEquals(requests, []);
  }
});

Deno.test("call() rejects invalid headers, and sends nothing", async () => {
  const { client, requests } = clientWith(echo, { headers: { "a b": "c" } });

  await assertRejects(() => client.call("m"), TypeError);

  assertEquals(requests, []);
});

Deno.test("headers of a call go over those of with(), and those over the client's", async () => {
  const { client, requests } = clientWith(echo, {
    headers: { a: "client", b: "client", c: "client" },
  });
  const middle = client.with({ headers: () => ({ b: "with", c: "with" }) });

  await middle.call("m", [], { headers: [["C", "call"], ["d", "call"]] });
  await middle.methods["m"]!();
  await client.call("m");

  const sent = requests.map(({ headers }) =>
    ["a", "b", "c", "d"].map((name) => headers.get(name))
  );
  assertEquals(sent, [
    ["client", "with", "call", "call"],
    ["client", "with", "with", null],
    ["client", "client", "client", null],
  ]);
});

Deno.test("headers go over Content-Type and Authorization", async () => {
  const { client, requests } = clientWith(echo, {
    headers: {
      "Content-Type": "application/xml",
      "Authorization": "Bearer t",
    },
  }, "http://user:secret@localhost/");

  await client.call("m");

  assertEquals([...requests[0]!.headers], [
    ["authorization", "Bearer t"],
    ["content-type", "application/xml"],
  ]);
});

Deno.test("with() leaves the client as it is", async () => {
  const { client, requests } = clientWith(echo);
  const late = client.with({ headers: { a: "1" }, nil: "error" });

  assertEquals(await client.call("m", [null]), ["m", [null]]);
  await assertRejects(() => late.call("m", [null]), TypeError, "null");

  assertEquals(requests.length, 1);
  assertEquals(requests[0]!.headers.get("a"), null);
});

Deno.test("with() can exchange fetch", async () => {
  const { client, requests } = clientWith(echo);
  const other = client.with({ fetch: () => Promise.resolve(xml("other")) });

  assertEquals(await other.call("m"), "other");
  assertEquals(requests, []);
});

Deno.test("call() accepts fetch for one call", async () => {
  const { client } = clientWith(echo);
  const fetch = (): Promise<Response> => Promise.resolve(xml("other"));

  assertEquals(await client.call("m", [], { fetch }), "other");
  assertEquals(await client.call("m"), ["m", []]);
});

// ---------------------------------------------------------------- options

for (
  const name of [
    "timeout",
    "maxRequestBytes",
    "maxResponseBytes",
    "maxRedirects",
    "maxDepth",
    "maxValues",
    "maxNameBytes",
    "maxTagBytes",
  ]
) {
  const wrong = { [name]: -1 };
  const message = `The option ${name} must be a number of 0 or more: -1`;

  Deno.test(`createClient() refuses a wrong ${name}`, () => {
    for (const value of [-1, NaN, "10", {}]) {
      const error = assertThrows(
        () => createClient(ADDRESS, { [name]: value }),
        RangeError,
      );
      assertEquals(
        error.message,
        `The option ${name} must be a number of 0 or more: ${value}`,
      );
    }
  });

  Deno.test(`with() refuses a wrong ${name}`, () => {
    const { client } = clientWith(echo);

    const error = assertThrows(() => client.with(wrong), RangeError);

    assertEquals(error.message, message);
  });

  Deno.test(`call() rejects a wrong ${name} and sends nothing`, async () => {
    const { client, requests } = clientWith(echo);
    let promise: Promise<unknown>;
    try {
      promise = client.call("m", [], wrong);
    } catch (error) {
      fail(`Expected a promise that rejects, but it threw ${error}`);
    }

    const error = await assertRejects(() => promise, RangeError);

    assertEquals(error.message, message);
    assertEquals(requests, []);
  });
}

for (const timeout of [Infinity, 2 ** 31]) {
  Deno.test(`createClient() refuses the timeout ${timeout}, which no timer can wait`, () => {
    const error = assertThrows(
      () => createClient(ADDRESS, { timeout }),
      RangeError,
    );

    assertEquals(
      error.message,
      `The option timeout must be at most 2147483647 ms: ${timeout}`,
    );
  });
}

for (
  const [name, value] of [
    ["timeZone", "Mars/Olympus"],
    ["i8", "float"],
    ["nil", "none"],
    ["dateTime", "raw"],
    ["fetch", "no function"],
    ["signal", "no signal"],
  ]
) {
  Deno.test(`createClient() refuses a wrong ${name} and names the option`, () => {
    const error = assertThrows(
      () => createClient(ADDRESS, { [name!]: value }),
      Error,
    );

    assertStringIncludes(error.message, name!);
  });
}

Deno.test("createClient() uses the defaults for undefined options", async () => {
  const client = createClient(ADDRESS, {
    headers: undefined,
    signal: undefined,
    timeout: undefined,
    maxResponseBytes: undefined,
    maxRedirects: undefined,
    nil: undefined,
    i8: undefined,
    fetch: (request) => echo(request),
  });

  assertEquals(await client.call("m", [1], { timeout: undefined }), ["m", [1]]);
});

for (const where of ["client", "with", "call"]) {
  Deno.test(`call() honours i8, dateTime and timeZone of the ${where}`, async () => {
    const date = new Date("1998-07-17T12:08:55Z");
    const options: XmlRpcClientOptions = {
      i8: "number",
      dateTime: (text) => `date ${text}`,
      timeZone: "+02:00",
    };
    const { client } = clientWith(echo, where === "client" ? options : {});
    const params = [5n, date];

    const result = where === "with"
      ? await client.with(options).call("m", params)
      : await client.call("m", params, where === "call" ? options : {});

    assertEquals(result, ["m", [5, "date 19980717T14:08:55"]]);
  });
}

Deno.test("call() writes dates in the time zone of the option", async () => {
  let text = "";
  const { client } = clientWith(async (request) => {
    text = await request.text();
    return xml(1);
  }, { timeZone: "+02:00" });

  await client.call("m", [new Date("1998-07-17T12:08:55Z")]);

  assertStringIncludes(text, ">19980717T14:08:55<");
});

Deno.test("call() honours typed", async () => {
  const { client } = clientWith(() => xml(5), { typed: true });

  assertEquals(await client.call("m"), int(5));
});

Deno.test("call() honours nil", async () => {
  let text = "";
  const { client } = clientWith(async (request) => {
    text = await request.text();
    return xml(1);
  }, { nil: "ex:nil" });

  await client.call("m", [null]);

  assertStringIncludes(text, "<ex:nil");
  await assertRejects(
    () => client.call("m", [null], { nil: "error" }),
    TypeError,
    "params[0]",
  );
});
