// Shows the progress of a transfer on the terminal.

import type { XmlRpcProgress } from "../client.ts";

/** The shortest time between two updates of the bar. */
const INTERVAL_MS = 100;
const LABEL_COLUMNS = 24;
const BAR_COLUMNS = 24;
const ERASE_LINE = "\r\x1b[K";

/** Shows a number of bytes with a suitable unit. */
function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toFixed(unit > 0 && value < 9.95 ? 1 : 0)} ${units[unit]}`;
}

function formatTime(seconds: number): string {
  const whole = Math.ceil(seconds);
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) =>
    String(part).padStart(2, "0")
  );
  return [Math.floor(whole / 3600), ...parts].join(":");
}

/** Draws the bar. It shows percent and time left if the total is known. */
export function progressLine(
  label: string,
  { bytesDone, bytesTotal }: Omit<XmlRpcProgress, "direction">,
  seconds: number,
): string {
  const name = label.length > LABEL_COLUMNS
    ? `${label.slice(0, LABEL_COLUMNS - 1)}…`
    : label.padEnd(LABEL_COLUMNS);
  const rate = seconds > 0 ? bytesDone / seconds : 0;
  const speed = `${formatBytes(rate)}/s`.padStart(9);
  if (bytesTotal === undefined) {
    return `${name} ${formatBytes(bytesDone)} ${speed}`;
  }
  // The total may be an estimate.
  const share = bytesTotal > 0 ? Math.min(1, bytesDone / bytesTotal) : 1;
  const bar = "#".repeat(Math.floor(share * BAR_COLUMNS)).padEnd(
    BAR_COLUMNS,
    "-",
  );
  const percent = `${Math.floor(100 * share)}`.padStart(3);
  const left = rate > 0
    ? formatTime(Math.max(0, bytesTotal - bytesDone) / rate)
    : "?";
  return `${name} [${bar}] ${percent} % ${speed} ${left} left`;
}

/** Draws the bar until it is disposed of. Prints nothing if there is no terminal. */
export class ProgressBar implements Disposable {
  readonly #label: string;
  readonly #isShown = Deno.stderr.isTerminal();
  readonly #start = performance.now();
  #drawn = 0;

  constructor(label: string) {
    this.#label = label;
  }

  #write(text: string): void {
    if (this.#isShown) Deno.stderr.writeSync(new TextEncoder().encode(text));
  }

  /** Updates the bar: for the client's option `onProgress`. */
  readonly show = (progress: XmlRpcProgress): void => {
    const now = performance.now();
    if (now - this.#drawn < INTERVAL_MS) return;
    this.#drawn = now;
    const seconds = (now - this.#start) / 1000;
    this.#write(ERASE_LINE + progressLine(this.#label, progress, seconds));
  };

  [Symbol.dispose](): void {
    this.#write(ERASE_LINE);
  }
}
