// The examples of ways to serve, as their users run them: as programs.

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { createClient } from "../../client.ts";
import type { EdgeMethods } from "../../examples/edge.ts";
import { allowOrigin } from "../../examples/cors.ts";
import { route } from "../../examples/paths.ts";
import { callTrusting } from "../../examples/tls_server.ts";
import { Program, run } from "../support/program.ts";

const DENO = Deno.execPath();
const ANYWHERE = ["--host", "127.0.0.1", "--port", "0"];

function pathOf(example: string): string {
  return new URL(`../../examples/${example}`, import.meta.url).pathname;
}

function start(example: string, ...flags: string[]): Program {
  return new Program(DENO, ["run", "-A", pathOf(example), ...flags]);
}

/** A folder that is gone after the test. */
async function makeFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.makeTempDir({ prefix: "xmlrpc-" });
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

// ---------------------------------------------------------------- threads

Deno.test("threaded_client.ts prints the tutorial's lines and how long calls to threaded_server.ts have taken", async () => {
  const flags = ["--host", "127.0.0.1", "--port"];
  await using server = start("threaded_server.ts", ...ANYWHERE);
  const [, port] = await server.waitFor(/127\.0\.0\.1:(\d+)/);
  await server.waitFor(/Call it: /);
  assertMatch(
    await run(DENO, "run", "-A", pathOf("threaded_client.ts"), ...flags, port!),
    /^get string:cloud\n16\npicture of 480015 bytes: \d+ ms\npicture of 480015 bytes: \d+ ms\nhash 04614db4: \d+ ms\nhash [0-9a-f]{8}: \d+ ms\n\d+ calls of add meanwhile: .* ms the slowest\n$/,
  );
});

// ---------------------------------------------------------------- deno serve

