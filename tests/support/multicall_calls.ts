// Clients of servers with system.multicall, and what their calls come to.

import { assertEquals } from "@std/assert";
import type { XmlRpcClientOptions } from "../../client.ts";
import { XmlRpcFault } from "../../core/errors.ts";
import {
  type Connected,
  connectFake,
  type FakeMethod,
  withMulticall,
} from "./fake_server.ts";

/** The methods, as a client sees them. */
export interface Api {
  readonly math: {
    add(x: number, y: number): number;
    div(x: number, y: number): number;
  };
  now(): string;
  echo(value: unknown): unknown;
}

/** The methods. */
export const METHODS: Readonly<Record<string, FakeMethod>> = {
  "math.add": (x: number, y: number) => x + y,
  "math.div"(x: number, y: number) {
    if (y === 0) throw new XmlRpcFault(1, "Division by zero");
    return x / y;
  },
  now: () => "noon",
  echo: (value: unknown) => value,
};

/** A client of a server, which has a multicall unless `methods` has another one. */
export function connect(
  methods: Readonly<Record<string, FakeMethod>> = {},
  options: XmlRpcClientOptions = {},
): Connected<Api> {
  return connectFake<Api>({ ...withMulticall(METHODS), ...methods }, options);
}

/** The result of a call that gave a value. */
export function fulfilled<T>(value: T): PromiseSettledResult<T> {
  return { status: "fulfilled", value };
}

/** What a call was rejected with. */
export function reasonOf(
  result: PromiseSettledResult<unknown> | undefined,
): unknown {
  assertEquals(result?.status, "rejected");
  return (result as PromiseRejectedResult).reason;
}
