// The examples as their users run them: as programs.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { createClient } from "../../client.ts";
import type { FileMethods } from "../../examples/file_server.ts";
import { createServer, method } from "@xmlrpc/xmlrpc/server";
import { isFileName } from "../../examples/_folder.ts";
import {
  server as validatorServer,
  type validatorMethods,
} from "../../examples/validator.ts";
import { FILE_NAMES, OTHER_NAMES } from "../support/file_names.ts";

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
  const file = new URL(`../../examples/${name}`, import.meta.url).pathname;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", file, ...args],
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

async function ended(
  output: Promise<Deno.CommandOutput>,
): Promise<Ended> {
  const { code, stdout, stderr } = await output;
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

async function run(
  name: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return await ended(example(name, args, env).output());
}

/** Runs a server on a free port while `use` is told of its first lines and port. */
async function serving(
  name: string,
  use: (
    lines: string,
    port: string,
    process: Deno.ChildProcess,
  ) => Promise<void>,
  args: readonly string[] = [],
): Promise<void> {
  const local = ["--host", "127.0.0.1", "--port", "0"];
  const process = example(name, [...local, ...args]).spawn();
  const reader = process.stdout.pipeThrough(new TextDecoderStream())
    .getReader();
  try {
    let lines = "";
    while (!/Call it: .*\n/.test(lines)) {
      const { done, value } = await reader.read();
      if (done) throw new Error(`${name} has ended after: ${lines}`);
      lines += value;
    }
    await use(lines, /:(\d+)\//.exec(lines)![1]!, process);
  } finally {
    await reader.cancel();
    try {
      process.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
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
      new URL("../../examples/picture.png", import.meta.url),
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
    /^Unknown option '--prot'.* Flags: .*\n$/,
  );
});

Deno.test("threaded_client.ts says in one line that a server has no heavy methods, as the tutorial's has none", async () => {
  await serving("server.ts", async (_lines, port) => {
    const { code, stdout, stderr } = await run("threaded_client.ts", [
      ...["--host", "127.0.0.1", "--port", port],
    ]);
    assertEquals([code, stdout], [1, "get string:cloud\n16\n"]);
    assertMatch(stderr, /^Cannot call http:.*: No method "heavy\..*"\n$/);
  });
});

Deno.test("a recipe says in one line that no server is there", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${listener.addr.port}/rpc`;
  listener.close();

  const { code, stderr } = await run("recipes/aria2.ts", [url, "secret", url]);

  assertEquals(code, 1);
  assertMatch(stderr, /^.*refused.*\n$/i);
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

// ---------------------------------------------------------------- files

/** A folder for `use`, with the names in it. */
async function inFolder(
  use: (path: string, names: () => string[]) => Promise<void>,
): Promise<void> {
  const path = await Deno.makeTempDir();
  try {
    await use(
      path,
      () => Array.from(Deno.readDirSync(path), ({ name }) => name).sort(),
    );
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

/** Waits until a folder is as it is to be. */
async function until(path: string, isSo: () => boolean): Promise<void> {
  using watcher = Deno.watchFs(path);
  if (isSo()) return;
  for await (const _ of watcher) if (isSo()) return;
}

/** Waits until a file is being stored in a folder. */
async function untilBegun(path: string, names: () => string[]): Promise<void> {
  await until(path, () => names().some((name) => name.endsWith(".part")));
}

/** Serves methods in this process while `use` runs. */
async function servingMethods(
  methods: Record<string, (...params: never) => unknown>,
  use: (port: string) => Promise<void>,
): Promise<void> {
  await using http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    createServer(methods).fetch,
  );
  await use(String(http.addr.port));
}

const PIECE = new Uint8Array(100_000);

/** More bytes than any buffer takes, and no end of them. */
function endless(): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    pull: (controller) => controller.enqueue(PIECE),
  });
}

function digits(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return crypto.subtle.digest("SHA-256", bytes)
    .then((digest) => new Uint8Array(digest).toHex());
}

Deno.test("file_client.ts puts a file, lists it and gets it back, with the same SHA-256 each time", async () => {
  const bytes = new Uint8Array(1_000_000).map((_, index) => index * index);
  const hash = await digits(bytes);
  await inFolder(async (here, names) => {
    await Deno.writeFile(`${here}/a file.bin`, bytes);
    await inFolder(async (there, stored) => {
      await serving("file_server.ts", async (_lines, port) => {
        const env = { HOST: "127.0.0.1", PORT: port };
        const client = (...args: string[]) => run("file_client.ts", args, env);
        assertEquals(await client("put", `${here}/a file.bin`), {
          code: 0,
          stdout: `uploaded   1000000 bytes  SHA-256 ${hash}\n`,
          stderr: "",
        });
        await client("put", `${here}/a file.bin`, "--name", "Größe.bin");
        const { stdout } = await client("list");
        assertEquals(
          stdout.split("\n").sort(),
          ["", "       1000000  Größe.bin", "       1000000  a file.bin"],
        );
        assertEquals(await client("get", "Größe.bin", `${here}/back`), {
          code: 0,
          stdout: `downloaded 1000000 bytes  SHA-256 ${hash}\n`,
          stderr: "",
        });
      }, ["--folder", there]);
      assertEquals(stored(), ["Größe.bin", "a file.bin"]);
    });
    assertEquals(names(), ["a file.bin", "back"]);
    assertEquals(await digits(await Deno.readFile(`${here}/back`)), hash);
  });
});

Deno.test("file_server.ts gives out nothing from outside its folder, and puts nothing there", async () => {
  await inFolder(async (path, names) => {
    await Deno.writeTextFile(`${path}/secret`, "secret");
    await Deno.mkdir(`${path}/served`);
    await Deno.symlink(`${path}/secret`, `${path}/served/link`);
    await serving("file_server.ts", async (_lines, port) => {
      const env = { HOST: "127.0.0.1", PORT: port };
      const client = (...args: string[]) => run("file_client.ts", args, env);
      for (const name of ["../secret", `${path}/secret`]) {
        const expected = {
          code: 1,
          stdout: "",
          stderr: `Cannot call http://127.0.0.1:${port}/: ` +
            `Not a file name: ${JSON.stringify(name)}\n`,
        };
        assertEquals(await client("get", name, `${path}/got`), expected);
        assertEquals(
          await client("put", `${path}/secret`, "--name", name),
          expected,
        );
      }
      assertMatch(
        (await client("get", "link", `${path}/got`)).stderr,
        /: No file "link"\n$/,
      );
      assertEquals((await client("list")).stdout, "");
    }, ["--folder", `${path}/served`]);
    assertEquals(names(), ["secret", "served"]);
    const served = await Array.fromAsync(Deno.readDir(`${path}/served`));
    assertEquals(served.map(({ name }) => name), ["link"]);
  });
});

