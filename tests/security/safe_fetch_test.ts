// The recipe in examples/safe_fetch.ts: no stranger has this machine call its neighbours.

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { listen } from "../support/ends.ts";
import { createClient } from "../../client.ts";
import { XmlRpcFault } from "../../core/errors.ts";
import { isPublic } from "../../examples/_public_address.ts";
import server, {
  safeFetch,
  type SafeFetchOptions,
} from "../../examples/safe_fetch.ts";
import {
  answer,
  chunk,
  endlessly,
  RawServer,
  slowly,
} from "../support/raw_server.ts";

const LOCAL = "127.0.0.1";

/** Takes this machine for a public one, and a port for a usual one. */
function trusting(port: number): SafeFetchOptions {
  return {
    isAllowed: (address) => address === LOCAL || isPublic(address),
    resolve: () => Promise.resolve([LOCAL]),
    ports: [80, port],
  };
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

for (
  const address of [
    ..."0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1"
      .split(" "),
    ..."172.31.255.255 192.0.0.8 192.0.2.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1"
      .split(" "),
    ..."224.0.0.1 240.0.0.1 255.255.255.255 :: ::1 ::ffff:8.8.8.8 ::ffff:7f00:1 ::7f00:1"
      .split(" "),
    ..."64:ff9b::7f00:1 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2002:7f00:1:: 3fff::1"
      .split(" "),
    ..."fc00::1 fd12:3456::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1 localhost 127.1 nonsense"
      .split(" "),
    "168.63.129.16",
    "",
  ]
) {
  Deno.test(`isPublic() is false for ${JSON.stringify(address)}`, () => {
    assertEquals(isPublic(address), false);
  });
}

for (
  const address of [
    ..."1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255"
      .split(" "),
    ..."169.253.255.255 172.15.255.255 172.32.0.0 192.167.255.255 223.255.255.255"
      .split(" "),
    ..."2606:4700:4700::1111 2001:4860:4860::8888 2a00:1450:4001::1".split(" "),
  ]
) {
  Deno.test(`isPublic() is true for ${address}`, () => {
    assertEquals(isPublic(address), true);
  });
}

for (
  const url of [
    "file:///etc/passwd",
    "data:,x",
    "javascript:alert(1)",
    "ftp://8.8.8.8/",
    "gopher://8.8.8.8/",
    "blob:http://8.8.8.8/x",
    "http://user@8.8.8.8/",
    "http://:secret@8.8.8.8/",
    "//8.8.8.8/",
    "nonsense",
    "",
  ]
) {
  Deno.test(`safeFetch() refuses ${JSON.stringify(url)}, and resolves no name`, async () => {
    const resolve = () => Promise.reject(new Error("It was resolved"));

    const error = await assertRejects(() => safeFetch(url, { resolve }), Error);

    assert(!error.message.includes("resolved"), error.message);
  });
}

for (
  const url of [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://127.0.0.1./",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[fe80::1]/",
    "http://169.254.169.254/latest/meta-data",
    "http://8.8.8.8:22/",
    "https://8.8.8.8:8443/",
  ]
) {
  Deno.test(`safeFetch() connects nowhere for ${url}`, async () => {
    const error = await assertRejects(() => safeFetch(url), TypeError);

    assertStringIncludes(error.message, "This address may not be called");
  });
}

for (
  const [what, addresses] of [
    ["a private address", ["10.0.0.1"]],
    ["a private address beside a public one", ["8.8.8.8", "10.0.0.1"]],
    ["a mapped address", ["::ffff:10.0.0.1"]],
    ["no address", []],
    ["what is not an address", ["example.com"]],
  ] as const
) {
  Deno.test(`safeFetch() connects nowhere for a name with ${what}`, async () => {
    const resolve = () => Promise.resolve([...addresses]);

    await assertRejects(
      () => safeFetch("http://example.com/", { resolve }),
      TypeError,
      "This address may not be called",
    );
  });
}

Deno.test("safeFetch() resolves a name once, and connects to the address that was checked", async () => {
  await using http = listen(({ headers }) => new Response(headers.get("host")));
  const host = `rebind.example:${http.addr.port}`;
  const answers = [[LOCAL], ["10.0.0.1"], ["10.0.0.1"]];

  const text = await safeFetch(`http://${host}/`, {
    ...trusting(http.addr.port),
    resolve: () => Promise.resolve(answers.shift()!),
  });

  // Nobody else knows the name, which the server still gets to see.
  assertEquals(text, host);
  assertEquals(answers.length, 2);
});

Deno.test("safeFetch() rejects where the program itself may not connect", async () => {
  const error = await assertRejects(
    () =>
      safeFetch("http://a.example/", {
        isAllowed: () => true,
        resolve: () => Promise.resolve(["127.0.0.3"]),
      }),
    Error,
  );

  assertEquals(error.name, "NotCapable");
});

Deno.test("safeFetch() checks the address of each redirect anew", async () => {
  await using http = listen((request) =>
    new URL(request.url).pathname === "/start"
      ? Response.redirect(new URL("/next", request.url), 307)
      : new Response(null, {
        status: 302,
        headers: { location: "http://169.254.169.254/latest" },
      })
  );

  const error = await assertRejects(
    () =>
      safeFetch(
        `http://localhost:${http.addr.port}/start`,
        trusting(http.addr.port),
      ),
    TypeError,
  );

  assertStringIncludes(error.message, "169.254.169.254 is at");
});

for (const location of ["file:///etc/passwd", "data:,x", "http://[::1]/"]) {
  Deno.test(`safeFetch() follows no redirect to ${location}`, async () => {
    await using http = listen(() =>
      new Response(null, { status: 302, headers: { location } })
    );

    await assertRejects(
      () =>
        safeFetch(
          `http://localhost:${http.addr.port}/`,
          trusting(http.addr.port),
        ),
      TypeError,
    );
  });
}

Deno.test("safeFetch() ends after maxRedirects", async () => {
  let requests = 0;
  await using http = listen(({ url }) => {
    requests++;
    return Response.redirect(url, 302);
  });

  await assertRejects(
    () =>
      safeFetch(
        `http://localhost:${http.addr.port}/`,
        trusting(http.addr.port),
      ),
    Error,
    "Too many redirects",
  );

  assertEquals(requests, 4);
});

Deno.test("safeFetch() rejects with a status that is not a redirect", async () => {
  await using http = listen(() => new Response(null, { status: 404 }));

  await assertRejects(
    () =>
      safeFetch(
        `http://localhost:${http.addr.port}/`,
        trusting(http.addr.port),
      ),
    Error,
    "Status 404",
  );
});

Deno.test("safeFetch() reads no more than maxBytes", async () => {
  await using raw = new RawServer(function* () {
    yield answer({ "transfer-encoding": "chunked" });
    yield* endlessly(chunk("x".repeat(65_536)));
  });

  await assertRejects(
    () => safeFetch(raw.url, trusting(portOf(raw.url))),
    RangeError,
    "More than 1048576 bytes",
  );

  assert(raw.sentBytes < 2 ** 24, `${raw.sentBytes} bytes were sent`);
  await raw.hungUp;
});

Deno.test("safeFetch() inflates nothing", async () => {
  const stream = new Blob(["x".repeat(2 ** 22)]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  const bomb = await new Response(stream).bytes();
  const headers = { "content-encoding": "gzip", "content-length": bomb.length };
  await using raw = new RawServer(() => [answer(headers, bomb)]);

  const text = await safeFetch(raw.url, trusting(portOf(raw.url)));

  assert(text.length <= bomb.length, `${text.length} characters`);
});

for (
  const [what, pieces] of [
    ["nothing", () => []],
    [
      "a head that trickles",
      () => slowly("HTTP/1.1 200 OK\r\n".repeat(99), 20),
    ],
    ["half a body", () => [answer({ "content-length": 10 }, "half")]],
  ] as const
) {
  Deno.test(`safeFetch() waits no longer than its timeout for a server that sends ${what}`, async () => {
    await using raw = new RawServer(pieces);

    await assertRejects(
      () =>
        safeFetch(raw.url, {
          ...trusting(portOf(raw.url)),
          timeout: 200,
        }),
      Error,
      "Too slow",
    );

    await raw.hungUp;
  });
}

Deno.test("safeFetch() gives up a name that takes too long", async () => {
  await assertRejects(
    () =>
      safeFetch("http://a.example/", {
        timeout: 50,
        resolve: () => new Promise(() => {}),
      }),
    Error,
    "Too slow",
  );
});

Deno.test("pingback.ping tells its caller nothing of why a page cannot be read", async () => {
  const client = createClient<typeof server.methods>("http://localhost/", {
    fetch: server.fetch,
  });
  await using http = listen(() => new Response("secret"));

  for (
    const source of [
      `http://127.0.0.1:${http.addr.port}/`,
      "http://127.0.0.1:1/",
      "http://10.0.0.1/",
      "file:///etc/passwd",
      "nonsense",
      5,
    ]
  ) {
    const fault = await assertRejects(
      () => client.call("pingback.ping", [source as string, "secret"]),
      XmlRpcFault,
    );
    assertEquals([fault.code, fault.message], [
      16,
      "The source cannot be read",
    ]);
  }
});
