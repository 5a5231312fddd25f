// What is wrong with a document. This module is browser compatible.

/** A problem of a document, before its location is known. */
export class DocumentProblem extends Error {
  /** As `XmlRpcSyntaxError.kind`. */
  readonly kind: "malformed" | "invalid" | "limit";

  constructor(kind: "malformed" | "invalid" | "limit", message: string) {
    super(message);
    this.kind = kind;
  }
}

/** The problem of a document that is not well-formed XML. */
export function malformed(message: string): DocumentProblem {
  return new DocumentProblem("malformed", message);
}

/** The problem of a document that is XML, but not XML-RPC. */
export function invalid(message: string): DocumentProblem {
  return new DocumentProblem("invalid", message);
}

/** The problem of a document that exceeds the limit `option`. */
export function exceeded(
  message: string,
  option: string,
  value: number,
): DocumentProblem {
  return new DocumentProblem(
    "limit",
    `${message}: the limit ${option} is ${value}`,
  );
}
