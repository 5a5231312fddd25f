// How far a stream has come, and when it is late.

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { XmlRpcProgress } from "../client.ts";
import { method } from "../server.ts";
import {
  readAll,
  Source,
  testBoth,
  whenQuiet,
  within,
} from "./support/ends.ts";
import { collect, count, LONG, measure, PHOTO } from "./support/streams.ts";

/** Asserts that progress goes up to the last byte, and gives what was the total. */
function assertProgress(
  steps: readonly XmlRpcProgress[],
  direction: "up" | "down",
): void {
  let before = 0;
  assert(steps.length > 1);
  for (const step of steps) {
    assertEquals(step.direction, direction);
    assert(step.bytesDone >= before);
    before = step.bytesDone;
  }
  assertEquals(before, PHOTO.length);
}

// ---------------------------------------------------------------- progress

testBoth(
  "onProgress tells how far a Blob and a stream have gone up",
  async (connect) => {
    const { client } = connect({ measure });
    const files = [
      [new Blob([PHOTO]), PHOTO.length],
      [new Source(PHOTO, 10_000).stream, undefined],
    ] as const;
    for (const [file, bytesTotal] of files) {
      const steps: XmlRpcProgress[] = [];
      await client.call("measure", [file], {
        onProgress: (progress) => steps.push(progress),
      });
      assertProgress(steps, "up");
      assert(steps.every((step) => step.bytesTotal === bytesTotal));
    }
  },
);

testBoth(
  "onProgress tells how far a Blob and a stream have come down",
  async (connect) => {
    const { client } = connect({
      blob: () => new Blob([PHOTO]),
      stream: () => new Source(PHOTO, 10_000).stream,
    });
    for (const [name, total] of [["blob", PHOTO.length], ["stream"]] as const) {
      const steps: XmlRpcProgress[] = [];
      const options = {
        onProgress: (step: XmlRpcProgress) => steps.push(step),
      };
      await readAll(await client.stream(name, [], options));
      assertProgress(steps, "down");
      assertEquals(steps.at(-1)!.bytesTotal, PHOTO.length);
      assert(
        steps.slice(0, -1).every(({ bytesTotal }) => bytesTotal === total),
        `Totals of ${name}: ${steps.map(({ bytesTotal }) => bytesTotal)}`,
      );
    }
  },
);

// ---------------------------------------------------------------- time

testBoth("a client that reads slowly is not late", async (connect) => {
  const { client } = connect({
    get: () => new Source(LONG.subarray(0, 2 ** 21), 65_536).stream,
    count,
  }, { client: { timeout: 1_000 } });
  const stream = await client.stream("get");
  const items = client.items("count", [10_000]);
  await items.next();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  assertEquals((await readAll(stream)).length, 2 ** 21);
  assertEquals((await collect(items)).length, 9_999);
});

testBoth(
  "a long upload is not late as long as something moves",
  async (connect) => {
    const { client } = connect({ measure }, { client: { timeout: 1_000 } });
    async function* slowly(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
      for (let part = 0; part < 6; part++) {
        await new Promise((resolve) => setTimeout(resolve, 250));
        yield PHOTO.subarray(0, 1_000);
      }
    }
    const stream = ReadableStream.from(slowly());
    assertEquals(await client.call("measure", [stream]), 6_000);
  },
);

testBoth("a server that stalls in the middle is late", async (connect) => {
  const source = new Source(PHOTO, 1_000, 2_000, () => new Promise(() => {}));
  let hasEnded = false;
  const { client } = connect({
    get: () => source.stream,
    async *rows(): AsyncGenerator<number> {
      try {
        yield 1;
        await new Promise((resolve) =>
          this.request.signal.addEventListener("abort", resolve)
        );
      } finally {
        hasEnded = true;
      }
    },
  }, { client: { timeout: 200 } });
  const calls: (() => Promise<unknown>)[] = [
    async () => await readAll(await client.stream("get")),
    () => collect(client.items("rows")),
  ];
  for (const call of calls) {
    const error = await assertRejects(
      () => within(call(), 2_000),
      DOMException,
    );
    assertEquals(error.name, "TimeoutError");
    assertEquals(
      error.message,
      "No response within 200 ms (option timeout)",
    );
  }
  await within(source.ended, 1_000);
  await whenQuiet(() => Number(hasEnded));
  assert(hasEnded);
});

testBoth("a handler that does not answer is late", async (connect) => {
  const gone = Promise.withResolvers<number>();
  const { client } = connect({
    put: method(
      { params: ["base64"], returns: "int", stream: true },
      async (file) => {
        await readAll(file);
        return await gone.promise;
      },
    ),
  }, { client: { timeout: 100 } });
  const error = await assertRejects(
    () => client.call("put", [new Blob([PHOTO])]),
    DOMException,
  );
  assertEquals(error.name, "TimeoutError");
  gone.resolve(1);
});
