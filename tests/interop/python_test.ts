// Python's xmlrpc on the other side: its client against our servers, our client
// against its servers.
// deno-lint-ignore-file camelcase -- the wire has names of its own

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import {
  createClient,
  createServer,
  dateTime,
  double,
  i8,
  method,
  type XmlRpcClient,
  type XmlRpcClientOptions,
  XmlRpcFault,
  XmlRpcHttpError,
  type XmlRpcValue,
} from "@xmlrpc/xmlrpc";
import { Program, run } from "../support/program.ts";

/** Runs one of our examples on a free port. */
async function startExample(
  name: string,
): Promise<Program & { readonly url: string }> {
  const program = new Program(Deno.execPath(), [
    "run",
    "-A",
    new URL(`../../examples/${name}`, import.meta.url).pathname,
    "--host",
    "127.0.0.1",
    "--port",
    "0",
  ]);
  const [url] = await program.waitFor(/http:\/\/127\.0\.0\.1:\d+\//);
  return Object.assign(program, { url });
}

/** Runs the Python server on a free port. */
async function startPython(
  ...flags: string[]
): Promise<Program & { readonly url: string }> {
  const program = new Program("python3", [
    new URL("python/server.py", import.meta.url).pathname,
    ...flags,
  ]);
  const [, port] = await program.waitFor(/^(\d+)\n/);
  return Object.assign(program, { url: `http://127.0.0.1:${port}` });
}

/** Runs the Python client; gives what it printed. */
async function runPython(...args: string[]): Promise<unknown[]> {
  const text = await run(
    "python3",
    new URL("python/client.py", import.meta.url).pathname,
    ...args,
  );
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

/** What our Python server has. */
interface PythonMethods {
  get_string(text: string): string;
  add(x: number, y: number): number;
  image_put(picture: Uint8Array): void;
  image_get(): Uint8Array;
  echo(value: unknown): XmlRpcValue;
  describe(value: unknown): [type: string, value: string];
  fail(message: string): never;
  wait(): boolean;
  ring(): void;
}

Deno.test("Python's ServerProxy calls examples/server.ts", async () => {
  await using server = await startExample("server.ts");
  assertEquals(await runPython("strings", server.url), [
    "get string:cloud",
    16,
    0.1 + 0.2,
  ]);
});

Deno.test("Python's ServerProxy uploads to and downloads from examples/file_server.ts", async () => {
  await using server = await startExample("file_server.ts");
  const picture =
    new URL("../../examples/picture.png", import.meta.url).pathname;
  assertEquals(await runPython("files", server.url, picture), [null, true]);
});

Deno.test("Python gets back every value it sends to a server of ours", async () => {
  const server = createServer({ echo: (value: unknown) => value });
  await using http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    server.fetch,
  );
  const results = await runPython(
    "echo",
    `http://127.0.0.1:${http.addr.port}/`,
  );
  const rest = results.splice(-3);
  assert(results.length > 30);
  for (const [value, isSame] of results as [string, boolean][]) {
    assert(isSame, `Python sent ${value} and got something else`);
  }
  assertEquals(rest, [[-32601, 'No method "nothing_like_it"'], true, true]);
});

for (const flags of [[], ["--threaded"]]) {
  const name = flags.length === 0
    ? "SimpleXMLRPCServer"
    : "a ThreadingMixIn server";

  Deno.test(`our client calls the tutorial's methods on ${name}`, async () => {
    await using python = await startPython(...flags);
    const { methods } = createClient<PythonMethods>(python.url);
    assertEquals(await methods.get_string("cloud"), "get string:cloud");
    assertEquals(await methods.add(8, 8), 16);
    assertEquals(await methods.add(0.1, 0.2), 0.1 + 0.2);
  });

  Deno.test(`our client uploads to and downloads from ${name}`, async () => {
    await using python = await startPython(...flags);
    const { methods } = createClient<PythonMethods>(python.url);
    const picture = new Uint8Array(3_000_000).map((_, index) => index * index);
    assertEquals(await methods.image_put(picture), null);
    const received = await methods.image_get();
    assertEquals(received.length, picture.length);
    assert(received.every((byte, index) => byte === picture[index]));
  });

  Deno.test(`our client gets back every value it sends to ${name}`, async () => {
    await using python = await startPython(...flags);
    const { methods } = createClient<PythonMethods>(python.url);
    const values: XmlRpcValue[] = [
      0,
      1,
      -1,
      2 ** 31 - 1,
      -(2 ** 31),
      0.5,
      1e300,
      5e-324,
      -Number.MAX_VALUE,
      0.1 + 0.2,
      2 ** 53,
      true,
      false,
      "",
      "cloud",
      " white space kept\t\n ",
      "<&>\"' ]]>",
      "Grüße, 世界, 🎉",
      null,
      new Date("1998-07-17T14:08:55Z"),
      new Date("0001-01-01T00:00:00Z"),
      new Date("9999-12-31T23:59:59Z"),
      new Uint8Array(0),
      Uint8Array.from({ length: 256 }, (_, byte) => byte),
      [],
      [1, "two", [3.5, [null]]],
      {},
      { a: 1, b: { c: [true, null] } },
      { "": "empty name", constructor: 2, then: 3, ["__proto__"]: 1 },
      Array.from({ length: 1000 }, (_, id) => ({ id, name: `Row ${id}` })),
    ];
    for (const value of values) assertEquals(await methods.echo(value), value);
    assertEquals(await methods.echo(values), values);
  });

  Deno.test(`${name} reads the types that only we can name`, async () => {
    await using python = await startPython(...flags);
    const { methods } = createClient<PythonMethods>(python.url);
    assertEquals(await methods.describe(20), ["int", "20"]);
    assertEquals(await methods.describe(double(20)), ["float", "20.0"]);
    assertEquals(await methods.describe(double(-0)), ["float", "-0.0"]);
    assertEquals(await methods.describe(2 ** 40), ["float", "1099511627776.0"]);
    assertEquals(await methods.describe(2n ** 62n), [
      "int",
      "4611686018427387904",
    ]);
    assertEquals(await methods.describe(i8(5)), ["int", "5"]);
    assertEquals(await methods.describe(true), ["bool", "True"]);
    assertEquals(await methods.describe(null), ["NoneType", "None"]);
    assertEquals(await methods.describe("a\rb"), ["str", "'a\\rb'"]);
    assertEquals(await methods.describe(new Uint8Array([0, 255])), [
      "Binary",
      "b'\\x00\\xff'",
    ]);
    const [type, value] = await methods.describe(dateTime("19980717T14:08:55"));
    assertEquals(type, "DateTime");
    assert(value.includes("19980717T14:08:55"));
  });

  Deno.test(`a Python exception of ${name} is a fault`, async () => {
    await using python = await startPython(...flags);
    const { methods, call } = createClient<PythonMethods>(python.url);
    const fault = await assertRejects(
      () => methods.fail("no luck"),
      XmlRpcFault,
    );
    assertInstanceOf(fault, XmlRpcFault);
    assertEquals(fault.code, 1);
    assertEquals(fault.message, "<class 'ValueError'>:no luck");
    const unknown = await assertRejects(
      () => call("no.such" as "ring"),
      XmlRpcFault,
    );
    assertEquals(
      unknown.message,
      `<class 'Exception'>:method "no.such" is not supported`,
    );
  });
}

Deno.test("our client runs several calls of a ThreadingMixIn server at once", async () => {
  await using python = await startPython("--threaded");
  const { methods } = createClient<PythonMethods>(python.url);
  // Were they one after the other, the first would wait for ever for the second.
  const [waited] = await Promise.all([methods.wait(), methods.ring()]);
  assertEquals(waited, true);
});

/** A client, and the names of the methods it calls, one for each request. */
function connect(
  url: string,
  options: XmlRpcClientOptions = {},
): {
  readonly client: XmlRpcClient<PythonMethods>;
  readonly called: readonly string[];
} {
  const called: string[] = [];
  const client = createClient<PythonMethods>(url, {
    interceptors: [(call, next) => {
      called.push(call.methodName);
      return next(call);
    }],
    ...options,
  });
  return { client, called };
}

for (const flags of [["--multicall"], []]) {
  const name = flags.length > 0
    ? "a Python server with multicall"
    : "a Python server without multicall";
  const requests = flags.length > 0
    ? ["system.multicall"]
    : ["system.multicall", "get_string", "fail", "echo"];

  Deno.test(`our multicall of ${name} settles each call alone`, async () => {
    await using python = await startPython(...flags);
    const { client, called } = connect(python.url);
    const [text, failed, rows] = await client.multicall([
      ["get_string", ["cloud"]],
      ["fail", ["no luck"]],
      ["echo", [[1, { a: null }]]],
    ]);
    assertEquals(text, { status: "fulfilled", value: "get string:cloud" });
    assertEquals(rows, { status: "fulfilled", value: [1, { a: null }] });
    const fault = (failed as PromiseRejectedResult).reason;
    assertInstanceOf(fault, XmlRpcFault);
    assertEquals(fault.message, "<class 'ValueError'>:no luck");
    assertEquals(called, requests);
  });

  Deno.test(`our batch of ${name} settles each call alone`, async () => {
    await using python = await startPython(...flags);
    const { client, called } = connect(python.url, { batch: true });
    const [text, failed, rows] = await Promise.allSettled([
      client.methods.get_string("cloud"),
      client.methods.fail("no luck"),
      client.methods.echo([1]),
    ]);
    assertEquals(text, { status: "fulfilled", value: "get string:cloud" });
    assertEquals(rows, { status: "fulfilled", value: [1] });
    assertInstanceOf((failed as PromiseRejectedResult).reason, XmlRpcFault);
    assertEquals(called, requests);
  });
}

for (const flags of [["--introspection"], []]) {
  const what = flags.length > 0
    ? "whose methodSignature is a stub"
    : "without methodSignature";

  Deno.test(`our client does without signatures of a Python server ${what}`, async () => {
    await using python = await startPython(...flags);
    const { methods } = createClient<PythonMethods>(python.url, {
      signatures: "introspect",
    });
    assertEquals(await methods.describe(20), ["int", "20"]);
    assertEquals(await methods.describe(20), ["int", "20"]);
  });
}

Deno.test("our client sends what a Python server with signatures wants", async () => {
  await using python = await startPython("--signatures", "--multicall");
  const { methods, multicall } = createClient<PythonMethods>(python.url, {
    signatures: "introspect",
  });
  assertEquals(await methods.describe(20), ["float", "20.0"]);
  assertEquals(await methods.describe("x"), ["str", "'x'"]);
  assertEquals(await methods.echo(20), 20);
  const [described, added] = await multicall([
    ["describe", [-1]],
    ["add", [0.5, 1]],
  ]);
  assertEquals(described, { status: "fulfilled", value: ["float", "-1.0"] });
  assertEquals(added, { status: "fulfilled", value: 1.5 });
});

// ---------------------------------------------------------------- streams

const PICTURE = new Uint8Array(3_000_000).map((_, index) => index * index);

function isPicture(bytes: Uint8Array): boolean {
  return bytes.length === PICTURE.length &&
    bytes.every((byte, index) => byte === PICTURE[index]);
}

Deno.test("our client streams a Blob to and from SimpleXMLRPCServer", async () => {
  await using python = await startPython();
  const client = createClient<PythonMethods>(python.url);
  assertEquals(await client.call("image_put", [new Blob([PICTURE])]), null);
  const stream = await client.stream("image_get");
  assert(isPicture(await new Response(stream).bytes()));
});

Deno.test("our client reads items from SimpleXMLRPCServer", async () => {
  await using python = await startPython();
  const client = createClient<PythonMethods>(python.url);
  const sent = Array.from({ length: 10_000 }, (_, id) => ({ id }));
  const received: unknown[] = [];
  for await (const item of client.items("echo" as never, [sent] as never)) {
    received.push(item);
  }
  assertEquals(received, sent);
});

Deno.test("SimpleXMLRPCServer refuses a stream, whose length it is not told", async () => {
  await using python = await startPython();
  const client = createClient<PythonMethods>(python.url);
  const stream = new Blob([PICTURE]).stream();
  const error = await assertRejects(() => client.call("image_put", [stream]));
  assert(
    error instanceof XmlRpcHttpError || error instanceof TypeError,
    String(error),
  );
  assertEquals(await client.call("add", [1, 2]), 3);
});

Deno.test("Python's ServerProxy uploads to and downloads from methods of ours that stream", async () => {
  let stored: Uint8Array<ArrayBuffer> = new Uint8Array();
  for (const isBlob of [true, false]) {
    const server = createServer({
      image_put: method(
        { params: ["base64"], returns: "nil", stream: true },
        async (picture) => {
          stored = await new Response(picture).bytes();
          return null;
        },
      ),
      image_get(): Blob | ReadableStream<Uint8Array> {
        const blob = new Blob([stored]);
        return isBlob ? blob : blob.stream();
      },
    });
    await using http = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      server.fetch,
    );
    const url = `http://127.0.0.1:${http.addr.port}/`;
    const picture =
      new URL("../../examples/picture.png", import.meta.url).pathname;
    assertEquals(await runPython("files", url, picture), [null, true]);
    assertEquals(stored, await Deno.readFile(picture));
  }
});

Deno.test("Python's ServerProxy gets the fault of a method that does not read its upload", async () => {
  const server = createServer({
    image_put: method(
      { params: ["base64"], returns: "nil", stream: true },
      () => {
        throw new XmlRpcFault(5, "No");
      },
    ),
  });
  await using http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    server.fetch,
  );
  const url = `http://127.0.0.1:${http.addr.port}/`;
  assertEquals(await runPython("refused", url), [[5, "No"], [5, "No"]]);
});
