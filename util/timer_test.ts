import { assert, assertEquals } from "@std/assert";
import { ResettableTimer } from "./timer.ts";

/** A timer, the times when it fired, and a promise of the first of them. */
function create(delay: number) {
  const fired: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = new ResettableTimer();
  const set = (): void =>
    timer.set(delay, () => {
      fired.push(performance.now());
      resolve();
    });
  return { timer, set, fired, promise };
}

/** Waits for another timer, which fires after the first one could have. */
function later(delay: number): Promise<void> {
  const { set, promise } = create(delay);
  set();
  return promise;
}

Deno.test("ResettableTimer fires once, when its delay is over", async () => {
  const { set, fired, promise } = create(20);
  const start = performance.now();
  set();
  await promise;
  await later(40);
  assertEquals(fired.length, 1);
  assert(fired[0]! - start >= 20);
});

Deno.test("ResettableTimer fires later when it is put off", async () => {
  const { set, fired, promise } = create(40);
  set();
  await later(20);
  const putOff = performance.now();
  set();
  await promise;
  assert(fired[0]! - putOff >= 40);
});

Deno.test("ResettableTimer fires after its delay when that is long", async () => {
  const { set, fired, promise } = create(1100);
  const start = performance.now();
  set();
  await promise;
  assert(fired[0]! - start >= 1100);
});

Deno.test("ResettableTimer that is cleared fires only when it is set again", async () => {
  const { timer, set, fired, promise } = create(10);
  set();
  timer.clear();
  await later(30);
  assertEquals(fired, []);
  set();
  await promise;
  assertEquals(fired.length, 1);
});

Deno.test("ResettableTimer that is stopped leaves no timer", async () => {
  const { timer, set, fired } = create(10);
  set();
  timer.stop();
  await later(20);
  assertEquals(fired, []);
  // The sanitizers would find this one.
  set();
  timer.stop();
});

Deno.test("ResettableTimer that is set for an earlier time fires then, and for that", async () => {
  const { timer, fired } = create(10);
  const { promise, resolve } = Promise.withResolvers<void>();
  const start = performance.now();
  timer.set(900, () => fired.push(Infinity));
  timer.set(20, resolve);
  await promise;
  assert(performance.now() - start < 500);
  await later(20);
  assertEquals(fired, []);
});

Deno.test("ResettableTimer asks for no negative delay, however late its timer starts", async () => {
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

Deno.test("ResettableTimer that is paused fires after what was left of its delay", async () => {
  const { timer, set, fired } = create(60);
  set();
  await later(40);
  timer.pause();
  await later(60);
  assertEquals(fired, []);
  timer.resume();
  await later(50);
  assertEquals(fired.length, 1);
});

Deno.test("ResettableTimer is not resumed after clear(), nor where it runs", async () => {
  const { timer, set, fired } = create(20);
  set();
  timer.pause();
  timer.clear();
  timer.resume();
  await later(40);
  assertEquals(fired, []);
  set();
  await later(12);
  timer.resume();
  await later(14);
  assertEquals(fired.length, 1);
  timer.stop();
});
