// All that our server answers, opened in Chromium as a page: nothing in it ever runs.

import { assertEquals } from "@std/assert";
import { createServer, XmlRpcFault } from "@xmlrpc/xmlrpc/server";
import { route } from "../../examples/paths.ts";
import { createChromiumTest, type Page } from "../support/chromium.ts";
import { serve } from "./_pages.ts";

/** Runs in HTML and in XML, if it is not escaped. */
const SCRIPT =
  `"'--><script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script>`;
const SHEET = `<?xml-stylesheet href="data:text/xsl,${
  encodeURIComponent(SCRIPT)
}"?>`;

const PATHS = [
  `/${SCRIPT}`,
  `/${encodeURIComponent(SCRIPT)}`,
  `/texts/../<svg onload=alert(1)>.svg`,
  `/page.html?q="><img src=x onerror=alert(1)>`,
  `/numbers?q=${encodeURIComponent(SCRIPT)}`,
  `/%0d%0aContent-Type:%20text/html%0d%0a%0d%0a${SCRIPT}`,
  `/?${SCRIPT}#${SCRIPT}`,
];

const server = createServer({
  echo: (value: unknown) => value,
  fail(message: string): never {
    throw new XmlRpcFault(1, message);
  },
  async *items(value: unknown) {
    yield value;
  },
}, { maxBodyBytes: 10_000 });

function cdata(text: string): string {
  return `<![CDATA[${text}]]>`;
}

const XML = { "content-type": "text/xml" };

function post(
  headers: Record<string, string>,
  body: BodyInit,
): Promise<Response> {
  const request = new Request("http://localhost/", {
    method: "POST",
    headers,
    body,
  });
  return server.fetch(request);
}

/** A call, written without our encoder: what that lets through would break the request. */
function call(name: string, value: string): Promise<Response> {
  return post(
    XML,
    `<methodCall><methodName>${name}</methodName><params><param><value>${value}</value></param></params></methodCall>`,
  );
}

/** An answer of a server that runs no calls. */
async function callEnded(): Promise<Response> {
  const ended = createServer({});
  await ended.drain();
  return await ended.fetch(
    new Request("http://localhost/", {
      method: "POST",
      headers: XML,
      body: "<methodCall/>",
    }),
  );
}

/** What a hostile request is answered with, and the status of that. */
const ANSWERS: Readonly<
  Record<string, readonly [status: number, answer: () => Promise<Response>]>
> = {
  "a result": [200, () => call("echo", cdata(SCRIPT))],
  "a result with a style sheet": [200, () => call("echo", cdata(SHEET))],
  "the names of members": [
    200,
    () =>
      call(
        "echo",
        `<struct><member><name>${
          cdata(SCRIPT)
        }</name><value>1</value></member></struct>`,
      ),
  ],
  "items that are streamed": [200, () => call("items", cdata(SCRIPT))],
  "a fault": [200, () => call("fail", cdata(SCRIPT))],
  "the fault of an unknown method": [
    200,
    () =>
      post(
        XML,
        `<methodCall><methodName>&lt;script xmlns="http://www.w3.org/1999/xhtml">alert(1)&lt;/script></methodName></methodCall>`,
      ),
  ],
  "the fault of what is not XML": [200, () => post(XML, SCRIPT)],
  "the fault of another XML": [
    200,
    () =>
      post(XML, `<html xmlns="http://www.w3.org/1999/xhtml">${SCRIPT}</html>`),
  ],
  "a broken body": [
    400,
    () => post({ ...XML, "content-encoding": "gzip" }, SCRIPT),
  ],
  "a body that is too long": [413, () => post(XML, SCRIPT.repeat(1000))],
  "another type": [415, () => post({ "content-type": "text/html" }, SCRIPT)],
  "a type that is none": [415, () => post({ "content-type": SCRIPT }, SCRIPT)],
  "another encoding": [
    415,
    () => post({ ...XML, "content-encoding": SCRIPT }, SCRIPT),
  ],
  "a server that ends": [503, callEnded],
};

const test = await createChromiumTest();

/** Opens a URL; gives what the browser takes the document for. */
async function open(page: Page, url: string): Promise<unknown> {
  await page.goto(url);
  return await page.run("return document.contentType");
}

test("a script that runs in a page is noticed", async (page) => {
  const headers = { "content-type": "text/xml" };
  await using http = serve(() => new Response(`<a>${SCRIPT}</a>`, { headers }));

  await page.goto(`http://127.0.0.1:${http.addr.port}/`);

  assertEquals(page.dialogs, ["1"]);
});

for (
  const [what, fetch] of [
    ["our server", server.fetch],
    ["examples/paths.ts", route],
  ] as const
) {
  test(`no path of ${what} is a page that runs anything`, async (page) => {
    await using http = serve(fetch);
    for (const path of PATHS) {
      const type = await open(
        page,
        `http://127.0.0.1:${http.addr.port}${path}`,
      );

      assertEquals(type, "text/plain", path);
      assertEquals(page.dialogs, [], path);
    }
  });
}

for (const [what, [status, answer]] of Object.entries(ANSWERS)) {
  test(`the answer with ${what} runs nothing`, async (page) => {
    const statuses: number[] = [];
    await using http = serve(async () => {
      const response = await answer();
      statuses.push(response.status);
      return response;
    });

    const type = await open(page, `http://127.0.0.1:${http.addr.port}/`);

    assertEquals(statuses[0], status);
    assertEquals(type, status === 200 ? "text/xml" : "text/plain");
    assertEquals(page.dialogs, []);
  });
}
