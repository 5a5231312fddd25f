// Recipes for interceptors of a server: authorization, rate limits, logging.
//
//     deno run -A examples/server_interceptors.ts
//
// shows them with callers that are accepted and callers that are rejected.
// deno-lint-ignore-file no-console

import {
  createClient,
  createServer,
  XmlRpcFault,
  type XmlRpcServerCall,
  type XmlRpcServerInterceptor,
} from "@xmlrpc/xmlrpc";

/** Fault codes of these recipes. An application chooses its own. */
const UNAUTHORIZED = 401;
const TOO_MANY = 429;

// ---------------------------------------------------------------- authorization

/** Compares two texts in constant time, which does not reveal where they differ. */
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

/** Rejects calls whose `Authorization` header is not accepted. */
function authorize(
  accepts: (authorization: string) => Promise<boolean>,
): XmlRpcServerInterceptor {
  return async (call, next) => {
    const { headers } = call.context.request;
    const authorization = headers.get("authorization") ?? "";
    // RFC 9110: the name of the scheme is case-insensitive.
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

/** Accepts one user name and password. */
export function basic(user: string, password: string): XmlRpcServerInterceptor {
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  const expected = `basic ${btoa(String.fromCharCode(...bytes))}`;
  return authorize((authorization) => isSame(authorization, expected));
}

/** Accepts any of these tokens. */
export function bearer(...tokens: string[]): XmlRpcServerInterceptor {
  return authorize(async (authorization) => {
    // All tokens are compared, so that the time does not reveal which one matched.
    const matches = await Promise.all(
      tokens.map((token) => isSame(authorization, `bearer ${token}`)),
    );
    return matches.includes(true);
  });
}

// ---------------------------------------------------------------- rate limits

/** How many calls each caller may make. */
export interface RateOptions {
  /** Calls per second on average; more than 0. */
  readonly rate: number;
  /** Calls that may come at once after a pause. */
  readonly burst: number;
  /** Identifies the caller: by a user name, a token or an address. */
  readonly identify: (call: XmlRpcServerCall) => string;
  /** How many callers are remembered. Beyond it, the one with the oldest call is forgotten. */
  readonly maxCallers?: number;
  /** The clock, in milliseconds. */
  readonly now?: () => number;
}

/** Limits the rate of each caller with a token bucket. */
export function limitRate(options: RateOptions): XmlRpcServerInterceptor {
  const { rate, burst, identify, maxCallers = 10_000 } = options;
  const { now = () => performance.now() } = options;
  // Ordered by the time of the last call.
  const buckets = new Map<string, { tokens: number; time: number }>();

  return (call, next) => {
    const caller = identify(call);
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

/** Writes a line for each call: method, outcome and duration, but no values. */
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

/** Calls a server that accepts one user, who may make three calls at once. */
export async function main(write: (line: string) => void): Promise<void> {
  const server = createServer({ add: (x: number, y: number) => x + y }, {
    interceptors: [
      logging(write, () => 0),
      basic("ada", "secret"),
      limitRate({
        rate: 1,
        burst: 3,
        identify: ({ context }) =>
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
