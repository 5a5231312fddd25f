// Puts page.html, page.css and page.js together as page.ts, which the server sends.
//
//     deno run -A page/build.ts            check that page.ts is what they make
//     deno run -A page/build.ts --write    make it
// deno-lint-ignore-file no-console

import { encodeBase64 } from "@std/encoding/base64";

const TARGET = new URL("./page.ts", import.meta.url);

function read(name: string): Promise<string> {
  return Deno.readTextFile(new URL(name, import.meta.url));
}

/** What a Content-Security-Policy calls the page's only `script` or `style`. */
async function sourceOf(tag: string, page: string): Promise<string> {
  const start = page.indexOf(`<${tag}>`) + tag.length + 2;
  const text = page.slice(start, page.indexOf(`</${tag}>`));
  const bytes = new TextEncoder().encode(text);
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  return `'sha256-${encodeBase64(hash)}'`;
}

/** A script without the comments that stand on lines of their own. */
function withoutComments(script: string): string {
  return script
    .replace(/^[ \t]*\/\*\*(?:[^*]|\*(?!\/))*\*\/\n/gm, "")
    .replace(/^[ \t]*\/\/.*\n/gm, "")
    .replace(/\n{2,}/g, "\n");
}

/** Text as a template literal. */
function literalOf(text: string): string {
  return `\`${text.replace(/[\\`]|\$(?=\{)/g, "\\$&")}\``;
}

/** The source of page.ts. */
export async function buildPage(): Promise<string> {
  const style = await read("page.css");
  const script = withoutComments(await read("page.js"));
  const page = (await read("page.html"))
    .replace("/* page.css */", () => style)
    .replace("/* page.js */", () => script);
  const policy = [
    "default-src 'none'",
    `script-src ${await sourceOf("script", page)}`,
    `style-src ${await sourceOf("style", page)}`,
    "connect-src 'self'",
    "img-src blob: data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  return `// The page that shows a server's methods to browsers, made by page/build.ts of the files
// beside it: change those. This module is browser compatible.

// deno-fmt-ignore-file

/** Its Content-Security-Policy: its own script and style, calls of its own server. */
export const DOCS_POLICY = ${JSON.stringify(policy)};

/** The page itself, which is the same for every server: it asks for the methods. */
export const DOCS_PAGE = ${literalOf(page)};
`;
}

if (import.meta.main) {
  const built = await buildPage();
  if (Deno.args.includes("--write")) {
    await Deno.writeTextFile(TARGET, built);
  } else if (await Deno.readTextFile(TARGET) !== built) {
    console.error("page.ts is old: deno run -A page/build.ts --write");
    Deno.exit(1);
  }
}
