// Several calls as one of `system.multicall`, and one by one where the server has no
// such method; and the calls of one turn of the event loop, gathered for it. This module
// is browser compatible.

import { createDeferred } from "../util/async.ts";
import { faultCodeOf } from "../codec/fault.ts";
import { checkMethodName } from "../codec/method_name.ts";
import { quote } from "../util/messages.ts";
import { MULTICALL } from "../core/calls.ts";
import { cancelSources, hasSource } from "../core/sources.ts";
import { toTypeName } from "../core/conversion.ts";
import { copyStruct, isStruct } from "../core/struct.ts";
import { writeCall } from "../codec/document.ts";
import { Encoder, type EncoderSettings } from "../codec/encoder.ts";
import type { XmlRpcDocument } from "../codec/options.ts";
import { FaultCode, XmlRpcFault, XmlRpcHttpError } from "../core/errors.ts";

/** A method, and what it is called with. */
export interface Call {
  readonly methodName: string;
  readonly params: readonly unknown[];
  /** The document of the call, if it has been encoded already. */
  readonly document?: XmlRpcDocument | undefined;
}

/** A call that waits for its answer. */
export interface PendingCall extends Call {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** Calls one method. */
export type Caller = (
  methodName: string,
  params: readonly unknown[],
) => Promise<unknown>;

/** How several calls are made. */
export interface MulticallSettings {
  readonly call: (call: Call) => Promise<unknown>;
  /** Where it is noted that the server has no multicall. */
  readonly peer: { hasMulticall: boolean };
  readonly maxCalls: number;
  readonly encoding: EncoderSettings;
}

/** An answer to `system.multicall` that is a value, but not one that it can give. */
export class UnreadableAnswer extends TypeError {}

// ---------------------------------------------------------------- requests

/** How deep a param stands in a multicall: in an array, in a struct, in an array. */
const DEPTH_AROUND = 3;

/** Throws if a call has a stream, of which it cannot be said how it ends. */
function checkSources({ methodName, params }: PendingCall): void {
  if (!hasSource(params)) return;
  const error = new TypeError(
    `Cannot send a stream to ${
      quote(String(methodName))
    } in a multicall: call it alone`,
  );
  cancelSources(params, error);
  throw error;
}

/** Whether a call can be sent; if not, it is rejected with what is wrong. */
function isSendable(call: PendingCall, encoding: EncoderSettings): boolean {
  const maxDepth = Math.max(0, encoding.maxDepth - DEPTH_AROUND);
  try {
    checkSources(call);
    const encoder = new Encoder({ ...encoding, maxDepth });
    writeCall(encoder, call.methodName, call.params);
    return true;
  } catch (error) {
    call.reject(error);
    return false;
  }
}

/** Encodes the multicall of calls; throws if one of them cannot be sent. */
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
  const encoder = new Encoder({ ...encoding, instead: "call" });
  writeCall(encoder, MULTICALL, params);
  const body = encoder.finish();
  return {
    methodName: MULTICALL,
    params,
    document: { body, length: body.length },
  };
}

/** A multicall, and the calls that are in it. */
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
    // Only now is each call encoded alone, to find those that are at fault.
    const sendable = calls.filter((call) => isSendable(call, encoding));
    if (sendable.length === 0) return undefined;
    return { sendable, multicall: encodeMulticall(sendable, encoding) };
  }
}

// What servers say that have no such method, beside the code -32601: `method
// "system.multicall" is not supported` (Python), `procedure multicall not found`
// (Twisted), `Method 'system.multicall' not defined` (xmlrpc-c), `system.multicall:
// unknown method name` (XmlRpc++), `Method system.multicall missing` (Ruby), `no such
// method: system.multicall` (davexmlrpc, with status 500). A mere "no such method" may
// be about a method that was called in it. This looks at their words alone.
const UNKNOWN_METHOD =
  / multicall (?:is )?(?:not (?:defined|found|implemented|known|supported)|does not exist|missing|unknown)| (?:no such|unknown) (?:method|procedure) (?:system )?multicall /;
// Perl's XMLRPC::Lite takes the name for that of a class and a method of it.
const UNKNOWN_CLASS =
  /^Failed to (?:access class \(system\)|locate method \(multicall\))/;

/** The words of a message, in lower case, with a space around each. */
function toWords(message: string): string {
  return ` ${message.toLowerCase().replace(/\W+/g, " ")} `;
}

/** Whether a message names one of the methods that were called, and not multicall. */
function isAboutCall(message: string, calls: readonly PendingCall[]): boolean {
  const words = new Set(message.split(/[^\w.:/]+/));
  return !/\bmulticall\b/.test(message) &&
    calls.some(({ methodName }) => words.has(methodName));
}

