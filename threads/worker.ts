// The program of a pool's workers: it loads a module, and calls what that exports.
// This module is browser compatible.

import { type Handler, infoOf } from "../core/method.ts";
import {
  type Farewell,
  type Order,
  type Outline,
  pack,
  type Reply,
  toFailure,
  unpack,
} from "./protocol.ts";

/** What a worker hears and answers by. */
interface Port {
  postMessage(message: Reply | Farewell, transfer?: ArrayBuffer[]): void;
  addEventListener(
    type: "message",
    listener: (event: MessageEvent<Order>) => void,
  ): void;
}

/** What a worker may have of its global scope. */
interface Scope {
  close?(): void;
  addEventListener?(type: "unload", listener: () => void): void;
  /** Node's, and that of those that follow it. */
  readonly process?: {
    getBuiltinModule?(name: "worker_threads"): { parentPort: Port | null };
  };
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
function announceEnd(scope: Scope, port: Port): void {
  const { close } = scope;
  if (close !== undefined) {
    scope.close = () => {
      port.postMessage({ farewell: "it has called close()" });
      close.call(globalThis);
    };
  }
  // Deno.exit(); in no other worker is there such an event.
  scope.addEventListener?.(
    "unload",
    () => port.postMessage({ farewell: "it has ended itself" }),
  );
}

function work(port: Port): void {
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
      port.postMessage({ id, value: parcel }, transfer);
    } catch (error) {
      port.postMessage({ id, failure: toFailure(error) });
    }
  }

  announceEnd(globalThis as unknown as Scope, port);
  port.addEventListener("message", ({ data }) => {
    // Deno cuts off what goes beyond a worker's limit of memory, and tells of it only if
    // that was a timer's.
    setTimeout(() => void answer(data), 0);
  });
}

/** The way to whoever has started this worker; undefined if nobody has. */
function findPort(): Port | undefined {
  const { process } = globalThis as unknown as Scope;
  // A worker of `node:worker_threads` has no such global functions, or in Bun deaf ones.
  const { parentPort } = process?.getBuiltinModule?.("worker_threads") ?? {};
  if (parentPort) return parentPort;
  return "postMessage" in globalThis
    ? globalThis as unknown as Port
    : undefined;
}

// Where there is nobody to work for, it does nothing: a test runner loads all files.
const port = findPort();
if (port !== undefined) work(port);
