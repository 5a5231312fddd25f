// The messages between a pool and its workers, and the values and errors in them.
// Structured cloning copies every value that XML-RPC can carry, except for the classes of
// this package: those are serialized. This module is browser compatible.

import {
  canBeStruct,
  describeClass,
  isStruct,
  setMember,
} from "../core/struct.ts";
import { describeLostBytes } from "../core/bytes.ts";
import { XmlRpcFault } from "../core/errors.ts";
import { XmlRpcTyped, type XmlRpcTypedValues } from "../core/typed.ts";
import { XmlRpcOptional } from "../core/types.ts";
import { Walk } from "../core/walk.ts";

/** A value that can be posted. */
export interface Serialized {
  readonly value: unknown;
  /** Whether the value contains objects of this package, as Maps. */
  readonly hasMaps: boolean;
}

/** An error that can be posted: a fault, or any other error. */
export type Failure =
  | { readonly code: number; readonly message: string }
  | { readonly name: string; readonly message: string; readonly stack: string };

/** A request to a worker: to load a module, which is the first one, or to call a function. */
export type WorkerRequest =
  | { readonly module: string }
  | { readonly name: string; readonly params: Serialized };

/**
 * The first message to a worker. All others go through the port, so that nothing that the
 * module posts or receives is mixed up with them.
 */
export interface WorkerStart {
  readonly request: WorkerRequest;
  readonly port: MessagePort;
}

/** The reply of a worker to a request. */
export type WorkerReply =
  | { readonly value: Serialized }
  | { readonly failure: Failure };

/** The last message of a worker that ends itself. */
export interface ExitNotice {
  /** Why it ends. */
  readonly exitNotice: string;
}

/** A function that the module exports. */
export interface ExportInfo {
  readonly name: string;
  /** The number of params that the function declares. */
  readonly length: number;
  /** The signatures that `method` was given; undefined for a plain function. */
  readonly signatures: readonly unknown[] | undefined;
}

// ---------------------------------------------------------------- values

/** Makes values that can be posted; copies an array or struct only if something in it changes. */
class Serializer {
  /** The buffers to transfer. */
  readonly transfer: Set<ArrayBuffer> = new Set();
  hasMaps = false;
  readonly #walk: Walk;
  /**
   * What was made of each object: one that is shared is visited once, and stays shared.
   * Undefined: the object contains the value that is being visited.
   */
  readonly #made: Map<object, unknown> = new Map();

  constructor(root: string) {
    this.#walk = new Walk(root);
  }

  serialize(value: unknown): unknown {
    if (typeof value === "function" || typeof value === "symbol") {
      throw this.#createError(`a ${typeof value}`);
    }
    if (typeof value !== "object" || value === null) return value;
    const known = this.#made.get(value);
    if (known !== undefined) return known;
    if (this.#made.has(value)) {
      throw this.#createError("an object", "it contains itself");
    }
    this.#made.set(value, undefined);
    const made = this.#make(value);
    this.#made.set(value, made);
    return made;
  }

