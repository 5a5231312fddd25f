import { assertEquals, assertThrows } from "@std/assert";
import { FaultCode } from "../core/errors.ts";
import { optional } from "../core/types.ts";
import { createServer, method } from "../server.ts";
import {
  callOn,
  echo,
  Point,
  serverOf,
} from "../tests/support/server_calls.ts";

const NAME_RULE = "a method name has the characters A-Z a-z 0-9 _ . : / only";

// What `import * as` gives of the tests' own methods.
const methodsModule = await import(
  `data:text/javascript,${
    encodeURIComponent(
      "export const add = (x, y) => x + y; export const math = { half: (x) => x / 2 };",
    )
  }`
);

// ---------------------------------------------------------------- registry

Deno.test("createServer() gives nested methods dotted names", async () => {
  const fetch = serverOf({ a: { b: { c: () => "abc" } }, d: () => "d" });

  assertEquals(await callOn(fetch, "a.b.c"), { value: "abc" });
  assertEquals(await callOn(fetch, "d"), { value: "d" });
});

Deno.test("createServer() accepts dotted keys as they are", async () => {
  const fetch = serverOf({ "a.b": () => 1, a: { "c.d": () => 2 } });

  assertEquals(await callOn(fetch, "a.b"), { value: 1 });
  assertEquals(await callOn(fetch, "a.c.d"), { value: 2 });
});

Deno.test("createServer() accepts every character of the specification in a name", async () => {
  const name = "AZ.az_09:x/y";

  assertEquals(await callOn(serverOf({ [name]: () => 1 }), name), { value: 1 });
});

Deno.test("createServer() accepts a module's exports as methods", async () => {
  const fetch = serverOf(methodsModule);

  assertEquals(await callOn(fetch, "add", 8, 8), { value: 16 });
  assertEquals(await callOn(fetch, "math.half", 8), { value: 4 });
});

Deno.test("createServer() accepts an object without a prototype", async () => {
  const methods = Object.assign(Object.create(null), { add: () => 1 });

  assertEquals(await callOn(serverOf(methods), "add"), { value: 1 });
});

Deno.test("createServer() accepts one group under two names", async () => {
  const math = { one: () => 1 };
  const fetch = serverOf({ a: math, b: math });

  assertEquals(await callOn(fetch, "a.one"), { value: 1 });
  assertEquals(await callOn(fetch, "b.one"), { value: 1 });
});

Deno.test("createServer() accepts no methods", async () => {
  assertEquals(await callOn(serverOf({}), "any"), {
    fault: [FaultCode.methodNotFound, 'No method "any"'],
  });
});

Deno.test("createServer() accepts a method called system, a name that the server does not use itself", async () => {
  assertEquals(await callOn(serverOf({ system: () => 1 }), "system"), {
    value: 1,
  });
});

const cycle: Record<string, unknown> = {};

cycle["a"] = { b: { c: cycle } };

