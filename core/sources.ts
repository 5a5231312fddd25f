// Sources, which are values that are read while they are sent: Blobs, streams and async
// iterables. This module is browser compatible.

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

/** Throws a TypeError if a stream is locked: something else reads it. */
export function checkUnlocked(
  stream: ReadableStream<unknown>,
  describePlace: () => string,
): void {
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
    if (source instanceof ReadableStream) return source.cancel(reason);
    if (source instanceof Blob) return undefined;
    return source[Symbol.asyncIterator]().return?.();
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

/** Maps the items of an async iterable; an error of `map` ends both. */
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
