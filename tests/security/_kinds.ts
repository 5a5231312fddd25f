// Everything that hostile input goes through, with every kind of it.

import {
  createCallDecoder,
  decodeCall,
  type DecodeOptions,
  type DecodeStreamOptions,
  XmlRpcSyntaxError,
} from "../../codec.ts";
import { ENCODING } from "./_encoder_kinds.ts";
import { HTTP } from "./_http_kinds.ts";
import { bytesOf, type DocumentKind, DOCUMENTS } from "./_documents.ts";
import type { Kind } from "./_growth.ts";

/** Runs what may find its input wrong, but may fail in no other way. */
function allowed(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof XmlRpcSyntaxError)) throw error;
  }
}

function optionsOf({ raised, contentType }: DocumentKind): DecodeOptions {
  return {
    contentType,
    maxValues: Infinity,
    maxBytes: Infinity,
    ...raised === undefined ? {} : { [raised]: Infinity },
  };
}

/** Decodes a document in pieces. */
function decodePieces(
  document: Uint8Array,
  pieceBytes: number,
  options: DecodeStreamOptions,
): void {
  const decoder = createCallDecoder(options);
  for (let at = 0; at < document.length; at += pieceBytes) {
    decoder.push(document.subarray(at, at + pieceBytes));
  }
  decoder.end();
}

/** A document decoded whole. */
function wholeKind(kind: DocumentKind): Kind {
  return {
    name: kind.name,
    prepare: (bytes) => {
      const document = bytesOf(kind.make(bytes));
      const options = optionsOf(kind);
      return () => allowed(() => decodeCall(document, options));
    },
  };
}

/** A document decoded in pieces, all base64 that may be handed out. */
function piecesKind(
  kind: DocumentKind,
  pieceBytes: number,
  most: number,
): Kind {
  return {
    name: `${kind.name}; in pieces of ${pieceBytes}`,
    most,
    prepare: (bytes) => {
      const document = bytesOf(kind.make(bytes));
      const options: DecodeStreamOptions = {
        ...optionsOf(kind),
        onBase64: () => ({ write: () => {}, close: () => {} }),
      };
      return () => allowed(() => decodePieces(document, pieceBytes, options));
    },
  };
}

const MIB = 2 ** 20;

/** Documents through the decoder. */
const DECODING: readonly Kind[] = [
  ...DOCUMENTS.map(wholeKind),
  ...DOCUMENTS.map((kind) => piecesKind(kind, 65_536, 16 * MIB)),
  ...DOCUMENTS.map((kind) => piecesKind(kind, 7, 4 * MIB)),
  ...DOCUMENTS.map((kind) => piecesKind(kind, 1, MIB)),
];

/** All kinds. */
export const KINDS: readonly Kind[] = [...DECODING, ...HTTP, ...ENCODING];
