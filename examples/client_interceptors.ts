// Recipes: what a client's calls go through. Take what you need.
//
//     deno run -A examples/client_interceptors.ts
//
// shows them with a server that wants a token and is busy at first.
// deno-lint-ignore-file no-console

import {
  createClient,
  createServer,
  type XmlRpcClientCall,
  type XmlRpcClientInterceptor,
  XmlRpcFault,
  XmlRpcHttpError,
} from "@xmlrpc/xmlrpc";

/** The names of the methods that a call calls: those in it, if it is a multicall. */
export function methodsIn({ methodName, params }: XmlRpcClientCall): string[] {
  if (methodName !== "system.multicall") return [methodName];
  const [entries] = params;
  return Array.isArray(entries)
    ? entries.map((entry) => String(entry?.methodName))
    : [methodName];
}

// ---------------------------------------------------------------- authorization

/** Sends a user name and a password. (Those in the client's URL are sent anyway.) */
export function basic(user: string, password: string): XmlRpcClientInterceptor {
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  const authorization = `Basic ${btoa(String.fromCharCode(...bytes))}`;
  return (call, next) => {
    call.headers.set("authorization", authorization);
    return next(call);
  };
}

/** Sends a token, and tries once more with a new one if the server wants another. */
export function bearer(
  getToken: (isRefused: boolean) => string | Promise<string>,
): XmlRpcClientInterceptor {
  return async (call, next) => {
    call.headers.set("authorization", `Bearer ${await getToken(false)}`);
    try {
      return await next(call);
    } catch (error) {
      const isRefused = error instanceof XmlRpcHttpError &&
        error.status === 401;
      if (!isRefused) throw error;
      call.headers.set("authorization", `Bearer ${await getToken(true)}`);
      return await next(call);
    }
  };
}

// ---------------------------------------------------------------- logging

function outcomeOf(error: unknown): string {
  if (error instanceof XmlRpcFault) return `fault ${error.code}`;
  if (error instanceof XmlRpcHttpError) return `status ${error.status}`;
  return error instanceof Error ? error.name : "an abort";
}

/** Writes a line for each call: what, how long, how it ended. Values stay out of it. */
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
      outcome = outcomeOf(error);
      throw error;
    } finally {
      const milliseconds = Math.round(now() - start);
      write(`${methodsIn(call).join(", ")}: ${outcome}, ${milliseconds} ms`);
    }
  };
}

// ---------------------------------------------------------------- retries

/** How calls are tried again. */
export interface RetryOptions {
  /** Whether a method may be called twice with no harm done: only such ones are. */
  readonly isIdempotent: (methodName: string) => boolean;
  /** Most attempts. */
  readonly attempts?: number;
  /** The longest pause before the second attempt, in milliseconds; then it doubles. */
  readonly pause?: number;
  /** The longest pause of all. A server that asks for a longer one is not asked again. */
  readonly longestPause?: number;
  /** A number from 0 to 1. */
  readonly random?: () => number;
  /** Waits; rejects with the signal's reason when that aborts. */
  readonly sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Waits; rejects with the signal's reason when that aborts. */
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

/** Whether it may go better the next time: nobody there, too busy, or too slow. */
function isPassing(error: unknown): boolean {
  if (error instanceof XmlRpcHttpError) {
    return [429, 502, 503, 504].includes(error.status);
  }
  // A param that cannot be sent is a TypeError, too.
  if (error instanceof TypeError) return !/^Cannot /.test(error.message);
  return error instanceof DOMException && error.name === "TimeoutError";
}

/** How long the server asks to wait, in milliseconds; 0 if it does not. */
function retryAfter(error: unknown): number {
  if (!(error instanceof XmlRpcHttpError)) return 0;
  const text = error.headers.get("retry-after") ?? "0";
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? 0 : Math.max(0, date - Date.now());
}

/** Tries again, after pauses that grow and that no two clients share. */
export function retrying(options: RetryOptions): XmlRpcClientInterceptor {
  const { isIdempotent, attempts = 4, pause = 200, longestPause = 10_000 } =
    options;
  const { random = Math.random } = options;
  const wait = options.sleep ?? sleep;
  return async (call, next) => {
    const most = methodsIn(call).every(isIdempotent) ? attempts : 1;
    for (let attempt = 1;; attempt++) {
      try {
        return await next(call);
      } catch (error) {
        const asked = retryAfter(error);
        const isOver = attempt >= most || asked > longestPause;
        if (isOver || !isPassing(error)) throw error;
        // "Full jitter": clients that failed together do not come back together.
        const limit = Math.min(longestPause, pause * 2 ** (attempt - 1));
        await wait(Math.max(asked, random() * limit), call.signal);
      }
    }
  };
}

// ---------------------------------------------------------------- all of them

/** Calls a server that wants the second token, and is busy at the first call with it. */
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
    // The outermost first: one line for each call, however many attempts it takes.
    interceptors: [
      logging(write, () => 0),
      retrying({ isIdempotent: (name) => name === "add", pause: 1 }),
      bearer((isRefused) => isRefused ? tokens[1]! : tokens[0]!),
      logging((line) => write(`  ${line}`), () => 0),
    ],
  });

  write(String(await client.methods.add(8, 8)));
}

if (import.meta.main) await main(console.log);
