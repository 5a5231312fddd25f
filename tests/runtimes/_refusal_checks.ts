// Callers that send all of a call before they read, as most do: what refuses the call
// in its middle must still be heard. Run from outside, over a bare socket.

import { encodeCall } from "../../codec.ts";
import {
  RawConnection,
  type RawResponse,
  requestOf,
  within,
} from "../security/_raw.ts";
import { assert, assertEquals } from "./_assert.ts";

/** More than the buffers of two sockets hold. */
const BYTES = new Uint8Array(12_000_000);

/** Sends a call with them, then reads the answer. */
async function answerTo(
  port: number,
  methodName: string,
): Promise<RawResponse | undefined> {
  using connection = await RawConnection.open(port);
  const call = encodeCall(methodName, [BYTES]);
  await within(connection.write(requestOf(call, [], "/RPC2")));
  return await within(connection.response());
}

/** A method that has thrown before all was sent: its fault arrives. */
async function hearsFault(port: number): Promise<void> {
  const answer = await answerTo(port, "sip");
  const text = new TextDecoder().decode(answer?.body);
  assert(text.includes("Enough"), `Got ${text}`);
}

/** A call that is too long: the server says so. */
async function hearsLimit(port: number): Promise<void> {
  const answer = await answerTo(port, "echo");
  assertEquals(answer?.status, 413);
}

/** What must hold at a port. */
export const refusalChecks: readonly {
  readonly name: string;
  readonly run: (port: number) => Promise<void>;
}[] = [
  {
    name: "server: a caller that sends all before it reads hears of a fault",
    run: hearsFault,
  },
  {
    name: "server: a caller that sends all before it reads hears of a limit",
    run: hearsLimit,
  },
];
