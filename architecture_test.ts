import { assert, assertEquals, assertMatch } from "@std/assert";

/** A module, and the modules it imports, as specifiers. */
interface Module {
  readonly specifier: string;
  readonly imports: readonly string[];
}

const ROOT = new URL("./", import.meta.url).href;
const ENTRY_POINTS = ["mod.ts", "client.ts", "server.ts", "codec.ts"];
/** What stands beside mod.ts: threads, and the program of their workers. */
const APART = ["threads.ts", "_thread_program.js"];

/** Which module may import which: nothing else may be imported at all. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  "mod.ts": ["client.ts", "codec.ts", "errors.ts", "server.ts", "value.ts"],
  "client.ts": [
    "_answer.ts",
    "_batch.ts",
    "_call.ts",
    "_capture.ts",
    "_deferred.ts",
    "_message.ts",
    "_method_name.ts",
    "_multicall.ts",
    "_settings.ts",
    "_sources.ts",
    "codec.ts",
    "errors.ts",
    "value.ts",
  ],
  "_call.ts": [
    "_answer.ts",
    "_deadline.ts",
    "_document.ts",
    "_interceptors.ts",
    "_introspection.ts",
    "_multicall.ts",
    "_settings.ts",
    "_sources.ts",
    "_telemetry.ts",
    "_transport.ts",
    "codec.ts",
  ],
  "_batch.ts": ["_deferred.ts", "_multicall.ts"],
  "_introspection.ts": [
    "_deferred.ts",
    "_method_name.ts",
    "_multicall.ts",
    "_signature.ts",
    "errors.ts",
    "value.ts",
  ],
  "_multicall.ts": [
    "_fault.ts",
    "_message.ts",
    "_method_name.ts",
    "_signature.ts",
    "_sources.ts",
    "_struct.ts",
    "codec.ts",
    "errors.ts",
  ],
  "_transport.ts": ["_answer.ts", "_message.ts", "_settings.ts", "codec.ts"],
  "_answer.ts": [
    "_decoder.ts",
    "_deadline.ts",
    "_http.ts",
    "_intake.ts",
    "_message.ts",
    "_settings.ts",
    "codec.ts",
    "errors.ts",
    "value.ts",
  ],
  "_settings.ts": [
    "_base64.ts",
    "_body.ts",
    "_decoder.ts",
    "_document.ts",
    "_encoder.ts",
    "_introspection.ts",
    "_options.ts",
    "_telemetry.ts",
    "codec.ts",
  ],
  "_telemetry.ts": ["errors.ts"],
  "_capture.ts": ["_sources.ts", "_struct.ts", "value.ts"],
  "server.ts": [
    "_dispatch.ts",
    "_document.ts",
    "_handler.ts",
    "_method.ts",
    "_options.ts",
    "_registry.ts",
    "codec.ts",
    "errors.ts",
    "value.ts",
  ],
  "_dispatch.ts": [
    "_interceptors.ts",
    "_message.ts",
    "_method.ts",
    "_method_name.ts",
    "_origin.ts",
    "_registry.ts",
    "_signature.ts",
    "_sources.ts",
    "_system.ts",
    "_telemetry.ts",
    "codec.ts",
    "errors.ts",
    "value.ts",
  ],
  "_system.ts": [
    "_capture.ts",
    "_message.ts",
    "_method.ts",
    "_method_name.ts",
    "_origin.ts",
    "_registry.ts",
    "_signature.ts",
    "_sources.ts",
    "_struct.ts",
    "errors.ts",
    "value.ts",
  ],
  "_registry.ts": ["_message.ts", "_method.ts", "_signature.ts", "value.ts"],
  "_method.ts": ["value.ts"],
  "_signature.ts": [
    "_date.ts",
    "_message.ts",
    "_sources.ts",
    "_struct.ts",
    "_typed.ts",
    "value.ts",
  ],
  "_policy.ts": ["_body.ts", "_document.ts", "_http.ts"],
  "_http.ts": [],
  "_interceptors.ts": [],
  "_fault.ts": ["value.ts"],
  "threads.ts": [
    "_method.ts",
    "_options.ts",
    "_parcel.ts",
    "_pool.ts",
    "_struct.ts",
    "_thread.ts",
    "_thread_program.js",
  ],
  "_thread_program.js": ["_threads_worker.ts"],
  "_threads_worker.ts": ["_method.ts", "_parcel.ts"],
  "_pool.ts": ["_deferred.ts", "_parcel.ts", "_thread.ts", "errors.ts"],
  "_thread.ts": ["_deferred.ts", "_parcel.ts"],
  "_parcel.ts": ["_message.ts", "_struct.ts", "errors.ts", "value.ts"],
  "codec.ts": [
    "_decoder.ts",
    "_document.ts",
    "_encoder.ts",
    "_options.ts",
    "_streamed_bytes.ts",
    "_typed.ts",
    "errors.ts",
    "value.ts",
  ],
  "_document.ts": [
    "_decoder.ts",
    "_encoder.ts",
    "_encoder_stream.ts",
    "_message.ts",
    "_method_name.ts",
    "_options.ts",
    "_sources.ts",
  ],
  "_options.ts": ["_date.ts", "_message.ts"],
  "_decoder.ts": [
    "_elements.ts",
    "_grammar.ts",
    "_pattern.ts",
    "_reader.ts",
    "_scalars.ts",
    "_xml.ts",
    "errors.ts",
  ],
  "_elements.ts": [
    "_grammar.ts",
    "_message.ts",
    "_pattern.ts",
    "_reader.ts",
    "_scalars.ts",
    "_streamed_bytes.ts",
    "_xml.ts",
    "errors.ts",
    "value.ts",
  ],
  "_pattern.ts": ["_grammar.ts", "_struct.ts"],
  "_encoder.ts": [
    "_base64.ts",
    "_date.ts",
    "_message.ts",
    "_scalars.ts",
    "_sources.ts",
    "_struct.ts",
    "_typed.ts",
    "_utf8_writer.ts",
    "_xml.ts",
    "value.ts",
  ],
  "_utf8_writer.ts": ["_xml.ts"],
  "_encoder_stream.ts": [
    "_alarm.ts",
    "_base64.ts",
    "_encoder.ts",
    "_memory.ts",
    "_sources.ts",
    "_struct.ts",
  ],
  "_intake.ts": ["_memory.ts", "_sources.ts", "_streamed_bytes.ts"],
  "_body.ts": ["codec.ts"],
  "_reader.ts": ["_charset.ts", "_message.ts", "_xml.ts", "errors.ts"],
  "_streamed_bytes.ts": ["_base64.ts", "_reader.ts", "_scalars.ts"],
  "_grammar.ts": [
    "_fault.ts",
    "_message.ts",
    "_method_name.ts",
    "_pattern.ts",
    "_scalars.ts",
    "_streamed_bytes.ts",
    "_struct.ts",
    "_xml.ts",
    "value.ts",
  ],
  "_scalars.ts": [
    "_base64.ts",
    "_date.ts",
    "_message.ts",
    "_xml.ts",
    "value.ts",
  ],
  "_charset.ts": ["_message.ts", "_xml.ts"],
  "_xml.ts": ["_message.ts"],
  "value.ts": ["_typed.ts"],
  "_typed.ts": ["_date.ts", "_message.ts", "value.ts"],
  "_base64.ts": [],
  "_sources.ts": [],
  "_date.ts": [],
  "_message.ts": [],
  "_struct.ts": [],
  "errors.ts": [],
  "_incoming.ts": [
    "_decoder.ts",
    "_intake.ts",
    "_origin.ts",
    "_policy.ts",
    "codec.ts",
    "errors.ts",
  ],
  "_deadline.ts": ["_alarm.ts"],
  "_alarm.ts": [],
  "_deferred.ts": [],
  "_memory.ts": [],
  "_method_name.ts": ["_message.ts", "_xml.ts"],
  "_origin.ts": ["_alarm.ts", "_load.ts"],
  "_load.ts": ["_deferred.ts"],
  "_handler.ts": [
    "_decoder.ts",
    "_deferred.ts",
    "_dispatch.ts",
    "_document.ts",
    "_encoder.ts",
    "_incoming.ts",
    "_load.ts",
    "_method_name.ts",
    "_origin.ts",
    "_page.ts",
    "_policy.ts",
    "_sources.ts",
    "codec.ts",
    "errors.ts",
  ],
  "_page.ts": ["docs_page.ts"],
  "docs_page.ts": [],
};

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

/** The imports that `arrows` does not have, as `a.ts → b.ts`. */
function forbiddenArrows(
  modules: readonly Module[],
  root: string,
  arrows: Readonly<Record<string, readonly string[]>>,
): string[] {
  const nameOf = (specifier: string) =>
    specifier.startsWith(root) ? specifier.slice(root.length) : specifier;
  return modules.flatMap(({ specifier, imports }) => {
    const from = nameOf(specifier);
    const allowed = Object.hasOwn(arrows, from) ? arrows[from]! : [];
    const known = Object.hasOwn(arrows, from) ? [] : [`${from} → no row`];
    return [
      ...known,
      ...imports.map(nameOf).filter((to) => !allowed.includes(to))
        .map((to) => `${from} → ${to}`),
    ];
  });
}

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

