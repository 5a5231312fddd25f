import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { encodeResponse } from "../codec.ts";
import { createServer } from "../server.ts";
import {
  cli,
  METHODS,
  type Outcome,
  runWithServer,
} from "../tests/support/cli.ts";
import type { TypeInfo } from "./describe.ts";
import { isTypeName, toInterface } from "./typescript.ts";

const LIBRARY = new URL("../", import.meta.url);

/** Type-checks and runs a program; gives what it prints. */
async function runProgram(source: string): Promise<string> {
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(path, source);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--check", "--allow-net", path],
      env: { NO_COLOR: "1" },
    }).output();
    const decoder = new TextDecoder();
    const errors = decoder.decode(stderr).replace(/^Check.*\n/gm, "");
    return decoder.decode(stdout) + errors;
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("types prints an interface that compiles and holds", async () => {
  const server = createServer(METHODS);
  await using http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    server.fetch,
  );
  const url = `http://127.0.0.1:${http.addr.port}/`;
  const { code, out } = await cli(["types", url, "--name", "Shop"]);
  assertEquals(code, 0);
  const printed = await runProgram(`
    import { createClient } from "${LIBRARY}client.ts";
    ${out}
    const client = createClient<Shop>("${url}");
    const sum: number = await client.methods.add(8, 8);
    const order = await client.methods.orders.add([{ sku: "a", price: 3 }], "soon");
    const id: bigint = order.id;
    const more: unknown = await client.call("mixed.more");
    const pair: number | string = await client.call("pair", ["a"]);
    // @ts-expect-error -- a text is no int
    await client.methods.add("8", 8).catch(() => {});
    console.log(sum, id, order.total, more, pair);
  `);
  assertEquals(printed, "16 4n 3 2 a\n");
});

/** Runs types, or another command, with a server that describes these methods. */
async function runWithDescriptions(
  methodList: readonly unknown[],
  path = "",
  command: readonly string[] = ["types"],
): Promise<Outcome> {
  const answer = encodeResponse({ methodList, typeList: [] });
  await using http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(answer, { headers: { "content-type": "text/xml" } }),
  );
  return await cli([...command, `http://127.0.0.1:${http.addr.port}/${path}`]);
}

const HOSTILE = "**//;console.log('injected');/*\r\n*\u2028/\"'`${";
const HOSTILE_TYPE = {
  type: HOSTILE,
  name: HOSTILE,
  member: [{ type: "struct", name: HOSTILE, member: [{ type: HOSTILE }] }],
};

Deno.test("types prints no code that a server or its URL names", async () => {
  const { out } = await runWithDescriptions(
    [HOSTILE, "new", "__proto__"].map((name) => ({
      name,
      purpose: HOSTILE,
      signatures: [{ params: [HOSTILE_TYPE], returns: [HOSTILE_TYPE] }],
    })),
    "**//;console.log('injected');/*",
  );
  const printed = await runProgram(`${out}
    const one = {} as Api;
    // @ts-expect-error -- it is a method, and nothing that constructs
    if (false) new one();
    console.log("fine");
  `);
  assertEquals(printed, "fine\n");
});

