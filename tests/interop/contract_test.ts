// Introspection, multicall and signatures with other implementations on the other side.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  createClient,
  createServer,
  double,
  method,
  XmlRpcFault,
} from "@xmlrpc/xmlrpc";
import { Program, run, testWith } from "../support/program.ts";

const server = createServer({
  math: {
    divide: method(
      { params: ["double", "double"], returns: "double", help: "Divides." },
      (x, y) => x / y,
    ),
  },
  plain: (value: unknown) => value,
});
const OUR_METHODS = [
  "math.divide",
  "plain",
  "system.listMethods",
  "system.methodSignature",
  "system.methodHelp",
  "system.describeMethods",
  "system.getCapabilities",
  "system.multicall",
];

/** Serves our methods on a free port while `use` runs. */
async function served<T>(use: (url: string) => Promise<T>): Promise<T> {
  await using http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    server.fetch,
  );
  return await use(`http://127.0.0.1:${http.addr.port}/RPC2`);
}

Deno.test("Python's MultiCall and ServerProxy.system find what our server tells", async () => {
  const text = await served((url) =>
    run(
      "python3",
      new URL("python/client.py", import.meta.url).pathname,
      "contract",
      url,
    )
  );
  const results = text.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(results, [
    OUR_METHODS,
    [["double", "double", "double"]],
    "undef",
    "Divides.",
    20010516,
    ["math.divide"],
    "3.0",
    [-32602, "params[0]: expected double, got string"],
    [-32602, "Expected 2 params, got 1"],
    0.25,
    ["a", null],
    [-32601, 'No method "no.such"'],
  ]);
});

// ---------------------------------------------------------------- xmlrpc-c

await testWith(
  "xmlrpc",
  "libxmlrpc-core-c3-dev",
  "the command-line client of xmlrpc-c finds what our server tells",
  async () => {
    await served(async (url) => {
      const list = await run("xmlrpc", url, "system.listMethods");
      for (const name of OUR_METHODS) assertStringIncludes(list, `'${name}'`);
      const help = await run("xmlrpc", url, "system.methodHelp", "math.divide");
      assertStringIncludes(help, "'Divides.'");
      const signature = await run(
        "xmlrpc",
        url,
        "system.methodSignature",
        "math.divide",
      );
      assertEquals(signature.match(/'double'/g)?.length, 3);
      const result = await run("xmlrpc", url, "math.divide", "i/6", "d/2");
      assertStringIncludes(result, "Floating Point: 3.0");
    });
  },
);

// Its command-line client can send no arrays.
await testWith(
  "xmlrpc-c-config",
  "gcc and libxmlrpc-core-c3-dev",
  "a client by xmlrpc-c makes a multicall of our server",
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const program = `${folder}/multicall`;
      const libraries = ["-lxmlrpc_client", "-lxmlrpc", "-lxmlrpc_util"];
      await run(
        "cc",
        new URL("c/multicall.c", import.meta.url).pathname,
        ...libraries,
        "-o",
        program,
      );
      const text = await served((url) => run(program, url));
      assertEquals(text, 'result 0.25\nfault -32601 No method "no.such"\n');
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

await testWith(
  "xml-rpc-api2txt",
  "xmlrpc-api-utils",
  "xml-rpc-api2txt writes down our server's methods",
  async () => {
    const text = await served((url) => run("xml-rpc-api2txt", url));
    assertStringIncludes(text, "double math.divide (double, double)");
    assertStringIncludes(text, "unknown plain (...)");
  },
);

await testWith(
  "xml-rpc-api2cpp",
  "xmlrpc-api-utils",
  "xml-rpc-api2cpp makes a C++ class of our server's methods",
  async () => {
    const text = await served((url) =>
      run("xml-rpc-api2cpp", url, "math", "MathProxy")
    );
    assertStringIncludes(text, "double divide (double const double1");
  },
);

// ---------------------------------------------------------------- Perl

/** What the Perl server has. */
interface PerlMethods {
  divide(x: unknown, y: unknown): number;
  when(value: unknown): string;
  system: { listMethods(): string[] };
}

/** Whether Perl has its RPC::XML. */
async function hasRpcXml(): Promise<boolean> {
  const { success } = await new Deno.Command("perl", {
    args: ["-MRPC::XML::Server", "-e1"],
    stderr: "null",
  }).output().catch(() => ({ success: false }));
  return success;
}

const isStrict = await hasRpcXml();
const missing = isStrict ? "" : " (no RPC::XML: install librpc-xml-perl)";

async function startPerl(): Promise<Program & { readonly url: string }> {
  const program = new Program("perl", [
    new URL("perl/server.pl", import.meta.url).pathname,
  ]);
  const [, port] = await program.waitFor(/^(\d+)\n/);
  return Object.assign(program, { url: `http://127.0.0.1:${port}/RPC2` });
}

Deno.test({
  name: `Perl's RPC::XML refuses an int where it wants a double${missing}`,
  ignore: !isStrict,
  async fn() {
    await using perl = await startPerl();
    const { methods } = createClient<PerlMethods>(perl.url);
    const fault = await assertRejects(() => methods.divide(6, 2), XmlRpcFault);
    assertStringIncludes(fault.message, "no matching signature");
    assertEquals(await methods.divide(double(6), double(2)), 3);
  },
});

Deno.test({
  name:
    `with signatures: "introspect", Perl's RPC::XML gets what it wants${missing}`,
  ignore: !isStrict,
  async fn() {
    await using perl = await startPerl();
    const client = createClient<PerlMethods>(perl.url, {
      signatures: "introspect",
    });
    assertEquals(await client.methods.divide(6, 2), 3);
    assertEquals(
      await client.methods.when(new Date("1998-07-17T14:08:55Z")),
      "got 19980717T14:08:55",
    );
    assertEquals(await client.methods.when(5), "got 5");
    const results = await client.multicall([
      ["divide", [1, 4]],
      ["when", ["19980717T14:08:55"]],
    ]);
    assertEquals(results, [
      { status: "fulfilled", value: 0.25 },
      { status: "fulfilled", value: "got 19980717T14:08:55" },
    ]);
  },
});

Deno.test({
  name: `a batch of calls reaches Perl's RPC::XML as one${missing}`,
  ignore: !isStrict,
  async fn() {
    await using perl = await startPerl();
    const called: string[] = [];
    const { methods } = createClient<PerlMethods>(perl.url, {
      batch: true,
      interceptors: [(call, next) => {
        called.push(call.methodName);
        return next(call);
      }],
    });
    const results = await Promise.all([
      methods.divide(double(1), double(4)),
      methods.divide(double(1), double(2)),
    ]);
    assertEquals(results, [0.25, 0.5]);
    assertEquals(called, ["system.multicall"]);
  },
});
