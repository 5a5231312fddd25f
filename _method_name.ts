// What the name of a method may be. This module is browser compatible.

import { quote } from "./_message.ts";
import { forbiddenCharacter } from "./_xml.ts";

// White space, control characters, and invisible ones, which may turn the text around
// them: no method has them in its name, and a log with them can be forged.
const NOT_IN_METHOD_NAME = /[\p{Z}\p{Cc}\p{Cf}]/u;

/** What is wrong with a method name; undefined if nothing is. */
export function methodNameFlaw(name: string): string | undefined {
  if (name === "") return "A method name must not be empty";
  if (NOT_IN_METHOD_NAME.test(name)) {
    return `White space or a control character in the method name ${
      quote(name)
    }`;
  }
  const forbidden = forbiddenCharacter(name);
  if (forbidden === undefined) return undefined;
  return `${forbidden} in the method name ${
    quote(name)
  }: XML has no such character`;
}
