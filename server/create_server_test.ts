import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { FaultCode } from "../core/errors.ts";
import { i8, int, XmlRpcTyped } from "../core/typed.ts";
import {
  createServer,
  type XmlRpcErrorContext,
  type XmlRpcServerOptions,
} from "../server.ts";
import {
  assertNotLeaking,
  callOn,
  echo,
  outcomeOf,
  post,
  request,
  serverOf,
} from "../tests/support/server_calls.ts";
import * as module from "../server.ts";
import * as errors from "../core/errors.ts";

// ---------------------------------------------------------------- shape

Deno.test("createServer() gives a frozen object with fetch as its own member", () => {
  const methods = { add: (x: number, y: number): number => x + y };
  const server = createServer(methods);

  assert(Object.isFrozen(server));
  assert(Object.hasOwn(server, "fetch"));
  assertEquals(Object.keys(server).sort(), ["drain", "fetch", "methods"]);
  assertStrictEquals(server.methods, methods);
});

Deno.test("createServer() gives what deno serve accepts", async () => {
  const server = createServer({ one: () => 1 });
  const served = server satisfies Deno.ServeDefaultExport;

  assertEquals(await outcomeOf(await served.fetch(request("one"))), {
    value: 1,
  });
});

Deno.test("fetch() works without its server", async () => {
  const { fetch } = createServer({ one: () => 1 });

  assertEquals(await outcomeOf(await fetch(request("one"))), { value: 1 });
});

async function decoded(
  options: XmlRpcServerOptions,
  value: string,
): Promise<unknown> {
  let received: unknown;
  const fetch = serverOf({
    take(param: unknown): void {
      received = param;
    },
  }, options);
  const document =
    `<methodCall><methodName>take</methodName><params><param><value>${value}</value></param></params></methodCall>`;
  assertEquals(await outcomeOf(await fetch(post(document))), { value: null });
  return received;
}

const DATE = "<dateTime.iso8601>19980717T14:08:55</dateTime.iso8601>";

// ---------------------------------------------------------------- options

Deno.test("createServer() honours i8", async () => {
  assertStrictEquals(await decoded({}, "<i8>5</i8>"), 5n);
  assertStrictEquals(await decoded({ i8: "number" }, "<i8>5</i8>"), 5);
});

Deno.test("createServer() honours timeZone, in params and results", async () => {
  const options = { timeZone: "+02:00" };
  const date = new Date("1998-07-17T12:08:55Z");

  assertEquals(await decoded(options, DATE), date);
  const response = await serverOf({ date: () => date }, options)(
    request("date"),
  );
  assertStringIncludes(await response.text(), "19980717T14:08:55");
});

Deno.test("createServer() honours dateTime", async () => {
  const dateTime = (text: string): unknown => ({ text });

  assertEquals(await decoded({ dateTime }, DATE), {
    text: "19980717T14:08:55",
  });
});

Deno.test("fetch() keeps what the dateTime option throws to itself", async () => {
  const reports: [unknown, XmlRpcErrorContext][] = [];
  const thrown = new Error("secret");
  const fetch = serverOf({ echo }, {
    dateTime: () => {
      throw thrown;
    },
    onError: (...report) => void reports.push(report),
  });
  const sent = request("echo", [new Date(0)]);

  const response = await fetch(sent);
  const copy = response.clone();

  assertEquals(await outcomeOf(response), {
    fault: [FaultCode.internalError, "Internal error"],
  });
  assertNotLeaking(await copy.text());
  assertStrictEquals(reports[0]?.[0], thrown);
  assertStrictEquals(reports[0]?.[1].request, sent);
  assertEquals(reports[0]?.[1].methodName, "echo");
});

Deno.test("createServer() honours typed", async () => {
  assertEquals(await decoded({ typed: true }, "<int>5</int>"), int(5));
  assertInstanceOf(
    await decoded({ typed: true }, "<i8>5</i8>"),
    XmlRpcTyped,
  );
  assertEquals(await decoded({ typed: true }, "<i8>5</i8>"), i8(5));
});

