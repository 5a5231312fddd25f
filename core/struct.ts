// Structs, which are plain objects. This module is browser compatible.

/** Whether a value is a plain object, as the decoder creates for a struct. */
export function isStruct(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null &&
    Object.getPrototypeOf(value) === Object.prototype;
}

/** Whether an object can be sent as a struct: a plain object, or an instance of a class. */
export function canBeStruct(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  // As structs, Map, Set, Promise, Error, boxed primitives, URL and others would be empty.
  return Object.prototype.toString.call(value) === "[object Object]";
}

/** Describes a value for messages: "a Map", "an Error", "a symbol", "null". */
export function describeClass(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  const tag = Object.prototype.toString.call(value);
  const name = typeof value === "object"
    ? tag.slice("[object ".length, -1)
    : typeof value;
  return `${/^[aeio]/i.test(name) ? "an" : "a"} ${name}`;
}

/** Up to this many members, the way an object stores them does not matter. */
const FEW_MEMBERS = 1000;

/** The largest name that JavaScript treats as an index. */
const LARGEST_INDEX = "4294967294";

/**
 * Makes an object store the members whose names are indexes in a hash table.
 *
 * V8 stores them in an array or in a hash table, and decides anew with each member. Hostile
 * names make it switch back and forth, each time copying all members: quadratic time. It
 * keeps a hash table that once had a read-only member.
 */
export function keepInTable(struct: object): void {
  Object.defineProperty(struct, LARGEST_INDEX, {
    value: null,
    configurable: true,
  });
  Reflect.deleteProperty(struct, LARGEST_INDEX);
}

/** Whether a member's name may be an index of 1000 or more. */
export function isFarIndex(name: string): boolean {
  return name.length > 3 && name.charCodeAt(0) <= 0x39;
}

/** Creates a struct from members, whatever their names and number. */
export function createStruct(
  members: readonly (readonly [name: string, value: unknown])[],
): Record<string, unknown> {
  if (members.length <= FEW_MEMBERS) return Object.fromEntries(members);
  const struct = {};
  keepInTable(struct);
  for (const [name, value] of members) setMember(struct, name, value);
  return struct;
}

/** Copies a struct, whatever its names and number. */
export function copyStruct(
  struct: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.keys(struct).length <= FEW_MEMBERS
    ? { ...struct }
    : createStruct(Object.entries(struct));
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
  // An assignment would set the prototype of the object.
  Object.defineProperty(struct, name, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}
