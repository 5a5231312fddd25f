// A call from the params to the result: through the interceptors, within a deadline, to
// the server and back. This module is browser compatible.

import { Deadline } from "./deadline.ts";
import { declareParams } from "./declared_types.ts";
import { type Call, callTogether, type PendingCall } from "./multicall.ts";
import type { XmlRpcClientCall } from "./options.ts";
import { type ReadingMode, ResponseReader } from "./response_reader.ts";
import type { Settings } from "./settings.ts";
import { sendFollowingRedirects } from "./transport.ts";
import {
  encodeDocument,
  type StreamHooks,
  writeCall,
} from "../codec/document.ts";
import { checkMethodName } from "../codec/method_name.ts";
import type { XmlRpcDocument } from "../codec/options.ts";
import { composeInterceptors } from "../core/calls.ts";
import { cancelSources } from "../core/sources.ts";
import { SpanKind, traced } from "../core/tracing.ts";
import { untilAborted } from "../util/async.ts";

/** One attempt of a call. */
interface Attempt extends Call {
  readonly headers: HeadersInit | undefined;
  readonly signals: readonly AbortSignal[];
}

/** Maximum length of the response to a request for signatures, which are cached. */
const MAX_SIGNATURE_BYTES = 65_536;

/** Converts the params of a call to the types in the signatures of the server, if any. */
async function convertParams(
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
    maxValues: settings.encoding.maxValues,
  });
  return { ...call, params, document: undefined };
}

/** The document of a call, which is sent until the call is over. */
class RequestDocument {
  readonly document: XmlRpcDocument;
  readonly #options: Settings["options"];
  readonly #deadline: Deadline;
  /** Undefined if the document is not a stream. */
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

  /** Reports the progress of the stream, and ends the call if it fails. */
  #hooks(): StreamHooks {
    const over = this.#over = new AbortController();
    const deadline = this.#deadline;
    return {
      signal: AbortSignal.any([deadline.signal, over.signal]),
      onError: (error) => {
        // The error of a source says more than the error of `fetch` that follows.
        if (!over.signal.aborted) deadline.fail(error);
      },
      onProgress: (bytesDone, bytesTotal) => {
        // The server accepts data, so it is not late.
        deadline.start();
        this.#options.onProgress?.({ direction: "up", bytesDone, bytesTotal });
      },
      onWait: undefined,
      onEnd: undefined,
    };
  }

  /** Stops sending: the server has responded, and does not read the rest. */
  stop(): void {
    this.#over?.abort(new DOMException("The call is over", "AbortError"));
  }
}

/** Sends a call and reads its response. */
async function exchange(
  settings: Settings,
  call: Attempt,
  mode: ReadingMode,
  deadline: Deadline,
): Promise<unknown> {
  const request = new RequestDocument(call, settings, deadline);
  const { document } = request;
  try {
    const answer = await sendFollowingRedirects(
      settings,
      document,
      call.headers,
      deadline.signal,
    );
    const reader = new ResponseReader(answer, settings, mode, deadline);
    if (mode === "items") return reader.readItems();
    return await (mode === "stream" ? reader.readStream() : reader.readValue());
  } finally {
    request.stop();
  }
}

/** Makes one attempt of a call, within the time of the option `timeout`. */
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
      // Encode in the same turn if possible: the caller may change its params later.
      const declared = introspects
        ? await convertParams(settings, call, signal)
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
    // An interceptor may pass on another call, so the call is encoded again.
    ({ methodName, params, headers, signal }) => {
      const attempt = { methodName, params, headers, signals: [signal] };
      return callWithDeadline(settings, attempt, mode);
    },
  );
  return await untilAborted(signal, () => first(call));
}

/**
 * Makes one call in a span of OpenTelemetry, if there is one. Returns the value in the
 * response, or a stream of its bytes or items.
 *
 * Each function adds one thing: `callTraced` the span, `callThroughInterceptors`,
 * `callWithDeadline`, `exchange` one request and its response, `sendFollowingRedirects`,
 * `fetchOnce`.
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
    // The call may have failed before its sources were read.
    cancelSources(call.params, error);
    throw error;
  }
}

/** Makes several calls in as few multicalls as possible; settles each. */
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

/** Makes calls: a single one as it is, several in a multicall; settles each. */
export async function callAll(
  settings: Settings,
  calls: readonly PendingCall[],
): Promise<void> {
  const [only] = calls;
  if (calls.length !== 1) return await callInMulticall(settings, calls);
  const { resolve, reject } = only!;
  await callTraced(settings, only!).then(resolve, reject);
}
