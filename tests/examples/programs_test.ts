// The examples of the tutorial and the validator, as programs.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { createClient } from "../../client.ts";
import {
  server as validatorServer,
  type validatorMethods,
} from "../../examples/validator.ts";
import { runExample, withExample } from "../support/examples.ts";

Deno.test("server.ts prints how to call it, and client.ts prints the tutorial's lines", async () => {
  await withExample("server.ts", async (lines, port) => {
    assertMatch(lines, /^Listening for Client\nCall it: python3 -c .*\n$/);
    const { code, stdout, stderr } = await runExample("client.ts", [
      ...["--host", "127.0.0.1", "--port", port],
    ]);
    assertEquals([code, stdout, stderr], [0, "get string:cloud\n16\n", ""]);
  });
});

Deno.test("file_client.ts prints the same SHA-256 before and after file_server.ts", async () => {
  await withExample("file_server.ts", async (_lines, port) => {
    // By environment, as an alternative to flags.
    const env = { HOST: "127.0.0.1", PORT: port };
    const { code, stdout } = await runExample("file_client.ts", [], env);
    assertEquals(code, 0);
    const hashes = Array.from(
      stdout.matchAll(/SHA-256 ([0-9a-f]{64})\n/g),
      ([, hash]) => hash,
    );
    const picture = await Deno.readFile(
      new URL("../../examples/picture.png", import.meta.url),
    );
    const expected = new Uint8Array(
      await crypto.subtle.digest("SHA-256", picture),
    ).toHex();
    assertEquals(hashes, [expected, expected]);
  });
});

Deno.test("demo.ts runs servers and clients in one process", async () => {
  const { code, stdout, stderr } = await runExample("demo.ts");
  assertEquals([code, stderr], [0, ""]);
  assertMatch(
    stdout,
    /get string:cloud\n16\n[^]*uploaded .* SHA-256 ([0-9a-f]{64})\ndownloaded .* SHA-256 \1\n$/,
  );
});

Deno.test("server.ts prints one line if its port is in use", async () => {
  await withExample("server.ts", async (_lines, port) => {
    const { code, stdout, stderr } = await runExample("server.ts", [
      ...["--host", "127.0.0.1", "--port", port],
    ]);
    assertEquals([code, stdout], [1, ""]);
    assertEquals(
      stderr,
      `Port ${port} is in use: stop the program that listens there, or choose another port with --port\n`,
    );
  });
});

Deno.test("server.ts prints one line if a flag is wrong", async () => {
  assertEquals(await runExample("server.ts", ["--port", "x"]), {
    code: 1,
    stdout: "",
    stderr: "The port must be a number from 0 to 65535: x\n",
  });
  assertMatch(
    (await runExample("server.ts", ["--prot", "1"])).stderr,
    /^Unknown option '--prot'.* Flags: .*\n$/,
  );
});

Deno.test("threaded_client.ts prints one line if a server has no heavy methods", async () => {
  await withExample("server.ts", async (_lines, port) => {
    const { code, stdout, stderr } = await runExample("threaded_client.ts", [
      ...["--host", "127.0.0.1", "--port", port],
    ]);
    assertEquals([code, stdout], [1, "get string:cloud\n16\n"]);
    assertMatch(stderr, /^Cannot call http:.*: No method "heavy\..*"\n$/);
  });
});

Deno.test("a recipe prints one line if there is no server", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${listener.addr.port}/rpc`;
  listener.close();

  const { code, stderr } = await runExample("recipes/aria2.ts", [
    url,
    "secret",
    url,
  ]);

  assertEquals(code, 1);
  assertMatch(stderr, /^.*refused.*\n$/i);
});

Deno.test("client.ts prints one line if there is no server", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = String(listener.addr.port);
  listener.close();
  const { code, stderr } = await runExample("client.ts", [
    "--host",
    "127.0.0.1",
    "--port",
    port,
  ]);
  assertEquals(code, 1);
  assertMatch(
    stderr,
    /^Cannot call http:\/\/127\.0\.0\.1:\d+\/: .*refused.*\n$/i,
  );
});

Deno.test("validator.ts computes the results of validator1 and returns each type", async () => {
  await withExample("validator.ts", async (_lines, port) => {
    const { call } = createClient<typeof validatorMethods>(
      `http://127.0.0.1:${port}/`,
    );
    assertEquals(await call("validator1.countTheEntities", ["<<&>'\""]), {
      ctLeftAngleBrackets: 2,
      ctRightAngleBrackets: 1,
      ctAmpersands: 1,
      ctApostrophes: 1,
      ctQuotes: 1,
    });
    const april1 = { moe: 1, larry: 2, curly: 4 };
    const calendar = { "2000": { "04": { "01": april1 } } };
    assertEquals(await call("validator1.nestedStructTest", [calendar]), 7);
    const date = new Date("1998-07-17T14:08:55Z");
    assertEquals(await call("interopEchoTests.echoDate", [date]), date);
  });
});

/** The system methods that the test calls. */
interface SystemMethods {
  system: {
    listMethods(): string[];
    methodSignature(name: string): string[][];
  };
}

Deno.test("validator.ts has a signature for each method", async () => {
  const { methods: { system } } = createClient<SystemMethods>(
    "http://localhost/",
    { fetch: validatorServer.fetch },
  );
  const names = await system.listMethods();
  const own = names.filter((name) => !name.startsWith("system."));
  assertEquals(own.length, 8 + 13);
  for (const name of own) {
    const [signature] = await system.methodSignature(name);
    assert(signature!.length > 0, name);
  }
});
