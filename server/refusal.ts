// Refusals: the responses to requests that the server does not handle. This module is
// browser compatible.

/** A request that is answered with an HTTP status instead of an XML-RPC document. */
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
        // Browsers must not guess another type.
        "x-content-type-options": "nosniff",
        ...this.headers,
      },
    });
  }
}

/** The refusal for a body that is too long. */
export function tooLarge(maxBodyBytes: number): Refusal {
  return new Refusal(
    413,
    `The request is longer than ${maxBodyBytes} bytes: the limit maxBodyBytes`,
  );
}

/** The refusal for a request that the server cannot handle now. */
export function busy(message: string): Refusal {
  return new Refusal(503, message, { "retry-after": "1" });
}

/** The refusal for a body that does not arrive in time. */
export function tooSlow(bodyTimeout: number): Refusal {
  return new Refusal(
    408,
    `The request has not arrived within ${bodyTimeout} ms: the option bodyTimeout`,
    // The rest of the body must not be read as another request.
    { "connection": "close" },
  );
}
