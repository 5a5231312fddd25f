/**
 * A stand-in for `@std/http/status`: the statuses that are used here.
 *
 * @module
 */

/** HTTP statuses by name. */
export const STATUS_CODE = {
  OK: 200,
  NoContent: 204,
  MovedPermanently: 301,
  Found: 302,
  SeeOther: 303,
  TemporaryRedirect: 307,
  PermanentRedirect: 308,
  BadRequest: 400,
  Unauthorized: 401,
  NotFound: 404,
  MethodNotAllowed: 405,
  Gone: 410,
  ContentTooLarge: 413,
  UnsupportedMediaType: 415,
  InternalServerError: 500,
  BadGateway: 502,
  ServiceUnavailable: 503,
} as const;
