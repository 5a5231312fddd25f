// A timer that is put off again and again, at next to no cost. This module is browser
// compatible.

/** How long a timer runs at most: that long it may outlive its alarm. */
const LONGEST_MS = 1000;

/** So many microtasks pass before there is a timer: most of what is awaited is there by then. */
const PATIENCE = 16;

/** Calls a function when nobody has put that off for a while. It is not set at first. */
export class Alarm {
  #ring: (() => void) | undefined;
  #due = Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer will look. */
  #next = Infinity;
  /** Whether there is to be a timer, if it is still set then. */
  #isStarting = false;

  /** Has `ring` called after `delay` milliseconds, instead of what was set before. */
  set(delay: number, ring: () => void): void {
    this.#ring = ring;
    this.#due = performance.now() + delay;
    // A timer that is too early will see.
    if (this.#next > this.#due && !this.#isStarting) this.#start();
  }

  /** Silences it until it is set again; its timer may run on for a second. */
  silence(): void {
    this.#due = Infinity;
  }

  /** Silences it, and nothing runs on. */
  stop(): void {
    this.silence();
    if (this.#next === Infinity) return;
    clearTimeout(this.#timer);
    this.#next = Infinity;
  }

  /** Starts a timer soon. */
  async #start(): Promise<void> {
    this.#isStarting = true;
    for (let turn = 0; turn < PATIENCE && this.#due < Infinity; turn++) {
      await undefined;
    }
    this.#isStarting = false;
    if (this.#next <= this.#due) return;
    clearTimeout(this.#timer);
    this.#wait(performance.now());
  }

  #wait(now: number): void {
    // It may be over already: the timer has not been started at once.
    const left = Math.max(0, Math.min(this.#due - now, LONGEST_MS));
    this.#next = now + left;
    this.#timer = setTimeout(() => this.#look(), left);
  }

  #look(): void {
    this.#next = Infinity;
    const now = performance.now();
    if (now >= this.#due) this.#ring!();
    else if (this.#due < Infinity) this.#wait(now);
  }
}
