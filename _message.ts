// Values in messages. This module is browser compatible.

/** Text cut to a length that a message can bear. */
export function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** Text as a message shows it: quoted, on one line, and never long. */
export function quote(text: string): string {
  return JSON.stringify(shorten(text));
}
