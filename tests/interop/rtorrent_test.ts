// rTorrent, as Debian has it, whose SCGI nginx makes HTTP of.

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { createClient, XmlRpcFault } from "@xmlrpc/xmlrpc";
import {
  connect,
  type Download,
  downloads,
  type RTorrentMethods,
} from "../../examples/recipes/rtorrent.ts";
import {
  findPort,
  Folder,
  runRecipe,
  seen,
  start,
  startNginx,
  Steps,
  torrentOf,
  until,
} from "./_apps.ts";
import { isInstalled } from "../support/program.ts";

/** The lines for nginx that the recipe tells, at another port and socket. */
async function siteOf(port: number, socket: string): Promise<string> {
  const recipe = await Deno.readTextFile(
    new URL("../../examples/recipes/rtorrent.ts", import.meta.url).pathname,
  );
  const [lines = ""] = recipe.match(/^\/\/ +server \{[^]*?^\/\/ {5}\}$/m) ?? [];
  return lines.replaceAll(/^\/\/ {5}/gm, "")
    .replace("127.0.0.1:5000", `127.0.0.1:${port}`)
    .replace("scgi_params", "/etc/nginx/scgi_params")
    .replace("/run/rtorrent/rpc.socket", socket);
}

/** Runs rTorrent, and nginx before it, while `use` is told where. */
async function serve(use: (url: string) => Promise<void>): Promise<void> {
  await using folder = await Folder.make();
  const { path } = folder;
  await folder.add("session", "downloads");
  const socket = `${path}/rpc.socket`;
  const configuration = await folder.write(
    "rtorrent.rc",
    `system.daemon.set = true
session.path.set = ${path}/session
directory.default.set = ${path}/downloads
network.bind_address.set = 127.0.0.1
network.port_open.set = no
network.scgi.open_local = ${socket}
dht.mode.set = off
protocol.pex.set = no
trackers.use_udp.set = no
`,
  );
  await using _rtorrent = start(
    "rtorrent",
    ...["-n", "-o", `import=${configuration}`],
  );
  await seen(socket, Deno.stat);
  const port = findPort();
  await using _nginx = await startNginx(path, await siteOf(port, socket));
  await use(`http://127.0.0.1:${port}/RPC2`);
}

/** Adds a download; gives what becomes of it. */
async function load(
  url: string,
  torrent: Uint8Array | Blob,
): Promise<Download> {
  const client = connect(url);
  assertEquals(await client.call("load.raw", ["", torrent]), 0);
  const [download] = await until(
    () => downloads(client),
    (all) => all.length > 0,
  );
  return download!;
}

const tests = new Steps<string>();

tests.step(
  "takes a torrent, describes it, starts and stops it",
  async (url) => {
    const { d } = connect(url).methods;
    const name = "Größe & <b> 世界.txt";
    const { hash } = await load(url, torrentOf(name));
    assertEquals(await d.name(hash), name);
    assertEquals(await d.size_bytes(hash), 5);
    assertEquals(await d.state(hash), 0);
    assertEquals(await d.start(hash), 0);
    assertEquals(await d.state(hash), 1);
    assertEquals(await d.stop(hash), 0);
    assertEquals(await d.erase(hash), 0);
    assertEquals(await connect(url).call("download_list", [""]), []);
  },
);

tests.step("takes a torrent as a Blob", async (url) => {
  const { name, hash } = await load(url, new Blob([torrentOf("blob.txt")]));
  assertEquals(name, "blob.txt");
  await connect(url).methods.d.erase(hash);
});

tests.step("keeps a text, but refuses one with emoji", async (url) => {
  const client = connect(url);
  const { hash } = await load(url, torrentOf("text.txt"));
  assertEquals(await client.call("d.custom1.set", [hash, "ä世"]), "ä世");
  assertEquals(await client.methods.d.custom1(hash), "ä世");
  const fault = await assertRejects(
    () => client.call("d.custom1.set", [hash, "🎉"]),
    XmlRpcFault,
  );
  assertEquals(fault.code, -503);
  assertStringIncludes(fault.message, "not in the Basic Multilingual Plane");
  await client.methods.d.erase(hash);
});

tests.step("returns a name with emoji as if it were broken", async (url) => {
  const { name, hash } = await load(url, torrentOf("Größe 🎉.txt"));
  assertEquals(name, "Gr????e ????.txt");
  await connect(url).methods.d.erase(hash);
});

tests.step("sends control characters as they are, in names", async (url) => {
  const { name, hash } = await load(url, torrentOf("a\x1bb"));
  assertEquals(name, "a␛b");
  const plain = createClient<RTorrentMethods>(url);
  const error = await assertRejects(
    () => plain.methods.d.name(hash),
    SyntaxError,
  );
  assertStringIncludes(error.message, "control character U+001B");
  await plain.methods.d.erase(hash);
});

tests.step(
  "sends all numbers as i8: numbers for the recipe, bigints otherwise",
  async (url) => {
    const numbers = connect(url);
    const set = "throttle.global_down.max_rate.set";
    assertEquals(await numbers.call(set, ["", 102_400]), 0);
    const get = ["throttle.global_down.max_rate", [""]] as const;
    assertEquals(await numbers.call(...get), 102_400);
    assertEquals(await createClient(url).call(...get), 102_400n);
    assertEquals(await createClient(url).call(set, ["", 0n]), 0);
  },
);

tests.step("refuses a call of more than 512 KiB", async (url) => {
  const fault = await assertRejects(
    () => connect(url).methods.load.raw("", new Uint8Array(400_000)),
    XmlRpcFault,
  );
  assertStringIncludes(fault.message, "XML-RPC request too large");
});

tests.step("answers each call of a multicall", async (url) => {
  const [version, unknown, none] = await connect(url).multicall([
    ["system.client_version"],
    ["d.name", ["0".repeat(40)]],
    ["no.such" as "system.pid"],
  ]);
  assertEquals(version, { status: "fulfilled", value: "0.9.8" });
  assert(unknown.status === "rejected" && none.status === "rejected");
  assertEquals(
    unknown.reason,
    new XmlRpcFault(-501, "Could not find info-hash."),
  );
  assertEquals(
    none.reason,
    new XmlRpcFault(-506, "Method 'no.such' not defined"),
  );
});

tests.step("lists its methods, but no types", async (url) => {
  const { system } = connect(url).methods;
  const names = await system.listMethods();
  assert(names.length > 500);
  const client = createClient(url, { signatures: "introspect" });
  assertEquals(
    await client.call("system.methodSignature", ["d.name"]),
    "undef",
  );
  assertEquals(await client.call("download_list", ["", "main"]), []);
});

tests.step("is listed by rtorrent.ts", async (url) => {
  const { hash } = await load(url, torrentOf("Größe.txt"));
  assertEquals(await runRecipe("rtorrent.ts", url), {
    code: 0,
    stdout: "0 %  5 bytes  0 bytes/s  Größe.txt\n",
    stderr: "",
  });
  await connect(url).methods.d.erase(hash);
});

await tests.register(
  await isInstalled("nginx") ? "rtorrent" : "nginx",
  "rtorrent and nginx",
  "rTorrent",
  serve,
);
