import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { SpanKind, traced } from "./tracing.ts";
import { createClient } from "../client.ts";
import { encodeCall } from "../codec.ts";
import { createFakeServer } from "../tests/support/fake_server.ts";
import { XmlRpcFault } from "./errors.ts";
import { createServer } from "../server.ts";

const API = Symbol.for("opentelemetry.js.api.1");

/** What has become of a span. */
interface Recorded {
  readonly tracer: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: Record<string, unknown>;
  status: number;
  isEnded: boolean;
}

/** Stands in for OpenTelemetry until it is disposed of, and keeps all spans. */
class FakeTelemetry implements Disposable {
  readonly spans: Recorded[] = [];
  readonly #before = Object.getOwnPropertyDescriptor(globalThis, API);

  constructor() {
    const value = {
      trace: { getTracer: (name: string) => this.#tracer(name) },
    };
    Object.defineProperty(globalThis, API, { value, configurable: true });
  }

  [Symbol.dispose](): void {
    if (this.#before === undefined) Reflect.deleteProperty(globalThis, API);
    else Object.defineProperty(globalThis, API, this.#before);
  }

  #tracer(tracer: string): unknown {
    return {
      startActiveSpan: (
        name: string,
        { kind, attributes }: Pick<Recorded, "kind" | "attributes">,
        work: (span: unknown) => unknown,
      ) => {
        const span = {
          tracer,
          name,
          kind,
          attributes: { ...attributes },
          status: 0,
          isEnded: false,
        };
        this.spans.push(span);
        return work({
          setAttribute: (name: string, value: unknown) =>
            span.attributes[name] = value,
          setStatus: ({ code }: { code: number }) => span.status = code,
          end: () => span.isEnded = true,
        });
      },
    };
  }
}

Deno.test("traced() runs the work within a span of its kind", async () => {
  using telemetry = new FakeTelemetry();

  const result = await traced(SpanKind.server, "math.add", { a: 1 }, () => {
    assertEquals(telemetry.spans[0]!.isEnded, false);
    return Promise.resolve(3);
  });

  assertEquals(result, 3);
  assertEquals(telemetry.spans, [{
    tracer: "@xmlrpc/xmlrpc",
    name: "math.add",
    kind: 1,
    attributes: { "rpc.system": "xmlrpc", "rpc.method": "math.add", a: 1 },
    status: 0,
    isEnded: true,
  }]);
});

const FAILURES: readonly (readonly [
  what: string,
  failure: unknown,
  attribute: Record<string, unknown>,
])[] = [
  ["a fault", new XmlRpcFault(4, "no"), { "rpc.xmlrpc.fault_code": 4 }],
  ["an error", new RangeError("no"), { "error.type": "RangeError" }],
  [
    "a time-out",
    new DOMException("no", "TimeoutError"),
    { "error.type": "TimeoutError" },
  ],
  ["a thrown text", "no", { "error.type": "string" }],
];

for (const [what, failure, attribute] of FAILURES) {
  Deno.test(`traced() notes ${what} and passes it on`, async () => {
    using telemetry = new FakeTelemetry();

    const caught = await traced(
      SpanKind.client,
      "m",
      {},
      () => Promise.reject(failure),
    ).catch((error) => error);

    assertStrictEquals(caught, failure);
    const [span] = telemetry.spans;
    assertEquals(span!.attributes, {
      "rpc.system": "xmlrpc",
      "rpc.method": "m",
      ...attribute,
    });
    assertEquals([span!.status, span!.isEnded], [2, true]);
  });
}

Deno.test("traced() just runs the work without a tracer", async () => {
  const promise = Promise.resolve(3);

  assertStrictEquals(traced(SpanKind.client, "m", {}, () => promise), promise);
  await promise;
});

Deno.test("a call of a client is a span, with all its attempts", async () => {
  using telemetry = new FakeTelemetry();
  const { fetch } = createFakeServer({ add: (x: number, y: number) => x + y });
  const client = createClient("https://user:secret@example.org/RPC2", {
    fetch,
    interceptors: [async (call, next) => {
      await next(call);
      return await next(call);
    }],
  });

  await client.methods.add(1, 2);
  await assertRejects(() => client.methods.none(), XmlRpcFault);
  await client.with({}).multicall([]);

  assertEquals(
    telemetry.spans.map(({ name, kind, status }) => [name, kind, status]),
    [["add", 2, 0], ["none", 2, 2]],
  );
  assertEquals(telemetry.spans.map(({ attributes }) => attributes), [
    {
      "rpc.system": "xmlrpc",
      "rpc.method": "add",
      "server.address": "example.org",
      "server.port": 443,
    },
    {
      "rpc.system": "xmlrpc",
      "rpc.method": "none",
      "server.address": "example.org",
      "server.port": 443,
      "rpc.xmlrpc.fault_code": -32601,
    },
  ]);
});

Deno.test("a span names the port that a URL names", async () => {
  using telemetry = new FakeTelemetry();
  const { fetch } = createFakeServer({ m: () => 1 });

  await createClient("http://localhost:8888/", { fetch }).methods.m();
  await createClient("http://localhost/", { fetch }).methods.m();

  assertEquals(
    telemetry.spans.map(({ attributes }) => attributes["server.port"]),
    [8888, 80],
  );
});

Deno.test("Deno prints a client's spans when told to", async () => {
  const program = `
    import { createClient } from ${
    JSON.stringify(new URL("../client.ts", import.meta.url).href)
  };
    const client = createClient("http://localhost:8888/RPC2", {
      fetch: () => Promise.resolve(new Response(
        "<methodResponse><params><param><value>x</value></param></params></methodResponse>"
      )),
    });
    await client.methods.math.add(1, 2);
  `;

  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", program],
    env: {
      NO_COLOR: "1",
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_PROTOCOL: "console",
    },
  }).output();

  const text = new TextDecoder().decode(stdout) +
    new TextDecoder().decode(stderr);
  assertEquals(success, true, text);
  assertMatch(text, /SPAN math\.add .*Client/);
  assertMatch(text, /rpc\.system: xmlrpc/);
  assertMatch(text, /rpc\.method: math\.add/);
  assertMatch(text, /server\.port: 8888/);
});

Deno.test("a server's calls are spans, those in a multicall within it", async () => {
  using telemetry = new FakeTelemetry();
  const server = createServer({
    add: (x: number, y: number) => x + y,
    fail(): never {
      throw new Error("secret");
    },
  });

  await server.fetch(
    new Request("http://localhost/", {
      method: "POST",
      headers: { "content-type": "text/xml" },
      body: encodeCall("system.multicall", [[
        { methodName: "add", params: [1, 2] },
        { methodName: "fail", params: [] },
        { methodName: "no.such", params: [] },
      ]]),
    }),
  );

  assertEquals(
    telemetry.spans.map(({ name, kind, status, isEnded, attributes }) => [
      name,
      kind,
      status,
      isEnded,
      attributes["rpc.xmlrpc.fault_code"] ?? attributes["error.type"],
    ]),
    [
      ["system.multicall", 1, 0, true, undefined],
      ["add", 1, 0, true, undefined],
      ["fail", 1, 2, true, "Error"],
      ["no.such", 1, 2, true, -32601],
    ],
  );
});
