// aria2, as Debian has it.

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { createClient, XmlRpcFault } from "@xmlrpc/xmlrpc";
import { type Aria2Methods, connect } from "../../examples/recipes/aria2.ts";
import {
  findPort,
  Folder,
  runRecipe,
  start,
  Steps,
  torrentOf,
  until,
} from "./_apps.ts";

const SECRET = "s3cret";

interface Aria2 {
  readonly url: string;
  /** Where downloads go. */
  readonly folder: string;
  /** The address of a file to be downloaded. */
  readonly address: string;
}

const FILE = new Uint8Array(300_000).map((_, index) => index * index);

/** Runs aria2, and a server with a file to download, while `use` does. */
async function serve(use: (aria2: Aria2) => Promise<void>): Promise<void> {
  await using folder = await Folder.make();
  await using files = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    ({ url }) => new Response(url.endsWith(".bin") ? FILE : null),
  );
  const port = findPort();
  await using aria2 = start(
    "aria2c",
    ...["--no-conf", "--enable-rpc", `--rpc-secret=${SECRET}`],
    ...[`--rpc-listen-port=${port}`, `--dir=${folder.path}`],
    ...["--interface=127.0.0.1", `--listen-port=${findPort()}`],
    ...["--enable-dht=false", "--enable-dht6=false", "--bt-enable-lpd=false"],
  );
  await aria2.waitFor(/IPv4 RPC: listening/);
  const url = `http://127.0.0.1:${port}/rpc`;
  const address = `http://127.0.0.1:${files.addr.port}/Gr%C3%B6%C3%9Fe.bin`;
  await use({ url, folder: folder.path, address });
  assertEquals(await connect(url, SECRET).methods.aria2.shutdown(), "OK");
  assertEquals(await aria2.ended(), 0);
}

const tests = new Steps<Aria2>();

tests.step(
  "downloads a file and tells how it is doing",
  async ({ url, folder, address }) => {
    const { aria2 } = connect(url, SECRET).methods;
    const gid = await aria2.addUri([address], { out: "a & ö.bin" });
    assertMatch(gid, /^[0-9a-f]{16}$/);
    const done = await until(
      () => aria2.tellStatus(gid, ["status", "completedLength", "files"]),
      ({ status }) => status !== "active" && status !== "waiting",
    );
    assertEquals(done.status, "complete");
    assertEquals(done.completedLength, String(FILE.length));
    assertEquals(done.files[0]?.path, `${folder}/a & ö.bin`);
    assertEquals(await Deno.readFile(`${folder}/a & ö.bin`), FILE);
    assertEquals((await aria2.getOption(gid)).out, "a & ö.bin");
    const stopped = await aria2.tellStopped(0, 10, ["gid"]);
    assert(stopped.some((download) => download.gid === gid));
    assertEquals(await aria2.removeDownloadResult(gid), "OK");
  },
);

tests.step(
  "takes a torrent as bytes and as a Blob, and reads it the same",
  async ({ url }) => {
    const client = connect(url, SECRET);
    for (const [index, name] of ["a.txt", "世界 🎉.txt"].entries()) {
      const torrent = torrentOf(name);
      const gid = await client.call("aria2.addTorrent", [
        index === 0 ? torrent : new Blob([torrent]),
        [],
        { pause: "true" },
      ]);
      const waiting = await client.call("aria2.tellWaiting", [0, 9]);
      const download = waiting.find((each) => each.gid === gid);
      assertEquals(download?.status, "paused");
      assertEquals(download?.bittorrent?.info?.name, name);
      assertEquals(await client.call("aria2.remove", [gid]), gid);
    }
  },
);

tests.step(
  "answers each call of a multicall, with the token in each",
  async ({ url }) => {
    const [version, unknown, stat] = await connect(url, SECRET).multicall([
      ["aria2.getVersion"],
      ["aria2.tellStatus", ["0123456789abcdef"]],
      ["aria2.getGlobalStat"],
    ]);
    assert(version.status === "fulfilled" && stat.status === "fulfilled");
    assert(version.value.enabledFeatures.includes("XML-RPC"));
    assertMatch(stat.value.numActive, /^\d+$/);
    assert(unknown.status === "rejected");
    assertEquals(
      unknown.reason,
      new XmlRpcFault(1, "GID 0123456789abcdef is not found"),
    );
  },
);

tests.step("answers all faults with code 1", async ({ url }) => {
  const { aria2 } = connect(url, SECRET).methods;
  const cases = [
    [aria2.addUri([]), "URI is not provided."],
    [aria2.addTorrent(new Uint8Array([1])), "Bencode decoding failed"],
    [aria2.addUri(5 as never), "The parameter at 0 has wrong type."],
  ] as const;
  for (const [call, message] of cases) {
    const fault = await assertRejects(() => call, XmlRpcFault);
    assertEquals([fault.code, fault.message], [1, message]);
  }
});

tests.step(
  "refuses calls without the token, but for the list of methods",
  async ({ url }) => {
    const { methods } = createClient<Aria2Methods>(url);
    const fault = await assertRejects(
      () => methods.aria2.getVersion(),
      XmlRpcFault,
    );
    assertEquals(fault.message, "Unauthorized");
    assert((await methods.system.listMethods()).includes("aria2.addUri"));
  },
);

tests.step(
  'is called as ever with signatures: "introspect", of which it has none',
  async ({ url }) => {
    const called: string[] = [];
    const client = connect(url, SECRET).with({
      signatures: "introspect",
      interceptors: [(call, next) => {
        called.push(call.methodName);
        return next(call);
      }],
    });
    for (let round = 0; round < 2; round++) {
      await client.call("aria2.changeGlobalOption", [{ "max-tries": "2" }]);
    }
    // Asked once, for the answer is that there is no such method.
    assertEquals(called, [
      "aria2.changeGlobalOption",
      "system.methodSignature",
      "aria2.changeGlobalOption",
    ]);
  },
);

tests.step(
  "downloads a file for aria2.ts",
  async ({ url, folder, address }) => {
    const recipe = await runRecipe("aria2.ts", url, SECRET, address);
    assertEquals([recipe.code, recipe.stderr], [0, ""]);
    assertMatch(
      recipe.stdout,
      /complete: 300000 of 300000 bytes\n.*Größe.*\n$/,
    );
    assertEquals(await Deno.readFile(`${folder}/Größe.bin`), FILE);
  },
);

await tests.register("aria2c", "aria2", "aria2", serve);
