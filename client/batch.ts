// Calls that are made in the same turn of the event loop, as one request. This module is
// browser compatible.

import { createDeferred } from "../util/async.ts";
import type { Caller, PendingCall } from "./multicall.ts";

/**
 * A caller that gathers calls and hands them on together, to one who settles them; what
 * that one throws settles all that are left.
 */
export function createBatch(
  send: (calls: readonly PendingCall[]) => Promise<void>,
): Caller {
  let gathered: PendingCall[] = [];

  function flush(): void {
    const calls = gathered;
    gathered = [];
    send(calls).catch((error) => {
      for (const { reject } of calls) reject(error);
    });
  }

  return (methodName, params) => {
    const { promise, resolve, reject } = createDeferred<unknown>();
    // Not a microtask: a call that awaits something that is ready would come too late
    // for it, if by one turn only.
    if (gathered.length === 0) setTimeout(flush, 0);
    gathered.push({ methodName, params, resolve, reject });
    return promise;
  };
}
