// Every regular expression of the library takes time in proportion to its text, whatever
// that is.

import { assert, assertEquals } from "@std/assert";

// In this process: without it the checker would start another program.
Deno.env.set("RECHECK_SYNC_BACKEND", "pure");
const { checkSync: check } = await import("npm:recheck@4.5.0");

const ROOT = new URL("../../", import.meta.url);

/** Where the library's modules are, beside the top. */
const FOLDERS = [
  "cli/",
  "client/",
  "codec/",
  "codec/xml/",
  "core/",
  "server/",
  "threads/",
  "util/",
];

/** A regular expression, and where it stands. */
interface Found {
  readonly file: string;
  readonly source: string;
  readonly flags: string;
}

/** The library's own modules. */
function modules(): string[] {
  return ["", ...FOLDERS].flatMap((folder) =>
    Array.from(
      Deno.readDirSync(new URL(folder, ROOT)),
      ({ name }) => folder + name,
    )
  )
    .filter((path) => path.endsWith(".ts") && !path.endsWith("_test.ts"))
    .sort();
}

/** The regular expressions that are written as such. */
function literalsIn(file: string, text: string): Found[] {
  const found: Found[] = [];
  Deno.lint.runPlugin(
    {
      name: "regexps",
      rules: {
        literals: {
          create: () => ({
            Literal(node): void {
              const { raw } = node;
              if (!raw.startsWith("/")) return;
              const end = raw.lastIndexOf("/");
              const source = raw.slice(1, end);
              found.push({ file, source, flags: raw.slice(end + 1) });
            },
          }),
        },
      },
    },
    file,
    text,
  );
  return found;
}

/** The regular expressions that modules make of strings when they are loaded. */
async function constructed(files: readonly string[]): Promise<Found[]> {
  const found: Found[] = [];
  const Native = globalThis.RegExp;
  let file = "";
  globalThis.RegExp = class extends Native {
    constructor(source: string, flags?: string) {
      super(source, flags);
      found.push({ file, source, flags: flags ?? "" });
    }
  } as RegExpConstructor;
  try {
    for (file of files) await import(`${ROOT}${file}?regexps`);
  } finally {
    globalThis.RegExp = Native;
  }
  return found;
}

const texts = new Map(
  modules().map((file) => [file, Deno.readTextFileSync(new URL(file, ROOT))]),
);
const makers = [...texts].filter(([, text]) => text.includes("RegExp("));
const regexps = [
  ...[...texts].flatMap(([file, text]) => literalsIn(file, text)),
  ...await constructed(makers.map(([file]) => file)),
];

// What it cannot decide it tries with random texts: the same ones each time.
const SETTINGS = { randomSeed: 0, timeout: 60_000 };

/** Whether the checker thinks a regular expression takes linear time. */
function complexityOf({ source, flags }: Found): string {
  const { status, ...more } = check(source, flags, SETTINGS);
  if (status === "safe") return "linear";
  return "complexity" in more ? more.complexity.summary : status;
}

Deno.test("the checker of regular expressions sees quadratic and exponential ones", () => {
  assertEquals(
    complexityOf({ file: "", source: "^(a+)+$", flags: "" }),
    "exponential",
  );
  assertEquals(
    complexityOf({ file: "", source: "[ \\t]+$", flags: "" }),
    "2nd degree polynomial",
  );
});

Deno.test("every RegExp that is made of a string is made where it can be checked", () => {
  const made = makers.flatMap(([, text]) => [...text.matchAll(/\bRegExp\(/g)]);
  const checked = regexps.filter(({ file, source }) =>
    makers.some(([maker]) => maker === file) &&
    !texts.get(file)!.includes(`/${source}/`)
  );
  assertEquals(checked.length, made.length);
});

Deno.test("there are regular expressions to check", () => {
  assert(regexps.length > 30, `only ${regexps.length} found`);
});

Deno.test("every regular expression of the library takes linear time", async (t) => {
  for (const found of regexps) {
    const { file, source, flags } = found;
    const shown = source.length > 60 ? `${source.slice(0, 60)}…` : source;
    await t.step(`${file}: /${shown}/${flags}`, () => {
      assertEquals(complexityOf(found), "linear");
    });
  }
});
