import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { cli, runWithServer, success } from "../tests/support/cli.ts";

Deno.test("call prints the result of a method", async () => {
  assertEquals(
    await runWithServer(["call", "URL", "add", "8", "8"]),
    success("16\n"),
  );
});

Deno.test("call converts arguments according to the signature", async () => {
  assertEquals(
    await runWithServer(["call", "URL", "text", "5"]),
    success("5\n"),
  );
  assertEquals(
    await runWithServer(["call", "URL", "divide", "1", "4"]),
    success("0.25\n"),
  );
});

for (
  const [word, shown] of [
    ["5", "5"],
    ["-5", "-5"],
    ["5000000000", "5000000000n"],
    ["2.5", "2.5"],
    ["1e3", "1000"],
    ["true", "true"],
    ["nil", "null"],
    ["cloud", "cloud"],
    ["", ""],
    ["string:5", "5"],
    ["i8:5", "5n"],
    ["boolean:1", "true"],
    ["2026-11-25T12:30:00+02:00", "2026-11-25T10:30:00.000Z"],
    ["[1, [2]]", "[1, [2]]"],
    ['{"a b": 5000000000}', '{ "a b": 5000000000n }'],
    ["base64:AQID", "<3 bytes>"],
    ["http://x/", "http://x/"],
  ] as const
) {
  Deno.test(`call guesses ${word === "" ? "no text" : word}`, async () => {
    const { out } = await runWithServer(["call", "URL", "echo", "--", word]);
    assertEquals(out, `${shown}\n`);
  });
}

Deno.test("call names an argument that is not of its type, and sends nothing", async () => {
  const { code, err } = await runWithServer(["call", "URL", "add", "x", "1"]);
  assertEquals([code, err], [2, '"x" is not an int\nSee --help\n']);
});

Deno.test("call uses the first signature that fits the arguments", async () => {
  assertEquals(
    await runWithServer(["call", "URL", "pair", "5"]),
    success("5\n"),
  );
  assertEquals(
    await runWithServer(["call", "URL", "pair", "a"]),
    success("a\n"),
  );
});

Deno.test("call leaves out optional params", async () => {
  const items = '[{"sku": "a", "price": 3}]';
  assertEquals(
    await runWithServer(["call", "URL", "orders.add", items]),
    success("{ id: 0n, total: 3 }\n"),
  );
});

Deno.test("call with --json reads and prints JSON", async () => {
  const { out } = await runWithServer([
    "call",
    "URL",
    "--json",
    "echo",
    '{"a": [1, "x", null], "b": 5000000000}',
  ]);
  assertEquals(JSON.parse(out), { a: [1, "x", null], b: 5000000000 });
});

Deno.test("call sends a file, or reports that it cannot read it", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, new Uint8Array(100_000));
    assertEquals(
      await runWithServer(["call", "URL", "size", `@${path}`]),
      success("100000\n"),
    );
  } finally {
    await Deno.remove(path);
  }
  const { code, err } = await runWithServer([
    "call",
    "URL",
    "size",
    `@${path}`,
  ]);
  assertEquals(code, 2);
  assertStringIncludes(err, `Cannot read ${path}`);
});

Deno.test("call stores bytes with --output", async () => {
  const path = await Deno.makeTempFile();
  try {
    const { code } = await runWithServer(["call", "URL", "bytes", "-o", path]);
    assertEquals(code, 0);
    assertEquals(await Deno.readFile(path), new Uint8Array([1, 2, 3]));
  } finally {
    await Deno.remove(path);
  }
  const { out } = await runWithServer(["call", "URL", "bytes", "-o", "-"]);
  assertEquals(out, "\x01\x02\x03");
});

Deno.test("call exits with 1 for a fault, and escapes control characters", async () => {
  assertEquals(await runWithServer(["call", "URL", "divide", "1", "0"]), {
    code: 1,
    out: "",
    err: "Fault 1: Division\\u202e by zero\n",
  });
});

Deno.test("call prints lines, tabs and joined emoji as they are", async () => {
  const text = "a\n\tb \u{1f469}\u200d\u{1f680}";
  assertEquals(
    await runWithServer(["call", "URL", "text", text]),
    success(`${text}\n`),
  );
});

Deno.test("call explains how to get bytes that it does not print", async () => {
  assertEquals(await runWithServer(["call", "URL", "bytes"]), {
    code: 0,
    out: "<3 bytes>\n",
    err: "-o FILE stores them, --json shows them in base64\n",
  });
  assertEquals(
    await runWithServer(["call", "URL", "bytes", "--json"]),
    success('"AQID"\n'),
  );
});

Deno.test("call exits with 3 if there is no server", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const { code, err } = await cli(["call", `127.0.0.1:${port}`, "add"]);
  assertEquals(code, 3);
  assertMatch(err, /refused/i);
});

Deno.test("call exits with 3 for a web page", async () => {
  await using http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("<html>", { headers: { "content-type": "text/html" } }),
  );
  const url = `http://127.0.0.1:${http.addr.port}/`;
  const { code, err } = await cli(["call", url, "--guess", "add"]);
  assertEquals(code, 3);
  assertStringIncludes(err, "a web page");
});

Deno.test("call sends the credentials of the environment", async () => {
  assertEquals(
    await runWithServer(["call", "URL", "who"], {
      env: { XMLRPC_USER: "ada", XMLRPC_PASSWORD: "é" },
    }),
    success("Basic YWRhOsOp\n"),
  );
  assertEquals(
    await runWithServer(["call", "URL", "who"], { env: { XMLRPC_TOKEN: "t" } }),
    success("Bearer t\n"),
  );
});

Deno.test("call with --verbose shows request and response, without secrets", async () => {
  const { out, err } = await runWithServer(
    ["call", "URL", "-v", "text", "hi"],
    {
      env: { XMLRPC_TOKEN: "secret" },
    },
  );
  assertEquals(out, "hi\n");
  assertStringIncludes(err, "<methodName>text</methodName>");
  assertStringIncludes(err, "authorization: …");
  assertStringIncludes(err, "< 200 OK");
  assertEquals(err.includes("secret"), false);
});

Deno.test("call exits with 130 when it is stopped", async () => {
  const { code } = await cli(["call", "127.0.0.1:1", "add"], {
    signal: AbortSignal.abort(),
  });
  assertEquals(code, 130);
});
