import { assert, assertEquals } from "@std/assert";
import { Alarm } from "./timer.ts";

/** An alarm, when it has rung, and a promise of the first time. */
function create(delay: number) {
  const rung: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const alarm = new Alarm();
  const set = (): void =>
    alarm.set(delay, () => {
      rung.push(performance.now());
      resolve();
    });
  return { alarm, set, rung, promise };
}

/** Another alarm, which rings after the first one could have. */
function later(delay: number): Promise<void> {
  const { set, promise } = create(delay);
  set();
  return promise;
}

Deno.test("Alarm rings once, when its delay is over", async () => {
  const { set, rung, promise } = create(20);
  const start = performance.now();
  set();
  await promise;
  await later(40);
  assertEquals(rung.length, 1);
  assert(rung[0]! - start >= 20);
});

Deno.test("Alarm rings later when it is put off", async () => {
  const { set, rung, promise } = create(40);
  set();
  await later(20);
  const putOff = performance.now();
  set();
  await promise;
  assert(rung[0]! - putOff >= 40);
});

Deno.test("Alarm rings after its delay when that is long", async () => {
  const { set, rung, promise } = create(1100);
  const start = performance.now();
  set();
  await promise;
  assert(rung[0]! - start >= 1100);
});

Deno.test("Alarm that is silenced rings only when it is set again", async () => {
  const { alarm, set, rung, promise } = create(10);
  set();
  alarm.silence();
  await later(30);
  assertEquals(rung, []);
  set();
  await promise;
  assertEquals(rung.length, 1);
});

Deno.test("Alarm that is stopped leaves no timer", async () => {
  const { alarm, set, rung } = create(10);
  set();
  alarm.stop();
  await later(20);
  assertEquals(rung, []);
  // The sanitizers would find this one.
  set();
  alarm.stop();
});

Deno.test("Alarm that is set for an earlier time rings then, and for that", async () => {
  const { alarm, rung } = create(10);
  const { promise, resolve } = Promise.withResolvers<void>();
  const start = performance.now();
  alarm.set(900, () => rung.push(Infinity));
  alarm.set(20, resolve);
  await promise;
  assert(performance.now() - start < 500);
  await later(20);
  assertEquals(rung, []);
});

Deno.test("Alarm asks for no time that has gone by, however late it comes to its timer", async () => {
  const kept = globalThis.setTimeout;
  const delays: (number | undefined)[] = [];
  globalThis.setTimeout = ((run: () => void, delay?: number) => {
    delays.push(delay);
    return kept(run, delay);
  }) as typeof setTimeout;
  try {
    const { set, promise } = create(1);
    set();
    const start = performance.now();
    while (performance.now() - start < 5);
    await promise;
  } finally {
    globalThis.setTimeout = kept;
  }
  assertEquals(delays, [0]);
});
