import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { run } from "./run.ts";
import { VERSION } from "./help.ts";
import type { Terminal } from "./terminal.ts";
import { encodeResponse } from "../codec.ts";
import { Program, testWith } from "../tests/support/program.ts";
import {
  createServer,
  method,
  optional,
  XmlRpcFault,
  type XmlRpcServerOptions,
} from "../server.ts";

const METHODS = {
  add: method(
    { params: ["int", "int"], returns: "int", help: "Adds." },
    (a, b) => a + b,
  ),
  divide: method(
    {
      params: ["double", "double"],
      returns: "double",
      help: "Divides.\nNever by zero: */ is no end.",
    },
    (a, b) => {
      if (b === 0) throw new XmlRpcFault(1, "Division\u202e by zero");
      return a / b;
    },
  ),
  orders: {
    add: method(
      {
        params: [[{ sku: "string", price: "double" }], optional("string")],
        returns: { id: "i8", total: "double" },
      },
      (items, note = "") => ({
        id: note.length,
        total: items.reduce((sum, { price }) => sum + price, 0),
      }),
    ),
  },
  mixed: () => 1,
  "mixed.more": () => 2,
  pair: method([
    { params: ["int"], returns: "int" },
    { params: ["string"], returns: "string" },
  ], (value: number | string) => value),
  text: method({ params: ["string"], returns: "string" }, (text) => text),
  echo: (value: unknown) => value,
  kindOf: (value: unknown) =>
    value instanceof Date ? "Date" : value === null ? "null" : typeof value,
  bytes: () => new Uint8Array([1, 2, 3]),
  size: method(
    { params: ["base64"], returns: "int", stream: true },
    async (bytes) => {
      let size = 0;
      for await (const chunk of bytes) size += chunk.length;
      return size;
    },
  ),
  who(): string {
    const { request } = this as unknown as { request: Request };
    return request.headers.get("authorization") ?? "nobody";
  },
};

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line with a terminal that keeps what it prints. */
async function cli(
  args: readonly string[],
  { env = {}, input = "", signal = new AbortController().signal, print }: {
    env?: Record<string, string>;
    input?: string;
    signal?: AbortSignal;
    print?: Terminal["print"];
  } = {},
): Promise<Outcome> {
  const out: string[] = [];
  const err: string[] = [];
  const terminal: Terminal = {
    print: print ?? ((line) => void out.push(`${line}\n`)),
    tell: (line) => void err.push(`${line}\n`),
    write: async (bytes) => void out.push(await new Response(bytes).text()),
    input: () => new Blob([input]).stream(),
    env: (name) => env[name],
    hasColors: false,
    signal,
  };
  const code = await run(args, terminal);
  return { code, out: out.join(""), err: err.join("") };
}

/** Runs with a server; `URL` in the arguments is its address. */
async function withServer(
  args: readonly string[],
  options: XmlRpcServerOptions & { env?: Record<string, string> } = {},
): Promise<Outcome> {
  const { env = {}, ...serverOptions } = options;
  const server = createServer(METHODS, serverOptions);
  await using http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    server.fetch,
  );
  const url = `http://127.0.0.1:${http.addr.port}/`;
  return await cli(args.map((arg) => arg === "URL" ? url : arg), { env });
}

function fine(out: string): Outcome {
  return { code: 0, out, err: "" };
}

// ---------------------------------------------------------------- call

Deno.test("call prints what a method gives", async () => {
  assertEquals(
    await withServer(["call", "URL", "add", "8", "8"]),
    fine("16\n"),
  );
});

Deno.test("call takes words for what the signature says", async () => {
  assertEquals(
    await withServer(["call", "URL", "text", "5"]),
    fine("5\n"),
  );
  assertEquals(
    await withServer(["call", "URL", "divide", "1", "4"]),
    fine("0.25\n"),
  );
});

