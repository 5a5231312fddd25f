// One string for each name that repeats. This module is browser compatible.

/** The longest name that is kept for later documents. */
const LONGEST_KEPT_NAME = 64;

/**
 * State of the module, shared by all documents: names of methods and members, by their
 * hash. Names repeat within a document and from document to document. One string for
 * each name lets the objects that have it as a key share their shape.
 *
 * It is bounded: a hash is below 1024, a later name replaces an earlier one of the same
 * hash, and no name is longer than {@linkcode LONGEST_KEPT_NAME}.
 */
const names: (string | undefined)[] = [];

/** Gets the name in these bytes, which are ASCII. */
export function getName(bytes: Uint8Array, start: number, end: number): string {
  let hash = end - start;
  for (let at = start; at < end; at++) {
    hash = (hash * 31 + bytes[at]!) & 0x3ff;
  }
  const known = names[hash];
  if (known !== undefined && isSame(known, bytes, start, end)) return known;
  const name = String.fromCharCode(...bytes.subarray(start, end));
  if (end - start <= LONGEST_KEPT_NAME) names[hash] = name;
  return name;
}

function isSame(
  name: string,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (name.length !== end - start) return false;
  for (let at = 0; at < name.length; at++) {
    if (name.charCodeAt(at) !== bytes[start + at]) return false;
  }
  return true;
}
