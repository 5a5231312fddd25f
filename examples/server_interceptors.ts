// Recipes: what a server's calls go through. Take what you need.
//
//     deno run -A examples/server_interceptors.ts
//
// shows them with callers that may and callers that may not.
// deno-lint-ignore-file no-console

import {
  createClient,
  createServer,
  XmlRpcFault,
  type XmlRpcServerCall,
  type XmlRpcServerInterceptor,
} from "@xmlrpc/xmlrpc";

/** The fault codes of these recipes: an application's own are its to choose. */
const UNAUTHORIZED = 401;
const TOO_MANY = 429;

// ---------------------------------------------------------------- authorization

/** Whether two texts are the same, in a time that tells nothing of where they differ. */
export async function isSame(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all([a, b].map(async (text) => {
    const bytes = new TextEncoder().encode(text);
    return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  }));
  let difference = 0;
  for (let at = 0; at < left!.length; at++) {
    difference |= left![at]! ^ right![at]!;
  }
  return difference === 0;
}

/** Lets only those in whose `Authorization` header is accepted. */
function authorized(
  accepts: (authorization: string) => Promise<boolean>,
): XmlRpcServerInterceptor {
  return async (call, next) => {
    const { headers } = call.context.request;
    const authorization = headers.get("authorization") ?? "";
    // RFC 9110: the name of the scheme has no case.
    const canonical = authorization.replace(
      /^\S+/,
      (scheme) => scheme.toLowerCase(),
    );
    if (!await accepts(canonical)) {
      throw new XmlRpcFault(UNAUTHORIZED, "Unauthorized");
    }
    return await next(call);
  };
}

/** Lets only one in who knows user name and password. */
export function basic(user: string, password: string): XmlRpcServerInterceptor {
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  const expected = `basic ${btoa(String.fromCharCode(...bytes))}`;
  return authorized((authorization) => isSame(authorization, expected));
}

/** Lets only those in who have one of these tokens. */
export function bearer(...tokens: string[]): XmlRpcServerInterceptor {
  return authorized(async (authorization) => {
    // Each is compared, so that time does not tell which was the right one.
    const matches = await Promise.all(
      tokens.map((token) => isSame(authorization, `bearer ${token}`)),
    );
    return matches.includes(true);
  });
}

// ---------------------------------------------------------------- rate limits

/** How many calls each caller may make. */
export interface RateOptions {
  /** Calls a second, in the long run; more than 0. */
  readonly rate: number;
  /** Calls at once, after a rest. */
  readonly burst: number;
  /** Who calls: a user, a token, an address. */
  readonly callerOf: (call: XmlRpcServerCall) => string;
  /** Most callers that are kept in mind; beyond it, those who have rested longest go. */
  readonly maxCallers?: number;
  /** The time in milliseconds. */
  readonly now?: () => number;
}

/** Holds each caller to a rate, by a bucket of tokens that fills up again. */
export function limitRate(options: RateOptions): XmlRpcServerInterceptor {
  const { rate, burst, callerOf, maxCallers = 10_000 } = options;
  const { now = () => performance.now() } = options;
  // In the order of their last calls.
  const buckets = new Map<string, { tokens: number; time: number }>();

  return (call, next) => {
    const caller = callerOf(call);
    const time = now();
    const last = buckets.get(caller) ?? { tokens: burst, time };
    const filled = last.tokens + (time - last.time) / 1000 * rate;
    const tokens = Math.min(burst, filled);
    buckets.delete(caller);
    buckets.set(caller, { tokens: tokens < 1 ? tokens : tokens - 1, time });
    if (buckets.size > maxCallers) {
      buckets.delete(buckets.keys().next().value!);
    }
    if (tokens < 1) {
      const seconds = Math.ceil((1 - tokens) / rate);
      throw new XmlRpcFault(TOO_MANY, `Too many calls: wait ${seconds} s`);
    }
    return next(call);
  };
}

// ---------------------------------------------------------------- logging

/** Writes a line for each call: what, how long, how it ended. Values stay out of it. */
export function logging(
  write: (line: string) => void,
  now: () => number = () => performance.now(),
): XmlRpcServerInterceptor {
  return async (call, next) => {
    const start = now();
    let outcome = "ok";
    try {
      return await next(call);
    } catch (error) {
      outcome = error instanceof XmlRpcFault
        ? `fault ${error.code}`
        : "internal error";
      throw error;
    } finally {
      const milliseconds = Math.round(now() - start);
      write(`${call.methodName}: ${outcome}, ${milliseconds} ms`);
    }
  };
}

// ---------------------------------------------------------------- all of them

/** Calls a server that knows one user, and lets that one call three times at once. */
export async function main(write: (line: string) => void): Promise<void> {
  const server = createServer({ add: (x: number, y: number) => x + y }, {
    interceptors: [
      logging(write, () => 0),
      basic("ada", "secret"),
      limitRate({
        rate: 1,
        burst: 3,
        callerOf: ({ context }) =>
          context.request.headers.get("authorization") ?? "",
        now: () => 0,
      }),
    ],
  });
  const urls = ["http://eve:guess@localhost/", "http://ada:secret@localhost/"];
  for (const url of urls) {
    const { methods } = createClient<typeof server.methods>(url, {
      fetch: server.fetch,
    });
    for (let call = 0; call < 4; call++) {
      await methods.add(8, 8).then(String, String).then(write);
    }
  }
}

if (import.meta.main) await main(console.log);
