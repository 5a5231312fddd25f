import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  createClient,
  type XmlRpcClientCall,
  type XmlRpcClientInterceptor,
  type XmlRpcClientOptions,
} from "../client.ts";
import {
  ADDRESS,
  type Connected,
  connectFake,
  createFakeServer,
  type FakeMethod,
  METHODS,
  namesOf,
  withMulticall,
} from "../tests/support/fake_server.ts";
import { XmlRpcFault } from "../core/errors.ts";

/** A client whose calls go through interceptors. */
function connect(
  interceptors: readonly XmlRpcClientInterceptor[],
  options: XmlRpcClientOptions = {},
  methods: Readonly<Record<string, FakeMethod>> = {},
): Connected {
  return connectFake({ ...METHODS, ...methods }, { interceptors, ...options });
}

/** An interceptor that says when it is entered and left. */
function tracing(name: string, trace: string[]): XmlRpcClientInterceptor {
  return async (call, next) => {
    trace.push(`+${name}`);
    try {
      return await next(call);
    } finally {
      trace.push(`-${name}`);
    }
  };
}

// ---------------------------------------------------------------- order

Deno.test("interceptors stand around each call, the first outermost", async () => {
  const trace: string[] = [];
  const { client } = connect([tracing("a", trace), tracing("b", trace)]);

  assertEquals(await client.methods.add(1, 2), 3);

  assertEquals(trace, ["+a", "+b", "-b", "-a"]);
});

Deno.test("interceptors of with() and of a call go inside of those the client has", async () => {
  const trace: string[] = [];
  const { client } = connect([tracing("client", trace)]);
  const other = client.with({ interceptors: [tracing("with", trace)] });

  await other.call("add", [1, 2], { interceptors: [tracing("call", trace)] });
  await client.call("add", [1, 2]);

  assertEquals(trace, [
    "+client",
    "+with",
    "+call",
    "-call",
    "-with",
    "-client",
    "+client",
    "-client",
  ]);
});

Deno.test("interceptors see one call of system.multicall for a multicall or a batch", async () => {
  const seen: XmlRpcClientCall[] = [];
  const { client } = connect([(call, next) => {
    seen.push(call);
    return next(call);
  }], { batch: true });

  await client.multicall([["add", [1, 2]]]);
  await Promise.all([client.methods.add(1, 2), client.methods.echo(3)]);
  await client.methods.add(1, 2);

  assertEquals(seen.map(({ methodName, params }) => [methodName, params]), [
    ["system.multicall", [[{ methodName: "add", params: [1, 2] }]]],
    ["system.multicall", [[
      { methodName: "add", params: [1, 2] },
      { methodName: "echo", params: [3] },
    ]]],
    ["add", [1, 2]],
  ]);
});

// ---------------------------------------------------------------- what they see

Deno.test("interceptors see the URL without credentials, and no headers yet", async () => {
  const seen: XmlRpcClientCall[] = [];
  const { fetch } = createFakeServer(METHODS);
  const client = createClient("http://user:secret@localhost/RPC2?a=b#c", {
    fetch,
    headers: { a: "1" },
    interceptors: [(call, next) => {
      seen.push(call);
      return next(call);
    }],
  });

  await client.methods.add(1, 2);

  assertEquals(seen[0]!.url, "http://localhost/RPC2?a=b");
  assertEquals([...seen[0]!.headers], []);
  assert(!seen[0]!.signal.aborted);
});

Deno.test("interceptors see results and faults", async () => {
  const seen: unknown[] = [];
  const { client } = connect([async (call, next) => {
    try {
      const value = await next(call);
      seen.push(value);
      return value;
    } catch (error) {
      seen.push(error);
      throw error;
    }
  }]);

  await client.methods.add(1, 2);
  const fault = await assertRejects(() => client.methods.fail(), XmlRpcFault);

  assertEquals(seen[0], 3);
  assertStrictEquals(seen[1], fault);
});

Deno.test("interceptors see the params as they were at the call", async () => {
  const gate = Promise.withResolvers<void>();
  const { client } = connect([async (call, next) => {
    await gate.promise;
    return await next(call);
  }]);
  const row = { id: 1 };

  const result = client.methods.echo(row);
  row.id = 2;
  gate.resolve();

  assertEquals(await result, { id: 1 });
});

// ---------------------------------------------------------------- what they can do

Deno.test("an interceptor can answer in the server's place", async () => {
  const { client, server } = connect([() => Promise.resolve("cached")]);

  assertEquals(await client.methods.add(1, 2), "cached");

  assertEquals(server.calls, []);
});

Deno.test("an interceptor can change result, name and params", async () => {
  const { client, server } = connect([
    async (call, next) =>
      -(await next({ ...call, methodName: "add", params: [1, 2] }) as number),
  ]);

  assertEquals(await client.methods.echo(5), -3);

  assertEquals(namesOf(server), ["add"]);
});

Deno.test("an interceptor can throw, at once or later", async () => {
  const failure = new Error("no");
  const { client, server } = connect([
    (call, next) => {
      if (call.methodName === "echo") throw failure;
      return next(call);
    },
    (call, next) =>
      call.methodName === "fail" ? Promise.reject(failure) : next(call),
  ]);

  for (const name of ["echo", "fail"]) {
    const error = await assertRejects(() => client.call(name, []), Error);
    assertStrictEquals(error, failure);
  }
  assertEquals(server.calls, []);
});