for (
  const [options, value] of [
    [{ maxDepth: 1 }, [[1]]],
    [{ maxValues: 2 }, [1, 2, 3]],
    [{ maxNameBytes: 6 }, { longname: 1 }],
  ] as const
) {
  const [name] = Object.keys(options);
  Deno.test(`createServer() honours ${name}`, async () => {
    const fetch = serverOf({ echo }, options);

    const { fault } = await callOn(fetch, "echo", value);

    assertEquals(fault?.[0], FaultCode.invalidRequest);
    assertStringIncludes(fault![1], name!);
  });
}

Deno.test("createServer() honours maxTagBytes", async () => {
  const fetch = serverOf({ echo }, { maxTagBytes: 20 });
  const document = `<methodCall a="${"x".repeat(30)}">`;

  const { fault } = await outcomeOf(await fetch(post(document)));

  assertEquals(fault?.[0], FaultCode.invalidRequest);
  assertStringIncludes(fault![1], "maxTagBytes");
});

for (
  const name of [
    "maxBodyBytes",
    "maxResponseBytes",
    "maxDepth",
    "maxValues",
    "maxNameBytes",
    "maxTagBytes",
  ]
) {
  for (const value of [-1, NaN, "10", {}, true, 1n]) {
    Deno.test(`createServer() refuses ${typeof value} ${value} as ${name}`, () => {
      const error = assertThrows(
        () => serverOf({ echo }, { [name]: value }),
        RangeError,
      );

      assertEquals(
        error.message,
        `The option ${name} must be a number of 0 or more: ${value}`,
      );
    });
  }
}

for (
  const [name, value] of [
    ["timeZone", "Mars/Olympus"],
    ["i8", "float"],
    ["nil", "none"],
    ["dateTime", "raw"],
    ["onError", "log"],
  ]
) {
  Deno.test(`createServer() refuses ${value} as ${name} and names the option`, () => {
    const error = assertThrows(
      () => serverOf({ echo }, { [name!]: value }),
      Error,
    );

    assertStringIncludes(error.message, name!);
  });
}

Deno.test("createServer() uses the defaults for undefined options", async () => {
  const fetch = serverOf({ echo }, {
    maxBodyBytes: undefined,
    gzip: undefined,
    onError: undefined,
    nil: undefined,
    i8: undefined,
    timeZone: undefined,
  });

  const response = await fetch(
    request("echo", ["x".repeat(9000)], { "accept-encoding": "gzip" }),
  );
  await response.body?.cancel();

  assertEquals(response.headers.get("content-encoding"), "gzip");
});

Deno.test("createServer() accepts Infinity for no limit", async () => {
  const fetch = serverOf({ echo }, { maxBodyBytes: Infinity });

  assertEquals(await callOn(fetch, "echo", 1), { value: 1 });
});

// ---------------------------------------------------------------- keeps serving

Deno.test("the module exports what makes servers and methods, with errors and values", () => {
  const own = ["createServer", "method", "methodsOf"];
  const typed = [
    "XmlRpcTyped",
    "int",
    "i8",
    "double",
    "dateTime",
    "bigdecimal",
  ];
  const types = ["XmlRpcOptional", "optional"];
  assertEquals(
    new Set(Object.keys(module)),
    new Set([...own, ...Object.keys(errors), ...typed, ...types]),
  );
});

for (const name of ["gzip", "introspection", "multicall", "typed"]) {
  Deno.test(`createServer() refuses an option ${name} that is not a boolean`, () => {
    assertThrows(
      () => createServer({}, { [name]: "no" }),
      TypeError,
      `The option ${name} must be true or false: no`,
    );
  });
}

Deno.test("createServer() refuses a maxMulticallBytes that is not a number", () => {
  assertThrows(
    () => createServer({}, { maxMulticallBytes: -1 }),
    RangeError,
    "The option maxMulticallBytes",
  );
});

Deno.test("createServer() refuses a maxCalls that is not a number", () => {
  assertThrows(
    () => createServer({}, { maxCalls: -1 }),
    RangeError,
    "The option maxCalls",
  );
});

Deno.test("createServer() refuses interceptors that are not functions", () => {
  const error = assertThrows(() =>
    createServer({}, { interceptors: ["log"] as never })
  );
  assertInstanceOf(error, TypeError);
  assertEquals(
    error.message,
    "The option interceptors must be an array of functions",
  );
});
