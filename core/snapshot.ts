// Values as they are now, for documents that are written later. This module is browser
// compatible.

import { isSource } from "./sources.ts";
import { structOf } from "./struct.ts";
import { XmlRpcTyped } from "./typed.ts";

function copyView(view: ArrayBufferView): unknown {
  // Of other views the bytes depend on the machine; the encoder refuses them.
  if ("BYTES_PER_ELEMENT" in view && view.BYTES_PER_ELEMENT !== 1) return view;
  const { buffer, byteOffset, byteLength } = view;
  return new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength));
}

/** About as many bytes as a document has around each value. */
const BYTES_AROUND = 32;

/** About how long a value is as a document, without what is in it. */
function bytesOf(value: unknown): number {
  if (typeof value === "string") return BYTES_AROUND + value.length;
  const isBytes = value instanceof ArrayBuffer || ArrayBuffer.isView(value);
  return BYTES_AROUND + (isBytes ? value.byteLength * 4 / 3 : 0);
}

/** Copies values, within the arrays and objects that are around them. */
class Copier {
  readonly #around: object[] = [];
  readonly #depth: number;
  readonly #spend: (bytes: number) => void;

  constructor(depth: number, spend: (bytes: number) => void) {
    this.#depth = depth;
    this.#spend = spend;
  }

  copy(value: unknown): unknown {
    this.#spend(bytesOf(value));
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) {
      return this.#within(
        value,
        () => Array.from(value, (item) => this.copy(item)),
      );
    }
    if (value instanceof Date) return new Date(value);
    if (value instanceof ArrayBuffer) return value.slice(0);
    if (ArrayBuffer.isView(value)) return copyView(value);
    if (value instanceof XmlRpcTyped || isSource(value)) return value;
    // All else has a tag of its own, and is not looked into.
    if (Object.prototype.toString.call(value) !== "[object Object]") {
      return value;
    }
    return this.#within(value, () => {
      const members = Object.entries(value);
      return structOf(
        members.map(([name, member]) => {
          this.#spend(name.length);
          return [name, this.copy(member)];
        }),
      );
    });
  }

  /** Copies what is in an object; one that is in itself or too deep stays as it is. */
  #within(value: object, copy: () => object): object {
    const isRefused = this.#around.length > this.#depth ||
      this.#around.includes(value);
    if (isRefused) return value;
    this.#around.push(value);
    try {
      return copy();
    } finally {
      this.#around.pop();
    }
  }
}

/**
 * A copy of a value that does not change when the value does. What cannot be sent is
 * left as it is, for the encoder to refuse: so is a cycle, and what nests deeper than
 * `depth`. `spend` is told about how many bytes it takes as a document, before they are
 * copied; what it throws ends the copying.
 */
export function capture(
  value: unknown,
  depth: number,
  spend: (bytes: number) => void = () => {},
): unknown {
  return new Copier(depth, spend).copy(value);
}
