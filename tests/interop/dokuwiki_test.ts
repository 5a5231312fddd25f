// DokuWiki, as Debian has it, served by PHP itself.

import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { createClient, XmlRpcHttpError } from "@xmlrpc/xmlrpc";
import {
  connect,
  type DokuWikiMethods,
} from "../../examples/recipes/dokuwiki.ts";
import { findPort, Folder, runRecipe, start, Steps } from "./_apps.ts";

const PROGRAM = "/usr/share/dokuwiki";
const DEFAULTS = "/etc/dokuwiki";

interface Wiki {
  /** Where Ada may do all. */
  readonly url: string;
  /** The same, for who has no name: they may read. */
  readonly anonymous: string;
  readonly folder: string;
}

/** Writes a configuration and an empty wiki. */
async function prepare(folder: Folder): Promise<void> {
  await folder.add("conf");
  const kinds = ["pages", "attic", "media", "media_attic", "media_meta"];
  const others = ["meta", "cache", "index", "locks", "tmp", "log"];
  await folder.add(...[...kinds, ...others].map((name) => `data/${name}`));
  for await (const { name, isFile } of Deno.readDir(DEFAULTS)) {
    if (!isFile) continue;
    await Deno.copyFile(`${DEFAULTS}/${name}`, `${folder.path}/conf/${name}`);
  }
  const hash = await crypto.subtle.digest(
    "SHA-1",
    new TextEncoder().encode("s3cret"),
  );
  await folder.write("conf/acl.auth.php", "* @ALL 1\n");
  await folder.write(
    "conf/users.auth.php",
    `ada:${new Uint8Array(hash).toHex()}:Ada:ada@example.org:admin,user\n`,
  );
  await folder.write(
    "conf/local.php",
    `<?php
$conf['savedir'] = '${folder.path}/data';
$conf['useacl'] = 1;
$conf['superuser'] = 'ada';
$conf['remote'] = 1;
$conf['remoteuser'] = '';
`,
  );
  await folder.write(
    "site.php",
    `<?php
define('DOKU_MAIN_CONF', '${folder.path}/conf/');
define('DOKU_CONF', '${folder.path}/conf/');
`,
  );
}

/** Runs a wiki while `use` does. */
async function serve(use: (wiki: Wiki) => Promise<void>): Promise<void> {
  await using folder = await Folder.make();
  await prepare(folder);
  const address = `127.0.0.1:${findPort()}`;
  await using php = start(
    "php",
    ...["-S", address, "-t", PROGRAM],
    ...["-d", `auto_prepend_file=${folder.path}/site.php`],
  );
  await php.waitFor(/Development Server .* started/);
  const path = "/lib/exe/xmlrpc.php";
  await use({
    url: `http://ada:s3cret@${address}${path}`,
    anonymous: `http://${address}${path}`,
    folder: folder.path,
  });
}

const tests = new Steps<Wiki>();

tests.step(
  "keeps a page with markup and emoji, and its versions",
  async ({ url }) => {
    const { wiki, dokuwiki } = connect(url).methods;
    const text = "====== Größe <b> & 世界 🎉 ======\n\nsome text";
    assertEquals(await wiki.putPage("notes:one", text, { sum: "new" }), true);
    assertEquals(await wiki.getPage("notes:one"), text);
    assertEquals(await dokuwiki.appendPage("notes:one", "\nmore", {}), true);
    assertEquals(await wiki.getPage("notes:one"), `${text}\nmore`);
    const info = await wiki.getPageInfo("notes:one");
    assertEquals([info.name, info.author], ["notes:one", "ada"]);
    // It sends 2026-11-25T01:24:57+00:00, and the same as seconds.
    assertEquals(info.lastModified.getTime(), info.version * 1000);
    assertStringIncludes(
      await wiki.getPageHTML("notes:one"),
      "&lt;b&gt; &amp;",
    );
    const [found] = await dokuwiki.search("text");
    assertEquals(found?.id, "notes:one");
    const pages = await wiki.getAllPages();
    assertEquals(pages.map(({ id }) => id), ["notes:one"]);
    assertEquals(await wiki.aclCheck("notes:one"), 255);
  },
);

