import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  fail,
} from "@std/assert";
import { createClient } from "../client.ts";
import { createServer } from "../server.ts";
import {
  clientWith,
  echo,
  settle,
  TrackedBody,
  VALUE,
  XML,
} from "../tests/support/client_calls.ts";
import { listen } from "../tests/support/ends.ts";

const timedOut = (timeout: number): string =>
  `No response within ${timeout} ms (option timeout)`;

async function assertTimesOut(
  call: () => Promise<unknown>,
  timeout: number,
): Promise<void> {
  const error = await assertRejects(call, DOMException);
  assertEquals(error.name, "TimeoutError");
  assertEquals(error.message, timedOut(timeout));
}

// ---------------------------------------------------------------- time

Deno.test("call() stops waiting for a fetch that ignores the signal", async () => {
  const { client } = clientWith(() => new Promise(() => {}), { timeout: 5 });

  await assertTimesOut(() => client.call("m"), 5);
});

Deno.test("call() accepts a timeout for itself alone", async () => {
  const { client } = clientWith(() => new Promise(() => {}));

  await assertTimesOut(() => client.call("m", [], { timeout: 3 }), 3);
  await assertTimesOut(() => client.with({ timeout: 4 }).call("m"), 4);
});

Deno.test("call() tells fetch about the timeout", async () => {
  const { client } = clientWith(
    (request) =>
      new Promise((_, reject) => {
        request.signal.addEventListener(
          "abort",
          () => reject(request.signal.reason),
        );
      }),
    { timeout: 5 },
  );

  await assertTimesOut(() => client.call("m"), 5);
});

Deno.test("call() counts the body in the timeout, and cancels it", async () => {
  const body = new TrackedBody([VALUE.slice(0, 50)], true);
  const { client } = clientWith(
    () => new Response(body.stream, { headers: XML }),
    { timeout: 5 },
  );

  await assertTimesOut(() => client.call("m"), 5);

  assert(body.isFinished);
});

Deno.test("call() counts the headers function in the timeout", async () => {
  const { client, requests } = clientWith(echo, {
    headers: () => new Promise(() => {}),
    timeout: 5,
  });

  await assertTimesOut(() => client.call("m"), 5);

  assertEquals(requests, []);
});

Deno.test("call() sends nothing any more where the headers come too late", async () => {
  const headers = Promise.withResolvers<HeadersInit>();
  const { client, requests } = clientWith(echo, {
    headers: () => headers.promise,
    timeout: 5,
  });

  await assertTimesOut(() => client.call("m"), 5);
  headers.resolve({});
  await settle();

  assertEquals(requests, []);
});

Deno.test("call() cancels the body of an answer that comes too late", async () => {
  const late = Promise.withResolvers<Response>();
  const body = new TrackedBody([VALUE.slice(0, 50)], true);
  const { client } = clientWith(() => late.promise, { timeout: 5 });

  await assertTimesOut(() => client.call("m"), 5);
  late.resolve(new Response(body.stream, { headers: XML }));
  await settle();

  assert(body.isFinished);
});

Deno.test("call() follows no redirect that comes too late", async () => {
  const late = Promise.withResolvers<Response>();
  const { client, requests } = clientWith(() => late.promise, { timeout: 5 });

  await assertTimesOut(() => client.call("m"), 5);
  late.resolve(
    new Response(null, { status: 307, headers: { location: "/x" } }),
  );
  await settle();

  assertEquals(requests.length, 1);
});

for (const isHalf of [false, true]) {
  const what = isHalf ? "sends half an answer" : "never answers";
  Deno.test(`call() stops waiting for a server that ${what}`, async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const connections: Deno.Conn[] = [];
    const serving = (async () => {
      const connection = await listener.accept();
      connections.push(connection);
      if (!isHalf) return;
      await connection.write(new TextEncoder().encode(
        `HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n${
          VALUE.slice(0, 60)
        }`,
      ));
    })();
    const client = createClient(`http://127.0.0.1:${listener.addr.port}/`, {
      timeout: 200,
    });

    await assertTimesOut(() => client.call("m"), 200);

    await serving;
    for (const connection of connections) connection.close();
  });
}

