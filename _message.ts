// Values in messages. This module is browser compatible.

/** Text cut to a length that a message can bear. */
export function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** Text as a message shows it: quoted, on one line, and never long. */
export function quote(text: string): string {
  return JSON.stringify(shorten(text));
}

/** A step of a path such as `params[0].rows[3].price`: an index, or a member's name. */
export function segmentOf(step: string | number): string {
  if (typeof step === "number") return `[${step}]`;
  return /^[A-Za-z_$][\w$]*$/.test(step) ? `.${step}` : `[${quote(step)}]`;
}
