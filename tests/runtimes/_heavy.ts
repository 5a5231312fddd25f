// What runs on threads.

import { method, XmlRpcFault } from "../../server.ts";

/** The square of a number. */
export const square = method(
  { params: ["int"], returns: "int" },
  (x) => x * x,
);

/** Fails. */
export function fail(): never {
  throw new XmlRpcFault(7, "Not here");
}
