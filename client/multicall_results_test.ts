// How a client reads the results of a system.multicall.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import { XmlRpcFault } from "../core/errors.ts";
import { XmlRpcTyped } from "../core/typed.ts";
import { connectFake } from "../tests/support/fake_server.ts";
import {
  connect,
  fulfilled,
  reasonOf,
} from "../tests/support/multicall_calls.ts";

const FAULT_SLOTS: readonly (readonly [
  what: string,
  slot: unknown,
  code: number,
])[] = [
  ["an int", { faultCode: 4, faultString: "no" }, 4],
  ["an i8", { faultCode: 4n, faultString: "no" }, 4],
  ["a string", { faultCode: " -4 ", faultString: "no" }, -4],
];

// ---------------------------------------------------------------- answers

for (const [what, slot, code] of FAULT_SLOTS) {
  Deno.test(`multicall() reads a fault whose code is ${what}`, async () => {
    for (const typed of [false, true]) {
      const { client } = connect({ "system.multicall": () => [slot] }, {
        typed,
      });

      const fault = reasonOf((await client.multicall([["now"]]))[0]);

      assertInstanceOf(fault, XmlRpcFault);
      assertEquals([fault.code, fault.message], [code, "no"]);
      assertEquals(fault.members, {});
    }
  });
}

Deno.test("multicall() keeps a fault's further members", async () => {
  const { client } = connect({
    "system.multicall": () => [{
      faultCode: 4,
      faultString: "no",
      detail: ["x"],
    }],
  });

  const fault = reasonOf((await client.multicall([["now"]]))[0]);

  assertEquals((fault as XmlRpcFault).members, { detail: ["x"] });
});

Deno.test("multicall() honours typed in results", async () => {
  const { client } = connect({}, { typed: true });

  const [result] = await client.multicall([["math.add", [1, 2]]]);

  assertEquals(result, fulfilled(new XmlRpcTyped("int", 3) as never));
});

const BAD_SLOTS: readonly (readonly [slot: unknown, got: string])[] = [
  [3, "the number 3"],
  ["x", 'the string "x"'],
  [null, "nil"],
  [[], "an array of 0"],
  [[1, 2], "an array of 2"],
  [{}, "a struct without members"],
  [{ value: 1 }, 'a struct with "value"'],
  [
    { faultCode: "Client", faultString: "no" },
    'a struct with "faultCode", "faultString"',
  ],
  [
    { faultCode: 1.5, faultString: "" },
    'a struct with "faultCode", "faultString"',
  ],
  [{ faultCode: 1 }, 'a struct with "faultCode"'],
];

for (const [slot, got] of BAD_SLOTS) {
  Deno.test(`multicall() rejects only the call in whose place is ${got}`, async () => {
    const { client } = connect({ "system.multicall": () => [slot, ["noon"]] });

    const [bad, now] = await client.multicall([["math.add", [1, 2]], ["now"]]);

    assertEquals(now, fulfilled("noon"));
    const error = reasonOf(bad);
    assertInstanceOf(error, TypeError);
    assertEquals(error.name, "TypeError");
    assertEquals(
      error.message,
      `Cannot read the answer to "math.add" in a multicall: expected an array of one value, or a fault, got ${got}`,
    );
  });
}

const BAD_ANSWERS: readonly (readonly [answer: unknown, got: string])[] = [
  // What HomeMatic's answer to every method they have not.
  ["", 'the string ""'],
  [[["noon"]], "an array of 1"],
  [[["noon"], ["noon"], ["noon"]], "an array of 3"],
  [{ value: 1 }, 'a struct with "value"'],
];

for (const [answer, got] of BAD_ANSWERS) {
  Deno.test(`multicall() of two calls rejects ${got}`, async () => {
    const { client, server } = connect({ "system.multicall": () => answer });

    const error = await assertRejects(
      () => client.multicall([["now"], ["now"]]),
      TypeError,
    );

    assertEquals(
      error.message,
      `Cannot read the answer to a multicall: expected an array of 2, got ${got}`,
    );
    assertEquals(server.calls.length, 1);
  });
}

// ---------------------------------------------------------------- names

Deno.test("multicall() accepts bare results if none is in an array of one", async () => {
  const { client } = connectFake({
    "system.multicall": () => [5, ["a", "b"], { x: 1 }, null],
  });
  const results = await client.multicall([["a"], ["b"], ["c"], ["d"]]);
  assertEquals(
    results.map((result) =>
      result.status === "fulfilled" ? result.value : result.reason
    ),
    [5, ["a", "b"], { x: 1 }, null],
  );
});

Deno.test("multicall() does not take an unreadable fault for a bare result", async () => {
  const { client } = connectFake({
    "system.multicall": () => [{ faultCode: "x", faultString: "y" }],
  });
  const [result] = await client.multicall([["a"]]);
  assertEquals(result?.status, "rejected");
});

Deno.test("multicall() sees quickly that bytes are not a fault", async () => {
  const bytes = new Uint8Array(5_000_000);
  const { client } = connect({ "system.multicall": () => [bytes, bytes] });

  const [first] = await client.multicall([["echo", [1]], ["now"]]);

  assertEquals((first as PromiseFulfilledResult<unknown>).value, bytes);
});

Deno.test("multicall() says what bytes and dates in a place are", async () => {
  for (
    const [slot, got] of [
      [new Uint8Array(1), "base64"],
      [new Date(0), "dateTime.iso8601"],
    ] as const
  ) {
    const { client } = connect({ "system.multicall": () => [slot, ["noon"]] });

    const [bad] = await client.multicall([["math.add", [1, 2]], ["now"]]);

    assert((reasonOf(bad) as Error).message.endsWith(`got ${got}`));
  }
});
