// A timer that is put off again and again, at next to no cost. This module is browser
// compatible.

/** How long a timer runs at most: that long it may outlive its alarm. */
const LONGEST_MS = 1000;

/** Calls a function when nobody has put that off for a while. */
export class Alarm {
  readonly #delay: number;
  readonly #ring: () => void;
  #due = Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** It is not set at first; `delay` is in milliseconds. */
  constructor(delay: number, ring: () => void) {
    this.#delay = delay;
    this.#ring = ring;
  }

  /** Sets it, or puts it off. */
  set(): void {
    this.#due = performance.now() + this.#delay;
    // A timer that runs already is too early, and will see.
    if (this.#timer === undefined) this.#wait(this.#delay);
  }

  /** Silences it until it is set again; its timer may run on for a second. */
  silence(): void {
    this.#due = Infinity;
  }

  /** Silences it, and nothing runs on. */
  stop(): void {
    this.silence();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(left: number): void {
    this.#timer = setTimeout(this.#look, Math.min(left, LONGEST_MS));
  }

  readonly #look = (): void => {
    this.#timer = undefined;
    const left = this.#due - performance.now();
    if (left <= 0) this.#ring();
    else if (left < Infinity) this.#wait(left);
  };
}
