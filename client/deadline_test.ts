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

// ---------------------------------------------------------------- streams and items

const HEAD = "<methodResponse><params><param><value>";
const TAIL = "</value></param></params></methodResponse>";

/** A client whose response is `start`, then `step` every 5 ms for 300 ms, then `end`. */
function trickling(
  start: string,
  step: string,
  end: string,
): ReturnType<typeof clientWith>["client"] {
  const pieces = [start, ...Array.from({ length: 60 }, () => step), end]
    .map((text) => new TextEncoder().encode(text));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const body = (): ReadableStream<Uint8Array<ArrayBuffer>> =>
    new ReadableStream({
      async pull(controller): Promise<void> {
        await new Promise<void>((resolve) => timer = setTimeout(resolve, 5));
        controller.enqueue(pieces.shift()!);
        if (pieces.length === 0) controller.close();
      },
      cancel: () => clearTimeout(timer),
    }, { highWaterMark: 0 });
  const { client } = clientWith(
    () => new Response(body(), { headers: XML }),
    { timeout: 60 },
  );
  return client;
}

const TRICKLES: readonly {
  readonly where: string;
  readonly before: string;
  readonly after: string;
}[] = [
  { where: "before the value", before: "", after: `${HEAD}${TAIL}` },
  { where: "in the markup", before: HEAD, after: TAIL },
];

for (const { where, before, after } of TRICKLES) {
  Deno.test(`stream() times out where a response trickles ${where}`, async () => {
    const client = trickling(before, " ", after);

    await assertTimesOut(() => client.stream("m"), 60);
  });

  Deno.test(`items() times out where a response trickles ${where}`, async () => {
    const client = trickling(before, " ", after);

    await assertTimesOut(() => Array.fromAsync(client.items("m")), 60);
  });
}

Deno.test("stream() times out where the bytes trickle as mere white space", async () => {
  const start = `${HEAD}<base64>QUJD`;
  const client = trickling(start, " ", `</base64>${TAIL}`);
  const bytes = await client.stream("m");

  await assertTimesOut(() => new Response(bytes).bytes(), 60);
});

Deno.test("stream() times out where the document trickles behind the bytes", async () => {
  const client = trickling(`${HEAD}<base64>QUJD</base64>`, " ", TAIL);
  const bytes = await client.stream("m");

  await assertTimesOut(() => new Response(bytes).bytes(), 60);
});

Deno.test("items() times out where one item trickles", async () => {
  const start = `${HEAD}<array><data><value>a</value><value>`;
  const client = trickling(start, "x", `</value></data></array>${TAIL}`);
  const items = client.items("m");

  assertEquals<unknown>(await items.next(), { done: false, value: "a" });
  await assertTimesOut(() => items.next(), 60);
});

Deno.test("stream() has time for as long as bytes arrive, and reports nothing else", async () => {
  const client = trickling(`${HEAD}<base64>`, "QUJD\n", `</base64>${TAIL}`);
  const progress: number[] = [];
  const onProgress = ({ bytesDone }: { bytesDone: number }): void => {
    progress.push(bytesDone);
  };

  const bytes = await client.stream("m", [], { onProgress });

  assertEquals((await new Response(bytes).bytes()).length, 180);
  const ascending = Array.from({ length: 60 }, (_, index) => 3 * (index + 1));
  assertEquals([...new Set(progress)], ascending);
});

Deno.test("items() has time for as long as items arrive", async () => {
  const start = `${HEAD}<array><data>`;
  const end = `</data></array>${TAIL}`;
  const client = trickling(start, "<value>a</value>", end);

  assertEquals((await Array.fromAsync(client.items("m"))).length, 60);
});

Deno.test("stream() does not count the time of a reader that waits", async () => {
  const body = new TrackedBody([
    `${HEAD}<base64>QUJD`,
    `QUJD</base64>${TAIL}`,
  ]);
  const { client } = clientWith(
    () => new Response(body.stream, { headers: XML }),
    { timeout: 30 },
  );

  const reader = (await client.stream("m")).getReader();
  await new Promise((resolve) => setTimeout(resolve, 50));
  await reader.read();
  await new Promise((resolve) => setTimeout(resolve, 50));

  assertEquals((await reader.read()).value?.length, 3);
});

Deno.test("items() fails as soon as the value is known not to be an array", async () => {
  for (const type of ["base64", "struct", "string", "int"]) {
    const body = new TrackedBody([`${HEAD}<${type}>`], true);
    const { client } = clientWith(
      () => new Response(body.stream, { headers: XML }),
    );

    await assertRejects(
      () => client.items("m").next(),
      TypeError,
      "did not return an array",
    );
    assert(body.isFinished);
  }
});

Deno.test("stream() fails as soon as the value is known not to be base64", async () => {
  for (const type of ["array", "struct", "string", "int"]) {
    const body = new TrackedBody([`${HEAD}<${type}>`], true);
    const { client } = clientWith(
      () => new Response(body.stream, { headers: XML }),
    );

    await assertRejects(
      () => client.stream("m"),
      TypeError,
      "did not return base64",
    );
    assert(body.isFinished);
  }
});
