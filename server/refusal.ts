// The answers to requests that are not handled: a status and a reason. This module is
// browser compatible.

/** A request that is refused before XML-RPC comes into it. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.headers = headers;
  }

  toResponse(): Response {
    return new Response(`${this.message}\n`, {
      status: this.status,
      headers: {
        "content-type": "text/plain; charset=utf-8",
        // A browser is not to look for anything else in it.
        "x-content-type-options": "nosniff",
        ...this.headers,
      },
    });
  }
}

/** The answer to a body that is too long. */
export function tooLarge(maxBodyBytes: number): Refusal {
  return new Refusal(
    413,
    `The request is longer than ${maxBodyBytes} bytes: the limit maxBodyBytes`,
  );
}

/** The answer to a request that cannot be taken now. */
export function busy(message: string): Refusal {
  return new Refusal(503, message, { "retry-after": "1" });
}

/** The answer to a body that does not come. */
export function tooSlow(bodyTimeout: number): Refusal {
  return new Refusal(
    408,
    `The request has not come within ${bodyTimeout} ms: the option bodyTimeout`,
    // What may still come of it is no request.
    { "connection": "close" },
  );
}