for (
  const [word, shown] of [
    ["5", "5"],
    ["-5", "-5"],
    ["5000000000", "5000000000n"],
    ["2.5", "2.5"],
    ["1e3", "1000"],
    ["true", "true"],
    ["nil", "null"],
    ["cloud", "cloud"],
    ["", ""],
    ["string:5", "5"],
    ["i8:5", "5n"],
    ["boolean:1", "true"],
    ["2026-11-25T12:30:00+02:00", "2026-11-25T10:30:00.000Z"],
    ["[1, [2]]", "[1, [2]]"],
    ['{"a b": 5000000000}', '{ "a b": 5000000000n }'],
    ["base64:AQID", "<3 bytes>"],
    ["http://x/", "http://x/"],
  ] as const
) {
  Deno.test(`call guesses ${word === "" ? "no text" : word}`, async () => {
    const { out } = await withServer(["call", "URL", "echo", "--", word]);
    assertEquals(out, `${shown}\n`);
  });
}

Deno.test("call says which word is none of its type, and sends nothing", async () => {
  const { code, err } = await withServer(["call", "URL", "add", "x", "1"]);
  assertEquals([code, err], [2, '"x" is no int\nSee --help\n']);
});

Deno.test("call takes the signature that the words fit", async () => {
  assertEquals(await withServer(["call", "URL", "pair", "5"]), fine("5\n"));
  assertEquals(await withServer(["call", "URL", "pair", "a"]), fine("a\n"));
});

Deno.test("call leaves out optional params", async () => {
  const items = '[{"sku": "a", "price": 3}]';
  assertEquals(
    await withServer(["call", "URL", "orders.add", items]),
    fine("{ id: 0n, total: 3 }\n"),
  );
});

Deno.test("call with --json takes and gives JSON", async () => {
  const { out } = await withServer([
    "call",
    "URL",
    "--json",
    "echo",
    '{"a": [1, "x", null], "b": 5000000000}',
  ]);
  assertEquals(JSON.parse(out), { a: [1, "x", null], b: 5000000000 });
});

Deno.test("call sends a file, and says so where there is none", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, new Uint8Array(100_000));
    assertEquals(
      await withServer(["call", "URL", "size", `@${path}`]),
      fine("100000\n"),
    );
  } finally {
    await Deno.remove(path);
  }
  const { code, err } = await withServer(["call", "URL", "size", `@${path}`]);
  assertEquals(code, 2);
  assertStringIncludes(err, `Cannot read ${path}`);
});

Deno.test("call stores bytes with --output", async () => {
  const path = await Deno.makeTempFile();
  try {
    const { code } = await withServer(["call", "URL", "bytes", "-o", path]);
    assertEquals(code, 0);
    assertEquals(await Deno.readFile(path), new Uint8Array([1, 2, 3]));
  } finally {
    await Deno.remove(path);
  }
  const { out } = await withServer(["call", "URL", "bytes", "-o", "-"]);
  assertEquals(out, "\x01\x02\x03");
});

Deno.test("call ends with 1 for a fault, and lets nothing steer the terminal", async () => {
  assertEquals(await withServer(["call", "URL", "divide", "1", "0"]), {
    code: 1,
    out: "",
    err: "Fault 1: Division\\u202e by zero\n",
  });
});

Deno.test("call prints lines, tabs and joined emoji as they are", async () => {
  const text = "a\n\tb \u{1f469}\u200d\u{1f680}";
  assertEquals(
    await withServer(["call", "URL", "text", text]),
    fine(`${text}\n`),
  );
});

Deno.test("call tells how to get the bytes that it does not print", async () => {
  assertEquals(await withServer(["call", "URL", "bytes"]), {
    code: 0,
    out: "<3 bytes>\n",
    err: "-o FILE stores them, --json shows them in base64\n",
  });
  assertEquals(
    await withServer(["call", "URL", "bytes", "--json"]),
    fine('"AQID"\n'),
  );
});

Deno.test("call ends with 3 where no server is there", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const { code, err } = await cli(["call", `127.0.0.1:${port}`, "add"]);
  assertEquals(code, 3);
  assertMatch(err, /refused/i);
});

Deno.test("call ends with 3 for a web page", async () => {
  await using http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("<html>", { headers: { "content-type": "text/html" } }),
  );
  const url = `http://127.0.0.1:${http.addr.port}/`;
  const { code, err } = await cli(["call", url, "--guess", "add"]);
  assertEquals(code, 3);
  assertStringIncludes(err, "a web page");
});

Deno.test("call sends the credentials of the environment", async () => {
  assertEquals(
    await withServer(["call", "URL", "who"], {
      env: { XMLRPC_USER: "ada", XMLRPC_PASSWORD: "é" },
    }),
    fine("Basic YWRhOsOp\n"),
  );
  assertEquals(
    await withServer(["call", "URL", "who"], { env: { XMLRPC_TOKEN: "t" } }),
    fine("Bearer t\n"),
  );
});

