// What the recipes share.

import { giveUp, reasonOf } from "../_address.ts";

/** Runs a recipe with the words of the command line; what goes wrong is one line. */
export async function runRecipe<const Names extends readonly string[]>(
  names: Names,
  main: (...words: { [Index in keyof Names]: string }) => Promise<void>,
): Promise<void> {
  if (Deno.args.length !== names.length) giveUp(`Usage: ${names.join(" ")}`);
  try {
    await main(...Deno.args as { [Index in keyof Names]: string });
  } catch (error) {
    giveUp(reasonOf(error));
  }
}

const PICTURE_OF_NUL = 0x2400;
const TAB_OR_LINE_END = new Set([0x09, 0x0a, 0x0d]);

/** A control character as a picture of itself: ␛ for the one that colours begin with. */
function pictured(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
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
 * Sends requests. XML has no control characters, yet servers that hand on what others
 * wrote, such as logs in colour, send them as they are; here come pictures of them. The
 * answers must be in UTF-8.
 */
export function picturing(
  send: (request: Request) => Promise<Response> = fetch,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const response = await send(request);
    const body = response.body?.pipeThrough(
      new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform: (chunk, controller) => controller.enqueue(pictured(chunk)),
      }),
    );
    return new Response(body ?? null, response);
  };
}
