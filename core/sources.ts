// Sources, which are values that are read while they are sent: Blobs, streams and async
// iterables. This module is browser compatible.

import { describeClass } from "./struct.ts";
import { ignoreErrors } from "../util/async.ts";

/** A value that is read while it is sent: bytes, or the items of an array. */
export type Source =
  | Blob
  | ReadableStream<unknown>
  | AsyncIterable<unknown>;

/** Whether a value is a {@linkcode Source}. */
export function isSource(value: object): value is Source {
  // Reading the member is several times as fast as `in`. Streams are checked on their own,
  // as they are not iterable in every runtime.
  return (value as AsyncIterable<unknown>)[Symbol.asyncIterator] !==
      undefined ||
    value instanceof Blob || value instanceof ReadableStream;
}

/**
 * The iterators that have been opened or cancelled here, and the streams that have been
 * cancelled: they look empty then.
 */
const spent = new WeakSet<object>();

/**
 * Throws a TypeError if a document contains a source for the second time, unless it can
 * be read again. `seen` collects those that it contains.
 */
export function checkOnce(
  source: Source,
  seen: Set<Source>,
  describePlace: () => string,
): void {
  const isOneShot = source instanceof ReadableStream ||
    typeof (source as Partial<AsyncIterator<unknown>>).next === "function";
  if (!isOneShot) return;
  if (seen.has(source)) {
    throw new TypeError(
      `Cannot encode ${
        describeClass(source)
      } a second time${describePlace()}: it can be read only once`,
    );
  }
  seen.add(source);
}

/** Opens an async iterable; throws a TypeError if its iterator has been opened before. */
export function openItems(
  items: AsyncIterable<unknown>,
  describePlace: () => string,
): AsyncIterator<unknown> {
  const iterator = items[Symbol.asyncIterator]();
  if (spent.has(iterator)) {
    throw new TypeError(
      `Cannot encode ${
        describeClass(items)
      } a second time${describePlace()}: it can be read only once`,
    );
  }
  spent.add(iterator);
  return iterator;
}

/** Throws a TypeError if a stream is locked, or has been cancelled here. */
export function checkUnlocked(
  stream: ReadableStream<unknown>,
  describePlace: () => string,
): void {
  if (spent.has(stream)) {
    throw new TypeError(
      `Cannot encode a ReadableStream that has been cancelled${describePlace()}`,
    );
  }
  if (!stream.locked) return;
  throw new TypeError(
    `Cannot encode a locked ReadableStream${describePlace()}: something else reads it`,
  );
}

/** Throws a RangeError if a source has more bytes than the limit. */
export function checkStreamBytes(
  bytes: number,
  maxStreamBytes: number,
  describePlace: () => string,
): void {
  if (bytes <= maxStreamBytes) return;
  throw new RangeError(
    `Cannot encode more than ${maxStreamBytes} bytes${describePlace()}: the limit maxStreamBytes`,
  );
}

/** Cancels a source that will not be read. Never throws. */
export function cancelSource(source: Source, reason: unknown): void {
  ignoreErrors(() => {
    if (source instanceof Blob) return undefined;
    if (source instanceof ReadableStream) {
      // A locked one is not cancelled: something else reads it.
      if (!source.locked) spent.add(source);
      return source.cancel(reason);
    }
    const iterator = source[Symbol.asyncIterator]();
    spent.add(iterator);
    return iterator.return?.();
  });
}

/** The members of an object; none if reading them throws. */
function listMembers(value: object): unknown[] {
  try {
    return Object.values(value);
  } catch {
    return [];
  }
}

/** Finds every source in a value, which may contain cycles. */
function* findSources(value: unknown): Generator<Source, void, void> {
  const seen = new Set<unknown>();
  const values = [value];
  while (values.length > 0) {
    const next = values.pop();
    if (typeof next !== "object" || next === null || seen.has(next)) continue;
    seen.add(next);
    if (isSource(next)) yield next;
    else if (!ArrayBuffer.isView(next)) {
      for (const member of listMembers(next)) values.push(member);
    }
  }
}

/** Whether a value contains a source. */
export function hasSource(value: unknown): boolean {
  return !findSources(value).next().done;
}

/** Cancels every source in a value. Never throws. */
export function cancelSources(value: unknown, reason: unknown): void {
  ignoreErrors(() => {
    for (const source of findSources(value)) cancelSource(source, reason);
  });
}

/**
 * Maps the items of an async iterable at a place; an error of `map` ends both. The items
 * can be read as often as those of the iterable.
 */
export function mapItems(
  items: AsyncIterable<unknown>,
  place: string,
  map: (item: unknown, index: number) => unknown,
): AsyncIterable<unknown> {
  function iterate(): AsyncIterator<unknown> {
    const iterator = openItems(items, () => ` at ${place}`);
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
