// Snapshots of values, for documents that are written later. This module is browser
// compatible.

import { isSource } from "./sources.ts";
import { createStruct } from "./struct.ts";
import { XmlRpcTyped } from "./typed.ts";

function copyView(view: ArrayBufferView): unknown {
  // The bytes of other views depend on the machine; the encoder refuses them.
  if ("BYTES_PER_ELEMENT" in view && view.BYTES_PER_ELEMENT !== 1) return view;
  const { buffer, byteOffset, byteLength } = view;
  return new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength));
}

/** About how many bytes of markup a document has for each value. */
const MARKUP_BYTES = 32;

/** Estimates the size of a value in a document, without its items and members. */
function estimateBytes(value: unknown): number {
  if (typeof value === "string") return MARKUP_BYTES + value.length;
  const isBytes = value instanceof ArrayBuffer || ArrayBuffer.isView(value);
  return MARKUP_BYTES + (isBytes ? value.byteLength * 4 / 3 : 0);
}

/** Copies values, down to a depth. */
class Copier {
  /** The arrays and objects that contain the value. */
  readonly #containers: object[] = [];
  readonly #depth: number;
  readonly #spend: (bytes: number) => void;

  constructor(depth: number, spend: (bytes: number) => void) {
    this.#depth = depth;
    this.#spend = spend;
  }

  copy(value: unknown): unknown {
    this.#spend(estimateBytes(value));
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) {
      return this.#copyContainer(
        value,
        () => Array.from(value, (item) => this.copy(item)),
      );
    }
    if (value instanceof Date) return new Date(value);
    if (value instanceof ArrayBuffer) return value.slice(0);
    if (ArrayBuffer.isView(value)) return copyView(value);
    if (value instanceof XmlRpcTyped || isSource(value)) return value;
    // Other objects, such as Map and Error, are not copied.
    if (Object.prototype.toString.call(value) !== "[object Object]") {
      return value;
    }
    return this.#copyContainer(value, () => {
      const members = Object.entries(value);
      return createStruct(
        members.map(([name, member]) => {
          this.#spend(name.length);
          return [name, this.copy(member)];
        }),
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
 * nest deeper than `depth`. `spend` is called with an estimate of the bytes of each value
 * before it is copied; copying ends if it throws.
 */
export function capture(
  value: unknown,
  depth: number,
  spend: (bytes: number) => void = () => {},
): unknown {
  return new Copier(depth, spend).copy(value);
}
