// Names of methods, and functions around calls, for client and server. This module is
// browser compatible.

/** The method that calls other methods. */
export const MULTICALL = "system.multicall";

/** Whether a method belongs to the server itself. */
export function isSystemName(methodName: string): boolean {
  return methodName.startsWith("system.");
}

/** A function around a call; `next` runs the other interceptors, and then the call. */
export type Interceptor<Call> = (
  call: Call,
  next: (call: Call) => Promise<unknown>,
) => unknown;

/** Puts interceptors around `run`; the first one is the outermost. */
export function composeInterceptors<Call>(
  interceptors: readonly Interceptor<Call>[],
  run: (call: Call) => Promise<unknown>,
): (call: Call) => Promise<unknown> {
  return interceptors.reduceRight<(call: Call) => Promise<unknown>>(
    (next, interceptor) => async (call) => await interceptor(call, next),
    run,
  );
}
