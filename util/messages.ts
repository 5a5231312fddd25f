// Text for messages: short, on one line, safe to log. This module is browser compatible.

// Control characters, invisible ones, those that change the direction of text, and line
// ends of Unicode: they can forge entries of a log.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** How many characters of a path an error keeps and shows. */
export const LONGEST_PATH = 200;

/** Cuts text to a length that fits into a message. */
export function shorten(text: string, length = 40): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

/** Escapes what could forge a log, in the syntax of JavaScript. */
export function escapeUnsafe(text: string, unsafe: RegExp = UNSAFE): string {
  return text.replace(unsafe, (character) => {
    const code = character.codePointAt(0)!.toString(16).padStart(4, "0");
    return code.length > 4 ? `\\u{${code}}` : `\\u${code}`;
  });
}

/** Quotes text for a message: on one line, and not too long. */
export function quote(text: string): string {
  // JSON escapes only control characters of ASCII.
  return escapeUnsafe(JSON.stringify(shorten(text)));
}

/** Writes a step of a path such as `params[0].rows[3].price`: an index, or a member's name. */
export function writeStep(step: string | number): string {
  if (typeof step === "number") return `[${step}]`;
  return /^[A-Za-z_$][\w$]*$/.test(step) ? `.${step}` : `[${quote(step)}]`;
}
