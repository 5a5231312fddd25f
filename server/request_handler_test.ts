import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertNotMatch,
} from "@std/assert";
import { encodeCall } from "../codec.ts";
import { FaultCode, XmlRpcFault } from "../core/errors.ts";
import { createServer } from "../server.ts";
import {
  ADDRESS,
  assertNotLeaking,
  bytesOf,
  callOn,
  echo,
  type Outcome,
  outcomeOf,
  post,
  request,
  serverOf,
  XML,
} from "../tests/support/server_calls.ts";
import { listen } from "../tests/support/ends.ts";

const OK: Outcome = { value: "still here" };

const CALL = "<methodCall><methodName>echo</methodName>";
const BAD_DOCUMENTS: readonly (readonly [
  what: string,
  document: string,
  code: number,
  message: string,
])[] = [
  [
    "nothing",
    "",
    FaultCode.parseError,
    "The document is empty (line 1, column 1)",
  ],
  [
    "a text",
    "hello",
    FaultCode.parseError,
    'Text outside the root element: "hello" (line 1, column 1)',
  ],
  [
    "half a call",
    "<methodCall>",
    FaultCode.parseError,
    "The document ends inside <methodCall> (line 1, column 13)",
  ],
  [
    "something behind a call",
    `${CALL}</methodCall>x`,
    FaultCode.parseError,
    'Text outside the root element: "x" (line 1, column 55)',
  ],
  [
    "a web page",
    "<html></html>",
    FaultCode.invalidRequest,
    "Unknown element <html> (line 1, column 1)",
  ],
  [
    "a response",
    "<methodResponse/>",
    FaultCode.invalidRequest,
    "Expected <methodCall>, found <methodResponse> (line 1, column 1)",
  ],
  [
    "a document type",
    `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>${CALL}</methodCall>`,
    FaultCode.invalidRequest,
    "A document type declaration: none is accepted, for safety (line 1, column 1)",
  ],
  [
    "no name",
    "<methodCall><methodName></methodName></methodCall>",
    FaultCode.invalidRequest,
    "A method name must not be empty (line 1, column 13)",
  ],
  [
    "a broken value",
    `${CALL}<params><param><value><int>1 2</int></value></param></params></methodCall>`,
    FaultCode.invalidRequest,
    'Cannot read "1 2" as int: expected an integer at params[0] (line 1, column 64)',
  ],
];

// ---------------------------------------------------------------- faults

for (const [what, document, code, message] of BAD_DOCUMENTS) {
  Deno.test(`fetch() answers ${what} with fault ${code}`, async () => {
    const errors: unknown[] = [];
    const onError = (error: unknown): void => void errors.push(error);

    const response = await serverOf({ echo }, { onError })(post(document));

    assertEquals(await outcomeOf(response), { fault: [code, message] });
    // The caller gets to see it.
    assertEquals(errors, []);
  });
}

Deno.test("fetch() answers a request without a body with fault -32700", async () => {
  assertEquals(await outcomeOf(await serverOf({ echo })(post(null))), {
    fault: [FaultCode.parseError, "The document is empty (line 1, column 1)"],
  });
});

Deno.test("fetch() answers bytes that are not UTF-8 with fault -32700", async () => {
  const { fault } = await outcomeOf(
    await serverOf({ echo })(post(Uint8Array.of(0x3c, 0xff, 0xfe, 0x3e))),
  );

  assertEquals(fault?.[0], FaultCode.parseError);
});

// ---------------------------------------------------------------- many calls

Deno.test("a slow call holds up no other", async () => {
  const slow = Promise.withResolvers<string>();
  const started = Promise.withResolvers<void>();
  const fetch = serverOf({
    slow(): Promise<string> {
      started.resolve();
      return slow.promise;
    },
    fast: () => "fast",
  });
  let isDone = false;

  const answer = callOn(fetch, "slow").then((outcome) => {
    isDone = true;
    return outcome;
  });
  await started.promise;

  assertEquals(await callOn(fetch, "fast"), { value: "fast" });
  assertEquals(await callOn(fetch, "fast"), { value: "fast" });
  assert(!isDone);
  slow.resolve("slow");
  assertEquals(await answer, { value: "slow" });
});

