// Pages of strangers in Chromium: what they send reaches our server, but calls nothing.

import { assertEquals } from "@std/assert";
import { allowOrigin } from "../../examples/cors.ts";
import { createChromiumTest, type Page } from "../support/chromium.ts";
import { type Attack, ATTACKS, CALL, PRELUDE } from "./_attacks.ts";
import { serve, serveStrangers, Victim } from "./_pages.ts";

/** Where a stranger's page comes from, and by which name it knows the server. */
interface Place {
  readonly name: string;
  readonly host: string;
  readonly path: string;
  readonly target: string;
  /** Whether the browser takes the origin for a secure one. */
  readonly isTrusted: boolean;
}

const OTHER_PORT: Place = {
  name: "another port",
  host: "127.0.0.1",
  path: "/page",
  target: "127.0.0.1",
  isTrusted: true,
};
const OTHER_NAME: Place = {
  ...OTHER_PORT,
  name: "another name",
  host: "localhost",
};
/** To such a target browsers do not say where a request comes from (Sec-Fetch-Site). */
const OTHER_SITE: Place = {
  name: "another site",
  host: "stranger.test",
  path: "/page",
  target: "victim.test",
  isTrusted: false,
};
const SANDBOX: Place = {
  ...OTHER_PORT,
  name: "a sandbox",
  path: "/sandboxed",
  isTrusted: false,
};
const PLACES = [OTHER_PORT, OTHER_NAME, OTHER_SITE, SANDBOX];

const test = await createChromiumTest();

/** Opens a stranger's page. */
async function visit(page: Page, place: Place, port: number): Promise<void> {
  await page.goto(`http://${place.host}:${port}${place.path}`);
}

/** Runs an attack in the page that is open, up to its arrival. */
async function run(
  page: Page,
  { script }: Attack,
  target: string,
  victim: Victim,
): Promise<void> {
  const names = `const [target, xml] = ${JSON.stringify([target, CALL])};`;
  await page.run(`${names} ${PRELUDE} ${script}`);
  await victim.arrived(1);
}

for (const attack of ATTACKS) {
  test(`no page of a stranger calls a method by ${attack.name}`, async (page) => {
    await using strangers = serve(serveStrangers);
    await using victim = new Victim();
    for (const place of PLACES) {
      if (attack.needsTrust && !place.isTrusted) continue;
      await visit(page, place, strangers.addr.port);
      const target = `http://${place.target}:${victim.port}/RPC2`;
      await run(page, attack, target, victim);

      assertEquals(victim.calls, 0, place.name);
      assertEquals(victim.arrivals, [attack.arrives], place.name);
      victim.forget();
    }
  });
}

// ---------------------------------------------------------------- pages of friends

const BY_CLIENT = `
  const { createClient } = await import("/client.ts");
  return await createClient(target).call("transfer").catch(({ name }) => name);
`;
const BY_FETCH = `
  const init = { method: "POST", headers: { "content-type": "text/xml" }, body: xml };
  return await fetch(target, init).then(({ status }) => status, ({ name }) => name);
`;

/** Calls in the page that is open; gives the result, or the name of the error. */
function call(page: Page, script: string, target: string): Promise<unknown> {
  const names = `const [target, xml] = ${JSON.stringify([target, CALL])};`;
  return page.run(names + script);
}

test("a page of the same origin calls a method", async (page) => {
  await using victim = new Victim();
  await page.goto(`http://127.0.0.1:${victim.port}/`);

  assertEquals(await call(page, BY_CLIENT, "/RPC2"), 1);
  assertEquals(await call(page, BY_FETCH, "/RPC2"), 200);

  assertEquals(victim.calls, 2);
});

test("with examples/cors.ts a page of the origin it names calls a method and reads the result", async (page) => {
  await using strangers = serve(serveStrangers);
  const { port } = strangers.addr;
  await using victim = new Victim((fetch) =>
    allowOrigin(
      `http://localhost:${port}`,
      async (request) => await fetch(request),
    )
  );
  await visit(page, OTHER_NAME, port);

  const result = await call(
    page,
    BY_CLIENT,
    `http://127.0.0.1:${victim.port}/RPC2`,
  );

  assertEquals(result, 1);
  assertEquals(victim.arrivals, ["OPTIONS - 204", "POST text/xml 200"]);
});

for (const place of [OTHER_PORT, OTHER_SITE, SANDBOX]) {
  test(`with examples/cors.ts a page of ${place.name} calls nothing`, async (page) => {
    await using strangers = serve(serveStrangers);
    const { port } = strangers.addr;
    await using victim = new Victim((fetch) =>
      allowOrigin(
        `http://localhost:${port}`,
        async (request) => await fetch(request),
      )
    );
    await visit(page, place, port);
    const target = `http://${place.target}:${victim.port}/RPC2`;

    assertEquals(await call(page, BY_FETCH, target), "TypeError");

    assertEquals(victim.calls, 0);
    assertEquals(victim.arrivals, ["OPTIONS - 403"]);
  });
}

// ---------------------------------------------------------------- rebound names

// A stranger's name that is made to point to our machine once its page is open: to the
// browser, page and server are of one origin. A server knows no name of its own.
test("a page whose name has been made to point to the server calls a method", async (page) => {
  await using victim = new Victim();
  await page.goto(`http://stranger.test:${victim.port}/`);

  assertEquals(await call(page, BY_FETCH, "/RPC2"), 200);

  assertEquals(victim.calls, 1);
});

test("with examples/cors.ts a page whose name has been made to point to the server calls nothing", async (page) => {
  await using victim = new Victim((fetch) =>
    allowOrigin(
      "http://localhost:3000",
      async (request) => await fetch(request),
    )
  );
  await page.goto(`http://stranger.test:${victim.port}/`);

  assertEquals(await call(page, BY_FETCH, "/RPC2"), 403);

  assertEquals(victim.calls, 0);
});
