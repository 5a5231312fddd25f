// The settings of a client: its target, and its options as they have been read. This
// module is browser compatible.

import type { SignatureCache } from "./declared_types.ts";
import type {
  XmlRpcClientInterceptor,
  XmlRpcClientOptions,
} from "./options.ts";
import { createBodyMaker } from "./request_body.ts";
import { parseTarget, type Target } from "./target.ts";
import type { DecoderSettings } from "../codec/element_decoder.ts";
import type { EncoderSettings } from "../codec/encoder.ts";
import {
  DEFAULTS,
  readDecoderSettings,
  readEncoderSettings,
} from "../codec/settings.ts";
import {
  checkFunction,
  checkFunctions,
  readChoice,
  readLimit,
  readTimeout,
} from "../util/options.ts";

type HeadersSource = NonNullable<XmlRpcClientOptions["headers"]>;

/** What the client has learned about the server; shared by all that `with()` creates. */
export interface Peer {
  /** Whether the server has `system.multicall`: true until it says otherwise. */
  hasMulticall: boolean;
  /** The signatures of its methods. */
  readonly signatures: SignatureCache;
  /** Converts documents to the bodies that the runtime can send. */
  readonly makeBody: ReturnType<typeof createBodyMaker>;
}

/** Settings that accumulate over `with()` instead of being replaced. */
interface Inherited {
  readonly target: Target;
  readonly peer: Peer;
  readonly options: XmlRpcClientOptions;
  /** The options `headers`; later ones override earlier ones. */
  readonly headers: readonly HeadersSource[];
  readonly signals: readonly AbortSignal[];
  /** The interceptors, outermost first. */
  readonly interceptors: readonly XmlRpcClientInterceptor[];
}

/** Everything a call needs besides its name and params. */
export interface Settings extends Inherited {
  readonly encoding: EncoderSettings;
  readonly decoding: DecoderSettings;
  readonly timeout: number;
  readonly maxResponseBytes: number;
  readonly maxRedirects: number;
  readonly maxCalls: number;
  readonly introspects: boolean;
}

/** Reads the option `maxCalls`; throws a RangeError if it is less than 1. */
function readMaxCalls(options: XmlRpcClientOptions): number {
  const maxCalls = readLimit(options, "maxCalls", 1000);
  if (maxCalls >= 1) return Math.floor(maxCalls);
  throw new RangeError(
    `The option maxCalls must be a number of 1 or more: ${maxCalls}`,
  );
}

/** Checks the options that are used as they are; throws a TypeError if one is invalid. */
function checkOptions(options: XmlRpcClientOptions): void {
  checkFunction(options, "fetch");
  checkFunction(options, "onProgress");
  checkFunctions(options, "interceptors");
  const { signal } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError("The option signal must be an AbortSignal");
  }
}

/** Appends an item to a list, if there is one. */
function append<T>(items: readonly T[], item: T | undefined): readonly T[] {
  return item === undefined ? items : [...items, item];
}

/** Extends settings by options; throws if one of them is invalid. */
export function extend(
  settings: Inherited,
  added: XmlRpcClientOptions,
): Settings {
  const options = { ...settings.options, ...added };
  checkOptions(options);
  const { interceptors = [] } = added;
  return {
    target: settings.target,
    peer: settings.peer,
    options,
    encoding: readEncoderSettings(options, "maxRequestBytes"),
    decoding: readDecoderSettings("methodResponse", options),
    headers: append(settings.headers, added.headers),
    signals: append(settings.signals, added.signal),
    interceptors: [...settings.interceptors, ...interceptors],
    timeout: readTimeout(options, "timeout", 60_000),
    maxResponseBytes: readLimit(options, "maxResponseBytes", DEFAULTS.maxBytes),
    maxRedirects: readLimit(options, "maxRedirects", 5),
    maxCalls: readMaxCalls(options),
    introspects: readChoice(options, "signatures", ["none", "introspect"]) ===
      "introspect",
  };
}

/** Creates the settings of a new client. */
export function createSettings(
  url: string | URL,
  options: XmlRpcClientOptions,
): Settings {
  return extend({
    target: parseTarget(url),
    peer: {
      hasMulticall: true,
      signatures: new Map(),
      makeBody: createBodyMaker(),
    },
    options: {},
    headers: [],
    signals: [],
    interceptors: [],
  }, options);
}
