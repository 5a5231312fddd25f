// Shows what a document contains, or why it is invalid.

import { showValue } from "./show.ts";
import { paint, printable, printableLine, type Terminal } from "./terminal.ts";
import {
  decodeCall,
  decodeResponse,
  XmlRpcFault,
  XmlRpcSyntaxError,
} from "../codec.ts";

/** How many characters of a line are shown before and after an error. */
const COLUMNS = 60;

/** Separates a document from the head of its HTTP message, if there is one. */
function readBody(
  bytes: Uint8Array,
): { readonly body: Uint8Array; readonly contentType: string | undefined } {
  const start = new TextDecoder("latin1").decode(bytes.subarray(0, 65_536));
  const head = /^(?:[A-Z]+ \S+ HTTP\/|HTTP\/)[^]*?\r?\n\r?\n/.exec(start)?.[0];
  if (head === undefined) return { body: bytes, contentType: undefined };
  const type = /^content-type:(.*)$/im.exec(head)?.[1]?.trim();
  return { body: bytes.subarray(head.length), contentType: type };
}

/** Shows the line of an error, or the last line before it that is not empty, with a mark. */
function showExcerpt(
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

/** Shows the contents of a call or a response; throws if it is invalid. */
function showContents(
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
  return [
    `A call of ${printableLine(methodName)} with ${params.length} params`,
    ...values,
  ];
}

/** Prints what a document contains, or why it is invalid. Gives whether it is valid. */
export function explain(bytes: Uint8Array, terminal: Terminal): boolean {
  const { body, contentType } = readBody(bytes);
  try {
    for (const line of showContents(body, contentType)) {
      terminal.print(printable(line));
    }
    return true;
  } catch (error) {
    if (error instanceof XmlRpcFault) {
      terminal.print(
        printableLine(`A response with fault ${error.code}: ${error.message}`),
      );
      return true;
    }
    if (!(error instanceof XmlRpcSyntaxError)) throw error;
    terminal.print(paint(terminal, "red", printableLine(error.message)));
    for (const line of showExcerpt(body, error, terminal)) terminal.print(line);
    if (error.path !== "") {
      terminal.print(`path    ${printableLine(error.path)}`);
    }
    terminal.print(`offset  ${error.offset}`);
    terminal.print(`kind    ${error.kind}: ${MEANINGS[error.kind]}`);
    return false;
  }
}

const MEANINGS = {
  malformed: "this is not well-formed XML, and no peer will read it",
  invalid: "this is XML, but not XML-RPC",
  limit: "this exceeds a limit; the option of that name changes it",
};
