// What goes to a worker and back: orders and replies, values and errors. Structured
// cloning copies all that XML-RPC can carry, but for the classes of this package. This
// module is browser compatible.

import { segmentOf } from "../util/messages.ts";
import {
  canBeStruct,
  classNameOf,
  isStruct,
  setMember,
} from "../core/struct.ts";
import { XmlRpcFault } from "../core/errors.ts";
import { XmlRpcTyped, type XmlRpcTypedValues } from "../core/typed.ts";
import { XmlRpcOptional } from "../core/types.ts";

/** A value that can be posted. */
export interface Parcel {
  readonly value: unknown;
  /** Whether the value has something in it that is to be unwrapped. */
  readonly isWrapped: boolean;
}

/** What a failure was. */
export type Failure =
  | { readonly code: number; readonly message: string }
  | { readonly name: string; readonly message: string; readonly stack: string };

/** What a worker is asked to do: to load a module, which comes first, or to call. */
export type Order =
  | { readonly id: number; readonly module: string }
  | { readonly id: number; readonly name: string; readonly params: Parcel };

/** What a worker answers. */
export type Reply =
  | { readonly id: number; readonly value: Parcel }
  | { readonly id: number; readonly failure: Failure };

/** The last that is heard of a worker that ends itself. */
export interface Farewell {
  readonly farewell: string;
}

/** What a module exports under a name. */
export interface Outline {
  readonly name: string;
  /** How many params the function itself takes. */
  readonly length: number;
  /** The signatures that `method` was given; undefined for a plain function. */
  readonly signatures: readonly unknown[] | undefined;
}

// ---------------------------------------------------------------- values

/** Makes what can be posted; copies only where something changes. */
class Packer {
  /** The buffers that change hands. */
  readonly transfer: Set<ArrayBuffer> = new Set();
  isWrapped = false;
  readonly #root: string;
  readonly #path: (string | number)[] = [];
  /** The arrays and structs around the value. */
  readonly #around: Set<object> = new Set();

  constructor(root: string) {
    this.#root = root;
  }

  pack(value: unknown): unknown {
    if (typeof value === "function" || typeof value === "symbol") {
      throw this.#refusal(`a ${typeof value}`);
    }
    if (typeof value !== "object" || value === null) return value;
    if (value instanceof Date) return value;
    if (value instanceof ArrayBuffer) return this.#hand(value, value);
    if (ArrayBuffer.isView(value)) return this.#view(value);
    if (value instanceof XmlRpcTyped) {
      return this.#wrap([["type", value.type], ["value", value.value]]);
    }
    if (value instanceof XmlRpcOptional) {
      return this.#wrap([["optional", this.pack(value.type)]]);
    }
    return this.#container(value);
  }

  // No Map of anybody else's gets through, so that none can be taken for one of ours.
  #wrap(entries: [string, unknown][]): Map<string, unknown> {
    this.isWrapped = true;
    return new Map(entries);
  }

  #view(view: ArrayBufferView): unknown {
    const { buffer, byteOffset, byteLength } = view;
    if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) {
      return this.#hand(view, buffer);
    }
    // A clone would have all of the buffer, whatever else is in it.
    const copy = new Uint8Array(buffer, byteOffset, byteLength).slice();
    return this.#hand(copy, copy.buffer);
  }

  #hand(value: unknown, buffer: ArrayBuffer): unknown {
    if (buffer.detached) {
      throw this.#refusal(
        "bytes",
        "they have been handed over before; hand over a copy, as slice() makes it",
      );
    }
    this.transfer.add(buffer);
    return value;
  }

  #container(value: object): unknown {
    if (this.#around.has(value)) {
      throw this.#refusal("an object", "it contains itself");
    }
    this.#around.add(value);
    try {
      if (Array.isArray(value)) return this.#array(value);
      if (!canBeStruct(value)) throw this.#refusal(classNameOf(value));
      return this.#struct(value as Record<string, unknown>);
    } finally {
      this.#around.delete(value);
    }
  }

  #array(items: readonly unknown[]): readonly unknown[] {
    let copy: unknown[] | undefined;
    const depth = this.#path.length;
    for (let index = 0; index < items.length; index++) {
      this.#path[depth] = index;
      const item = this.pack(items[index]);
      if (!Object.is(item, items[index])) copy ??= items.slice();
      if (copy !== undefined) copy[index] = item;
    }
    this.#path.length = depth;
    return copy ?? items;
  }

  #struct(struct: Record<string, unknown>): Record<string, unknown> {
    let copy: Record<string, unknown> | undefined;
    const depth = this.#path.length;
    for (const name of Object.keys(struct)) {
      this.#path[depth] = name;
      const value = struct[name];
      const member = this.pack(value);
      if (!Object.is(member, value)) copy ??= { ...struct };
      if (copy !== undefined) setMember(copy, name, member);
    }
    this.#path.length = depth;
    return copy ?? struct;
  }

  #refusal(
    what: string,
    why = "a thread takes and gives whole values of XML-RPC only",
  ): TypeError {
    const place = this.#root + this.#path.map(segmentOf).join("");
    return new TypeError(`Cannot hand over ${what} at ${place}: ${why}`);
  }
}

/**
 * A value as it can be posted, and the buffers to be transferred with it. Throws a
 * TypeError for what XML-RPC cannot carry; `root` is what messages call the value.
 */
export function pack(
  value: unknown,
  root: string,
): { readonly parcel: Parcel; readonly transfer: ArrayBuffer[] } {
  const packer = new Packer(root);
  const packed = packer.pack(value);
  return {
    parcel: { value: packed, isWrapped: packer.isWrapped },
    transfer: [...packer.transfer],
  };
}

/** The value of a parcel that has come. */
export function unpack({ value, isWrapped }: Parcel): unknown {
  return isWrapped ? unwrap(value) : value;
}

/** Unwraps in place: what has come belongs to nobody else. */
function unwrap(value: unknown): unknown {
  if (value instanceof Map) return fromMap(value);
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) value[index] = unwrap(item);
  } else if (isStruct(value)) {
    for (const name of Object.keys(value)) {
      setMember(value, name, unwrap(value[name]));
    }
  }
  return value;
}

function fromMap(map: Map<string, unknown>): XmlRpcTyped | XmlRpcOptional {
  if (map.has("optional")) {
    return new XmlRpcOptional(unwrap(map.get("optional")) as "any");
  }
  const type = map.get("type") as keyof XmlRpcTypedValues;
  return new XmlRpcTyped(
    type,
    map.get("value") as XmlRpcTypedValues[typeof type],
  );
}

// ---------------------------------------------------------------- errors

/** What can be posted of something thrown. Never throws. */
export function toFailure(thrown: unknown): Failure {
  try {
    return describe(thrown);
  } catch {
    // An object without a prototype has no text; a Proxy may throw at any look.
    return describe(new Error("What was thrown cannot be looked at"));
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

/** What to throw for a failure that has come. */
export function fromFailure(failure: Failure): Error {
  if ("code" in failure) return new XmlRpcFault(failure.code, failure.message);
  const { name, message, stack } = failure;
  return Object.assign(new Error(message), { name, stack });
}