Deno.test("types takes linear time, and accepts names of many parts", async () => {
  const count = 40_000;
  const names = Array.from({ length: count }, (_, index) => `a.b${index}.c`);
  const { out } = await runWithDescriptions(
    [...names, ".".repeat(100_000)].map((name) => ({
      name,
      purpose: "",
      signatures: [],
    })),
  );
  assertEquals(out.match(/ c\(/g)?.length, count);
});

Deno.test("types and list put brackets around the types of an array only if there are several", async () => {
  const item = { type: "struct", member: [{ type: "int", name: "id" }] };
  const nested = {
    type: "array",
    member: [{ type: "array", member: [{ type: "struct" }] }],
  };
  const mixed = { type: "array", member: [{ type: "int" }, { type: "nil" }] };
  const signatures = [{
    params: [{ type: "array", member: [item] }, nested, mixed],
    returns: [{ type: "array", member: [{ type: "array" }] }],
  }];
  const methods = [{ name: "a", purpose: "", signatures }];
  const { out } = await runWithDescriptions(methods);
  assertStringIncludes(
    out,
    "  a(param1: { id: number }[], param2: Record<string, unknown>[][], " +
      "param3: (number | null)[]): unknown[][];\n",
  );
  const list = await runWithDescriptions(methods, "", ["list", "-l"]);
  assertEquals(
    list.out,
    "a({ id: int }[], struct[][], (int | nil)[]): array[]\n",
  );
});

Deno.test("an error about a URL shows no password", async () => {
  const { code, err } = await cli(["list", "http://ada:secret@host:999999/"]);
  assertEquals(code, 2);
  assert(!err.includes("secret"), err);
});

Deno.test("types refuses a --name that is not an identifier", async () => {
  const { code } = await runWithServer(["types", "URL", "--name", "a b"]);
  assertEquals(code, 2);
});

const ODD_NAMES = [
  "a",
  "b",
  "new",
  "class",
  "constructor",
  "__proto__",
  "this",
  "get",
  "readonly",
  "async",
  "",
  "1",
  "a b",
  "a.b",
  "a.b.c",
  "x-y",
  "é",
  "\u2028",
  "*/",
  "`${",
  "\\",
  '"',
  "\r\n",
  "_",
];
const ODD_TYPES = [
  "int",
  "i8",
  "string",
  "array",
  "struct",
  "nil",
  "base64",
  "any",
  "int?",
  "void",
  "",
  "toString",
  "constructor",
  "{}",
  "*/",
];

Deno.test("types writes TypeScript that compiles, whatever a server says", async () => {
  let seed = 18;
  const pick = (count: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(seed / 65_536) % count;
  };
  const name = (): string => ODD_NAMES[pick(ODD_NAMES.length)]!;
  const createType = (depth: number): TypeInfo => ({
    type: ODD_TYPES[pick(ODD_TYPES.length)]!,
    ...pick(3) > 0 ? { name: name() } : {},
    ...pick(3) === 0 ? { optional: true } : {},
    ...depth > 0 && pick(2) === 0 ? { member: createTypes(depth - 1) } : {},
  });
  const createTypes = (depth: number): TypeInfo[] =>
    Array.from({ length: pick(5) }, () => createType(depth));
  const source = Array.from({ length: 300 }, (_, index) => {
    const methods = Array.from({ length: pick(8) }, () => ({
      name: pick(2) === 0 ? name() : `${name()}.${name()}`,
      help: name() + name(),
      signatures: Array.from({ length: pick(4) }, () => ({
        params: createTypes(3),
        returns: createType(3),
      })),
    }));
    return toInterface(`Api${index}`, "http://localhost/", methods);
  });
  source.push("console.log('fine');");
  assertEquals(await runProgram(source.join("\n")), "fine\n");
});

Deno.test("types refuses a --name that TypeScript does not take for a type", () => {
  for (const name of ["class", "string", "Date", "a b", "1"]) {
    assert(!isTypeName(name), name);
  }
  assert(isTypeName("Api"));
});

Deno.test("names, faults and signatures of a server stay on one line", async () => {
  const name = "a\nadmin.forged\r\t\u2028";
  const escaped = "a\\u000aadmin.forged\\u000d\\u0009\\u2028";
  const signatures = [{
    params: [{ type: "struct", member: [{ type: "x\ny", name: "c\nd" }] }],
    returns: [{ type: "e\nf" }],
  }];
  const long = await runWithDescriptions(
    [{ name, purpose: "", signatures }],
    "",
    ["list", "-l"],
  );
  assertEquals(
    long.out,
    `${escaped}({ c\\u000ad: x\\u000ay }): e\\u000af\n`,
  );
  await using http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () =>
      new Response(encodeResponse([name]), {
        headers: { "content-type": "text/xml" },
      }),
  );
  const { out } = await cli(["list", `http://127.0.0.1:${http.addr.port}/`]);
  assertEquals(out, `${escaped}\n`);
});
