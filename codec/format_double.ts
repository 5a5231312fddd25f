// Writes doubles as text. JavaScript writes large and small ones with an exponent, which
// XML-RPC does not have: `1e308` becomes a number of 309 digits. This module is browser
// compatible.

/** A double in the only notation that every peer reads. */
export function formatDouble(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  const text = String(value);
  const size = Math.abs(value);
  // JavaScript writes these without an exponent.
  if (size < 1e21 && (size >= 1e-6 || size === 0)) {
    return Number.isInteger(value) ? `${text}.0` : text;
  }

  // Spec: "only decimal point notation is allowed, a plus or a minus, followed by
  // any number of numeric characters, followed by a period and any number of
  // numeric characters."
  const exponentAt = text.indexOf("e");
  const sign = value < 0 ? "-" : "";
  const [whole, fraction = ""] = text.slice(sign.length, exponentAt).split(".");
  const digits = whole + fraction;
  const point = whole!.length + Number(text.slice(exponentAt + 1));
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, "0")}.0`;
}
