import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { cli, runWithServer, success } from "../tests/support/cli.ts";
import { Program, testWith } from "../tests/support/program.ts";

Deno.test("list prints names, and with --long signatures", async () => {
  const { out } = await runWithServer(["list", "URL"]);
  assertEquals(out.split("\n").slice(0, 3), ["add", "bytes", "divide"]);
  const long = await runWithServer(["list", "-l", "URL"]);
  assert(long.out.startsWith("add(int, int): int\nbytes\n"), long.out);
  assertStringIncludes(
    long.out,
    "orders.add({ sku: string, price: double }[], string?): { id: i8, total: double }\n",
  );
});

Deno.test("describe prints signature and help", async () => {
  assertEquals(
    await runWithServer(["describe", "URL", "add"]),
    success("add(int, int): int\n\nAdds.\n"),
  );
  const { code, err } = await runWithServer(["describe", "URL", "nope"]);
  assertEquals([code, err], [1, "Fault -32601: There is no method nope\n"]);
});

await testWith(
  "python3",
  "python3",
  "types, list, describe and call work with Python's server",
  async () => {
    await using python = new Program("python3", [
      new URL("../tests/interop/python/server.py", import.meta.url).pathname,
      "--introspection",
      "--multicall",
    ]);
    const [, port] = await python.waitFor(/(\d+)/);
    const url = `http://127.0.0.1:${port}/RPC2`;
    const { out } = await cli(["list", url]);
    assertStringIncludes(out, "system.listMethods\n");
    const types = await cli(["types", url]);
    assertEquals([types.code, types.err], [0, ""]);
    assertMatch(types.out, /^ {2}\w+\(\.\.\.params: unknown\[\]\): unknown;$/m);
    const described = await cli(["describe", url, "system.listMethods"]);
    assertStringIncludes(described.out, "does not describe its signature");
  },
);
