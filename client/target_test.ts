import {
  assert,
  assertEquals,
  assertNotMatch,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { createClient } from "../client.ts";
import { XmlRpcHttpError } from "../core/errors.ts";
import {
  ADDRESS,
  type Answer,
  basic,
  clientWith,
  echo,
  FAULT,
  XML,
} from "../tests/support/client_calls.ts";

const CREDENTIALS: readonly (readonly [url: string, credentials: string])[] = [
  ["http://user:secret@localhost/RPC2", "user:secret"],
  ["http://user@localhost/RPC2", "user:"],
  ["http://:secret@localhost/RPC2", ":secret"],
  ["http://us%40er:p%3Aw%2F%25@localhost/RPC2", "us@er:p:w/%"],
  ["http://jos%C3%A9:p%E2%82%AC@localhost/RPC2", "josé:p€"],
  ["http://josé:p€😀@localhost/RPC2", "josé:p€😀"],
  ["http://user:100%@localhost/RPC2", "user:100%"],
  ["http://user:%zz@localhost/RPC2", "user:%zz"],
  ["http://user:%E9@localhost/RPC2", "user:%E9"],
  ["http://user:50% off@localhost/RPC2", "user:50% off"],
  ["http://user:100%é@localhost/RPC2", "user:100%é"],
];

for (const [url, credentials] of CREDENTIALS) {
  Deno.test(`createClient() sends the credentials of ${url}`, async () => {
    for (const given of [url, new URL(url)]) {
      const { client, requests } = clientWith(echo, {}, given);

      await client.call("m");

      const [request] = requests;
      assertEquals(request!.headers.get("authorization"), basic(credentials));
      assertEquals(request!.url, ADDRESS);
    }
  });
}

Deno.test("createClient() sends no Authorization without credentials", async () => {
  const { client, requests } = clientWith(echo);

  await client.call("m");

  assertEquals(requests[0]!.headers.get("authorization"), null);
});

Deno.test("createClient() keeps path and query, and no fragment", async () => {
  const { client, requests } = clientWith(
    echo,
    {},
    "http://localhost:81/a%20b?c=d&e#f",
  );

  await client.call("m");

  assertEquals(requests[0]!.url, "http://localhost:81/a%20b?c=d&e");
});

Deno.test("createClient() does not see later changes of its URL", async () => {
  const url = new URL(ADDRESS);
  const { client, requests } = clientWith(echo, {}, url);

  url.hostname = "elsewhere";
  await client.call("m");

  assertEquals(requests[0]!.url, ADDRESS);
});

/** Everything of an error that a log could show. */
function everythingOf(error: Error): string {
  return [
    error.message,
    String(error),
    error.stack,
    Deno.inspect(error, { depth: Infinity }),
    JSON.stringify(error),
  ].join("\n");
}

const SECRET_URL = "http://user:secret@127.0.0.1/RPC2";
const ERROR_ANSWERS: readonly (readonly [what: string, answer: Answer])[] = [
  ["a page", () => new Response("<html>", { status: 404 })],
  ["broken XML", () => new Response("<a>", { headers: XML })],
  ["a fault", () => new Response(FAULT, { headers: XML })],
  [
    "a redirect",
    () => new Response(null, { status: 302, headers: { location: "/x" } }),
  ],
  [
    "redirects",
    () => new Response(null, { status: 307, headers: { location: "" } }),
  ],
  ["nothing", () => Promise.reject(new TypeError("no connection"))],
];

for (const [what, answer] of ERROR_ANSWERS) {
  Deno.test(`call() shows no password in an error after ${what}`, async () => {
    const { client } = clientWith(answer, {}, SECRET_URL);

    const error = await assertRejects(() => client.call("m"), Error);

    const text = everythingOf(error);
    assertNotMatch(text, /secret|user:/);
    assert(!text.includes(basic("user:secret").slice(6)));
    if (error instanceof XmlRpcHttpError) {
      assertNotMatch(error.url, /secret/);
    }
  });
}

Deno.test("call() shows no password where no server is there", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const client = createClient(`http://user:secret@127.0.0.1:${port}/`);

  const error = await assertRejects(() => client.call("m"), TypeError);

  assertNotMatch(everythingOf(error), /secret/);
});

const NO_URL =
  "Cannot create a client: expected a URL such as http://localhost:8888/";

for (
  const [url, message] of [
    ["", NO_URL],
    ["localhost", NO_URL],
    ["/RPC2", NO_URL],
    ["http://user:secret@", NO_URL],
    ["http://user:secret@host:port/", NO_URL],
    [
      "ftp://user:secret@host/",
      "Cannot create a client: expected an http or https URL, got ftp:",
    ],
    [
      "localhost:8888",
      "Cannot create a client: expected an http or https URL, got localhost:",
    ],
    [
      "javascript:secret",
      "Cannot create a client: expected an http or https URL, got javascript:",
    ],
  ] as const
) {
  Deno.test(`createClient() refuses the URL "${url}"`, () => {
    const error = assertThrows(() => createClient(url), TypeError);

    assertEquals(error.message, message);
    assertNotMatch(everythingOf(error), /user:secret|:secret@/);
  });
}
