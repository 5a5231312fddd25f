import { assert, assertEquals } from "@std/assert";
import { STATUS_CODE } from "@std/http/status";
import { encodeCall } from "../codec.ts";
import {
  ADDRESS,
  assertRefused,
  echo,
  outcomeOf,
  post,
  request,
  serverOf,
  tooLong,
  TrackedBody,
  XML,
} from "../tests/support/server_calls.ts";

for (
  const method of ["GET", "HEAD", "PUT", "OPTIONS", "DELETE", "PATCH", "FOO"]
) {
  Deno.test(`fetch() answers ${method} with 405 and Allow`, async () => {
    const response = await assertRefused(
      serverOf({ echo }),
      new Request(ADDRESS, { method, headers: XML }),
      STATUS_CODE.MethodNotAllowed,
      "This is an XML-RPC server: it answers POST requests",
    );

    assertEquals(response.headers.get("allow"), "POST");
  });
}

const WRONG_TYPE = "The Content-Type of an XML-RPC request is text/xml";
const PAGE_TYPE = "A request from a web page needs the Content-Type text/xml";

for (
  const type of [
    "text/xml",
    "application/xml",
    "application/soap+xml",
    "TEXT/XML; CHARSET=UTF-8",
    'text/xml;charset="utf-8"',
    "text/xml ; a=b",
    "Application/XML",
    // What comes of two headers.
    "text/xml, text/xml",
    "text/xml; charset=utf-8, text/xml",
    'application/xml; charset="utf-8", text/xml',
  ]
) {
  Deno.test(`fetch() accepts the Content-Type ${type}`, async () => {
    const fetch = serverOf({ echo });
    const sent = request("echo", ["é"], { "content-type": type });

    assertEquals(await outcomeOf(await fetch(sent)), { value: "é" });
  });
}

for (
  const type of [
    "text/plain",
    "text/plain;charset=UTF-8",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json",
    "text/html",
    "text/xml-external-parsed-entity",
    "text/plain; x=text/xml",
    "xml",
    "+xmlx",
    "text/plain, text/xml",
    "text/plain; x=, text/xml",
    "text/xml, text/plain",
  ]
) {
  Deno.test(`fetch() answers the Content-Type ${type} with 415`, async () => {
    let calls = 0;
    const fetch = serverOf({ count: () => ++calls });
    const sent = request("count", [], { "content-type": type });

    await assertRefused(
      fetch,
      sent,
      STATUS_CODE.UnsupportedMediaType,
      WRONG_TYPE,
    );

    assertEquals(calls, 0);
  });
}

Deno.test("fetch() accepts a request without a Content-Type from a program", async () => {
  const sent = post(encodeCall("echo", [1]), {});
  assertEquals(sent.headers.get("content-type"), null);

  assertEquals(await outcomeOf(await serverOf({ echo })(sent)), { value: 1 });
});

for (
  const header of ["origin", "sec-fetch-site", "Origin", "Sec-Fetch-Site"]
) {
  Deno.test(`fetch() answers a request with ${header} and no Content-Type with 415`, async () => {
    const sent = post(encodeCall("echo", [1]), { [header]: "null" });

    await assertRefused(
      serverOf({ echo }),
      sent,
      STATUS_CODE.UnsupportedMediaType,
      PAGE_TYPE,
    );
  });
}

Deno.test("fetch() accepts text/xml from a page of the same origin", async () => {
  const sent = request("echo", [1], { "sec-fetch-site": "same-origin" });

  assertEquals(await outcomeOf(await serverOf({ echo })(sent)), { value: 1 });
});

Deno.test("fetch() answers a long Content-Length with 413 and reads nothing", async () => {
  const body = new TrackedBody(encodeCall("echo", ["x".repeat(2000)]), 100);
  const sent = post(body.stream, { ...XML, "content-length": "1001" });

  await assertRefused(
    serverOf({ echo }, { maxBodyBytes: 1000 }),
    sent,
    STATUS_CODE.ContentTooLarge,
    tooLong(1000),
  );

  assertEquals(body.pulledBytes, 0);
  assert(body.isCancelled);
});

Deno.test("fetch() has a limit of 16 MiB", async () => {
  const fetch = serverOf({ echo });
  const sent = post(new Uint8Array(1), {
    ...XML,
    "content-length": String(2 ** 24 + 1),
  });

  await assertRefused(
    fetch,
    sent,
    STATUS_CODE.ContentTooLarge,
    tooLong(2 ** 24),
  );
});

for (const encoding of ["br", "zstd", "gzip, gzip", "constructor"]) {
  Deno.test(`fetch() answers the Content-Encoding "${encoding}" with 415`, async () => {
    const response = await assertRefused(
      serverOf({ echo }),
      request("echo", [1], { "content-encoding": encoding }),
      STATUS_CODE.UnsupportedMediaType,
      "The Content-Encoding is neither gzip nor deflate",
    );

    assertEquals(response.headers.get("accept-encoding"), "gzip, deflate");
  });
}

for (
  const [what, method, headers] of [
    ["another HTTP method", "PUT", XML],
    ["another Content-Type", "POST", { "content-type": "text/plain" }],
    ["an unknown Content-Encoding", "POST", {
      ...XML,
      "content-encoding": "br",
    }],
  ] as const
) {
  Deno.test(`fetch() cancels the body of a request with ${what}`, async () => {
    const body = new TrackedBody(encodeCall("echo", [1]), 10);

    const response = await serverOf({ echo })(
      new Request(ADDRESS, { method, headers, body: body.stream }),
    );
    await response.body?.cancel();

    assert(!response.ok);
    assert(body.isCancelled);
    assertEquals(body.pulledBytes, 0);
  });
}
