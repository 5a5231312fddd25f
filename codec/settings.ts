// Options of the codec as settings, checked once. This module is browser compatible.

import { createTimeZone, type TimeZone } from "../core/date_time.ts";
import { booleanOf, choiceOf, functionOf, limitOf } from "../core/options.ts";
import { quote } from "../util/messages.ts";
import type { DecoderSettings } from "./decoder.ts";
import type { EncoderSettings } from "./encoder.ts";

/** The option `timeZone`, or UTC; throws a RangeError if there is no such zone. */
export function timeZoneOf(
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

/** The options of a decoder that settings have as they are. */
interface DecoderOptions {
  readonly contentType?: string | undefined;
  readonly timeZone?: string | undefined;
  readonly dateTime?: DecoderSettings["dateTime"];
  readonly onBase64?: unknown;
  readonly onItems?: unknown;
}

/** The settings of a decoder; throws if an option is wrong. */
export function decoderSettings(
  root: DecoderSettings["root"],
  options: DecoderOptions,
): DecoderSettings {
  const { onBase64 } = options;
  const onItems = root === "methodResponse" ? options.onItems : undefined;
  for (const name of ["dateTime", "onBase64", "onItems"]) {
    functionOf(options, name);
  }
  return {
    root,
    contentType: options.contentType,
    maxBytes: limitOf(options, "maxBytes", 2 ** 28),
    maxDepth: limitOf(options, "maxDepth", 256),
    maxValues: limitOf(options, "maxValues", 10_000_000),
    maxNameBytes: limitOf(options, "maxNameBytes", 4096),
    maxTagBytes: limitOf(options, "maxTagBytes", 16_384),
    maxStreamBytes: limitOf(options, "maxStreamBytes", 2 ** 36),
    onBase64: onBase64 as DecoderSettings["onBase64"],
    onItems: onItems as DecoderSettings["onItems"],
    handsOut: onBase64 !== undefined || onItems !== undefined,
    i8: choiceOf(options, "i8", ["bigint", "number"]),
    timeZone: timeZoneOf(options),
    dateTime: options.dateTime,
    typed: booleanOf(options, "typed", false),
  };
}

/**
 * The settings of an encoder; throws if an option is wrong. `instead` takes values that
 * come bit by bit, if this encoder does not.
 */
export function encoderSettings(
  options: { readonly timeZone?: string | undefined },
  instead?: string,
): EncoderSettings {
  return {
    instead,
    nil: choiceOf(options, "nil", ["nil", "ex:nil", "error"]),
    timeZone: timeZoneOf(options),
    maxDepth: limitOf(options, "maxDepth", 256),
    maxStreamBytes: limitOf(options, "maxStreamBytes", 2 ** 36),
  };
}
