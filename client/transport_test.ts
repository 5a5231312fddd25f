import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertNotMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import { STATUS_CODE } from "@std/http/status";
import { createClient, type XmlRpcClientOptions } from "../client.ts";
import { XmlRpcFault, XmlRpcHttpError } from "../core/errors.ts";
import { createServer } from "../server.ts";
import {
  ADDRESS,
  basic,
  clientWith,
  HTML,
  settle,
  TrackedBody,
  VALUE,
  XML,
  xml,
} from "../tests/support/client_calls.ts";
import { listen } from "../tests/support/ends.ts";

// ---------------------------------------------------------------- time

Deno.test("call() passes on the platform's error where no server is there", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${listener.addr.port}/`;
  listener.close();

  const error = await assertRejects(() => createClient(url).call("m"), Error);
  const own = await assertRejects(() => fetch(url, { method: "POST" }), Error);

  assertStrictEquals(error.constructor, TypeError);
  assertStrictEquals(error.constructor, own.constructor);
  assertEquals(error.message, own.message);
});

Deno.test("call() passes on what fetch rejects with or throws", async () => {
  const thrown = new Error("mine");
  const rejecting = createClient(ADDRESS, {
    fetch: () => Promise.reject(thrown),
  });
  const throwing = createClient(ADDRESS, {
    fetch: () => {
      throw thrown;
    },
  });

  for (const client of [rejecting, throwing]) {
    assertStrictEquals(await assertRejects(() => client.call("m")), thrown);
  }
});

Deno.test("call() passes on the error of a body that breaks off", async () => {
  const thrown = new TypeError("connection lost");
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) =>
      controller.enqueue(new TextEncoder().encode(VALUE.slice(0, 60))),
    pull: () => Promise.reject(thrown),
  });
  const { client } = clientWith(() => new Response(body, { headers: XML }));

  assertStrictEquals(await assertRejects(() => client.call("m")), thrown);
});

// workerd hangs up on who still sends while it answers 413.
Deno.test("call() tells the status of an answer whose body breaks off", async () => {
  const thrown = new TypeError("connection lost");
  const body = new ReadableStream({ pull: () => Promise.reject(thrown) });
  const { client } = clientWith(() => new Response(body, { status: 413 }));

  const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

  assertEquals(error.status, STATUS_CODE.ContentTooLarge);
  assertStrictEquals(error.cause, thrown);
});

Deno.test("call() leaves the connection of a long chunked answer to the next call", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections: Deno.Conn[] = [];
  const serve = async (connection: Deno.Conn): Promise<void> => {
    const body = `${" ".repeat(100_000)}${VALUE.slice(VALUE.indexOf("<m"))}`;
    const answer = new TextEncoder().encode(
      `HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n${
        body.length.toString(16)
      }\r\n${body}\r\n0\r\n\r\n`,
    );
    while (await connection.read(new Uint8Array(9000)) !== null) {
      for (let at = 0; at < answer.length;) {
        at += await connection.write(answer.subarray(at));
      }
    }
  };
  const serving = (async () => {
    for await (const connection of listener) {
      connections.push(connection);
      serve(connection).catch(() => {});
    }
  })();
  const client = createClient(`http://127.0.0.1:${listener.addr.port}/`);

  for (let n = 0; n < 50; n++) await client.call("m");

  assertEquals(connections.length, 1);
  for (const connection of connections) connection.close();
  listener.close();
  await serving;
});

Deno.test("call() rejects where the server hangs up in the body", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    using connection = await listener.accept();
    await connection.read(new Uint8Array(9000));
    await connection.write(new TextEncoder().encode(
      `HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n${VALUE}`,
    ));
  })();

  // The document is whole, the answer is not.
  await assertRejects(
    () => createClient(`http://127.0.0.1:${listener.addr.port}/`).call("m"),
    TypeError,
  );
  await serving;
});

function redirect(status: number, location?: string): Response {
  return new Response("moved", {
    status,
    headers: location === undefined ? {} : { location },
  });
}

// ---------------------------------------------------------------- redirects

for (const status of [301, 302, 303]) {
  Deno.test(`call() does not follow a ${status}, which would lose the call`, async () => {
    const { client, requests } = clientWith(() =>
      redirect(status, "//user:secret@other/x?y#z")
    );

    const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

    assertEquals(
      error.message,
      `${ADDRESS} answered ${status}, a redirect to http://other/x?y, which would lose the call; use that URL`,
    );
    assertEquals(error.status, status);
    assertEquals(requests.length, 1);
  });
}

for (const status of [307, 308]) {
  Deno.test(`call() follows a ${status} with the same call`, async () => {
    const bodies: string[] = [];
    const { client, requests } = clientWith(async (request, index) => {
      bodies.push(await request.text());
      return index === 0 ? redirect(status, "../new?a=b") : xml("value");
    }, { headers: { "x-token": "t" } });

    assertEquals(await client.call("m", [1]), "value");

    assertEquals(requests.map(({ url }) => url), [
      ADDRESS,
      "http://localhost/new?a=b",
    ]);
    assertEquals(requests.map(({ method }) => method), ["POST", "POST"]);
    assertEquals(bodies[0], bodies[1]);
    assertStringIncludes(bodies[0]!, "<methodName>m</methodName>");
    assertEquals([...requests[1]!.headers], [...requests[0]!.headers]);
  });
}

