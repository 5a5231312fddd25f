// Servers for tests of the client, as good or as bad as the test wants them.

import {
  createClient,
  type XmlRpcAnyMethods,
  type XmlRpcClient,
  type XmlRpcClientOptions,
} from "../../client.ts";
import {
  decodeCall,
  encodeFault,
  encodeResponse,
  type XmlRpcCall,
} from "../../codec.ts";
import { XmlRpcFault } from "../../core/errors.ts";

/** What answers to a method: with a value, with a whole response, or by throwing a fault. */
export type FakeMethod = (...params: never[]) => unknown;

/** A server, and what it has been asked. */
export interface FakeServer {
  readonly fetch: (request: Request) => Promise<Response>;
  /** The calls, one for each request, with the wire types of numbers and dates. */
  readonly calls: readonly XmlRpcCall[];
  readonly requests: readonly Request[];
}

/** A response with a document. */
export function respondXml(document: Uint8Array<ArrayBuffer>): Response {
  return new Response(document, { headers: { "content-type": "text/xml" } });
}

async function answerOf(
  methods: Readonly<Record<string, FakeMethod>>,
  { methodName, params }: XmlRpcCall,
): Promise<unknown> {
  if (!Object.hasOwn(methods, methodName)) {
    throw new XmlRpcFault(-32601, `No method "${methodName}"`);
  }
  return await methods[methodName]!(...params as never[]);
}

/** Makes a server of methods; those it has not are fault -32601. */
export function createFakeServer(
  methods: Readonly<Record<string, FakeMethod>>,
  typed = false,
): FakeServer {
  const calls: XmlRpcCall[] = [];
  const requests: Request[] = [];

  async function fetch(request: Request): Promise<Response> {
    requests.push(request);
    const body = new Uint8Array(await request.arrayBuffer());
    calls.push(decodeCall(body, { typed }));
    try {
      const answer = await answerOf(methods, decodeCall(body));
      return answer instanceof Response
        ? answer
        : respondXml(encodeResponse(answer));
    } catch (error) {
      if (error instanceof XmlRpcFault) return respondXml(encodeFault(error));
      throw error;
    }
  }

  return { fetch, calls, requests };
}

/** A client, and the fake server that it calls. */
export interface Connected<T = XmlRpcAnyMethods> {
  readonly client: XmlRpcClient<T>;
  readonly server: FakeServer;
}

/** Where the clients of fake servers believe these to be. */
export const ADDRESS = "http://localhost/RPC2";

/** Makes a client of a fake server. */
export function connectFake<T = XmlRpcAnyMethods>(
  methods: Readonly<Record<string, FakeMethod>>,
  options: XmlRpcClientOptions = {},
  typed = false,
): Connected<T> {
  const server = createFakeServer(methods, typed);
  const client = createClient<T>(ADDRESS, { fetch: server.fetch, ...options });
  return { client, server };
}

/** Methods, with a `system.multicall` that calls them. */
export function withMulticall(
  methods: Readonly<Record<string, FakeMethod>>,
): Readonly<Record<string, FakeMethod>> {
  return { ...methods, "system.multicall": multicallOf(methods) };
}

/** Three methods, and a `system.multicall` that calls them. */
export const METHODS: Readonly<Record<string, FakeMethod>> = withMulticall({
  add: (x: number, y: number) => x + y,
  echo: (value: unknown) => value,
  fail: () => {
    throw new XmlRpcFault(1, "no luck");
  },
});

/** A `system.multicall` that calls these methods. */
export function multicallOf(
  methods: Readonly<Record<string, FakeMethod>>,
): (entries: readonly XmlRpcCall[]) => Promise<unknown[]> {
  return async (entries) => {
    const slots: unknown[] = [];
    for (const entry of entries) {
      try {
        slots.push([await answerOf(methods, entry)]);
      } catch (error) {
        if (!(error instanceof XmlRpcFault)) throw error;
        slots.push({ faultCode: error.code, faultString: error.message });
      }
    }
    return slots;
  };
}

/** The names of the methods that have been called, one for each request. */
export function namesOf({ calls }: FakeServer): string[] {
  return calls.map(({ methodName }) => methodName);
}
