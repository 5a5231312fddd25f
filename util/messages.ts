// Values in messages. This module is browser compatible.

// Control characters, invisible ones, those that turn the direction of text around, and
// Unicode's own line ends: a log that shows them as they are can be forged.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** How much of a path is shown, or kept in an error. */
export const LONGEST_PATH = 200;

/** Text cut to a length that a message can bear. */
export function shorten(text: string, length = 40): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

/** Text as it can be shown: what could forge a log is escaped as JavaScript does it. */
export function escapeUnsafe(text: string, unsafe: RegExp = UNSAFE): string {
  return text.replace(unsafe, (character) => {
    const code = character.codePointAt(0)!.toString(16).padStart(4, "0");
    return code.length > 4 ? `\\u{${code}}` : `\\u${code}`;
  });
}

/** Text as a message shows it: quoted, on one line, and never long. */
export function quote(text: string): string {
  // JSON itself escapes only those of ASCII.
  return escapeUnsafe(JSON.stringify(shorten(text)));
}

/** A step of a path such as `params[0].rows[3].price`: an index, or a member's name. */
export function segmentOf(step: string | number): string {
  if (typeof step === "number") return `[${step}]`;
  return /^[A-Za-z_$][\w$]*$/.test(step) ? `.${step}` : `[${quote(step)}]`;
}
