import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { install, run, TYPESCRIPT } from "../tests/runtimes/_install.ts";
import { testWith } from "../tests/support/program.ts";
import {
  buildStandalone,
  mergeDeclarations,
  type Standalone,
  writeStandalone,
} from "./standalone.ts";

const ROOT = new URL("../", import.meta.url);

type Library = typeof import("../mod.ts");

/** What npm is needed for: the bundler, TypeScript, and Node, which comes with it. */
async function testFiles(
  name: string,
  test: (folder: string) => Promise<void>,
): Promise<void> {
  await testWith("npm", "npm", name, async () => {
    const folder = await Deno.makeTempDir();
    try {
      await writeStandalone(folder);
      await test(folder);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

await testFiles(
  "the single files are the same, byte for byte, when built again",
  async (folder) => {
    const again = await buildStandalone();
    for (const [name, text] of Object.entries(again)) {
      assertEquals(await Deno.readTextFile(`${folder}/${name}`) === text, true);
    }
  },
);

await testFiles(
  "the single files name version, source and licence",
  async (folder) => {
    const config = await Deno.readTextFile(new URL("deno.json", ROOT));
    const { name, version } = JSON.parse(config);
    const names: readonly (keyof Standalone)[] = [
      "xmlrpc.js",
      "xmlrpc.min.js",
      "xmlrpc.d.ts",
    ];
    for (const file of names) {
      const text = await Deno.readTextFile(`${folder}/${file}`);
      assertStringIncludes(text, `${name} ${version}, licence MIT`);
      assertStringIncludes(text, `https://jsr.io/${name}@${version}`);
      assertStringIncludes(text, "Permission is hereby granted");
      assertStringIncludes(text, "Threads are not in it");
      const hasTypes = text.startsWith('// @ts-self-types="./xmlrpc.d.ts"\n');
      assertEquals(hasTypes, file !== "xmlrpc.d.ts");
    }
  },
);

await testFiles(
  "xmlrpc.js and xmlrpc.min.js export what mod.ts does, and import nothing",
  async (folder) => {
    const library = await import("../mod.ts");
    for (const file of ["xmlrpc.js", "xmlrpc.min.js"]) {
      const built: Library = await import(`${folder}/${file}`);
      assertEquals(Object.keys(built).sort(), Object.keys(library).sort());
      const info = await run(Deno.execPath(), [
        "info",
        "--json",
        `${folder}/${file}`,
      ]);
      const { modules } = JSON.parse(info);
      const own = modules.map(({ specifier }: { specifier: string }) =>
        specifier.replace(/^.*\//, "")
      );
      assertEquals(own.filter((name: string) => name !== "xmlrpc.d.ts"), [
        file,
      ]);
    }
  },
);

await testFiles("xmlrpc.js agrees with the corpus", async (folder) => {
  const map = `${folder}/map.json`;
  const imports = {
    [new URL("mod.ts", ROOT).href]: `file://${folder}/xmlrpc.js`,
  };
  await Deno.writeTextFile(map, JSON.stringify({ imports }));
  const corpus = new URL("tests/corpus/run.ts", ROOT).pathname;
  const flags = ["run", "-A", "--no-config", "--no-lock"];
  const printed = await run(Deno.execPath(), [
    ...flags,
    `--import-map=${map}`,
    corpus,
  ]);
  assertStringIncludes(printed, "1014 passed, 0 failed");
});

await testFiles(
  "xmlrpc.js and xmlrpc.min.js call, serve, and have the page of docs",
  async (folder) => {
    for (const file of ["xmlrpc.js", "xmlrpc.min.js"]) {
      const { createClient, createServer }: Library = await import(
        `${folder}/${file}`
      );
      const methods = { add: (x: number, y: number) => x + y };
      const server = createServer(methods, { docs: true });
      const url = "http://localhost/";
      const client = createClient<typeof methods>(url, { fetch: server.fetch });
      assertEquals(await client.methods.add(8, 8), 16);
      const headers = { accept: "text/html" };
      const page = await server.fetch(new Request(url, { headers }));
      assertEquals(page.status, 200);
      assertStringIncludes(await page.text(), "<!DOCTYPE html>");
    }
  },
);

await testFiles("xmlrpc.js runs in Node as it is", async (folder) => {
  // Without a package.json around it, Node knows an ES module by its name.
  await Deno.rename(`${folder}/xmlrpc.js`, `${folder}/xmlrpc.mjs`);
  await Deno.writeTextFile(
    `${folder}/program.mjs`,
    `import { createClient, createServer } from "./xmlrpc.mjs";
     const server = createServer({ add: (x, y) => x + y });
     const client = createClient("http://localhost/", { fetch: server.fetch });
     console.log(await client.methods.add(8, 8));`,
  );
  assertEquals(await run("node", [`${folder}/program.mjs`]), "16\n");
});

/** The names that Deno's documentation of a module has. */
async function documentedNames(path: string): Promise<string[]> {
  const doc = JSON.parse(await run(Deno.execPath(), ["doc", "--json", path]));
  const modules = Object.values(doc.nodes) as { symbols: { name: string }[] }[];
  const names = modules.flatMap(({ symbols }) => symbols)
    .map(({ name }) => name);
  return [...new Set(names)].sort();
}

await testFiles("xmlrpc.d.ts declares what mod.ts exports", async (folder) => {
  const names = await documentedNames(new URL("mod.ts", ROOT).pathname);
  assert(names.includes("XmlRpcServer"));
  assertEquals(await documentedNames(`${folder}/xmlrpc.d.ts`), names);
});

await testFiles("xmlrpc.d.ts is all that TypeScript needs", async (folder) => {
  await Deno.writeTextFile(
    `${folder}/program.ts`,
    `import { createClient, createServer, method, XmlRpcFault } from "./xmlrpc.js";
     import type { XmlRpcClient } from "./xmlrpc.js";
     const methods = {
       add: method({ params: ["int", "int"], returns: "int" }, (x, y) => x + y),
       greet: (name: string) => \`Hello, \${name}\`,
     };
     const server = createServer(methods);
     const client: XmlRpcClient<typeof methods> = createClient<typeof methods>(
       "http://localhost/",
       { fetch: server.fetch },
     );
     export const sum: Promise<number> = client.methods.add(8, 8);
     // @ts-expect-error: a name is a string
     export const greeting = client.methods.greet(5);
     export const fault: Error = new XmlRpcFault(1, "no");\n`,
  );
  const flags = [
    ...["--noEmit", "--strict", "--exactOptionalPropertyTypes"],
    ...["--module", "nodenext", "--target", "es2024"],
    ...["--lib", "esnext,dom,dom.iterable,dom.asynciterable"],
  ];
  for (const tool of TYPESCRIPT) {
    await run("node", [
      await install(tool),
      ...flags,
      `${folder}/program.ts`,
    ]);
  }
});

Deno.test("mergeDeclarations() puts comments above what they are about", () => {
  assertEquals(
    mergeDeclarations([
      "/** A. */ export interface A {\n  /**\n   * B.\n   */ b: 1;\n}",
      "",
      "/**\n * C.\n */ export declare function c(): A;",
    ]),
    "/** A. */\nexport interface A {\n  /**\n   * B.\n   */\n  b: 1;\n}\n\n" +
      "/**\n * C.\n */\nexport declare function c(): A;\n",
  );
});

Deno.test("mergeDeclarations() refuses what it cannot merge", () => {
  assertThrows(
    () => mergeDeclarations(["interface A {}", "export type A = 1;"]),
    Error,
    "Cannot merge: two of A",
  );
  assertThrows(
    () => mergeDeclarations(['import a from "./a.js";']),
    Error,
    'Cannot merge: import a from "./a.js";',
  );
});