const KEPT: readonly (readonly [from: string, to: string, isKept: boolean])[] =
  [
    ["http://a/x", "http://a/y", true],
    ["http://a/x", "http://a:80/y", true],
    ["http://a:81/x", "http://a:81/y", true],
    ["https://a/x", "https://a/y", true],
    ["http://a/x", "https://a/x", true],
    ["http://a:80/x", "https://a:443/x", true],
    ["http://a/x", "http://b/x", false],
    ["http://a/x", "https://b/x", false],
    ["http://a/x", "http://a:81/x", false],
    ["http://a/x", "https://a:444/x", false],
    ["http://a:81/x", "https://a/x", false],
    ["http://a/x", "http://sub.a/x", false],
    ["http://a/x", "http://a.b/x", false],
  ];

for (const [from, to, isKept] of KEPT) {
  Deno.test(`call() ${isKept ? "shows" : "does not show"} credentials to ${to} after ${from}`, async () => {
    const { client, requests } = clientWith(
      (_request, index) => index === 0 ? redirect(307, to) : xml("value"),
      {
        headers: () => ({
          "Cookie": "a=b",
          "X-Api-Key": "k",
          "Proxy-Authorization": "p",
        }),
      },
      from.replace("//", "//user:secret@"),
    );

    await client.call("m");

    assertEquals(requests.length, 2);
    const { headers } = requests[1]!;
    assertEquals(
      headers.get("authorization"),
      isKept ? basic("user:secret") : null,
    );
    for (const name of ["cookie", "x-api-key", "proxy-authorization"]) {
      assertEquals(
        headers.get(name),
        isKept ? requests[0]!.headers.get(name) : null,
      );
    }
    assertEquals(headers.get("content-type"), "text/xml");
  });
}

Deno.test("call() does not show credentials again to a server that it comes back to", async () => {
  const { client, requests } = clientWith(
    (_request, index) =>
      index === 0
        ? redirect(307, "http://b/")
        : index === 1
        ? redirect(307, "http://a/")
        : xml("value"),
    { headers: { "X-Api-Key": "k" } },
    "http://user:secret@a/",
  );

  await client.call("m");

  assertEquals(requests.map(({ headers }) => headers.has("x-api-key")), [
    true,
    false,
    false,
  ]);
  assertEquals(requests[2]!.headers.get("authorization"), null);
});

Deno.test("call() follows no redirect from https to http", async () => {
  const { client, requests } = clientWith(
    () => redirect(307, "http://a/x"),
    {},
    "https://user:secret@a/x",
  );

  const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

  assertEquals(
    error.message,
    "https://a/x answered 307, a redirect to http://a/x, which is not encrypted; use that URL if that is intended",
  );
  assertEquals(requests.length, 1);
});

for (
  const location of ["javascript:alert(1)", "file:///etc/passwd", "data:,x"]
) {
  for (const status of [302, 307]) {
    Deno.test(`call() follows no redirect (${status}) to ${location}`, async () => {
      const { client, requests } = clientWith(() => redirect(status, location));

      const error = await assertRejects(
        () => client.call("m"),
        XmlRpcHttpError,
      );

      assertStringIncludes(error.message, location);
      assertEquals(requests.length, 1);
      // "use that URL" does not help with a URL that no client can use.
      assertNotMatch(error.message, /use that URL/);
    });
  }
}

for (const location of [undefined, "http://[", "http://a:port/"]) {
  for (const status of [302, 307]) {
    Deno.test(`call() answered ${status} with the Location ${location} gives an XmlRpcHttpError`, async () => {
      const { client, requests } = clientWith(() => redirect(status, location));

      const error = await assertRejects(
        () => client.call("m"),
        XmlRpcHttpError,
        `${ADDRESS} answered ${status}`,
      );

      assertEquals(error.status, status);
      assertEquals(error.headers.get("location"), location ?? null);
      assertEquals(requests.length, 1);
    });
  }
}

for (const [maxRedirects, expected] of [[undefined, 5], [2, 2], [0, 0]]) {
  Deno.test(`call() stops at maxRedirects (${maxRedirects})`, async () => {
    const { client, requests } = clientWith(() => redirect(308, "/again"), {
      maxRedirects,
    });

    const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

    const url = expected === 0 ? ADDRESS : "http://localhost/again";
    assertEquals(
      error.message,
      `${url} redirects too often: the limit maxRedirects is ${expected}`,
    );
    assertEquals(error.url, url);
    assertEquals(requests.length, expected! + 1);
  });
}

Deno.test("call() follows as many redirects as maxRedirects says", async () => {
  const { client, requests } = clientWith(
    (_request, index) => index < 3 ? redirect(307, `/${index}`) : xml("value"),
    { maxRedirects: 3 },
  );

  assertEquals(await client.call("m"), "value");
  assertEquals(requests.length, 4);
});

