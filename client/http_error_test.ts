import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertNotMatch,
  assertRejects,
} from "@std/assert";
import { STATUS_CODE } from "@std/http/status";
import { XmlRpcHttpError, XmlRpcSyntaxError } from "../core/errors.ts";
import {
  ADDRESS,
  clientWith,
  type ErrorCase,
  HTML,
  responseOf,
  TrackedBody,
  VALUE,
  WARNING,
  xml,
} from "../tests/support/client_calls.ts";

const PAGE = "<!DOCTYPE html><html><body>Hello</body></html>";
const SITE = "check the path: it leads to a web page";
const FAILED = "the server has failed: its log may say why";
const PATHS =
  "check the path: many servers have theirs at /RPC2, /xmlrpc or /xmlrpc.php";

const ERROR_CASES: readonly ErrorCase[] = [
  {
    what: "a web page",
    status: 200,
    statusText: "OK",
    body: PAGE,
    type: HTML,
    message: `answered 200 OK with a web page, not with XML-RPC; ${SITE}`,
  },
  {
    what: "a web page that is called XHTML",
    status: 200,
    body: '<html xmlns="http://www.w3.org/1999/xhtml"/>',
    type: "application/xhtml+xml",
    message: `answered 200 with a web page, not with XML-RPC; ${SITE}`,
  },
  {
    what: "a web page without a Content-Type",
    status: 404,
    body: `\n  ${PAGE.toLowerCase()}`,
    message: `answered 404 with a web page, not with XML-RPC; ${PATHS}`,
  },
  {
    what: "a web page",
    status: 404,
    statusText: "Not Found",
    body: PAGE,
    type: HTML,
    message:
      `answered 404 Not Found with a web page, not with XML-RPC; ${PATHS}`,
  },
  {
    what: "a web page",
    status: 500,
    body: PAGE,
    type: HTML,
    // supervisord's, for the log of a program that is not UTF-8.
    message: `answered 500 with a web page, not with XML-RPC; ${FAILED}`,
  },
  {
    what: "nothing",
    status: 500,
    body: null,
    message: `answered 500 with no body, not with XML-RPC; ${FAILED}`,
  },
  {
    what: "nothing",
    status: 401,
    body: null,
    message:
      "answered 401 with no body, not with XML-RPC; check user name and password",
  },
  {
    what: "a text",
    status: 403,
    body: "no",
    type: "text/plain",
    message:
      'answered 403 with "text/plain", not with XML-RPC; the credentials are missing or not sufficient',
  },
  {
    what: "a text",
    status: 405,
    body: "no",
    type: "text/plain",
    message:
      'answered 405 with "text/plain", not with XML-RPC; check the path: it does not accept POST requests',
  },
  {
    what: "a text",
    status: 413,
    body: "no",
    type: "text/plain",
    message:
      'answered 413 with "text/plain", not with XML-RPC; the call is longer than the server allows',
  },
  {
    what: "JSON",
    status: 429,
    body: "{}",
    type: "application/json",
    message:
      'answered 429 with "application/json", not with XML-RPC; the server limits the rate of calls',
  },
  {
    what: "nothing",
    status: 503,
    body: null,
    message:
      "answered 503 with no body, not with XML-RPC; the server is busy or not available for now",
  },
  {
    what: "JSON",
    status: 200,
    body: '{"jsonrpc":"2.0"}',
    type: "application/json",
    message: 'answered 200 with "application/json", not with XML-RPC',
  },
  {
    what: "bytes without a type",
    status: 418,
    body: "tea",
    message: "answered 418 with no Content-Type, not with XML-RPC",
  },
  {
    // DokuWiki's, to who may not call the method.
    what: "a value",
    status: 401,
    body: VALUE,
    type: "text/xml",
    message:
      "answered 401 with a value; only a fault may come with such a status; check user name and password",
  },
  {
    what: "broken XML",
    status: 500,
    body: "<methodResponse>",
    type: "text/xml",
    message: `answered 500 with "text/xml", not with XML-RPC; ${FAILED}`,
  },
  {
    what: "a PHP warning before the XML",
    status: 200,
    body: WARNING,
    type: HTML,
    message: `answered 200 with a web page, not with XML-RPC; ${SITE}`,
  },
  {
    what: "no content",
    status: 204,
    body: null,
    message: "answered 204 with no body, not with XML-RPC",
  },
  {
    what: "nothing",
    status: 200,
    body: null,
    message: "answered 200 with no body, not with XML-RPC",
  },
  {
    what: "nothing, as text",
    status: 200,
    body: "",
    type: "text/plain",
    message: "answered 200 with no body, not with XML-RPC",
  },
];

for (const wrong of ERROR_CASES) {
  const { what, status, body, type, message } = wrong;
  Deno.test(`call() answered with ${what} (${status}) gives an XmlRpcHttpError`, async () => {
    const { client } = clientWith(() => responseOf(wrong));

    const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

    assertEquals(error.message, `${ADDRESS} ${message}`);
    assertEquals(error.status, status);
    assertEquals(error.url, ADDRESS);
    assertEquals(error.body, body ?? "");
    assertEquals(error.contentType, type ?? "");
    assertEquals(error.headers.get("content-type"), type ?? null);
  });
}

Deno.test("call() keeps the syntax error as the cause of an XmlRpcHttpError", async () => {
  const { client } = clientWith(() => new Response(PAGE, { status: 404 }));

  const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

  assertInstanceOf(error.cause, XmlRpcSyntaxError);
});

Deno.test("call() ignores the value in a response with status 500", async () => {
  const { client } = clientWith(() => xml("value", { status: 500 }));

  const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

  assertEquals(error.status, STATUS_CODE.InternalServerError);
  assertEquals(error.body, VALUE);
  assertMatch(error.message, /^http:\/\/localhost\/RPC2 answered 500/);
});

Deno.test("call() does not call a value with status 500 other than XML-RPC", async () => {
  const { client } = clientWith(() => xml("value", { status: 500 }));

  const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

  assertNotMatch(error.message, /not with XML-RPC/);
});

Deno.test("an XmlRpcHttpError has the first 2 KiB of the body, and the rest is cancelled", async () => {
  const text = "x".repeat(1000);
  const body = new TrackedBody([text, text, text, text], true);
  const { client } = clientWith(() =>
    new Response(body.stream, { status: 500 })
  );

  const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

  assertEquals(error.body, "x".repeat(2048));
  assert(body.isFinished);
});

Deno.test("an XmlRpcHttpError has a body that comes in small pieces", async () => {
  const body = new TrackedBody([..."no XML here"]);
  const { client } = clientWith(() =>
    new Response(body.stream, { status: 500 })
  );

  const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

  assertEquals(error.body, "no XML here");
  assert(body.isFinished);
});
