// A call from the params to the result: through the interceptors, with the types that
// the server wants, over the wire and back. This module is browser compatible.

import { type ReadingMode, ResponseReader } from "./response_reader.ts";
import { Deadline } from "./deadline.ts";
import {
  encodeDocument,
  type StreamHooks,
  writeCall,
} from "../codec/document.ts";
import { composeInterceptors } from "../core/calls.ts";
import { declareParams } from "./declared_types.ts";
import { type Call, callTogether, type PendingCall } from "./multicall.ts";
import type { XmlRpcClientCall } from "./options.ts";
import type { Settings } from "./settings.ts";
import { cancelSources } from "../core/sources.ts";
import { SpanKind, traced } from "../core/tracing.ts";
import { sendFollowingRedirects } from "./transport.ts";
import { untilAborted } from "../util/async.ts";
import { checkMethodName } from "../codec/method_name.ts";
import type { XmlRpcDocument } from "../codec/options.ts";

/** One attempt of a call. */
interface Attempt extends Call {
  readonly headers: HeadersInit | undefined;
  readonly signals: readonly AbortSignal[];
}

/** Most bytes in the answer to a question for signatures: what is told is kept. */
const MAX_SIGNATURE_BYTES = 65_536;

/** The call with params of the types that the server wants, as far as it tells. */
async function introspect(
  settings: Settings,
  call: Attempt,
  signal: AbortSignal,
): Promise<Attempt> {
  // An impossible name is an error before the server is asked about it.
  checkMethodName(call.methodName);
  const params = await declareParams(call, {
    cache: settings.peer.signatures,
    ask: (calls) => {
      const most = MAX_SIGNATURE_BYTES * calls.length;
      const maxResponseBytes = Math.min(settings.maxResponseBytes, most);
      const asking = { ...settings, signals: [signal], maxResponseBytes };
      return callAll(asking, calls);
    },
    signal,
  });
  return { ...call, params, document: undefined };
}

/** The document of a call, until the call is over. */
class Sending {
  readonly document: XmlRpcDocument;
  readonly #options: Settings["options"];
  readonly #deadline: Deadline;
  /** Only of a document that is sent bit by bit. */
  #over: AbortController | undefined;

  constructor(
    { methodName, params, document }: Attempt,
    { options, encoding }: Settings,
    deadline: Deadline,
  ) {
    this.#options = options;
    this.#deadline = deadline;
    this.document = document ?? encodeDocument(
      params,
      encoding,
      () => this.#hooks(),
      (encoder) => writeCall(encoder, methodName, params),
    );
  }

  /** `onProgress` is told as streams are sent. */
  #hooks(): StreamHooks {
    const over = this.#over = new AbortController();
    const deadline = this.#deadline;
    return {
      signal: AbortSignal.any([deadline.signal, over.signal]),
      onError: (error) => {
        // Of a source that fails, `fetch` and the server would say no more than that.
        if (!over.signal.aborted) deadline.fail(error);
      },
      onProgress: (bytesDone, bytesTotal) => {
        // Something moves: the server is not to be waited for in vain.
        deadline.start();
        this.#options.onProgress?.({ direction: "up", bytesDone, bytesTotal });
      },
      onWait: undefined,
      onEnd: undefined,
    };
  }

  /** What is still being sent when the answer is there has nobody to read it. */
  stop(): void {
    this.#over?.abort(new DOMException("The call is over", "AbortError"));
  }
}

/** Sends a call, and reads its answer as far as `mode` wants it. */
async function exchange(
  settings: Settings,
  call: Attempt,
  mode: ReadingMode,
  deadline: Deadline,
): Promise<unknown> {
  const sending = new Sending(call, settings, deadline);
  const { document } = sending;
  try {
    const answer = await sendFollowingRedirects(
      settings,
      document,
      call.headers,
      deadline.signal,
    );
    const reader = new ResponseReader(answer, settings, mode, deadline);
    if (mode === "items") return reader.items();
    return await (mode === "stream" ? reader.stream() : reader.value());
  } finally {
    sending.stop();
  }
}

/** Makes one attempt of a call, within the time it may take. */
async function callWithDeadline(
  settings: Settings,
  call: Attempt,
  mode: ReadingMode,
): Promise<unknown> {
  const { timeout, introspects } = settings;
  const deadline = new Deadline(timeout, call.signals);
  const { signal } = deadline;
  try {
    const result = await untilAborted(signal, async () => {
      // Nothing is awaited that need not be: the caller may change its params.
      const declared = introspects
        ? await introspect(settings, call, signal)
        : call;
      return await exchange(settings, declared, mode, deadline);
    });
    if (mode === "value") deadline.stop();
    return result;
  } catch (error) {
    deadline.stop();
    throw error;
  }
}

/** Makes a call through the interceptors, if there are any. */
async function callThroughInterceptors(
  settings: Settings,
  { methodName, params, document }: Call,
  mode: ReadingMode,
): Promise<unknown> {
  const { interceptors, signals, target } = settings;
  if (interceptors.length === 0) {
    const headers = undefined;
    const attempt = { methodName, params, document, headers, signals };
    return await callWithDeadline(settings, attempt, mode);
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
    // What an interceptor hands on may be another call: it is encoded again.
    ({ methodName, params, headers, signal }) => {
      const attempt = { methodName, params, headers, signals: [signal] };
      return callWithDeadline(settings, attempt, mode);
    },
  );
  return await untilAborted(signal, () => first(call));
}

/**
 * Makes one call, in a span of OpenTelemetry where there is one: through the
 * interceptors, within a deadline, as one exchange with the server, wherever it
 * redirects. Returns the value in the answer, or a stream of it or its items.
 */
export async function callTraced(
  settings: Settings,
  call: Call,
  mode: ReadingMode = "value",
): Promise<unknown> {
  const { attributes } = settings.target;
  try {
    return await traced(
      SpanKind.client,
      call.methodName,
      attributes,
      () => callThroughInterceptors(settings, call, mode),
    );
  } catch (error) {
    // It may have failed before anything was read of them.
    cancelSources(call.params, error);
    throw error;
  }
}

/** Makes several calls as one multicall, or as few as may be; settles each. */
export async function callInMulticall(
  settings: Settings,
  calls: readonly PendingCall[],
): Promise<void> {
  const { peer, maxCalls, encoding } = settings;
  await callTogether(calls, {
    call: (call) => callTraced(settings, call),
    peer,
    maxCalls,
    encoding,
  });
}

/** Makes any number of calls: one is sent as it is, several as a multicall. */
export async function callAll(
  settings: Settings,
  calls: readonly PendingCall[],
): Promise<void> {
  const [only] = calls;
  if (calls.length !== 1) return await callInMulticall(settings, calls);
  const { resolve, reject } = only!;
  await callTraced(settings, only!).then(resolve, reject);
}
