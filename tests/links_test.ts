// The files and sections that the documentation names exist.

import { assertEquals, assertNotEquals } from "@std/assert";

const ROOT = new URL("../", import.meta.url);

/** Folders without documentation of ours. */
const SKIPPED: ReadonlySet<string> = new Set([
  ".git",
  "coverage",
  "dist",
  "node_modules",
]);

/** Names that stand for a file of the reader's or for any file, and what tasks build. */
const PLACEHOLDER =
  /^(?:api|x|x_test)\.ts$|^dist\/|^xmlrpc\.(?:min\.|d\.)?[jt]s$|\*|(?:^|\/)(?:GROUP|LANGUAGE|TOPIC)\b/;

/** The paths of all files and folders, from the top; those of folders end with a slash. */
async function listPaths(folder = ""): Promise<string[]> {
  const paths: string[] = [];
  for await (
    const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))
  ) {
    if (SKIPPED.has(name)) continue;
    if (!isDirectory) paths.push(folder + name);
    else {
      const path = `${folder}${name}/`;
      paths.push(path, ...await listPaths(path));
    }
  }
  return paths;
}

const PATHS = new Set(await listPaths());
const NAMES = new Set(Array.from(PATHS, (path) => path.split("/").at(-1)!));
const PAGES = [...PATHS].filter((path) => path.endsWith(".md")).sort();

function read(path: string): Promise<string> {
  return Deno.readTextFile(new URL(path, ROOT));
}

/** Whether there is a file or folder of that path, from the top. */
function exists(path: string): boolean {
  return PATHS.has(path) || PATHS.has(`${path}/`);
}

/** A path in a page of that path, from the top. */
function resolvePath(path: string, page: string): string {
  const { pathname } = new URL(path, `file:///${page}`);
  return decodeURIComponent(pathname.slice(1));
}

/** A page without its blocks of code. */
function withoutBlocks(text: string): string {
  return text.replace(/^```[^]*?^```$/gm, "");
}

/** The anchors of a page's headings, as GitHub makes them. */
function findAnchors(text: string): string[] {
  return Array.from(
    withoutBlocks(text).matchAll(/^#+ (.+)$/gm),
    ([, heading]) =>
      heading!.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(" ", "-"),
  );
}

/** The targets of a page's links and pictures, without those on the web. */
function findLinks(text: string): string[] {
  return Array.from(
    withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g),
    ([, target]) => target!,
  ).filter((target) => !/^https?:/.test(target));
}

/** What in code spans looks like the path of a file or folder of ours. */
function findPathsInCode(text: string): string[] {
  return Array.from(
    withoutBlocks(text).matchAll(/`([\w@.*/-]+)`/g),
    ([, span]) => span!,
  ).filter((span) =>
    /\w\.(?:[cm]?[jt]s|py|md|json|css|html)$/.test(span) ||
    /^[a-z][\w/]*\/$/.test(span)
  );
}

/** The programs that a text runs with `deno run`. */
function findPrograms(text: string): string[] {
  return Array.from(
    text.matchAll(/deno (?:run|check)(?: -[\w-]+)*((?: [\w./-]+\.ts)+)/g),
    ([, programs]) => programs!.trim().split(" "),
  ).flat();
}

/** The targets in a page that there are not. */
async function findBrokenLinks(page: string): Promise<string[]> {
  const broken: string[] = [];
  for (const target of findLinks(await read(page))) {
    const [file, anchor] = target.split("#");
    const path = file === "" ? page : resolvePath(file!, page);
    if (!exists(path)) broken.push(target);
    else if (
      anchor !== undefined && !findAnchors(await read(path)).includes(anchor)
    ) broken.push(target);
  }
  return broken;
}

for (const page of PAGES) {
  Deno.test(`the links of ${page} lead to files and headings that exist`, async () => {
    assertEquals(await findBrokenLinks(page), []);
  });

  Deno.test(`the files that ${page} names exist`, async () => {
    const missing = findPathsInCode(await read(page)).filter((path) => {
      if (PLACEHOLDER.test(path)) return false;
      if (!path.includes("/")) return !NAMES.has(path);
      return !exists(path) && !exists(resolvePath(path, page));
    });
    assertEquals(missing, []);
  });
}

Deno.test("docs/README.md links to every page of the guide", async () => {
  const links = findLinks(await read("docs/README.md"));
  const pages = PAGES.filter((page) => /^docs\/(?!README)/.test(page));
  assertNotEquals(pages, []);
  assertEquals(pages.filter((page) => !links.includes(page.slice(5))), []);
});

Deno.test("the programs that comments, tasks and pages run exist", async () => {
  const missing: string[] = [];
  let count = 0;
  for (const path of PATHS) {
    if (!/\.(?:ts|md|json)$/.test(path)) continue;
    for (const program of findPrograms(await read(path))) {
      count++;
      const isThere = exists(program) || exists(resolvePath(program, path));
      if (!isThere && !PLACEHOLDER.test(program)) {
        missing.push(`${path}: ${program}`);
      }
    }
  }
  assertEquals(missing, []);
  assertNotEquals(count, 0);
});

Deno.test("findLinks() finds links and pictures, but none in blocks of code", () => {
  const text = "[a](a.md#b), [c](https://c) ![d](d.png)\n```\n[e](e)\n```\n";
  assertEquals(findLinks(text), ["a.md#b", "d.png"]);
});

Deno.test("findPathsInCode() finds files and folders in code spans", () => {
  const text = "`a/b.ts`, `a.b()`, `f/`, `.ts`, c.ts, `d.md`";
  assertEquals(findPathsInCode(text), ["a/b.ts", "f/", "d.md"]);
});

Deno.test("findAnchors() makes the anchors of headings", () => {
  const text = "# A `b.ts`, c\n```sh\n# d\n```\n## E_f-g\n";
  assertEquals(findAnchors(text), ["a-bts-c", "e_f-g"]);
});

Deno.test("findPrograms() finds what deno runs and checks", () => {
  const [run, check] = ["deno run", "deno check"];
  const text = `${run} -A a/b.ts [C] && ${check} c.ts d.ts`;
  assertEquals(findPrograms(text), ["a/b.ts", "c.ts", "d.ts"]);
});
