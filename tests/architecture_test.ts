import { assert, assertEquals, assertMatch } from "@std/assert";

/** A module, and the modules it imports, as specifiers. */
interface Module {
  readonly specifier: string;
  readonly imports: readonly string[];
}

const ROOT = new URL("../", import.meta.url).href;
const ENTRY_POINTS = ["mod.ts", "client.ts", "server.ts", "codec.ts"];
/** What stands beside mod.ts: threads, and the program of their workers. */
const APART = ["threads.ts", "threads/program.js"];

/**
 * The modules that may be longer than others: one loop, and a generated text. A module of
 * JavaScript may be shorter: threads/program.js only names the worker for bundlers.
 */
const LONG_MODULES = new Set(["codec/xml/reader.ts", "page/generated.ts"]);

/**
 * Where a module stands: imports go from a higher rank to a lower one, or within a folder.
 * So of the library only `mod.ts` and `cli/` import entries.
 */
const RANKS: Readonly<Record<string, number>> = {
  util: 0,
  page: 0,
  core: 1,
  "codec/xml": 2,
  codec: 3,
  threads: 3,
  client: 4,
  server: 4,
  entry: 5,
  "mod.ts": 6,
  cli: 6,
  "cli.ts": 7,
};

/** The folder of a module, which the rule speaks of; an entry is one of its own. */
function placeOf(path: string): string {
  if (path in RANKS) return path;
  if (!path.includes("/")) return "entry";
  return path.slice(0, path.lastIndexOf("/"));
}

/** Whether the rule lets `from` import `to`; paths from the top. */
function isAllowed(from: string, to: string): boolean {
  const [above, below] = [RANKS[placeOf(from)], RANKS[placeOf(to)]];
  if (above === undefined || below === undefined) return false;
  return above > below || placeOf(from) === placeOf(to) && above !== 5;
}

/** Modules by their paths from the top, or by their specifiers where they are not ours. */
function pathsOf(modules: readonly Module[], root: string): [
  from: string,
  to: readonly string[],
][] {
  const pathOf = (specifier: string) =>
    specifier.startsWith(root) ? specifier.slice(root.length) : specifier;
  return modules.map(({ specifier, imports }) => [
    pathOf(specifier),
    imports.map(pathOf),
  ]);
}

/** The imports that the rule does not allow, as `a.ts → b.ts`. */
function forbiddenImports(modules: readonly Module[], root: string): string[] {
  return pathsOf(modules, root).flatMap(([from, imports]) =>
    imports.filter((to) => !isAllowed(from, to)).map((to) => `${from} → ${to}`)
  );
}

