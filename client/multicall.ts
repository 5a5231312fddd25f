// Several calls in one request by `system.multicall`, or one by one if the server does not
// have it; and batches of the calls in one turn of the event loop. This module is browser
// compatible.

import { writeCall } from "../codec/document.ts";
import { Encoder, type EncoderSettings } from "../codec/encoder.ts";
import { readFaultCode } from "../codec/fault.ts";
import { checkMethodName } from "../codec/method_name.ts";
import type { XmlRpcDocument } from "../codec/options.ts";
import { TooMuch } from "../codec/pieces.ts";
import { MULTICALL } from "../core/calls.ts";
import { toTypeName } from "../core/conversion.ts";
import { FaultCode, XmlRpcFault, XmlRpcHttpError } from "../core/errors.ts";
import { cancelSources, hasSource } from "../core/sources.ts";
import { copyStruct, isStruct } from "../core/struct.ts";
import { createDeferred } from "../util/async.ts";
import { quote } from "../util/messages.ts";

/** A call: the name of a method, and its params. */
export interface Call {
  readonly methodName: string;
  readonly params: readonly unknown[];
  /** The document of the call, if it is encoded already. */
  readonly document?: XmlRpcDocument | undefined;
}

/** A call that waits for its result. */
export interface PendingCall extends Call {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** Calls one method. */
export type Caller = (
  methodName: string,
  params: readonly unknown[],
) => Promise<unknown>;

/** The settings of a multicall. */
export interface MulticallSettings {
  readonly call: (call: Call) => Promise<unknown>;
  /** Remembers whether the server has `system.multicall`. */
  readonly peer: { hasMulticall: boolean };
  readonly maxCalls: number;
  readonly encoding: EncoderSettings;
}

/** The result of `system.multicall` is not one that the method can return. */
export class UnreadableAnswer extends TypeError {}

// ---------------------------------------------------------------- requests

/** How deep a param is nested in a multicall: in an array, in a struct, in an array. */
const DEPTH_AROUND = 3;

/** Throws if there is a stream in the params: its failure would fail all other calls. */
function checkSources({ methodName, params }: PendingCall): void {
  if (!hasSource(params)) return;
  throw new TypeError(
    `Cannot send a stream to ${
      quote(String(methodName))
    } in a multicall: call it alone`,
  );
}

/** Encodes a call on its own; throws if it cannot be sent in a multicall. */
function checkSendable(call: PendingCall, encoding: EncoderSettings): void {
  checkSources(call);
  const maxDepth = Math.max(0, encoding.maxDepth - DEPTH_AROUND);
  const encoder = new Encoder({ ...encoding, maxDepth });
  writeCall(encoder, call.methodName, call.params);
  encoder.finish();
}

/**
 * How many calls with too much in them are found in one multicall: to find one takes as
 * long as to encode a whole request.
 */
const MOST_TOO_LARGE = 10;

/** The calls that can be sent; the others are rejected, each with its error. */
function findSendable(
  calls: readonly PendingCall[],
  encoding: EncoderSettings,
): PendingCall[] {
  let tooLarge = 0;
  return calls.filter((call) => {
    try {
      if (tooLarge === MOST_TOO_LARGE) {
        throw new RangeError(
          `Cannot send a multicall: ${MOST_TOO_LARGE} calls before this one have too many values or bytes`,
        );
      }
      checkSendable(call, encoding);
      return true;
    } catch (error) {
      if (error instanceof TooMuch) tooLarge++;
      cancelSources(call.params, error);
      call.reject(error);
      return false;
    }
  });
}

/**
 * Encodes calls as one multicall; throws if one of them cannot be sent. The error does not
 * say which one: {@linkcode findSendable} does.
 */
function encodeMulticall(
  calls: readonly PendingCall[],
  encoding: EncoderSettings,
): Call {
  const entries = calls.map(({ methodName, params }) => {
    checkMethodName(methodName);
    if (!Array.isArray(params)) throw new TypeError("Expected an array");
    return { methodName, params };
  });
  const params = [entries];
  // With `instead`, the encoder rejects streams.
  const encoder = new Encoder({ ...encoding, instead: "call" });
  writeCall(encoder, MULTICALL, params);
  const body = encoder.finish();
  return {
    methodName: MULTICALL,
    params,
    document: { body, length: body.length },
  };
}

/** A multicall, and the calls in it. */
interface EncodedMulticall {
  readonly sendable: readonly PendingCall[];
  readonly multicall: Call;
}

/**
 * Encodes a multicall without the calls that cannot be sent, which are rejected.
 * Returns undefined if none is left.
 */
function encodeSendable(
  calls: readonly PendingCall[],
  encoding: EncoderSettings,
): EncodedMulticall | undefined {
  try {
    return { sendable: calls, multicall: encodeMulticall(calls, encoding) };
  } catch {
    // Encode each call on its own only now, to find those that cannot be sent.
    const sendable = findSendable(calls, encoding);
    if (sendable.length === 0) return undefined;
    return { sendable, multicall: encodeMulticall(sendable, encoding) };
  }
}

// The messages of servers without the method, beside the code -32601: `method
// "system.multicall" is not supported` (Python), `procedure multicall not found`
// (Twisted), `Method 'system.multicall' not defined` (xmlrpc-c), `system.multicall:
// unknown method name` (XmlRpc++), `Method system.multicall missing` (Ruby), `no such
// method: system.multicall` (davexmlrpc, with status 500). A mere "no such method" may
// be about a method in the multicall. Only the words are compared.
const UNKNOWN_METHOD =
  / multicall (?:is )?(?:not (?:defined|found|implemented|known|supported)|does not exist|missing|unknown)| (?:no such|unknown) (?:method|procedure) (?:system )?multicall /;
// Perl's XMLRPC::Lite reads the name as that of a class and its method.
const UNKNOWN_CLASS =
  /^Failed to (?:access class \(system\)|locate method \(multicall\))/;

/** Converts a message to its words, in lower case, with a space around each. */
function toWords(message: string): string {
  return ` ${message.toLowerCase().replace(/\W+/g, " ")} `;
}

/** Whether a message names one of the methods in the multicall, and not the multicall. */
function isAboutCall(message: string, calls: readonly PendingCall[]): boolean {
  const words = new Set(message.split(/[^\w.:/]+/));
  return !/\bmulticall\b/.test(message) &&
    calls.some(({ methodName }) => words.has(methodName));
}

/** Whether an error says that the server has no multicall, and so has not called any method. */
function isWithoutMulticall(
  error: unknown,
  calls: readonly PendingCall[],
): boolean {
  if (error instanceof XmlRpcHttpError) {
    // Not in the spec: npm's xmlrpc does this. For a wrong path, servers send a page.
    return error.status === 404 && error.body === "";
  }
  return error instanceof XmlRpcFault &&
    ((error.code === FaultCode.methodNotFound &&
      !isAboutCall(error.message, calls)) ||
      UNKNOWN_METHOD.test(toWords(error.message)) ||
      UNKNOWN_CLASS.test(error.message));
}

// ---------------------------------------------------------------- answers

/** Describes a value for an error message. */
function describe(value: unknown): string {
  if (value === null) return "nil";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "string") return `the string ${quote(value)}`;
  if (typeof value !== "object") return `the ${typeof value} ${value}`;
  if (!isStruct(value)) return toTypeName(value);
  const names = Object.keys(value).slice(0, 5).map(quote).join(", ");
  return `a struct ${names === "" ? "without members" : `with ${names}`}`;
}

