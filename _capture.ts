// Params as they are at the time of the call, for calls that are sent later. This
// module is browser compatible.

import { canBeStruct } from "./_struct.ts";
import { XmlRpcTyped } from "./value.ts";

function copyView(view: ArrayBufferView): unknown {
  // Of other views the bytes depend on the machine; the encoder refuses them.
  if ("BYTES_PER_ELEMENT" in view && view.BYTES_PER_ELEMENT !== 1) return view;
  const { buffer, byteOffset, byteLength } = view;
  return new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength));
}

function copyObject(value: object, depth: number): unknown {
  if (Array.isArray(value)) {
    return Array.from(value, (item) => capture(item, depth - 1));
  }
  if (value instanceof Date) return new Date(value);
  if (value instanceof ArrayBuffer) return value.slice(0);
  if (ArrayBuffer.isView(value)) return copyView(value);
  if (value instanceof XmlRpcTyped || !canBeStruct(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map((
      [name, member],
    ) => [name, capture(member, depth - 1)]),
  );
}

/**
 * A copy of a value that does not change when the value does. What cannot be sent is
 * left as it is, for the encoder to refuse; so is what nests deeper than `depth`.
 */
export function capture(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null || depth < 0) return value;
  return copyObject(value, depth);
}
