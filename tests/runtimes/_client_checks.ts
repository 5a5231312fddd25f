// The client, over a socket.

import { createClient, type XmlRpcClient, XmlRpcFault } from "../../mod.ts";
import { assert, assertEquals, rejection, until } from "./_assert.ts";
import { type Check, type CheckContext, Unsupported } from "./_check.ts";
import type { Service } from "./_service.ts";

function clientOf({ url }: CheckContext): XmlRpcClient<Service> {
  return createClient<Service>(url);
}

async function calls(context: CheckContext): Promise<void> {
  const { methods } = clientOf(context);
  assertEquals(await methods.math.add(8, 8), 16);
  assertEquals(await methods.greet("Ada"), "Grüße, Ada 😀");
  const fault = await rejection(methods.fail());
  assert(fault instanceof XmlRpcFault, `Got ${fault}`);
  assertEquals([fault.code, fault.message], [4, "Too many parameters"]);
}

async function everyType(context: CheckContext): Promise<void> {
  const client = clientOf(context);
  const expected = {
    int: -7,
    i8: 2n ** 62n,
    double: 3,
    boolean: true,
    string: "<&>]]>\r\n",
    date: new Date("1998-07-17T14:08:55Z"),
    bytes: Uint8Array.of(0, 1, 254, 255),
    nil: null,
    array: [1, [2, []]],
    struct: { a: { b: {} } },
  };
  assertEquals(await client.methods.types(), expected);
  assertEquals(await client.methods.echo(expected), expected);
}

async function together(context: CheckContext): Promise<void> {
  const client = clientOf(context);
  const results = await client.multicall([["math.add", [1, 2]], ["fail", []]]);
  assertEquals(results[0], { status: "fulfilled", value: 3 });
  assertEquals(results[1].status, "rejected");
  const batched = client.with({ batch: true });
  const sums = await Promise.all([
    batched.methods.math.add(1, 1),
    batched.methods.math.add(2, 2),
  ]);
  assertEquals(sums, [2, 4]);
}

async function compressed(context: CheckContext): Promise<void> {
  const text = await clientOf(context).methods.long(100_000);
  assertEquals(text.length, 500_000);
}

async function tooLong(context: CheckContext): Promise<void> {
  const client = clientOf(context);
  const error = await rejection(client.methods.echo("x".repeat(1_100_000)));
  assertEquals([error.name, (error as { status?: number }).status], [
    "XmlRpcHttpError",
    413,
  ]);
}

async function timesOut(context: CheckContext): Promise<void> {
  const client = clientOf(context);
  const late = await rejection(client.call("slow", [], { timeout: 100 }));
  assertEquals(late.name, "TimeoutError");
  const reason = new Error("No longer wanted");
  const aborting = new AbortController();
  const call = client.call("slow", [], { signal: aborting.signal });
  setTimeout(() => aborting.abort(reason), 100);
  assertEquals(await rejection(call) === reason, true);
}

async function tellsServer(context: CheckContext): Promise<void> {
  const client = clientOf(context);
  const { aborted } = await client.methods.counts();
  await rejection(client.call("slow", [], { timeout: 100 }));
  if (context.runtime === "workerd") {
    throw new Unsupported(
      "does not tell a server that the caller has disconnected",
    );
  }
  await until(
    async () => (await client.methods.counts()).aborted > aborted,
    "no method has been told that its caller has gone",
  );
}

async function noServer(context: CheckContext): Promise<void> {
  // A port without a listener: the system gives out none of these.
  const client = createClient<Service>("http://127.0.0.1:2/RPC2");
  const error = await rejection(client.methods.greet("Ada"));
  assert(error instanceof Error, `Got ${error}`);
  assert(!(error instanceof XmlRpcFault), `Got ${error}`);
  // All is well after that.
  assertEquals(await clientOf(context).methods.math.add(1, 1), 2);
}

/** The checks of the client. */
export const clientChecks: readonly Check[] = [
  { name: "client: calls and faults", run: calls },
  { name: "client: every type, both ways", run: everyType },
  { name: "client: multicall and batches", run: together },
  { name: "client: a compressed response", run: compressed },
  { name: "client: a call that is too long", run: tooLong },
  { name: "client: timeout and abort", run: timesOut },
  { name: "client: its abort reaches the method", run: tellsServer },
  { name: "client: no server", run: noServer },
];
