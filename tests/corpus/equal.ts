// Deep equality, for what runs where there is no @std/assert.

function keysOf(value: object): PropertyKey[] {
  return Reflect.ownKeys(value).filter((key) =>
    Object.prototype.propertyIsEnumerable.call(value, key)
  );
}

/** Whether two values have the same classes, own enumerable members, dates and bytes. */
export function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (
    typeof a !== "object" || typeof b !== "object" || a === null || b === null
  ) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Date) return Object.is(a.getTime(), (b as Date).getTime());
  if (a instanceof Uint8Array) {
    const bytes = b as Uint8Array;
    return a.length === bytes.length &&
      a.every((byte, at) => byte === bytes[at]);
  }
  const keys = keysOf(a);
  return keys.length === keysOf(b).length &&
    keys.every((key) =>
      Object.hasOwn(b, key) && equal(a[key as never], b[key as never])
    );
}

/** A value in words, for messages. */
export function show(value: unknown): string {
  const text = JSON.stringify(value, (_name, member) => {
    if (typeof member === "bigint") return `${member}n`;
    if (typeof member === "number" && !Number.isFinite(member)) {
      return String(member);
    }
    if (member instanceof Uint8Array) return `bytes ${member}`;
    return member;
  }) ?? String(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