const PLAIN = "expected a function or a plain object of functions";
const WRONG_METHODS: readonly (readonly [
  what: string,
  methods: unknown,
  message: string,
])[] = [
  [
    "a space in a name",
    { "a b": echo },
    `Cannot register "a b": ${NAME_RULE}`,
  ],
  ["an empty name", { "": echo }, `Cannot register "": ${NAME_RULE}`],
  [
    "an empty name of a nested object",
    { "": { a: echo } },
    `Cannot register "": ${NAME_RULE}`,
  ],
  [
    "an empty name in a nested object",
    { a: { "": echo } },
    `Cannot register "a.": ${NAME_RULE}`,
  ],
  ["a letter beyond ASCII", { é: echo }, `Cannot register "é": ${NAME_RULE}`],
  [
    "markup in a nested name",
    { a: { "<b>": echo } },
    `Cannot register "a.<b>": ${NAME_RULE}`,
  ],
  [
    "a line break after a name",
    { "a\n": echo },
    `Cannot register "a\\n": ${NAME_RULE}`,
  ],
  [
    "a name that is given twice",
    { "a.b": echo, a: { b: echo } },
    'Cannot register "a.b": there are two methods of that name',
  ],
  [
    "a nested name that is given twice",
    { a: { b: echo }, "a.b": echo },
    'Cannot register "a.b": there are two methods of that name',
  ],
  [
    "a method of system",
    { system: { listMethods: echo } },
    'Cannot register "system.listMethods": names in "system." belong to the server itself',
  ],
  [
    "a dotted name in system",
    { "system.multicall": echo },
    'Cannot register "system.multicall": names in "system." belong to the server itself',
  ],
  ["a number", { a: 1 }, `Cannot register "a": ${PLAIN}, got number`],
  ["a text", { a: { b: "x" } }, `Cannot register "a.b": ${PLAIN}, got string`],
  ["null", { a: null }, `Cannot register "a": ${PLAIN}, got null`],
  [
    "undefined",
    { a: undefined },
    `Cannot register "a": ${PLAIN}, got undefined`,
  ],
  [
    "an instance of a class",
    { a: new Point() },
    `Cannot register "a": ${PLAIN}, got an object of a class`,
  ],
  [
    "an array",
    { a: [echo] },
    `Cannot register "a": ${PLAIN}, got an array`,
  ],
  [
    "a Map",
    { a: new Map([["b", echo]]) },
    `Cannot register "a": ${PLAIN}, got an object of a class`,
  ],
  [
    "an object that contains itself",
    cycle,
    'Cannot register "a.b.c": the object contains itself',
  ],
  [
    "an instance of a class for all methods",
    new Point(),
    "Cannot create a server: expected a plain object of functions, got an object of a class",
  ],
  [
    "a function for all methods",
    echo,
    "Cannot create a server: expected a plain object of functions, got function",
  ],
  [
    "null for all methods",
    null,
    "Cannot create a server: expected a plain object of functions, got null",
  ],
  [
    "undefined for all methods",
    undefined,
    "Cannot create a server: expected a plain object of functions, got undefined",
  ],
];

for (const [what, methods, message] of WRONG_METHODS) {
  Deno.test(`createServer() refuses ${what}`, () => {
    const error = assertThrows(() => serverOf(methods), TypeError);

    assertEquals(error.message, message);
  });
}

Deno.test("createServer() leaves out inherited, hidden and symbol members", async () => {
  const methods = Object.defineProperty(
    { __proto__: { inherited: echo }, own: () => 1, [Symbol("s")]: echo },
    "hidden",
    { value: echo, enumerable: false },
  );
  // Its prototype is not that of a class: what it inherits is still not its own.
  Object.setPrototypeOf(Object.getPrototypeOf(methods), null);
  const fetch = serverOf(methods);

  assertEquals(await callOn(fetch, "own"), { value: 1 });
  for (const name of ["inherited", "hidden"]) {
    assertEquals(await callOn(fetch, name), {
      fault: [FaultCode.methodNotFound, `No method "${name}"`],
    });
  }
});

const NO_METHODS = [
  "constructor",
  "__proto__",
  "__proto__.constructor",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "then",
  "toJSON",
  "math",
  "math.constructor",
  "math.__proto__",
  "math.add.call",
  "math.add.constructor",
  "math.",
  ".math.add",
  "add",
  "Math.add",
  "get",
  "size",
  "this",
  "system.listMethod",
];

for (const name of NO_METHODS) {
  Deno.test(`fetch() knows no method ${name}`, async () => {
    const fetch = serverOf({ math: { add: echo } });

    assertEquals(await callOn(fetch, name), {
      fault: [FaultCode.methodNotFound, `No method "${name}"`],
    });
  });
}

