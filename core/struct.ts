// Structs as plain objects. This module is browser compatible.

/** Whether a value is an object as the decoder makes them for structs. */
export function isStruct(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null &&
    Object.getPrototypeOf(value) === Object.prototype;
}

/** Whether an object can be sent as a struct: a plain object, or of a class. */
export function canBeStruct(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  // Map, Set, Promise, Error, boxed primitives, URL, …: as structs they would be empty.
  return Object.prototype.toString.call(value) === "[object Object]";
}

/** What a value is, for messages: "a Map", "an Error", "a symbol", "null". */
export function classNameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  const tag = Object.prototype.toString.call(value);
  const name = typeof value === "object"
    ? tag.slice("[object ".length, -1)
    : typeof value;
  return `${/^[aeio]/i.test(name) ? "an" : "a"} ${name}`;
}

/** Up to so many members, how an object keeps them does not matter. */
const FEW = 1000;

/** The farthest name that is an index to JavaScript. */
const FARTHEST = "4294967294";

/**
 * Has an object keep the members whose names are indexes in a table from now on.
 *
 * V8 has an array or a table for them, as it sees fit with each new one. Names made for
 * that have it go from one to the other and back, each time with all members: time with
 * the square of their number. It stays with a table that once had a read-only member.
 */
export function keepInTable(struct: object): void {
  Object.defineProperty(struct, FARTHEST, { value: null, configurable: true });
  Reflect.deleteProperty(struct, FARTHEST);
}

/** Whether a member's name may be an index that is not among the first. */
export function isFarIndex(name: string): boolean {
  return name.length > 3 && name.charCodeAt(0) <= 0x39;
}

/** A struct of members, whatever their names and number. */
export function structOf(
  members: readonly (readonly [name: string, value: unknown])[],
): Record<string, unknown> {
  if (members.length <= FEW) return Object.fromEntries(members);
  const struct = {};
  keepInTable(struct);
  for (const [name, value] of members) setMember(struct, name, value);
  return struct;
}

/** A copy of a struct, whatever its names and number. */
export function copyStruct(
  struct: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.keys(struct).length <= FEW
    ? { ...struct }
    : structOf(Object.entries(struct));
}

/** Sets a member, whatever its name. */
export function setMember(
  struct: Record<string, unknown>,
  name: string,
  value: unknown,
): void {
  if (name !== "__proto__") {
    struct[name] = value;
    return;
  }
  // Assigned, it would become the object's prototype.
  Object.defineProperty(struct, name, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}
