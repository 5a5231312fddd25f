// Answers that look right: redirects, faults, multicalls and signatures of a hostile server.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  createClient,
  type XmlRpcAnyMethods,
  type XmlRpcClient,
} from "../../client.ts";
import { encodeResponse } from "../../codec.ts";
import {
  XmlRpcFault,
  XmlRpcHttpError,
  XmlRpcSyntaxError,
} from "../../core/errors.ts";
import { answer, endlessly, RawServer } from "../support/raw_server.ts";
import {
  clientOf,
  fault,
  lengthOf,
  member,
  MIB,
  OPEN,
  PATIENT,
  VALUE,
  XML,
  xml,
} from "./_hostile_server.ts";

// ---------------------------------------------------------------- fakes

Deno.test("what a server names its status is shown on one line, short, and without commands to a terminal", async () => {
  const client = clientOf(() =>
    new Response("", { status: 500, statusText: `\x9b31m${"x".repeat(5000)}` })
  );

  const { message } = await assertRejects(
    () => client.call("m"),
    XmlRpcHttpError,
  );

  assertStringIncludes(message, "answered 500 \\u009b31mxxx");
  assert(message.length < 200, `${message.length} characters`);
});

Deno.test("a Location of any length is shown only at its start", async () => {
  const location = `http://127.0.0.1/${"x".repeat(100_000)}`;
  for (const status of [302, 307]) {
    const client = clientOf(
      () => new Response(null, { status, headers: { location } }),
      { maxRedirects: 0 },
    );

    const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

    assert(error.message.length < 700, `${error.message.length} characters`);
  }
});

Deno.test("credentials in a Location are neither sent nor shown", async () => {
  const location = "http://ada:hunter2@elsewhere/";
  const seen: Request[] = [];
  const client = clientOf((request) => {
    seen.push(request);
    return seen.length === 1
      ? new Response(null, { status: 307, headers: { location } })
      : new Response(null, { status: 302, headers: { location } });
  });

  const error = await assertRejects(() => client.call("m"), XmlRpcHttpError);

  assertEquals(seen.map(({ url }) => url)[1], "http://elsewhere/");
  assertEquals(seen[1]!.headers.get("authorization"), null);
  assert(!`${error.stack}${error.url}`.includes("hunter2"));
});

Deno.test("cookies that a server sets are not sent back", async () => {
  const cookies: (string | null)[] = [];
  const http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      cookies.push(request.headers.get("cookie"));
      await request.body?.cancel();
      return new Response(encodeResponse(1), {
        headers: { ...XML, "set-cookie": "session=1" },
      });
    },
  );
  await using _ = http;
  const client = createClient(`http://127.0.0.1:${http.addr.port}/`);

  await client.call("m");
  await client.call("m");

  assertEquals(cookies, [null, null]);
});

for (
  const [what, name, respond] of [
    [
      "text/xml",
      "XmlRpcSyntaxError",
      () => xml("<html><body>Internal error</body></html>"),
    ],
    [
      "status 500",
      "XmlRpcHttpError",
      () => new Response("<html>Internal error</html>", { status: 500 }),
    ],
  ] as const
) {
  Deno.test(`a web page in a fault's place is an error that shows it (${what})`, async () => {
    const error = await assertRejects(() => clientOf(respond).call("m"), Error);

    assertEquals(error.name, name);
  });
}

for (
  const [what, document] of [
    [
      "no struct",
      "<methodResponse><fault><value>x</value></fault></methodResponse>",
    ],
    [
      "a code that is an array",
      fault(
        member("faultCode", "<array><data/></array>") +
          member("faultString", "x"),
      ),
    ],
    [
      "a code beyond 2^53",
      fault(
        member("faultCode", `<string>${"9".repeat(999)}</string>`) +
          member("faultString", "x"),
      ),
    ],
    [
      "two codes",
      fault(
        member("faultCode", "<int>1</int>") +
          member("faultCode", "<int>2</int>"),
      ),
    ],
    [
      "a string that is a struct",
      fault(
        member("faultCode", "<int>1</int>") +
          member("faultString", `<struct>${member("\u202e", "\x85")}</struct>`),
      ),
    ],
  ] as const
) {
  Deno.test(`a fault with ${what} is refused, in few words that are safe to show`, async () => {
    const { message } = await assertRejects(
      () => clientOf(() => xml(document)).call("m"),
      XmlRpcSyntaxError,
    );

    assert(message.length < 400, `${message.length} characters`);
    assert(!/[\p{Cc}\p{Cf}]/u.test(message), message);
  });
}

Deno.test("a fault's further members are its own, whatever their names and number", async () => {
  const names = ["__proto__", "constructor", "toString", "message", "stack"];
  const many = Array.from({ length: 10_000 }, (_, index) => `m${index}`);
  const document = fault(
    member("faultCode", "<int>1</int>") + member("faultString", "no") +
      [...names, ...many].map((name) => member(name, "wild")).join(""),
  );

  const error = await assertRejects(
    () => clientOf(() => xml(document)).call("m"),
    XmlRpcFault,
    "no",
  );

  assertEquals(Object.keys(error.members), [...names, ...many]);
  assertEquals(error.message, "no");
  assertInstanceOf(error, XmlRpcFault);
});