Deno.test("a slow upload holds up no other call", async () => {
  const upload = new TransformStream<
    Uint8Array<ArrayBuffer>,
    Uint8Array<ArrayBuffer>
  >();
  const writer = upload.writable.getWriter();
  const fetch = serverOf({ echo });
  const bytes = encodeCall("echo", ["slow"]);

  const answer = fetch(post(upload.readable));
  await writer.write(bytes.slice(0, 50));

  assertEquals(await callOn(fetch, "echo", "fast"), { value: "fast" });
  await writer.write(bytes.slice(50));
  await writer.close();
  assertEquals(await outcomeOf(await answer), { value: "slow" });
});

Deno.test("calls may be answered in another order than they came in", async () => {
  const gates = [0, 1, 2].map(() => Promise.withResolvers<void>());
  const order: number[] = [];
  const fetch = serverOf({
    async wait(index: number): Promise<number> {
      await gates[index]!.promise;
      return index;
    },
  });

  const answers = gates.map(async (_, index) => {
    const outcome = await callOn(fetch, "wait", index);
    order.push(index);
    return outcome;
  });
  for (const index of [2, 0, 1]) {
    gates[index]!.resolve();
    await answers[index];
  }

  assertEquals(order, [2, 0, 1]);
  assertEquals(await Promise.all(answers), [
    { value: 0 },
    { value: 1 },
    { value: 2 },
  ]);
});

for (const where of ["in one process", "over sockets"]) {
  Deno.test(`fetch() gives each of 100 calls at once its own answer, ${where}`, async () => {
    const everybody = Promise.withResolvers<void>();
    let waiting = 0;
    const server = createServer({
      async meet(index: number): Promise<string> {
        if (++waiting === 100) everybody.resolve();
        await everybody.promise;
        return `${this.methodName} ${index}`;
      },
    });
    await using http = listen(server.fetch);
    const url = `http://127.0.0.1:${http.addr.port}/`;
    const send = (sent: Request): Promise<Response> =>
      where === "over sockets"
        ? fetch(new Request(url, sent))
        : server.fetch(sent);

    const outcomes = await Promise.all(
      Array.from({ length: 100 }, (_, index) => callOn(send, "meet", index)),
    );

    assertEquals(
      outcomes,
      Array.from({ length: 100 }, (_, index) => ({ value: `meet ${index}` })),
    );
  });
}

const HOSTILE: readonly (readonly [
  what: string,
  init: RequestInit,
  status: number,
])[] = [
  ["GET", { method: "GET" }, 405],
  ["no body", { headers: XML }, 200],
  ["another type", { body: "x=1", headers: { "content-type": "a/b" } }, 415],
  ["a text", { body: "hello", headers: XML }, 200],
  ["a truncated call", { body: CALL, headers: XML }, 200],
  ["half a tag", { body: "<methodCal", headers: XML }, 200],
  ["zeros", { body: new Uint8Array(5000), headers: XML }, 200],
  [
    "a billion laughs",
    {
      body:
        '<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]><methodCall>&b;</methodCall>',
      headers: XML,
    },
    200,
  ],
  [
    "deep nesting",
    {
      body: `${CALL}<params><param>${"<value><array><data>".repeat(10_000)}`,
      headers: XML,
    },
    200,
  ],
  ["a long body", { body: "x".repeat(300_000), headers: XML }, 413],
  [
    "no gzip",
    { body: "hello", headers: { ...XML, "content-encoding": "gzip" } },
    400,
  ],
  [
    "an unknown encoding",
    { body: "hello", headers: { ...XML, "content-encoding": "br" } },
    415,
  ],
  ["an unknown method", { body: encodeCall("none"), headers: XML }, 200],
  ["a method that throws", { body: encodeCall("fail"), headers: XML }, 200],
  ["an unsendable result", { body: encodeCall("nan"), headers: XML }, 200],
  [
    "an unknown charset",
    {
      body: encodeCall("alive"),
      headers: { "content-type": "text/xml; charset=klingon" },
    },
    200,
  ],
];

const hardy = createServer({
  alive: () => "still here",
  fail(): void {
    throw new Error("secret");
  },
  nan: () => NaN,
}, { maxBodyBytes: 250_000 });

// ---------------------------------------------------------------- keeps serving