for (const entry of [...ENTRY_POINTS, ...APART]) {
  Deno.test(`${entry} leads to no import that the table does not have`, async () => {
    const modules = await modulesOf(entry);
    assert(modules.some(({ specifier }) => specifier === ROOT + entry));
    assertEquals(forbiddenArrows(modules, ROOT, ARROWS), []);
  });
}

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
  const led = (await allModules()).map(({ specifier }) => specifier);
  assertEquals(led.filter((name) => /\/_?cli[_.]/.test(name)), []);
});

Deno.test("the library's modules use nothing but web standards, and print nothing", async () => {
  // The page is text: what it says of other runtimes is not what it does.
  const modules = (await allModules()).filter(({ specifier }) =>
    !specifier.endsWith("/docs_page.ts")
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
        one.specifier === new URL(path!, ROOT).href
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
  for (const name of ["codec.ts", "_xml.ts", "_http.ts", "server.ts"]) {
    assert(!names.includes(ROOT + name), name);
  }
});

Deno.test("forbiddenArrows() finds what the table does not have", () => {
  const root = "file:///house/";
  const arrows = { "a.ts": ["b.ts"], "b.ts": [] };
  const modules: Module[] = [
    {
      specifier: `${root}a.ts`,
      imports: [`${root}b.ts`, `${root}rooms/b.ts`, "npm:left-pad"],
    },
    { specifier: `${root}b.ts`, imports: [`${root}a.ts`] },
    { specifier: `${root}toString`, imports: [] },
    { specifier: "https://elsewhere/b.ts", imports: [] },
  ];
  assertEquals(forbiddenArrows(modules, root, arrows), [
    "a.ts → rooms/b.ts",
    "a.ts → npm:left-pad",
    "b.ts → a.ts",
    "toString → no row",
    "https://elsewhere/b.ts → no row",
  ]);
});

Deno.test("forbiddenArrows() is content with what the table has", () => {
  const root = "file:///house/";
  const modules = [
    { specifier: `${root}a.ts`, imports: [`${root}b.ts`] },
    { specifier: `${root}b.ts`, imports: [] },
  ];
  const arrows = { "a.ts": ["b.ts"], "b.ts": [] };
  assertEquals(forbiddenArrows(modules, root, arrows), []);
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