Deno.test("call with --verbose shows the wire, without secrets", async () => {
  const { out, err } = await withServer(["call", "URL", "-v", "text", "hi"], {
    env: { XMLRPC_TOKEN: "secret" },
  });
  assertEquals(out, "hi\n");
  assertStringIncludes(err, "<methodName>text</methodName>");
  assertStringIncludes(err, "authorization: …");
  assertStringIncludes(err, "< 200 OK");
  assertEquals(err.includes("secret"), false);
});

Deno.test("call ends with 130 when it is stopped", async () => {
  const { code } = await cli(["call", "127.0.0.1:1", "add"], {
    signal: AbortSignal.abort(),
  });
  assertEquals(code, 130);
});

// ---------------------------------------------------------------- list, describe, types

Deno.test("list prints names, and with --long signatures", async () => {
  const { out } = await withServer(["list", "URL"]);
  assertEquals(out.split("\n").slice(0, 3), ["add", "bytes", "divide"]);
  const long = await withServer(["list", "-l", "URL"]);
  assert(long.out.startsWith("add(int, int): int\nbytes\n"), long.out);
  assertStringIncludes(
    long.out,
    "orders.add({ sku: string, price: double }[], string?): { id: i8, total: double }\n",
  );
});

Deno.test("describe prints signature and help", async () => {
  assertEquals(
    await withServer(["describe", "URL", "add"]),
    fine("add(int, int): int\n\nAdds.\n"),
  );
  const { code, err } = await withServer(["describe", "URL", "nope"]);
  assertEquals([code, err], [1, "Fault -32601: There is no method nope\n"]);
});

const LIBRARY = new URL("../", import.meta.url);

/** Type-checks and runs a program; gives what it prints. */
async function runProgram(source: string): Promise<string> {
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(path, source);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--check", "--allow-net", path],
      env: { NO_COLOR: "1" },
    }).output();
    const decoder = new TextDecoder();
    const errors = decoder.decode(stderr).replace(/^Check.*\n/gm, "");
    return decoder.decode(stdout) + errors;
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("types prints an interface that compiles and holds", async () => {
  const server = createServer(METHODS);
  await using http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    server.fetch,
  );
  const url = `http://127.0.0.1:${http.addr.port}/`;
  const { code, out } = await cli(["types", url, "--name", "Shop"]);
  assertEquals(code, 0);
  const printed = await runProgram(`
    import { createClient } from "${LIBRARY}client.ts";
    ${out}
    const client = createClient<Shop>("${url}");
    const sum: number = await client.methods.add(8, 8);
    const order = await client.methods.orders.add([{ sku: "a", price: 3 }], "soon");
    const id: bigint = order.id;
    const more: unknown = await client.call("mixed.more");
    const pair: number | string = await client.call("pair", ["a"]);
    // @ts-expect-error -- a text is no int
    await client.methods.add("8", 8).catch(() => {});
    console.log(sum, id, order.total, more, pair);
  `);
  assertEquals(printed, "16 4n 3 2 a\n");
});

/** Runs types, or another command, with a server that tells of these methods. */
async function typesOf(
  methodList: readonly unknown[],
  path = "",
  command: readonly string[] = ["types"],
): Promise<Outcome> {
  const answer = encodeResponse({ methodList, typeList: [] });
  await using http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(answer, { headers: { "content-type": "text/xml" } }),
  );
  return await cli([...command, `http://127.0.0.1:${http.addr.port}/${path}`]);
}

const HOSTILE = "**//;console.log('injected');/*\r\n*\u2028/\"'`${";
const HOSTILE_TYPE = {
  type: HOSTILE,
  name: HOSTILE,
  member: [{ type: "struct", name: HOSTILE, member: [{ type: HOSTILE }] }],
};

Deno.test("types prints no code that a server or its URL names", async () => {
  const { out } = await typesOf(
    [HOSTILE, "new", "__proto__"].map((name) => ({
      name,
      purpose: HOSTILE,
      signatures: [{ params: [HOSTILE_TYPE], returns: [HOSTILE_TYPE] }],
    })),
    "**//;console.log('injected');/*",
  );
  const printed = await runProgram(`${out}
    const one = {} as Api;
    // @ts-expect-error -- it is a method, and nothing that constructs
    if (false) new one();
    console.log("fine");
  `);
  assertEquals(printed, "fine\n");
});

