import { assertEquals } from "@std/assert";
import { multicallOf } from "./fake_server.ts";

Deno.test("multicallOf() answers with a result or a fault for each call", async () => {
  const multicall = multicallOf({ add: (x: number, y: number) => x + y });

  assertEquals(
    await multicall([
      { methodName: "add", params: [1, 2] },
      { methodName: "none", params: [] },
    ]),
    [[3], { faultCode: -32601, faultString: 'No method "none"' }],
  );
});
