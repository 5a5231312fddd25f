// Functions around calls. This module is browser compatible.

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