function slots(document: string): XmlRpcClient<XmlRpcAnyMethods> {
  return clientOf(() =>
    xml(
      `<methodResponse><params><param><value>${document}</value></param></params></methodResponse>`,
    )
  );
}

function array(...values: readonly string[]): string {
  const items = values.map((value) => `<value>${value}</value>`).join("");
  return `<array><data>${items}</data></array>`;
}

// ---------------------------------------------------------------- multicall

for (
  const [what, document] of [
    ["too few results", array(array("1"))],
    ["too many results", array(...Array(1000).fill(array("1")))],
    ["a struct", `<struct>${member("length", "<int>2</int>")}</struct>`],
    ["a text", "<string>ab</string>"],
  ] as const
) {
  Deno.test(`a multicall of two answered with ${what} is rejected as a whole`, async () => {
    await assertRejects(
      () => slots(document).multicall([["a"], ["b"]]),
      TypeError,
      "Cannot read the answer to a multicall: expected an array of 2",
    );
  });
}

Deno.test("a multicall's slots have their own members only", async () => {
  const inherited = `<struct>${
    member(
      "__proto__",
      `<struct>${member("faultCode", "<int>1</int>")}${
        member("faultString", "forged")
      }</struct>`,
    )
  }</struct>`;
  const wild = `<struct>${member("faultCode", "<int>1</int>")}${
    member("faultString", "no")
  }${member("__proto__", array("1"))}</struct>`;

  const [first, second, third] = await slots(
    array(inherited, wild, array("good")),
  ).multicall([["a"], ["b"], ["c"]]);

  // Neither a fault nor an array of one.
  assert(first.status === "rejected");
  assertInstanceOf(first.reason, TypeError);
  assertStringIncludes(first.reason.message, 'a struct with "__proto__"');
  assert(second.status === "rejected");
  assertInstanceOf(second.reason, XmlRpcFault);
  assertEquals(Object.keys(second.reason.members), ["__proto__"]);
  assertEquals(third, { status: "fulfilled", value: "good" });
});

Deno.test("a multicall answered without end is over its limit", async () => {
  await using server = new RawServer(() => {
    const slot = `<value>${array("x")}</value>`;
    return (function* () {
      yield answer({}, `${OPEN}<array><data>`);
      yield* endlessly(slot.repeat(1000));
    })();
  });
  const client = createClient(server.url, PATIENT);

  await assertRejects(
    () => client.multicall([["a"], ["b"]]),
    XmlRpcHttpError,
    "the limit maxResponseBytes",
  );
  await server.hungUp;
});

// ---------------------------------------------------------------- introspection

for (
  const [what, signatures] of [
    ["names that objects have", [
      ["string", "__proto__"],
      ["string", "constructor"],
      ["string", "toString"],
    ]],
    ["structs", [{ 0: "string", length: 2 }]],
    ["arrays in arrays", [[["string", ["double"]]]]],
    ["numbers", [[1, 2]]],
    ["100,000 signatures", Array(100_000).fill(["string", "double"])],
    ["a signature of 100,000 types", [Array(100_000).fill("double")]],
    ["a type of a megabyte", [["string", "d".repeat(MIB)]]],
  ] as const
) {
  Deno.test(`a server that answers ${what} for a signature is called as if it had none`, async () => {
    const bodies: string[] = [];
    const client = clientOf(async (request) => {
      const body = await request.text();
      if (body.includes("system.methodSignature")) {
        return xml(encodeResponse(signatures));
      }
      bodies.push(body);
      return xml(encodeResponse("value"));
    }, { signatures: "introspect", maxResponseBytes: 2 ** 28 });

    assertEquals(await client.call("m", [20]), "value");

    assertEquals(bodies.length, 1);
    assertStringIncludes(bodies[0]!, "<int>20</int>");
  });
}

Deno.test("a server that sends endless signatures is called as if it had none", async () => {
  const signature = `<value>${array("string", "double")}</value>`;
  let sent = 0;
  await using server = new RawServer((request) => {
    if (!request.includes("system.methodSignature")) {
      return [answer(lengthOf(VALUE), VALUE)];
    }
    return (function* () {
      yield answer({}, `${OPEN}<array><data>`);
      for (const piece of endlessly(signature)) {
        sent += piece.length;
        yield piece;
      }
    })();
  });
  const client = createClient(server.url, {
    timeout: 30_000,
    signatures: "introspect",
  });

  assertEquals(await client.call("m", [20]), "value");
  await server.hungUp;
  // What sockets hold comes on top of what is read.
  assert(sent < 16 * MIB, `${sent} bytes have been sent`);
});
