import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { VERSION } from "./help.ts";
import { cli, success } from "../tests/support/cli.ts";

for (
  const [args, message] of [
    [[], "No command is given"],
    [["frob"], 'There is no command "frob"'],
    [["help", "toString"], 'There is no command "toString"'],
    [["call", "URL"], "Expected: call URL METHOD [ARG ...]"],
    [["list", "URL", "--json"], "list does not have the flag --json"],
    [["list", "URL", "--frob"], "Unknown option '--frob'"],
    [["list", "http://["], "Expected a URL such as"],
    [["list", "ftp://x"], "Expected a URL such as"],
    [["call", "URL", "add", "--timeout", "x"], "--timeout must be a number"],
    [["serve", ".", "--port", "70000"], "--port must be a number"],
  ] as const
) {
  Deno.test(`wrong usage prints: ${message}`, async () => {
    const { code, out, err } = await cli(args);
    assertEquals([code, out], [2, ""]);
    assert(err.startsWith(message), err);
  });
}

Deno.test("--help and help explain everything", async () => {
  const { code, out } = await cli(["--help"]);
  assertEquals(code, 0);
  for (
    const word of ["call", "list", "describe", "types", "explain", "serve"]
  ) {
    assertMatch(out, new RegExp(`^  ${word} `, "m"));
  }
  assertEquals(await cli(["help"]), success(out));
});

for (
  const [command, said, unsaid] of [
    ["call", ["call URL METHOD [ARG ...]", "@FILE", "--output"], "--port"],
    ["list", ["list URL", "--long", "--verbose"], "--json"],
    ["describe", ["describe URL METHOD", "--timeout"], "--long"],
    ["types", ["types URL", "--name NAME"], "--output"],
    ["explain", ["explain FILE", "malformed"], "--verbose"],
    ["serve", ["serve FILE | FOLDER", "--port", "--no-docs"], "--timeout"],
  ] as const
) {
  Deno.test(`help ${command} explains that command, and no other`, async () => {
    const { code, out } = await cli(["help", command]);
    assertEquals(code, 0);
    for (const text of said) assertStringIncludes(out, text);
    assertMatch(out, new RegExp(`^Example: ${command} `, "m"));
    assert(!out.includes(unsaid), out);
    assertEquals(await cli([command, "--help"]), success(out));
    assertEquals(await cli([command, "URL", "-h"]), success(out));
  });
}

Deno.test("--version prints the version", async () => {
  assertEquals(await cli(["--version"]), success(`${VERSION}\n`));
});

Deno.test("a reader that ends early, such as head, is not an error", async () => {
  const print = (): never => {
    throw new Deno.errors.BrokenPipe("Broken pipe (os error 32)");
  };
  assertEquals(await cli(["--help"], { print }), success(""));
});

Deno.test("cli.ts runs as a program", async () => {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-env",
      new URL("../cli.ts", import.meta.url).pathname,
      "--help",
    ],
  }).output();
  assertEquals(code, 0);
  assertStringIncludes(
    new TextDecoder().decode(stdout),
    "Exit codes: 0 success",
  );
});
