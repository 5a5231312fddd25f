// A page in Chromium that runs the checks, and reports to where it has come from.

import { stripTypeScriptTypes } from "node:module";
import { Chromium } from "../support/chromium.ts";
import { run } from "./_install.ts";
import { service } from "./_service.ts";
import type { Verdict } from "./_site.ts";

const ROOT = new URL("../../", import.meta.url);

/** How long the next verdict may take to come. */
const PATIENCE_MS = 120_000;

const PAGE = `<!DOCTYPE html>
<title>Checks</title>
<script type="module">
  import { checks } from "/tests/runtimes/checks.ts";
  import { verdictOf } from "/tests/runtimes/_site.ts";
  import corpus from "/corpus.mjs";

  const url = new URL("/RPC2", location).href;
  const threadsModule = new URL("/tests/runtimes/_heavy.ts", location).href;
  const context = { runtime: "chromium", corpus, url, threadsModule };
  const report = (verdict) =>
    fetch("/verdicts", { method: "POST", body: JSON.stringify(verdict) });
  for (const check of checks(corpus)) {
    await report(await verdictOf(check, context));
  }
  await report(null);
</script>
`;

/** A file of this repository, as a browser takes it. */
async function moduleAt(pathname: string): Promise<Response> {
  if (!/^(\/\w+)+\.(ts|m?js)$/.test(pathname)) {
    return new Response(null, { status: 404 });
  }
  const source = await Deno.readTextFile(new URL(`.${pathname}`, ROOT));
  const code = pathname.endsWith(".ts") ? stripTypeScriptTypes(source) : source;
  return new Response(code, { headers: { "content-type": "text/javascript" } });
}

/** What the page asks for; the verdicts that it sends go to `onVerdict`. */
function createHandler(
  corpus: string,
  onVerdict: (verdict: Verdict | null) => void,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/RPC2") return service.fetch(request);
    if (pathname === "/verdicts") {
      onVerdict(await request.json());
      return new Response();
    }
    if (pathname === "/") {
      return new Response(PAGE, { headers: { "content-type": "text/html" } });
    }
    if (pathname !== "/corpus.mjs") return await moduleAt(pathname);
    return new Response(await Deno.readTextFile(corpus), {
      headers: { "content-type": "text/javascript" },
    });
  };
}

/** What a promise gives, if it does so in time. */
async function inTime<T>(promise: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error("The page reports no more")),
    PATIENCE_MS,
  );
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs all checks in a page; the corpus is the path of its module. */
export async function* chromiumVerdicts(
  corpus: string,
): AsyncGenerator<Verdict> {
  const verdicts = new TransformStream<Verdict, Verdict>(
    undefined,
    undefined,
    { highWaterMark: 1000 },
  );
  const writer = verdicts.writable.getWriter();
  await using http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    createHandler(
      corpus,
      (verdict) =>
        void (verdict === null ? writer.close() : writer.write(verdict)),
    ),
  );
  await using chromium = await Chromium.start();
  await using page = await chromium.openPage();
  await page.goto(`http://127.0.0.1:${http.addr.port}/`);
  const reader = verdicts.readable.getReader();
  for (;;) {
    const { done, value } = await inTime(reader.read());
    if (done) return;
    yield value;
  }
}

/** The version of the Chromium that is installed. */
export async function chromiumVersion(): Promise<string> {
  try {
    const text = await run("chromium", ["--version"]);
    return /\d+/.exec(text)?.[0] ?? text;
  } catch {
    return "not installed";
  }
}
