// A timer that is reset again and again, at next to no cost. This module is browser
// compatible.

/** How long the timer of the runtime runs at most, and so how long it may outlive a `clear()`. */
const LONGEST_MS = 1000;

/** How many microtasks pass before a timer is started: most waiting ends within them. */
const MICROTASKS = 16;

/** Calls a function once its delay is over, unless it is reset or cleared before. */
export class ResettableTimer {
  #fire: (() => void) | undefined;
  #due = Infinity;
  /** How much of the delay was left when the timer was paused. */
  #left: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the runtime's timer is due. */
  #next = Infinity;
  /** Whether a timer is about to be started, if it is still needed then. */
  #isStarting = false;

  /** Calls `fire` after `delay` milliseconds; replaces what was set before. */
  set(delay: number, fire: () => void): void {
    this.#fire = fire;
    this.#left = undefined;
    this.#due = performance.now() + delay;
    // A timer that is too early is started again when it is due.
    if (this.#next > this.#due && !this.#isStarting) this.#start();
  }

  /** Calls nothing until it is set again; the runtime's timer may run on for a second. */
  clear(): void {
    this.#due = Infinity;
    this.#left = undefined;
  }

  /** Calls nothing until it is resumed, with what is left of the delay, or set again. */
  pause(): void {
    if (this.#due === Infinity) return;
    const left = this.#due - performance.now();
    this.clear();
    this.#left = left;
  }

  /** Ends a pause, if there is one. */
  resume(): void {
    if (this.#left !== undefined) this.set(this.#left, this.#fire!);
  }

  /** Calls nothing until it is set again, and ends the runtime's timer. */
  stop(): void {
    this.clear();
    if (this.#next === Infinity) return;
    clearTimeout(this.#timer);
    this.#next = Infinity;
  }

  /** Starts a timer after some microtasks. */
  async #start(): Promise<void> {
    this.#isStarting = true;
    for (let turn = 0; turn < MICROTASKS && this.#due < Infinity; turn++) {
      await undefined;
    }
    this.#isStarting = false;
    if (this.#next <= this.#due) return;
    clearTimeout(this.#timer);
    this.#wait(performance.now());
  }

  #wait(now: number): void {
    // The delay may be over already, for the timer starts late.
    const left = Math.max(0, Math.min(this.#due - now, LONGEST_MS));
    this.#next = now + left;
    this.#timer = setTimeout(() => this.#check(), left);
  }

  #check(): void {
    this.#next = Infinity;
    const now = performance.now();
    if (now >= this.#due) this.#fire!();
    else if (this.#due < Infinity) this.#wait(now);
  }
}