// ---------------------------------------------------------------- signals

for (const reason of [new Error("mine"), "text", null, 0, { a: 1 }]) {
  Deno.test(`call() rejects with the signal's own reason (${JSON.stringify(reason)})`, async () => {
    for (const where of ["client", "with", "call"]) {
      const controller = new AbortController();
      const { signal } = controller;
      const hung = clientWith(
        () => {
          controller.abort(reason);
          return new Promise(() => {});
        },
        where === "client" ? { signal } : {},
      ).client;
      const call = where === "with"
        ? hung.with({ signal }).call("m")
        : hung.call("m", [], where === "call" ? { signal } : {});

      const rejected = await call.then(
        () => fail("Expected the call to reject"),
        (error) => error,
      );

      assertStrictEquals(rejected, reason);
    }
  });
}

Deno.test("call() rejects with an AbortError where the signal has no reason", async () => {
  const controller = new AbortController();
  const { client } = clientWith(() => {
    controller.abort();
    return new Promise(() => {});
  });

  const error = await assertRejects(
    () => client.call("m", [], { signal: controller.signal }),
    DOMException,
  );

  assertEquals(error.name, "AbortError");
});

Deno.test("call() with an aborted signal sends nothing", async () => {
  const reason = new Error("mine");
  const signal = AbortSignal.abort(reason);
  let asked = 0;
  const headers = (): HeadersInit => {
    asked++;
    return {};
  };
  const { client, requests } = clientWith(echo, { headers });

  for (
    const call of [
      () => client.call("m", [], { signal }),
      () => client.with({ signal }).call("m"),
      () => client.with({ signal }).methods["m"]!(),
    ]
  ) {
    assertStrictEquals(await assertRejects(call), reason);
  }

  assertEquals(requests, []);
  assertEquals(asked, 0);
});

for (const which of [0, 1, 2]) {
  Deno.test(`call() looks at the signals of client, with and call (${which})`, async () => {
    const controllers = [0, 1, 2].map(() => new AbortController());
    const [first, second, third] = controllers.map(({ signal }) => signal);
    const { client } = clientWith(() => {
      controllers[which]!.abort(`signal ${which}`);
      return new Promise(() => {});
    }, { signal: first });

    const rejected = await client.with({ signal: second })
      .call("m", [], { signal: third })
      .catch((reason) => reason);

    assertEquals(rejected, `signal ${which}`);
  });
}

Deno.test("call() does not see a signal that aborts after it", async () => {
  const controller = new AbortController();
  const { client } = clientWith(echo);

  const result = await client.call("m", [], { signal: controller.signal });
  controller.abort();

  assertEquals(result, ["m", []]);
});

Deno.test("call() cancels the body when its signal aborts", async () => {
  const controller = new AbortController();
  const body = new TrackedBody([VALUE.slice(0, 60)], true);
  const { client } = clientWith(
    () => new Response(body.stream, { headers: XML }),
  );

  const answer = client.call("m", [], { signal: controller.signal });
  await settle();
  controller.abort("mine");

  assertEquals(await answer.catch((reason) => reason), "mine");
  assert(body.isFinished);
});

Deno.test("call() hangs up when its signal aborts", async () => {
  const gone = Promise.withResolvers<void>();
  const controller = new AbortController();
  const server = createServer({
    async wait(): Promise<void> {
      const aborted = Promise.withResolvers<void>();
      this.signal.addEventListener("abort", () => aborted.resolve());
      controller.abort("mine");
      await aborted.promise;
      gone.resolve();
    },
  });
  await using http = listen(server.fetch);
  const client = createClient(`http://127.0.0.1:${http.addr.port}/`);

  const rejected = await client
    .call("wait", [], { signal: controller.signal })
    .catch((reason) => reason);

  assertEquals(rejected, "mine");
  await gone.promise;
});
