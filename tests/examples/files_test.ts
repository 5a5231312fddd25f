// The file server and its client, as programs.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { createClient } from "../../client.ts";
import type { FileMethods } from "../../examples/file_server.ts";
import { isFileName } from "../../examples/_folder.ts";
import { createServer, method } from "../../server.ts";
import {
  createCommand,
  readOutput,
  runExample,
  withExample,
} from "../support/examples.ts";
import { FILE_NAMES, OTHER_NAMES } from "../support/file_names.ts";

/** Calls `use` with a temporary folder and a function that lists the names in it. */
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

/** Waits until a condition holds, which is checked when the folder changes. */
async function until(path: string, isDone: () => boolean): Promise<void> {
  using watcher = Deno.watchFs(path);
  if (isDone()) return;
  for await (const _ of watcher) if (isDone()) return;
}

/** Waits until a file is being stored in a folder. */
async function untilUploadStarts(
  path: string,
  names: () => string[],
): Promise<void> {
  await until(path, () => names().some((name) => name.endsWith(".part")));
}

/** Serves methods in this process while `use` runs. */
async function withServer(
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

/** A stream without end. */
function endless(): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    pull: (controller) => controller.enqueue(PIECE),
  });
}

function digits(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return crypto.subtle.digest("SHA-256", bytes)
    .then((digest) => new Uint8Array(digest).toHex());
}

Deno.test("file_client.ts uploads a file, lists it and downloads it, with the same SHA-256", async () => {
  const bytes = new Uint8Array(1_000_000).map((_, index) => index * index);
  const hash = await digits(bytes);
  await inFolder(async (here, names) => {
    await Deno.writeFile(`${here}/a file.bin`, bytes);
    await inFolder(async (there, stored) => {
      await withExample("file_server.ts", async (_lines, port) => {
        const env = { HOST: "127.0.0.1", PORT: port };
        const client = (...args: string[]) =>
          runExample("file_client.ts", args, env);
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

Deno.test("file_server.ts neither reads nor writes files outside its folder", async () => {
  await inFolder(async (path, names) => {
    await Deno.writeTextFile(`${path}/secret`, "secret");
    await Deno.mkdir(`${path}/served`);
    await Deno.symlink(`${path}/secret`, `${path}/served/link`);
    await withExample("file_server.ts", async (_lines, port) => {
      const env = { HOST: "127.0.0.1", PORT: port };
      const client = (...args: string[]) =>
        runExample("file_client.ts", args, env);
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

Deno.test("isFileName() accepts plain names, but no paths and devices", () => {
  for (const name of FILE_NAMES) assert(isFileName(name), name);
  for (const name of OTHER_NAMES) assert(!isFileName(name), name);
});

Deno.test("file_client.ts leaves no file if it is stopped during a download", async () => {
  await inFolder(async (path, names) => {
    await withServer({ "file_get": endless }, async (port) => {
      const process = createCommand(
        "file_client.ts",
        ["get", "x", `${path}/x`],
        {
          HOST: "127.0.0.1",
          PORT: port,
        },
      ).spawn();
      await untilUploadStarts(path, names);
      process.kill("SIGINT");
      assertEquals(await readOutput(process.output()), {
        code: 130,
        stdout: "",
        stderr: "Stopped\n",
      });
    });
    assertEquals(names(), []);
  });
});

Deno.test("file_client.ts leaves no file if the SHA-256 of a download differs", async () => {
  const methods = {
    "file_get": () => PIECE,
    "file_info": () => ({ size: 1, sha256: "another" }),
  };
  await inFolder(async (path, names) => {
    await Deno.writeTextFile(`${path}/x`, "as it was");
    await withServer(methods, async (port) => {
      const { code, stderr } = await runExample(
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

Deno.test("file_client.ts ends if it is stopped during an upload", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stalled = method(
    { params: ["string", "base64"], returns: "nil", stream: true },
    async (_name, bytes) => {
      resolve();
      for await (const _ of bytes);
    },
  );
  await inFolder(async (path) => {
    // A sparse file, much larger than all buffers between client and server.
    using file = await Deno.create(`${path}/x`);
    await file.truncate(2 ** 36);
    await withServer({ "file_put": stalled }, async (port) => {
      const process = createCommand("file_client.ts", ["put", `${path}/x`], {
        HOST: "127.0.0.1",
        PORT: port,
      }).spawn();
      await promise;
      process.kill("SIGINT");
      assertEquals(await readOutput(process.output()), {
        code: 130,
        stdout: "",
        stderr: "Stopped\n",
      });
    });
  });
});

Deno.test("file_server.ts keeps the old file if an upload is cut off", async () => {
  for (const end of ["client", "server"]) {
    await inFolder(async (path, names) => {
      await Deno.writeTextFile(`${path}/x`, "as it was");
      await withExample("file_server.ts", async (_lines, port, process) => {
        const connection = await Deno.connect({
          hostname: "127.0.0.1",
          port: Number(port),
        });
        const head = "POST / HTTP/1.1\r\nHost: localhost\r\n" +
          "Content-Type: text/xml\r\nContent-Length: 1000000\r\n\r\n" +
          "<methodCall><methodName>file_put</methodName><params>" +
          "<param><value>x</value></param><param><value><base64>";
        await connection.write(new TextEncoder().encode(head + "A".repeat(99)));
        await untilUploadStarts(path, names);
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

Deno.test("file_client.ts prints one line if its arguments are wrong", async () => {
  for (const args of [["frob"], ["put"], ["get"], ["get", "../x"]]) {
    const { code, stderr } = await runExample("file_client.ts", args);
    assertEquals(code, 1);
    assertMatch(stderr, /^Commands: put FILE .*\n$/);
  }
});

Deno.test("file_server.ts finishes a running upload when it is stopped", async () => {
  await inFolder(async (path, names) => {
    await withExample("file_server.ts", async (_lines, port, process) => {
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
      // Until the temporary file exists; each call takes a little time.
      while (names().length === 0) await client.call("file_list");
      process.kill("SIGTERM");
      // It refuses new calls as soon as it has received the signal.
      while (await client.call("file_list").then(() => true, () => false));
      stopped.resolve();
      assertEquals((await upload).size, 300_000n);
      assertEquals((await process.status).code, 0);
      assertEquals(names(), ["late.bin"]);
    }, ["--folder", path]);
  });
});
