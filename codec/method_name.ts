// Checks the names of methods. This module is browser compatible.

import { findForbiddenCharacter } from "./xml/characters.ts";
import { quote } from "../util/messages.ts";

// Spec: "identifier characters, upper and lower-case A-Z, the numeric characters, 0-9,
// underscore, dot, colon and slash". Others occur; these are always right.
const USUAL = /^[\w.:/]+$/;

// White space and control characters: a log with them can be forged.
const NOT_IN_METHOD_NAME = /[\p{Z}\p{Cc}]/u;

// Invisible characters, some of which change the direction of the text around them.
const INVISIBLE = /\p{Cf}/u;

/** What is wrong with a method name; undefined if nothing is. */
export function findNameProblem(name: string): string | undefined {
  if (USUAL.test(name)) return undefined;
  if (name === "") return "A method name must not be empty";
  if (NOT_IN_METHOD_NAME.test(name)) {
    return `White space or a control character in the method name ${
      quote(name)
    }`;
  }
  const forbidden = findForbiddenCharacter(name);
  if (forbidden === undefined) return undefined;
  return `${forbidden} in the method name ${
    quote(name)
  }: XML has no such character`;
}

/**
 * Why no method can be called by that name; undefined if one can. A document may well have
 * a name with an invisible character, but no method has one, and it makes a log misleading.
 */
export function findInvisibleCharacter(name: string): string | undefined {
  if (!INVISIBLE.test(name)) return undefined;
  return `An invisible character in the method name ${quote(name)}`;
}

/** Throws a TypeError if no method can be called by that name. */
export function checkMethodName(name: unknown): asserts name is string {
  if (typeof name !== "string") {
    throw new TypeError(
      `Cannot encode a call: expected its method name as a string`,
    );
  }
  const problem = findNameProblem(name) ?? findInvisibleCharacter(name);
  if (problem !== undefined) throw new TypeError(problem);
}
