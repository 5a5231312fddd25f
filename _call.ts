// A call from the params to the result: through the interceptors, with the types that
// the server wants, over the wire and back. This module is browser compatible.

import { readAnswer } from "./_answer.ts";
import { composeInterceptors } from "./_interceptors.ts";
import { declareParams } from "./_introspection.ts";
import { callTogether, type PendingCall } from "./_multicall.ts";
import type { Settings, XmlRpcClientCall } from "./_settings.ts";
import { SpanKind, traced } from "./_telemetry.ts";
import { send, untilAborted, withDeadline } from "./_transport.ts";
import { encodeCall } from "./codec.ts";

/** One attempt of a call. */
interface Attempt {
  readonly methodName: string;
  readonly params: readonly unknown[];
  readonly headers: HeadersInit;
  readonly signals: readonly AbortSignal[];
}

/** The params of a call with the types that the server wants, as far as it tells. */
async function introspect(
  settings: Settings,
  call: Attempt,
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  // A name that cannot be is not asked about.
  encodeCall(call.methodName);
  return await declareParams(call, {
    cache: settings.peer.signatures,
    ask: (calls) => performAll({ ...settings, signals: [signal] }, calls),
    signal,
  });
}

async function transmit(settings: Settings, call: Attempt): Promise<unknown> {
  const { timeout, introspects, options } = settings;
  return await withDeadline(timeout, call.signals, async (signal) => {
    // Nothing is awaited that need not be: the caller may change its params.
    const params = introspects
      ? await introspect(settings, call, signal)
      : call.params;
    const body = encodeCall(call.methodName, params, options);
    const answer = await send(settings, body, call.headers, signal);
    return await readAnswer(answer, settings, signal);
  });
}

async function run(
  settings: Settings,
  methodName: string,
  params: readonly unknown[],
): Promise<unknown> {
  const { interceptors, signals, target } = settings;
  if (interceptors.length === 0) {
    return await transmit(settings, {
      methodName,
      params,
      headers: {},
      signals,
    });
  }
  const signal = AbortSignal.any([...signals]);
  const call: XmlRpcClientCall = {
    methodName,
    params,
    url: target.url.href,
    headers: new Headers(),
    signal,
  };
  const first = composeInterceptors(
    interceptors,
    (call) => transmit(settings, { ...call, signals: [call.signal] }),
  );
  return await untilAborted(signal, () => first(call));
}

/** Makes one call. */
export function performCall(
  settings: Settings,
  methodName: string,
  params: readonly unknown[],
): Promise<unknown> {
  const { attributes } = settings.target;
  return traced(
    SpanKind.client,
    methodName,
    attributes,
    () => run(settings, methodName, params),
  );
}

/** Makes several calls as one multicall, or as few as may be; settles each. */
export async function performTogether(
  settings: Settings,
  calls: readonly PendingCall[],
): Promise<void> {
  const { peer, maxCalls, options } = settings;
  await callTogether(calls, {
    call: (methodName, params) => performCall(settings, methodName, params),
    peer,
    maxCalls,
    options,
  });
}

/** Makes any number of calls: one is sent as it is, several as a multicall. */
export async function performAll(
  settings: Settings,
  calls: readonly PendingCall[],
): Promise<void> {
  const [only] = calls;
  if (calls.length !== 1) return await performTogether(settings, calls);
  const { methodName, params, resolve, reject } = only!;
  await performCall(settings, methodName, params).then(resolve, reject);
}
