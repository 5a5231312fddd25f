// The examples as their users run them: as programs.

import { assertEquals, assertMatch } from "@std/assert";

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function example(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Deno.Command {
  const file = new URL(`examples/${name}`, import.meta.url).pathname;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", file, ...args],
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

async function run(
  name: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const { code, stdout, stderr } = await example(name, args, env).output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

/** Runs a server on a free port while `use` is told of its first lines and port. */
async function serving(
  name: string,
  use: (lines: string, port: string) => Promise<void>,
): Promise<void> {
  const process = example(name, ["--host", "127.0.0.1", "--port", "0"]).spawn();
  const reader = process.stdout.pipeThrough(new TextDecoderStream())
    .getReader();
  try {
    let lines = "";
    while (!/Call it: .*\n/.test(lines)) {
      const { done, value } = await reader.read();
      if (done) throw new Error(`${name} has ended after: ${lines}`);
      lines += value;
    }
    await use(lines, /:(\d+)\//.exec(lines)![1]!);
  } finally {
    await reader.cancel();
    process.kill("SIGKILL");
    await process.stderr.cancel();
    await process.status;
  }
}

Deno.test("server.ts says that it listens and how to call it, and client.ts prints the tutorial's lines", async () => {
  await serving("server.ts", async (lines, port) => {
    assertMatch(lines, /^Listening for Client\nCall it: python3 -c .*\n$/);
    const { code, stdout, stderr } = await run("client.ts", [
      ...["--host", "127.0.0.1", "--port", port],
    ]);
    assertEquals([code, stdout, stderr], [0, "get string:cloud\n16\n", ""]);
  });
});

Deno.test("file_client.ts prints the same SHA-256 before and after file_server.ts", async () => {
  await serving("file_server.ts", async (_lines, port) => {
    // By environment, as an alternative to flags.
    const env = { HOST: "127.0.0.1", PORT: port };
    const { code, stdout } = await run("file_client.ts", [], env);
    assertEquals(code, 0);
    const hashes = Array.from(
      stdout.matchAll(/SHA-256 ([0-9a-f]{64})\n/g),
      ([, hash]) => hash,
    );
    const picture = await Deno.readFile(
      new URL("examples/picture.png", import.meta.url),
    );
    const expected = new Uint8Array(
      await crypto.subtle.digest("SHA-256", picture),
    ).toHex();
    assertEquals(hashes, [expected, expected]);
  });
});

Deno.test("demo.ts shows servers and clients in one process", async () => {
  const { code, stdout, stderr } = await run("demo.ts");
  assertEquals([code, stderr], [0, ""]);
  assertMatch(
    stdout,
    /get string:cloud\n16\n[^]*uploaded .* SHA-256 ([0-9a-f]{64})\ndownloaded .* SHA-256 \1\n$/,
  );
});

Deno.test("server.ts says in one line that its port is in use", async () => {
  await serving("server.ts", async (_lines, port) => {
    const { code, stdout, stderr } = await run("server.ts", [
      ...["--host", "127.0.0.1", "--port", port],
    ]);
    assertEquals([code, stdout], [1, ""]);
    assertEquals(
      stderr,
      `Port ${port} is in use: stop the program that listens there, or choose another port with --port\n`,
    );
  });
});

Deno.test("server.ts says in one line what is wrong with a flag", async () => {
  assertEquals(await run("server.ts", ["--port", "x"]), {
    code: 1,
    stdout: "",
    stderr: "The port must be a number from 0 to 65535: x\n",
  });
  assertMatch(
    (await run("server.ts", ["--prot", "1"])).stderr,
    /^Unknown option '--prot'.*\nFlags: .*\n$/,
  );
});

Deno.test("client.ts says in one line that no server is there", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = String(listener.addr.port);
  listener.close();
  const { code, stderr } = await run("client.ts", [
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