/** Whether an error says that the server has no multicall, and so has called nothing. */
function isWithoutMulticall(
  error: unknown,
  calls: readonly PendingCall[],
): boolean {
  if (error instanceof XmlRpcHttpError) {
    // Not in the spec: npm's xmlrpc answers so. A wrong path gets some page.
    return error.status === 404 && error.body === "";
  }
  return error instanceof XmlRpcFault &&
    ((error.code === FaultCode.methodNotFound &&
      !isAboutCall(error.message, calls)) ||
      UNKNOWN_METHOD.test(toWords(error.message)) ||
      UNKNOWN_CLASS.test(error.message));
}

// ---------------------------------------------------------------- answers

/** What stands in an answer, for an error message. */
function describe(value: unknown): string {
  if (value === null) return "nil";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "string") return `the string ${quote(value)}`;
  if (typeof value !== "object") return `the ${typeof value} ${value}`;
  if (!isStruct(value)) return toTypeName(value);
  const names = Object.keys(value).slice(0, 5).map(quote).join(", ");
  return `a struct ${names === "" ? "without members" : `with ${names}`}`;
}

/** Whether a value is meant as a fault, readable or not. */
function hasFaultCode(slot: unknown): slot is Record<string, unknown> {
  return isStruct(slot) && Object.hasOwn(slot, "faultCode");
}

/** The fault in a call's place; undefined if it is none. */
function readFault(slot: unknown): XmlRpcFault | undefined {
  if (!hasFaultCode(slot)) return undefined;
  const { faultCode, faultString } = slot;
  const code = faultCodeOf(faultCode);
  if (code === undefined || typeof faultString !== "string") return undefined;
  const members = copyStruct(slot);
  delete members.faultCode;
  delete members.faultString;
  return new XmlRpcFault(code, faultString, { members });
}

function isWrapped(slot: unknown): slot is readonly [unknown] {
  return Array.isArray(slot) && slot.length === 1;
}

/** Whether a server of ours has not made a call because it may only be made alone. */
function isRefused(slot: unknown): boolean {
  const fault = readFault(slot);
  return fault?.code === FaultCode.invalidRequest &&
    fault.message.endsWith(` cannot be called through ${MULTICALL}`);
}

/** Settles a call with what stands in its place in the answer. */
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
 * Whether an answer has the results themselves, not each in an array of one.
 *
 * Not in the convention: Perl's RPC::XML answers so. Where even one result stands in
 * such an array, it is not clear what the others are.
 */
function isBareAnswer(slots: readonly unknown[]): boolean {
  return !slots.some(isWrapped);
}

/** The places in an answer, as many as there were calls. */
function readSlots(answer: unknown, count: number): readonly unknown[] {
  if (Array.isArray(answer) && answer.length === count) return answer;
  throw new UnreadableAnswer(
    `Cannot read the answer to a multicall: expected an array of ${count}, got ${
      describe(answer)
    }`,
  );
}

// ---------------------------------------------------------------- calls

async function callEach(
  calls: readonly PendingCall[],
  call: MulticallSettings["call"],
): Promise<void> {
  for (const each of calls) {
    await call(each).then(each.resolve, each.reject);
  }
}

/** Makes calls in one request, if the server can. */
async function callAtOnce(
  calls: readonly PendingCall[],
  { call, peer, encoding }: MulticallSettings,
): Promise<void> {
  if (!peer.hasMulticall) return await callEach(calls, call);
  const encoded = encodeSendable(calls, encoding);
  if (encoded === undefined) return;
  const { sendable, multicall } = encoded;
  let answer: unknown;
  try {
    answer = await call(multicall);
  } catch (error) {
    if (!isWithoutMulticall(error, sendable)) throw error;
    peer.hasMulticall = false;
    return await callEach(sendable, call);
  }
  const slots = readSlots(answer, sendable.length);
  const isBare = isBareAnswer(slots);
  const refused: PendingCall[] = [];
  for (const [index, each] of sendable.entries()) {
    if (isRefused(slots[index])) refused.push(each);
    else settle(each, slots[index], isBare);
  }
  await callEach(refused, call);
}

/**
 * Makes calls, as few requests as may be. Each call is settled on its own; what goes
 * wrong with the first request as a whole is thrown, and with a later one settles the
 * calls in it and those after it, which are not made.
 */
export async function callTogether(
  calls: readonly PendingCall[],
  settings: MulticallSettings,
): Promise<void> {
  const { maxCalls } = settings;
  for (let start = 0; start < calls.length; start += maxCalls) {
    try {
      await callAtOnce(calls.slice(start, start + maxCalls), settings);
    } catch (error) {
      if (start === 0) throw error;
      for (const { reject } of calls.slice(start)) reject(error);
      return;
    }
  }
}

// ---------------------------------------------------------------- batches

/**
 * A caller that gathers calls and hands them on together, to one who settles them; what
 * that one throws settles all that are left.
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
    // Not a microtask: a call that awaits something that is ready would come too late
    // for it, if by one turn only.
    if (gathered.length === 0) setTimeout(flush, 0);
    gathered.push({ methodName, params, resolve, reject });
    return promise;
  };
}