Deno.test("types takes time with the number of methods, and bears names of many parts", async () => {
  const count = 40_000;
  const names = Array.from({ length: count }, (_, index) => `a.b${index}.c`);
  const { out } = await typesOf(
    [...names, ".".repeat(100_000)].map((name) => ({
      name,
      purpose: "",
      signatures: [],
    })),
  );
  assertEquals(out.match(/ c\(/g)?.length, count);
});

Deno.test("types and list put brackets around the types of an array only where it has several", async () => {
  const item = { type: "struct", member: [{ type: "int", name: "id" }] };
  const nested = {
    type: "array",
    member: [{ type: "array", member: [{ type: "struct" }] }],
  };
  const mixed = { type: "array", member: [{ type: "int" }, { type: "nil" }] };
  const signatures = [{
    params: [{ type: "array", member: [item] }, nested, mixed],
    returns: [{ type: "array", member: [{ type: "array" }] }],
  }];
  const methods = [{ name: "a", purpose: "", signatures }];
  const { out } = await typesOf(methods);
  assertStringIncludes(
    out,
    "  a(param1: { id: number }[], param2: Record<string, unknown>[][], " +
      "param3: (number | null)[]): unknown[][];\n",
  );
  const list = await typesOf(methods, "", ["list", "-l"]);
  assertEquals(
    list.out,
    "a({ id: int }[], struct[][], (int | nil)[]): array[]\n",
  );
});

Deno.test("an error about a URL shows no password", async () => {
  const { code, err } = await cli(["list", "http://ada:secret@host:999999/"]);
  assertEquals(code, 2);
  assert(!err.includes("secret"), err);
});

Deno.test("types refuses a name that is none", async () => {
  const { code } = await withServer(["types", "URL", "--name", "a b"]);
  assertEquals(code, 2);
});

await testWith(
  "python3",
  "python3",
  "types, list, describe and call work with Python's server",
  async () => {
    await using python = new Program("python3", [
      new URL("../tests/interop/python/server.py", import.meta.url).pathname,
      "--introspection",
      "--multicall",
    ]);
    const [, port] = await python.waitFor(/(\d+)/);
    const url = `http://127.0.0.1:${port}/RPC2`;
    const { out } = await cli(["list", url]);
    assertStringIncludes(out, "system.listMethods\n");
    const types = await cli(["types", url]);
    assertEquals([types.code, types.err], [0, ""]);
    assertMatch(types.out, /^ {2}\w+\(\.\.\.params: unknown\[\]\): unknown;$/m);
    const described = await cli(["describe", url, "system.listMethods"]);
    assertStringIncludes(described.out, "does not tell its signature");
  },
);

// ---------------------------------------------------------------- explain

const CALL = (value: string) =>
  `<methodCall>\n<methodName>m</methodName><params><param>${value}</param></params></methodCall>`;

Deno.test("explain prints what is in a call", async () => {
  const input = CALL("<value><double>5</double></value>");
  assertEquals(
    await cli(["explain", "-"], { input }),
    fine("A call of m with 1 params\nparams[0] double 5\n"),
  );
});

Deno.test("explain shows what is deep in not many times its bytes", async () => {
  const input = "<methodCall><methodName>a</methodName><params><param>" +
    "<value><array><data>".repeat(250) + "<value/>".repeat(20_000) +
    "</data></array></value>".repeat(250) + "</param></params></methodCall>";
  const { code, out } = await cli(["explain", "-"], { input });
  assertEquals(code, 0);
  assert(out.length < 10 * input.length, `${out.length} characters`);
});

Deno.test("explain finds the Content-Type, whatever spaces are in its line", async () => {
  const spaces = " ".repeat(25_000);
  const input =
    `POST / HTTP/1.1\r\nContent-Type: text/xml;${spaces}a${spaces}` +
    "charset=iso-8859-1\r\n\r\n<methodCall><methodName>a</methodName></methodCall>";
  const { out } = await cli(["explain", "-"], { input });
  assertEquals(out, "A call of a with 0 params\n");
});

Deno.test("explain shows where a document is wrong, and how", async () => {
  const input = CALL("<value><int>x</int></value>");
  const { code, out } = await cli(["explain", "-"], { input });
  assertEquals(code, 1);
  const [message, line, mark, path, offset, kind] = out.split("\n");
  assertStringIncludes(message!, "expected an integer at params[0] (line 2");
  assertEquals(line!.slice(mark!.indexOf("^")).startsWith("<int>x"), true);
  assertEquals(path, "path    params[0]");
  assertEquals(offset, `offset  ${input.indexOf("<int>")}`);
  assertMatch(kind!, /^kind {4}invalid: /);
});

Deno.test("explain marks the end of the text where a document breaks off", async () => {
  const input = "<methodCall>\n<methodName>add</methodName>\n \n";
  const { out } = await cli(["explain", "-"], { input });
  const [, line, mark] = out.split("\n");
  assertEquals(line, " <methodName>add</methodName>");
  assertEquals(mark, `${" ".repeat(line!.length)}^`);
});

Deno.test("explain reads the head of an HTTP message", async () => {
  const head = "POST /RPC2 HTTP/1.1\r\nContent-Type: text/xml; charset=latin1";
  const message = `${head}\r\n\r\n${CALL("<value>\u00e9</value>")}`;
  // Two bytes of UTF-8 are two characters of Latin-1.
  assertEquals(
    await cli(["explain", "-"], { input: message }),
    fine('A call of m with 1 params\nparams[0] "\u00c3\u00a9"\n'),
  );
});

Deno.test("explain reads responses and faults", async () => {
  const response = (inner: string) =>
    `<methodResponse>${inner}</methodResponse>`;
  assertEquals(
    await cli(["explain", "-"], {
      input: response("<params><param><value>a</value></param></params>"),
    }),
    fine('A response with "a"\n'),
  );
  const fault =
    "<fault><value><struct><member><name>faultCode</name><value><int>4</int></value></member>" +
    "<member><name>faultString</name><value>no</value></member></struct></value></fault>";
  assertEquals(
    await cli(["explain", "-"], { input: response(fault) }),
    fine("A response with fault 4: no\n"),
  );
});

// ---------------------------------------------------------------- serve

/** Runs serve until `use` is done with it. */
async function serving(
  path: string,
  use: (url: string) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const listening = Promise.withResolvers<string>();
  const ended = run(["serve", path, "--host", "127.0.0.1", "--port", "0"], {
    print: (line) => {
      const url = /http:\S+/.exec(line)?.[0];
      if (url !== undefined) listening.resolve(url);
    },
    tell: () => {},
    write: () => Promise.resolve(),
    input: () => new Blob([]).stream(),
    env: () => undefined,
    hasColors: false,
    signal: stop.signal,
  });
  try {
    await use(await listening.promise);
  } finally {
    stop.abort();
    assertEquals(await ended, 0);
  }
}

Deno.test("serve serves what a module exports", async () => {
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(
    path,
    "export function add(a: number, b: number) { return a + b; }\n" +
      "export const version = 5;\n" +
      "export default { math: { square: (a: number) => a * a } };\n",
  );
  try {
    await serving(path, async (url) => {
      assertEquals(await cli(["call", url, "add", "8", "8"]), fine("16\n"));
      assertEquals(await cli(["call", url, "math.square", "4"]), fine("16\n"));
      const page = await fetch(url, { headers: { accept: "text/html" } });
      assertStringIncludes(await page.text(), "<!DOCTYPE html>");
    });
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("serve serves the files of a folder, and nothing outside it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/a.txt`, "hello");
    await serving(folder, async (url) => {
      assertEquals(
        await cli(["call", url, "list"]),
        fine('[{ name: "a.txt", size: 5n }]\n'),
      );
      assertEquals(
        await cli(["call", url, "get", "a.txt", "-o", "-"]),
        fine("hello"),
      );
      const put = await cli(["call", url, "put", "b.txt", `@${folder}/a.txt`]);
      assertStringIncludes(put.out, "size: 5n");
      assertEquals(await Deno.readTextFile(`${folder}/b.txt`), "hello");
      const { code } = await cli(["call", url, "get", "../etc/passwd"]);
      assertEquals(code, 1);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** What serve answers to a call that names a host. */
async function statusFor(url: string, host: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const body = "<methodCall><methodName>list</methodName></methodCall>";
  using connection = await Deno.connect({ hostname, port: Number(port) });
  await new Blob([
    `POST / HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: close\r\n`,
    "Origin: http://rebind.example\r\nContent-Type: text/xml\r\n",
    `Content-Length: ${body.length}\r\n\r\n${body}`,
  ]).stream().pipeTo(connection.writable, { preventClose: true });
  const answer = await new Response(connection.readable).text();
  return answer.split(" ")[1]!;
}

Deno.test("serve answers no page whose own name stands for this machine (DNS rebinding)", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await serving(folder, async (url) => {
      for (const host of ["rebind.example", "127.0.0.1.example", "[::2]"]) {
        assertEquals([host, await statusFor(url, host)], [host, "403"]);
      }
      for (const host of ["localhost", "a.localhost", "127.0.0.1", "[::1]"]) {
        assertEquals([host, await statusFor(url, host)], [host, "200"]);
      }
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("serve says so where there is nothing to serve", async () => {
  const { code, err } = await cli(["serve", "no/such/file.ts"]);
  assertEquals(code, 2);
  assertStringIncludes(err, "There is no file or folder");
});

// ---------------------------------------------------------------- usage

for (
  const [args, message] of [
    [[], "No command is given"],
    [["frob"], 'There is no command "frob"'],
    [["help", "toString"], 'There is no command "toString"'],
    [["call", "URL"], "Expected: call URL METHOD [ARG ...]"],
    [["list", "URL", "--json"], "list knows no flag --json"],
    [["list", "URL", "--frob"], "Unknown option '--frob'"],
    [["list", "http://["], "Expected a URL such as"],
    [["list", "ftp://x"], "Expected a URL such as"],
    [["call", "URL", "add", "--timeout", "x"], "--timeout must be a number"],
    [["serve", ".", "--port", "70000"], "--port must be a number"],
  ] as const
) {
  Deno.test(`the command line says: ${message}`, async () => {
    const { code, out, err } = await cli(args);
    assertEquals([code, out], [2, ""]);
    assert(err.startsWith(message), err);
  });
}

Deno.test("--help and help explain everything", async () => {
  const { code, out } = await cli(["--help"]);
  assertEquals(code, 0);
  for (
    const word of ["call", "list", "describe", "types", "explain", "serve"]
  ) {
    assertMatch(out, new RegExp(`^  ${word} `, "m"));
  }
  assertEquals(await cli(["help"]), fine(out));
});

for (
  const [command, said, unsaid] of [
    ["call", ["call URL METHOD [ARG ...]", "@FILE", "--output"], "--port"],
    ["list", ["list URL", "--long", "--verbose"], "--json"],
    ["describe", ["describe URL METHOD", "--timeout"], "--long"],
    ["types", ["types URL", "--name NAME"], "--output"],
    ["explain", ["explain FILE", "malformed"], "--verbose"],
    ["serve", ["serve FILE | FOLDER", "--port", "--no-docs"], "--timeout"],
  ] as const
) {
  Deno.test(`help ${command} explains that command, and no other`, async () => {
    const { code, out } = await cli(["help", command]);
    assertEquals(code, 0);
    for (const text of said) assertStringIncludes(out, text);
    assertMatch(out, new RegExp(`^Example: ${command} `, "m"));
    assert(!out.includes(unsaid), out);
    assertEquals(await cli([command, "--help"]), fine(out));
    assertEquals(await cli([command, "URL", "-h"]), fine(out));
  });
}

Deno.test("--version prints the version", async () => {
  assertEquals(await cli(["--version"]), fine(`${VERSION}\n`));
});

Deno.test("what is printed for a reader who has had enough is no error", async () => {
  const print = (): never => {
    throw new Deno.errors.BrokenPipe("Broken pipe (os error 32)");
  };
  assertEquals(await cli(["--help"], { print }), fine(""));
});

Deno.test("cli.ts runs as a program", async () => {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-env",
      new URL("cli.ts", LIBRARY).pathname,
      "--help",
    ],
  }).output();
  assertEquals(code, 0);
  assertStringIncludes(new TextDecoder().decode(stdout), "Exit codes: 0 fine");
});
