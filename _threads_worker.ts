// The program of a pool's workers: it loads a module, and calls what that exports.
// This module is browser compatible.

import { type Handler, infoOf } from "./_method.ts";
import {
  type Farewell,
  type Order,
  type Outline,
  pack,
  type Reply,
  toFailure,
  unpack,
} from "./_parcel.ts";

/** What a worker has of its global scope. */
interface Scope {
  close(): void;
  postMessage(message: Reply | Farewell, transfer?: ArrayBuffer[]): void;
  addEventListener(
    type: string,
    listener: (event: MessageEvent<Order>) => void,
  ): void;
}

// A class can only be constructed, and has a prototype that cannot be replaced.
function isClass(value: object): boolean {
  const prototype = Object.getOwnPropertyDescriptor(value, "prototype");
  return prototype?.writable === false;
}

function isMethod(name: string, value: unknown): value is Handler {
  return typeof value === "function" && !name.startsWith("_") &&
    !isClass(value);
}

function outlineOf([name, handler]: [string, Handler]): Outline {
  const info = infoOf(handler);
  if (info?.signatures.some(({ stream }) => stream)) {
    throw new TypeError(
      `the method ${name} takes a stream, which no thread can`,
    );
  }
  return {
    name,
    length: (info?.handler ?? handler).length,
    signatures: info?.signatures,
  };
}

/** Tells of an end that would come without a word: nobody outside sees it. */
function announceEnd(scope: Scope): void {
  const { close } = scope;
  scope.close = () => {
    scope.postMessage({ farewell: "it has called close()" });
    close.call(globalThis);
  };
  // Deno.exit(); in no other worker is there such an event.
  scope.addEventListener(
    "unload",
    () => scope.postMessage({ farewell: "it has ended itself" }),
  );
}

function work(scope: Scope): void {
  const methods = new Map<string, Handler>();

  async function load(module: string): Promise<Outline[]> {
    const exported: Record<string, unknown> = await import(module);
    for (const [name, value] of Object.entries(exported)) {
      if (isMethod(name, value)) methods.set(name, value);
    }
    return Array.from(methods, outlineOf);
  }

  function obey(order: Order): unknown {
    if ("module" in order) return load(order.module);
    const method = methods.get(order.name)!;
    return method(...unpack(order.params) as unknown[]);
  }

  async function answer(order: Order): Promise<void> {
    const { id } = order;
    try {
      const { parcel, transfer } = pack(await obey(order), "value");
      scope.postMessage({ id, value: parcel }, transfer);
    } catch (error) {
      scope.postMessage({ id, failure: toFailure(error) });
    }
  }

  announceEnd(scope);
  scope.addEventListener("message", ({ data }) => {
    // Deno cuts off what goes beyond a worker's limit of memory, and tells of it only if
    // that was a timer's.
    setTimeout(() => void answer(data), 0);
  });
}

// Where there is nobody to work for, it does nothing: a test runner loads all files.
if ("postMessage" in globalThis) work(globalThis as unknown as Scope);
