import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { FaultCode } from "../core/errors.ts";
import { method, methodsOf } from "../server.ts";
import { callOn, request, serverOf } from "../tests/support/server_calls.ts";

class Base {
  inherited(): string {
    return "inherited";
  }
}

class Service extends Base {
  #secret = "secret";
  readonly arrow = (): string => this.#secret;
  readonly data = 5;
  static build(): Service {
    return new Service();
  }
  get computed(): () => string {
    throw new Error("A getter must not run");
  }
  reveal(suffix: string): string {
    return this.#secret + suffix;
  }
  _hidden(): string {
    return "hidden";
  }
  override toString(): string {
    return "Service";
  }
}

Deno.test("methodsOf() takes own and inherited methods, and none that is not public", () => {
  assertEquals(Object.keys(methodsOf(new Service())).sort(), [
    "arrow",
    "inherited",
    "reveal",
  ]);
});

Deno.test("a method of an object runs with the object as this", async () => {
  const fetch = serverOf(methodsOf(new Service()));
  assertEquals(
    await callOn(fetch, "reveal", "!"),
    { value: "secret!" },
  );
  assertEquals(
    await callOn(fetch, "inherited"),
    { value: "inherited" },
  );
});

for (
  const name of [
    "_hidden",
    "toString",
    "constructor",
    "hasOwnProperty",
    "__proto__",
    "computed",
    "data",
    "build",
  ]
) {
  Deno.test(`${name} of an object cannot be called`, async () => {
    const { fault } = await callOn(serverOf(methodsOf(new Service())), name);
    assertEquals(fault?.[0], FaultCode.methodNotFound);
  });
}

Deno.test("a method with a signature keeps it in an object", async () => {
  const service = {
    half: method({ params: ["double"], returns: "double" }, (x) => x / 2),
  };
  const fetch = serverOf(methodsOf(service));
  const response = await fetch(request("half", [6]));
  assertStringIncludes(await response.text(), "<double>3.0</double>");
});

Deno.test("methodsOf() refuses what is not an object", () => {
  assertThrows(
    () => methodsOf((() => {}) as never),
    TypeError,
    "Cannot take methods: expected an object",
  );
  assertThrows(() => methodsOf(null as never), TypeError);
});

Deno.test("methodsOf() takes the methods of an object without a prototype", () => {
  const bare = Object.assign(Object.create(null), { add: () => 1 });
  assertEquals(Object.keys(methodsOf(bare)), ["add"]);
});
