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
  type WorkerStart,
} from "./protocol.ts";

/** Where a worker receives its first message. */
interface Inbox {
  addEventListener(
    type: "message",
    listener: (event: MessageEvent<unknown>) => void,
  ): void;
}

/** The parts of the global scope that a worker may have. */
interface Scope {
  close?(): void;
  addEventListener?(type: "unload", listener: () => void): void;
  /** In Node, and in runtimes that are compatible with it. */
  readonly process?: {
    getBuiltinModule?(name: "worker_threads"): { parentPort: Inbox | null };
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
function announceExit(scope: Scope, send: (notice: ExitNotice) => void): void {
  const { close } = scope;
  if (close !== undefined) {
    scope.close = () => {
      send({ exitNotice: "it has called close()" });
      close.call(globalThis);
    };
  }
  // The event of Deno.exit(); workers elsewhere do not have it.
  scope.addEventListener?.(
    "unload",
    () => send({ exitNotice: "it has ended itself" }),
  );
}

function serve({ request, port }: WorkerStart): void {
  const methods = new Map<string, Handler>();

  // Typed, for all messages are from the pool or to it.
  const send = (
    message: WorkerReply | ExitNotice,
    transfer: ArrayBuffer[] = [],
  ): void => port.postMessage(message, transfer);

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
    try {
      const result = await perform(request);
      const { serialized, transfer } = serialize(result, "value");
      send({ value: serialized }, transfer);
    } catch (error) {
      send({ failure: toFailure(error) });
    }
  }

  // Deno stops code that exceeds a worker's memory limit, and reports it only if a timer
  // has called that code.
  const schedule = (request: WorkerRequest) =>
    setTimeout(() => void reply(request), 0);

  announceExit(globalThis as unknown as Scope, send);
  port.addEventListener("message", ({ data }) => schedule(data));
  port.start();
  schedule(request);
}

/** Whether a message is the first one from a pool. */
function isStart(message: unknown): message is WorkerStart {
  const { request, port } = Object(message) as Partial<WorkerStart>;
  return typeof request === "object" && port instanceof MessagePort;
}

/** Serves the pool that sends the first message; other messages are for the module. */
function awaitStart(inbox: Inbox): void {
  let isStarted = false;
  inbox.addEventListener("message", ({ data }) => {
    if (isStarted || !isStart(data)) return;
    isStarted = true;
    serve(data);
  });
}

/** Finds where messages to this worker arrive; undefined if this is not a worker. */
function findInbox(): Inbox | undefined {
  const { process } = globalThis as unknown as Scope;
  // A worker of `node:worker_threads` does not have the global functions; in Bun it has
  // them, but they receive nothing.
  const { parentPort } = process?.getBuiltinModule?.("worker_threads") ?? {};
  if (parentPort) return parentPort;
  // A window has postMessage(), too, but other windows may send it messages.
  return "postMessage" in globalThis && !("document" in globalThis)
    ? globalThis as unknown as Inbox
    : undefined;
}

// Without a pool it does nothing: a test runner loads all files.
const inbox = findInbox();
if (inbox !== undefined) awaitStart(inbox);
