// What threads run for the tests of names: functions that are called what objects have,
// and functions that throw what cannot be looked at.

function same(value: unknown): unknown {
  return value;
}

export {
  same as __proto__,
  same as constructor,
  same as hasOwnProperty,
  same as toString,
};

let calls = 0;

/** How often it has been called on this thread. */
export function count(): number {
  return ++calls;
}

/** Throws what not even a text can be made of. */
export function throwObject(): never {
  throw Object.create(null);
}

/** Throws an error that fails when it is looked at. */
export function throwTrap(): never {
  throw Object.defineProperty(new Error("outside"), "message", {
    get(): never {
      throw new Error("secret");
    },
  });
}

/** Throws what cannot be inspected any more. */
export function throwRevoked(): never {
  const { proxy, revoke } = Proxy.revocable(new Error("secret"), {});
  revoke();
  throw proxy;
}

/** Throws, and not even something. */
export function throwNothing(): never {
  throw undefined;
}
