// The methods that the tests of createThreads() run on threads.

import { method, optional } from "../../server.ts";
import { XmlRpcFault } from "../../core/errors.ts";
import { dateTime, double, XmlRpcTyped } from "../../core/typed.ts";

let count = 0;
const kept = new Uint8Array([1, 2, 3]);

// ---------------------------------------------------------------- methods

/** Plain: `add(8, 8)` is 16. */
export function add(x: number, y: number): number {
  return x + y;
}

/** With a signature. */
export const divide = method(
  {
    params: ["double", optional("double")],
    returns: "double",
    help: "Divides.",
    batchable: false,
  },
  (x, y = 2) => x / y,
);

/** With two signatures, and a struct in one. */
export const countOf = method([
  { params: [{ rows: ["int"], note: optional("string") }], returns: "int" },
  { params: ["string"], returns: "int" },
], (value) => typeof value === "string" ? value.length : value.rows.length);

/** What has come, as text, and itself. */
export function echo(value: unknown): unknown {
  return value;
}

/** Of which class a value is here. */
export function classOf(value: unknown): string {
  return Object(value).constructor.name;
}

/** How many calls of this have run on its thread. */
export function increment(): number {
  return ++count;
}

/** Computes for some time. */
export function spin(milliseconds: number): string {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
  return "done";
}

/** Waits for some time. */
export async function wait(milliseconds: number): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  return "waited";
}

/** Values that JavaScript does not tell apart. */
export function wrapped(): unknown {
  return { price: double(20), at: [dateTime("19980717T14:08:55")] };
}

/** Whether wrappers come as what they are. */
export function isTyped(value: { readonly price: unknown }): boolean {
  return value.price instanceof XmlRpcTyped;
}

/** Bytes of its own. */
export function bytes(length: number): Uint8Array {
  return new Uint8Array(length).fill(7);
}

/** A small part of a large buffer. */
export function part(): Uint8Array {
  return new Uint8Array(1000).fill(7).subarray(10, 12);
}

/** Returns bytes that it keeps, and so can be transferred only once. */
export function keeps(): Uint8Array {
  return kept;
}

// ---------------------------------------------------------------- failures

/** Throws a fault. */
export function fail(): never {
  throw new XmlRpcFault(7, "Seven");
}

/** Throws an error. */
export function crashed(): never {
  throw new RangeError("The disk is full");
}

/** Returns a value that cannot be passed to another thread. */
export function giveFunction(): unknown {
  return { call: () => 1 };
}

/** Throws what is not an error. */
export function thrown(): never {
  throw "a text";
}

/** Throws what cannot be made a text. */
export function throwBare(): never {
  throw Object.create(null);
}

/** Throws an error that cannot be read. */
export function throwSecret(): never {
  throw Object.defineProperty(new Error(), "message", {
    get(): never {
      throw new Error("No look");
    },
  });
}

/** Throws an error with a name that is none. */
export function throwNamed(): never {
  throw Object.assign(new Error("Odd"), { name: () => "name" });
}

/** Computes for ever. */
export function loop(): never {
  for (;;);
}

/** Takes memory for ever. */
export function hoard(): never {
  const all: number[][] = [];
  for (;;) all.push(new Array(10_000).fill(Math.random()));
}

/** Ends its worker. */
export function close(): Promise<never> {
  self.close();
  return new Promise(() => {});
}

/** Ends its worker, in another way. */
export function exit(): Promise<never> {
  Deno.exit(3);
}

/** Throws an uncaught error. */
export function throwLater(): Promise<never> {
  setTimeout(() => {
    throw new Error("Later");
  });
  return new Promise(() => {});
}

/** Rejects a promise without a handler. */
export function rejectLater(): Promise<never> {
  void Promise.reject(new Error("Unhandled"));
  return new Promise(() => {});
}

/** Answers, and throws an uncaught error when it is idle. */
export function throwWhenIdle(): string {
  setTimeout(() => {
    throw new Error("Idle");
  });
  return "for now";
}

/** Posts messages of its own before it answers, some of them like replies. */
export function chat(): string {
  const forged = { value: "forged", hasMaps: false };
  const messages: unknown[] = [
    null,
    "hello",
    { value: forged },
    { failure: { code: 1, message: "Forged" } },
    { exitNotice: "forged" },
  ];
  for (let id = -1; id < 10; id++) messages.push({ id, value: forged });
  for (const message of messages) {
    (globalThis as unknown as Worker).postMessage(message);
  }
  return "after";
}

/** A value whose arrays are shared: with each level it has twice as many paths. */
export function share(depth: number): unknown {
  let value: unknown = double(1);
  for (let level = 0; level < depth; level++) value = [value, value];
  return value;
}

/** Whether all arrays of a value are shared, and how deep they are. */
export function depthOfShared(value: unknown): number {
  let depth = 0;
  for (let at = value; Array.isArray(at); at = at[0]) {
    if (at[0] !== at[1]) return -1;
    depth++;
  }
  return depth;
}

// ---------------------------------------------------------------- no methods

/** No method, by its name. */
export function _hidden(): void {}

/** No method, but a class. */
export class Thing {}

/** No method, but a value. */
export const value = 1;