for (const name of ["constructor", "toString", "then", "hasOwnProperty"]) {
  Deno.test(`fetch() calls a method that is called ${name}`, async () => {
    const fetch = serverOf({ [name]: () => "mine" });

    assertEquals(await callOn(fetch, name), { value: "mine" });
  });
}

Deno.test("createServer() does not see later changes of the object", async () => {
  const methods: Record<string, unknown> = {
    a: () => "first",
    b: () => "b",
    group: { c: () => "c" },
  };
  const fetch = serverOf(methods);

  methods["a"] = () => "second";
  delete methods["b"];
  (methods["group"] as Record<string, unknown>)["d"] = echo;
  methods["late"] = echo;

  assertEquals(await callOn(fetch, "a"), { value: "first" });
  assertEquals(await callOn(fetch, "b"), { value: "b" });
  assertEquals(await callOn(fetch, "group.c"), { value: "c" });
  for (const name of ["late", "group.d"]) {
    assertEquals(await callOn(fetch, name), {
      fault: [FaultCode.methodNotFound, `No method "${name}"`],
    });
  }
});

// ---------------------------------------------------------------- signatures

/** A method whose signature may be anything. */
function anyMethod(signature: unknown, handler: unknown): () => unknown {
  return method(
    signature as { params: []; returns: "any" },
    handler as () => unknown,
  );
}

for (
  const [signature, handler, message] of [
    [
      { params: ["dubble"], returns: "int" },
      () => 1,
      'Cannot register "math.bad": params[0] is "dubble", which is not a type: expected one of',
    ],
    [
      { params: [optional("int"), "int"], returns: "int" },
      () => 1,
      'Cannot register "math.bad": params[1] must be optional, as one before it is',
    ],
    [
      { params: ["int"], returns: "int" },
      (_x: number, _y: number) => 1,
      'Cannot register "math.bad": the handler takes 2 params, the signature has 1',
    ],
    [[], () => 1, 'Cannot register "math.bad": it has no signature'],
    [
      [{ params: [], returns: "int" }, { params: [], returns: "x" }],
      () => 1,
      'Cannot register "math.bad": returns is "x"',
    ],
  ] as const
) {
  Deno.test(`createServer() refuses ${JSON.stringify(signature)} and names the method`, () => {
    assertThrows(
      () => createServer({ math: { bad: anyMethod(signature, handler) } }),
      TypeError,
      message,
    );
  });
}

const circular: Record<string, unknown> = {};
circular["self"] = [circular];

for (
  const [signature, handler, problem] of [
    [null, () => 1, "a signature must be an object with params and returns"],
    [[null], () => 1, "a signature must be an object with params and returns"],
    [
      { params: [], returns: "int" },
      undefined,
      "the handler is not a function",
    ],
    [{ params: [], returns: "int" }, {}, "the handler is not a function"],
    [
      { params: [circular], returns: "int" },
      () => 1,
      "params[0].self[0] contains itself",
    ],
    [{ params: [], returns: "int", help: 5 }, () => 1, "help must be a string"],
    [
      { params: [], returns: "int", batchable: "no" },
      () => 1,
      "batchable must be true or false",
    ],
    [
      { params: [], returns: "int", stream: 1 },
      () => 1,
      "stream must be true or false",
    ],
    [
      { params: ["base64", "int"], returns: "int", stream: true },
      () => 1,
      'a stream needs "base64" as its last param',
    ],
    [
      { params: [optional("base64")], returns: "int", stream: true },
      () => 1,
      'a stream needs "base64" as its last param',
    ],
    [
      [
        { params: ["base64"], returns: "int", stream: true },
        { params: [], returns: "int" },
      ],
      () => 1,
      "a stream needs the only signature",
    ],
  ] as const
) {
  Deno.test(`createServer() refuses a method: ${problem}`, () => {
    const error = assertThrows(
      () => createServer({ bad: anyMethod(signature, handler) }),
      TypeError,
    );
    assertEquals(error.message, `Cannot register "bad": ${problem}`);
  });
}
