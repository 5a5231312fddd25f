// What is wrong with a document, and what is in it.

import { showValue } from "./show.ts";
import { paint, printable, type Terminal } from "./terminal.ts";
import { decodeCall, decodeResponse } from "../codec.ts";
import { XmlRpcFault, XmlRpcSyntaxError } from "../core/errors.ts";

/** How much of a line is shown around a mistake. */
const COLUMNS = 60;

/** A document without the head of the HTTP message that it came in. */
function bodyOf(
  bytes: Uint8Array,
): { readonly body: Uint8Array; readonly contentType: string | undefined } {
  const start = new TextDecoder("latin1").decode(bytes.subarray(0, 65_536));
  const head = /^(?:[A-Z]+ \S+ HTTP\/|HTTP\/)[^]*?\r?\n\r?\n/.exec(start)?.[0];
  if (head === undefined) return { body: bytes, contentType: undefined };
  const type = /^content-type:(.*)$/im.exec(head)?.[1]?.trim();
  return { body: bytes.subarray(head.length), contentType: type };
}

/** The line with the mistake, or the last before it with anything in it, and a mark below. */
function excerpt(
  bytes: Uint8Array,
  { line, column }: XmlRpcSyntaxError,
  terminal: Terminal,
): string[] {
  const lines = new TextDecoder().decode(bytes).split(/\r\n|\r|\n/);
  let last = line - 1;
  while (last > 0 && (lines[last] ?? "").trim() === "") last--;
  const text = lines[last] ?? "";
  const at = last < line - 1 ? text.length : column - 1;
  const start = Math.max(0, at - COLUMNS);
  const shown = printable(text.slice(start, at + COLUMNS)).replaceAll(
    "\t",
    " ",
  );
  const before = printable(text.slice(start, at)).length;
  return [
    `${start > 0 ? "…" : " "}${shown}`,
    ` ${" ".repeat(before)}${paint(terminal, "red", "^")}`,
  ];
}

/** What is in a call or a response; throws what is wrong with it. */
function contentOf(
  body: Uint8Array,
  contentType: string | undefined,
): string[] {
  const start = new TextDecoder("latin1").decode(body).replaceAll("\0", "");
  const options = { contentType, typed: true };
  if (start.includes("<methodResponse")) {
    return [`A response with ${showValue(decodeResponse(body, options))}`];
  }
  const { methodName, params } = decodeCall(body, options);
  const values = params.map((value, index) =>
    `params[${index}] ${showValue(value)}`
  );
  return [`A call of ${methodName} with ${params.length} params`, ...values];
}

/** Prints what a document holds, or what is wrong with it; gives whether it is right. */
export function explain(bytes: Uint8Array, terminal: Terminal): boolean {
  const { body, contentType } = bodyOf(bytes);
  try {
    for (const line of contentOf(body, contentType)) {
      terminal.print(printable(line));
    }
    return true;
  } catch (error) {
    if (error instanceof XmlRpcFault) {
      terminal.print(
        printable(`A response with fault ${error.code}: ${error.message}`),
      );
      return true;
    }
    if (!(error instanceof XmlRpcSyntaxError)) throw error;
    terminal.print(paint(terminal, "red", printable(error.message)));
    for (const line of excerpt(body, error, terminal)) terminal.print(line);
    if (error.path !== "") terminal.print(`path    ${printable(error.path)}`);
    terminal.print(`offset  ${error.offset}`);
    terminal.print(`kind    ${error.kind}: ${MEANINGS[error.kind]}`);
    return false;
  }
}

const MEANINGS = {
  malformed: "this is no well-formed XML, and no peer will read it",
  invalid: "this is XML, but no XML-RPC",
  limit: "this is more than the limit allows; the option of that name moves it",
};
