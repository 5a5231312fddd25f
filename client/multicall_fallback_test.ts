// What a client does with servers that do not have system.multicall.

import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import {
  createClient,
  type XmlRpcAnyMethods,
  type XmlRpcClient,
} from "../client.ts";
import { encodeFault, encodeResponse } from "../codec.ts";
import { XmlRpcFault, XmlRpcHttpError } from "../core/errors.ts";
import { createServer, method } from "../server.ts";
import { ADDRESS, namesOf, respondXml } from "../tests/support/fake_server.ts";
import {
  connect,
  fulfilled,
  reasonOf,
} from "../tests/support/multicall_calls.ts";

const noMulticall = (): never => {
  throw new XmlRpcFault(-32601, 'No method "system.multicall"');
};

const NO_MULTICALL: readonly (readonly [
  server: string,
  answer: () => Response,
])[] = [
  ["libsoup", -32601, "no such method: system.multicall"],
  [
    "PHP's xmlrpc",
    -32601,
    "server error. method not found.\n\nsystem.multicall",
  ],
  ["JSON-minded ones", -32601, "Method not found"],
  [
    "Python",
    1,
    `<class 'Exception'>:method "system.multicall" is not supported`,
  ],
  ["Twisted", 8001, "procedure multicall not found"],
  ["xmlrpc-c", -506, "Method 'system.multicall' not defined"],
  ["XmlRpc++", -1, "system.multicall: unknown method name"],
  ["Frontier", 3, "no such method `system.multicall'\n"],
  [
    "Ruby",
    -99,
    "Method system.multicall missing or wrong number of parameters!",
  ],
  [
    "RPC::XML",
    302,
    "Method lookup error: No method 'Unknown method: system.multicall' on server",
  ],
].map(([server, code, message]) => [
  server as string,
  () =>
    respondXml(
      encodeFault({ code: code as number, message: message as string }),
    ),
]);

const NO_MULTICALL_OTHERWISE: typeof NO_MULTICALL = [
  ["npm's xmlrpc", () => new Response(null, { status: 404 })],
  [
    "davexmlrpc",
    () =>
      new Response(
        encodeFault({ code: 1, message: "no such method: system.multicall" }),
        { status: 500 },
      ),
  ],
];

// ---------------------------------------------------------------- no multicall

for (const [server, answer] of [...NO_MULTICALL, ...NO_MULTICALL_OTHERWISE]) {
  Deno.test(`multicall() calls one by one where the answer is that of ${server}`, async () => {
    const fake = connect({ "system.multicall": answer });

    const [four, bad, now] = await fake.client.multicall([
      ["math.add", [1, 3]],
      ["math.div", [1, 0]],
      ["now"],
    ]);

    assertEquals([four, now], [fulfilled(4), fulfilled("noon")]);
    assertInstanceOf(reasonOf(bad), XmlRpcFault);
    assertEquals(namesOf(fake.server), [
      "system.multicall",
      "math.add",
      "math.div",
      "now",
    ]);
  });
}

Deno.test("multicall() reads what XMLRPC::Lite says for a method it has not", async () => {
  const fault = new TextDecoder().decode(encodeResponse({
    faultCode: -1,
    faultString: "Failed to access class (system): Invalid version format",
  })).replaceAll(/<\/?params?>/g, "").replace(
    "<methodResponse>",
    "<methodResponse><fault>",
  ).replace("</methodResponse>", "</fault></methodResponse>");
  const { client } = connect({ "system.multicall": () => new Response(fault) });

  assertEquals(await client.multicall([["now"]]), [fulfilled("noon")]);
});

Deno.test("multicall() asks only once whether there is a system.multicall", async () => {
  const { client, server } = connect({ "system.multicall": noMulticall });

  await client.multicall([["now"]]);
  await client.multicall([["now"], ["now"]]);
  await client.with({ headers: { a: "1" } }).multicall([["now"]]);
  await client.multicall([["now"]], { headers: { a: "1" } });

  assertEquals(namesOf(server), ["system.multicall", ...Array(5).fill("now")]);
});

Deno.test("multicall() without system.multicall calls one after the other, and continues after failures", async () => {
  const running: string[] = [];
  const track = (name: string) => async (): Promise<string> => {
    running.push(`+${name}`);
    await Promise.resolve();
    running.push(`-${name}`);
    return name;
  };
  const { client } = connect({
    "system.multicall": noMulticall,
    a: track("a"),
    b: () => new Response("broken", { status: 500 }),
    c: track("c"),
  });
  const untyped = client as unknown as XmlRpcClient<XmlRpcAnyMethods>;

  const [a, b, unsendable, c] = await untyped.multicall([
    ["a"],
    ["b"],
    ["now", [NaN]],
    ["c"],
  ]);

  assertEquals([a, c], [fulfilled("a"), fulfilled("c")]);
  assertInstanceOf(reasonOf(b), XmlRpcHttpError);
  assertInstanceOf(reasonOf(unsendable), RangeError);
  assertEquals(running, ["+a", "-a", "+c", "-c"]);
});

Deno.test("multicall() without system.multicall calls nothing more once the signal has aborted", async () => {
  const controller = new AbortController();
  const { client, server } = connect({
    "system.multicall": noMulticall,
    now: () => {
      controller.abort("enough");
      return new Promise(() => {});
    },
  });

  const results = await client.multicall([["now"], ["now"], ["now"]], {
    signal: controller.signal,
  });

  assertEquals(results.map(reasonOf), ["enough", "enough", "enough"]);
  assertEquals(namesOf(server), ["system.multicall", "now"]);
});

// ---------------------------------------------------------------- names

Deno.test("multicall() does not call again where a fault is about a method in it", async () => {
  const { client, server } = connect({
    "system.multicall": () => {
      throw new XmlRpcFault(-32601, 'No method "math.add"');
    },
  });

  await assertRejects(
    () => client.multicall([["now"], ["math.add", [1, 2]]]),
    XmlRpcFault,
  );

  assertEquals(namesOf(server), ["system.multicall"]);
});

for (const batch of [false, true]) {
  Deno.test(`a call that may only be made alone is made so, ${batch ? "in a batch" : "in a multicall"}`, async () => {
    const server = createServer({
      alone: method(
        { params: ["int"], returns: "int", batchable: false },
        (x) => x,
      ),
      any: (x: number) => x,
    });
    const client = createClient<typeof server.methods>(ADDRESS, {
      fetch: server.fetch,
      batch,
    });

    const results = await (batch
      ? Promise.allSettled([client.methods.alone(1), client.methods.any(2)])
      : client.multicall([["alone", [1]], ["any", [2]]]));

    assertEquals(results, [fulfilled(1), fulfilled(2)]);
  });
}
