// Memory for the chunks of streams. This module is browser compatible.

/** How much is freed at once, so that twice as much stays with the program. */
const FREED_BYTES = 2 ** 21;

/**
 * Makes the program keep the memory that its chunks give back.
 *
 * Each chunk of a long stream is new memory, and garbage collection frees many of them
 * at once. Linux's usual allocator then returns them to the system, and fetches them
 * again page by page: that can take longer than all else that is done with a chunk. But
 * once it has seen a large piece freed, it keeps twice as much to itself. Elsewhere this
 * does nothing.
 */
export function keepFreedMemory(): void {
  const piece = new ArrayBuffer(FREED_BYTES);
  // Frees it now. Not in every runtime yet: Node before 22 lacks it.
  (piece as Partial<ArrayBuffer>).transfer?.(0);
}
