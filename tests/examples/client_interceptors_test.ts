// The recipes in examples/client_interceptors.ts.

import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import type { XmlRpcClientInterceptor } from "../../client.ts";
import {
  basic,
  bearer,
  logging,
  main,
  retrying,
  type RetryOptions,
  sleep,
} from "../../examples/client_interceptors.ts";
import {
  type Connected,
  connectFake,
  type FakeMethod,
  type FakeServer,
  withMulticall,
} from "../support/fake_server.ts";
import { XmlRpcFault, XmlRpcHttpError } from "../../core/errors.ts";

/** A client with an interceptor, of a server whose `get` and `set` answer like this. */
function connect(
  interceptor: XmlRpcClientInterceptor,
  answer: FakeMethod,
): Connected {
  return connectFake(withMulticall({ get: answer, set: answer }), {
    interceptors: [interceptor],
  });
}

/** A method that answers with these statuses, one after the other, and then with "ok". */
function failing(
  ...failures: (number | (() => unknown))[]
): FakeMethod {
  return () => {
    const failure = failures.shift();
    if (failure === undefined) return "ok";
    return typeof failure === "number"
      ? new Response(null, { status: failure })
      : failure();
  };
}

// ---------------------------------------------------------------- authorization

Deno.test("basic() sends user name and password in UTF-8", async () => {
  const { client, server } = connect(basic("josé", "p€"), failing());

  await client.methods.get();

  const sent = server.requests[0]!.headers.get("authorization")!;
  const bytes = Uint8Array.fromBase64(sent.slice("Basic ".length));
  assertEquals(new TextDecoder().decode(bytes), "josé:p€");
});

/** The tokens that a server was shown. */
function tokensOf({ requests }: FakeServer): (string | null)[] {
  return requests.map(({ headers }) => headers.get("authorization"));
}

Deno.test("bearer() retries once with a new token after a 401", async () => {
  const { client, server } = connect(
    bearer((isRejected) => isRejected ? "new" : "old"),
    failing(401),
  );

  assertEquals(await client.methods.set(), "ok");

  assertEquals(tokensOf(server), ["Bearer old", "Bearer new"]);
});

Deno.test("bearer() gives up if the new token is rejected, too", async () => {
  const { client, server } = connect(
    bearer(() => Promise.resolve("t")),
    failing(401, 401),
  );

  const error = await assertRejects(
    () => client.methods.set(),
    XmlRpcHttpError,
  );

  assertEquals(error.status, 401);
  assertEquals(server.requests.length, 2);
});

for (const status of [403, 500]) {
  Deno.test(`bearer() does not retry after a ${status}`, async () => {
    const { client, server } = connect(bearer(() => "t"), failing(status));

    await assertRejects(() => client.methods.set(), XmlRpcHttpError);

    assertEquals(tokensOf(server), ["Bearer t"]);
  });
}

// ---------------------------------------------------------------- logging

Deno.test("logging() writes a line for each call, without values", async () => {
  const lines: string[] = [];
  const clock = [0, 12.4, 100, 101, 200, 203, 300, 300, 400, 401];
  const { client } = connect(
    logging((line) => lines.push(line), () => clock.shift()!),
    failing(() => "secret", () => {
      throw new XmlRpcFault(4, "secret");
    }, 503),
  );

  await client.methods.get("secret");
  await client.methods.get("secret").catch(() => {});
  await client.methods.get("secret").catch(() => {});
  await client.methods.get(new Map()).catch(() => {});
  await client.multicall([["get", ["secret"]], ["set"]]);

  assertEquals(lines, [
    "get: ok, 12 ms",
    "get: fault 4, 1 ms",
    "get: status 503, 3 ms",
    "get: TypeError, 0 ms",
    "get, set: ok, 1 ms",
  ]);
});

// ---------------------------------------------------------------- retries

/** A `retrying` for `get` that waits for nothing and says how long it would have waited. */
function patient(
  options: Partial<RetryOptions> = {},
): {
  readonly interceptor: XmlRpcClientInterceptor;
  readonly pauses: number[];
} {
  const pauses: number[] = [];
  const interceptor = retrying({
    isIdempotent: (name) => name === "get",
    random: () => 1,
    sleep: (milliseconds) => {
      pauses.push(milliseconds);
      return Promise.resolve();
    },
    ...options,
  });
  return { interceptor, pauses };
}

Deno.test("retrying() retries, after pauses that double", async () => {
  const { interceptor, pauses } = patient();
  const { client, server } = connect(interceptor, failing(503, 502, 504));

  assertEquals(await client.methods.get(), "ok");

  assertEquals(pauses, [200, 400, 800]);
  assertEquals(server.requests.length, 4);
});

Deno.test("retrying() waits for a random part of a pause, up to the maximum", async () => {
  const randoms = [0, 0.5, 0.25];
  const { interceptor, pauses } = patient({
    random: () => randoms.shift()!,
    maxPause: 300,
  });
  const { client } = connect(interceptor, failing(503, 503, 503));

  await client.methods.get();

  assertEquals(pauses, [0, 150, 75]);
});

