// Recipes for interceptors of a client: authorization, logging, retries.
//
//     deno run -A examples/client_interceptors.ts
//
// shows them with a server that requires a token and is busy at first.
// deno-lint-ignore-file no-console

import {
  createClient,
  createServer,
  type XmlRpcClientCall,
  type XmlRpcClientInterceptor,
  XmlRpcFault,
  XmlRpcHttpError,
} from "@xmlrpc/xmlrpc";

/** Lists the names of the called methods: of a multicall, those of its calls. */
export function listMethodNames(
  { methodName, params }: XmlRpcClientCall,
): string[] {
  if (methodName !== "system.multicall") return [methodName];
  const [entries] = params;
  return Array.isArray(entries)
    ? entries.map((entry) => String(entry?.methodName))
    : [methodName];
}

// ---------------------------------------------------------------- authorization

/** Sends a user name and a password. (The client sends those in its URL by itself.) */
export function basic(user: string, password: string): XmlRpcClientInterceptor {
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  const authorization = `Basic ${btoa(String.fromCharCode(...bytes))}`;
  return (call, next) => {
    call.headers.set("authorization", authorization);
    return next(call);
  };
}

/** Sends a token, and retries once with a new token if the server rejects it. */
export function bearer(
  getToken: (isRejected: boolean) => string | Promise<string>,
): XmlRpcClientInterceptor {
  return async (call, next) => {
    call.headers.set("authorization", `Bearer ${await getToken(false)}`);
    try {
      return await next(call);
    } catch (error) {
      const isRejected = error instanceof XmlRpcHttpError &&
        error.status === 401;
      if (!isRejected) throw error;
      call.headers.set("authorization", `Bearer ${await getToken(true)}`);
      return await next(call);
    }
  };
}

// ---------------------------------------------------------------- logging

function describeOutcome(error: unknown): string {
  if (error instanceof XmlRpcFault) return `fault ${error.code}`;
  if (error instanceof XmlRpcHttpError) return `status ${error.status}`;
  return error instanceof Error ? error.name : "an abort";
}

/** Writes a line for each call: methods, outcome and duration, but no values. */
export function logging(
  write: (line: string) => void,
  now: () => number = () => performance.now(),
): XmlRpcClientInterceptor {
  return async (call, next) => {
    const start = now();
    let outcome = "ok";
    try {
      return await next(call);
    } catch (error) {
      outcome = describeOutcome(error);
      throw error;
    } finally {
      const milliseconds = Math.round(now() - start);
      write(
        `${listMethodNames(call).join(", ")}: ${outcome}, ${milliseconds} ms`,
      );
    }
  };
}

// ---------------------------------------------------------------- retries

/** How calls are retried. */
export interface RetryOptions {
  /** Whether a method can be called twice without harm. Only such methods are retried. */
  readonly isIdempotent: (methodName: string) => boolean;
  /** The maximum number of attempts. */
  readonly attempts?: number;
  /** The maximum pause before the second attempt, in milliseconds. It doubles each time. */
  readonly pause?: number;
  /** The maximum pause. If a server asks for a longer one, the call is not retried. */
  readonly maxPause?: number;
  /** Gives a random number from 0 to 1. */
  readonly random?: () => number;
  /** Waits. Rejects with the signal's reason if it aborts. */
  readonly sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Waits. Rejects with the signal's reason if it aborts. */
export async function sleep(
  milliseconds: number,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = (): void => reject(signal.reason);
  const timer = setTimeout(resolve, milliseconds);
  signal.addEventListener("abort", onAbort);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

/** Whether an error may be temporary: no connection, a busy server, or a timeout. */
function isTemporary(error: unknown): boolean {
  if (error instanceof XmlRpcHttpError) {
    return [429, 502, 503, 504].includes(error.status);
  }
  // A param that cannot be encoded is also a TypeError.
  if (error instanceof TypeError) return !/^Cannot /.test(error.message);
  return error instanceof DOMException && error.name === "TimeoutError";
}

/** Reads how long the server asks to wait, in milliseconds; 0 if it does not. */
function readRetryAfter(error: unknown): number {
  if (!(error instanceof XmlRpcHttpError)) return 0;
  const text = error.headers.get("retry-after") ?? "0";
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? 0 : Math.max(0, date - Date.now());
}

/** Retries calls, after growing pauses of random length. */
export function retrying(options: RetryOptions): XmlRpcClientInterceptor {
  const { isIdempotent, attempts = 4, pause = 200, maxPause = 10_000 } =
    options;
  const { random = Math.random } = options;
  const wait = options.sleep ?? sleep;
  return async (call, next) => {
    const most = listMethodNames(call).every(isIdempotent) ? attempts : 1;
    for (let attempt = 1;; attempt++) {
      try {
        return await next(call);
      } catch (error) {
        const asked = readRetryAfter(error);
        const isOver = attempt >= most || asked > maxPause;
        if (isOver || !isTemporary(error)) throw error;
        // "Full jitter": clients that failed together do not retry together.
        const limit = Math.min(maxPause, pause * 2 ** (attempt - 1));
        await wait(Math.max(asked, random() * limit), call.signal);
      }
    }
  };
}

// ---------------------------------------------------------------- all of them

/** Calls a server that accepts only the second token, and is busy at first. */
export async function main(write: (line: string) => void): Promise<void> {
  const server = createServer({ add: (x: number, y: number) => x + y });
  let isBusy = true;
  const tokens = ["old", "new"];

  const client = createClient<typeof server.methods>("http://localhost/", {
    async fetch(request) {
      if (request.headers.get("authorization") !== "Bearer new") {
        return new Response(null, { status: 401 });
      }
      if (isBusy) {
        isBusy = false;
        return new Response(null, { status: 503 });
      }
      return await server.fetch(request);
    },
    // The first is the outermost: it writes one line per call, for any number of attempts.
    interceptors: [
      logging(write, () => 0),
      retrying({ isIdempotent: (name) => name === "add", pause: 1 }),
      bearer((isRejected) => isRejected ? tokens[1]! : tokens[0]!),
      logging((line) => write(`  ${line}`), () => 0),
    ],
  });

  write(String(await client.methods.add(8, 8)));
}

if (import.meta.main) await main(console.log);