Deno.test("isFileName() takes names, and nothing that may be more than one", () => {
  for (const name of FILE_NAMES) assert(isFileName(name), name);
  for (const name of OTHER_NAMES) assert(!isFileName(name), name);
});

Deno.test("file_client.ts that is stopped during a download leaves nothing behind", async () => {
  await inFolder(async (path, names) => {
    await servingMethods({ "file_get": endless }, async (port) => {
      const process = example("file_client.ts", ["get", "x", `${path}/x`], {
        HOST: "127.0.0.1",
        PORT: port,
      }).spawn();
      await untilBegun(path, names);
      process.kill("SIGINT");
      assertEquals(await ended(process.output()), {
        code: 130,
        stdout: "",
        stderr: "Stopped\n",
      });
    });
    assertEquals(names(), []);
  });
});

Deno.test("file_client.ts leaves nothing behind when the download is not what the server has", async () => {
  const methods = {
    "file_get": () => PIECE,
    "file_info": () => ({ size: 1, sha256: "another" }),
  };
  await inFolder(async (path, names) => {
    await Deno.writeTextFile(`${path}/x`, "as it was");
    await servingMethods(methods, async (port) => {
      const { code, stderr } = await run(
        "file_client.ts",
        ["get", "x", `${path}/x`],
        { HOST: "127.0.0.1", PORT: port },
      );
      assertEquals(code, 1);
      assertMatch(stderr, /: The file has changed on its way: .*\n$/);
    });
    assertEquals(names(), ["x"]);
    assertEquals(await Deno.readTextFile(`${path}/x`), "as it was");
  });
});

