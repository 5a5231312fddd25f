// The table in which rules are found by the bytes of their names.
// This module is browser compatible.
//
// A map of strings would need each tag's name as a string first, and that would be the
// most expensive step of decoding.

const SLOT_COUNT = 128;

/**
 * Computes the slot of a name, a number below {@linkcode SLOT_COUNT}.
 *
 * The three factors were found by trial: any three will do that give each element of
 * XML-RPC a slot of its own. {@linkcode buildSlots} throws if these no longer do.
 */
export function computeSlot(
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  return (bytes[start + 1]! * 36 + bytes[end - 1]! * 15 + (end - start) * 44) &
    (SLOT_COUNT - 1);
}

/** A rule, as far as the table must know it. */
interface Named {
  readonly name: string;
  /** The name in ASCII. */
  readonly bytes: Uint8Array;
}

/** Puts each rule into the slot of its name; throws if two of them share a slot. */
export function buildSlots<R extends Named>(
  rules: readonly R[],
): readonly (R | undefined)[] {
  const slots = Array.from(
    { length: SLOT_COUNT },
    (): R | undefined => undefined,
  );
  for (const rule of rules) {
    const slot = computeSlot(rule.bytes, 0, rule.bytes.length);
    const other = slots[slot];
    if (other !== undefined) {
      throw new Error(
        `${rule.name} and ${other.name} share slot ${slot}: change the factors`,
      );
    }
    slots[slot] = rule;
  }
  return slots;
}

/** Whether `name` stands at `start`. */
export function isAt(
  name: Uint8Array,
  bytes: Uint8Array,
  start: number,
): boolean {
  for (let at = 0; at < name.length; at++) {
    if (bytes[start + at] !== name[at]) return false;
  }
  return true;
}
