import { assertEquals, assertStringIncludes } from "@std/assert";
import { VERSION } from "../cli/help.ts";

function read(path: string): Promise<string> {
  return Deno.readTextFile(new URL(`../${path}`, import.meta.url));
}

Deno.test("the version of deno.json is the newest one in CHANGELOG.md", async () => {
  const { version } = JSON.parse(await read("deno.json"));
  const [, newest] = /^## (\S+)/m.exec(await read("CHANGELOG.md")) ?? [];
  assertEquals(version, newest);
});

Deno.test("the command line has the version of deno.json", async () => {
  const { version } = JSON.parse(await read("deno.json"));
  assertEquals(VERSION, version);
});

Deno.test("the workflow publishes with the Deno that the tests run on", async () => {
  const [, deno] = /npx -y deno@(\S+)/.exec(await read(".ci/run")) ?? [];
  assertStringIncludes(
    await read(".github/workflows/publish.yml"),
    `deno-version: ${deno}\n`,
  );
});
