// WordPress, as Debian has it, served by PHP itself, with a MariaDB of its own.

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { createClient, XmlRpcFault } from "@xmlrpc/xmlrpc";
import {
  connect,
  readDate,
  type WordPressMethods,
} from "../../examples/recipes/wordpress.ts";
import { findPort, Folder, runRecipe, start, Steps } from "./_apps.ts";
import { isInstalled, run } from "../support/program.ts";

const PROGRAM = "/usr/share/wordpress";
const USER = "ada";
const PASSWORD = "s3cret";
const ADA = [1, USER, PASSWORD] as const;

interface Blog {
  readonly url: string;
  /** Asks the database. */
  readonly query: (sql: string) => Promise<void>;
}

/** Makes a database; gives what starts it. */
async function createDatabase(folder: string): Promise<readonly string[]> {
  const common = ["--no-defaults", "--user=root", `--datadir=${folder}/data`];
  await run(
    "mariadb-install-db",
    ...common,
    "--skip-test-db",
    "--auth-root-authentication-method=normal",
  );
  return [
    ...[...common, "--skip-networking", `--socket=${folder}/socket`],
    ...[`--pid-file=${folder}/pid`, "--innodb-buffer-pool-size=32M"],
  ];
}

/** Lays out a site that has WordPress's files, and its own configuration. */
async function layOut(folder: Folder, address: string): Promise<void> {
  const { path } = folder;
  await folder.add("site", "content/uploads");
  for await (const { name } of Deno.readDir(PROGRAM)) {
    if (name === "wp-config.php") continue;
    await Deno.symlink(`${PROGRAM}/${name}`, `${path}/site/${name}`);
  }
  await folder.write(
    "site/wp-config.php",
    `<?php
define('DB_NAME', 'wordpress');
define('DB_USER', 'root');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:${path}/socket');
define('DB_CHARSET', 'utf8mb4');
define('WP_HOME', 'http://${address}');
define('WP_SITEURL', WP_HOME);
define('WP_CONTENT_DIR', '${path}/content');
define('DISABLE_WP_CRON', true);
define('WP_HTTP_BLOCK_EXTERNAL', true);
$table_prefix = 'wp_';
require_once ABSPATH . 'wp-settings.php';
`,
  );
  await folder.write("site.php", `<?php define('ABSPATH', '${path}/site/');`);
  await folder.write(
    "install.php",
    `<?php
$sql = 'CREATE DATABASE wordpress CHARACTER SET utf8mb4';
(new mysqli('localhost', 'root', '', '', 0, '${path}/socket'))->query($sql);
$_SERVER['HTTP_HOST'] = '${address}';
define('WP_INSTALLING', true);
function wp_mail() { return true; }
require ABSPATH . 'wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('A blog', '${USER}', 'ada@example.org', false, '', '${PASSWORD}');
`,
  );
  await folder.write(
    "query.php",
    `<?php
$db = new mysqli('localhost', 'root', '', 'wordpress', 0, '${path}/socket');
$db->query("SET sql_mode = ''");
$db->query($argv[1]);
`,
  );
}

/** Runs a blog while `use` does. */
async function serve(use: (blog: Blog) => Promise<void>): Promise<void> {
  await using folder = await Folder.make();
  const { path } = folder;
  await using database = start("mariadbd", ...await createDatabase(path));
  await database.waitFor(/ready for connections/);
  const address = `127.0.0.1:${findPort()}`;
  await layOut(folder, address);
  const site = ["-d", `auto_prepend_file=${path}/site.php`];
  await run("php", ...site, `${path}/install.php`);
  await using php = start("php", "-S", address, "-t", PROGRAM, ...site);
  await php.waitFor(/Development Server .* started/);
  await use({
    url: `http://${address}/xmlrpc.php`,
    query: async (sql) => void await run("php", `${path}/query.php`, sql),
  });
  database.stop();
  assertEquals(await database.ended(), 0);
}

const tests = new Steps<Blog>();