Deno.test("call() explains the redirect that a browser hides", async () => {
  const hidden = Object.defineProperty(xml("value"), "type", {
    value: "opaqueredirect",
  });
  const { client } = clientWith(() => hidden);

  const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

  assertEquals(
    error.message,
    `${ADDRESS} redirects, and a browser does not reveal where; use the URL that it redirects to`,
  );
});

Deno.test("call() names the server that gave the answer after a redirect", async () => {
  const { client } = clientWith((_request, index) =>
    index === 0
      ? redirect(307, "http://b/x")
      : new Response("", { status: 404 })
  );

  const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

  assertEquals(error.url, "http://b/x");
  assertMatch(error.message, /^http:\/\/b\/x answered 404/);
});

const UNREAD: readonly (readonly [
  what: string,
  init: ResponseInit,
  options: XmlRpcClientOptions,
])[] = [
  ["a 302", { status: 302, headers: { location: "/x" } }, {}],
  ["a 307 that is followed", { status: 307, headers: { location: "/x" } }, {}],
  [
    "a 307 too many",
    { status: 307, headers: { location: "/x" } },
    { maxRedirects: 0 },
  ],
  ["a redirect to nowhere", { status: 307 }, {}],
  [
    "a redirect that is not as safe",
    { status: 307, headers: { location: "ftp://a/" } },
    {},
  ],
  ["a web page", { status: 404, headers: { "content-type": HTML } }, {}],
  ["no XML", { headers: XML }, {}],
];

for (const [what, init, options] of UNREAD) {
  Deno.test(`call() reads or cancels the body of ${what}`, async () => {
    const body = new TrackedBody(["moved"]);
    const { client } = clientWith(
      (_request, index) =>
        index === 0 ? new Response(body.stream, init) : xml("value"),
      options,
    );

    await client.call("m").catch((error) => assertInstanceOf(error, Error));
    await settle();

    assert(body.isFinished);
  });
}

for (const status of [302, 307]) {
  Deno.test(`call() leaves nothing open after a ${status} over a socket`, async () => {
    await using http = listen(async (request) => {
      await request.body?.cancel();
      return new URL(request.url).pathname === "/"
        ? redirect(status, "/x")
        : xml("value");
    });
    const client = createClient(`http://127.0.0.1:${http.addr.port}/`);

    const outcome = await client.call("m").catch((error) => error.status);

    assertEquals(outcome, status === 307 ? "value" : status);
  });
}

// ---------------------------------------------------------------- sockets

Deno.test("call() reads the compressed answer of a server", async () => {
  const text = "cloud".repeat(10_000);
  let accepted: string | null = null;
  const server = createServer({
    get(): string {
      accepted = this.request.headers.get("accept-encoding");
      return text;
    },
  });
  let encoding: string | null = null;
  await using http = listen(async (request) => {
    const response = await server.fetch(request);
    encoding = response.headers.get("content-encoding");
    return response;
  });
  const client = createClient<typeof server.methods>(
    `http://127.0.0.1:${http.addr.port}/`,
  );

  assertEquals(await client.methods.get(), text);
  assertMatch(String(accepted), /gzip/);
  assertEquals(encoding, "gzip");
});

Deno.test("call() sends a right Content-Length and no chunks", async () => {
  const seen: Record<string, string | null> = {};
  await using http = listen(async (request) => {
    for (const name of ["content-length", "transfer-encoding"]) {
      seen[name] = request.headers.get(name);
    }
    seen["received"] = String((await request.arrayBuffer()).byteLength);
    return xml(1);
  });

  await createClient(`http://127.0.0.1:${http.addr.port}/`)
    .call("m", ["é".repeat(1000)]);

  assertEquals(seen["content-length"], seen["received"]!);
  assertEquals(seen["transfer-encoding"], null);
});

Deno.test("call() shows its credentials to the server over a socket", async () => {
  const server = createServer({
    who(): string | null {
      return this.request.headers.get("authorization");
    },
  });
  await using http = listen(server.fetch);
  const client = createClient<typeof server.methods>(
    `http://josé:s%40e@127.0.0.1:${http.addr.port}/`,
  );

  assertEquals(await client.methods.who(), basic("josé:s@e"));
});

Deno.test("call() makes 50 calls at once over sockets", async () => {
  const server = createServer({ math: { twice: (x: number) => 2 * x } });
  await using http = listen(server.fetch);
  const client = createClient<typeof server.methods>(
    `http://127.0.0.1:${http.addr.port}/`,
  );

  const results = await Promise.all(
    Array.from({ length: 50 }, (_, index) => client.methods.math.twice(index)),
  );

  assertEquals(results, Array.from({ length: 50 }, (_, index) => 2 * index));
});

Deno.test("call() reaches a server in the same process through its fetch", async () => {
  const server = createServer({
    add: (x: number, y: number) => x + y,
    fail(): never {
      throw new XmlRpcFault(7, "no");
    },
  });
  const client = createClient<typeof server.methods>(ADDRESS, {
    fetch: server.fetch,
  });

  assertEquals(await client.methods.add(8, 8), 16);
  const error = await assertRejects(() => client.call("fail"), XmlRpcFault);
  assertEquals(error.code, 7);
});
