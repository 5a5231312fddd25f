// Shared by the recipes: the command line, and a fix for control characters.

import { giveUp, toReason } from "../_program.ts";

/** Runs a recipe with the arguments of the command line. Prints an error as one line. */
export async function runRecipe<const Names extends readonly string[]>(
  names: Names,
  main: (...words: { [Index in keyof Names]: string }) => Promise<void>,
): Promise<void> {
  if (Deno.args.length !== names.length) giveUp(`Usage: ${names.join(" ")}`);
  try {
    await main(...Deno.args as { [Index in keyof Names]: string });
  } catch (error) {
    giveUp(toReason(error));
  }
}

const PICTURE_OF_NUL = 0x2400;
const TAB_OR_LINE_END = new Set([0x09, 0x0a, 0x0d]);

/** Replaces control characters with their symbols, for example escape with ␛. */
function replaceControls(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  return Uint8Array.from(
    Array.from(bytes).flatMap((byte) =>
      byte >= 0x20 || TAB_OR_LINE_END.has(byte)
        ? [byte]
        : [...encoder.encode(String.fromCharCode(PICTURE_OF_NUL + byte))]
    ),
  );
}

/**
 * Creates a `fetch` that replaces control characters in responses with their symbols. XML
 * cannot contain control characters, but some servers send them, for example in coloured
 * logs. The responses must be in UTF-8.
 */
export function withoutControls(
  send: (request: Request) => Promise<Response> = fetch,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const response = await send(request);
    const body = response.body?.pipeThrough(
      new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform: (chunk, controller) =>
          controller.enqueue(replaceControls(chunk)),
      }),
    );
    return new Response(body ?? null, response);
  };
}
