// Clients without a socket, and the responses that they are given.

import {
  createClient,
  type XmlRpcClient,
  type XmlRpcClientOptions,
} from "../../client.ts";
import { decodeCall, encodeFault, encodeResponse } from "../../codec.ts";
import { XmlRpcFault } from "../../core/errors.ts";

/** Where the clients believe their server to be. */
export const ADDRESS = "http://localhost/RPC2";
export const XML = { "content-type": "text/xml" };

/** Any methods, one level deep. */
export type Api = Record<string, (...params: unknown[]) => unknown>;

/** A client without a socket, and what it has sent. */
export interface Spied {
  readonly client: XmlRpcClient<Api>;
  readonly requests: Request[];
}

/** Answers a request; the index counts the requests. */
export type Answer = (
  request: Request,
  index: number,
) => Response | Promise<Response>;

/** A client whose requests are answered here. */
export function clientWith(
  answer: Answer,
  options: XmlRpcClientOptions = {},
  url: string | URL = ADDRESS,
): Spied {
  const requests: Request[] = [];
  const client = createClient<Api>(url, {
    ...options,
    async fetch(request: Request): Promise<Response> {
      requests.push(request);
      return await answer(request, requests.length - 1);
    },
  });
  return { client, requests };
}

/** A response with a value as an XML-RPC document. */
export function xml(value: unknown, init: ResponseInit = {}): Response {
  return new Response(encodeResponse(value), { headers: XML, ...init });
}

/** Answers with the name of the method and the params. */
export async function echo(request: Request): Promise<Response> {
  const { methodName, params } = decodeCall(
    new Uint8Array(await request.arrayBuffer()),
  );
  return xml([methodName, params]);
}

/** A body that says what became of it. */
export class TrackedBody {
  isFinished = false;
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;

  /** The chunks, and then the end or, if `isEndless`, nothing. */
  constructor(chunks: readonly string[], isEndless = false) {
    const rest = [...chunks];
    this.stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: (controller) => {
        const chunk = rest.shift();
        if (chunk !== undefined) {
          controller.enqueue(new TextEncoder().encode(chunk));
        } else if (!isEndless) {
          this.isFinished = true;
          controller.close();
        } else {
          return new Promise(() => {});
        }
      },
      cancel: () => {
        this.isFinished = true;
      },
    }, { highWaterMark: 0 });
  }
}

/** Lets everything that is ready run. */
export async function settle(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  for (let turn = 0; turn < 5; turn++) {
    const { promise, resolve } = Promise.withResolvers<void>();
    port2.onmessage = () => resolve();
    port1.postMessage(null);
    await promise;
  }
  port1.close();
  port2.close();
}

/** A document with the value "value". */
export const VALUE = new TextDecoder().decode(encodeResponse("value"));
/** A document with a fault. */
export const FAULT = new TextDecoder().decode(
  encodeFault(new XmlRpcFault(4, "Too many parameters.")),
);

/** The Authorization that a user name and a password become. */
export function basic(credentials: string): string {
  const bytes = new TextEncoder().encode(credentials);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

/** A response, and what the error about it says. */
export interface ErrorCase {
  readonly what: string;
  readonly status: number;
  readonly body: string | null;
  readonly type?: string;
  readonly statusText?: string;
  readonly message: string;
}

export const HTML = "text/html; charset=utf-8";
/** A document behind a warning, as PHP writes it. */
export const WARNING = `<br />\n<b>Warning</b>: x in <b>y.php</b>\n${VALUE}`;

/** A response with exactly that body and type. */
export function responseOf(
  { status, statusText, body, type }: ErrorCase,
): Response {
  return new Response(body === null ? null : new TextEncoder().encode(body), {
    status,
    headers: type === undefined ? {} : { "content-type": type },
    ...(statusText === undefined ? {} : { statusText }),
  });
}