/** Runs `deno serve`, which says on standard error where it listens. */
async function withEdge(
  flags: string,
  use: (url: string) => Promise<void>,
): Promise<void> {
  const command = `exec "$0" serve ${flags} "$1" 2>&1`;
  await using server = new Program("sh", [
    ...["-c", command, DENO, pathOf("edge.ts")],
  ]);
  const [url] = await server.waitFor(/http:\/\/127\.0\.0\.1:\d+\//);
  await use(url);
}

for (const flags of ["", "--parallel"]) {
  Deno.test(`edge.ts is served by deno serve ${flags}`.trim(), async () => {
    await withEdge(`--host 127.0.0.1 --port 0 ${flags}`, async (url) => {
      const { methods } = createClient<EdgeMethods>(url);
      assertEquals(await methods.get_string("cloud"), "get string:cloud");
      const numbers = Array.from({ length: 50 }, (_, index) => index);
      assertEquals(
        await Promise.all(numbers.map((x) => methods.add(x, 1))),
        numbers.map((x) => x + 1),
      );
    });
  });
}

// ---------------------------------------------------------------- TLS

/** An authority, and a certificate of it for localhost: the paths of three files. */
async function makeCertificate(
  folder: string,
): Promise<Record<"authority" | "cert" | "key", string>> {
  const [authority, cert, key] = ["ca.crt", "tls.crt", "tls.key"].map((name) =>
    `${folder}/${name}`
  ) as [string, string, string];
  const script = `cd "$0"
    echo "subjectAltName=DNS:localhost,IP:127.0.0.1" > tls.ext
    openssl req -x509 -newkey rsa:2048 -nodes -subj "/CN=Try" -keyout ca.key -out ca.crt &&
    openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" -keyout tls.key -out tls.csr &&
    openssl x509 -req -in tls.csr -CA ca.crt -CAkey ca.key -extfile tls.ext -out tls.crt`;
  await run("sh", "-c", script, folder);
  return { authority, cert, key };
}

Deno.test("tls_server.ts is called over TLS only by clients that trust its authority", async () => {
  await using folder = await makeFolder();
  const { authority, cert, key } = await makeCertificate(folder.path);
  const flags = ["--cert", cert, "--key", key];
  await using server = start("tls_server.ts", ...flags, ...ANYWHERE);
  const [url] = await server.waitFor(/https:\/\/127\.0\.0\.1:\d+\//);
  assertEquals(
    await callTrusting(await Deno.readTextFile(authority), url),
    "get string:cloud",
  );
  await assertRejects(
    () => createClient<EdgeMethods>(url).methods.get_string("cloud"),
    TypeError,
  );
});

// ---------------------------------------------------------------- unix sockets

Deno.test("unix_client.ts calls unix_server.ts, and again after the server was killed", async () => {
  await using folder = await makeFolder();
  const flags = ["--path", `${folder.path}/x.sock`];
  // The second finds the socket that the first has left.
  for (let round = 1; round <= 2; round++) {
    await using server = start("unix_server.ts", ...flags);
    await server.waitFor(/Call it: /);
    const client = ["run", "-A", pathOf("unix_client.ts"), ...flags];
    assertEquals(await run(DENO, ...client), "get string:cloud\n");
  }
});

/** A server at a socket, which prints the start of the request. */
const LISTEN = `const [path] = Deno.args;
const listener = Deno.listen({ transport: "unix", path });
console.log("listens");
const connection = await listener.accept();
const start = new Uint8Array(15);
await connection.read(start);
console.log(new TextDecoder().decode(start));
connection.close();`;

Deno.test("unix_client.ts sends only the path to a socket, as supervisord requires", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/x.sock`;
  await using listener = new Program(DENO, ["eval", LISTEN, path]);
  await listener.waitFor(/^listens\n/);
  await new Deno.Command(DENO, {
    args: ["run", "-A", pathOf("unix_client.ts"), "--path", path],
    stderr: "null",
  }).output();
  await listener.waitFor(/\nPOST \/RPC2 HTTP\n/);
  await listener.ended();
});

Deno.test("unix_server.ts does not replace the socket of a running server", async () => {
  await using folder = await makeFolder();
  const flags = ["--path", `${folder.path}/x.sock`];
  await using server = start("unix_server.ts", ...flags);
  await server.waitFor(/Call it: /);
  const { code, stderr } = await new Deno.Command(DENO, {
    args: ["run", "-A", pathOf("unix_server.ts"), ...flags],
  }).output();
  assertEquals(code, 1);
  assertMatch(new TextDecoder().decode(stderr), /listens at .* already/);
});

// ---------------------------------------------------------------- routes

Deno.test("paths.ts has two servers and another route on one port", async () => {
  await using server = start("paths.ts", ...ANYWHERE);
  const [, url] = await server.waitFor(/Call it: curl (\S+)/);
  const texts = createClient(`${url}texts`);
  const numbers = createClient(`${url}numbers`);
  assertEquals(await texts.call("get_string", ["cloud"]), "get string:cloud");
  assertEquals(await numbers.call("add", [8, 8]), 16);
  await assertRejects(() => texts.call("add", [8, 8]), Error, "No method");
  const page = await fetch(url!);
  assertEquals(await page.text(), "Servers: /texts /numbers\n");
});

Deno.test("paths.ts answers other paths with 404", async () => {
  const response = await route(new Request("http://localhost/nowhere"));
  assertEquals(response.status, 404);
});

Deno.test("servers exit with 0 if they are stopped while idle", async () => {
  const examples = ["server.ts", "threaded_server.ts", "paths.ts", "cors.ts"];
  for (const example of examples) {
    await using server = start(example, ...ANYWHERE);
    await server.waitFor(/http:\/\/127\.0\.0\.1:\d+\//);
    server.stop();
    assertEquals(await server.ended(), 0, example);
  }
});

// ---------------------------------------------------------------- browsers

/** A call as a page of some origin makes it. */
function callFrom(origin: string | undefined, method = "POST"): Request {
  return new Request("http://localhost/", {
    method,
    headers: {
      "content-type": "text/xml",
      ...(origin === undefined ? {} : { origin }),
    },
    ...(method === "POST"
      ? {
        body:
          "<methodCall><methodName>system.listMethods</methodName></methodCall>",
      }
      : {}),
  });
}

Deno.test("cors.ts lets pages of its origin in, and those of no other", async () => {
  const origin = ["--origin", "https://app.example"];
  await using server = start("cors.ts", ...origin, ...ANYWHERE);
  const [url] = await server.waitFor(/http:\/\/127\.0\.0\.1:\d+\//);
  const send = async (origin: string | undefined, method?: string) => {
    const response = await fetch(new Request(url, callFrom(origin, method)));
    await response.body?.cancel();
    return response;
  };

  const preflight = await send("https://app.example", "OPTIONS");
  assertEquals(preflight.status, 204);
  const { headers } = preflight;
  assertEquals(
    headers.get("access-control-allow-origin"),
    "https://app.example",
  );
  assertMatch(headers.get("access-control-allow-headers")!, /content-type/);
  const call = await send("https://app.example");
  assertEquals(call.status, 200);
  assertEquals(
    call.headers.get("access-control-allow-origin"),
    "https://app.example",
  );
  assertMatch(call.headers.get("vary")!, /origin/);
  for (const method of ["OPTIONS", "POST"]) {
    const { status, headers } = await send("https://evil.example", method);
    assertEquals([status, headers.get("access-control-allow-origin")], [
      403,
      null,
    ]);
  }
  assertEquals((await send(undefined)).status, 200);
});

Deno.test("allowOrigin() does not call the server for pages of another origin", async () => {
  let isAsked = false;
  const handle = allowOrigin("https://app.example", () => {
    isAsked = true;
    return Promise.resolve(new Response());
  });
  await handle(callFrom("https://app.example.evil.example"));
  await handle(callFrom("null"));
  assert(!isAsked);
  await handle(callFrom("https://app.example"));
  assert(isAsked);
});