/** Whether a value is meant as a fault, valid or not. */
function hasFaultCode(slot: unknown): slot is Record<string, unknown> {
  return isStruct(slot) && Object.hasOwn(slot, "faultCode");
}

/** Reads a fault; undefined if the slot is not a valid one. */
function readFault(slot: unknown): XmlRpcFault | undefined {
  if (!hasFaultCode(slot)) return undefined;
  const { faultCode, faultString } = slot;
  const code = readFaultCode(faultCode);
  if (code === undefined || typeof faultString !== "string") return undefined;
  const members = copyStruct(slot);
  delete members.faultCode;
  delete members.faultString;
  return new XmlRpcFault(code, faultString, { members });
}

function isWrapped(slot: unknown): slot is readonly [unknown] {
  return Array.isArray(slot) && slot.length === 1;
}

/** Whether our server has refused a call because the method cannot be called in a multicall. */
function isRefused(slot: unknown): boolean {
  const fault = readFault(slot);
  return fault?.code === FaultCode.invalidRequest &&
    fault.message.endsWith(` cannot be called through ${MULTICALL}`);
}

/** Settles a call with its slot in the response. */
function settle(
  { methodName, resolve, reject }: PendingCall,
  slot: unknown,
  isBare: boolean,
): void {
  const fault = readFault(slot);
  if (fault !== undefined) return reject(fault);
  if (isBare && !hasFaultCode(slot)) return resolve(slot);
  if (isWrapped(slot)) return resolve(slot[0]);
  reject(
    new UnreadableAnswer(
      `Cannot read the answer to ${
        quote(methodName)
      } in a multicall: expected an array of one value, or a fault, got ${
        describe(slot)
      }`,
    ),
  );
}

