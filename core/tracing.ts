// Spans for OpenTelemetry, where the program has it, and without an import: its API
// leaves itself in a place that is agreed on. This module is browser compatible.

import { XmlRpcFault } from "./errors.ts";

/** What side of a call a span is about, as OpenTelemetry's SpanKind has it. */
export const SpanKind = { server: 1, client: 2 } as const;

/** What a span knows of a call, by the names of the semantic conventions. */
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

/** Where OpenTelemetry's API for JavaScript leaves itself, in each of its versions 1. */
const API = Symbol.for("opentelemetry.js.api.1");

/** OpenTelemetry's SpanStatusCode. */
const ERROR = 2;

function apiOf(scope: object): Api | undefined {
  return (scope as { readonly [API]?: Api })[API];
}

/** Notes on a span that the call has failed, and how; no text, for it may hold values. */
function noteError(span: Span, error: unknown): void {
  if (error instanceof XmlRpcFault) {
    span.setAttribute("rpc.xmlrpc.fault_code", error.code);
  } else {
    const type = error instanceof Error ? error.name : typeof error;
    span.setAttribute("error.type", type);
  }
  span.setStatus({ code: ERROR });
}

/**
 * Runs `work` within a span of its own, where there is somebody to look at it; else it
 * just runs, and need not give a promise. What `work` fails with is noted on the span
 * and passed on.
 */
export function traced<T>(
  kind: (typeof SpanKind)[keyof typeof SpanKind],
  methodName: string,
  attributes: SpanAttributes,
  work: () => T | Promise<T>,
): T | Promise<T> {
  const trace = apiOf(globalThis)?.trace;
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
        noteError(span, error);
        throw error;
      } finally {
        span.end();
      }
    },
  );
}
