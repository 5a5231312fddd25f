// Snapshots of values, for documents that are written later. This module is browser
// compatible.

import { describeLostBytes } from "./bytes.ts";
import { isSource } from "./sources.ts";
import { createStruct } from "./struct.ts";
import { XmlRpcTyped } from "./typed.ts";
import { ValueBudget } from "./walk.ts";

function copyBytes(bytes: ArrayBuffer | ArrayBufferView): unknown {
  if (describeLostBytes(bytes) !== undefined) return bytes;
  return ArrayBuffer.isView(bytes) ? copyView(bytes) : bytes.slice(0);
}

function copyView(view: ArrayBufferView): unknown {
  // The bytes of other views depend on the machine; the encoder refuses them.
  if ("BYTES_PER_ELEMENT" in view && view.BYTES_PER_ELEMENT !== 1) return view;
  const { buffer, byteOffset, byteLength } = view;
  return new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength));
}

/** How much is copied. */
export interface CaptureLimits {
  readonly maxDepth: number;
  readonly maxValues: number;
}

/** Copies values, down to a depth. */
class Copier {
  /** The arrays and objects that contain the value. */
  readonly #containers: object[] = [];
  /** The copies of arrays, objects and bytes: what is shared stays shared. */
  readonly #copies = new Map<object, unknown>();
  readonly #budget: ValueBudget;
  readonly #depth: number;

  constructor({ maxDepth, maxValues }: CaptureLimits) {
    this.#depth = maxDepth;
    this.#budget = new ValueBudget(maxValues);
  }

  copy(value: unknown): unknown {
    this.#budget.spend();
    if (typeof value !== "object" || value === null) return value;
    if (this.#copies.has(value)) return this.#copies.get(value);
    const copy = this.#copyObject(value);
    this.#copies.set(value, copy);
    return copy;
  }

  #copyObject(value: object): unknown {
    if (Array.isArray(value)) {
      return this.#copyContainer(
        value,
        () => Array.from(value, (item) => this.copy(item)),
      );
    }
    if (value instanceof Date) return new Date(value);
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
      return copyBytes(value);
    }
    if (value instanceof XmlRpcTyped || isSource(value)) return value;
    // Other objects, such as Map and Error, are not copied.
    if (Object.prototype.toString.call(value) !== "[object Object]") {
      return value;
    }
    return this.#copyContainer(value, () => {
      const members = Object.entries(value);
      return createStruct(
        members.map(([name, member]) => [name, this.copy(member)]),
      );
    });
  }

  /** Copies a container; one that contains itself or is too deep stays as it is. */
  #copyContainer(value: object, copy: () => object): object {
    const isRefused = this.#containers.length > this.#depth ||
      this.#containers.includes(value);
    if (isRefused) return value;
    this.#containers.push(value);
    try {
      return copy();
    } finally {
      this.#containers.pop();
    }
  }
}

/**
 * Copies a value, so that later changes to it do not change the copy. Values that cannot
 * be sent stay as they are, for the encoder refuses them: so do cycles, and values that
 * nest deeper than `maxDepth`. Throws a RangeError if there are more than `maxValues`.
 */
export function capture(value: unknown, limits: CaptureLimits): unknown {
  return new Copier(limits).copy(value);
}
