import { assert, assertEquals } from "@std/assert";
import {
  call,
  catchFault,
  createCaller,
  METHODS,
} from "../tests/support/system_calls.ts";

const SYSTEM = [
  "system.listMethods",
  "system.methodSignature",
  "system.methodHelp",
  "system.describeMethods",
  "system.getCapabilities",
  "system.multicall",
];

Deno.test("system.listMethods names all methods, the server's own too", async () => {
  assertEquals(await call("system.listMethods"), [
    ...Object.keys(METHODS),
    ...SYSTEM,
  ]);
});

// A HomeMatic CCU asks for the list before it sends events, with the name that it was
// told for the server.
Deno.test("system.listMethods takes the name by which the caller knows the server", async () => {
  assertEquals(
    await call("system.listMethods", "an-interface"),
    await call("system.listMethods"),
  );
  assertEquals(await call("system.methodSignature", "system.listMethods"), [
    ["array"],
    ["array", "string"],
  ]);
});

Deno.test("system.methodSignature gives names of types, the result's first", async () => {
  assertEquals(await call("system.methodSignature", "divide"), [
    ["double", "double", "double"],
    ["double", "double"],
  ]);
  assertEquals(await call("system.methodSignature", "rows"), [
    ["array"],
    ["nil", "string"],
  ]);
});

Deno.test("system.methodSignature gives no array for a method without signatures", async () => {
  assertEquals(await call("system.methodSignature", "plain"), "undef");
});

Deno.test("system.methodHelp gives a method's text, or an empty one", async () => {
  assertEquals(await call("system.methodHelp", "divide"), "Divides.");
  assertEquals(await call("system.methodHelp", "rows"), "Of two signatures.");
  assertEquals(await call("system.methodHelp", "plain"), "");
});

for (const name of ["system.methodSignature", "system.methodHelp"]) {
  Deno.test(`${name} of an unknown method is a fault`, async () => {
    assertEquals(await catchFault(call(name, "toString")), [
      -32601,
      'No method "toString"',
    ]);
  });

  Deno.test(`${name} of an invalid name is a fault`, async () => {
    assertEquals(await catchFault(call(name, 5)), [
      -32602,
      "params[0]: expected string, got int",
    ]);
    assertEquals(await catchFault(call(name)), [
      -32602,
      "Expected 1 param, got 0",
    ]);
  });
}

for (const name of SYSTEM) {
  Deno.test(`${name} has a signature and a text of its own`, async () => {
    const signatures = await call("system.methodSignature", name);
    assert(Array.isArray(signatures) && signatures.length > 0);
    assert(String(await call("system.methodHelp", name)).length > 10);
  });
}

Deno.test("system.describeMethods describes all types to their last member", async () => {
  assertEquals(await call("system.describeMethods", ["rows", "plain"]), {
    methodList: [
      {
        name: "rows",
        purpose: "Of two signatures.",
        signatures: [
          {
            params: [],
            returns: [{
              type: "array",
              member: [{
                type: "struct",
                member: [
                  { name: "id", type: "int" },
                  { name: "note", type: "string", optional: true },
                ],
              }],
            }],
          },
          { params: [{ type: "string" }], returns: [{ type: "nil" }] },
        ],
      },
      { name: "plain", purpose: "", signatures: [] },
    ],
    typeList: [],
  });
});

Deno.test("system.describeMethods describes one method by its name, or all", async () => {
  const one = await call("system.describeMethods", "divide");
  const all = await call("system.describeMethods");
  const namesOf = (described: unknown) =>
    (described as { methodList: { name: string }[] }).methodList
      .map(({ name }) => name);
  assertEquals(namesOf(one), ["divide"]);
  assertEquals(namesOf(all), [...Object.keys(METHODS), ...SYSTEM]);
});

Deno.test("system.getCapabilities names each specification and its version", async () => {
  const found = await call("system.getCapabilities") as Record<
    string,
    { specUrl: string; specVersion: number }
  >;
  assertEquals(Object.keys(found).sort(), [
    "faults_interop",
    "introspect",
    "introspection",
    "nil",
    "system.multicall",
    "xmlrpc",
  ]);
  for (const { specUrl, specVersion } of Object.values(found)) {
    assert(URL.canParse(specUrl));
    assert(Number.isInteger(specVersion));
  }
});

Deno.test("system.getCapabilities leaves out what is switched off", async () => {
  const strict = createCaller({ nil: "error", multicall: false });
  const found = await strict("system.getCapabilities");
  assertEquals(Object.keys(found as object).sort(), [
    "faults_interop",
    "introspect",
    "introspection",
    "xmlrpc",
  ]);
});

Deno.test("without introspection there is only system.multicall", async () => {
  const silent = createCaller({ introspection: false });
  for (const name of SYSTEM.slice(0, -1)) {
    assertEquals((await catchFault(silent(name)))[0], -32601);
  }
  assertEquals(await silent("system.multicall", []), []);
});

Deno.test("without multicall there is only introspection", async () => {
  const single = createCaller({ multicall: false });
  assertEquals((await catchFault(single("system.multicall", [])))[0], -32601);
  assert((await single("system.listMethods") as string[]).length > 5);
});

Deno.test("system.describeMethods describes a method once, however often it is named", async () => {
  const described = await call(
    "system.describeMethods",
    Array(1000).fill("divide"),
  );
  assertEquals((described as { methodList: unknown[] }).methodList.length, 1);
});
