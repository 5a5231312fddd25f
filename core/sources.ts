// Values that come bit by bit: what they are, and how to be rid of them. This module is
// browser compatible.

import { ignoreErrors } from "../util/async.ts";

/** A value that comes bit by bit: bytes, or the items of an array. */
export type Source =
  | Blob
  | ReadableStream<unknown>
  | AsyncIterable<unknown>;

/** Whether a value comes bit by bit. */
export function isSource(value: object): value is Source {
  // Read, and not asked for with `in`: that takes several times as long. And not every
  // runtime lets one iterate over a stream.
  return (value as AsyncIterable<unknown>)[Symbol.asyncIterator] !==
      undefined ||
    value instanceof Blob || value instanceof ReadableStream;
}

/** Throws a TypeError if the stream at a place is being read by somebody else. */
export function checkUnlocked(
  stream: ReadableStream<unknown>,
  placeOf: () => string,
): void {
  if (!stream.locked) return;
  throw new TypeError(
    `Cannot encode a locked ReadableStream${placeOf()}: something else reads it`,
  );
}

/** Throws a RangeError if so many bytes at a place are more than one source may have. */
export function checkStreamBytes(
  bytes: number,
  maxStreamBytes: number,
  placeOf: () => string,
): void {
  if (bytes <= maxStreamBytes) return;
  throw new RangeError(
    `Cannot encode more than ${maxStreamBytes} bytes${placeOf()}: the limit maxStreamBytes`,
  );
}

/** Tells a source that nobody is going to read it. */
export function cancelSource(source: Source, reason: unknown): void {
  ignoreErrors(() => {
    if (source instanceof ReadableStream) return source.cancel(reason);
    if (source instanceof Blob) return undefined;
    return source[Symbol.asyncIterator]().return?.();
  });
}

/** The members of an object that let themselves be looked at. */
function membersOf(value: object): unknown[] {
  try {
    return Object.values(value);
  } catch {
    return [];
  }
}

/** Every source in a value, which may be a cycle. */
function* sourcesIn(value: unknown): Generator<Source, void, void> {
  const seen = new Set<unknown>();
  const values = [value];
  while (values.length > 0) {
    const next = values.pop();
    if (typeof next !== "object" || next === null || seen.has(next)) continue;
    seen.add(next);
    if (isSource(next)) yield next;
    else if (!ArrayBuffer.isView(next)) {
      for (const member of membersOf(next)) values.push(member);
    }
  }
}

/** Whether anything in a value comes bit by bit. */
export function hasSource(value: unknown): boolean {
  return !sourcesIn(value).next().done;
}

/** Cancels every source in a value. Never throws. */
export function cancelSources(value: unknown, reason: unknown): void {
  ignoreErrors(() => {
    for (const source of sourcesIn(value)) cancelSource(source, reason);
  });
}

/** The items of an async iterable as `map` makes them; where it throws, they end. */
export function mapItems(
  items: AsyncIterable<unknown>,
  map: (item: unknown, index: number) => unknown,
): AsyncIterable<unknown> {
  function iterate(): AsyncIterator<unknown> {
    const iterator = items[Symbol.asyncIterator]();
    let index = 0;
    return {
      async next(): Promise<IteratorResult<unknown>> {
        const result = await iterator.next();
        if (result.done) return result;
        try {
          return { done: false, value: map(result.value, index++) };
        } catch (error) {
          ignoreErrors(() => iterator.return?.());
          throw error;
        }
      },
      async return(): Promise<IteratorResult<unknown>> {
        await iterator.return?.();
        return { done: true, value: undefined };
      },
    };
  }
  return { [Symbol.asyncIterator]: iterate };
}