/**
 * Whether a response has the results themselves, not each in an array of one.
 *
 * Not in the convention: Perl's RPC::XML does this. If even one result is in such an
 * array, it is not clear what the others are.
 */
function isBareAnswer(slots: readonly unknown[]): boolean {
  return !slots.some(isWrapped);
}

/** Reads the slots of a response, which must be as many as the calls. */
function readSlots(answer: unknown, count: number): readonly unknown[] {
  if (Array.isArray(answer) && answer.length === count) return answer;
  throw new UnreadableAnswer(
    `Cannot read the answer to a multicall: expected an array of ${count}, got ${
      describe(answer)
    }`,
  );
}

// ---------------------------------------------------------------- calls

async function callOneByOne(
  calls: readonly PendingCall[],
  call: MulticallSettings["call"],
): Promise<void> {
  for (const each of calls) {
    await call(each).then(each.resolve, each.reject);
  }
}

/** Makes calls in one request, if the server has `system.multicall`. */
async function callInOneRequest(
  calls: readonly PendingCall[],
  { call, peer, encoding }: MulticallSettings,
): Promise<void> {
  if (!peer.hasMulticall) return await callOneByOne(calls, call);
  const encoded = encodeSendable(calls, encoding);
  if (encoded === undefined) return;
  const { sendable, multicall } = encoded;
  let answer: unknown;
  try {
    answer = await call(multicall);
  } catch (error) {
    if (!isWithoutMulticall(error, sendable)) throw error;
    peer.hasMulticall = false;
    return await callOneByOne(sendable, call);
  }
  const slots = readSlots(answer, sendable.length);
  const isBare = isBareAnswer(slots);
  const refused: PendingCall[] = [];
  for (const [index, each] of sendable.entries()) {
    if (isRefused(slots[index])) refused.push(each);
    else settle(each, slots[index], isBare);
  }
  await callOneByOne(refused, call);
}

/**
 * Makes calls in as few requests as possible, and settles each. If the first request
 * fails as a whole, its error is thrown; if a later one fails, its calls and those after
 * it are rejected with the error, and nothing more is sent.
 */
export async function callTogether(
  calls: readonly PendingCall[],
  settings: MulticallSettings,
): Promise<void> {
  const { maxCalls } = settings;
  for (let start = 0; start < calls.length; start += maxCalls) {
    try {
      await callInOneRequest(calls.slice(start, start + maxCalls), settings);
    } catch (error) {
      if (start === 0) throw error;
      for (const { reject } of calls.slice(start)) reject(error);
      return;
    }
  }
}

// ---------------------------------------------------------------- batches

/**
 * Creates a function that gathers the calls of one turn of the event loop. `send` gets
 * them together and settles them; if it throws, the calls left are rejected.
 */
export function createBatch(
  send: (calls: readonly PendingCall[]) => Promise<void>,
): Caller {
  let gathered: PendingCall[] = [];

  function flush(): void {
    const calls = gathered;
    gathered = [];
    send(calls).catch((error) => {
      for (const { reject } of calls) reject(error);
    });
  }

  return (methodName, params) => {
    const { promise, resolve, reject } = createDeferred<unknown>();
    // Not a microtask: it would run before calls that first await a ready promise.
    if (gathered.length === 0) setTimeout(flush, 0);
    gathered.push({ methodName, params, resolve, reject });
    return promise;
  };
}
