// A copy of the examples runs: they need the package, and nothing else of this repository.

import { assert, assertEquals, assertMatch } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);
const EXAMPLES = new URL("examples/", ROOT);

interface Exported {
  readonly name: string;
  readonly exports: Readonly<Record<string, string>>;
}

/** The specifiers of the public entries, and the files behind them. */
async function readEntries(): Promise<Map<string, string>> {
  const text = await Deno.readTextFile(new URL("deno.json", ROOT));
  const { name, exports } = JSON.parse(text) as Exported;
  return new Map(
    Object.entries(exports).map(([path, file]) => [
      name + path.slice(1),
      new URL(file, ROOT).href,
    ]),
  );
}

/** The paths of all files in a folder and the folders in it. */
async function listFiles(folder: URL, under = ""): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = under + name;
    if (!isDirectory) files.push(path);
    else {
      const inner = new URL(`${name}/`, folder);
      files.push(...await listFiles(inner, `${path}/`));
    }
  }
  return files.sort();
}

/** The specifiers that a module imports. */
function readImports(source: string): string[] {
  const pattern = /(?:\bfrom |\bimport\(|^import )"([^"]+)"/gm;
  return Array.from(source.matchAll(pattern), ([, specifier]) => specifier!);
}

Deno.test("examples import public entries, Node's modules, and files beside them", async () => {
  const entries = await readEntries();
  const files = (await listFiles(EXAMPLES))
    .filter((path) => path.endsWith(".ts"));
  assert(files.length > 20, `${files.length} files`);
  for (const path of files) {
    const file = new URL(path, EXAMPLES);
    const imports = readImports(await Deno.readTextFile(file));
    const foreign = imports.filter((specifier) => {
      if (specifier.startsWith("node:")) return false;
      if (!specifier.startsWith(".")) return !entries.has(specifier);
      return !new URL(specifier, file).href.startsWith(EXAMPLES.href);
    });
    assertEquals([path, foreign], [path, []]);
  }
});

Deno.test("readImports() finds each way to import", () => {
  const source = [
    'import { a } from "./a.ts";',
    'import {\n  b,\n} from "./b.ts";',
    'import "./c.ts";',
    'export * from "./d.ts";',
    'type E = typeof import("./e.ts");',
    'const text = "./f.ts";',
  ].join("\n");
  assertEquals(
    readImports(source),
    ["./a.ts", "./b.ts", "./c.ts", "./d.ts", "./e.ts"],
  );
});

Deno.test("a copy of examples/ compiles, and its demo.ts runs", async () => {
  const folder = await Deno.makeTempDir({ prefix: "xmlrpc-" });
  try {
    const files = await listFiles(EXAMPLES);
    for (const path of files) {
      const copy = new URL(path, `file://${folder}/`);
      await Deno.mkdir(new URL(".", copy), { recursive: true });
      await Deno.copyFile(new URL(path, EXAMPLES), copy);
    }
    const imports = Object.fromEntries(await readEntries());
    const config = JSON.stringify({ imports });
    await Deno.writeTextFile(`${folder}/deno.json`, config);
    const deno = async (...args: string[]) => {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args,
        cwd: folder,
        env: { NO_COLOR: "1" },
      }).output();
      assertEquals(code, 0, new TextDecoder().decode(stderr));
      return new TextDecoder().decode(stdout);
    };

    await deno("check", ...files.filter((path) => path.endsWith(".ts")));
    const printed = await deno("run", "-A", "demo.ts");

    assertMatch(printed, /get string:cloud\n16\n[^]*SHA-256 [0-9a-f]{64}\n$/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
