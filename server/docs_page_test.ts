import { assert, assertEquals } from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import { createClient } from "../client.ts";
import { DOCS_PAGE, DOCS_POLICY } from "../page/generated.ts";
import { buildPage } from "../page/build.ts";
import { createServer, type XmlRpcServerOptions } from "../server.ts";

const ACCEPT = "text/html,application/xhtml+xml,*/*;q=0.8";

async function get(
  options: XmlRpcServerOptions,
  accept: string | undefined,
  method = "GET",
): Promise<Response> {
  const server = createServer(
    { add: (a: number, b: number) => a + b },
    options,
  );
  const headers = accept === undefined ? {} : { accept };
  return await server.fetch(
    new Request("http://localhost/RPC2", { method, headers }),
  );
}

Deno.test("a server shows browsers no page by default", async () => {
  const response = await get({}, ACCEPT);
  assertEquals(response.status, 405);
  assertEquals(response.headers.get("allow"), "POST");
  assertEquals(
    response.headers.get("content-type"),
    "text/plain; charset=utf-8",
  );
  await response.text();
});

Deno.test("a server with docs shows browsers a page", async () => {
  const response = await get({ docs: true }, ACCEPT);
  assertEquals(response.status, 200);
  assertEquals(
    response.headers.get("content-type"),
    "text/html; charset=utf-8",
  );
  assertEquals(await response.text(), DOCS_PAGE);
});

Deno.test("a server with docs answers HEAD without the page", async () => {
  const response = await get({ docs: true }, ACCEPT, "HEAD");
  assertEquals(response.status, 200);
  assertEquals(await response.text(), "");
});

for (const accept of [undefined, "*/*", "application/json"]) {
  Deno.test(`a server with docs shows no page to who accepts ${accept}`, async () => {
    const response = await get({ docs: true }, accept);
    assertEquals(response.status, 405);
    assertEquals(response.headers.get("allow"), "GET, HEAD, POST");
    await response.text();
  });
}

Deno.test("a server with docs answers calls as ever", async () => {
  const server = createServer({ add: (a: number, b: number) => a + b }, {
    docs: true,
  });
  const client = createClient<typeof server.methods>("http://localhost/", {
    fetch: server.fetch,
  });
  assertEquals(await client.methods.add(8, 8), 16);
});

Deno.test("the page allows its own script and style, and nothing else", async () => {
  const response = await get({ docs: true }, ACCEPT);
  const policy = response.headers.get("content-security-policy");
  assertEquals(policy, DOCS_POLICY);
  await response.text();
  const hashes = await Promise.all(["script", "style"].map(async (tag) => {
    const parts = DOCS_PAGE.split(`<${tag}>`);
    assertEquals(parts.length, 2);
    const text = parts[1]!.slice(0, parts[1]!.indexOf(`</${tag}>`));
    const digest = await crypto.subtle.digest(
      "SHA-256",
      new TextEncoder().encode(text),
    );
    return `${tag}-src 'sha256-${encodeBase64(digest)}'`;
  }));
  assertEquals(DOCS_POLICY.split("; "), [
    "default-src 'none'",
    ...hashes,
    "connect-src 'self'",
    "img-src blob: data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]);
});

Deno.test("the page says itself what a browser may not guess", async () => {
  const response = await get({ docs: true }, ACCEPT);
  await response.text();
  assertEquals(response.headers.get("x-content-type-options"), "nosniff");
  assertEquals(response.headers.get("referrer-policy"), "no-referrer");
});

Deno.test("the page loads nothing from elsewhere, and writes no markup", () => {
  assertEquals(DOCS_PAGE.match(/(?:src|href)="(?!#|data:,")[^"]*"/g), null);
  assertEquals(
    DOCS_PAGE.match(
      /innerHTML|outerHTML|insertAdjacent|document\.write|eval\(/g,
    ),
    null,
  );
});

Deno.test("page/generated.ts is what page/build.ts makes", async () => {
  const source = await Deno.readTextFile(
    new URL("../page/generated.ts", import.meta.url),
  );
  assert(
    source === await buildPage(),
    "Run: deno run -A page/build.ts --write",
  );
});

Deno.test("the script of the page keeps to its types", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const config = `${folder}/deno.json`;
    await Deno.writeTextFile(
      config,
      JSON.stringify({
        compilerOptions: {
          checkJs: true,
          lib: ["dom", "dom.iterable", "esnext"],
        },
      }),
    );
    const script = await Deno.readTextFile(
      new URL("../page/page.js", import.meta.url),
    );
    // With a mistake at its end, so that the check is known to look.
    const path = `${folder}/page.js`;
    await Deno.writeTextFile(path, `${script}\nbyId(5);\n`);
    const { stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--config", config, path],
      env: { NO_COLOR: "1" },
    }).output();
    const found = new TextDecoder().decode(stderr).match(/TS\d+.*/g);
    assertEquals(found, [
      "TS2345 [ERROR]: Argument of type 'number' is not assignable to parameter of type 'string'.",
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