for (const [what, init, status] of HOSTILE) {
  const sent = { method: "POST", ...init };

  Deno.test(`fetch() keeps serving after ${what}`, async () => {
    const response = await hardy.fetch(new Request(ADDRESS, sent));

    assertEquals(response.status, status);
    assertNotLeaking(await response.text());
    assertEquals(await callOn(hardy.fetch, "alive"), OK);
  });

  Deno.test(`fetch() keeps serving over sockets after ${what}`, async () => {
    await using http = listen(hardy.fetch);
    const url = `http://127.0.0.1:${http.addr.port}/`;

    const response = await fetch(url, sent);

    assertEquals(response.status, status);
    assertNotLeaking(await response.text());
    const next = await fetch(new Request(url, request("alive")));
    assertEquals(await outcomeOf(next), OK);
  });
}

/** Sends bytes over a connection of their own, hangs up, and gives what came back. */
async function talk(address: Deno.NetAddr, text: string): Promise<string> {
  using connection = await Deno.connect({
    hostname: "127.0.0.1",
    port: address.port,
  });
  await connection.write(bytesOf(text));
  await connection.closeWrite();
  try {
    return await new Response(connection.readable).text();
  } catch {
    return "";
  }
}

const HEAD = "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\n";
const GOOD = new TextDecoder().decode(encodeCall("alive"));

for (
  const [what, text] of [
    [
      "a body that is shorter than its Content-Length",
      `${HEAD}Content-Length: 900\r\n\r\n${GOOD}`,
    ],
    [
      "a body that is longer than its Content-Length",
      `${HEAD}Content-Length: 20\r\n\r\n${GOOD}`,
    ],
    ["no body at all", `${HEAD}Content-Length: 10\r\n\r\n`],
    ["a negative Content-Length", `${HEAD}Content-Length: -5\r\n\r\n${GOOD}`],
    [
      "a Content-Length of letters",
      `${HEAD}Content-Length: abc\r\n\r\n${GOOD}`,
    ],
    [
      "a chunk that breaks off",
      `${HEAD}Transfer-Encoding: chunked\r\n\r\nff\r\n<methodCall>`,
    ],
    [
      "a chunk without a length",
      `${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n<methodCall>`,
    ],
    ["half of the headers", HEAD],
    ["no HTTP", "hello\r\n\r\n"],
  ] as const
) {
  Deno.test(`fetch() keeps serving after ${what}`, async () => {
    await using http = listen(hardy.fetch);

    const answer = await talk(http.addr, text);

    // Nothing of the kind is taken for the call that it may contain.
    assertNotMatch(answer, /still here/);
    assertNotLeaking(answer);
    const url = `http://127.0.0.1:${http.addr.port}/`;
    const next = await fetch(new Request(url, request("alive")));
    assertEquals(await outcomeOf(next), OK);
  });
}

Deno.test("fetch() answers over a socket what it answers without one", async () => {
  const server = createServer({ echo });
  await using http = listen(server.fetch);
  const url = `http://127.0.0.1:${http.addr.port}/`;
  const length = String(GOOD.length);

  const near = await server.fetch(request("echo", ["é"]));
  const far = await fetch(new Request(url, request("echo", ["é"])));

  assertEquals(far.status, near.status);
  for (const name of ["content-type", "content-length"]) {
    assertEquals(far.headers.get(name), near.headers.get(name));
  }
  assertEquals(await far.text(), await near.text());
  assertMatch(
    await talk(
      http.addr,
      `${HEAD}Connection: close\r\nContent-Length: ${length}\r\n\r\n${GOOD}`,
    ),
    /^HTTP\/1\.1 200 OK\r\n.*No method "alive"/s,
  );
});

Deno.test("fetch() resolves to a response and never rejects, whatever is sent", async () => {
  for (const [, init] of HOSTILE) {
    const sent = new Request(ADDRESS, { method: "POST", ...init });
    assertInstanceOf(await hardy.fetch(sent), Response);
  }
});

for (
  const [name, thrown] of [
    ["a Proxy that throws when it is looked at", () =>
      new Proxy({}, {
        getPrototypeOf(): never {
          throw new Error("trap");
        },
      })],
    [
      "a fault whose message throws null",
      () =>
        Object.defineProperty(new XmlRpcFault(1, ""), "message", {
          get(): never {
            throw null;
          },
        }),
    ],
  ] as const
) {
  Deno.test(`fetch() answers a method that throws ${name}`, async () => {
    const errors: unknown[] = [];
    const fetch = serverOf({
      fail(): never {
        throw thrown();
      },
    }, { onError: (error) => errors.push(error) });

    assertEquals(await callOn(fetch, "fail"), {
      fault: [FaultCode.internalError, "Internal error"],
    });
    assertEquals(errors.length, 1);
  });
}