Deno.test("retrying() gives up after the maximum number of attempts", async () => {
  const { interceptor } = patient({ attempts: 2 });
  const { client, server } = connect(interceptor, failing(503, 503, 503));

  await assertRejects(() => client.methods.get(), XmlRpcHttpError);

  assertEquals(server.requests.length, 2);
});

Deno.test("retrying() does not retry methods that are not idempotent", async () => {
  const { interceptor, pauses } = patient();
  const { client, server } = connect(interceptor, failing(503, 503));

  await assertRejects(() => client.methods.set(), XmlRpcHttpError);
  await client.multicall([["get"], ["set"]]).catch(() => {});

  assertEquals(pauses, []);
  assertEquals(server.requests.length, 2);
});

Deno.test("retrying() retries a multicall if all its methods are idempotent", async () => {
  const { interceptor, pauses } = patient();
  const { client } = connect(interceptor, failing());
  let count = 0;
  const flaky = client.with({
    interceptors: [
      (call, next) =>
        ++count === 1 ? Promise.reject(new TypeError("reset")) : next(call),
    ],
  });

  const results = await flaky.multicall([["get"], ["get"]]);

  assertEquals(results.map(({ status }) => status), ["fulfilled", "fulfilled"]);
  assertEquals(pauses, [200]);
});

for (
  const [what, failure] of [
    ["a fault", () => {
      throw new XmlRpcFault(1, "no");
    }],
    ["status 500", 500],
    ["status 401", 401],
  ] as const
) {
  Deno.test(`retrying() does not retry after ${what}`, async () => {
    const { interceptor, pauses } = patient();
    const { client } = connect(interceptor, failing(failure));

    await assertRejects(() => client.methods.get(), Error);

    assertEquals(pauses, []);
  });
}

Deno.test("retrying() does not retry a call that cannot be encoded", async () => {
  const { interceptor, pauses } = patient();
  const { client } = connect(interceptor, failing());

  await assertRejects(() => client.methods.get(new Map()), TypeError);

  assertEquals(pauses, []);
});

const RETRY_AFTER: readonly (readonly [
  what: string,
  header: string,
  least: number,
  most: number,
])[] = [
  ["2 seconds", "2", 2000, 2000],
  ["a date", new Date(Date.now() + 9000).toUTCString(), 1000, 9000],
  ["a date that is over", new Date(0).toUTCString(), 200, 200],
  ["an unknown time", "soon", 200, 200],
];

for (const [what, header, least, most] of RETRY_AFTER) {
  Deno.test(`retrying() honours a Retry-After of ${what}`, async () => {
    const { interceptor, pauses } = patient();
    const { client } = connect(
      interceptor,
      failing(() =>
        new Response(null, { status: 429, headers: { "retry-after": header } })
      ),
    );

    await client.methods.get();

    assertEquals(pauses.map((pause) => pause >= least && pause <= most), [
      true,
    ]);
  });
}

Deno.test("retrying() does not wait longer than maxPause", async () => {
  const { interceptor, pauses } = patient();
  const { client } = connect(
    interceptor,
    failing(() =>
      new Response(null, { status: 503, headers: { "retry-after": "3600" } })
    ),
  );

  await assertRejects(() => client.methods.get(), XmlRpcHttpError);

  assertEquals(pauses, []);
});

Deno.test("retrying() ends its pause when the call is aborted", async () => {
  const controller = new AbortController();
  const { client, server } = connect(
    retrying({
      isIdempotent: () => true,
      pause: 2 ** 30,
      maxPause: 2 ** 30,
      random: () => {
        queueMicrotask(() => controller.abort("enough"));
        return 1;
      },
    }),
    failing(503),
  );

  const reason = await client.call("get", [], { signal: controller.signal })
    .catch((reason: unknown) => reason);

  assertEquals(reason, "enough");
  assertEquals(server.requests.length, 1);
});

Deno.test("sleep() ends in time, and leaves no timer if it is aborted", async () => {
  const controller = new AbortController();
  await sleep(0, controller.signal);

  const long = sleep(2 ** 30, controller.signal);
  const reason = new Error("enough");
  controller.abort(reason);

  assertStrictEquals(await long.catch((reason) => reason), reason);
  assertStrictEquals(
    await sleep(0, controller.signal).catch((reason) => reason),
    reason,
  );
});

// ---------------------------------------------------------------- all of them

Deno.test("client_interceptors.ts shows all of them together", async () => {
  const lines: string[] = [];

  await main((line) => lines.push(line));

  assertEquals(lines, [
    "  add: status 401, 0 ms",
    "  add: status 503, 0 ms",
    "  add: status 401, 0 ms",
    "  add: ok, 0 ms",
    "add: ok, 0 ms",
    "16",
  ]);
});