  #make(value: object): unknown {
    if (value instanceof Date) return value;
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
      return this.#bytes(value);
    }
    if (value instanceof XmlRpcTyped) {
      return this.#toMap([["type", value.type], ["value", value.value]]);
    }
    if (value instanceof XmlRpcOptional) {
      return this.#toMap([["optional", this.serialize(value.type)]]);
    }
    return this.#container(value);
  }

  // A Map is not a value of XML-RPC, so no other Map is ever posted.
  #toMap(entries: [string, unknown][]): Map<string, unknown> {
    this.hasMaps = true;
    return new Map(entries);
  }

  #bytes(bytes: ArrayBuffer | ArrayBufferView): unknown {
    const lost = describeLostBytes(bytes);
    if (lost !== undefined) {
      const why = `${lost} cannot be read; pass a copy, made with slice()`;
      throw this.#createError("bytes", why);
    }
    return ArrayBuffer.isView(bytes)
      ? this.#view(bytes)
      : this.#transfer(bytes, bytes);
  }

  #view(view: ArrayBufferView): unknown {
    const { buffer, byteOffset, byteLength } = view;
    if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) {
      return this.#transfer(view, buffer);
    }
    // A clone would contain the whole buffer, with bytes that do not belong to the view.
    const copy = new Uint8Array(buffer, byteOffset, byteLength).slice();
    return this.#transfer(copy, copy.buffer);
  }

  #transfer(value: unknown, buffer: ArrayBuffer): unknown {
    this.transfer.add(buffer);
    return value;
  }

  #container(value: object): unknown {
    if (Array.isArray(value)) return this.#walk.mapItems(value, this.#map);
    if (!canBeStruct(value)) throw this.#createError(describeClass(value));
    const struct = value as Record<string, unknown>;
    return this.#walk.mapMembers(struct, Object.keys(struct), this.#map);
  }

  readonly #map = (value: unknown): unknown => this.serialize(value);

  #createError(
    what: string,
    why = "threads exchange only values of XML-RPC, and no streams",
  ): TypeError {
    const place = this.#walk.toPlace();
    return new TypeError(`Cannot pass ${what} at ${place}: ${why}`);
  }
}

/**
 * Makes a value that can be posted, and lists the buffers to transfer with it. Throws a
 * TypeError for what XML-RPC cannot carry; messages call the value `root`.
 */
export function serialize(
  value: unknown,
  root: string,
): { readonly serialized: Serialized; readonly transfer: ArrayBuffer[] } {
  const serializer = new Serializer(root);
  const posted = serializer.serialize(value);
  return {
    serialized: { value: posted, hasMaps: serializer.hasMaps },
    transfer: [...serializer.transfer],
  };
}

/** Restores a value that has been posted. */
export function deserialize({ value, hasMaps }: Serialized): unknown {
  return hasMaps ? new Restorer().restore(value) : value;
}

/** Replaces Maps in place: nothing else refers to a value that was posted. */
class Restorer {
  /** What each object has become: one that is shared is visited once. */
  readonly #restored: Map<object, unknown> = new Map();

  restore(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    const known = this.#restored.get(value);
    if (known !== undefined) return known;
    const restored = value instanceof Map ? this.#fromMap(value) : value;
    this.#restored.set(value, restored);
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) {
        value[index] = this.restore(item);
      }
    } else if (isStruct(value)) {
      for (const name of Object.keys(value)) {
        setMember(value, name, this.restore(value[name]));
      }
    }
    return restored;
  }

  #fromMap(map: Map<string, unknown>): XmlRpcTyped | XmlRpcOptional {
    if (map.has("optional")) {
      return new XmlRpcOptional(this.restore(map.get("optional")) as "any");
    }
    const type = map.get("type") as keyof XmlRpcTypedValues;
    return new XmlRpcTyped(
      type,
      map.get("value") as XmlRpcTypedValues[typeof type],
    );
  }
}

// ---------------------------------------------------------------- errors

/** Makes an error that can be posted from a value that was thrown. Never throws. */
export function toFailure(thrown: unknown): Failure {
  try {
    return describe(thrown);
  } catch {
    // An object without a prototype has no text; a Proxy may throw whenever it is read.
    return describe(new Error("The thrown value cannot be read"));
  }
}

function describe(thrown: unknown): Failure {
  if (thrown instanceof XmlRpcFault) {
    return { code: Number(thrown.code), message: String(thrown.message) };
  }
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  return {
    name: String(error.name),
    message: String(error.message),
    stack: String(error.stack ?? ""),
  };
}

/** Restores an error that has been posted. */
export function fromFailure(failure: Failure): Error {
  if ("code" in failure) return new XmlRpcFault(failure.code, failure.message);
  const { name, message, stack } = failure;
  return Object.assign(new Error(message), { name, stack });
}
