// What client and server share of calls: names, and functions around them. This module is browser compatible.

/** The method that calls others. */
export const MULTICALL = "system.multicall";

/** Whether a name is one of those that belong to the server itself. */
export function isSystemName(methodName: string): boolean {
  return methodName.startsWith("system.");
}

/** A function around a call; `next` runs the rest. */
export type Interceptor<Call> = (
  call: Call,
  next: (call: Call) => Promise<unknown>,
) => unknown;

/** Puts functions around `run`, the first of them outermost. */
export function composeInterceptors<Call>(
  interceptors: readonly Interceptor<Call>[],
  run: (call: Call) => Promise<unknown>,
): (call: Call) => Promise<unknown> {
  return interceptors.reduceRight<(call: Call) => Promise<unknown>>(
    (next, interceptor) => async (call) => await interceptor(call, next),
    run,
  );
}
