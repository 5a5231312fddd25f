// The master of ROS, as Debian has it: our client calls it, and it calls our server.

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { createClient, i8, XmlRpcFault } from "@xmlrpc/xmlrpc";
import {
  connect,
  createNode,
  type Parameter,
  readResult,
  type RosMaster,
} from "../../examples/recipes/ros.ts";
import { Folder, seen, start, Steps } from "./_apps.ts";
import { Program } from "../support/program.ts";

const ME = "/me";

/** Runs a master while `use` is told where. */
async function serve(use: (url: string) => Promise<void>): Promise<void> {
  await using folder = await Folder.make();
  await folder.add("log");
  await using _master = start(
    "env",
    ...["ROS_IP=127.0.0.1", `ROS_HOME=${folder.path}`],
    ...[`ROS_LOG_DIR=${folder.path}/log`, "rosmaster", "--core", "-p", "0"],
  );
  const url = await seen(`${folder.path}/log/master.log`, async (path) => {
    const text = await Deno.readTextFile(path);
    return /Master initialized: .*uri\[(\S+)\]/.exec(text)?.[1];
  });
  await use(url);
}

const tests = new Steps<string>();

tests.step("keeps parameters of all types it has", async (url) => {
  const { methods } = connect(url);
  const values: Parameter[] = [
    ...[1, -1.5, true, "Größe <b> & 🎉", "", [1, [], "x"], { a: { b: 2 } }],
    ...[new Uint8Array(1000).fill(255), new Date("1998-07-17T14:08:55Z")],
  ];
  for (const value of values) {
    readResult(await methods.setParam(ME, "/x", value));
    assertEquals(readResult(await methods.getParam(ME, "/x")), value);
  }
  assertEquals(readResult(await methods.getParamNames(ME)), ["/x"]);
  assertEquals(readResult(await methods.hasParam(ME, "/x")), true);
  readResult(await methods.deleteParam(ME, "/x"));
  const none = await methods.getParam(ME, "/x");
  assertThrows(() => readResult(none), Error, "Parameter [/x] is not set");
});

tests.step("tells our server of a parameter that changes", async (url) => {
  const { methods } = connect(url);
  const { promise, resolve } = Promise.withResolvers<[string, Parameter]>();
  const node = createNode({
    onParameter: (name, value) => resolve([name, value]),
  });
  await using http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    node.fetch,
  );
  const address = `http://127.0.0.1:${http.addr.port}/`;
  assertEquals(
    readResult(await methods.subscribeParam(ME, address, "/rate")),
    {},
  );
  readResult(await methods.setParam("/other", "/rate", { "hz ö": 2.5 }));
  // It adds a slash.
  assertEquals(await promise, ["/rate/", { "hz ö": 2.5 }]);
});

tests.step("tells our server of publishers of a topic", async (url) => {
  const { methods } = connect(url);
  const { promise, resolve } = Promise.withResolvers<readonly string[]>();
  const node = createNode({
    onPublishers: (_topic, addresses) => {
      if (addresses.length > 0) resolve(addresses);
    },
  });
  await using http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    node.fetch,
  );
  const address = `http://127.0.0.1:${http.addr.port}/`;
  const type = "std_msgs/String";
  assertEquals(
    readResult(await methods.registerSubscriber(ME, "/chat", type, address)),
    [],
  );
  const other = "http://127.0.0.1:9/";
  assertEquals(
    readResult(await methods.registerPublisher("/you", "/chat", type, other)),
    [address],
  );
  assertEquals(await promise, [other]);
  assertEquals(readResult(await methods.getSystemState(ME)), [
    [["/chat", ["/you"]]],
    [["/chat", [ME]]],
    [],
  ]);
  assertEquals(readResult(await methods.getTopicTypes(ME)), [["/chat", type]]);
  assertEquals(readResult(await methods.lookupNode(ME, "/you")), other);
  assertEquals(
    readResult(await methods.unregisterPublisher("/you", "/chat", other)),
    1,
  );
});

tests.step("says in its triple what is wrong", async (url) => {
  const { methods } = connect(url);
  assertEquals(await methods.lookupNode(ME, "/nobody"), [
    -1,
    "unknown node [/nobody]",
    "",
  ]);
  assertEquals((await methods.getParam(ME, "")).slice(0, 2), [
    -1,
    "ERROR: parameter [key] must be specified and non-empty",
  ]);
});

tests.step("answers Python's faults", async (url) => {
  const { call } = connect(url);
  const unknown = await assertRejects(
    () => call("noSuch" as "getUri", [ME]),
    XmlRpcFault,
  );
  assertEquals(
    unknown.message,
    `<class 'Exception'>:method "noSuch" is not supported`,
  );
  // Its answer would have no i8, which it has read.
  readResult(await call("setParam", [ME, "/big", i8(2n ** 40n) as never]));
  const big = await assertRejects(
    () => call("getParam", [ME, "/big"]),
    XmlRpcFault,
  );
  assertStringIncludes(big.message, "OverflowError");
  readResult(await call("deleteParam", [ME, "/big"]));
});

tests.step("gets calls one by one, for it has no multicall", async (url) => {
  const client = connect(url);
  const [pid, uri] = await client.multicall([
    ["getPid", [ME]],
    ["getUri", [ME]],
  ]);
  assert(pid.status === "fulfilled" && uri.status === "fulfilled");
  assert(readResult(pid.value) > 0);
  assertEquals(readResult(uri.value), url);
});

tests.step(
  'is called as ever with signatures: "introspect", of which it has none',
  async (url) => {
    const { methods } = createClient<RosMaster>(url, {
      signatures: "introspect",
    });
    assertEquals(readResult(await methods.getUri(ME)), url);
  },
);

tests.step("is watched by ros.ts until that is stopped", async (url) => {
  const { methods } = connect(url);
  readResult(await methods.setParam(ME, "/speed", 1));
  const recipe =
    new URL("../../examples/recipes/ros.ts", import.meta.url).pathname;
  await using program = new Program(Deno.execPath(), [
    ...["run", "-A", recipe, url, "/speed"],
  ]);
  await program.waitFor(/^\/speed 1\n/);
  readResult(await methods.setParam(ME, "/speed", 2));
  await program.waitFor(/\/speed\/? 2\n/);
  program.stop();
  assertEquals(await program.ended(), 130);
});

await tests.register("rosmaster", "python3-rosmaster", "ROS's master", serve);