tests.step("keeps a post with markup and emoji", async ({ url }) => {
  const { wp } = connect(url).methods;
  const [blog] = await wp.getUsersBlogs(USER, PASSWORD);
  assertEquals([blog?.blogName, blog?.isAdmin], ["A blog", true]);
  const date = new Date("2020-01-02T03:04:05Z");
  const id = await wp.newPost(...ADA, {
    post_title: "Größe <b> & 世界 🎉",
    post_content: "one\ntwo",
    post_date_gmt: date,
    terms_names: { post_tag: ["a", "ö"] },
  });
  const fields = ["post_title", "post_content", "post_status"] as const;
  assertEquals(await wp.getPost(...ADA, id, [...fields, "post_date_gmt"]), {
    post_id: id,
    post_title: "Größe <b> & 世界 🎉",
    post_content: "one\ntwo",
    post_status: "draft",
    post_date_gmt: date,
  } as never);
  assertEquals(await wp.editPost(...ADA, id, { post_status: "publish" }), true);
  const posts = await wp.getPosts(...ADA, { number: 9 }, ["post_title"]);
  assertEquals(posts.map(({ post_id }) => post_id), ["1", id]);
  assertEquals(await wp.deletePost(...ADA, id), true);
  assertEquals((await wp.getPosts(...ADA, { number: 9 })).length, 1);
});

tests.step("stores a picture, as bytes and as a Blob", async ({ url }) => {
  const client = connect(url);
  const picture = await Deno.readFile(
    new URL("../../examples/picture.png", import.meta.url).pathname,
  );
  for (const bits of [picture, new Blob([picture])]) {
    const file = await client.call("wp.uploadFile", [
      ...ADA,
      { name: "a picture.png", type: "image/png", bits, overwrite: true },
    ]);
    assertEquals([file.file, file.type], ["a-picture.png", "image/png"]);
  }
});

tests.step(
  "sends zeros for a date that is not set: refused, or null",
  async ({ url, query }) => {
    await query(
      "UPDATE wp_posts SET post_modified = 0, post_modified_gmt = 0 WHERE ID = 1",
    );
    const plain = createClient<WordPressMethods>(url).methods.wp;
    const error = await assertRejects(
      () => plain.getPost(...ADA, "1", ["post_modified_gmt"]),
      SyntaxError,
    );
    assertMatch(error.message, /Cannot read "00000000T00:00:00Z?" as dateTime/);
    const { wp } = connect(url).methods;
    const post = await wp.getPost(...ADA, "1", ["post_modified_gmt"]);
    assertEquals(post.post_modified_gmt, null);
  },
);

tests.step("answers each call of a multicall", async ({ url }) => {
  const client = createClient(url);
  const [sum, post, unknown] = await client.multicall([
    ["demo.addTwoNumbers", [1, 2]],
    ["wp.getPost", [...ADA, 999]],
    ["no.such"],
  ]);
  assertEquals(sum, { status: "fulfilled", value: 3 });
  assert(post?.status === "rejected" && unknown?.status === "rejected");
  assertEquals(post.reason, new XmlRpcFault(404, "Invalid post ID."));
  assertEquals(unknown.reason.code, -32601);
});

tests.step(
  "refuses all of a multicall after one wrong password",
  async ({ url }) => {
    const results = await connect(url).multicall([
      ["wp.getUsersBlogs", [USER, "wrong"]],
      ["wp.getUsersBlogs", [USER, PASSWORD]],
    ]);
    const refused = new XmlRpcFault(403, "Incorrect username or password.");
    for (const result of results) {
      assert(result.status === "rejected");
      assertEquals(result.reason, refused);
    }
  },
);

tests.step(
  'is called as ever with signatures: "introspect", of which it has none',
  async ({ url }) => {
    const client = createClient(url, { signatures: "introspect" });
    assertEquals(await client.call("demo.addTwoNumbers", [8, 8]), 16);
  },
);

tests.step("gets a picture and a draft from wordpress.ts", async ({ url }) => {
  const picture =
    new URL("../../examples/picture.png", import.meta.url).pathname;
  const recipe = await runRecipe("wordpress.ts", url, USER, PASSWORD, picture);
  assertEquals([recipe.code, recipe.stderr], [0, ""]);
  assertMatch(recipe.stdout, /^Post \d+ shows http:.*\/picture\.png\n$/);
});

Deno.test("readDate() reads the forms in which WordPress sends dates", () => {
  const date = new Date("2020-01-02T03:04:05Z");
  assertEquals(readDate("20200102T03:04:05"), date);
  assertEquals(readDate("2020-01-02T03:04:05Z"), date);
  assertEquals(readDate("00000000T00:00:00Z"), null);
});

const isThere = await Deno.stat(PROGRAM).then(() => true, () => false) &&
  await isInstalled("php");
await tests.register(
  isThere ? "mariadbd" : PROGRAM,
  "wordpress, php-cli, php-mysql and mariadb-server-core",
  "WordPress",
  serve,
);