tests.step("keeps a picture, as bytes and as a Blob", async ({ url }) => {
  const client = connect(url);
  const picture = await Deno.readFile(
    new URL("../../examples/picture.png", import.meta.url).pathname,
  );
  for (const bytes of [picture, new Blob([picture])]) {
    const name = await client.call("wiki.putAttachment", [
      "notes:picture.png",
      bytes,
      { ow: true },
    ]);
    assertEquals(name, "notes:picture.png");
    const stream = await client.stream("wiki.getAttachment", [name]);
    assertEquals(await new Response(stream).bytes(), picture);
  }
});

tests.step(
  "answers {} where it means a fault; the recipe refuses it",
  async ({ url }) => {
    const plain = createClient<DokuWikiMethods>(url);
    assertEquals(
      await plain.call("no.such" as "wiki.getAllPages"),
      {} as never,
    );
    assertEquals(await plain.call("wiki.getPageInfo", ["none"]), {} as never);
    const text = new Uint8Array([1]);
    assertEquals(
      await plain.call("wiki.putAttachment", ["a.png", text, {}]),
      {} as never,
    );
    const error = await assertRejects(
      () => connect(url).methods.wiki.getPageInfo("none"),
      Error,
    );
    assertStringIncludes(error.message, "has refused wiki.getPageInfo");
  },
);

tests.step("has no multicall, and does not say so", async ({ url }) => {
  const plain = createClient<DokuWikiMethods>(url);
  const error = await assertRejects(
    () => plain.multicall([["dokuwiki.getTime"], ["dokuwiki.getTitle"]]),
    TypeError,
  );
  assertStringIncludes(error.message, "expected an array of 2, got a struct");
});

tests.step(
  'is called as ever with signatures: "introspect", of which it has none',
  async ({ url }) => {
    const { dokuwiki } = createClient<DokuWikiMethods>(url, {
      signatures: "introspect",
    }).methods;
    assertEquals((await dokuwiki.getPagelist("notes", { depth: 0 })).length, 1);
  },
);

tests.step(
  "answers who may not write with status 401",
  async ({ anonymous }) => {
    const { wiki } = connect(anonymous).methods;
    assertStringIncludes(await wiki.getPage("notes:one"), "Größe");
    const error = await assertRejects(
      () => wiki.putPage("notes:one", "mine", {}),
      XmlRpcHttpError,
    );
    assertEquals(error.status, 401);
    assertStringIncludes(error.message, "check user name and password");
  },
);

tests.step(
  "answers a param of another type with a web page, which is told",
  async ({ url }) => {
    const error = await assertRejects(
      () => connect(url).call("wiki.getPage", [new Date() as never]),
      XmlRpcHttpError,
    );
    assertEquals(error.status, 200);
    assertStringIncludes(error.body, "could not be converted to string");
  },
);

tests.step(
  "gets a page from dokuwiki.ts, and changes",
  async ({ url, folder }) => {
    const file = `${folder}/today.txt`;
    await Deno.writeTextFile(file, "Größe 🎉");
    const recipe = await runRecipe("dokuwiki.ts", url, "notes:today", file);
    assertEquals([recipe.code, recipe.stderr], [0, ""]);
    assertMatch(recipe.stdout, /^\d{4}-.*Z ada: from .*today\.txt\n$/);
    assertEquals(
      await connect(url).methods.wiki.getPage("notes:today"),
      "Größe 🎉",
    );
  },
);

const isThere = await Deno.stat(PROGRAM).then(() => true, () => false);
await tests.register(
  isThere ? "php" : PROGRAM,
  "dokuwiki and php-cli",
  "DokuWiki",
  serve,
);
