// The program of a worker: loads a module, and calls the functions that it exports.
// This module is browser compatible.

import { type Handler, readMethodInfo } from "../core/method.ts";
import {
  deserialize,
  type ExitNotice,
  type ExportInfo,
  serialize,
  toFailure,
  type WorkerReply,
  type WorkerRequest,
} from "./protocol.ts";

/** Where a worker receives requests and sends replies. */
interface Port {
  postMessage(
    message: WorkerReply | ExitNotice,
    transfer?: ArrayBuffer[],
  ): void;
  addEventListener(
    type: "message",
    listener: (event: MessageEvent<WorkerRequest>) => void,
  ): void;
}

/** The parts of the global scope that a worker may have. */
interface Scope {
  close?(): void;
  addEventListener?(type: "unload", listener: () => void): void;
  /** In Node, and in runtimes that are compatible with it. */
  readonly process?: {
    getBuiltinModule?(name: "worker_threads"): { parentPort: Port | null };
  };
}

// A class cannot be called; its prototype cannot be replaced, unlike that of a function.
function isClass(value: object): boolean {
  const prototype = Object.getOwnPropertyDescriptor(value, "prototype");
  return prototype?.writable === false;
}

function isMethod(name: string, value: unknown): value is Handler {
  return typeof value === "function" && !name.startsWith("_") &&
    !isClass(value);
}

function describeExport([name, handler]: [string, Handler]): ExportInfo {
  const info = readMethodInfo(handler);
  if (info?.signatures.some(({ stream }) => stream)) {
    throw new TypeError(
      `the method ${name} takes a stream, which cannot be passed to a thread`,
    );
  }
  return {
    name,
    length: (info?.handler ?? handler).length,
    signatures: info?.signatures,
  };
}

/** Makes the worker send a notice before it ends itself: no event tells the pool. */
function announceExit(scope: Scope, port: Port): void {
  const { close } = scope;
  if (close !== undefined) {
    scope.close = () => {
      port.postMessage({ exitNotice: "it has called close()" });
      close.call(globalThis);
    };
  }
  // The event of Deno.exit(); workers elsewhere do not have it.
  scope.addEventListener?.(
    "unload",
    () => port.postMessage({ exitNotice: "it has ended itself" }),
  );
}

function serve(port: Port): void {
  const methods = new Map<string, Handler>();

  async function load(module: string): Promise<ExportInfo[]> {
    const exported: Record<string, unknown> = await import(module);
    for (const [name, value] of Object.entries(exported)) {
      if (isMethod(name, value)) methods.set(name, value);
    }
    return Array.from(methods, describeExport);
  }

  function perform(request: WorkerRequest): unknown {
    if ("module" in request) return load(request.module);
    const method = methods.get(request.name)!;
    return method(...deserialize(request.params) as unknown[]);
  }

  async function reply(request: WorkerRequest): Promise<void> {
    const { id } = request;
    try {
      const result = await perform(request);
      const { serialized, transfer } = serialize(result, "value");
      port.postMessage({ id, value: serialized }, transfer);
    } catch (error) {
      port.postMessage({ id, failure: toFailure(error) });
    }
  }

  announceExit(globalThis as unknown as Scope, port);
  port.addEventListener("message", ({ data }) => {
    // Deno stops code that exceeds a worker's memory limit, and reports it only if a timer
    // has called that code.
    setTimeout(() => void reply(data), 0);
  });
}

/** Finds the port to the pool that has started this worker; undefined if none has. */
function findPort(): Port | undefined {
  const { process } = globalThis as unknown as Scope;
  // A worker of `node:worker_threads` does not have the global functions; in Bun it has
  // them, but they receive nothing.
  const { parentPort } = process?.getBuiltinModule?.("worker_threads") ?? {};
  if (parentPort) return parentPort;
  return "postMessage" in globalThis
    ? globalThis as unknown as Port
    : undefined;
}

// Without a pool it does nothing: a test runner loads all files.
const port = findPort();
if (port !== undefined) serve(port);