/** The modules of core/ and util/ that only one other folder imports, as `a.ts: folder`. */
function misplacedModules(modules: readonly Module[], root: string): string[] {
  const folders = new Map<string, Set<string>>();
  for (const [from, imports] of pathsOf(modules, root)) {
    for (const to of imports) {
      if (!/^(?:core|util)\//.test(to)) continue;
      const found = folders.get(to) ?? new Set();
      folders.set(to, found.add(placeOf(from)));
    }
  }
  return [...folders].flatMap(([path, [folder, ...others]]) =>
    others.length > 0 || folder === placeOf(path) ? [] : `${path}: ${folder}`
  );
}

/** The modules that lead back to themselves, and what stands between such. */
function circles(modules: readonly Module[], root: string): string[] {
  const left = new Map(pathsOf(modules, root));
  const isImported = (path: string) =>
    [...left.values()].some((imports) => imports.includes(path));
  for (let size = -1; size !== left.size;) {
    size = left.size;
    for (const [from, imports] of left) {
      const leadsOn = imports.some((to) => left.has(to));
      if (!leadsOn || !isImported(from)) left.delete(from);
    }
  }
  return [...left.keys()];
}

/** What only some runtimes have, and what prints. Node 20 lacks `withResolvers`. */
const FORBIDDEN = [
  /\bPromise\.withResolvers\b/,
  /\bDeno\./,
  /["'`]node:/,
  /\bBuffer\b/,
  /\bprocess\./,
  /\brequire\(/,
  /\bconsole\./,
];

/** Source text without its comments: those that start a line, and those behind code. */
function withoutComments(source: string): string {
  return source
    .replace(/^[ \t]*\/\*[^]*?\*\//gm, "")
    .replace(/(^|[ \t])\/\/ .*$/gm, "$1");
}

/** What of {@linkcode FORBIDDEN} a source text mentions outside its comments. */
function forbiddenWords(source: string): string[] {
  const code = withoutComments(source);
  return FORBIDDEN.flatMap((pattern) => pattern.exec(code)?.[0] ?? []);
}

/** The module `entry` and all that it leads to. */
async function modulesOf(entry: string): Promise<Module[]> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entry],
    cwd: new URL(ROOT),
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
    modules: {
      specifier: string;
      dependencies?: {
        specifier: string;
        code?: { specifier?: string };
        type?: { specifier?: string };
      }[];
    }[];
  };
  return modules.map(({ specifier, dependencies = [] }) => ({
    specifier,
    imports: dependencies.flatMap((dependency) => {
      const { code, type } = dependency;
      const found = [code?.specifier, type?.specifier].filter((to) =>
        to !== undefined
      );
      return found.length === 0 ? [dependency.specifier] : found;
    }),
  }));
}

/** All modules of the library. */
async function allModules(): Promise<Module[]> {
  const lists = await Promise.all(["mod.ts", ...APART].map(modulesOf));
  const byName = lists.flat().map((module) =>
    [module.specifier, module] as const
  );
  return [...new Map(byName).values()];
}

Deno.test("imports go down, from folder to folder", async () => {
  const modules = [...await allModules(), ...await modulesOf("cli.ts")]
    .filter(({ specifier }) => specifier.startsWith(ROOT));
  const found = forbiddenImports(modules, ROOT)
    .filter((arrow) => !/^cli.* → node:/.test(arrow));
  assertEquals(found, []);
});

Deno.test("what only one folder imports stands in that folder, not in core/ or util/", async () => {
  const modules = [...await allModules(), ...await modulesOf("cli.ts")];
  assertEquals(misplacedModules(modules, ROOT), []);
});

Deno.test("a module in a folder has 25 to 500 lines", async () => {
  const modules = [...await allModules(), ...await modulesOf("cli.ts")];
  const sizes = await Promise.all(
    modules.map(({ specifier }) => specifier)
      .filter((one) => one.startsWith(ROOT) && one.endsWith(".ts"))
      .map((one) => one.slice(ROOT.length))
      .filter((path) => path.includes("/") && !LONG_MODULES.has(path))
      .map(async (path) => {
        const text = await Deno.readTextFile(new URL(path, ROOT));
        return [path, text.split("\n").length - 1] as const;
      }),
  );
  assert(sizes.length > 50);
  assertEquals(sizes.filter(([, lines]) => lines < 25 || lines > 500), []);
});

Deno.test("no module of the library leads back to itself", async () => {
  assertEquals(circles(await allModules(), ROOT), []);
});

Deno.test("mod.ts leads to every other entry point", async () => {
  const found = (await modulesOf("mod.ts")).map(({ specifier }) => specifier);
  for (const entry of ENTRY_POINTS) assert(found.includes(ROOT + entry), entry);
});

Deno.test("cli.ts leads to the library and to what Deno has, and nothing leads to it", async () => {
  const modules = await modulesOf("cli.ts");
  const foreign = modules.map(({ specifier }) => specifier).filter((name) =>
    !name.startsWith(ROOT) && !name.startsWith("node:")
  );
  assertEquals(foreign, []);
  const paths = pathsOf(await allModules(), ROOT).map(([path]) => path);
  assertEquals(paths.filter((path) => /^cli[/.]/.test(path)), []);
});

Deno.test("the library's modules use nothing but web standards, and print nothing", async () => {
  // The page is text: what it says of other runtimes is not what it does.
  const modules = (await allModules()).filter(({ specifier }) =>
    !specifier.endsWith("/page/generated.ts")
  );
  const found = await Promise.all(
    modules.map(async ({ specifier }) => {
      const source = await Deno.readTextFile(new URL(specifier));
      return forbiddenWords(source).map((word) => `${specifier}: ${word}`);
    }),
  );
  assertEquals(found.flat(), []);
});

Deno.test("the library's modules name by URL only JavaScript that its graph has", async () => {
  // In an npm package TypeScript has other names, and what no module imports stays as it is.
  const modules = await allModules();
  for (const { specifier } of modules) {
    const code = withoutComments(await Deno.readTextFile(new URL(specifier)));
    const named = code.matchAll(
      /[(=] ?new URL\("([^"]+)", import\.meta\.url\)/g,
    );
    for (const [, path] of named) {
      assertMatch(path!, /\.js$/);
      const found = modules.some((one) =>
        one.specifier === new URL(path!, specifier).href
      );
      assert(found, path);
    }
  }
});

Deno.test("the library's modules say that they are browser compatible", async () => {
  for (const { specifier } of await allModules()) {
    const source = await Deno.readTextFile(new URL(specifier));
    assert(
      source.replace(/\s*\n\/\/ /g, " ").includes(
        "module is browser compatible.",
      ),
      specifier,
    );
  }
});

Deno.test("client.ts and server.ts do not lead to each other", async () => {
  const ofClient = await modulesOf("client.ts");
  const ofServer = await modulesOf("server.ts");
  assert(!ofClient.some(({ specifier }) => specifier === `${ROOT}server.ts`));
  assert(!ofServer.some(({ specifier }) => specifier === `${ROOT}client.ts`));
});

Deno.test("threads.ts leads to nothing that knows XML or HTTP", async () => {
  const names = (await modulesOf("threads.ts")).map(({ specifier }) =>
    specifier
  );
  for (const name of ["codec/", "client/", "server/", "util/http.ts"]) {
    assertEquals(names.filter((one) => one.startsWith(ROOT + name)), []);
  }
});

Deno.test("forbiddenImports() finds what goes up, aside, and out of the house", () => {
  const root = "file:///house/";
  const imports: [from: string, to: string][] = [
    ["core/value.ts", "util/base64.ts"],
    ["core/value.ts", "core/errors.ts"],
    ["codec/grammar.ts", "codec/xml/reader.ts"],
    ["mod.ts", "client.ts"],
    ["cli/call.ts", "client.ts"],
    ["util/base64.ts", "core/value.ts"],
    ["codec/xml/reader.ts", "codec/grammar.ts"],
    ["client/call.ts", "server/registry.ts"],
    ["codec/encode.ts", "threads/pool.ts"],
    ["client/call.ts", "codec.ts"],
    ["client.ts", "codec.ts"],
    ["server/registry.ts", "mod.ts"],
    ["core/value.ts", "attic/value.ts"],
    ["core/value.ts", "npm:left-pad"],
  ];
  const modules = imports.map(([from, to]) => ({
    specifier: root + from,
    imports: [to.startsWith("npm:") ? to : root + to],
  }));
  assertEquals(
    forbiddenImports(modules, root),
    imports.slice(5).map(([from, to]) => `${from} → ${to}`),
  );
});

Deno.test("misplacedModules() finds what one folder alone imports", () => {
  const root = "file:///house/";
  const modules = [
    ["client/call.ts", "core/calls.ts", "util/timer.ts", "codec/encode.ts"],
    ["client/target.ts", "util/timer.ts"],
    ["server/multicall.ts", "core/calls.ts"],
    ["core/calls.ts", "core/struct.ts", "util/messages.ts"],
  ].map(([from, ...to]) => ({
    specifier: root + from,
    imports: to.map((path) => root + path),
  }));
  assertEquals(misplacedModules(modules, root), [
    "util/timer.ts: client",
    "util/messages.ts: core",
  ]);
});

Deno.test("circles() finds modules that lead back to themselves", () => {
  const root = "file:///house/";
  const modules = [["a", "b"], ["b", "c"], ["c", "b"], ["d"]]
    .map(([from, ...to]) => ({
      specifier: root + from,
      imports: to.map((name) => root + name),
    }));
  assertEquals(circles(modules, root), ["b", "c"]);
  assertEquals(circles(modules.slice(0, 2), root), []);
});

Deno.test("forbiddenWords() finds each forbidden word in code", () => {
  const lines: [line: string, word: string][] = [
    ["const x = Deno.args;", "Deno."],
    ["x = Promise.withResolvers()", "Promise.withResolvers"],
    ['import { Buffer as B } from "buffer";', "Buffer"],
    ["import fs from 'node:fs';", "'node:"],
    ["x(process.env)", "process."],
    ["const x = require('x')", "require("],
    ["  console.log(x); // prints", "console."],
    ['const url = "http://x"; console.warn(url)', "console."],
  ];
  for (const [line, word] of lines) {
    assertEquals(forbiddenWords(`let a;\n${line}\nlet b;`), [word], line);
  }
});

Deno.test("forbiddenWords() leaves comments and longer words alone", () => {
  const source = [
    "/**",
    " * Deno.serve(server.fetch), node:http, console.log",
    " */",
    "// Not process.env",
    "const bytes = new ArrayBuffer(8); // no Buffer",
    "  // require(x)",
    "const undenoed = preprocess.it + $required(1);",
  ].join("\n");
  assertEquals(forbiddenWords(source), []);
});
