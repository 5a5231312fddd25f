import { assertEquals, assertStringIncludes } from "@std/assert";
import { run } from "./run.ts";
import { cli, success } from "../tests/support/cli.ts";

/** Runs serve until `use` is done with it. */
async function serving(
  path: string,
  use: (url: string) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const listening = Promise.withResolvers<string>();
  const ended = run(["serve", path, "--host", "127.0.0.1", "--port", "0"], {
    print: (line) => {
      const url = /http:\S+/.exec(line)?.[0];
      if (url !== undefined) listening.resolve(url);
    },
    tell: () => {},
    write: () => Promise.resolve(),
    input: () => new Blob([]).stream(),
    env: () => undefined,
    hasColors: false,
    signal: stop.signal,
  });
  try {
    await use(await listening.promise);
  } finally {
    stop.abort();
    assertEquals(await ended, 0);
  }
}

Deno.test("serve serves what a module exports", async () => {
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(
    path,
    "export function add(a: number, b: number) { return a + b; }\n" +
      "export const version = 5;\n" +
      "export default { math: { square: (a: number) => a * a } };\n",
  );
  try {
    await serving(path, async (url) => {
      assertEquals(await cli(["call", url, "add", "8", "8"]), success("16\n"));
      assertEquals(
        await cli(["call", url, "math.square", "4"]),
        success("16\n"),
      );
      const page = await fetch(url, { headers: { accept: "text/html" } });
      assertStringIncludes(await page.text(), "<!DOCTYPE html>");
    });
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("serve serves the files of a folder, and nothing outside it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/a.txt`, "hello");
    await serving(folder, async (url) => {
      assertEquals(
        await cli(["call", url, "list"]),
        success('[{ name: "a.txt", size: 5n }]\n'),
      );
      assertEquals(
        await cli(["call", url, "get", "a.txt", "-o", "-"]),
        success("hello"),
      );
      const put = await cli(["call", url, "put", "b.txt", `@${folder}/a.txt`]);
      assertStringIncludes(put.out, "size: 5n");
      assertEquals(await Deno.readTextFile(`${folder}/b.txt`), "hello");
      const { code } = await cli(["call", url, "get", "../etc/passwd"]);
      assertEquals(code, 1);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** What serve answers to a call that names a host. */
async function statusFor(url: string, host: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const body = "<methodCall><methodName>list</methodName></methodCall>";
  using connection = await Deno.connect({ hostname, port: Number(port) });
  await new Blob([
    `POST / HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: close\r\n`,
    "Origin: http://rebind.example\r\nContent-Type: text/xml\r\n",
    `Content-Length: ${body.length}\r\n\r\n${body}`,
  ]).stream().pipeTo(connection.writable, { preventClose: true });
  const answer = await new Response(connection.readable).text();
  return answer.split(" ")[1]!;
}

Deno.test("serve answers no page whose own name stands for this machine (DNS rebinding)", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await serving(folder, async (url) => {
      for (const host of ["rebind.example", "127.0.0.1.example", "[::2]"]) {
        assertEquals([host, await statusFor(url, host)], [host, "403"]);
      }
      for (const host of ["localhost", "a.localhost", "127.0.0.1", "[::1]"]) {
        assertEquals([host, await statusFor(url, host)], [host, "200"]);
      }
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("serve reports a path that does not exist", async () => {
  const { code, err } = await cli(["serve", "no/such/file.ts"]);
  assertEquals(code, 2);
  assertStringIncludes(err, "There is no file or folder");
});