Deno.test("file_client.ts that is stopped during an upload ends it", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stalled = method(
    { params: ["string", "base64"], returns: "nil", stream: true },
    async (_name, bytes) => {
      resolve();
      for await (const _ of bytes);
    },
  );
  await inFolder(async (path) => {
    // Sparse, and much larger than what may be on its way.
    using file = await Deno.create(`${path}/x`);
    await file.truncate(2 ** 36);
    await servingMethods({ "file_put": stalled }, async (port) => {
      const process = example("file_client.ts", ["put", `${path}/x`], {
        HOST: "127.0.0.1",
        PORT: port,
      }).spawn();
      await promise;
      process.kill("SIGINT");
      assertEquals(await ended(process.output()), {
        code: 130,
        stdout: "",
        stderr: "Stopped\n",
      });
    });
  });
});

Deno.test("file_server.ts keeps nothing of an upload that breaks off, and what it had before", async () => {
  for (const end of ["client", "server"]) {
    await inFolder(async (path, names) => {
      await Deno.writeTextFile(`${path}/x`, "as it was");
      await serving("file_server.ts", async (_lines, port, process) => {
        const connection = await Deno.connect({
          hostname: "127.0.0.1",
          port: Number(port),
        });
        const head = "POST / HTTP/1.1\r\nHost: localhost\r\n" +
          "Content-Type: text/xml\r\nContent-Length: 1000000\r\n\r\n" +
          "<methodCall><methodName>file_put</methodName><params>" +
          "<param><value>x</value></param><param><value><base64>";
        await connection.write(new TextEncoder().encode(head + "A".repeat(99)));
        await untilBegun(path, names);
        if (end === "server") {
          process.kill("SIGINT");
          assertEquals((await process.status).code, 130);
        }
        connection.close();
        await until(path, () => names().length === 1);
      }, ["--folder", path]);
      assertEquals(names(), ["x"]);
      assertEquals(await Deno.readTextFile(`${path}/x`), "as it was");
    });
  }
});

Deno.test("file_client.ts says in one line what its commands are", async () => {
  for (const args of [["frob"], ["put"], ["get"], ["get", "../x"]]) {
    const { code, stderr } = await run("file_client.ts", args);
    assertEquals(code, 1);
    assertMatch(stderr, /^Commands: put FILE .*\n$/);
  }
});

Deno.test("file_server.ts lets an upload end that runs when it is told to stop", async () => {
  await inFolder(async (path, names) => {
    await serving("file_server.ts", async (_lines, port, process) => {
      const stopped = Promise.withResolvers<void>();
      const source = new ReadableStream<Uint8Array>({
        async start(controller) {
          controller.enqueue(new Uint8Array(200_000));
          await stopped.promise;
          controller.enqueue(new Uint8Array(100_000));
          controller.close();
        },
      });
      const client = createClient<FileMethods>(`http://127.0.0.1:${port}/`);
      const upload = client.call("file_put", ["late.bin", source]);
      // Until its temporary file is there: each call takes a little time.
      while (names().length === 0) await client.call("file_list");
      process.kill("SIGTERM");
      // It refuses others from now on, as soon as it has heard.
      while (await client.call("file_list").then(() => true, () => false));
      stopped.resolve();
      assertEquals((await upload).size, 300_000n);
      assertEquals((await process.status).code, 0);
      assertEquals(names(), ["late.bin"]);
    }, ["--folder", path]);
  });
});

Deno.test("validator.ts computes validator1's results and gives back each type", async () => {
  await serving("validator.ts", async (_lines, port) => {
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

/** What every server of ours tells. */
interface SystemMethods {
  system: {
    listMethods(): string[];
    methodSignature(name: string): string[][];
  };
}

Deno.test("validator.ts tells what each of its methods takes and gives", async () => {
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
