// Many compressed requests at once, each of which is small on the wire and large in
// memory: together they hold no more than they may, on a socket.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { decodeResponse } from "../../codec.ts";
import {
  bytesOf,
  callOf,
  compress,
  RawConnection,
  type RawResponse,
  requestOf,
  within,
} from "./_raw.ts";
import { withServer } from "./_server.ts";

const BOMBS = 10;
/** How many of them may be held at once. */
const HELD = 3;

/** A document of arrays without its end. */
const UNFINISHED = bytesOf(
  "<methodCall><methodName>echo</methodName><params><param><value><array><data>" +
    "<value><array/></value>".repeat(20_000),
);

const LIMITS = {
  maxBodyBytes: UNFINISHED.length,
  maxPendingBytes: HELD * UNFINISHED.length,
};

const methods = { echo: (value: unknown) => value };

/** Asks until the server has seen that callers have gone. */
async function callUntilTaken(port: number, text: string): Promise<unknown> {
  for (let attempt = 0; attempt < 100; attempt++) {
    using connection = await RawConnection.open(port);
    await connection.write(callOf("echo", [text]));
    const response = await within(connection.response());
    if (response?.status === 200) return decodeResponse(response.body);
    assertEquals(response?.status, 503);
  }
  throw new Error(
    "The server does not release the bytes of clients that are gone",
  );
}

Deno.test("compressed requests that expand to more than maxPendingBytes together are refused with 503, and small calls are answered", async () => {
  // The length is that of more than there will be.
  const zipped = await compress(UNFINISHED);
  const request = requestOf(zipped, [
    "content-encoding: gzip",
    `content-length: ${zipped.length + 1}`,
  ]);
  await withServer(methods, LIMITS, async (port) => {
    const connections: RawConnection[] = [];
    const refusals: RawResponse[] = [];
    const all = Promise.withResolvers<void>();
    const answers: Promise<void>[] = [];
    for (let bomb = 0; bomb < BOMBS; bomb++) {
      const connection = await RawConnection.open(port);
      connections.push(connection);
      await connection.write(request);
      answers.push(
        connection.response().then((response) => {
          refusals.push(response!);
          if (refusals.length === BOMBS - HELD) all.resolve();
        }).catch(() => {}),
      );
    }
    await within(all.promise);

    using other = await RawConnection.open(port);
    await other.write(callOf("echo", ["small"]));
    const response = await within(other.response());
    assertEquals(decodeResponse(response!.body), "small");

    assertEquals(refusals.length, BOMBS - HELD);
    for (const { status, headers, body } of refusals) {
      assertEquals([status, headers.get("retry-after")], [503, "1"]);
      assertStringIncludes(
        new TextDecoder().decode(body),
        "the limit maxPendingBytes",
      );
    }

    for (const connection of connections) connection.close();
    await Promise.all(answers);
    // As long as it may be: nothing else is held any more.
    const text = "x".repeat(UNFINISHED.length - 200);
    assert(await callUntilTaken(port, text) === text);
  });
});