Deno.test("headers of an interceptor go over all others, for its call alone", async () => {
  const { client, server } = connect([(call, next) => {
    if (call.methodName === "add") call.headers.set("A", "interceptor");
    call.headers.set("content-type", "application/xml");
    return next(call);
  }], { headers: { a: "client", b: "client" } });

  await client.call("add", [1, 2], { headers: { a: "call" } });
  await client.call("echo", [1]);

  const sent = server.requests.map(({ headers }) =>
    ["a", "b", "content-type"].map((name) => headers.get(name))
  );
  assertEquals(sent, [
    ["interceptor", "client", "application/xml"],
    ["client", "client", "application/xml"],
  ]);
});

Deno.test("headers of an interceptor are not shown to another server", async () => {
  const { fetch, requests } = createFakeServer(METHODS);
  const client = createClient(ADDRESS, {
    fetch: (request) =>
      request.url === ADDRESS
        ? Promise.resolve(
          new Response(null, {
            status: 308,
            headers: { location: "http://elsewhere/" },
          }),
        )
        : fetch(request),
    interceptors: [(call, next) => {
      call.headers.set("authorization", "Bearer t");
      return next(call);
    }],
  });

  assertEquals(await client.methods.add(1, 2), 3);

  assertEquals(requests[0]!.headers.get("authorization"), null);
});

Deno.test("an interceptor can try again, and each attempt has the timeout for itself", async () => {
  let attempts = 0;
  const { client } = connect(
    [async (call, next) => {
      for (;;) {
        try {
          return await next(call);
        } catch (error) {
          assertEquals((error as Error).name, "TimeoutError");
        }
      }
    }],
    { timeout: 20 },
    {
      echo: (value: unknown) =>
        ++attempts < 3 ? new Promise(() => {}) : Promise.resolve(value),
    },
  );

  assertEquals(await client.methods.echo("x"), "x");

  assertEquals(attempts, 3);
});

Deno.test("an interceptor can give an attempt a signal of its own", async () => {
  const { client } = connect([(call, next) => {
    return next({ ...call, signal: AbortSignal.abort("mine") });
  }]);

  const reason = await client.methods.add(1, 2).catch(
    (reason: unknown) => reason,
  );

  assertEquals(reason, "mine");
});

Deno.test("an aborted call ends even if an interceptor keeps running", async () => {
  const entered = Promise.withResolvers<AbortSignal>();
  const { client, server } = connect([(call) => {
    entered.resolve(call.signal);
    return new Promise(() => {});
  }]);
  const controller = new AbortController();

  const result = client.call("add", [1, 2], { signal: controller.signal });
  const signal = await entered.promise;
  controller.abort("enough");

  assertEquals(await result.catch((reason: unknown) => reason), "enough");
  assertEquals([signal.aborted, signal.reason], [true, "enough"]);
  assertEquals(server.calls, []);
});

Deno.test("a call that is aborted already enters no interceptor", async () => {
  const trace: string[] = [];
  const { client } = connect([tracing("a", trace)], {
    signal: AbortSignal.abort("enough"),
  });

  const reason = await client.methods.add(1, 2).catch(
    (reason: unknown) => reason,
  );

  assertEquals([reason, trace], ["enough", []]);
});

Deno.test("a param that cannot be sent is rejected through the interceptors", async () => {
  const trace: string[] = [];
  const { client, server } = connect([tracing("a", trace)]);

  await assertRejects(() => client.methods.echo(NaN), RangeError, "params[0]");

  assertEquals(trace, ["+a", "-a"]);
  assertEquals(server.calls, []);
});

for (const interceptors of [null, () => {}, ["x"], [undefined], {}]) {
  Deno.test(`createClient() refuses ${String(interceptors)} for interceptors`, () => {
    const error = assertThrows(
      () => connect(interceptors as never),
      TypeError,
    );

    assertEquals(
      error.message,
      "The option interceptors must be an array of functions",
    );
  });
}

Deno.test("interceptors are as they were when the client was made", async () => {
  const trace: string[] = [];
  const interceptors = [tracing("a", trace)];
  const { client } = connect(interceptors);

  interceptors.push(tracing("b", trace));
  await client.methods.add(1, 2);

  assertEquals(trace, ["+a", "-a"]);
});

// ---------------------------------------------------------------- names

for (const name of ["then", "toJSON", "constructor", "__proto__", "toString"]) {
  Deno.test(`a method called ${name} can be called through interceptors`, async () => {
    const seen: string[] = [];
    const methods = Object.fromEntries([[name, (x: number) => -x]]);
    const { client } = connectFake(methods, {
      interceptors: [(call, next) => {
        seen.push(call.methodName);
        return next(call);
      }],
    });

    assertEquals(await client.call(name, [1]), -1);
    assertEquals(seen, [name]);
  });
}

for (const name of ["constructor", "__proto__", "toString"]) {
  Deno.test(`methods.${name}() is a call, in a batch too`, async () => {
    const methods = Object.fromEntries([[name, (x: number) => -x]]);
    const { client } = connectFake(withMulticall(methods));
    const batching = client.with({ batch: true });

    assertEquals(await client.methods[name](1), -1);
    assertEquals(
      await Promise.all([
        batching.methods[name](1),
        batching.methods[name](2),
      ]),
      [-1, -2],
    );
  });
}
