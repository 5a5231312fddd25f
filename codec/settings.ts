// Reads and checks the options of the codec. This module is browser compatible.

import type { DecoderSettings } from "./element_decoder.ts";
import type { EncoderSettings } from "./encoder.ts";
import type {
  DecodeResponseStreamOptions,
  EncodeOptions,
  EncodeStreamOptions,
} from "./options.ts";
import { createTimeZone, type TimeZone } from "../core/date_time.ts";
import { quote } from "../util/messages.ts";
import {
  checkFunction,
  readBoolean,
  readChoice,
  readLimit,
} from "../util/options.ts";

/** The limits that apply if no option sets another. */
export const DEFAULTS = {
  maxBytes: 2 ** 28,
  maxDepth: 256,
  maxEncodedBytes: 2 ** 27,
  maxNameBytes: 4096,
  maxStreamBytes: 2 ** 36,
  maxTagBytes: 16_384,
  maxValues: 10_000_000,
} as const;

/** The limit `name`, or its default; throws a RangeError if it cannot be a limit. */
function readCodecLimit<
  T extends object,
  K extends keyof T & keyof typeof DEFAULTS,
>(options: T, name: K): number {
  return readLimit(options, name, DEFAULTS[name]);
}

/** The option `timeZone`, or UTC; throws a RangeError if there is no such zone. */
function readTimeZone(
  options: { readonly timeZone?: string | undefined },
): TimeZone {
  const { timeZone = "UTC" } = options;
  try {
    return createTimeZone(timeZone);
  } catch (cause) {
    throw new RangeError(
      `The option timeZone must be a time zone such as "Europe/Berlin": ${
        quote(String(timeZone))
      }`,
      { cause },
    );
  }
}

/** Reads the settings of a decoder; throws if an option is wrong. */
export function readDecoderSettings(
  root: DecoderSettings["root"],
  options: DecodeResponseStreamOptions,
): DecoderSettings {
  const { onBase64 } = options;
  const onItems = root === "methodResponse" ? options.onItems : undefined;
  for (const name of ["dateTime", "onBase64", "onItems"] as const) {
    checkFunction(options, name);
  }
  return {
    root,
    contentType: options.contentType,
    maxBytes: readCodecLimit(options, "maxBytes"),
    maxDepth: readCodecLimit(options, "maxDepth"),
    maxValues: readCodecLimit(options, "maxValues"),
    maxNameBytes: readCodecLimit(options, "maxNameBytes"),
    maxTagBytes: readCodecLimit(options, "maxTagBytes"),
    maxStreamBytes: readCodecLimit(options, "maxStreamBytes"),
    onBase64: onBase64 as DecoderSettings["onBase64"],
    onItems: onItems as DecoderSettings["onItems"],
    handsOut: onBase64 !== undefined || onItems !== undefined,
    i8: readChoice(options, "i8", ["bigint", "number"]),
    timeZone: readTimeZone(options),
    dateTime: options.dateTime,
    typed: readBoolean(options, "typed", false),
  };
}

/**
 * Reads the settings of an encoder; throws if an option is wrong. The option
 * `bytesOption` limits the bytes. An encoder with `instead` refuses streams, and names
 * that function in the error.
 */
export function readEncoderSettings<K extends string = "maxBytes">(
  options:
    & Omit<EncodeOptions, "maxBytes">
    & Pick<EncodeStreamOptions, "maxStreamBytes">
    & { readonly [Name in K]?: number | undefined },
  bytesOption: K,
  instead?: string,
): EncoderSettings {
  return {
    instead,
    maxValues: readCodecLimit(options, "maxValues"),
    maxBytes: readLimit(options, bytesOption, DEFAULTS.maxEncodedBytes),
    bytesOption,
    nil: readChoice(options, "nil", ["nil", "ex:nil", "error"]),
    timeZone: readTimeZone(options),
    maxDepth: readCodecLimit(options, "maxDepth"),
    maxStreamBytes: readCodecLimit(options, "maxStreamBytes"),
  };
}
