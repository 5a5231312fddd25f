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
