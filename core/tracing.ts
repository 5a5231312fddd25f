// Spans for OpenTelemetry, if the program has set it up. There is no import: its API
// registers itself under a well-known symbol. This module is browser compatible.

import { XmlRpcFault } from "./errors.ts";

/** The side of a call that a span is for: OpenTelemetry's SpanKind. */
export const SpanKind = { server: 1, client: 2 } as const;

/** The attributes of a span, by the names of OpenTelemetry's semantic conventions. */
export type SpanAttributes = Readonly<Record<string, string | number>>;

interface Span {
  setAttribute(name: string, value: string | number): unknown;
  setStatus(status: { readonly code: number }): unknown;
  end(): void;
}

interface Tracer {
  startActiveSpan<T>(
    name: string,
    options: { readonly kind: number; readonly attributes: SpanAttributes },
    work: (span: Span) => T,
  ): T;
}

interface Api {
  readonly trace?: { getTracer(name: string): Tracer } | undefined;
}

/** Where version 1 of OpenTelemetry's API for JavaScript registers itself. */
const API = Symbol.for("opentelemetry.js.api.1");

/** The status of a failed span: OpenTelemetry's SpanStatusCode. */
const ERROR = 2;

function findApi(scope: object): Api | undefined {
  return (scope as { readonly [API]?: Api })[API];
}

/** Records the kind of an error on a span; not its message, which may contain values. */
function recordError(span: Span, error: unknown): void {
  if (error instanceof XmlRpcFault) {
    span.setAttribute("rpc.xmlrpc.fault_code", error.code);
  } else {
    const type = error instanceof Error ? error.name : typeof error;
    span.setAttribute("error.type", type);
  }
  span.setStatus({ code: ERROR });
}

/**
 * Runs `work` in a new span, and records its error on the span before throwing it again.
 * Without OpenTelemetry it only runs `work`, which need not return a promise.
 */
export function traced<T>(
  kind: (typeof SpanKind)[keyof typeof SpanKind],
  methodName: string,
  attributes: SpanAttributes,
  work: () => T | Promise<T>,
): T | Promise<T> {
  const trace = findApi(globalThis)?.trace;
  if (trace === undefined) return work();
  const all = {
    "rpc.system": "xmlrpc",
    "rpc.method": methodName,
    ...attributes,
  };
  return trace.getTracer("@xmlrpc/xmlrpc").startActiveSpan(
    methodName,
    { kind, attributes: all },
    async (span) => {
      try {
        return await work();
      } catch (error) {
        recordError(span, error);
        throw error;
      } finally {
        span.end();
      }
    },
  );
}
